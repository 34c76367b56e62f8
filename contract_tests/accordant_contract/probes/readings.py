"""Every reading of a record: itself, and what other operations show of it."""

from __future__ import annotations

from collections.abc import Iterator

from ..document.document import Operation
from ..document.values import Arguments, Exchange
from ..records.record import Record
from .context import ProbeContext


def about(context: ProbeContext, operation: Operation, record: Record) -> Iterator[Exchange]:
    """The readings of the record that an operation wrote; after an action also those that show its parts."""
    reading = context.reader.read(record)
    if reading is not None:
        yield from reading.exchanges
    if operation.action != "custom":
        return
    for other in context.session.document.operations.values():
        needed = [each for each in other.parameters if each.required]
        if other.method != "GET" or other.action not in ("custom", "list") or len(needed) != 1:
            continue
        key = needed[0]
        own = other.entity == record.entity and key.name == other.key.name
        if (own or key.reference == record.entity) and not context.session.forbidden(other):
            place = {key.name: record.key}
            arguments = Arguments(path=place) if key.where == "path" else Arguments(query=place)
            yield context.store.call(other, arguments, intent="unknown")
