"""Probes of writes: create, read, change, delete, and what must not happen when a write is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from attrs import evolve

from accordant_runtime import is_array, is_object

from ..document.comparison import same
from ..document.document import Operation
from ..document.values import ABSENT, Arguments, Exchange
from ..judges.dates import changed_stamps
from ..judges.stamps import making_stays, stamp_moves
from ..judges.unknown import unknown_is_missing
from ..judges.writes import (
    CountTrial,
    RecordReading,
    WriteTrial,
    count_effect,
    delete_is_final,
    idempotency,
    known_record_is_found,
    location_names_record,
    read_after_write,
    same_record,
    untouched_fields,
)
from ..records.examples import Recipe
from ..records.record import Record
from ..records.record_keys import kinds, was_there
from .bystanders import bystander, still_same, watched
from .context import ProbeContext
from .leads import follow_location, try_etag
from .unknown import nobody

_TICK: Final = 5
"""Seconds that a sandbox's clock moves on before a record with a stamp of its last change is changed."""
_ANY_TIME: Final = "2026-01-01T00:00:00Z"


def create_records(context: ProbeContext, operation: Operation) -> None:
    """Create with a full body, with the least, and with unusual text; count, read back, repeat what may be repeated."""
    for recipe in (Recipe(), Recipe(full=False, variant=1), Recipe(variant=2, unicode=True)):
        arguments = context.filler.arguments(operation, recipe=recipe)
        if arguments is None:
            context.session.results.skip(f"{operation.id}: a record that it needs cannot be made or found")
            return
        made = len(arguments.body) if is_array(arguments.body) else 1  # a body may hold several records
        created, count = counted(context, operation, arguments, made)
        if not created.success:
            continue
        if count is not None:
            context.session.results.judge("count_effect", operation.id, count_effect(operation, count))
        record = context.store.of(operation, created)
        if record is not None:
            _read_back(context, operation, record, created)
            if recipe.variant == 0:
                follow_location(context, operation, record, created)
        if recipe.variant == 0 and may_repeat(context, operation):
            _repeat(context, operation, arguments, created)


def write_many(context: ProbeContext, operation: Operation) -> None:
    """Write two records in one body; both must be there."""
    parts = [context.filler.arguments(operation, recipe=Recipe(variant=2 * number)) for number in range(2)]
    whole = [each for each in parts if each is not None]
    if len(whole) < len(parts):
        return
    exchange = context.store.call(operation, evolve(whole[0], body=[each.body for each in whole]))
    for arguments in whole if exchange.success else ():
        alone = evolve(exchange, arguments=arguments)
        for record in context.store.remember(operation, alone):
            _read_back(context, operation, record, alone)


def read_one(context: ProbeContext, operation: Operation) -> None:
    """Read a record by its id, and ask for one that nobody made."""
    record = context.filler.known_for(operation)
    arguments = context.filler.arguments(operation, record) if record else None
    if record is None or arguments is None:
        context.session.results.skip(f"{operation.id}: there is no record to read")
        return
    exchange = context.store.call(operation, arguments)
    try_etag(context, operation, exchange)
    found = operation.record(exchange.document) if exchange.success else ABSENT
    missing = list(known_record_is_found(operation, f"{operation.entity} {record.key}", exchange))
    if missing:  # an answer that is neither is no proof that the record is there
        context.session.results.judge("read_after_write", operation.id, missing)
    if is_object(found):
        reading, wanted = RecordReading(found, operation, (exchange,)), context.filler.called(operation, record)
        context.session.results.judge("read_after_write", operation.id, same_record(operation, wanted, reading))
    unknown = nobody(context, operation, record)
    if unknown is None or operation.parameter(operation.key.name) is None or not operation.refuses_requests:
        return  # without a failure the document gives no way to say that a record is not there
    asked = context.filler.arguments(operation, unknown)
    if asked is not None:
        exchange = context.store.call(operation, asked, intent="unknown")
        denied = list(unknown_is_missing(operation, exchange))
        context.session.results.judge("read_after_write", operation.id, denied)
        if exchange.success and exchange.document is not ABSENT:
            reading = RecordReading(operation.record(exchange.document), operation, (exchange,))
            context.session.results.judge(
                "read_after_write", operation.id, same_record(operation, unknown.key, reading)
            )


