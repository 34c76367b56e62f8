"""Probes of what is neither list nor plain write: actions on records, their effects, and whatever is left."""

from __future__ import annotations

from typing import Final

from accordant_runtime import is_array, is_object

from ..document.document import Operation
from ..document.policy import SideEffect
from ..document.values import ABSENT, Exchange
from ..judges.writes import WriteTrial, read_after_write, reference_effects
from ..records.examples import Recipe
from ..records.record import Record
from .bystanders import bystander, watched
from .context import ProbeContext

_TRIES: Final = 4


def act(context: ProbeContext, operation: Operation) -> None:
    """An action on a record that was made for it; what the response shows must be what reading shows."""
    record = prepared(context, operation)
    arguments = context.filler.arguments(operation, record)
    if arguments is None:
        context.session.results.skip(f"{operation.id}: a record that it needs cannot be made or found")
        return
    if record is None:
        exchange = context.store.call(operation, arguments)
    else:
        other = bystander(context, operation, record)
        exchange = watched(context, operation, other, lambda: context.store.call(operation, arguments))
    for number in range(1, _TRIES) if _is_empty(exchange) else ():
        more = context.filler.arguments(operation, record, Recipe(full=number % 2 == 0, variant=number))
        if more is None or not _is_empty(context.store.call(operation, more, intent="unknown")):
            break
    if not exchange.success or record is None or not is_object(operation.record(exchange.document)):
        return
    answer = operation.record(exchange.document)
    if operation.key.field is None or answer.get(operation.key.field) != record.key:
        return
    after = context.reader.read(record)
    if after is not None and after.operation.record_schema == operation.record_schema:
        found = read_after_write(operation, WriteTrial(exchange, after=after))
        context.session.results.judge("read_after_write", operation.id, found)


def _is_empty(exchange: Exchange) -> bool:
    """Whether a success has room for rows and shows none, so that hardly anything of it could be judged."""
    if not exchange.success or not is_object(exchange.document):
        return False
    lists = [each for each in exchange.document.values() if is_array(each)]
    return bool(lists) and not any(lists)


def take_effect(context: ProbeContext, operation: Operation) -> None:
    """What the vendor says that this operation does to other records."""
    for effect in context.policy.effects:
        if effect.cause.operation == operation.id:
            _check(context, effect)


def reach(context: ProbeContext, operation: Operation) -> None:
    """Try to get one success out of an operation that has not had one yet."""
    results = context.session.results
    if operation.id in results.covered:
        return
    for number in range(_TRIES):
        recipe = Recipe(full=number % 2 == 0, variant=number)
        arguments = context.filler.arguments(operation, recipe=recipe) or context.filler.invented(operation, recipe)
        if arguments is not None and context.store.call(operation, arguments, intent="unknown").success:
            return


def _check(context: ProbeContext, effect: SideEffect) -> None:
    exchanges: list[Exchange] = []
    for step in (*effect.steps, effect.cause):
        done = context.filler.step(step)
        if done is None or not done.success:
            return
        exchanges.append(done)
    witness = next(iter(context.store.known(effect.entity)), None)
    reading = context.reader.read(witness) if witness else None
    if witness is None or reading is None:
        return
    exchanges += reading.exchanges
    if reading.record is ABSENT:
        context.store.forget(witness.entity, witness.key, witness.context)
    found = reference_effects(effect, witness.key, reading.record, tuple(exchanges))
    context.session.results.judge("reference_effects", effect.cause.operation, found)


def prepared(context: ProbeContext, operation: Operation, *, fresh: bool = True) -> Record | None:
    """The record to act on: as the vendor's policy says, else a new one (if ``fresh``), else any."""
    situation = context.policy.situation(operation.id)
    for step in situation.steps if situation else ():
        context.filler.step(step)
    if situation and situation.steps:
        return next(iter(context.store.known(operation.entity)), None)
    if operation.key.place is None:
        return None
    made = context.filler.fresh(operation) if fresh else None
    return made or context.filler.known_for(operation)
