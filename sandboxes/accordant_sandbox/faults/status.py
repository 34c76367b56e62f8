"""Faults in statuses and in what an error says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.engine.request_validation import validate_parameters
from accordant_sandbox.engine.tables import Table
from accordant_sandbox.faults.applicability import (
    both,
    has_body,
    has_errors,
    key_field,
    lists_pages,
    paging_value,
    plain_of,
    secured,
    sibling,
    writes,
)
from accordant_sandbox.faults.document_fields import Field, body_fields, json_errors, place
from accordant_sandbox.faults.effects import (
    body_schema,
    breaks_schema,
    good,
    put_back,
    refuse,
    sent_body,
    tables,
    valid_part,
)
from accordant_sandbox.faults.registry import FaultRegistry
from accordant_sandbox.http.exchange import ABSENT, Answer, Request
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.model.problems import Problem

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS"]

registry = FaultRegistry("status")
SERVER = "not_a_server_error"
_LARGE = 2**31 - 1


@registry.answer(
    does="A success has a 2xx status that the document does not know.",
    oracle="status_code_conformance",
    where=lambda operation, _: operation.secured and _strange_success(operation) is not None,
)
def undocumented_status(call: ActiveCall, answer: Answer) -> Answer | None:
    """A success has a documented status."""
    strange = _strange_success(call.operation)
    if not good(call, answer) or strange is None:
        return None
    answer.status = strange
    return answer


@registry.answer(
    does="A refusal comes with the status of a success; its body is still the refusal's.",
    oracle="response_schema_conformance",
    where=both(secured, has_errors, lambda operation, _: place(operation) is not None),
)
def success_as_200_error(call: ActiveCall, answer: Answer) -> Answer | None:
    """A success status means success."""
    if answer.status < 400:
        return None
    refused, answer.status = answer.status, call.operation.success_status
    if breaks_schema(call.operation, answer):
        return answer
    answer.status = refused
    return None


@registry.before(
    does="Every third call fails with 500 before anything has happened.", oracle=SERVER, where=secured, every=3
)
def flaky_500(call: ActiveCall) -> Answer:
    """A correct request does not fail."""
    return refuse(call, "bad_request", "something went wrong", 500)


@registry.around(does="A write is done and then answered with 500.", oracle=SERVER, where=writes)
def applied_then_500(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """What was done is not reported as failed."""
    answer = run()
    if good(call, answer):
        return refuse(call, "bad_request", "something went wrong", 500)
    call.skip()
    return answer


@registry.before(
    does="The service is down for maintenance: 503 with Retry-After until the clock has moved on.",
    oracle=SERVER,
    where=secured,
    options={"seconds": 120},
)
def unavailable_503(call: ActiveCall) -> Answer | None:
    """The service is there."""
    since: datetime = call.memory.setdefault("since", call.now)
    left = since + timedelta(seconds=call.options["seconds"]) - call.now
    if left <= timedelta():
        return None
    answer = refuse(call, "bad_request", "down for maintenance", 503)
    answer.headers.set("Retry-After", str(max(1, round(left.total_seconds()))))
    return answer


@registry.before(
    does="A proxy in between answers every third call with 502 and a page of HTML.",
    oracle=SERVER,
    where=secured,
    every=3,
)
def bad_gateway_html(call: ActiveCall) -> Answer:
    """Every response comes from the service itself."""
    del call
    page = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
    return Answer(502, content=page, media_type="text/html")


@registry.around(
    does="A record that exists is not found when it is read for the first time.",
    oracle="read_after_write",
    where=lambda operation, vendor: operation.action == "get" and _made(operation, vendor),
)
def wrong_404(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A record that exists is found."""
    answer = run()
    seen: set[str] = call.memory.setdefault("seen", set())
    asked = f"{call.request.path}?{call.request.query}"
    if good(call, answer) and asked not in seen:
        seen.add(asked)
        return refuse(call, "not_found", "no such record")
    call.skip()
    return answer