def change_fields(context: ProbeContext, operation: Operation) -> None:
    """Change one field after the other; each must take effect, and nothing else move."""
    record = context.filler.changeable(operation)
    if record is None:
        context.session.results.skip(f"{operation.id}: there is no record to change")
        return
    other = bystander(context, operation, record)
    witness = context.reader.read(other) if other is not None else None
    if context.session.target.control is not None and changed_stamps(
        dict.fromkeys(context.reader.shown(operation), _ANY_TIME)
    ):
        context.session.target.wait(_TICK)  # so that a stamp can differ from the one before
    changed: Exchange | None = None
    for number, fixed in enumerate(islice(_changes(context, operation, record), context.fields)):
        recipe = Recipe(full=operation.action == "replace", variant=number, fixed=fixed)
        arguments = context.filler.arguments(operation, record, recipe)
        if arguments is None:
            return
        before = context.reader.read(record)
        if number == 0:
            exchange, count = counted(context, operation, arguments, 0, record)
            if count is not None and exchange.success:
                context.session.results.judge("count_effect", operation.id, count_effect(operation, count))
        else:
            exchange = context.store.call(operation, arguments)
        if not exchange.success or exchange.intent != "valid":
            continue  # of a body that the document forbids nothing need be kept
        changed = exchange
        trial = WriteTrial(exchange, before, context.reader.read(record))
        context.session.results.judge("read_after_write", operation.id, read_after_write(operation, trial))
        context.session.results.judge("date_truth", operation.id, stamp_moves(operation, trial))
        left = untouched_fields if operation.action == "update" else making_stays
        context.session.results.judge("untouched_fields", operation.id, left(operation, trial))
    if other is not None and witness is not None and changed is not None:
        still_same(context, operation, other, witness, changed)


def delete_record(context: ProbeContext, operation: Operation) -> None:
    """Delete a record that was made for it; it must be gone for good, and it alone."""
    record = (
        context.filler.fresh(operation, Recipe(full=False, variant=1))
        or context.filler.fresh(operation)
        or context.filler.spare(operation)
    )
    arguments = context.filler.arguments(operation, record) if record else None
    if record is None or arguments is None:
        context.session.results.skip(f"{operation.id}: there is no record that could be deleted")
        return
    gone, count = counted(context, operation, arguments, -1, record)
    if not gone.success:
        return
    context.store.forget(record.entity, record.key, record.context)
    if count is not None:
        context.session.results.judge("count_effect", operation.id, count_effect(operation, count))
    later = context.reader.read(record)
    again = context.session.call(operation.id, arguments, "unknown")
    if later is not None:
        found = delete_is_final(operation, gone, later, again)
        context.session.results.judge("delete_is_final", operation.id, found)


def may_repeat(context: ProbeContext, operation: Operation) -> bool:
    """Whether sending it twice is said to be as good as once."""
    named = any(each.operation == operation.id for each in context.policy.repeats)
    return named or operation.repeatable or operation.action in ("upsert", "replace")


def _repeat(context: ProbeContext, operation: Operation, arguments: Arguments, first: Exchange) -> None:
    record = context.store.of(operation, first)
    reading = context.reader.read(record) if record is not None else None
    shown = reading.record if reading is not None and is_object(reading.record) else {}
    second, count = counted(context, operation, arguments, 0, shown=shown)
    if not second.success:
        return
    context.session.results.judge("idempotency", operation.id, idempotency(operation, first, second, count))


def _read_back(context: ProbeContext, operation: Operation, record: Record, created: Exchange) -> None:
    reading = context.reader.read(record)
    results = context.session.results
    results.judge("read_after_write", operation.id, read_after_write(operation, WriteTrial(created, after=reading)))
    if reading is not None and reading.record is not ABSENT:
        wanted = context.filler.called(reading.operation, record)
        results.judge("read_after_write", operation.id, same_record(operation, wanted, reading))
    results.judge("read_after_write", operation.id, location_names_record(operation, record.key, created))


