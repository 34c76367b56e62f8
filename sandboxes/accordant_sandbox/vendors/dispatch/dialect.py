"""How Dispatch speaks: envelopes under the record's name, Ransack filters, limit and offset, its error bodies."""

from __future__ import annotations

from collections.abc import Mapping

from accordant_sandbox.engine.auth import Bearer
from accordant_sandbox.http.exchange import Answer, Headers, Request
from accordant_sandbox.model.dialect import Dialect
from accordant_sandbox.model.envelopes import Keyed
from accordant_sandbox.model.limits import Bucket
from accordant_sandbox.model.paging import Offset
from accordant_sandbox.model.problems import Kind, Problem
from accordant_sandbox.model.query import Ransack
from accordant_sandbox.ports import Call

__all__ = ["DIALECT", "PAGING"]

PAGING = Offset(rule="limit_clamp")

_STATUS: Mapping[Kind, int] = {
    "bad_request": 400,
    "unsupported_media": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "wrong_method": 404,
    "conflict": 422,
    "invalid": 422,
    "too_many": 429,
}
"""The vendor's table of status codes has neither 405, 409 nor 415."""


_OF_TOKENS = ("oauth", "bad_request", "invalid", "unsupported_media")


def _problem(problem: Problem, call: Call | None, request: Request) -> Answer:
    del request
    if call is not None:
        call.rule("error_bodies")
        if call.operation.id == "createToken" and problem.kind in _OF_TOKENS:
            return _token_problem(problem)
    status = _STATUS[problem.kind]
    headers = Headers()
    if status == 401:
        headers.set("WWW-Authenticate", "Bearer")
    if problem.retry_after is not None:
        headers.set("Retry-After", str(problem.retry_after))
    if status == 422:
        sentences = [f"{field}: {message}" if field else message for field, message in problem.details]
        return Answer(422, {"errors": sentences or [problem.message]}, headers)
    return Answer(status, {"error": problem.message}, headers)


def _token_problem(problem: Problem) -> Answer:
    code = problem.code or "invalid_request"
    if any(field == "grant_type" for field, _ in problem.details):
        code = "unsupported_grant_type"
    headers = Headers([("WWW-Authenticate", "Bearer")] if code == "invalid_client" else [])
    body = {"error": code, "error_description": problem.message}
    return Answer(401 if code == "invalid_client" else 400, body, headers)


def _stamp(call: Call | None, answer: Answer, request_id: str) -> None:
    del call
    answer.headers.set("X-Request-Id", request_id)
    answer.headers.set("Cache-Control", "max-age=0, private, must-revalidate")


DIALECT = Dialect(
    envelope=Keyed(),
    problem=_problem,
    authenticators={"bearer": Bearer(), "oauth2": Bearer()},
    query=Ransack(alias_rule="bare_filter"),
    limits=(Bucket(),),
    opened_by={"getDatafile": "open_datafiles"},
    stamp=_stamp,
    denied={
        "organization_user": {"*Brand": "brands_job_source_only", "*Brands": "brands_job_source_only"},
        "third_party": dict.fromkeys(
            ("createUser", "updateUser", "deactivateUser", "restoreUser"), "third_party_users"
        ),
    },
    settings={"token_lifetime": 10800, "single_get": ("bare", "envelope"), "open_datafiles": False, "files_host": ""},
)
