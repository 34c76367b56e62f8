"""Jobs, tasks, and what belongs to neither jobs nor appointments but has its own rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.several import delete_all, some, there
from accordant_sandbox.ports import Row, Tx
from accordant_sandbox.vendors.dime_scheduler.appointments import found_by, identity, named, remove
from accordant_sandbox.vendors.dime_scheduler.keys import JOB, TASK
from accordant_sandbox.vendors.dime_scheduler.writing import (
    Body,
    Kind,
    belonging,
    delete_by_key,
    keyed,
    refused,
    stored,
    upsert_by_key,
)

__all__ = [
    "assign_task", "book", "create_user", "delete_action_uri", "delete_job", "delete_notification", "delete_task",
    "delete_user", "lock_task", "unbook", "unlock_task", "update_user", "upsert_action_uri", "upsert_filter_value",
    "upsert_job", "upsert_notification", "upsert_task",
]  # fmt: skip


def upsert_job(tx: Tx, kind: Kind, body: Body) -> Row:
    """A job; its coordinates may be numeric text."""
    return upsert_by_key(tx, kind, {name: _number(tx, name, value) for name, value in body.items()})


def delete_job(tx: Tx, kind: Kind, body: Body) -> Row:
    """Delete a job with its tasks; with its appointments only when that is said."""
    return _delete_planned(tx, kind, body, JOB)


def upsert_task(tx: Tx, kind: Kind, body: Body) -> Row:
    """A task; with `createJob` the job that it lacks as well."""
    keyed(tx, "tasks", body)
    job = {name: body[name] for name in JOB}
    if body.get("createJob") and tx.find("jobs", tx.key_of("jobs", job)) is None:
        tx.rule("create_job")
        tx.create("jobs", {**job, "shortDescription": body["shortDescription"]})
    if body.get("constraintDatetime") is not None:
        tx.rule("old_names")
        body = {"constraintDate": body["constraintDatetime"], **body}
    return upsert_by_key(tx, kind, body)


def delete_task(tx: Tx, kind: Kind, body: Body) -> Row:
    """Delete a task; with its appointments only when that is said."""
    return _delete_planned(tx, kind, body, TASK)


def lock_task(tx: Tx, kind: Kind, body: Body) -> Row:
    """Lock a task, or unlock it."""
    key = tx.key_of("tasks", body)
    if tx.find("tasks", key) is None:
        raise refused(f"There is no task {body['taskNo']} of job {body['jobNo']}.", "needs_parent")
    return tx.update(kind.collection, key, {"locked": bool(body.get("locked", False))})


def unlock_task(tx: Tx, kind: Kind, body: Body) -> Row:
    """Reset the lock of a task."""
    tx.rule("sub_setter_delete")
    return lock_task(tx, kind, {**body, "locked": False})


def assign_task(tx: Tx, kind: Kind, body: Body) -> Row:
    """Assign a resource to a task; once more changes nothing."""
    tx.rule("assigned_once")
    return upsert_by_key(tx, kind, body)


def book(tx: Tx, kind: Kind, body: Body) -> Row:
    """Add a movement to the budget of a task."""
    tx.rule("budget_ledger")
    return tx.create(kind.collection, stored(tx, kind, body))


def unbook(tx: Tx, kind: Kind, body: Body) -> Row:
    """Remove the movements that hold every given value."""
    tx.rule("budget_match")
    missing = f"There is no such budget entry of task {body['taskNo']}."
    return _deleted(tx, kind, some(tx, kind.collection, missing, "unknown_delete", **stored(tx, kind, body)))


def upsert_filter_value(tx: Tx, kind: Kind, body: Body) -> Row:
    """A filter value, and its group when there is none."""
    keyed(tx, kind.collection, body)
    if tx.find("filter_groups", (body["group"].casefold(),)) is None:
        tx.rule("filter_group_made")
        tx.create("filter_groups", {"name": body["group"]})
    return upsert_by_key(tx, kind, body)


def upsert_action_uri(tx: Tx, kind: Kind, body: Body) -> Row:
    """An action link; without a type it belongs to the planning board."""
    return upsert_by_key(tx, kind, {**_URI_TYPE, **body})


def delete_action_uri(tx: Tx, kind: Kind, body: Body) -> Row:
    """Delete an action link."""
    return delete_by_key(tx, kind, {**_URI_TYPE, **body})


def upsert_notification(tx: Tx, kind: Kind, body: Body) -> Row:
    """A notification: the one with that connectorId, else a new one."""
    tx.rule("notification_key")
    found = belonging(tx, kind.collection, ("connectorId",), body) if body.get("connectorId") else ()
    given = {name: value for name, value in stored(tx, kind, body).items() if name not in _APPOINTMENT}
    values = {**given, **identity(tx, body)}
    return tx.update(kind.collection, found[0]["id"], values) if found else tx.create(kind.collection, values)


def delete_notification(tx: Tx, kind: Kind, body: Body) -> Row:
    """Delete by connectorId; without it those of an appointment, else of a task, else of a job."""
    tx.rule("notification_delete")
    by = _notifications_of(tx, body)
    if not by:
        raise refused("Name the notification by connectorId, appointment, task or job.", "empty_key")
    rows = belonging(tx, kind.collection, tuple(by), by)
    return _deleted(tx, kind, there(rows, f"There is no notification with {_words(by)}.", "unknown_delete"))


def create_user(tx: Tx, kind: Kind, body: Body) -> Row:
    """A user; with a password it can sign in."""
    tx.rule("user_login")
    keyed(tx, kind.collection, body)
    if tx.find(kind.collection, tx.key_of(kind.collection, body)) is not None:
        raise Problem("conflict", f"There is a user {body['email']} already.", rule="user_login")
    return tx.create(kind.collection, stored(tx, kind, body))


def update_user(tx: Tx, kind: Kind, body: Body) -> Row:
    """Change a user."""
    key = tx.key_of(kind.collection, body)
    there(tx.find(kind.collection, key), f"There is no user {body['email']}.", "user_login")
    return tx.update(kind.collection, key, stored(tx, kind, body))


def delete_user(tx: Tx, kind: Kind, body: Body) -> Row:
    """Delete a user; the tokens that it has stop working."""
    row = delete_by_key(tx, kind, body)
    name = f"user:{row['email'].casefold()}"
    principal = tx.table("_principals").get(name)
    if principal is not None:
        tx.put("_principals", {**principal, "disabled": True})
    return row


def _deleted(tx: Tx, kind: Kind, rows: Sequence[Row]) -> Row:
    delete_all(tx, kind.collection, rows)
    return rows[0]


def _notifications_of(tx: Tx, body: Body) -> dict[str, Any]:
    """What notifications must hold to be those that a body names; empty when it names none.

    Job numbers are told apart by their source, as far as it is given: two back offices may use the same.
    """
    if body.get("connectorId"):
        return {"connectorId": body["connectorId"]}
    name = named(tx, body)
    if name is not None:
        row = found_by(tx, *name)
        return dict([name]) if row is None else {"appointmentNo": row["appointmentNo"]}
    return {each: body[each] for each in TASK if body.get(each)} if body.get("jobNo") else {}


def _delete_planned(tx: Tx, kind: Kind, body: Body, key: tuple[str, ...]) -> Row:
    """Delete what appointments may be planned for."""
    appointments = belonging(tx, "appointments", key, body)
    if appointments:
        tx.rule("check_appointments")
        if body.get("checkAppointments", True):
            what = f"{kind.entity.capitalize()} {body[key[-1]]}"
            message = f"{what} has {len(appointments)} appointments; send checkAppointments 0 to delete them as well."
            raise Problem("conflict", message, rule="check_appointments")
        for appointment in appointments:
            remove(tx, appointment)
    tx.rule("cascade")
    return delete_by_key(tx, kind, body)


def _number(tx: Tx, name: str, value: Any) -> Any:
    if not isinstance(value, str) or not name.endswith(("GeoLong", "GeoLat")):
        return value
    tx.rule("numeric_text")
    if not value.strip():
        return None
    if not _DECIMAL.fullmatch(value.strip()):
        raise refused(f"{name} is not a number: {value!r}.", "numeric_text", name)
    return float(value)


def _words(values: Body) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


_DECIMAL = re.compile(r"[+-]?\d{1,15}(\.\d{0,20})?")
_URI_TYPE = {"uriType": 0}
_APPOINTMENT = frozenset({"appointmentNo", "appointmentId", "appointmentGuid"})
