"""Probes of writes: create, read, change, delete, and what must not happen when a write is refused."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from attrs import evolve

from accordant_runtime import is_object

from ..document.comparison import same
from ..document.document import Operation
from ..document.schemas import types_of
from ..document.values import ABSENT, Arguments, Exchange, Finding
from ..judges.writes import (
    CountTrial,
    Reading,
    WriteTrial,
    count_effect,
    delete_is_final,
    failed_write_no_trace,
    read_after_write,
    same_record,
    untouched_fields,
)
from ..records.examples import Recipe, near_misses
from ..records.store import Record, World

MISSES: Final = 4
"""How many near misses of a body are tried."""
_UNKNOWN_IDS: Final = {"integer": 2**31 - 19, "string": "accordant-no-such-id"}


def create_records(world: World, operation: Operation) -> None:
    """Create with a full body, with the least, and with unusual text; count, read back, repeat what may be repeated."""
    for recipe in (Recipe(), Recipe(full=False, variant=1), Recipe(variant=2, unicode=True)):
        arguments = world.arguments(operation, recipe=recipe)
        if arguments is None:
            world.session.ledger.skip(f"{operation.id}: a record that it needs cannot be made or found")
            return
        created, count = _counted(world, operation, arguments, +1)
        if not created.success:
            continue
        if count is not None:
            world.session.ledger.judge("count_effect", operation.id, count_effect(operation, count))
        record = world.of(operation, created)
        if record is not None:
            _read_back(world, operation, record, created)
        if recipe.variant == 0 and may_repeat(world, operation):
            _repeat(world, operation, arguments, created)


def write_many(world: World, operation: Operation) -> None:
    """Write two records in one body; both must be there."""
    parts = [world.arguments(operation, recipe=Recipe(variant=2 * number)) for number in range(2)]
    whole = [each for each in parts if each is not None]
    if len(whole) < len(parts):
        return
    exchange = world.call(operation, evolve(whole[0], body=[each.body for each in whole]))
    for arguments in whole if exchange.success else ():
        alone = evolve(exchange, arguments=arguments)
        for record in world.remember(operation, alone):
            _read_back(world, operation, record, alone)


def read_one(world: World, operation: Operation) -> None:
    """Read a record by its id, and ask for one that nobody made."""
    record = world.need(operation.entity)
    arguments = world.arguments(operation, record) if record else None
    if record is None or arguments is None:
        world.session.ledger.skip(f"{operation.id}: there is no record to read")
        return
    exchange = world.call(operation, arguments)
    found = operation.record(exchange.document) if exchange.success else ABSENT
    if exchange.status in (404, 410):
        text = f"{operation.entity} {record.key} is known to exist, and reading it answers {exchange.status}"
        lost = Finding("read_after_write", operation.id, text, kind="not found", exchanges=(exchange,))
        world.session.ledger.judge("read_after_write", operation.id, [lost])
    if is_object(found):
        reading = Reading(found, operation, (exchange,))
        world.session.ledger.judge("read_after_write", operation.id, same_record(operation, record.key, reading))
    parameter = operation.parameter(operation.key.name)
    if parameter is None:
        return
    kind = next(iter(types_of(parameter.schema)), "string")
    nobody = world.examples.value("", parameter.schema, Recipe()) if "format" in parameter.schema else None
    unknown = Record(record.entity, nobody or _UNKNOWN_IDS.get(kind, "accordant"), {}, record.context)
    asked = world.arguments(operation, unknown)
    if asked is not None:
        exchange = world.call(operation, asked, intent="unknown")
        if exchange.success and exchange.document is not ABSENT:
            reading = Reading(operation.record(exchange.document), operation, (exchange,))
            world.session.ledger.judge("read_after_write", operation.id, same_record(operation, unknown.key, reading))


def change_fields(world: World, operation: Operation) -> None:
    """Change one field after the other; each must take effect, and nothing else move."""
    record = world.make(operation.entity) or world.need(operation.entity)
    if record is None:
        world.session.ledger.skip(f"{operation.id}: there is no record to change")
        return
    for number, fixed in enumerate(islice(_changes(world, operation, record), world.fields)):
        recipe = Recipe(full=operation.action == "replace", variant=number, fixed=fixed)
        arguments = world.arguments(operation, record, recipe)
        if arguments is None:
            return
        before = world.read(record)
        if number == 0:
            exchange, count = _counted(world, operation, arguments, 0)
            if count is not None and exchange.success:
                world.session.ledger.judge("count_effect", operation.id, count_effect(operation, count))
        else:
            exchange = world.call(operation, arguments)
        if not exchange.success:
            continue
        trial = WriteTrial(exchange, before, world.read(record))
        world.session.ledger.judge("read_after_write", operation.id, read_after_write(operation, trial))
        if operation.action == "update":
            world.session.ledger.judge("untouched_fields", operation.id, untouched_fields(operation, trial))


def delete_record(world: World, operation: Operation) -> None:
    """Delete a record that was made for it; it must be gone for good, and it alone."""
    record = world.make(operation.entity, Recipe(full=False, variant=1)) or world.make(operation.entity)
    arguments = world.arguments(operation, record) if record else None
    if record is None or arguments is None:
        world.session.ledger.skip(f"{operation.id}: there is no record that could be deleted")
        return
    gone, count = _counted(world, operation, arguments, -1, record)
    if not gone.success:
        return
    world.forget(record.entity, record.key, record.context)
    if count is not None:
        world.session.ledger.judge("count_effect", operation.id, count_effect(operation, count))
    later = world.read(record)
    again = world.session.call(operation.id, arguments, "unknown")
    if later is not None:
        found = delete_is_final(operation, gone, later, again)
        world.session.ledger.judge("delete_is_final", operation.id, found)


def refused_writes(world: World, operation: Operation) -> None:
    """Bodies that the document forbids: they must be refused, and leave no trace."""
    record = None
    if operation.action != "create":
        record = world.need(operation.entity)
    good = world.arguments(operation, record, Recipe())
    if good is None or operation.body_schema is None:
        return
    for arguments in _bad(world, operation, good):
        before = world.read(record) if record else None
        if record is None or operation.action == "upsert":
            refused, count = _counted(world, operation, arguments, 0, record, intent="invalid")
        else:
            # Only what makes records could leave one more behind; a list without a total is read whole to count it.
            refused, count = world.call(operation, arguments, intent="invalid"), None
        if refused.success or refused.response is None:
            continue
        after = world.read(record) if record else None
        trial = WriteTrial(refused, before, after)
        world.session.ledger.judge("failed_write_no_trace", operation.id, failed_write_no_trace(operation, trial))
        if count is not None:
            world.session.ledger.judge("failed_write_no_trace", operation.id, failed_write_no_trace(operation, count))


def may_repeat(world: World, operation: Operation) -> bool:
    """Whether sending it twice is said to be as good as once."""
    named = any(each.operation == operation.id for each in world.policy.repeats)
    return named or operation.repeatable or operation.action in ("upsert", "replace")


def _repeat(world: World, operation: Operation, arguments: Arguments, first: Exchange) -> None:
    second, count = _counted(world, operation, arguments, 0)
    if not second.success:
        return
    name = operation.key.field
    one, other = operation.record(first.document), operation.record(second.document)

    def found() -> Iterator[Finding]:
        if name and is_object(one) and is_object(other) and not same(one.get(name), other.get(name), {}):
            text = f"sent twice, it made {name} {one.get(name)} and {other.get(name)}"
            yield Finding("idempotency", operation.id, text, kind="another", exchanges=(first, second))
        if count is not None and count.after != count.before:
            text = f"sent again, it took the list from {count.before} to {count.after} rows"
            yield Finding("idempotency", operation.id, text, kind="count", exchanges=(first, second))

    world.session.ledger.judge("idempotency", operation.id, found())


def _read_back(world: World, operation: Operation, record: Record, created: Exchange) -> None:
    reading = world.read(record)
    ledger = world.session.ledger
    ledger.judge("read_after_write", operation.id, read_after_write(operation, WriteTrial(created, after=reading)))
    if reading is not None and reading.record is not ABSENT:
        ledger.judge("read_after_write", operation.id, same_record(operation, record.key, reading))
    place = created.response.header("location") if created.response else None
    if place is not None and created.status == 201 and not place.rstrip("/").endswith(str(record.key)):
        text = f"Location is {place}, the new record is {record.key}"
        found = Finding("read_after_write", operation.id, text, kind="location", exchanges=(created,))
        ledger.judge("read_after_write", operation.id, [found])


def _counted(
    world: World,
    operation: Operation,
    arguments: Arguments,
    expected: int,
    record: Record | None = None,
    intent: Any = "valid",
) -> tuple[Exchange, CountTrial | None]:
    """Call an operation, and count the records of its kind before and after."""
    context = {**arguments.path, **(record.context if record else {})}
    counter = world.counter(operation.entity, context)
    if counter is None:
        return world.call(operation, arguments, intent=intent), None
    before, first = world.total(*counter)
    exchange = world.call(operation, arguments, intent=intent)
    after, second = world.total(*counter)
    if before is None or after is None:
        return exchange, None
    if exchange.status == 200 and "201" in operation.responses:
        expected = 0
    return exchange, CountTrial(exchange, before, after, expected, (*first, exchange, *second))


def _changes(world: World, operation: Operation, record: Record) -> Iterator[dict[str, Any]]:
    """The fields to change, one at a time, each with a new value; for a replacement everything at once."""
    if operation.body_schema is None:
        return
    if operation.action == "replace":
        yield {}
        return
    shown = world.shown(operation)
    if not shown.keys() & operation.schemas.properties(operation.body_schema).keys() and "data" not in shown:
        yield {}
        return
    for number, (name, part) in enumerate(operation.schemas.properties(operation.body_schema).items()):
        if part.get("x-accordant-reference") or part.get("readOnly") or part.get("x-accordant-read-only"):
            continue
        place = str(part.get("x-accordant-echo", name)).split(".")[0]
        if name in (operation.key.name, *operation.key.scope) or (place not in shown and "data" not in shown):
            continue
        if "enum" in part:
            yield from ({name: value} for value in part["enum"] if value != record.value.get(name))
            continue
        for turn in range(3):
            hint = world.policy.hints.get(f"{operation.id}.{name}")
            value = hint(world.examples.next()) if hint else None
            if hint is None:
                value = world.examples.value(name, part, Recipe(variant=number + turn, unicode=number == 0))
            if value is not ABSENT and not same(value, record.value.get(name, ABSENT), part):
                yield {name: value}
                break


def _bad(world: World, operation: Operation, good: Arguments) -> Iterator[Arguments]:
    """Bodies that the document forbids, spread over the kinds of mistake."""
    assert operation.body_schema is not None
    kind = next(iter(operation.body))
    if kind == "multipart/form-data":
        yield evolve(good, body={"accordant": "no file here"})
        return
    misses = [body for _, body in near_misses(operation.body_schema, world.session.document.schemas, good.body)]
    pointer = operation.body[kind]
    wrong = [body for body in misses if not operation.schemas.valid(pointer, body)]
    step = max(1, len(wrong) // MISSES)
    yield from (evolve(good, body=body) for body in wrong[::step][:MISSES])
    if kind == "application/json":
        yield evolve(good, body=ABSENT, raw=b'{"accordant": ')
