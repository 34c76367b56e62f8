"""Series of appointments: the occurrences of a recurrence rule, and the appointments that are made of them."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice, takewhile

from accordant_sandbox.engine.transaction import Transaction
from accordant_sandbox.model.collections import Row
from accordant_sandbox.vendors.dime_scheduler.appointments import CREATED, appointment_of, remove
from accordant_sandbox.vendors.dime_scheduler.dialect import wall_clock
from accordant_sandbox.vendors.dime_scheduler.keys import TASK
from accordant_sandbox.vendors.dime_scheduler.views import event_payload
from accordant_sandbox.vendors.dime_scheduler.writing import Body, Kind, belonging, refused, stored

__all__ = ["create_series", "delete_series", "occurrences"]

_MOST = 366
_LONGEST = timedelta(days=366)
_LAST_START = datetime(9998, 1, 1)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PARTS = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d{0,3}",
    "COUNT": r"[1-9]\d{0,5}",
    "UNTIL": r"\d{8}(T\d{6}Z?)?",
    "BYDAY": r"(MO|TU|WE|TH|FR|SA|SU)(,(MO|TU|WE|TH|FR|SA|SU))*",
    "WKST": r"MO|SU",
}


def occurrences(rule: str, start: datetime) -> list[datetime]:
    """The starts of a series: at most 366, for a rule that names no end 52.

    Raises:
        Problem: The rule is none that is understood, or leads beyond the calendar.
    """
    parts = _parsed(rule)
    found = _starts(parts, start)
    try:
        if "UNTIL" in parts:
            until = datetime.fromisoformat(parts["UNTIL"].removesuffix("Z"))
            last = until if "T" in parts["UNTIL"] else until.replace(hour=23, minute=59, second=59)
            found = takewhile(lambda each: each <= last, found)
        found = takewhile(lambda each: each < _LAST_START, found)
        count = int(parts.get("COUNT", _MOST if "UNTIL" in parts else 52))
        return list(islice(found, min(count, _MOST)))
    except (ValueError, OverflowError) as problem:
        raise refused(f"The recurrence rule leads to no date: {problem}.", "recurrence") from problem


def create_series(tx: Transaction, kind: Kind, body: Body) -> Row:
    """A series, with an appointment for each occurrence."""
    tx.rule("recurrence")
    if tx.find("resources", (body["resource"].casefold(),)) is None:
        raise refused(f"There is no resource {body['resource']}.", "needs_parent")
    start, end = (datetime.fromisoformat(wall_clock(body[name])) for name in ("startDate", "endDate"))
    length = end - start
    if not timedelta() <= length <= _LONGEST:
        raise refused("The end must be at most a year after the start, and not before it.", "appointment_times")
    owner = _owner(tx, body)
    series = tx.create(kind.collection, stored(tx, kind, body))
    for begin in occurrences(body["recurrenceRule"], start):
        row = tx.create(
            "appointments",
            {
                **owner,
                "startDate": begin.isoformat(),
                "endDate": (begin + length).isoformat(),
                "subject": body.get("subject"),
                "body": body.get("body"),
                "category": body.get("categoryName"),
                "timeMarker": body.get("timeMarkerName"),
                "_series": series["id"],
            },
        )
        tx.create("assignments", {"appointmentNo": row["appointmentNo"], "resourceNo": body["resource"]})
        tx.emit(CREATED, event_payload(tx, row))
    return series


def delete_series(tx: Transaction, kind: Kind, body: Body) -> Row:
    """Delete the series that an appointment belongs to, with all its appointments."""
    row = appointment_of(tx, body)
    if row["_series"] is None:
        raise refused(f"Appointment {row['appointmentNo']} belongs to no series.", "recurrence_delete")
    tx.rule("recurrence_delete")
    for each in tx.rows("appointments", _series=row["_series"]):
        remove(tx, each)
    return tx.delete(kind.collection, row["_series"])


def _owner(tx: Transaction, body: Body) -> Mapping[str, str]:
    """The task that a series is for: found by job and task number alone, as it is not told whose they are."""
    given = {name: body[name] for name in ("jobNo", "taskNo") if body.get(name)}
    if not given:
        return {}
    found = belonging(tx, "tasks", tuple(given), given)
    if not found:
        raise refused("There is no task " + " of job ".join(reversed(given.values())) + ".", "needs_parent")
    return {name: found[0][name] for name in TASK}


def _parsed(rule: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in rule.upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, _, value = part.partition("=")
        if not re.fullmatch(_PARTS.get(name, r"(?!)"), value):
            raise refused(f"The recurrence rule has a part that is not understood: {part!r}.", "recurrence")
        parts[name] = value
    if "FREQ" not in parts:
        raise refused("The recurrence rule has no FREQ.", "recurrence")
    return parts


def _starts(parts: Mapping[str, str], start: datetime) -> Iterator[datetime]:
    step = int(parts.get("INTERVAL", 1))
    days = [_DAYS.index(name) for name in parts.get("BYDAY", "").split(",") if name]
    frequency = parts["FREQ"]
    if frequency in ("MONTHLY", "YEARLY"):
        yield from _by_month(start, step * (12 if frequency == "YEARLY" else 1))
        return
    if frequency == "WEEKLY" and days:
        monday = start - timedelta(days=start.weekday())
        for week in range(0, 5000 * step, step):
            for day in sorted(days):
                moment = monday + timedelta(weeks=week, days=day)
                if moment >= start:
                    yield moment
        return
    stride = timedelta(weeks=step) if frequency == "WEEKLY" else timedelta(days=step)
    for number in range(5000):
        moment = start + stride * number
        if not days or moment.weekday() in days:
            yield moment


def _by_month(start: datetime, step: int) -> Iterator[datetime]:
    """The same day of every month; months that do not have it are left out."""
    for number in range(0, 5000 * step, step):
        year, month = divmod(start.year * 12 + start.month - 1 + number, 12)
        if year > 9999:
            return
        if start.day <= calendar.monthrange(year, month + 1)[1]:
            yield start.replace(year=year, month=month + 1)
