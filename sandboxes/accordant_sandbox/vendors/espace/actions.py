"""What people do in eSPACE's web product, for tests: approvals, single occurrences, items, passwords."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from accordant_sandbox.engine.auth import revoke_all
from accordant_sandbox.errors import SandboxError
from accordant_sandbox.model.names import words
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.several import column, picked
from accordant_sandbox.ports import Row, Tx
from accordant_sandbox.vendors.espace.events import approve
from accordant_sandbox.vendors.espace.local_time import now_text
from accordant_sandbox.vendors.espace.rules import RESERVING
from accordant_sandbox.vendors.espace.schedules import schedule_of
from accordant_sandbox.vendors.espace.webhooks import announce, announce_item

__all__ = ["ACTIONS"]


def approve_event(tx: Tx, event_id: int, schedule_id: int | None = None, part: bool = False) -> str:
    """Approve a submitted event; `part` leaves some of its items open. Returns the new status."""
    event, schedule = _submitted(tx, event_id, schedule_id)
    return str(approve(tx, event, schedule, part=part)["Status"])


def decline_event(tx: Tx, event_id: int, schedule_id: int | None = None) -> str:
    """Decline a submitted event: its items are free again. Returns the new status."""
    return _moved(tx, *_submitted(tx, event_id, schedule_id), "Declined", "event.declined")


def return_event_to_draft(tx: Tx, event_id: int, schedule_id: int | None = None) -> str:
    """Give a submitted event back to whoever made it. Returns the new status."""
    return _moved(tx, *_submitted(tx, event_id, schedule_id), "Draft", "event.draft")


def restore_event(tx: Tx, event_id: int, schedule_id: int | None = None) -> str:
    """Make a canceled event a draft again, as an administrator may. Returns the new status."""
    event, schedule = _found(tx, event_id, schedule_id)
    if schedule["Status"] != "Canceled":
        raise SandboxError(f"event {event_id} is {schedule['Status']}, not Canceled")
    return _moved(tx, event, schedule, "Draft", "event.draft")


def add_schedule(tx: Tx, event_id: int, name: str, date: str, **times: Any) -> int:
    """Give an event one more schedule, which the API cannot; returns its id.

    Args:
        tx: The transaction.
        event_id: The event.
        name: Name of the schedule.
        date: Its day, `2026-03-08`.
        times: Further fields of a schedule, such as `StartTime="18:00:00"`.
    """
    event, _ = _found(tx, event_id, None)
    values = {"EventDate": f"{date}T00:00:00", **times}
    return int(tx.create("schedules", {**values, "EventId": event["EventId"], "ScheduleName": name})["ScheduleId"])


def cancel_occurrence(tx: Tx, occurrence_id: int) -> None:
    """Cancel one occurrence of an event; it stays listed."""
    row = _occurrence(tx, occurrence_id)
    tx.update("occurrences", occurrence_id, {"OccurrenceStatus": "Canceled"}, by="effect")
    shown = {"Id": occurrence_id, **picked(row, words("SetUpStart EventStart EventEnd TearDownEnd"))}
    announce(tx, "occurrence.canceled", *_found(tx, row["EventId"], row["ScheduleId"]), [shown])


def delete_occurrence(tx: Tx, occurrence_id: int) -> None:
    """Delete one occurrence of an event; the last one goes only with the event."""
    row = _occurrence(tx, occurrence_id)
    if len(tx.rows("occurrences", ScheduleId=row["ScheduleId"])) == 1:
        raise SandboxError(f"occurrence {occurrence_id} is the only one of its schedule: delete the event")
    tx.delete("occurrences", occurrence_id)
    announce(tx, "occurrence.deleted", *_found(tx, row["EventId"], row["ScheduleId"]), [{"Id": occurrence_id}])


def create_item(tx: Tx, name: str, item_type: str = "Space", location_id: int = 1, **values: Any) -> int:
    """Make a space, resource or service; `_quantity=12` makes a counted resource. Returns its id."""
    if item_type not in ("Space", "Resource", "Service"):
        raise SandboxError(f"an item is a Space, a Resource or a Service, not {item_type!r}")
    made = {"Name": name, "ItemType": item_type, "LocationId": location_id, **values}
    item = tx.create("items", made)
    announce_item(tx, "item.created", item)
    return int(item["ItemId"])


def update_item(tx: Tx, item_id: int, **values: Any) -> None:
    """Change an item."""
    announce_item(tx, "item.updated", tx.update("items", item_id, values))


def delete_item(tx: Tx, item_id: int) -> None:
    """Delete an item that no event uses."""
    user = next((row for row in tx.rows("schedules") if item_id in column(row["Items"], "ItemId")), None)
    if user is not None:
        raise SandboxError(f"item {item_id} is on event {user['EventId']}: remove it there first")
    announce_item(tx, "item.deleted", tx.delete("items", item_id))


def change_password(tx: Tx, user_id: int) -> int:
    """Change a user's password: every token issued under the old one dies. Returns how many did."""
    return _new_login(tx, user_id, {"_password": tx.get("users", user_id)["_password"] + 1})


def change_email(tx: Tx, user_id: int, email: str) -> int:
    """Change a user's e-mail address: every token issued under the old one dies. Returns how many did."""
    return _new_login(tx, user_id, {"Email": email})


def generate_work_order(tx: Tx, maintenance_id: int) -> int:
    """Make the next work order of a maintenance plan, as its date does; returns its id."""
    plan = tx.get("maintenance", maintenance_id)
    copied = picked(plan, words("LocationId ServiceCategoryId AssignedId VendorAssignedId SpaceIds"))
    first = next(iter(tx.table("work_order_priorities")))
    due = {"FullDescription": plan["Description"], "Eta": now_text(tx)}
    order = tx.create("work_orders", {**copied, **due, "PriorityId": first, "MaintenanceId": maintenance_id})
    return int(order["Id"])


def _found(tx: Tx, event_id: int, schedule_id: int | None) -> tuple[Row, Row]:
    try:
        return tx.get("events", event_id), schedule_of(tx, event_id, schedule_id)
    except Problem as problem:
        raise SandboxError(f"event {event_id}, schedule {schedule_id}: {problem.message}") from None


def _submitted(tx: Tx, event_id: int, schedule_id: int | None) -> tuple[Row, Row]:
    event, schedule = _found(tx, event_id, schedule_id)
    if schedule["Status"] not in RESERVING:
        raise SandboxError(f"event {event_id} is {schedule['Status']}: submit it first")
    tx.rule("approval")
    return event, schedule


def _moved(tx: Tx, event: Row, schedule: Row, status: str, topic: str) -> str:
    row = tx.update("schedules", schedule["ScheduleId"], {"Status": status, "IsFinalApproved": False})
    announce(tx, topic, event, row)
    return str(row["Status"])


def _occurrence(tx: Tx, occurrence_id: int) -> Row:
    row = tx.find("occurrences", occurrence_id)
    if row is None:
        raise SandboxError(f"there is no occurrence {occurrence_id}")
    return row


def _new_login(tx: Tx, user_id: int, changes: Mapping[str, Any]) -> int:
    tx.rule("token_hash")
    tx.update("users", user_id, changes)
    return revoke_all(tx, kind="access", user_id=user_id)


ACTIONS: Mapping[str, Callable[..., Any]] = {
    action.__name__: action
    for action in (
        approve_event, decline_event, return_event_to_draft, restore_event, add_schedule, cancel_occurrence,
        delete_occurrence, create_item, update_item, delete_item, change_password, change_email, generate_work_order,
    )
}  # fmt: skip
