"""When an event takes place: the dates and times of its schedules, and the occurrences that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, Final

from accordant_sandbox.engine.transaction import Transaction
from accordant_sandbox.model.collections import Row
from accordant_sandbox.model.lifecycle import Effect, Lifecycle
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.vendors.espace.local_time import at, day_of, days_between, midnight, moved
from accordant_sandbox.vendors.espace.rules import RESERVING

__all__ = ["DATED", "SCHEDULE_LIFE", "crowds", "dated", "taken"]

DATED: Final = frozenset(
    {
        "SetupStartDate",
        "SetupStartTime",
        "EventDate",
        "StartTime",
        "EventEndDate",
        "EndTime",
        "TeardownEndDate",
        "TearDownEndTime",
        "AdditionalDates",
        "IsAllDayEvent",
        "IsMultiDayEvent",
    }
)
"""The fields of a body that belong to the schedule; the others belong to the event."""

_DAYS: Final = ("SetupStartDate", "EventDate", "EventEndDate", "TeardownEndDate")
_DAWN, _DUSK = "00:00:00", "23:59:00"


def dated(tx: Transaction, row: Row) -> Mapping[str, Any]:
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


def crowds(tx: Transaction, schedule: Row) -> list[frozenset[int]]:
    """For each occurrence of a schedule the other schedules that reserve something while it lasts."""
    own = [_window(row) for row in tx.rows("occurrences", ScheduleId=schedule["ScheduleId"])]
    rivals = [
        (row["ScheduleId"], *_window(row))
        for row in tx.rows("occurrences")
        if row["ScheduleId"] != schedule["ScheduleId"] and row["OccurrenceStatus"] in RESERVING
    ]
    return [frozenset(rival for rival, start, end in rivals if start < last and end > first) for first, last in own]


def taken(tx: Transaction, crowd: Iterable[frozenset[int]], item: int) -> int:
    """How many of an item others reserve at once at most; one each, where a booking says no quantity."""
    schedules = tx.table("schedules")
    return max((sum(_quantity(schedules[rival], item) for rival in each) for each in crowd), default=0)


def _quantity(schedule: Row, item: int) -> int:
    return sum(
        1 if each["Quantity"] is None else each["Quantity"] for each in schedule["Items"] if each["ItemId"] == item
    )


def _window(row: Row) -> tuple[str, str]:
    return row["SetUpStart"] or row["EventStart"], row["TearDownEnd"] or row["EventEnd"]


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
    for (earlier, first), (later, second) in pairwise(given):
        if first > second:
            message = f"{later} ({second}) must not lie before {earlier} ({first})"
            raise Problem("invalid", message, details=[(_FIELDS[later], message)], rule="order_of_times")


def _follow(tx: Transaction, new: Row, old: Row | None) -> None:
    """Occurrences are made with their schedule and made anew with its dates; they share its state."""
    if old is None:
        _make(tx, new)
    elif any(old[name] != new[name] for name in DATED):
        for row in tx.rows("occurrences", ScheduleId=new["ScheduleId"]):
            tx.delete("occurrences", row["OccurrenceId"])
        _make(tx, new)
    elif old["Status"] != new["Status"]:
        for row in tx.rows("occurrences", ScheduleId=new["ScheduleId"]):
            # One that was canceled by itself stays canceled.
            if row["OccurrenceStatus"] != "Canceled" or old["Status"] == "Canceled":
                tx.update("occurrences", row["OccurrenceId"], {"OccurrenceStatus": new["Status"]}, by="effect")


def _make(tx: Transaction, schedule: Row) -> None:
    first = schedule["EventDate"]
    if schedule["AdditionalDates"]:
        tx.rule("additional_dates")
    span = _span(schedule)
    for day in (first, *schedule["AdditionalDates"]):
        days = days_between(first, day)
        times = {name: None if text is None else moved(text, days) for name, text in span.items()}
        ids = {"EventId": schedule["EventId"], "ScheduleId": schedule["ScheduleId"]}
        tx.create("occurrences", {**ids, **times, "OccurrenceStatus": schedule["Status"]})


_FIELDS: Final = {
    "EventStart": "StartTime",
    "EventEnd": "EndTime",
    "TearDownEnd": "TearDownEndTime",
}
"""The field that a message names, by the time that comes too early."""

SCHEDULE_LIFE = Lifecycle("Status", effects=(Effect("*", _follow),))
