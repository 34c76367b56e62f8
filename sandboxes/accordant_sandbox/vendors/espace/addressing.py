"""Which records a call is about: the ids in its query and body, and whether they lead anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.ports import Call, Row, Tx

__all__ = ["known", "needed", "reference", "schedule_of", "touched", "user_of"]


def needed(body: Mapping[str, Any], name: str) -> Any:
    """A value that a body must have although its schema does not say so.

    Raises:
        Problem: `invalid`.
    """
    if body.get(name) is None:
        raise Problem("invalid", f"{name} is required", details=[(name, f"{name} is required")])
    return body[name]


def known(tx: Tx, field: str, collection: str, keys: Iterable[Any]) -> list[Any]:
    """The keys, each once, all of which lead to live records.

    Raises:
        Problem: `invalid`: one does not; the field is named.
    """
    found = list(dict.fromkeys(keys))
    for key in found:
        if tx.find(collection, key) is None:
            message = f"{field}: {key} does not exist"
            raise Problem("invalid", message, details=[(field, message)], rule="ids_in_body")
    return found


def user_of(call: Call) -> int:
    """The id of the user that calls."""
    return int(call.principal.data["user_id"]) if call.principal else 0


def schedule_of(tx: Tx, event_id: int, schedule_id: int | None) -> Row:
    """The schedule of a live event; the first one where no id is given.

    Raises:
        Problem: `not_found`.
    """
    event = tx.get("events", event_id)
    schedules = tx.rows("schedules", EventId=event["EventId"])
    if schedule_id is None:
        tx.rule("first_schedule")
    found = [row for row in schedules if schedule_id in (None, row["ScheduleId"])]
    if not found:
        raise Problem("not_found", f"event {event_id} has no schedule {schedule_id}")
    return found[0]


def touched(call: Call) -> tuple[Row, Row]:
    """The event and the schedule that the query or the body names, to be changed by the caller.

    Raises:
        Problem: `not_found`, or `forbidden`.
    """
    given: Mapping[str, Any] = call.body if is_object(call.body) else {}
    event_id = call.query["eventId"] if "eventId" in call.query else needed(given, "EventId")
    schedule = schedule_of(call.tx, event_id, call.query.get("scheduleId", given.get("ScheduleId")))
    return call.tx.update("events", event_id, {}), schedule


def reference(call: Call, event_id: int, schedule_id: int) -> Answer:
    """The ids and the state of an event: what every write returns."""
    schedule = call.tx.table("schedules")[schedule_id]
    first = min(call.tx.rows("occurrences", ScheduleId=schedule_id), key=lambda row: str(row["EventStart"]))
    shown = {"EventId": event_id, "OccurrenceId": first["OccurrenceId"]}
    return call.one("event", {**shown, **{name: schedule[name] for name in ("ScheduleId", "ScheduleName", "Status")}})
