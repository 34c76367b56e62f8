"""Choices: fields that hold ids of another collection, or values out of a table, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any, Literal

from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.ports import Row, Tx

__all__ = ["ValueChoice", "needed"]


def needed(body: Mapping[str, Any], name: str, rule: str | None = None, message: str = "") -> Any:
    """A value that a body must have although its schema does not say so.

    Raises:
        Problem: `invalid`.
    """
    if body.get(name) is None:
        message = message or f"{name} is required"
        raise Problem("invalid", message, details=[(name, message)], rule=rule)
    return body[name]


@dataclass(frozen=True, slots=True)
class ValueChoice:
    """A field whose value (or each value of a list) is one of a collection's keys, or of a table's.

    Args:
        field: The field. With a dot it is a member of an object in it: `scope.systems`.
        among: The name of the collection, or a table whose keys are the values.
        rule: The vendor's rule that says so.
        where: What the other row must hold as well.
        missing: The message for a value that is none of them; `{field}`, `{value}`, `{among}` (the collection) and
            `{values}` (of a table) are what is at hand. By default it says that the value does not exist, or
            lists the table's.
        unfit: The message for a row that does not hold what `where` says; by default `missing`.
        by: The field of the other row that holds the value; empty: its key.
        called: What messages call the field, where a request has another name for it.
        on_delete: Whether the other row may be deleted while a list here holds its key.
    """

    field: str
    among: str | Mapping[Any, Any]
    rule: str | None = None
    where: Mapping[str, Any] = attribute(default_factory=dict[str, Any])
    missing: str = ""
    unfit: str = ""
    by: str = ""
    called: str = ""
    on_delete: Literal["keep", "refuse"] = "keep"

    def value_in(self, row: Row) -> Any:
        """What a row holds in the field."""
        value: Any = row
        for name in self.field.split("."):
            value = value.get(name) if is_object(value) else None
        return value

    def checked(self, tx: Tx, value: Any, called: str = "") -> Any:
        """A value of the field as it is stored: each member of a list once.

        Raises:
            Problem: `invalid`: it is not to be chosen.
        """
        several: list[Any] = list(dict.fromkeys(value)) if is_array(value) else [value]
        for each in several:
            self._check(tx, each, called)
        return several if is_array(value) else value

    def row(self, tx: Tx, value: Any) -> Row:
        """The row that a value of a request means.

        Raises:
            Problem: `invalid`: there is none to be chosen.
        """
        assert isinstance(self.among, str), "a table has no rows"
        found = self._check(tx, value, "")
        assert found is not None, "the check raises where there is none"
        return found

    def _check(self, tx: Tx, value: Any, called: str) -> Row | None:
        """The row that a value means, None for a table's; raises a Problem where it is not to be chosen."""
        if isinstance(self.among, str):
            found = self._found(tx, self.among, value)
            if found is not None and all(found.get(name) == each for name, each in self.where.items()):
                return found
            missing = self.missing or "{field}: {value} does not exist"
            values = ""
        else:
            found = None
            if value is None or value in self.among:
                return None
            missing = self.missing or "{field}: {value} is not one of {values}"
            values = ", ".join(map(str, self.among))
        name = self.called or called or self.field.partition(".")[0]
        message = (missing if found is None else self.unfit or missing).format(
            field=name, value=value, among=self.among, values=values
        )
        raise Problem("invalid", message, details=[(name, message)], rule=self.rule)

    def _found(self, tx: Tx, among: str, value: Any) -> Row | None:
        if not self.by:
            return tx.find(among, value)
        return next(iter(tx.rows(among, **{**self.where, self.by: value})), None)