def counted(
    context: ProbeContext,
    operation: Operation,
    arguments: Arguments,
    expected: int,
    record: Record | None = None,
    intent: Any = "valid",
    shown: Mapping[str, Any] | None = None,
) -> tuple[Exchange, CountTrial | None]:
    """Call an operation, and count the records of its kind before and after.

    ``shown`` is the record as it was read: a list of a range is read around it.
    """
    counter = counter_for(context, operation, arguments, record, shown)

    def write() -> Exchange:
        return context.store.call(operation, arguments, intent=intent)

    other = None
    if record is not None or (intent == "valid" and not may_repeat(context, operation)):
        other = bystander(context, operation, *([] if record is None else [record]))
    if counter is None:
        return watched(context, operation, other, write), None
    before, first = context.reader.total(*counter)
    exchange = watched(context, operation, other, write)
    after, second = context.reader.total(*counter)
    if before is None or after is None:
        return exchange, None
    body = arguments.body if is_object(arguments.body) else {}
    there = exchange.status == 200 and "201" in operation.responses
    if expected > 0 and (there or was_there(operation, body, counter[0], first)):
        expected = 0  # what makes a record found it there
    return exchange, CountTrial(exchange, before, after, expected, (*first, exchange, *second))


def counter_for(
    context: ProbeContext,
    operation: Operation,
    arguments: Arguments,
    record: Record | None,
    shown: Mapping[str, Any] | None = None,
) -> tuple[Operation, Arguments] | None:
    """The list that counts the records of an operation's kind, where nobody else changes their number."""
    around = {name: value for name, value in arguments.path.items() if name != operation.key.name}
    within = {**around, **(record.context if record else {})}
    body = arguments.body if is_object(arguments.body) else {}
    counter = context.reader.counter(operation.entity, within, {**body, **(shown or {})}, kinds(operation))
    texts = is_array(arguments.body) and not all(map(is_object, arguments.body))  # of what, nobody knows
    if counter is not None and (texts or not _shows_records(context, counter[0])):
        return None
    if counter is not None and not context.session.target.exclusive:
        context.session.results.skip("counts before and after a write: others may write in this account too")
        return None
    return counter


def _shows_records(context: ProbeContext, listing: Operation) -> bool:
    """Whether the rows of a list are the records of a kind: of a vendor that its document alone describes, rows without
    their key may be anything."""
    if not context.session.target.vendor.described:
        return True
    return listing.key.field in listing.schemas.properties(listing.record_schema or {})


def _changes(context: ProbeContext, operation: Operation, record: Record) -> Iterator[dict[str, Any]]:
    """The fields to change, one at a time, each with a new value; for a replacement everything at once."""
    if operation.body_schema is None:
        return
    if operation.action == "replace":
        yield {}
        return
    shown = context.reader.shown(operation)
    if not shown.keys() & operation.schemas.properties(operation.body_schema).keys() and "data" not in shown:
        yield {}
        return
    for number, (name, part) in enumerate(operation.schemas.properties(operation.body_schema).items()):
        if part.get("x-accordant-reference") or part.get("readOnly") or part.get("x-accordant-read-only"):
            continue
        place = str(part.get("x-accordant-echo", name)).split(".")[0]
        if name in (operation.key.name, operation.key.field, *operation.key.scope) or (
            place not in shown and "data" not in shown
        ):
            continue
        if "enum" in part:
            yield from ({name: value} for value in part["enum"] if value != record.value.get(name))
            continue
        for turn in range(3):
            hint = context.policy.hints.get(f"{operation.id}.{name}")
            value = hint(context.filler.examples.next()) if hint else None
            if hint is None:
                value = context.filler.examples.value(name, part, Recipe(variant=number + turn, unicode=number == 0))
            if value is not ABSENT and not same(value, record.value.get(name, ABSENT), part):
                yield {name: value}
                break
