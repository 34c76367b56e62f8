"""What the order of requests shows: writes that are read back, deletions, refused writes, pages that follow each other.

Others may use the same account while traffic is recorded. So two requests are held against each other only where no
other write of this caller lies between them, and no more than a minute.
"""

from __future__ import annotations

import datetime
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, TypeVar

from attrs import define, evolve, field, frozen

from accordant_runtime import is_array, is_object

from ..document.document import Operation
from ..document.values import ABSENT, Exchange, Finding
from ..judges.filters import FilterTrial, filter_truth, inside
from ..judges.paging import PageWalk, page_of, page_walk
from ..judges.writes import (
    RecordReading,
    WriteTrial,
    delete_is_final,
    failed_write_no_trace,
    known_record_is_found,
    location_names_record,
    read_after_write,
    same_record,
    untouched_fields,
)
from ..records import record_keys
from ..target.reproduction import CREDENTIAL

Verdict: TypeAlias = tuple[str, str, list[Finding]]
"""A check, the operation that it judged, and what it found."""
Identity: TypeAlias = Hashable
T = TypeVar("T")

SOON: Final = datetime.timedelta(minutes=1)
_MOST: Final = 10_000
_NO_REFUSALS: Final = (401, 403, 408, 429)


@frozen
class _Write:
    """A write, or a refused one, with the record as it was read before it."""

    operation: Operation
    exchange: Exchange
    before: RecordReading | None


class _Latest(OrderedDict[Identity, T]):
    """The latest entries by identity: a long-lived proxy keeps no more than so many."""

    def put(self, identity: Identity, value: T) -> None:
        self.pop(identity, None)
        self[identity] = value
        while len(self) > _MOST:
            self.popitem(last=False)


@define(eq=False)
class TrafficState:
    """Sees exchanges in their order, and judges what two or more of them show together."""

    made: Callable[[Any], Mapping[str, Any]]
    _readings: _Latest[RecordReading] = field(factory=_Latest["RecordReading"], init=False)
    _written: _Latest[_Write] = field(factory=_Latest["_Write"], init=False)
    _refused: _Latest[_Write] = field(factory=_Latest["_Write"], init=False)
    _gone: _Latest[_Write] = field(factory=_Latest["_Write"], init=False)
    _walks: _Latest[list[Exchange]] = field(factory=_Latest["list[Exchange]"], init=False)

    def see(self, operation: Operation, exchange: Exchange) -> Iterator[Verdict]:
        """Judge an exchange with those before it; what was sent without a good credential on purpose shows nothing."""
        if exchange.intent == "unauthorised":
            return
        if operation.action == "list" and exchange.success:
            yield from self._listed(operation, exchange)
        elif operation.action == "get":
            yield from self._read(operation, exchange)
        elif not operation.reads:
            yield from self._wrote(operation, exchange)

    # Writes

    def _wrote(self, operation: Operation, exchange: Exchange) -> Iterator[Verdict]:
        if exchange.status in _NO_REFUSALS:
            return
        identity = _identity(operation, exchange)
        refused = 400 <= exchange.status < 500 or (exchange.refused and exchange.status)
        if refused:
            before = self._readings.get(identity) if identity else None
            if identity and before is not None:
                self._refused.put(identity, _Write(operation, exchange, before))
            return
        before = self._readings.get(identity) if identity else None
        self.forget()
        if not exchange.success:
            self._gone.clear()
            return
        if operation.retires:
            if identity:
                self._gone.put(identity, _Write(operation, exchange, before))
            return
        yield "read_after_write", operation.id, list(read_after_write(operation, WriteTrial(exchange)))
        if operation.action in ("create", "upsert"):
            identity, key = self._new(operation, exchange)
            if key is not None:
                found = location_names_record(operation, key, exchange)
                yield "read_after_write", operation.id, list(found)
        if operation.action == "custom":
            self._gone.clear()  # it may bring back what was deleted
        elif identity:
            self._gone.pop(identity, None)
            self._written.put(identity, _Write(operation, exchange, before))

    def _new(self, operation: Operation, exchange: Exchange) -> tuple[Identity | None, Any]:
        """The identity and the key of the record that a write has made."""
        name, value = operation.key.field, operation.record(exchange.document)
        if name is None:
            return None, None
        if not is_object(value) or name not in value:
            value = record_keys.sent(operation, exchange, self.made)
        if name not in value:
            return None, None
        return _named(operation, exchange, value[name], value), value[name]

    def forget(self) -> None:
        """After a write nothing that was read before it is known to be so still."""
        for each in (self._readings, self._written, self._refused, self._walks):
            each.clear()

    # Readings

    def _read(self, operation: Operation, exchange: Exchange) -> Iterator[Verdict]:
        identity = _identity(operation, exchange)
        if identity is None or exchange.status in _NO_REFUSALS:
            return
        key = exchange.arguments.given.get(operation.key.name or "")
        if exchange.success:
            record = operation.record(exchange.document)
            if not is_object(record):
                return
            reading = RecordReading(record, operation, (exchange,))
            yield "read_after_write", operation.id, list(same_record(operation, key, reading))
        elif exchange.status in (404, 410):
            reading = RecordReading(ABSENT, operation, (exchange,))
        else:
            return
        yield from self._against(identity, key, reading, exchange)
        self._readings.put(identity, reading)

    def _against(self, identity: Identity, key: Any, reading: RecordReading, exchange: Exchange) -> Iterator[Verdict]:
        """Hold a reading against the write, the refused write or the deletion before it."""
        gone = self._gone.pop(identity, None)
        if gone is not None:
            yield (
                "delete_is_final",
                gone.operation.id,
                list(delete_is_final(gone.operation, gone.exchange, reading, None)),
            )
        write = self._written.pop(identity, None)
        if write is not None and _soon(write.exchange, exchange):
            which = write.operation
            if reading.record is ABSENT:
                found = known_record_is_found(reading.operation, f"{which.entity} {key}", exchange)
                yield (
                    "read_after_write",
                    which.id,
                    [evolve(each, operation=which.id, exchanges=(write.exchange, exchange)) for each in found],
                )
            else:
                trial = WriteTrial(write.exchange, write.before, reading)
                yield "read_after_write", which.id, list(read_after_write(which, trial))
                if which.action == "update" and write.before is not None and _soon(_last(write.before), exchange):
                    sent, shown = write.exchange.arguments.body, reading.record
                    changed = [each for each in untouched_fields(which, trial) if not _sent_as(each.path, sent, shown)]
                    yield "untouched_fields", which.id, changed
        refused = self._refused.pop(identity, None)
        if refused is not None and refused.before is not None and _soon(_last(refused.before), exchange):
            trial = WriteTrial(refused.exchange, refused.before, reading)
            yield "failed_write_no_trace", refused.operation.id, list(failed_write_no_trace(refused.operation, trial))

    # Lists

    def _listed(self, operation: Operation, exchange: Exchange) -> Iterator[Verdict]:
        for parameter in operation.parameters:
            value = exchange.arguments.given.get(parameter.name, ABSENT)
            if parameter.filter is not None and value is not ABSENT and value != "":
                shown = _as_shown(value, operation.rows(exchange.document) or (), parameter.filter[0])
                trial = FilterTrial(parameter, shown, (), (exchange,), complete=False)
                yield "filter_truth", operation.id, list(filter_truth(operation, trial))
        paging, rows = operation.paging, operation.rows(exchange.document)
        if paging is None or not rows or operation.total(exchange.document) is None:
            return
        size, start = page_of(paging, exchange)
        if not size or start is None:
            return
        position = paging.position or ""
        query = {name: value for name, value in exchange.arguments.query.items() if name != position}
        walk: Identity = (operation.id, _holder(exchange), repr(sorted(query.items())), repr(exchange.arguments.path))
        pages = self._walks.get(walk, [])
        due = sum(len(operation.rows(each.document) or ()) for each in pages)
        pages = [*pages, exchange] if start == due and pages else [exchange]
        if start > 0 and len(pages) == 1:
            self._walks.pop(walk, None)
            return
        self._walks.put(walk, pages)
        totals = {operation.total(each.document) for each in pages}
        ended = start + len(rows) >= (operation.total(exchange.document) or 0)
        # Where the total changed, others wrote meanwhile: nothing of the walk can be held against the vendor.
        if ended and len(totals) == 1 and _soon(pages[0], exchange):
            yield "page_walk", operation.id, list(page_walk(operation, [PageWalk(size, tuple(pages))]))


