"""How records are written and deleted: by natural key, the same for the JSON routes and for imported procedures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from accordant_sandbox.http.exchange import ABSENT, Answer
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.several import there
from accordant_sandbox.ports import Call, Row, Tx
from accordant_sandbox.vendors.dime_scheduler.dialect import result

__all__ = [
    "Body", "Kind", "Write", "belonging", "delete_by_key", "keyed", "refused", "stored", "success", "upsert_by_key",
]  # fmt: skip

Body: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be written: an entity, the collection that it changes, and how."""

    entity: str
    collection: str
    upsert: Write
    delete: Write

    @property
    def schema(self) -> str:
        """What the names of its schemas and operations are made of: `TaskUri`."""
        return "".join(part.capitalize() for part in self.entity.split("_"))


Write: TypeAlias = Callable[[Tx, Kind, Body], Row]
"""Writes or deletes one record; returns its row."""


def refused(message: str, rule: str, name: str = "") -> Problem:
    """The problem of a write that the vendor's rules forbid; `name` is the property that is wrong, where one is."""
    return Problem("invalid", message, details=[(name, message)] if name else (), rule=rule)


def success(call: Call) -> Answer:
    """The ContentResult of work that is done; it names the appointments that were touched."""
    call.rule("result_in_200")
    touched = [{"Id": number, "Guid": guid} for number, guid in _touched(call.tx).items()]
    outcome = {"Success": True, "Message": None, "Status": 200, "Phrase": "OK", "Appointments": touched}
    return call.answer(result(200, outcome))


def stored(tx: Tx, kind: Kind, body: Body) -> dict[str, Any]:
    """What of a body is kept: the record's own fields, those that are null left out."""
    tx.rule("keeps_omitted")
    fields = tx.fields(kind.collection)
    return {name: value for name, value in body.items() if name in fields and value is not None}


def keyed(tx: Tx, collection: str, body: Body) -> None:
    """See to it that no part of a natural key is an empty text.

    Raises:
        Problem: It names the empty property.
    """
    for name in tx.key_fields(collection):
        if body.get(name, ABSENT) == "":
            raise refused(f"{name} is empty: give it a value.", "empty_key", name)


def upsert_by_key(tx: Tx, kind: Kind, body: Body) -> Row:
    """Create the record, or update the one with that natural key."""
    keyed(tx, kind.collection, body)
    tx.rule("upsert")
    return tx.upsert(kind.collection, stored(tx, kind, body))[0]


def delete_by_key(tx: Tx, kind: Kind, body: Body) -> Row:
    """Delete the record with that natural key, and what belongs to it."""
    key = tx.key_of(kind.collection, body)
    words = " ".join(str(body[name]) for name in tx.key_fields(kind.collection) if body.get(name) is not None)
    there(tx.find(kind.collection, key), f"There is no {kind.entity.replace('_', ' ')} {words}.", "unknown_delete")
    return tx.delete(kind.collection, key)


def belonging(tx: Tx, collection: str, fields: tuple[str, ...], owner: Body) -> Sequence[Row]:
    """The records whose fields are those of an owner, in any letter case."""
    return tx.matching(collection, fields, owner)


def _touched(tx: Tx) -> dict[int, str]:
    """GUIDs by id of the appointments that a transaction has changed, them or their satellites, in order."""
    gone: dict[str, Row] = {}
    numbers: dict[str, None] = {}
    for change in tx.changes:
        row: Row = change.new if change.new is not None else change.old or {}
        if change.collection == "appointments" and change.new is None:
            gone[row["appointmentNo"]] = row
        if change.collection in _OF_APPOINTMENTS:
            numbers[row["appointmentNo"]] = None
    rows = [tx.table("appointments").get(number) or gone[number] for number in numbers]
    return {row["id"]: row["appointmentGuid"] for row in rows}


_OF_APPOINTMENTS = frozenset(
    {"appointments", "assignments", "appointment_containers", "appointment_field_values", "appointment_uris"}
)
