"""Every reading of a record: itself, and what other operations show of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..document.document import Operation
from ..document.values import ABSENT, Arguments, Exchange
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
        if other.method != "GET" or other.action not in ("custom", "list") or context.session.forbidden(other):
            continue
        arguments = _naming(other, record)
        if arguments is not None:
            yield context.store.call(other, arguments, intent="unknown")


def _naming(operation: Operation, record: Record) -> Arguments | None:
    """A request that names a record and needs nothing else than what the record shows of itself."""
    places: dict[str, dict[str, Any]] = {"path": {}, "query": {}}
    known = {name.casefold(): value for name, value in {**record.value, **record.context}.items()}
    named = False
    for each in (each for each in operation.parameters if each.required):
        own = operation.entity == record.entity and each.name == operation.key.name
        if own or each.reference == record.entity:
            value, named = record.key, True
        else:
            value = known.get(each.name.casefold(), ABSENT)
        if not isinstance(value, (str, int)) or each.where not in places:
            return None
        places[each.where][each.name] = value
    return Arguments(places["path"], places["query"]) if named else None
