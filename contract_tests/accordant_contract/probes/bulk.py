"""Probes of bodies that hold several records, or several items of one: each item counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from attrs import evolve

from accordant_runtime import is_array, is_object

from ..document.document import Operation
from ..document.values import ABSENT, Arguments, Exchange
from ..judges.bulk import BulkTrial, bulk_effect
from ..judges.writes import WriteTrial, delete_is_final, read_after_write
from ..records.examples import Recipe
from ..records.record import Record
from ..records.selection import Filling, fits
from .bystanders import bystander, watched
from .context import ProbeContext
from .custom_operations import prepared
from .readings import about

_TWO: Final = 2


def change_many(context: ProbeContext, operation: Operation) -> None:
    """Change two records in one body; both must show it, and a third must not."""
    records = _made(context, operation)
    parts = [
        context.filler.arguments(operation, each, Recipe(variant=3 + 2 * number)) for number, each in enumerate(records)
    ]
    exchange = _send(context, operation, parts, records)
    for arguments, record in zip(parts, records, strict=True) if exchange is not None else ():
        if arguments is not None and exchange is not None and exchange.success:
            alone = evolve(exchange, arguments=arguments)
            trial = WriteTrial(alone, after=context.reader.read(record))
            context.session.results.judge("read_after_write", operation.id, read_after_write(operation, trial))


def delete_many(context: ProbeContext, operation: Operation) -> None:
    """Delete two records in one body; both must be gone, and a third must not."""
    records = _made(context, operation)
    parts = [context.filler.arguments(operation, each) for each in records]
    exchange = _send(context, operation, parts, records)
    if exchange is None or not exchange.success:
        return
    for record in records:
        context.store.forget(record.entity, record.key, record.context)
        later = context.reader.read(record)
        if later is not None:
            found = delete_is_final(operation, exchange, later, None)
            context.session.results.judge("delete_is_final", operation.id, found)


def _made(context: ProbeContext, operation: Operation) -> tuple[Record, ...]:
    made = [context.filler.make(operation.entity, Recipe(variant=2 * number)) for number in range(_TWO)]
    found = tuple(each for each in made if each is not None)
    distinct = {(str(each.key), str(sorted(each.context.items()))) for each in found}
    return found if len(distinct) == _TWO else ()


def _send(
    context: ProbeContext, operation: Operation, parts: list[Arguments | None], records: tuple[Record, ...]
) -> Exchange | None:
    whole = [each for each in parts if each is not None]
    if len(whole) < _TWO:
        return None
    arguments = evolve(whole[0], body=[each.body for each in whole])
    other = bystander(context, operation, *records)
    return watched(context, operation, other, lambda: context.session.call(operation.id, arguments))


def act_on_many(context: ProbeContext, operation: Operation) -> None:
    """Name two things in the body of an action; what happens to the one happens to the other."""
    record = prepared(context, operation)
    arguments = context.filler.arguments(operation, record)
    name = _reference(operation)
    if record is None or arguments is None or name is None or not is_array(arguments.body) or not arguments.body:
        return
    first = arguments.body[0]
    keys = _keys(context, operation, name, record)
    if len(keys) < _TWO:
        context.session.results.skip(f"{operation.id}: two different things that it could name are not known")
        return
    items: list[Any] = [{**first, name: key} if is_object(first) else key for key in keys]
    if operation.method == "DELETE":
        _put_there(context, operation, record, items)
    before = tuple(about(context, operation, record))
    exchange = context.store.call(operation, evolve(arguments, body=items), intent="unknown")
    if not exchange.success:
        return
    trial = BulkTrial(exchange, tuple(keys), name, before, tuple(about(context, operation, record)), record.key)
    context.session.results.judge("bulk_effect", operation.id, bulk_effect(operation, trial))


def names_many(operation: Operation) -> bool:
    """Whether the body of an action is an array of references, or of objects with one."""
    return operation.action == "custom" and _reference(operation) is not None


def _reference(operation: Operation) -> str | None:
    """The property of an item that names a record; ``""`` where the item itself does."""
    schema = operation.body_schema or {}
    items = operation.schemas.schema(schema["items"]) if "items" in schema else None
    if items is None:
        return None
    if items.get("x-accordant-reference"):
        return ""
    parts = operation.schemas.properties(items).items()
    return next((name for name, part in parts if part.get("x-accordant-reference")), None)


def _keys(context: ProbeContext, operation: Operation, name: str, record: Record) -> list[Any]:
    """Two different records that an item may name; not by the ids of the record itself, where those would be read."""
    items = operation.schemas.schema((operation.body_schema or {})["items"])
    part = operation.schemas.properties(items)[name] if name else items
    entity = str(part["x-accordant-reference"]).partition(".")[0]
    filling = Filling(operation)
    known = [each for each in context.store.known(entity) if fits(each, filling, context.policy.choices)]
    ids = {record.key, *record.context.values()}
    return list(dict.fromkeys(each.key for each in known if each.key not in ids))[:_TWO]


def _put_there(context: ProbeContext, operation: Operation, record: Record, items: list[Any]) -> None:
    """What an action takes out must be in: the action that puts it in has the same items, and another method."""
    for other in _opposites(context, operation):
        arguments = context.filler.arguments(other, record)
        if arguments is not None:
            first = arguments.body[0] if is_array(arguments.body) and arguments.body else ABSENT
            name = _reference(other)
            key = _reference(operation) or ""
            values = [each[key] if is_object(each) else each for each in items]
            body: list[Any] = [{**first, name: value} if is_object(first) and name else value for value in values]
            context.store.call(other, evolve(arguments, body=body), intent="unknown")


def _opposites(context: ProbeContext, operation: Operation) -> Iterator[Operation]:
    """Actions of the same record, on the same words of the path but for the verb, that add."""
    mine = _words(operation)
    for other in context.session.document.operations.values():
        adds = other.method == "POST" and other.entity == operation.entity and names_many(other)
        if adds and mine & _words(other):
            yield other


def _words(operation: Operation) -> set[str]:
    """The last words of a path that say what an action is about, without its verb."""
    words = [word.lower() for word in operation.path.strip("/").split("/") if "{" not in word][-2:]
    return {word for word in words if word not in ("add", "remove", "delete", "create")}
