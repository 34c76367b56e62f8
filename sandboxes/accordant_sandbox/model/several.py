"""Questions about several rows, and writes of several at once: what a vendor would otherwise loop for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from accordant_sandbox.model.instants import parse_instant
from accordant_sandbox.model.problems import Kind, Problem
from accordant_sandbox.model.query import PREDICATES
from accordant_sandbox.ports import Call, Row, Tx

__all__ = [
    "by_keys",
    "column",
    "count",
    "create_all",
    "delete_all",
    "delete_parts",
    "first",
    "grouped",
    "in_state",
    "picked",
    "some",
    "there",
    "update_all",
    "where",
    "within",
]


FoundT = TypeVar("FoundT", Row, Sequence[Row])


def where(rows: Iterable[Row], field: str, predicate: str, value: Any) -> list[Row]:
    """The rows of whose field a predicate holds (see `query.PREDICATES`)."""
    test = PREDICATES[predicate]
    return [row for row in rows if test(row.get(field), value)]


def within(rows: Iterable[Row], field: str, start: Any = None, end: Any = None) -> list[Row]:
    """The rows whose instant lies in a period: from its start on, before its end; None = open on that side."""
    return [
        row
        for row in rows
        if (start is None or parse_instant(row[field]) >= start) and (end is None or parse_instant(row[field]) < end)
    ]


def column(rows: Iterable[Row], field: str) -> list[Any]:
    """What the rows hold in a field."""
    return [row[field] for row in rows]


def count(rows: Iterable[Row], field: str, value: Any) -> int:
    """How many rows hold a value in a field."""
    return sum(row[field] == value for row in rows)


def grouped(rows: Iterable[Row], field: str) -> dict[Any, list[Row]]:
    """The rows by what they hold in a field, in the order in which a value comes first."""
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(row[field], []).append(row)
    return found


def by_keys(tx: Tx, collection: str, keys: Iterable[Any]) -> list[Row]:
    """The rows of some keys, in their order, whoever asks; deleted ones included that stay hidden."""
    table = tx.table(collection)
    return [table[key] for key in keys]


def picked(row: Row, names: Iterable[str]) -> dict[str, Any]:
    """Some fields of a row."""
    return {name: row[name] for name in names}


def there(found: FoundT | None, missing: str, rule: str | None = None, kind: Kind = "not_found") -> FoundT:
    """A row, or rows, of which there must be one; `missing` is the message where there is none.

    Raises:
        Problem: Of that kind and with that rule: there is none.
    """
    if not found:
        raise Problem(kind, missing, rule=rule)
    return found


def some(tx: Tx, collection: str, missing: str = "", rule: str | None = None, **equals: Any) -> Sequence[Row]:
    """The live rows that hold these values, of which there must be one; see `there`.

    Raises:
        Problem: `not_found`: there is none.
    """
    said = " and ".join(f"{name} {value}" for name, value in equals.items())
    rows = tx.rows(collection, **equals)
    return there(rows, missing or f"there is no record with {said} in {collection}", rule)


def first(tx: Tx, collection: str, missing: str = "", **equals: Any) -> Row:
    """The first live row that holds these values; `missing` is the message where there is none.

    Raises:
        Problem: `not_found`: there is none.
    """
    return some(tx, collection, missing, **equals)[0]


def in_state(row: Row, field: str, wanted: str, what: str, rule: str, kind: Kind = "conflict") -> Row:
    """A row that an operation takes in one state alone.

    Raises:
        Problem: It is in another; the message names both.
    """
    if row[field] != wanted:
        message = f"the {what} is {row[field]}, not {wanted}"
        raise Problem(kind, message, details=[(field, message)], rule=rule)
    return row


def create_all(tx: Tx, collection: str, fields: str, *rows: Sequence[Any], **shared: Any) -> None:
    """Create rows out of a table: the names of its fields, separated by blanks, and the values of each row in order.

    `shared` are values that all of them have.
    """
    for values in rows:
        tx.create(collection, {**shared, **dict(zip(fields.split(), values, strict=True))})


def update_all(
    tx: Tx, collection: str, rows: Iterable[Row], values: Mapping[str, Any], by: str | None = None
) -> list[Row]:
    """Change some fields of rows; returns them as they are now. `by` is that of `Tx.update`."""
    return [tx.update(collection, tx.key_of(collection, row), values, by=by) for row in rows]


def delete_parts(call: Call, rule: str, owner: Mapping[str, Any], *collections: str) -> None:
    """Delete the rows of some collections that belong to an owner, by the field that names it; note the rule."""
    call.rule(rule)
    for collection in collections:
        delete_all(call.tx, collection, call.tx.rows(collection, **owner))


def delete_all(tx: Tx, collection: str, rows: Iterable[Row]) -> None:
    """Delete rows."""
    for row in rows:
        tx.delete(collection, tx.key_of(collection, row))
