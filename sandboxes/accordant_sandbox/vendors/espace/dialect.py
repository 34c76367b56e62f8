"""How eSPACE speaks: one wrapper round every response, ids in the query, ASP.NET's tolerance for letter case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from accordant_sandbox.engine.auth import Bearer
from accordant_sandbox.http.exchange import Answer, Headers, Request
from accordant_sandbox.model.dialect import Dialect, Reading
from accordant_sandbox.model.names import words
from accordant_sandbox.model.problems import Kind, Problem
from accordant_sandbox.model.query import Aspnet
from accordant_sandbox.ports import Call

if TYPE_CHECKING:
    from accordant_sandbox.model.paging import Window

__all__ = ["ADMINISTRATOR", "DIALECT", "USER"]

ADMINISTRATOR, USER = "administrator", "user"
"""The two roles of callers."""

_STATUS: Mapping[Kind, int] = {
    "bad_request": 400,
    "invalid": 400,
    "conflict": 400,
    "oauth": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "wrong_method": 405,
    "unsupported_media": 415,
    "too_many": 429,
    "refused": 200,
}
_INTEGRATION = {"IsUsingShelbyArenaAdvancedIntegration": False}
_ORIGIN = {"Access-Control-Allow-Origin": "*"}
_TRUE, _FALSE = ("true", "1"), ("false", "0")


class Wrapped:
    """`{"IsSuccessStatusCode": true, "Message": null, "Data": ...}` round a record or an array of records."""

    def one(self, call: Call, key: str, value: Any) -> Any:
        """One record, wrapped."""
        del key
        call.rule("wrapped")
        return {"IsSuccessStatusCode": True, "Message": None, "Data": value, **_INTEGRATION}

    def many(self, call: Call, key: str, rows: Sequence[Any], window: Window | None) -> Any:
        """Several records, wrapped; nothing tells how many there are."""
        del window
        return self.one(call, key, list(rows))


class Query(Aspnet):
    """Values in any letter case as well; flags also as 1 and 0; unknown parts are not included."""

    def read(self, name: str, schema: Mapping[str, Any], text: str) -> str | None:
        """The documented spelling of a value; an empty text is none."""
        kinds, names = schema.get("type", ()), schema.get("enum", ())
        if not text and "string" in kinds and not names and "format" not in schema:
            return None
        if "boolean" in kinds:
            folded = text.casefold()
            return "true" if folded in _TRUE else "false" if folded in _FALSE else text
        if names and "string" in kinds:
            wanted = text.strip().casefold()
            unknown = None if name == "include" else text
            return next((each for each in names if each.casefold() == wanted), unknown)
        return text


def _day(text: str) -> str:
    """The day of a date or date-time; raises ValueError for other texts."""
    return datetime.fromisoformat(text).date().isoformat() if len(text) > len("2026-03-01") else text


def _problem(problem: Problem, call: Call | None, request: Request) -> Answer:
    del request
    if call is not None:
        call.rule("refused_with_200" if problem.kind == "refused" else "failure_bodies")
    headers = Headers()
    if problem.kind == "unauthenticated":
        headers.set("WWW-Authenticate", "Bearer")
    if problem.kind == "wrong_method":
        headers.set("Allow", dict(problem.details).get("allow", ""))
    if problem.retry_after is not None:
        headers.set("Retry-After", str(problem.retry_after))
    findings = [f"{field}: {text}" if field and field not in text else text for field, text in problem.details]
    shown = problem.message if problem.kind == "wrong_method" or not findings else "; ".join(findings)
    body = {"IsSuccessStatusCode": False, "Message": shown, "Data": None}
    if problem.kind == "refused":
        body.update(_INTEGRATION)
    return Answer(_STATUS[problem.kind], body, headers)


def _stamp(call: Call | None, answer: Answer, request_id: str) -> None:
    del call, request_id
    for name, value in _ORIGIN.items():
        answer.headers.set(name, value)


_FOR_ADMINISTRATORS = words(
    "Equipment_Create Equipment_PostToList Equipment_Update Equipment_Patch Equipment_Delete Maintenance_Create* "
    "Maintenance_PostToList Maintenance_Update* Maintenance_Patch Maintenance_Delete* Maintenance_AddSpaces "
    "MinistryV2_InventoryUpdateCurrent WebHookV2_Create WebHookV2_PostToList WebHookV2_Edit WebHookV2_Delete"
)

DIALECT = Dialect(
    envelope=Wrapped(),
    problem=_problem,
    authenticators={"bearer": Bearer()},
    query=Query(),
    any_case_paths=True,
    any_case_bodies=True,
    null_is_absent=True,
    include="include",
    include_rule="includes",
    readings={"date": Reading(_day, "dates_with_times")},
    media_aliases={"text/json": "application/json"},
    preflight={
        **_ORIGIN,
        "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
        "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept",
    },
    stamp=_stamp,
    denied={USER: dict.fromkeys(_FOR_ADMINISTRATORS, "writes_for_administrators")},
    settings={"time_zone": "America/New_York", "token_days": 365, "webhook_tries": 1},
)
