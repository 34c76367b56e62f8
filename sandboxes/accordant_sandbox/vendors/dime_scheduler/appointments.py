"""Appointments: how they are found, written and deleted, with their resources and everything set on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.several import delete_all, there
from accordant_sandbox.ports import Row, Tx
from accordant_sandbox.vendors.dime_scheduler.keys import JOB, TASK
from accordant_sandbox.vendors.dime_scheduler.views import event_payload
from accordant_sandbox.vendors.dime_scheduler.writing import Body, Kind, Write, keyed, refused, stored

__all__ = [
    "appointment_of", "assign", "attach", "delete_appointment", "detach", "found_by", "identity", "named", "put_into",
    "put_out", "remove", "resetter", "setter", "unassign", "upsert_appointment",
]  # fmt: skip

CREATED, UPDATED, DELETED = "AppointmentCreated", "AppointmentUpdated", "AppointmentDeleted"
_IDENTITY = {"appointmentNo": "appointmentNo", "appointmentId": "id", "appointmentGuid": "appointmentGuid"}
"""What may name an appointment, in the order in which it counts, and the stored field that it is looked up in."""
_NOTHING = (None, "", 0, "0")
_SHOWN_AS = {
    "start": "startDate",
    "end": "endDate",
    "unitOfMeasure": "planningUOM",
    "planningQuantity": "planningQty",
    "useFixedPlanningQuantity": "useFixPlanningQty",
    "roundToUnitOfMeasure": "roundToUOM",
}
"""Properties that are written under one name and shown under another."""


def found_by(tx: Tx, name: str, value: Any) -> Row | None:
    """The appointment with that number, id or GUID."""
    field = _IDENTITY[name]
    if field == "appointmentNo":
        return tx.find("appointments", str(value))
    return next(iter(tx.matching("appointments", (field,), {field: value})), None)


def named(tx: Tx, body: Body) -> tuple[str, Any] | None:
    """The property that names the appointment in a body, with its value."""
    tx.rule("appointment_key")
    given = ((name, body.get(name)) for name in _IDENTITY)
    return next(((name, value) for name, value in given if value not in _NOTHING), None)


def appointment_of(tx: Tx, body: Body) -> Row:
    """The appointment that a body names.

    Raises:
        Problem: It names none (`bad_request`), or none that exists (`not_found`).
    """
    name = named(tx, body)
    if name is None:
        message = "Name the appointment by appointmentNo, appointmentId or appointmentGuid."
        details = [("appointmentNo", message)]
        raise Problem("bad_request", message, details=details, rule="appointment_unnamed")
    return there(found_by(tx, *name), f"There is no appointment with {name[0]} {name[1]}.", "needs_parent")


def identity(tx: Tx, body: Body) -> dict[str, Any]:
    """Number, id and GUID of the appointment that a body names; empty when it names none.

    What the body gives itself stays as it is, the rest is that appointment's, or null if it does not exist.
    """
    name = named(tx, body)
    if name is None:
        return {}
    row = found_by(tx, *name) or {}
    given = {each: value for each in _IDENTITY if (value := body.get(each)) not in _NOTHING}
    return {**{each: row.get(field) for each, field in _IDENTITY.items()}, **given}


def upsert_appointment(tx: Tx, kind: Kind, body: Body) -> Row:
    """A new appointment, or a change of the one that the body names; with a resource, where one is given."""
    keyed(tx, "tasks", body)
    values = _values(tx, kind, body)
    name = named(tx, body)
    old = found_by(tx, *name) if name else _same(tx, values)
    if name and name[0] == "appointmentId":
        old = there(old, f"There is no appointment with id {name[1]}.", "appointment_key")
    whole = {**(old or {}), **values}
    start, end = whole.get("startDate"), whole.get("endDate")
    if start is None or end is None or end < start:
        raise refused("An appointment needs a start and an end, the end no earlier.", "appointment_times")
    if old is None:
        row = _create(tx, body, values)
    else:
        exception = {} if old["_series"] is None else {"isRecurrenceException": True}
        if exception:
            tx.rule("series_exception")
        row = tx.update("appointments", old["appointmentNo"], {**values, **exception})
    if body.get("resourceNo"):
        _assign(tx, row, str(body["resourceNo"]), alone=bool(body.get("replaceResource")))
    return _announced(tx, CREATED if old is None else UPDATED, row)


def delete_appointment(tx: Tx, kind: Kind, body: Body) -> Row:
    """Delete an appointment; with a resource, only that one's part in it, and the appointment with its last one."""
    del kind
    row = appointment_of(tx, body)
    if not body.get("resourceNo"):
        return remove(tx, row)
    tx.rule("resource_of_appointment")
    _unassign(tx, row, str(body["resourceNo"]))
    return (
        _announced(tx, UPDATED, row) if tx.rows("assignments", appointmentNo=row["appointmentNo"]) else remove(tx, row)
    )


def remove(tx: Tx, row: Row) -> Row:
    """Delete an appointment with everything on it, and announce it."""
    tx.emit(DELETED, event_payload(tx, row))
    tx.rule("cascade")
    return tx.delete("appointments", row["appointmentNo"])


def assign(tx: Tx, kind: Kind, body: Body) -> Row:
    """Add a resource to an appointment."""
    del kind
    keyed(tx, "resources", body)
    row = appointment_of(tx, body)
    made = _assign(tx, row, str(body["resourceNo"]))
    _announced(tx, UPDATED, row)
    return made


