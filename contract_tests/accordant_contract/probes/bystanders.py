"""Looks at a record that a write does not concern, before the write and after it."""

from __future__ import annotations

from collections.abc import Callable

from ..document.document import Operation
from ..document.values import Exchange
from ..judges.bystanders import bystander_untouched
from ..judges.writes import RecordReading
from ..records.record import Record
from .context import ProbeContext


def watched(
    context: ProbeContext, operation: Operation, other: Record | None, write: Callable[[], Exchange]
) -> Exchange:
    """The exchange of a write, around which another record of the kind is read; it must be the same after it."""
    before = context.reader.read(other) if other is not None else None
    written = write()
    if other is None or before is None or not written.success:
        return written
    still_same(context, operation, other, before, written)
    return written


def still_same(
    context: ProbeContext, operation: Operation, other: Record, before: RecordReading, written: Exchange
) -> None:
    """Judge that a record is after a write as it was read before it."""
    after = context.reader.read(other)
    if after is not None:
        name = f"{operation.entity} {other.key}"
        found = bystander_untouched(operation, written, name, before, after)
        context.session.results.judge("bystander_untouched", operation.id, found)


def bystander(context: ProbeContext, operation: Operation, *concerned: Record) -> Record | None:
    """A record of the kind that a write does not name; where none is known, and the write names one, a new one.

    In an account that others use as well it is one of the run's own.
    """
    if not context.session.document.of(operation.entity, "get", "list"):
        return None
    exclusive = context.session.target.exclusive

    def known() -> Record | None:
        mine = [each for each in context.store.known(operation.entity) if each.own or exclusive]
        return next((each for each in mine if not any(context.store.same(one, each) for one in concerned)), None)

    found = known()
    if found is None and concerned:
        context.filler.make(operation.entity)
        found = known()
    return found
