"""How Dime.Scheduler speaks: writes return a ContentResult, everything else bare JSON, errors are problem details."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from accordant_sandbox.engine.auth import Bearer, HeaderKey
from accordant_sandbox.http.exchange import Answer, Headers, Request
from accordant_sandbox.model.dialect import Dialect, Reading
from accordant_sandbox.model.envelopes import Bare
from accordant_sandbox.model.limits import Bucket
from accordant_sandbox.model.problems import Kind, Problem
from accordant_sandbox.model.query import Aspnet
from accordant_sandbox.ports import Call, Principal

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation

__all__ = ["DIALECT", "result", "wall_clock"]

_STATUS: Mapping[Kind, int] = {
    "bad_request": 400,
    "invalid": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "wrong_method": 405,
    "conflict": 409,
    "unsupported_media": 415,
    "too_many": 429,
}
_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    415: "Unsupported Media Type",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
}
_ORIGIN = {"Access-Control-Allow-Origin": "*"}
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?\s?(?:Z|[+-]\d\d:?\d\d)?)?")


def wall_clock(text: str) -> str:
    """A time as it is stored and shown: `2026-03-01T09:00:00`, the tenant's wall-clock time (the tenant is in UTC).

    Raises:
        ValueError: The text is none of the forms that official clients send.
    """
    text = text.strip().upper()
    if not _TIME.fullmatch(text):
        raise ValueError(f"{text!r} is not a date and time")
    moment = datetime.fromisoformat(text.replace(" Z", "Z"))
    try:
        return (moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment).isoformat()
    except OverflowError as problem:
        raise ValueError(f"{text!r} is beyond the calendar") from problem


def result(status: int, content: Mapping[str, Any]) -> dict[str, Any]:
    """A ContentResult: the status of the work itself, and what there is to say about it as JSON text."""
    return {"content": orjson.dumps(content).decode(), "contentType": "application/json", "statusCode": status}


def _answers_result(operation: Operation) -> bool:
    return "statusCode" in (operation.answer_schema() or {}).get("properties", {})


def _problem(problem: Problem, call: Call | None, request: Request) -> Answer:
    del request
    status = _STATUS[problem.kind]
    if call is not None and call.validated:
        of_procedure = _answers_result(call.operation) and problem.kind != "bad_request"
        if of_procedure and call.settings["refusals"] == "envelope":
            call.rule("refused_in_200")
            title = "Not found" if problem.kind == "not_found" else "Refused"
            return call.answer(result(500, {"Error": title, "Description": problem.message}))
        if of_procedure:
            call.rule("refused_by_status")
        if call.operation.response(status) is None or problem.kind == "invalid":
            status = 422
    elif call is not None and status == 400:
        call.rule("malformed_400")
    if call is not None:
        call.rule("problem_details")
    headers = Headers()
    if status == 401:
        headers.set("WWW-Authenticate", "Bearer")
    if problem.retry_after is not None:
        headers.set("Retry-After", str(problem.retry_after))
    if status == 405:
        headers.set("Allow", next((value for name, value in problem.details if name == "allow"), ""))
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": _TITLES[status],
        "status": status,
        "detail": problem.message,
    }
    if status in (400, 422) and problem.details:
        errors: dict[str, list[str]] = {}
        for field, message in problem.details:
            errors.setdefault(field or "body", []).append(message)
        body["errors"] = errors
    return Answer(status, body, headers, media_type="application/problem+json")


def _by_key(call: Call) -> Principal | None:
    """The holder of the key in X-API-KEY."""
    found = HeaderKey("X-API-KEY")(call)
    if found is not None:
        call.rule("api_key")
        if "authorization" in call.request.headers:
            call.rule("key_first")
    return found


def _stamp(call: Call | None, answer: Answer, request_id: str) -> None:
    """Let every origin read the response, and note which spelling of its path brought a request here."""
    del request_id
    for name, value in _ORIGIN.items():
        answer.headers.set(name, value)
    if call is None:
        return
    if "origin" in call.request.headers:
        call.rule("cors")
    segments = zip(call.request.path.split("/"), call.operation.path.split("/"), strict=True)
    for sent, documented in segments:
        if sent != documented and not documented.startswith("{"):
            call.rule("any_case" if sent.casefold() == documented.casefold() else "plural_category")


DIALECT = Dialect(
    envelope=Bare(),
    problem=_problem,
    authenticators={"apiKeyAuth": _by_key, "bearerAuth": Bearer()},
    query=Aspnet(),
    any_case_paths=True,
    any_case_bodies=True,
    path_aliases={"/categories": "/category"},
    readings={"local-date-time": Reading(wall_clock, "wall_clock")},
    limits=(Bucket(),),
    preflight={
        **_ORIGIN,
        "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
        "Access-Control-Allow-Headers": "X-API-KEY, Authorization, Content-Type, Accept, X-Requested-With",
    },
    stamp=_stamp,
    denied={"planner": dict.fromkeys(("*User", "*Connector", "importSetup"), "administration")},
    settings={"token_lifetime": 3600, "refusals": ("envelope", "status"), "procedures": "", "max_webhooks": 100},
)
