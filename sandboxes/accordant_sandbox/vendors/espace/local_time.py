"""The local time of the organisation: date-times and times of day as ISO 8601 text, without an offset."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.model.problems import Problem

if TYPE_CHECKING:
    from accordant_sandbox.ports import Row, Tx

__all__ = ["at", "day_of", "days_between", "midnight", "moved", "now", "now_text", "second", "times", "today"]


def now(tx: Tx) -> datetime:
    """What the organisation's clock shows, naive.

    Raises:
        SandboxError: The setting `time_zone` names no zone that this machine knows.
    """
    return tx.now.astimezone(_zone(str(tx.settings["time_zone"]))).replace(tzinfo=None)


def now_text(tx: Tx) -> str:
    """The present as stored text, to the second."""
    return now(tx).replace(microsecond=0).isoformat()


def today(tx: Tx) -> str:
    """The present day, `2026-03-01`."""
    return now(tx).date().isoformat()


def second(text: str) -> str:
    """A date-time text as it is stored: to the second, `2026-03-01T09:00:00`."""
    return datetime.fromisoformat(text).replace(microsecond=0).isoformat()


def times(row: Row, names: str) -> dict[str, str]:
    """Those of a row's date-times that have a value, as they are stored."""
    return {name: second(row[name]) for name in names.split() if row.get(name) is not None}


def day_of(text: str) -> str:
    """The day of a date-time text."""
    return datetime.fromisoformat(text).date().isoformat()


def midnight(text: str) -> str:
    """The beginning of the day of a date-time text."""
    return f"{day_of(text)}T00:00:00"


def at(day: str, time: str) -> str:
    """A day, or the day of a date-time text, at a time of day."""
    return f"{day[:10]}T{time}"


def days_between(first: str, last: str) -> int:
    """How many days the day of one date-time text lies after that of another."""
    return (date.fromisoformat(last[:10]) - date.fromisoformat(first[:10])).days


def moved(text: str, days: int) -> str:
    """A date-time text some days later.

    Raises:
        Problem: `invalid`: it would leave the years 1 to 9999.
    """
    try:
        return (datetime.fromisoformat(text) + timedelta(days=days)).isoformat()
    except OverflowError as problem:
        raise Problem("invalid", "a date is out of range") from problem


@cache
def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as problem:
        raise SandboxError(
            f"time_zone={name!r}: this machine does not know the zone; write a name such as America/New_York, or UTC "
            "(without a zone database: pip install tzdata)"
        ) from problem
