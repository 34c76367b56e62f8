"""The envelope that a response's schema describes: the records where they belong, around them what must be there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from accordant_sandbox.derive.paging import next_members, paging_of
from accordant_sandbox.derive.shapes import RecordPlace, Shapes
from accordant_sandbox.http.document import Operation
from accordant_sandbox.http.documented_answers import example_answer, fitting_answer
from accordant_sandbox.http.exchange import ABSENT, Answer
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.http.response_validation import fits
from accordant_sandbox.model.envelopes import Envelope
from accordant_sandbox.model.operations import Verb
from accordant_sandbox.model.paging import Window
from accordant_sandbox.ports import Call

__all__ = ["DocumentedEnvelope", "descend", "fitting_page", "inner_values", "put", "shown"]

_DEEPEST: Final = 6
"""Objects inside of objects that are looked into."""
_GONE: Final = object()
"""What takes a member away."""


class DocumentedEnvelope:
    """Records in the envelope of the operation's documented success, its other members made up.

    Args:
        shapes: The document's schemas.
        own: The vendor's own envelope, used where it fits.
    """

    def __init__(self, shapes: Shapes, own: Envelope | None = None) -> None:
        self._shapes = shapes
        self._own = own
        self._proven: set[tuple[str, bool]] = set()
        """Operations at which the vendor's own envelope was found to fit, for one record or for many."""

    def one(self, call: Call, key: str, value: Any) -> Any:
        """The body for one record."""
        if self._own is not None:
            body = self._own.one(call, key, value)
            if self._fits(call.operation, body, many=False):
                return body
        place = self._shapes.place(call.operation)
        return self._filled(call.operation, place, [value] if place is not None and place.many else value, {})

    def many(self, call: Call, key: str, rows: Sequence[Any], window: Window | None) -> Any:
        """The body for several records."""
        if self._own is not None:
            body = self._own.many(call, key, rows, window)
            if self._fits(call.operation, body, many=True):
                return body
        place = self._shapes.place(call.operation)
        value: Any = list(rows)
        if place is not None and not place.many:
            value = rows[0] if rows else dict[str, Any]()
        paging = paging_of(call.operation)
        numbers = dict[str, Any]() if window is None else next_members(call, paging, window, len(rows))
        return self._filled(call.operation, place, value, numbers)

    def _fits(self, operation: Operation, body: Any, *, many: bool) -> bool:
        known = (operation.id, many) in self._proven
        if not known and fits(operation, Answer(operation.success_status, body)):
            self._proven.add((operation.id, many))
            return True
        return known

    def _filled(self, operation: Operation, place: RecordPlace | None, value: Any, numbers: Mapping[str, Any]) -> Any:
        if place is None:
            return ABSENT
        rows: list[Any] = value if is_array(value) else [value]
        known = [shown(self._shapes, each, place.schema) for each in rows]
        body: Any = known if is_array(value) else known[0]
        if place.way:
            example = example_answer(operation, operation.success_status).body
            body = put(example if is_object(example) else {}, place.way, body)
            for way, number in numbers.items():
                body = put(body, way.split("."), number)
        answer = Answer(operation.success_status, body, media_type=place.media_type)
        page = fitting_page(operation, answer, numbers)
        if place.many and place.way and not is_array(descend(page, ".".join(place.way))):
            empty = put(page, place.way, [])  # no row could be made to fit: rather none than no list
            return empty if fits(operation, replace(answer, body=empty)) else page
        return page


def shown(shapes: Shapes, value: Any, schema: Any, depth: int = 0) -> Any:
    """A record with the properties that the response has, where it says which, in its objects too: what only requests
    carry is left out."""
    if is_array(value) and depth:
        items = shapes.node(schema).get("items")
        return [shown(shapes, each, items, depth) for each in value] if items is not None else value
    known = shapes.properties(schema) if is_object(value) and depth < _DEEPEST else {}
    if not known or not is_object(value):
        return value
    more = bool(shapes.node(schema).get("additionalProperties"))
    told = known.keys() | shapes.required(schema)  # some documents require what they do not describe
    kept = {
        name: each for name, each in value.items() if (more or name in told) and not shapes.write_only(known.get(name))
    }
    return {name: shown(shapes, each, known[name], depth + 1) if name in known else each for name, each in kept.items()}


def fitting_page(operation: Operation, answer: Answer, numbers: Mapping[str, Any]) -> Any:
    """The body as the document allows it. A member that leads nowhere (``None``) is null, empty or not there, whatever
    its example is: a walk over the pages has to end. One that leads on is a number or a text, as its schema says."""
    ways = [way.split(".") for way, number in numbers.items() if number is None]
    for body in _bodies(operation, answer, numbers):
        for value in (None, _GONE, "") if ways else (None,):
            for way in ways:
                body = put(body, way, value)
            if fits(operation, replace(answer, body=body)):
                return body
    return fitting_answer(operation, answer).body


def _bodies(operation: Operation, answer: Answer, numbers: Mapping[str, Any]) -> Iterator[Any]:
    """The body, with its cursor as a number and as a text; then both mended, unless that replaced the cursor."""
    way = str((operation.pagination or {}).get("next") or "")
    cursor = numbers.get(way)
    bodies = [answer.body]
    if type(cursor) is int:
        bodies.append(put(answer.body, way.split("."), str(cursor)))
    yield from bodies
    for body in bodies:
        fitting = fitting_answer(operation, replace(answer, body=body)).body
        if cursor is None or str(descend(fitting, way)) in (str(cursor), "None"):
            yield fitting


def descend(body: Any, way: str) -> Any:
    """What is at the end of a dotted way; None where there is nothing."""
    for name in way.split("."):
        body = body.get(name) if is_object(body) else None
    return body


def put(body: Any, way: Sequence[str], value: Any) -> Any:
    """An object with a value at the end of a way of keys."""
    if not way:
        return value
    known: Mapping[str, Any] = body if is_object(body) else {}
    made = {**known, way[0]: put(known.get(way[0]), way[1:], value)}
    return {name: each for name, each in made.items() if each is not _GONE}


def inner_values(
    collection: str, verb: Verb, envelope: str | None
) -> Callable[[Call, Mapping[str, Any]], Mapping[str, Any]] | None:
    """What is stored of a body that holds the record in an envelope."""
    if envelope is None:
        return None

    def values(call: Call, body: Mapping[str, Any]) -> Mapping[str, Any]:
        inner = body.get(envelope)
        return call.values(collection, inner if is_object(inner) else {}, changing=verb in ("update", "replace"))

    return values
