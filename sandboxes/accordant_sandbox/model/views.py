"""Views as tables: which fields a record shows, and what is beside its ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from accordant_sandbox.http.json_types import is_array
from accordant_sandbox.model.parts import RecordPart
from accordant_sandbox.ports import Row, Tx

__all__ = ["NameBeside", "RecordView"]


@dataclass(frozen=True, slots=True)
class NameBeside:
    """A text beside an id: what the other row is called.

    Args:
        field: The field that holds the id, or a list of ids whose texts a comma separates.
        collection: The collection of the other row, which is named also after its deletion.
        text: The text, with fields of the other row in braces.
        otherwise: What is looked at where the field has no value.
    """

    field: str
    collection: str
    text: str = "{Name}"
    otherwise: NameBeside | None = None

    def of(self, tx: Tx, row: Row) -> str | None:
        """The text; None where there is no other row."""
        value, table = row[self.field], tx.table(self.collection)
        others = [table.get(key) for key in (value if is_array(value) else [value])]
        found = [self.text.format_map(other) for other in others if other is not None]
        if not found and self.otherwise:
            return self.otherwise.of(tx, row)
        return ", ".join(found) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """A view without code: a copy of the row with fields left out and texts put in.

    Args:
        only: The fields to show, separated by blanks; empty = all.
        hidden: The fields not to show, separated by blanks.
        named: Texts beside ids, by the name under which they are shown.
        parts: Parts that the record has: each is shown as null until it is asked for, with a flag that says whether
            there are any. The flag's name begins with `flag`.
        flag: See `parts`.
        also: Further members, computed from the row.
        rules: The vendor's rules behind the view.
    """

    only: str = ""
    hidden: str = ""
    named: Mapping[str, NameBeside] = field(default_factory=dict[str, NameBeside])
    parts: Mapping[str, RecordPart] = field(default_factory=dict[str, RecordPart])
    flag: str = "Has"
    also: Callable[[Tx, Row], Mapping[str, Any]] | None = None
    rules: tuple[str, ...] = ()

    def __call__(self, tx: Tx, row: dict[str, Any]) -> dict[str, Any]:
        """The record as it is shown."""
        for rule in self.rules:
            tx.rule(rule)
        hidden = self.hidden.split()
        shown = {name: row[name] for name in self.only.split() or row if name not in hidden}
        shown |= {name: named.of(tx, row) for name, named in self.named.items()}
        for name, part in self.parts.items():
            shown[f"{self.flag}{name}"], shown[name] = bool(part.rows(tx, row)), None
        return {**shown, **self.also(tx, row)} if self.also else shown
