"""How a vendor speaks of whom nothing but the document is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accordant_sandbox.derive.credentials import SchemeBook
from accordant_sandbox.derive.envelopes import DocumentedEnvelope
from accordant_sandbox.derive.shapes import Shapes, types_of
from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.document import Operation
from accordant_sandbox.http.documented_answers import nearest_error
from accordant_sandbox.http.exchange import Answer, Headers, Request
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.model.dialect import Dialect
from accordant_sandbox.model.limits import Bucket
from accordant_sandbox.model.problems import Kind, Problem
from accordant_sandbox.ports import Call

__all__ = ["generic_dialect"]

_STATUS: Mapping[Kind, int] = {
    "bad_request": 400,
    "invalid": 422,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "wrong_method": 405,
    "conflict": 409,
    "unsupported_media": 415,
    "too_many": 429,
    "refused": 400,
    "oauth": 400,
}


def generic_dialect(shapes: Shapes, book: SchemeBook) -> Dialect:
    """Envelopes and failures as the document describes them, credentials of its security schemes."""

    def problem(problem: Problem, call: Call | None, request: Request) -> Answer:
        del request
        wanted = 401 if problem.code == "invalid_client" else _STATUS[problem.kind]
        status = wanted if call is None else _documented(call.operation, wanted)
        answer = Answer(status, _body(problem, status, _shown(call, status, shapes), shapes), _headers(problem, wanted))
        answer.media_type = _media_type(call, status)
        return answer

    return Dialect(
        envelope=DocumentedEnvelope(shapes),
        problem=problem,
        authenticators=book.authenticators,
        limits=(Bucket(),),
        settings={"token_lifetime": 3600, "loose_parents": True, "undocumented_errors": False},
    )


def _documented(operation: Operation, status: int) -> int:
    """The nearest failure that the operation documents; the status itself where it documents none."""
    if status == 422 and operation.response(422) is None:
        status = 400
    found = nearest_error(operation, status)
    return status if found is None else found


def _shown(call: Call | None, status: int, shapes: Shapes) -> Mapping[str, Any]:
    """The members of a documented failure."""
    if call is None:
        return {}
    try:
        found = call.operation.response(status)
    except SandboxError:
        return {}
    content = found[0].get("content") if found else None
    for kind, each in content.items() if is_object(content) else ():
        if "json" in kind and is_object(each):
            return shapes.properties(each.get("schema", {}))
    return {}


def _body(problem: Problem, status: int, shown: Mapping[str, Any], shapes: Shapes) -> dict[str, Any]:
    """What is said of a problem, under the names that the document's failure has for it."""
    details = [{"field": field, "message": message} for field, message in problem.details]
    known: dict[str, Any] = {
        "message": problem.message,
        "detail": problem.message,
        "description": problem.message,
        "error": problem.code or problem.message,
        "error_description": problem.message,
        "error_message": problem.message,
        "title": problem.kind.replace("_", " "),
        "code": problem.code or problem.kind,
        "status": status,
        "statusCode": status,
        "details": details,
        "errors": details or [{"message": problem.message}],
    }
    if not shown:
        return {name: known[name] for name in ("error", "error_description" if problem.code else "message")}
    return _named(known, shown, shapes)


def _named(known: Mapping[str, Any], shown: Mapping[str, Any], shapes: Shapes, depth: int = 0) -> dict[str, Any]:
    """What is known, under the names that a failure has, in objects inside of it too."""
    said: dict[str, Any] = {}
    for name, node in shown.items():
        inside = shapes.properties(node) if depth < 2 else {}
        if inside and "array" not in types_of(shapes.node(node)):
            said[name] = _named(known, inside, shapes, depth + 1)
        elif name in known and _takes(shapes.node(node), known[name]):
            said[name] = known[name]
    return {name: value for name, value in said.items() if value != {}}


def _takes(node: Mapping[str, Any], value: Any) -> bool:
    types = types_of(node)
    wanted = {str: "string", int: "integer", list: "array"}[type(value)]
    return not types or wanted in types or (wanted == "integer" and "number" in types)


def _headers(problem: Problem, status: int) -> Headers:
    headers = Headers()
    if status == 401:
        headers.set("WWW-Authenticate", "Bearer")
    if problem.retry_after is not None:
        headers.set("Retry-After", str(problem.retry_after))
    if status == 405:
        headers.set("Allow", next((value for name, value in problem.details if name == "allow"), ""))
    return headers


def _media_type(call: Call | None, status: int) -> str:
    try:
        found = call.operation.response(status) if call is not None else None
    except SandboxError:
        found = None
    content = found[0].get("content") if found else None
    kinds = [str(kind) for kind in content] if is_object(content) else []
    return next((kind for kind in kinds if "json" in kind), "application/json")