def _identity(operation: Operation, exchange: Exchange) -> Identity | None:
    """What tells the record that a request names from all others, and from what another caller sees."""
    key, body = operation.key, exchange.arguments.body
    if not operation.entity or not key.name:
        return None
    given = body if key.place == "body" else exchange.arguments.given
    value = given.get(key.name) if is_object(given) else None
    if value is None:
        return None
    return _named(operation, exchange, value, body if is_object(body) else {})


def _named(operation: Operation, exchange: Exchange, key: Any, value: Mapping[str, Any]) -> Identity:
    around = {name: text for name, text in exchange.arguments.path.items() if name != operation.key.name}
    scope = {name: exchange.arguments.given.get(name, value.get(name)) for name in operation.key.scope}
    return (operation.entity, str(key), repr(sorted({**around, **scope}.items())), _holder(exchange))


def _holder(exchange: Exchange) -> Hashable:
    """Whose request it was, by its credentials."""
    return tuple(pair for pair in exchange.request.headers if CREDENTIAL.search(pair[0]))


def _as_shown(value: Any, rows: Sequence[Any], name: str) -> Any:
    """A filter's value in the type that the rows show: a query knows texts alone, whatever its schema says."""
    if is_array(value):
        return [_as_shown(each, rows, name) for each in value]
    numbers = any(type(inside(row, name)) in (int, float) for row in rows)
    if numbers and isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)
    return value


def _last(reading: RecordReading) -> Exchange:
    return reading.exchanges[-1]


def _soon(before: Exchange, after: Exchange) -> bool:
    return after.at - before.at <= SOON


def _sent_as(path: str, body: Any, record: Any) -> bool:
    """Whether a field has a value that the body sent under another name: one that means this field."""
    value = record.get(path.removeprefix("$.")) if is_object(record) else None
    return is_object(body) and isinstance(value, str) and value != "" and value in body.values()
