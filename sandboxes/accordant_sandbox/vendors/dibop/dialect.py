"""How DIBOP speaks: bare records, `items` in pages, one error envelope, two rate limits for an enterprise."""

from __future__ import annotations

from collections.abc import Mapping

from accordant_sandbox.engine.auth import AnyOf, Bearer, RowSecret
from accordant_sandbox.http.exchange import Answer, Headers, Request
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.model.dialect import Dialect
from accordant_sandbox.model.envelopes import Items
from accordant_sandbox.model.limits import Bucket, Spent
from accordant_sandbox.model.names import words
from accordant_sandbox.model.paging import Pages
from accordant_sandbox.model.problems import Kind, Problem
from accordant_sandbox.ports import Call

__all__ = ["DIALECT", "PAGING"]

PAGING = Pages(rule="page_refused")

_FAILURES: Mapping[Kind, tuple[int, str]] = {
    "bad_request": (400, "BAD_REQUEST"),
    "unsupported_media": (400, "BAD_REQUEST"),
    "unauthenticated": (401, "UNAUTHORIZED"),
    "forbidden": (403, "FORBIDDEN"),
    "not_found": (404, "NOT_FOUND"),
    "wrong_method": (405, "BAD_REQUEST"),
    "conflict": (409, "CONFLICT"),
    "invalid": (422, "VALIDATION_ERROR"),
    "too_many": (429, "RATE_LIMIT"),
}
"""The published list has eight codes, and none for 405 and 415."""

_WRITES = words("create* update* delete* executeOrchestration pingSystem")
_PAYLOADS = words(
    "executeOrchestration listOrchestrationExecutions getExecution getExecutionTrace listCanonicalRecords "
    "createCanonicalRecord getCanonicalRecord"
)


def _problem(problem: Problem, call: Call | None, request: Request) -> Answer:
    del request
    status, code = _FAILURES[problem.kind]
    if call is not None:
        call.rule("error_envelope")
        if status in (400, 422):
            call.rule("invalid_parameters")
        if call.operation.response(status) is None:
            status, code = _FAILURES["bad_request"]
    headers = Headers()
    if status == 401:
        headers.set("WWW-Authenticate", "Bearer")
    if status == 405:
        headers.set("Allow", dict(problem.details).get("allow", ""))
    if problem.retry_after is not None and call is not None:
        call.rule("rate_limits")
        headers.set("Retry-After", str(problem.retry_after))
    named = status in (400, 409, 422)
    details = [{"field": field, "message": message} for field, message in problem.details] if named else None
    body = {"code": code, "message": problem.message, "details": details or None, "request_id": None}
    return Answer(status, {"error": body}, headers)


def _limit_headers(spent: Spent) -> Mapping[str, str]:
    return {
        "X-RateLimit-Limit": str(spent.limit),
        "X-RateLimit-Remaining": str(spent.remaining),
        "X-RateLimit-Reset": str(spent.reset),
    }


def _stamp(call: Call | None, answer: Answer, request_id: str) -> None:
    del call
    answer.headers.set("X-Request-Id", request_id)
    error = answer.body.get("error") if is_object(answer.body) else None
    if is_object(error) and "request_id" in error:
        error["request_id"] = request_id


DIALECT = Dialect(
    envelope=Items(),
    problem=_problem,
    authenticators={
        "bearerAuth": AnyOf((Bearer(rule="token_life"), Bearer("api_key", "api_key"))),
        "webhookSecret": RowSecret("X-Webhook-Secret", "webhooks", "webhook_id"),
    },
    limits=(Bucket("requests", 300, 60), Bucket("executions", 60, 60, ("executeOrchestration", "receiveWebhook"))),
    limit_headers=_limit_headers,
    stamp=_stamp,
    denied={
        "viewer": dict.fromkeys(_WRITES, "viewer_reads_only"),
        "platform_admin": dict.fromkeys(_PAYLOADS, "platform_admin_no_payloads"),
    },
    settings={"token_lifetime": 3600, "overhead_ms": 1000, "sla_target": 99.0},
)
