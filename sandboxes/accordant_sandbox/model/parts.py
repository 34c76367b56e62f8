"""Parts: the rows that belong to a record, which a response holds where they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from accordant_sandbox.http.json_types import is_array
from accordant_sandbox.ports import Row, Tx

__all__ = ["RecordPart"]


@dataclass(frozen=True, slots=True)
class RecordPart:
    """The rows of a collection that belong to another row.

    Args:
        collection: The collection of the rows.
        of: The field of the owner that says which: one value or a list of them.
        by: The field of the rows that holds that value. Empty: their key.
        listed: Whether that field is a list, which holds that value among others.
        source: Finds the rows of an owner where fields cannot say which they are.
    """

    collection: str
    of: str = "id"
    by: str = ""
    listed: bool = False
    source: Callable[[Tx, Row], Sequence[Row]] | None = None

    def rows(self, tx: Tx, owner: Row) -> Sequence[Row]:
        """The live rows that belong to an owner."""
        if self.source:
            return self.source(tx, owner)
        held = owner[self.of]
        wanted: Sequence[Any] = held if is_array(held) else [] if held is None else [held]
        if not self.by:
            return [row for row in (tx.find(self.collection, key) for key in wanted) if row is not None]
        if self.listed:
            return [row for row in tx.rows(self.collection) if any(each in row[self.by] for each in wanted)]
        return [row for each in wanted for row in tx.rows(self.collection, **{self.by: each})]

    def shown(self, tx: Tx, owner: Row) -> Any:
        """The rows as the vendor shows them; one of them, or null, where the owner holds one key and no list."""
        shown = [tx.show(self.collection, row) for row in self.rows(tx, owner)]
        one = not self.source and not self.by and not is_array(owner[self.of])
        return next(iter(shown), None) if one else shown
