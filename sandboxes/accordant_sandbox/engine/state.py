"""The state of a sandbox: tables of rows, number sequences and timers. Reset and snapshot swap references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from accordant_sandbox.engine.persistent import Buckets, Pieces
from accordant_sandbox.engine.tables import Table
from accordant_sandbox.errors import SandboxError, unknown
from accordant_sandbox.model.collections import Collection, Key, Row

if TYPE_CHECKING:
    from accordant_sandbox.engine.engine import Engine

__all__ = ["Snapshot", "State", "StateView", "TableView", "Timer", "public"]


@dataclass(frozen=True, slots=True, order=True)
class Timer:
    """Something that happens at an instant: the vendor's timer function of that name, with its arguments."""

    due: datetime
    number: int
    name: str = field(compare=False)
    arguments: Mapping[str, Any] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state to come back to. It costs next to nothing: tables never change, so that everybody may share them."""

    vendor: str
    tables: Mapping[str, Table]
    sequences: Buckets[str, int]
    timers: Pieces[Timer]
    random: Any
    now: datetime


@dataclass(slots=True)
class State:
    """Committed tables by collection name. A table is never changed in place, only replaced by a commit."""

    tables: dict[str, Table] = field(default_factory=dict[str, Table])
    sequences: Buckets[str, int] = field(default_factory=Buckets[str, int])
    timers: Pieces[Timer] = ()
    """In the order in which they fall due."""


class TableView:
    """The rows of one collection, for tests: copies without the sandbox's own fields."""

    def __init__(self, collection: Collection, rows: Mapping[Key, Row]) -> None:
        self._collection = collection
        self._rows = rows
        if collection.soft_delete:
            self._rows = {key: row for key, row in rows.items() if not row.get("_deleted")}

    def __getitem__(self, key: Key) -> dict[str, Any]:
        try:
            return public(self._rows[key])
        except KeyError:
            raise SandboxError(f"{self._collection.name}: no row has the key {key!r}") from None

    def __contains__(self, key: Key) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def all(self, **equals: Any) -> list[dict[str, Any]]:
        """Every row, in key order of creation, whose fields have these values."""
        return [
            public(row) for row in self._rows.values() if all(row.get(name) == value for name, value in equals.items())
        ]

    def part(self, start: int, stop: int) -> list[dict[str, Any]]:
        """The rows from one number in the order of creation to another, the second excluded."""
        return [public(row) for row in islice(self._rows.values(), start, stop)]

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

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, name: str) -> TableView:
        """The rows of the collection of that name.

        Raises:
            SandboxError: There is none.
        """
        collections = self._engine.vendor.collections
        if name not in collections:
            raise unknown("collection", name, self.names())
        return TableView(collections[name], self._engine.state.tables.get(name, {}))

    def __getattr__(self, name: str) -> TableView:
        return self.of(name)

    def names(self) -> list[str]:
        """The names of the vendor's collections."""
        return sorted(name for name in self._engine.vendor.collections if not name.startswith("_"))

    def counts(self) -> dict[str, int]:
        """How many rows each collection holds."""
        return {name: len(self.of(name)) for name in self.names()}


def public(row: Row) -> dict[str, Any]:
    """A copy of a row without the sandbox's own fields."""
    return {name: value for name, value in row.items() if not name.startswith("_")}
