"""What a run knows of the target's records: which there are, and what each holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field

from accordant_runtime import is_array, is_object

from ..document.document import Operation
from ..document.values import Arguments, Exchange
from ..target.session import TargetSession
from . import record_keys, selection
from .record import Record


@define(eq=False)
class RecordStore:
    """Records by kind, remembered from the responses to lists and writes."""

    session: TargetSession
    records: dict[str, list[Record]] = field(factory=dict[str, "list[Record]"], init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        target = self.session.target
        for name, secrets in target.schemes.items():
            for entity, secret in target.vendor.schemes[name].records.items():
                self.records[entity] = [Record(entity, secrets[secret], {})]
        for each in target.held:
            record = Record(each.entity, each.key, each.value, each.context, within=each.within)
            self.records.setdefault(each.entity, []).append(record)

    def call(self, operation: Operation, arguments: Arguments, **how: Any) -> Exchange:
        """Call an operation and remember the records in its response."""
        exchange = self.session.call(operation.id, arguments, **how)
        self.learn(operation, exchange)
        return exchange

    def learn(self, operation: Operation, exchange: Exchange) -> None:
        """Remember the records in a response, and forget those that are gone."""
        if exchange.success and operation.retires and operation.key.name:
            for each in record_keys.alone(exchange):
                self.forget(*record_keys.deleted(operation, each))
        elif exchange.success and exchange.intent == "valid":
            self.remember(operation, exchange)
        for kind, key in selection.removed(operation, exchange.arguments.given) if exchange.success else ():
            self.forget(kind, key)

    def remember(self, operation: Operation, exchange: Exchange) -> list[Record]:
        """The records in a successful response, now known."""
        if operation.retires or operation.key.field is None or operation.lists_inside:
            return []
        if self._made_up(operation):
            return []  # what a sandbox of ours makes up for it is none of the records that it keeps
        document = exchange.document
        rows = operation.rows(document)
        values = rows if rows is not None else [operation.record(document)]
        if rows is None and not (is_object(values[0]) and operation.key.field in values[0]):
            values = [record_keys.sent(operation, exchange, self.session.target.vendor.made)]
        own = operation.action in ("create", "upsert") and rows is None
        path = {name: value for name, value in exchange.arguments.path.items() if name != operation.key.name}
        around = selection.within(operation, exchange)
        found = [
            Record(
                operation.entity,
                value[operation.key.field],
                value,
                {**path, **record_keys.scope(operation, value)},
                own,
                exchange,
                around,
            )
            for value in values
            if is_object(value) and operation.key.field in value and _names(value[operation.key.field])
        ]
        book = self.records.setdefault(operation.entity, [])
        guard = self.session.guard
        if guard is not None:
            for record in found:
                guard.met(record.entity, record.key)
        keys = [each.key for each in book]
        for record in found:
            index = _place(book, keys, record)
            old = book.pop(index) if index >= 0 else None
            if old is not None:
                del keys[index]
                record = Record(
                    record.entity,
                    record.key,
                    {**old.value, **record.value},
                    {**old.context, **record.context},
                    own=old.own or own,
                    made_by=exchange,
                    within={**old.within, **record.within},
                )
            # Lists only add behind what the run made itself, so that the newest own record stays first in line.
            at = 0 if own or (old is not None and old.own) else len(book)
            book.insert(at, record)
            keys.insert(at, record.key)
        return found

    def _made_up(self, operation: Operation) -> bool:
        """Whether a sandbox of ours makes up what an operation shows, rather than reading it from its records."""
        target = self.session.target
        served = target.sandbox.vendor.operations.served.get(operation.id) if target.sandbox and target.held else None
        return operation.action == "custom" and served is not None and served.plain is None

    def forget(self, entity: str, key: Any, context: Mapping[str, Any] | None = None) -> None:
        """A record that is gone."""
        known = self.records.get(entity, [])
        gone = [each for each in known if each.names(key, context or {})]
        self.records[entity] = [each for each in known if each not in gone]
        if not self.session.target.held:
            return
        names = {str(key)}.union(*(self._names(each) for each in gone))
        for kind, records in self.records.items():
            kept = [each for each in records if str(each.within.get(entity)) not in names]
            self.records[kind] = [each for each in kept if kind != entity or not self._named(each, key, bool(gone))]

    def _named(self, record: Record, key: Any, known: bool) -> bool:
        """Whether a deletion named a record by another field than the one by which it is known: one by which operations
        name records of its kind. Where that is no field of it, and the key that of no ``known`` record, by any text
        that may name it."""
        if record.key == key:
            return False
        if known or self._fields(record) <= record.value.keys():
            return str(key) in self._names(record)
        return key in (*_plain(record.value),)

    def holds(self, record: Record) -> bool:
        """Whether other known records are inside of one: they are gone when it is."""
        names = self._names(record)
        every = (each for records in self.records.values() for each in records)
        return any(str(each.within.get(record.entity)) in names for each in every)

    def same(self, one: Record, other: Record) -> bool:
        """Whether two are one record, known by its key twice or by two of its fields."""
        if one.names(other.key, other.context) or not self.session.target.vendor.described:
            return one.names(other.key, other.context)
        return bool(self._names(one) & self._names(other))

    def _names(self, record: Record) -> set[str]:
        """What operations call a record: its key, and the fields by which they know records of its kind."""
        fields = self._fields(record)
        return {str(record.key), *(str(record.value[name]) for name in fields if name in record.value)}

    def _fields(self, record: Record) -> set[str]:
        ways = self.session.document.of(record.entity, "get", "update", "replace", "delete")
        return {str(each.key.field) for each in ways if each.key.name is not None}

    def known(self, entity: str) -> list[Record]:
        """The known records of a kind, the run's own newest first."""
        return self.records.get(entity, [])

    def of(self, operation: Operation, exchange: Exchange) -> Record | None:
        """The known record that a response is about."""
        value, name = operation.record(exchange.document), operation.key.field
        if not is_object(value) or name not in value:
            value = record_keys.sent(operation, exchange, self.session.target.vendor.made)
        if name not in value:
            return None
        context = record_keys.scope(operation, value)
        known = self.records.get(operation.entity, ())
        return next((each for each in known if each.names(value[name], context)), None)


def _place(book: Sequence[Record], keys: Sequence[Any], record: Record) -> int:
    """Where a record is among the known ones, whose keys these are; -1 where it is new."""
    index = -1
    while True:
        try:
            index = keys.index(record.key, index + 1)
        except ValueError:
            return -1
        if book[index].names(record.key, record.context):
            return index


def _plain(value: Mapping[str, Any]) -> Iterator[Any]:
    """The texts of a record that may name it."""
    names = ("id", "code", "key", "slug")
    return (each for name, each in value.items() if isinstance(each, str) and name.endswith(names))


def _names(key: Any) -> bool:
    """Whether a value can name a record: an object or a list has no place in an address."""
    return not is_object(key) and not is_array(key)
