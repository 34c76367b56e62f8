"""Transactions: every request has a separate view of the tables; what raises leaves no trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from accordant_sandbox.engine.integrity import check_choices, check_listed, check_refs, check_unique, in_utc
from accordant_sandbox.engine.persistent import inserted
from accordant_sandbox.engine.state import Timer
from accordant_sandbox.engine.store import Store
from accordant_sandbox.engine.tables import Table
from accordant_sandbox.model.collections import Collection, Int, Natural, Ref, show
from accordant_sandbox.model.factories import make_row
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.ports import Change, Key, Principal, Row

__all__ = ["Transaction"]


class Transaction:
    """Reads and writes of one request; `ports.Tx` says what callbacks may ask of it.

    Args:
        store: The state that it reads, and changes when it is committed.
        principal: Who asks: rows that it may not see do not exist for it. None sees everything.
        by: Operation id that writes, for lifecycles.
        rules: Gets the name of every rule that takes part, once.
    """

    def __init__(
        self,
        store: Store,
        principal: Principal | None = None,
        by: str = "",
        rules: list[str] | None = None,
    ) -> None:
        self._shared = store
        self.principal = principal
        self.by = by
        self.collections: Mapping[str, Collection] = store.vendor.collections
        self.document = store.vendor.document
        self.settings = store.settings
        self.random = store.random
        self.changes: list[Change] = []
        self._rules = rules
        self._written: dict[str, Table] = {}
        self._sequences: dict[str, int] = {}
        self._timers: list[Timer] = []
        self.events: list[tuple[str, Mapping[str, Any]]] = []

    @property
    def now(self) -> datetime:
        """The present instant on the sandbox's clock."""
        return self._shared.clock.now()

    @property
    def now_text(self) -> str:
        """The present instant as RFC 3339 text, to the second."""
        return self._shared.clock.text()

    def rule(self, name: str) -> None:
        """Note that a rule of the vendor takes part."""
        self._shared.vendor.rule(name)
        if self._rules is not None and name not in self._rules:
            self._rules.append(name)

    # Reading

    def table(self, collection: str) -> Table:
        """Every row of a collection by key, whoever asks, deleted ones included."""
        written = self._written.get(collection)
        if written is not None:
            return written
        # An empty one is nobody else's: what is asked of it stays with the rows that are put into it.
        kept = self._shared.state.tables.get(collection)
        return Table() if kept is None else Table.of(kept)

    def rows(self, collection: str, **equals: Any) -> Sequence[Row]:
        """The live rows that the caller may see and whose fields have these values, in order of creation.

        Only rows that somebody reads are looked at, unless the collection says by a function alone who sees what.
        """
        kind, table = self.collections[collection], self.table(collection)
        wanted = {**equals, "_deleted": None} if kind.soft_delete else equals
        names = tuple(sorted(wanted))
        values = tuple(wanted[name] for name in names)
        if self.principal is None or kind.visible is None:
            return table.where(names, values)
        scope = kind.scope(self, self.principal) if kind.scope and table else None
        if scope is not None and scope[0] not in wanted:
            found = table.where((*names, scope[0]), *((*values, owner) for owner in scope[1]))
            if kind.scope_rule and len(found) < len(table.where(names, values)):
                self.rule(kind.scope_rule)
            return found
        principal, visible = self.principal, kind.visible
        return [row for row in table.where(names, values) if visible(self, principal, row)]

    def matching(self, collection: str, fields: tuple[str, ...], owner: Row) -> list[Row]:
        """The live rows that the caller may see and whose fields are those of an owner, in any letter case."""
        natural = Natural(fields)
        found = self.table(collection).having(natural, natural.of, natural.of(owner))
        return [row for row in found if self._seen(collection, row)]

    def find(self, collection: str, key: Key) -> Row | None:
        """The live row with that key, None when there is none that the caller may see."""
        row = self.table(collection).get(key)
        return row if row is not None and self._seen(collection, row) else None

    def get(self, collection: str, key: Key) -> Row:
        """The live row with that key.

        Raises:
            Problem: `not_found`.
        """
        row = self.find(collection, key)
        if row is None:
            raise Problem("not_found", f"there is no record with that key in {collection}")
        return row

    def read(self, collection: str, key: Key) -> Row:
        """`get` for a caller who looks at one record: under `progress=reads:n` that may bring its next state about."""
        row = self.get(collection, key)
        lifecycle = self.collections[collection].lifecycle
        if lifecycle is None or not lifecycle.steps:
            return row
        lifecycle.due(self, collection, row)
        return self.get(collection, key)

    def key_of(self, collection: str, row: Row) -> Key:
        """The key of a row."""
        return self.collections[collection].key_of(row)

    def key_fields(self, collection: str) -> tuple[str, ...]:
        """The fields of a natural key; empty where the server makes the key."""
        kind = self.collections[collection].kind
        return kind.fields if isinstance(kind, Natural) else ()

    def fields(self, collection: str) -> frozenset[str]:
        """The fields that a client may set at creation."""
        return self.collections[collection].fields

    def show(self, collection: str, row: Row) -> dict[str, Any]:
        """A stored row as the vendor shows it to the caller."""
        return show(self, self.collections[collection], row)

    # Writing

    def create(self, name: str, values: Mapping[str, Any]) -> Row:
        """Store a new row: defaults, key, derived fields, references, uniqueness, stamps, effects.

        Raises:
            Problem: A reference leads nowhere, a unique group is taken, or the caller had to name what it could not
                give itself (`from_caller`).
        """
        collection = self.collections[name]
        missing = [field for field in collection.from_caller if values.get(field) is None]
        if missing:
            details = [(field, "required, as the caller has none of its own") for field in missing]
            raise Problem("invalid", f"{missing[0]} is required", details=details)
        row: dict[str, Any] = {
            **{key: value() if callable(value) else value for key, value in collection.defaults.items()},
            **values,
        }
        if not isinstance(collection.kind, Natural):
            key = row.pop(collection.key, None)
            if key is None:
                key = collection.new_key(self.next(name), self.random)
            elif isinstance(collection.kind, Int) and isinstance(key, int):
                self._sequences[name] = max(self._sequence(name), int(key))
            row = {collection.key: key, **row}
        if self.principal is not None:
            row.setdefault("_tenant", self.principal.tenant)
            row.setdefault("_by", self.principal.name)
        stamp = self.now_text
        for stamped in collection.stamps:
            row.setdefault(stamped, stamp)
        return self._store(collection, row, None)

    def make(self, collection: str, values: Mapping[str, Any]) -> Row:
        """`create` with made-up values for whatever is not given."""
        return make_row(self, self.collections[collection], values)

    def update(self, name: str, key: Key, values: Mapping[str, Any], *, by: str | None = None) -> Row:
        """Change some fields of a row; the others keep their values.

        `by` says who moves its state, when it is not the operation itself: `effect` for what follows from a move.

        Raises:
            Problem: `not_found`, `forbidden`, a forbidden move, a broken reference or a taken unique group.
        """
        collection = self.collections[name]
        old = self._writable(collection, self.get(name, key), by or self.by)
        row = {**old, **values}
        for stamped in collection.stamps[1:]:
            row[stamped] = self.now_text
        return self._store(collection, row, old, by)

    def replace(self, name: str, key: Key, values: Mapping[str, Any]) -> Row:
        """Give a row new contents: fields that are not among the values fall back to their defaults."""
        collection = self.collections[name]
        old = self._writable(collection, self.get(name, key), self.by)
        kept = {
            field: value
            for field, value in old.items()
            if collection.hides(field)
            or field == collection.key
            or field in collection.stamps
            or field in collection.fixed
        }
        defaults = {key: value() if callable(value) else value for key, value in collection.defaults.items()}
        row = {**defaults, **values, **kept}
        for stamped in collection.stamps[1:]:
            row[stamped] = self.now_text
        return self._store(collection, row, old)

    def upsert(self, name: str, values: Mapping[str, Any]) -> tuple[Row, bool]:
        """Create or update by natural key; the flag says whether the row is new."""
        key = self.collections[name].key_of(values)
        if self.find(name, key) is None:
            return self.create(name, values), True
        return self.update(name, key, values), False

    def delete(self, name: str, key: Key) -> Row:
        """Remove a row (or hide it, where the collection deletes softly), after its references were seen to.

        Raises:
            Problem: `not_found`, `forbidden`, or the collection's refusal while other rows refer to it.
        """
        collection = self.collections[name]
        old = self._writable(collection, self.get(name, key), self.by)
        check_listed(self, self.collections.values(), collection, key)
        if collection.soft_delete:
            self._write(name, key, old, {**old, "_deleted": True})
            return old
        for child, ref in self._shared.vendor.referrers(name):
            self._release(collection, key, child, ref)
        self._write(name, key, old, None)
        return old

    def restore(self, name: str, key: Key) -> Row:
        """Bring a softly deleted row back (a live one stays as it is).

        Raises:
            Problem: `not_found`, or a unique group was taken meanwhile.
        """
        collection = self.collections[name]
        old = self.table(name).get(key)
        if old is None or not self._allowed(collection, old):
            raise Problem("not_found", f"there is no record with that key in {name}")
        row = {field: value for field, value in old.items() if field != "_deleted"}
        check_unique(self.table(collection.name), collection, row, old)
        return self._write(name, key, old, row)

    def put(self, collection: str, row: Row) -> Row:
        """Store a row as it is, without a rule of the collection."""
        key = self.key_of(collection, row)
        return self._write(collection, key, self.table(collection).get(key), row)

    def next(self, sequence: str) -> int:
        """The next number of a sequence."""
        number = self._sequence(sequence) + 1
        self._sequences[sequence] = number
        return number

    def later(self, seconds: float, name: str, **arguments: Any) -> None:
        """Have the vendor's timer function of that name run when the clock has moved on by some seconds."""
        due = self.now + timedelta(seconds=seconds)
        self._timers.append(Timer(due, self.next("_timers"), name, arguments))

    def emit(self, topic: str, payload: Mapping[str, Any]) -> None:
        """Announce an event; it reaches the outbox when the transaction is committed."""
        self.events.append((topic, payload))

    def commit(self) -> None:
        """Make every write visible at once."""
        state = self._shared.state
        if self._written:
            state.tables = {**state.tables, **self._written}
        for name, number in self._sequences.items():
            state.sequences = state.sequences.put(name, number)
        for timer in self._timers:
            state.timers = inserted(state.timers, timer)
        for topic, payload in self.events:
            self._shared.announce(topic, payload)
        self._written, self._sequences, self._timers, self.events = {}, {}, [], []

    # The ground under them

    def _sequence(self, name: str) -> int:
        number = self._sequences.get(name, self._shared.state.sequences.get(name))
        if number is not None:
            return number
        collection = self.collections.get(name)
        return collection.kind.start - 1 if collection is not None and isinstance(collection.kind, Int) else 0

    def _seen(self, name: str, row: Row) -> bool:
        return not row.get("_deleted") and self._allowed(self.collections[name], row)

    def _allowed(self, collection: Collection, row: Row) -> bool:
        if self.principal is None or collection.visible is None:
            return True
        return collection.visible(self, self.principal, row)

    def _writable(self, collection: Collection, row: Row, by: str) -> Row:
        if self.principal is not None and collection.guard is not None and by != "effect":
            rule = collection.guard(self.principal, row)
            if rule is not None:
                raise Problem("forbidden", "this credential may not change that record", rule=rule)
        return row

    def _store(self, collection: Collection, row: dict[str, Any], old: Row | None, by: str | None = None) -> Row:
        changed = {name for name in row if old is None or row[name] != old.get(name)}
        for name in collection.instants:
            if name in changed and row.get(name) is not None:
                row[name] = in_utc(name, row[name])
        check_refs(self, self.collections, collection, row, changed)
        check_choices(self, collection, row, changed)
        if collection.derive:
            row.update(collection.derive(self, row))
        check_unique(self.table(collection.name), collection, row, old)
        if old is not None and collection.lifecycle:
            collection.lifecycle.check(self, old, row, by or self.by)
        key = collection.key_of(row)
        self._write(collection.name, key, old, row)
        if collection.lifecycle:
            collection.lifecycle.follow(self, collection.name, row, old)
        return self.table(collection.name)[key]

    def _write(self, name: str, key: Key, old: Row | None, new: Row | None) -> Row:
        table = self.table(name)
        self._written[name] = table.without(key) if new is None else table.put(key, new)
        self.changes.append(Change(name, key, old, new))
        return new if new is not None else {}

    def _release(self, parent: Collection, key: Key, child: Collection, ref: Ref) -> None:
        referring = self.table(child.name).having((ref, parent.name), lambda row: ref.key_in(row, parent), key)
        holders = [(child_key, row) for child_key, row in referring.entries() if not row.get("_deleted")]
        if not holders or ref.on_delete == "keep":
            return
        if ref.rule:
            self.rule(ref.rule)
        if ref.on_delete == "refuse":
            raise Problem(parent.refusal, f"{child.name} still refer to this record", rule=ref.rule)
        for child_key, row in holders:
            if ref.on_delete == "null":
                self._store(child, {**row, ref.field: None}, row)
            elif self.find(child.name, child_key) is not None:
                self.delete(child.name, child_key)
