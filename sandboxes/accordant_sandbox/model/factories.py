"""Rows that tests ask for: valid ones, made up from the collection's own maker, parents included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.model.collections import Collection, Natural, public
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.ports import Row, Tx

__all__ = ["Stored", "make_row", "make_rows", "parent"]

Stored: TypeAlias = Callable[[str, Mapping[str, Any], Iterable[str]], Mapping[str, Any]]
"""Values as a test names them, as rows of a collection hold them; what the made-up row has is known beside them."""


def make_row(tx: Tx, collection: Collection, values: Mapping[str, Any], stored: Stored | None = None) -> Row:
    """Store one row: the maker's values, replaced by those given; missing parents are taken or made."""
    number = len(tx.table(collection.name)) + 1
    made = dict(collection.make(tx, number)) if collection.make else {}
    row = {**made, **(stored(collection.name, values, made) if stored else values)}
    if isinstance(collection.kind, Natural):
        missing = [name for name in collection.kind.fields if name not in row]
        if missing:
            raise SandboxError(f"{collection.name}: give a value for {', '.join(missing)}")
    return tx.create(collection.name, row)


def make_rows(
    tx: Tx, collection: Collection, count: int, values: Mapping[str, Any], stored: Stored | None = None
) -> list[dict[str, Any]]:
    """Store several rows with the same given values.

    Raises:
        SandboxError: The values are impossible; the message says why.
    """
    try:
        return [public(collection, make_row(tx, collection, values, stored)) for _ in range(count)]
    except Problem as problem:
        details = "; ".join(f"{name}: {message}" for name, message in problem.details)
        raise SandboxError(f"given {collection.name}: {problem.message}{f' ({details})' if details else ''}") from None


def parent(tx: Tx, collection: str, **equals: Any) -> Any:
    """The key of a row to refer to: the first that matches, else a made-up one."""
    rows = tx.rows(collection, **equals)
    row = rows[0] if rows else tx.make(collection, equals)
    return tx.key_of(collection, row)
