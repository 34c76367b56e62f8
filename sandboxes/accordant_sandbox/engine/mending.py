"""Responses of operations that the document alone describes: made to fit it, where one does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.document import Operation
from accordant_sandbox.http.documented_answers import (
    PAGE_COUNTS,
    example_answer,
    fitting_answer,
    named_answer,
    nearest_error,
    present_answer,
)
from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.http.response_validation import Defect, fits, validate_response

__all__ = ["instead", "mended"]

_NOBODY: Final = ("unauthenticated", "forbidden", "too_many")
"""Refusals that stay refusals where the document has no failure at all: a made-up success would hand out records."""


def mended(call: ActiveCall, answer: Answer) -> tuple[Answer, Defect | None]:
    """The response as the document allows it, and what was wrong with it.

    A failure gets the nearest documented status, a body what it lacks. Where the document has no failure, the response
    is a made-up success, unless the setting `undocumented_errors` is on, or the caller may not call at all, or asked
    for a token.
    """
    try:
        defect = validate_response(call.operation, answer)
        if defect is None:
            return answer, None
        call.notes.append(f"made to fit the document: {defect}")
        return _mended(call, answer), defect
    except (SandboxError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        call.notes.append(f"not held against the document: {type(problem).__name__}: {problem}")
        answer.exempt = "the document cannot be read here"
        return answer, None


def instead(call: ActiveCall) -> Answer:
    """A made-up success, in the place of one that could not be worked out."""
    try:
        return example_answer(call.operation, call.operation.success_status)
    except (SandboxError, KeyError, TypeError, AttributeError, RecursionError):
        return Answer(200, media_type=None, exempt="the document cannot be read here")


def _mended(call: ActiveCall, answer: Answer) -> Answer:
    operation = call.operation
    if operation.response(answer.status) is not None:
        return fitting_answer(operation, answer)
    if answer.status < 400:
        answer.status = operation.success_status
        return fitting_answer(operation, answer)
    grants = call.served is not None and call.served.grants
    status = nearest_error(operation, answer.status) or (nearest_error(operation, 401) if grants else None)
    if status is not None:
        answer.status = status
        return fitting_answer(operation, answer)
    if grants or call.problem in _NOBODY or call.settings.get("undocumented_errors"):
        answer.exempt = "the document has no failure here"
        return answer
    call.notes.append(f"a made-up success in the place of {answer.status}: the document has no failure here")
    made = present_answer(operation, example_answer(operation, operation.success_status), call.tx.now_text)
    return named_answer(operation, _without_rows(operation, made), call.path)


def _without_rows(operation: Operation, answer: Answer) -> Answer:
    """A made-up page as an empty one, where the document allows it: its rows would be of no page that was asked for."""
    said = operation.pagination
    if said is None or (not is_object(answer.body) and not is_array(answer.body)):
        return answer
    says = {"items": list[Any](), "total": 0, "more": False, "last": True, "next": None}
    body: Any = answer.body
    for name, value in says.items():
        way = said.get(name)
        if isinstance(way, str) and (way or name == "items"):
            body = _put(body, way.split(".") if way else [], value)
    counts = {name: 0 for name in PAGE_COUNTS if is_object(body) and type(body.get(name)) is int}
    empty = replace(answer, body={**body, **counts} if counts else body)
    return empty if fits(operation, empty) else answer


def _put(body: Any, way: list[str], value: Any) -> Any:
    if not way:
        return value
    if not is_object(body) or way[0] not in body:
        return body
    return {**body, way[0]: _put(body[way[0]], way[1:], value)}
