"""Does what was not sent become what the document says?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from accordant_runtime import is_object

from ..document.comparison import lost, short
from ..document.document import Operation
from ..document.schemas import types_of
from ..document.values import ABSENT, Exchange, Finding, Findings
from .dates import is_stamp
from .writes import RecordReading


@frozen
class Unsent:
    """A property that a write did not carry, by its dotted path, with its documented default and its schema."""

    path: str
    default: Any
    schema: Mapping[str, Any]


def documented_default(operation: Operation, written: Exchange, reading: RecordReading | None) -> Findings:
    """A property that a write did not carry, and that has a documented default, shows that default."""
    places: list[tuple[str, Any, Mapping[str, Any] | None, tuple[Exchange, ...]]] = []
    places += [("the answer shows", operation.record(written.document), operation.record_schema, (written,))]
    if reading is not None:
        shown = "reading it shows"
        places.append((shown, reading.record, reading.schema, (written, *reading.exchanges)))
    for each in unsent(operation, written.arguments.body):
        for where, record, schema, exchanges in places:
            found = _found(operation, record, schema, each.path)
            if found is ABSENT or not list(lost(each.default, found, each.schema, operation.schemas)):
                continue
            text = f"{each.path} was not sent, its default is {short(each.default)}; {where} {short(found)}"
            place = f"$.{each.path}"
            yield Finding(
                "documented_default", operation.id, text, place, where, exchanges, short(each.default), short(found)
            )


def replaced_wholly(operation: Operation, written: Exchange, before: RecordReading, after: RecordReading) -> Findings:
    """A replacement leaves nothing of the old record that it did not carry, but for what has a documented default."""
    sent = written.arguments.body
    if operation.body_schema is None or not is_object(sent) or ABSENT in (before.record, after.record):
        return
    for name, part in operation.schemas.properties(operation.body_schema).items():
        if (
            name in sent
            or name in (operation.key.field, operation.key.name, "id")  # a record keeps what it is called by
            or "default" in part
            or part.get("x-accordant-reference")
            or is_stamp(name)
        ):
            continue
        if "enum" in part or "boolean" in types_of(part) or _must_be(operation, after.schema, name):
            continue  # the vendor shows something there in any case, which may be what was there before
        old = _found(operation, before.record, before.schema, name)
        shown = operation.schemas.properties(after.schema).get(name, {})
        if types_of(shown) and types_of(part) and not {*types_of(shown)} & {*types_of(part)}:
            continue  # another property of the same name
        if "default" in shown and shown["default"] == old:
            continue  # what the record shows where nobody said anything, before and after
        if (
            old is not ABSENT
            and old not in (None, "", 0, [], {})
            and _found(operation, after.record, after.schema, name) == old
        ):
            text = f"{name} was not sent with the new record, and is still {short(old)}"
            exchanges = (*before.exchanges, written, *after.exchanges)
            yield Finding("documented_default", operation.id, text, f"$.{name}", "kept", exchanges, "", short(old))


def _must_be(operation: Operation, schema: Mapping[str, Any], name: str) -> bool:
    """Whether a record always has a value in a field."""
    part = operation.schemas.properties(schema).get(name, {})
    return name in operation.schemas.schema(schema).get("required", ()) and "null" not in types_of(part)


def unsent(operation: Operation, body: Any) -> Iterator[Unsent]:
    """The properties with a default that a body leaves out, also in the objects that it has."""
    if operation.body_schema is not None:
        yield from _unsent(operation, operation.body_schema, body, "")


def _unsent(operation: Operation, schema: Mapping[str, Any], body: Any, path: str) -> Iterator[Unsent]:
    if not is_object(body):
        return
    for name, part in operation.schemas.properties(schema).items():
        if part.get("writeOnly") or part.get("x-accordant-echo") is False:
            continue
        if name in body:
            yield from _unsent(operation, part, body[name], f"{path}{name}.")
        elif "default" in part and part["default"] is not None:
            yield Unsent(f"{path}{name}", part["default"], part)


def _found(operation: Operation, record: Any, schema: Mapping[str, Any] | None, path: str) -> Any:
    """What a record shows at a path, if its schema knows it there and does not say that the vendor sets it."""
    for name in path.split("."):
        part = operation.schemas.properties(schema).get(name) if schema is not None else None
        if part is None or part.get("readOnly") or part.get("x-accordant-read-only") or not is_object(record):
            return ABSENT
        record, schema = record.get(name, ABSENT), part
    return record
