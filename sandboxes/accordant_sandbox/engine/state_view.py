"""What a sandbox holds, for tests: `sandbox.state.jobs[123]`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from accordant_sandbox.engine.store import Store
from accordant_sandbox.errors import SandboxError, unknown
from accordant_sandbox.model.collections import Collection, public
from accordant_sandbox.model.factories import Stored
from accordant_sandbox.ports import Key, Row

__all__ = ["StateView", "TableView"]

_LOOKED_AT = 50
"""Rows whose fields count as known, beside those that the document names."""


class TableView:
    """The rows of one collection, for tests: copies without the sandbox's own fields."""

    def __init__(self, collection: Collection, rows: Mapping[Key, Row], stored: Stored | None = None) -> None:
        self._collection = collection
        self._stored = stored
        self._rows = rows
        if collection.soft_delete:
            self._rows = {key: row for key, row in rows.items() if not row.get("_deleted")}

    def __getitem__(self, key: Key) -> dict[str, Any]:
        try:
            return public(self._collection, self._rows[key])
        except KeyError:
            raise SandboxError(f"{self._collection.name}: no row has the key {key!r}") from None

    def __contains__(self, key: Key) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def all(self, **equals: Any) -> list[dict[str, Any]]:
        """Every row, in key order of creation, whose fields have these values; snake_case names will do.

        Raises:
            SandboxError: The field does not exist, or the document lists its values and this is none of them.
        """
        wanted: Mapping[str, Any] = equals
        if self._stored and equals:
            known = islice(self._rows.values(), _LOOKED_AT)
            seen = {name for row in known for name in row if not self._collection.hides(name)}
            wanted = self._stored(self._collection.name, equals, seen)
        rows = (row for row in self._rows.values() if all(row.get(name) == value for name, value in wanted.items()))
        return [public(self._collection, row) for row in rows]

    def items(self) -> Iterator[tuple[Key, dict[str, Any]]]:
        """Every row with its key, in the order of creation."""
        return ((key, public(self._collection, row)) for key, row in self._rows.items())

    def part(self, start: int, stop: int) -> list[dict[str, Any]]:
        """The rows from one number in the order of creation to another, the second excluded."""
        return [public(self._collection, row) for row in islice(self._rows.values(), start, stop)]

    def one(self, **equals: Any) -> dict[str, Any]:
        """The only row with these values.

        Raises:
            SandboxError: There is none, or more than one.
        """
        rows = self.all(**equals)
        if len(rows) != 1:
            raise SandboxError(f"{self._collection.name}: {len(rows)} rows match {equals!r}, not one")
        return rows[0]


class StateView:
    """`sandbox.state.<collection>`: what the sandbox holds at this moment."""

    def __init__(self, store: Store, stored: Stored | None = None) -> None:
        self._store, self._stored = store, stored

    def of(self, name: str) -> TableView:
        """The rows of the collection of that name.

        Raises:
            SandboxError: There is none.
        """
        collections = self._store.vendor.collections
        if name not in collections:
            raise unknown("collection", name, self.names())
        return TableView(collections[name], self._store.state.tables.get(name, {}), self._stored)

    def __getattr__(self, name: str) -> TableView:
        return self.of(name)

    def names(self) -> list[str]:
        """The names of the vendor's collections."""
        return sorted(name for name in self._store.vendor.collections if not name.startswith("_"))

    def counts(self) -> dict[str, int]:
        """How many rows each collection holds."""
        return {name: len(self.of(name)) for name in self.names()}
