"""Events: made as drafts with one schedule, filled with items, submitted, canceled, deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.model.operations import Operations
from accordant_sandbox.model.paging import Top
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.query import Filter, plain
from accordant_sandbox.model.several import column, grouped, update_all, where
from accordant_sandbox.ports import Call, Row, Tx
from accordant_sandbox.vendors.espace.dialect import ADMINISTRATOR
from accordant_sandbox.vendors.espace.items import judged
from accordant_sandbox.vendors.espace.local_time import midnight, now, now_text, today
from accordant_sandbox.vendors.espace.rules import RESERVING, user_of
from accordant_sandbox.vendors.espace.schedules import DATED, reference, schedule_of, touched
from accordant_sandbox.vendors.espace.views import joined, sought
from accordant_sandbox.vendors.espace.webhooks import announce

__all__ = ["approve", "serve_events"]

_FOREVER: Final = 365_000
"""Days after which no event can be."""
_DATES: Final = ("startDate", "endDate", "nextDays")


def approve(tx: Tx, event: Row, schedule: Row, *, part: bool = False) -> Row:
    """Approve a schedule, wholly or in part, with whatever speaks against it in its state."""
    against = {"Conflicted": "ApprovedWithConflicts", "ResourceShortage": "ApprovedWithShortage"}
    status = "PartialApproved" if part else against.get(judged(tx, schedule), "Approved")
    changes = {"Status": status, "IsFinalApproved": not part}
    row = tx.update("schedules", schedule["ScheduleId"], changes)
    announce(tx, "event.approved", event, row)
    return row


# Lists


def _event_rows(call: Call) -> Sequence[Row]:
    """Every live event in each of its schedules."""
    schedules = grouped(call.tx.rows("schedules"), "EventId")
    rows = [
        joined(call.tx, event, schedule, schedules[event["EventId"]])
        for event in call.tx.rows("events")
        for schedule in schedules.get(event["EventId"], ())
    ]
    call.rule("no_schedule")
    return _in_time(call, rows, "EventDate", midnight)


def _occurrence_rows(call: Call) -> Sequence[Row]:
    """Every occurrence of live events, with what filters look at."""
    events = {event["EventId"]: sought(call.tx, event) for event in call.tx.rows("events")}
    rows = where(call.tx.rows("occurrences"), "EventId", "in", events)
    return _in_time(call, [{**row, **events[row["EventId"]]} for row in rows], "EventStart", str)


def _in_time(call: Call, rows: Sequence[Row], field: str, form: Callable[[str], str]) -> Sequence[Row]:
    """The rows that begin in time: within the next days, or from today on where no date is given."""
    call.rule("wall_clock")
    if "nextDays" in call.query:
        call.rule("next_days")
        last = (now(call.tx) + timedelta(days=min(call.query["nextDays"], _FOREVER))).isoformat()
        return where(where(rows, field, "gteq", form(now_text(call.tx))), field, "lteq", form(last))
    if not any(name in call.query for name in _DATES):
        call.rule("from_today")
        return where(rows, field, "gteq", today(call.tx))
    call.rule("window")
    return rows


def _start(row: Row) -> tuple[str, int, int]:
    """Lists are in the order of starts, then of ids."""
    if "EventStart" in row:
        return row["EventStart"], row["OccurrenceId"], 0
    return f"{row['EventDate']} {row['StartTime'] or ''}", row["EventId"], row["ScheduleId"]


# Writes


def _create(call: Call, body: Mapping[str, Any]) -> Row:
    call.rule("draft")
    values = {"OwnerId": user_of(call), **call.values("events", body)}
    event = call.tx.create("events", values)
    call.tx.create("schedules", {**_schedule_values(body), "EventId": event["EventId"]})
    return event


def _update(call: Call, body: Mapping[str, Any]) -> Row:
    call.rule("absent_unchanged")
    event, schedule = touched(call)
    old = dict(event)
    values, dates = call.values("events", body), _schedule_values(body)
    if schedule["EventEndDate"] == schedule["EventDate"] and "EventDate" in dates:
        # A one-day event stays one when it is moved.
        dates.setdefault("EventEndDate", dates["EventDate"])
    event = call.tx.update("events", event["EventId"], values)
    row = call.tx.update("schedules", schedule["ScheduleId"], dates)
    if any(row[name] != schedule[name] for name in DATED):
        if row["Status"] in RESERVING:
            call.rule("redated")
            row = call.tx.update("schedules", row["ScheduleId"], {"Status": "Pending", "IsFinalApproved": False})
        announce(call.tx, "eventdates.updated", event, row)
    _announce_details(call, old, event, row)
    return event


def _publish(call: Call, body: Mapping[str, Any]) -> Row:
    event, schedule = touched(call)
    old = dict(event)
    event = call.tx.update("events", event["EventId"], call.values("events", body))
    _announce_details(call, old, event, schedule)
    return event


def _announce_details(call: Call, old: Row, event: Row, schedule: Row) -> None:
    """Announce an update of an event that changed anything but its dates."""
    if any(event[name] != old[name] for name in event if name in old and not name.startswith("_")):
        announce(call.tx, "event.updated", event, schedule)


def _delete(call: Call, body: Any) -> Row:
    del body
    event, first = touched(call)
    call.rule("deleted")
    ids = _end(call.tx, event, "Deleted")
    announce(call.tx, "event.deleted", event, call.tx.table("schedules")[first["ScheduleId"]], ids)
    call.tx.delete("events", event["EventId"])
    return event


def _cancel(call: Call) -> Answer:
    event, first = touched(call)
    call.rule("cancel")
    call.rule("approved_for_good")
    ids = _end(call.tx, event, "Canceled")
    announce(call.tx, "event.canceled", event, call.tx.table("schedules")[first["ScheduleId"]], ids)
    return reference(call, event["EventId"], first["ScheduleId"])


def _end(tx: Tx, event: Row, status: str) -> list[int]:
    """Put all schedules of an event into a last state; returns the ids of their occurrences."""
    tx.rule("all_schedules")
    update_all(tx, "schedules", tx.rows("schedules", EventId=event["EventId"]), {"Status": status})
    return column(tx.rows("occurrences", EventId=event["EventId"]), "OccurrenceId")


def _submit(call: Call) -> Answer:
    event, schedule = touched(call)
    if schedule["Status"] == "Canceled":
        raise Problem("invalid", "A canceled event cannot be submitted.", rule="canceled_for_good")
    if not schedule["Items"] and not event["IsOffSite"]:
        raise Problem("refused", "Choose at least one space, resource or service.", rule="needs_item")
    if schedule["Status"] in ("Draft", "RequestedDraft", "Declined"):
        call.rule("conflicts")
        schedule = call.tx.update("schedules", schedule["ScheduleId"], {"Status": judged(call.tx, schedule)})
        announce(call.tx, "event.submitted", event, schedule)
        if event["AutoApprove"]:
            call.rule("auto_approve")
            if call.principal and call.principal.role == ADMINISTRATOR:
                schedule = approve(call.tx, event, schedule)
    return reference(call, event["EventId"], schedule["ScheduleId"])


def _schedule_values(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name in DATED}


def _reference(call: Call, shown: Mapping[str, Any]) -> Answer:
    """The reference of an event that was written, in the schedule that the body names."""
    named = call.body.get("ScheduleId") if is_object(call.body) and call.operation.action != "create" else None
    return reference(call, shown["EventId"], shown["ScheduleId"] if named is None else named)


def _found(call: Call) -> Row:
    schedule = schedule_of(call.tx, call.query["eventId"], call.query.get("scheduleId"))
    return joined(call.tx, call.tx.get("events", call.query["eventId"]), schedule)


def serve_events(operations: Operations) -> None:
    """Serve everything about events but their items."""
    operations.get("EventV2_Event", "events", key="query:eventId", find=_found)
    operations.list(
        "EventV2_List",
        "events",
        paging=Top("topX", 2000, 2000, "cap_events"),
        source=_event_rows,
        order=_start,
        filters={
            "publicOnly": Filter("IsPublic", "if_asked"),
            "eventName": Filter("EventName", "part"),
            **plain("day", startDate=("EventDate", "gteq"), endDate=("EventEndDate", "lteq")),
            **_PLACES,
        },
    )
    operations.list(
        "EventV2_Occurrences",
        "occurrences",
        paging=Top("topX", 200, 2000, "cap_occurrences"),
        source=_occurrence_rows,
        order=_start,
        filters={
            "publicOnly": Filter("_public", "if_asked"),
            **plain(eventId=("EventId", "eq"), scheduleId=("ScheduleId", "eq"), occurrenceId=("OccurrenceId", "eq")),
            "eventName": Filter("_name", "part"),
            **plain("day", startDate=("EventStart", "gteq"), endDate=("EventEnd", "lteq")),
            **_PLACES,
        },
    )
    operations.create("EventV2_Create", "events", write=_create, shape=_reference)
    operations.alias("EventV2_PostToList", "EventV2_Create", "post_to_list")
    operations.update("EventV2_Update", "events", key="body:EventId", write=_update, shape=_reference)
    operations.alias("EventV2_Patch", "EventV2_Update", "patch")
    operations.update("EventV2_UpdatePublicInfo", "events", key="body:EventId", write=_publish, shape=_reference)
    operations.update("EventV2_UpdatePublicLink", "events", key="body:EventId", write=_publish, shape=_reference)
    operations.delete("EventV2_Delete", "events", key="query:eventId", write=_delete, shape=_reference)
    operations.special("EventV2_Submit")(_submit)
    operations.special("EventV2_Cancel")(_cancel)


_PLACES: Final = plain(
    categoryIds=("_category_ids", "any_of"),
    locationIds=("_location_ids", "any_of"),
    categoryNames=("_category_names", "any_of"),
    locCodes=("_location_codes", "any_of"),
)
