"""When an event takes place: the dates and times of its schedules, and the occurrences that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.model.choices import needed
from accordant_sandbox.model.lifecycle import Effect, Lifecycle
from accordant_sandbox.model.names import names, words
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.several import by_keys, delete_all, first, picked, update_all, where
from accordant_sandbox.ports import Call, Row, Tx
from accordant_sandbox.vendors.espace.local_time import at, day_of, days_between, midnight, moved
from accordant_sandbox.vendors.espace.rules import RESERVING

__all__ = ["DATED", "SCHEDULE_LIFE", "crowds", "dated", "lasting", "reference", "schedule_of", "taken", "touched"]

DATED: Final = names(
    "SetupStartDate SetupStartTime EventDate StartTime EventEndDate EndTime TeardownEndDate TearDownEndTime "
    "AdditionalDates IsAllDayEvent IsMultiDayEvent"
)
"""The fields of a body that belong to the schedule; the others belong to the event."""

_DAYS: Final = words("SetupStartDate EventDate EventEndDate TeardownEndDate")
_DAWN, _DUSK = "00:00:00", "23:59:00"
_FIELDS: Final = {"EventStart": "StartTime", "EventEnd": "EndTime", "TearDownEnd": "TearDownEndTime"}
"""The field that a message names, by the time that comes too early."""


def schedule_of(tx: Tx, event_id: int, schedule_id: int | None) -> Row:
    """The schedule of a live event; the first one where no id is given.

    Raises:
        Problem: `not_found`.
    """
    own = {"EventId": tx.get("events", event_id)["EventId"]}
    if schedule_id is not None:
        missing = f"event {event_id} has no schedule {schedule_id}"
        return first(tx, "schedules", missing, **own, ScheduleId=schedule_id)
    tx.rule("first_schedule")
    return first(tx, "schedules", **own)


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
    earliest = min(call.tx.rows("occurrences", ScheduleId=schedule_id), key=lambda row: str(row["EventStart"]))
    ids = {"EventId": event_id, "OccurrenceId": earliest["OccurrenceId"]}
    return call.one("event", {**ids, **picked(schedule, words("ScheduleId ScheduleName Status"))})


def dated(tx: Tx, row: Row) -> Mapping[str, Any]:
    """The dates and times of a schedule, complete and in their stored form.

    Raises:
        Problem: `invalid`: they do not follow each other.
    """
    found = {name: None if row[name] is None else midnight(row[name]) for name in _DAYS}
    if found["EventEndDate"] is None:
        tx.rule("end_defaults")
        found["EventEndDate"] = found["EventDate"]
    days = {day_of(each) for each in row["AdditionalDates"]} - {str(found["EventDate"])[:10]}
    whole = {"StartTime": _DAWN, "EndTime": _DUSK} if row["IsAllDayEvent"] else {}
    if whole:
        tx.rule("all_day")
    complete = {**row, **found, **whole, "AdditionalDates": [f"{day}T{_DAWN}" for day in sorted(days)]}
    _check_order(_span(complete))
    return {name: complete[name] for name in DATED}


def lasting(_: Tx, row: Row) -> Mapping[str, Any]:
    """From when until when an occurrence has its items."""
    return {"_from": row["SetUpStart"] or row["EventStart"], "_until": row["TearDownEnd"] or row["EventEnd"]}


def crowds(tx: Tx, schedule: Row) -> list[list[Row]]:
    """For each occurrence of a schedule those of other schedules that reserve something while it lasts."""
    others = where(tx.rows("occurrences"), "ScheduleId", "not_eq", schedule["ScheduleId"])
    rivals = where(others, "OccurrenceStatus", "in", RESERVING)
    own = tx.rows("occurrences", ScheduleId=schedule["ScheduleId"])
    return [where(where(rivals, "_from", "lt", row["_until"]), "_until", "gt", row["_from"]) for row in own]


def taken(tx: Tx, crowd: Iterable[Sequence[Row]], item: int) -> int:
    """How many of an item others reserve at once at most; one each, where a booking says no quantity."""
    schedules = [by_keys(tx, "schedules", {row["ScheduleId"] for row in each}) for each in crowd]
    return max((sum(_quantity(schedule, item) for schedule in each) for each in schedules), default=0)


def _quantity(schedule: Row, item: int) -> int:
    bookings = where(schedule["Items"], "ItemId", "eq", item)
    return sum(1 if each["Quantity"] is None else each["Quantity"] for each in bookings)


def _span(row: Row) -> dict[str, str | None]:
    """Set-up, start, end and tear-down of the first occurrence."""
    setup, tear_down = (row["SetupStartDate"], row["SetupStartTime"]), (row["TeardownEndDate"], row["TearDownEndTime"])
    return {
        "SetUpStart": at(setup[0] or row["EventDate"], setup[1] or _DAWN) if any(setup) else None,
        "EventStart": at(row["EventDate"], row["StartTime"] or _DAWN),
        "EventEnd": at(row["EventEndDate"], row["EndTime"] or _DUSK),
        "TearDownEnd": at(tear_down[0] or row["EventEndDate"], tear_down[1] or _DUSK) if any(tear_down) else None,
    }


def _check_order(span: Mapping[str, str | None]) -> None:
    given = [(name, text) for name, text in span.items() if text is not None]
    for (earlier, begins), (later, ends) in pairwise(given):
        if begins > ends:
            message = f"{later} ({ends}) must not lie before {earlier} ({begins})"
            raise Problem("invalid", message, details=[(_FIELDS[later], message)], rule="order_of_times")


def _follow(tx: Tx, new: Row, old: Row | None) -> None:
    """Occurrences are made with their schedule and made anew with its dates; they share its state."""
    rows = tx.rows("occurrences", ScheduleId=new["ScheduleId"])
    if old is None or any(old[name] != new[name] for name in DATED):
        delete_all(tx, "occurrences", rows)
        _make(tx, new)
    elif old["Status"] != new["Status"]:
        # An occurrence that alone was canceled stays canceled.
        touched = rows if old["Status"] == "Canceled" else where(rows, "OccurrenceStatus", "not_eq", "Canceled")
        update_all(tx, "occurrences", touched, {"OccurrenceStatus": new["Status"]}, by="effect")


def _make(tx: Tx, schedule: Row) -> None:
    if schedule["AdditionalDates"]:
        tx.rule("additional_dates")
    span, start = _span(schedule), schedule["EventDate"]
    ids = {"EventId": schedule["EventId"], "ScheduleId": schedule["ScheduleId"]}
    for day in (start, *schedule["AdditionalDates"]):
        days = days_between(start, day)
        times = {name: None if text is None else moved(text, days) for name, text in span.items()}
        tx.create("occurrences", {**ids, **times, "OccurrenceStatus": schedule["Status"]})


SCHEDULE_LIFE = Lifecycle("Status", effects=(Effect("*", _follow),))