@registry.around(
    does="A write that is in order is refused with 409.",
    oracle="status_code_conformance",
    where=both(writes, lambda operation, _: operation.response(409) is None),
)
def conflict_spurious(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A write that conflicts with nothing is not refused as a conflict."""
    before = tables(call)
    answer = run()
    if not good(call, answer):
        call.skip()
        return answer
    put_back(call, before, [name for name in tables(call) if not name.startswith("_")])
    return refuse(call, "conflict", "conflicts with another change", 409)


def _free_text(field: Field) -> bool:
    return field.text() and not field.read_only


@registry.before(
    name="500_unicode",
    does="A body with a character beyond the basic plane (an emoji) makes the server fail with 500.",
    oracle=SERVER,
    where=both(secured, has_body(_free_text)),
)
def unicode_500(call: ActiveCall) -> Answer | None:
    """Any text is text."""
    return _fails_on(call, 0xFFFF)


@registry.before(
    name="500_unicode.any",
    does="A body with any character beyond ASCII makes the server fail with 500.",
    oracle=SERVER,
    where=both(secured, has_body(_free_text)),
)
def any_unicode_500(call: ActiveCall) -> Answer | None:
    """Any text is text, in any language."""
    return _fails_on(call, 0x7F)


@registry.before(
    name="500_big_offset",
    does="A page or offset beyond 2^31 makes the server fail with 500.",
    oracle=SERVER,
    where=both(lists_pages, secured),
)
def big_offset_500(call: ActiveCall) -> Answer | None:
    """A list that ends before the page that is asked for has an empty page there."""
    names = (paging_value(call.operation, "offset"), paging_value(call.operation, "page"))
    for name, value in call.request.query:
        if name in names and value.isdigit() and int(value) > _LARGE:
            return refuse(call, "bad_request", "something went wrong", 500)
    return None


@registry.validate(
    does="A body that breaks its schema is accepted: bad fields are ignored, missing ones made up.",
    oracle="negative_data_rejection",
    where=both(
        lambda operation, _: operation.action in ("create", "update", "replace", "upsert"),
        has_body(lambda _: True),
    ),
)
def accepts_invalid(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A body that breaks its schema is refused."""
    good_bodies: dict[str, Any] = call.memory
    try:
        run()
    except Problem as problem:
        mended = _mended(call, good_bodies.get(call.operation.id, {}))
        if problem.kind == "unauthenticated" or mended is None:
            raise
        call.body = mended
        return True
    if is_object(call.body):
        good_bodies[call.operation.id] = call.body
    call.skip()
    return True


@registry.unrouted(
    does="A method that the path does not have is answered as if it did something.",
    oracle="unsupported_method",
    where=secured,
)
def method_open(request: Request, kind: str) -> Answer | None:
    """A path accepts only the methods that it has."""
    if kind != "wrong_method" or request.method in ("HEAD", "OPTIONS"):
        return None
    return Answer(200, {})


@registry.answer(
    does="An error's body is not shaped as documented.", oracle="response_schema_conformance", where=has_errors
)
def error_shape(call: ActiveCall, answer: Answer) -> Answer | None:
    """An error has the documented body."""
    odd = Answer(answer.status, {"unexpected": {"because": "reasons"}}, answer.headers)
    return odd if answer.status >= 400 and breaks_schema(call.operation, odd) else None


@registry.answer(does="An error comes as plain text.", oracle="content_type_conformance", where=has_errors)
def error_plain_text(call: ActiveCall, answer: Answer) -> Answer | None:
    """An error has the documented media type."""
    if answer.status not in json_errors(call.operation):
        return None
    return Answer(answer.status, headers=answer.headers, content=b"something is wrong", media_type="text/plain")


@registry.answer(does="An error comes without a body.", oracle="response_schema_conformance", where=has_errors)
def error_empty(call: ActiveCall, answer: Answer) -> Answer | None:
    """An error says what is wrong."""
    if answer.status not in json_errors(call.operation):
        return None
    return Answer(answer.status, headers=answer.headers, content=b"", media_type=None)


def _strange_success(operation: Operation) -> int | None:
    return next((status for status in (202, 203, 206, 207, 226) if operation.response(status) is None), None)


def _made(operation: Operation, vendor: Vendor) -> bool:
    return sibling(operation, vendor, "create") is not None and key_field(operation) is not None


def _fails_on(call: ActiveCall, highest: int) -> Answer | None:
    body = sent_body(call)
    if body is ABSENT:
        return None
    try:
        text = orjson.dumps(body).decode()
    except TypeError:
        return None
    return refuse(call, "bad_request", "something went wrong", 500) if max(map(ord, text)) > highest else None


def _mended(call: ActiveCall, last_good: dict[str, Any]) -> dict[str, Any] | None:
    """The sent body made valid: its valid fields, and for missing required ones those of an earlier record."""
    body, pointer = sent_body(call), body_schema(call.operation)
    served = call.vendor.operations.served[call.operation.id]
    if not is_object(body) or pointer is None or place(call.operation) is None:
        return None
    try:
        validate_parameters(call, served)
    except Problem:
        return None
    mended = valid_part(call.operation, body)
    plain = plain_of(call.operation, call.vendor)
    stored = list(tables(call).get(plain.collection, Table()).values()) if plain else []
    spare = {**(stored[-1] if stored else {}), **last_good}
    for field in body_fields(call.operation):
        if field.required and field.name not in mended and field.name in spare:
            mended[field.name] = spare[field.name]
    return mended if call.operation.document.schemas.is_valid(pointer, mended) else None


FAULTS = registry.faults