def unassign(tx: Tx, kind: Kind, body: Body) -> Row:
    """Take a resource off an appointment, which stays."""
    del kind
    row = appointment_of(tx, body)
    gone = _unassign(tx, row, str(body["resourceNo"]))
    _announced(tx, UPDATED, row)
    return gone


def attach(tx: Tx, kind: Kind, body: Body) -> Row:
    """A link or a field value on an appointment."""
    row = appointment_of(tx, body)
    values = {**stored(tx, kind, body), "appointmentNo": row["appointmentNo"]}
    keyed(tx, kind.collection, values)
    tx.rule("upsert")
    made = tx.upsert(kind.collection, values)[0]
    _announced(tx, UPDATED, row)
    return made


def detach(tx: Tx, kind: Kind, body: Body) -> Row:
    """Take a link or a field value off an appointment."""
    row = appointment_of(tx, body)
    key = tx.key_of(kind.collection, {**body, "appointmentNo": row["appointmentNo"]})
    missing = f"Appointment {row['appointmentNo']} has no such {kind.entity.replace('_', ' ')}."
    there(tx.find(kind.collection, key), missing, "unknown_delete")
    gone = tx.delete(kind.collection, key)
    _announced(tx, UPDATED, row)
    return gone


def put_into(tx: Tx, kind: Kind, body: Body) -> Row:
    """Put an appointment into a container."""
    return attach(tx, kind, _by_guid(body))


def put_out(tx: Tx, kind: Kind, body: Body) -> Row:
    """Take an appointment out of a container."""
    return detach(tx, kind, _by_guid(body))


def setter(**fields: str) -> Write:
    """Writes some fields of an appointment: stored names, each with the property that holds the value."""

    def write(tx: Tx, kind: Kind, body: Body) -> Row:
        row = appointment_of(tx, body)
        values = {field: body[name] for field, name in fields.items() if body.get(name) is not None}
        return _announced(tx, UPDATED, tx.update(kind.collection, row["appointmentNo"], values))

    return write


def resetter(**fields: Any) -> Write:
    """Resets some fields of an appointment to what they hold when nothing was said."""

    def write(tx: Tx, kind: Kind, body: Body) -> Row:
        tx.rule("sub_setter_delete")
        row = appointment_of(tx, body)
        return _announced(tx, UPDATED, tx.update(kind.collection, row["appointmentNo"], fields))

    return write


def _values(tx: Tx, kind: Kind, body: Body) -> dict[str, Any]:
    """What a body says about an appointment, by stored names."""
    given = {_SHOWN_AS.get(name, name): value for name, value in body.items()}
    values = stored(tx, kind, given)
    for name, collection in (("category", "categories"), ("timeMarker", "time_markers")):
        number = body.get(f"{name}Id")
        if number in _NOTHING or values.get(name):
            continue
        tx.rule("by_id_or_name")
        known = tx.rows(collection, id=number)
        if not known:
            raise refused(f"There is no {name} with id {number}.", "by_id_or_name")
        values[name] = known[0]["name"]
    if values.get("category") or values.get("timeMarker"):
        tx.rule("names_unchecked")
    return {name: value for name, value in values.items() if name != "appointmentNo" or value not in _NOTHING}


def _same(tx: Tx, values: Mapping[str, Any]) -> Row | None:
    """The appointment of the same task and time, for a write that names none."""
    wanted = (*TASK, "startDate", "endDate")
    if any(values.get(name) is None for name in wanted):
        return None
    found = tx.rows("appointments", **{name: values[name] for name in wanted})
    if found:
        tx.rule("appointment_same")
    return found[0] if found else None


def _create(tx: Tx, body: Body, values: Mapping[str, Any]) -> Row:
    if "appointmentNo" not in values:
        tx.rule("appointment_number")
    guid = body.get("appointmentGuid")
    if guid and found_by(tx, "appointmentGuid", guid) is None:
        values = {**values, "appointmentGuid": str(guid).lower()}
    if tx.find("tasks", tx.key_of("tasks", values)) is None:
        job = " ".join(str(values[name]) for name in JOB)
        raise refused(f"There is no task {values['taskNo']} of job {job}.", "needs_parent")
    return tx.create("appointments", values)


def _assign(tx: Tx, row: Row, resource_no: str, *, alone: bool = False) -> Row:
    number = row["appointmentNo"]
    if tx.find("resources", (resource_no.casefold(),)) is None:
        raise refused(f"There is no resource {resource_no}.", "needs_parent")
    if alone:
        tx.rule("replace_resource")
        delete_all(tx, "assignments", tx.rows("assignments", appointmentNo=number))
    return tx.upsert("assignments", {"appointmentNo": number, "resourceNo": resource_no})[0]


def _unassign(tx: Tx, row: Row, resource_no: str) -> Row:
    key = tx.key_of("assignments", {"appointmentNo": row["appointmentNo"], "resourceNo": resource_no})
    missing = f"Resource {resource_no} is not on appointment {row['appointmentNo']}."
    there(tx.find("assignments", key), missing, "unknown_delete")
    return tx.delete("assignments", key)


def _by_guid(body: Body) -> dict[str, Any]:
    return {**body, "appointmentNo": None, "appointmentGuid": body["appointment"]}


def _announced(tx: Tx, event: str, row: Row) -> Row:
    tx.emit(event, event_payload(tx, tx.table("appointments")[row["appointmentNo"]]))
    return row
