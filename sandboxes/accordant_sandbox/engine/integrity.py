"""What must hold of a row before it is stored: instants, references, choices, unique groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from accordant_sandbox.engine.tables import Table
from accordant_sandbox.model.collections import Collection
from accordant_sandbox.model.instants import instant_text, parse_instant
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.ports import Key, Row, Tx

__all__ = ["check_choices", "check_listed", "check_refs", "check_unique", "in_utc"]


def in_utc(name: str, value: Any) -> str:
    """An instant as it is stored.

    Raises:
        Problem: `invalid`: the value is no instant.
    """
    try:
        return instant_text(parse_instant(str(value)))
    except ValueError as problem:
        raise Problem("invalid", f"{name} is not a valid instant", details=[(name, str(problem))]) from problem


def check_refs(
    tx: Tx, collections: Mapping[str, Collection], collection: Collection, row: Row, changed: set[str]
) -> None:
    """See to it that changed references lead to rows that the caller may see.

    Under the setting `lenient_parents` a missing row is made up; under `loose_parents` it may be missing.

    Raises:
        Problem: `invalid`: one leads nowhere.
    """
    for ref in () if tx.settings.get("loose_parents") else collection.refs:
        if not changed.intersection(ref.fields or (ref.field,)):
            continue
        parent = collections[ref.collection]
        held = ref.held(row, parent)
        if held is None or tx.find(ref.collection, parent.key_of(held)) is not None:
            continue
        if tx.settings.get("lenient_parents"):
            tx.make(ref.collection, held)
            continue
        if ref.rule:
            tx.rule(ref.rule)
        name = collection.spoken(ref.field)
        message = f"{name} refers to a record that does not exist"
        raise Problem("invalid", message, details=[(name, message)], rule=ref.rule)


def check_choices(tx: Tx, collection: Collection, row: dict[str, Any], changed: set[str]) -> None:
    """See to it that changed fields hold what may be chosen; a list then holds each value once.

    Raises:
        Problem: `invalid`: a value is not to be chosen.
    """
    for choice in collection.choices:
        name = choice.field.partition(".")[0]
        value = choice.value_in(row)
        if name in changed and value is not None:
            checked = choice.checked(tx, value, collection.spoken(name))
            if name == choice.field:
                row[name] = checked


def check_listed(tx: Tx, collections: Iterable[Collection], parent: Collection, key: Key) -> None:
    """See to it that no list of a live row holds the key of a row that is about to go.

    Raises:
        Problem: The parent's refusal.
    """
    for collection in collections:
        for choice in collection.choices:
            if choice.among != parent.name or choice.on_delete == "keep":
                continue
            for other, row in tx.table(collection.name).items():
                if key in (choice.value_in(row) or ()) and not row.get("_deleted"):
                    message = f"{collection.name} {other} still refers to this record"
                    raise Problem(parent.refusal, message, rule=choice.rule)


def check_unique(table: Table, collection: Collection, row: Row, old: Row | None) -> None:
    """See to it that no other live row has the same values in a unique group.

    Raises:
        Problem: The collection's refusal.
    """
    for group in collection.unique:
        values = [row.get(name) for name in group]
        if None in values or (
            old is not None and not old.get("_deleted") and all(old.get(name) == row.get(name) for name in group)
        ):
            continue
        for key, other in table.where(group, tuple(values)).entries():
            if other is old or other.get("_deleted") or key == collection.key_of(row):
                continue
            # Fields that begin with an underscore are the sandbox's own; a caller knows them only where a group
            # has no others, as what they are made from.
            shown = [name for name in group if name[0] != "_"] or [name.lstrip("_") for name in group]
            message = f"{' and '.join(shown)} {'is' if len(shown) == 1 else 'are'} already taken"
            details = [(shown[0], message)]
            raise Problem(collection.refusal, message, details=details, rule=collection.unique_rule)
