"""Statistics of executions and calls: shares, averages, percentiles, and points of a chart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from accordant_sandbox.model.instants import instant_text, parse_instant
from accordant_sandbox.model.query import Period
from accordant_sandbox.ports import Call, Row

__all__ = ["count", "grouped", "mean", "percent", "percentile", "period", "since", "within"]

_FIRST: Final = datetime.min.replace(tzinfo=UTC)


def percent(part: int, whole: int) -> float | None:
    """A share in percent, to two decimals; None of nothing."""
    return round(100 * part / whole, 2) if whole else None


def mean(values: Sequence[float]) -> float | None:
    """The average, to two decimals; None of nothing."""
    return round(sum(values) / len(values), 2) if values else None


def percentile(values: Sequence[float], share: int) -> float | None:
    """The smallest value that so many percent of the values do not exceed; None of nothing."""
    rank = -(-share * len(values) // 100)
    return float(sorted(values)[rank - 1]) if values else None


def period(call: Call, default: timedelta) -> tuple[datetime, datetime]:
    """The period that a call asks for: up to now, and so long, where it does not say."""
    call.rule("period")
    start, end = Period().of(call.query)
    if end is None:
        end = max(call.now, start or call.now)
    return start or since(end, default), end


def since(end: datetime, length: timedelta) -> datetime:
    """The instant so long before another, or the first that there is."""
    return end - length if end - _FIRST > length else _FIRST


def within(rows: Iterable[Row], field: str, start: datetime | None, end: datetime | None) -> list[Row]:
    """The rows whose instant lies in a period; None = open on that side."""
    return [
        row
        for row in rows
        if (start is None or parse_instant(row[field]) >= start) and (end is None or parse_instant(row[field]) < end)
    ]


def grouped(rows: Iterable[Row], field: str, granularity: str) -> Mapping[str, list[Row]]:
    """Rows by the hour, day or week of their instant, in order."""
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda each: str(each[field])):
        found.setdefault(instant_text(_floor(parse_instant(row[field]), granularity)), []).append(row)
    return found


def _floor(moment: datetime, granularity: str) -> datetime:
    hour = moment.replace(minute=0, second=0, microsecond=0)
    if granularity == "hour":
        return hour
    day = hour.replace(hour=0)
    return day - timedelta(days=day.weekday()) if granularity == "week" else day


def count(rows: Iterable[Row], field: str, value: Any) -> int:
    """How many rows have a value in a field."""
    return sum(row[field] == value for row in rows)
