"""What DIBOP tells about executions and calls: SLA, charts, statistics of systems."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from accordant_sandbox.model.instants import instant_text, parse_instant
from accordant_sandbox.model.names import words
from accordant_sandbox.model.query import Period
from accordant_sandbox.model.several import column, count, grouped, picked, where, within
from accordant_sandbox.ports import Call, Row, Tx
from accordant_sandbox.vendors.dibop.systems import of_system

__all__ = ["call_facts", "mean", "percent", "platform_metrics", "sla_metrics", "system_stats"]

_NEAR_TARGET: Final = 0.5
"""Percentage points above the target within which an SLA is at risk."""
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_ENDED: Final = words("success failed partial")


# Of numbers


def percent(part: int, whole: int) -> float | None:
    """A share in percent, to two decimals; None of nothing."""
    return round(100 * part / whole, 2) if whole else None


def mean(values: Sequence[float]) -> float | None:
    """The average, to two decimals; None of nothing."""
    return round(sum(values) / len(values), 2) if values else None


def _percentile(values: Sequence[float], share: int) -> float | None:
    """The smallest value that so many percent of the values do not exceed; None of nothing."""
    rank = -(-share * len(values) // 100)
    return float(sorted(values)[rank - 1]) if values else None


# Of rows


_FAILURES: Final[Mapping[str, Callable[[Row], bool]]] = {
    "auth": lambda row: row["status_code"] in (401, 403),
    "not_found": lambda row: row["status_code"] == 404,
    "rate_limit": lambda row: row["status_code"] == 429,
    "server_error": lambda row: (row["status_code"] or 0) // 100 == 5,
    "timeout": lambda row: row["status"] == "timeout",
    "other": lambda row: row["status"] == "error",
}
"""Kinds of failure; a call counts as the first that it is."""


def call_facts(_: Tx, row: Row) -> Mapping[str, Any]:
    """What statistics ask of a call: the hundreds of its status, and the kind of its failure."""
    failure = next((name for name, is_kind in _FAILURES.items() if is_kind(row)), None)
    return {"_hundreds": (row["status_code"] or 0) // 100, "_failure": failure}


def sla_metrics(call: Call) -> dict[str, Any]:
    """The share of executions that succeeded, over a week unless the call says otherwise."""
    call.rule("sla")
    start, end = _period(call, timedelta(days=7))
    rows = where(within(call.tx.rows("executions"), "started_at", start, end), "status", "not_eq", "running")
    target = float(call.settings["sla_target"])
    current = percent(count(rows, "status", "success"), len(rows))
    return {
        "from": _text(start),
        "to": _text(end),
        "target": target,
        "current": current,
        "status": _status(current, target),
        "successful_executions": count(rows, "status", "success"),
        "failed_executions": count(rows, "status", "failed"),
        "partial_executions": count(rows, "status", "partial"),
        "last_failure_at": max(column(where(rows, "status", "eq", "failed"), "completed_at"), default=None),
        "orchestrations": [_share(key, each) for key, each in grouped(rows, "orchestration_id").items()],
    }


def system_stats(call: Call) -> list[dict[str, Any]]:
    """One row for each system that the caller sees, over all time unless the call says otherwise."""
    call.rule("period")
    calls = grouped(within(call.tx.rows("api_calls"), "timestamp", *Period().of(call.query)), "system")
    systems = sorted(call.tx.rows("systems"), key=lambda row: str(row["slug"]))
    return [_stats(system, calls.get(system["slug"], ())) for system in systems]


def platform_metrics(call: Call) -> dict[str, Any]:
    """Charts over a day unless the call says otherwise."""
    call.rule("points")
    start, end = _period(call, timedelta(days=1))
    granularity = call.query.get("granularity", "hour")
    calls = within(call.tx.rows("api_calls"), "timestamp", start, end)
    executions = within(call.tx.rows("executions"), "started_at", start, end)
    ended = where(executions, "status", "not_eq", "running")
    systems = [call.tx.show("systems", row) for row in call.tx.rows("systems")]
    latencies = {key: _latency(each, granularity) for key, each in grouped(calls, "system").items()}
    return {
        "from": _text(start),
        "to": _text(end),
        "granularity": granularity,
        "api_calls": [
            {
                "timestamp": at,
                "success": count(each, "status", "success"),
                "client_errors": count(each, "_hundreds", 4),
                "server_errors": count(each, "_hundreds", 5),
            }
            for at, each in _by_time(calls, "timestamp", granularity).items()
        ],
        "executions": [
            {"timestamp": at, **{name: count(each, "status", name) for name in _ENDED}}
            for at, each in _by_time(ended, "started_at", granularity).items()
        ],
        "system_health": [
            {"system": system["slug"], "status": system["health"], **picked(system, ("name", "last_checked_at"))}
            for system in where(systems, "connected", "eq", True)
        ],
        "latency": [{"system": key, "points": latencies[key]} for key in column(systems, "slug") if key in latencies],
        "errors": {kind: count(calls, "_failure", kind) for kind in _FAILURES},
        "usage": _usage(call),
    }


def _share(orchestration_id: str, rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "orchestration_id": orchestration_id,
        "name": rows[-1]["orchestration_name"],
        "executions": len(rows),
        **_durations(rows),
        "last_execution_at": max(column(rows, "started_at")),
    }


def _stats(system: Row, rows: Sequence[Row]) -> dict[str, Any]:
    return {
        **of_system(system),
        "total_calls": len(rows),
        **{f"{status}_count": count(rows, "status", status) for status in ("success", "error", "timeout")},
        **_durations(rows),
        "last_call_at": max(column(rows, "timestamp"), default=None),
    }


def _durations(rows: Sequence[Row]) -> dict[str, Any]:
    durations = column(rows, "duration_ms")
    return {
        "success_rate": percent(count(rows, "status", "success"), len(rows)),
        "avg_duration_ms": mean(durations),
        "p95_duration_ms": _percentile(durations, 95),
    }


def _latency(rows: Sequence[Row], granularity: str) -> list[dict[str, Any]]:
    points = _by_time(rows, "timestamp", granularity)
    return [{"timestamp": at, "avg_duration_ms": mean(column(each, "duration_ms"))} for at, each in points.items()]


def _usage(call: Call) -> dict[str, Any] | None:
    """What the enterprise has used of its quota since the month began; None for a caller without an enterprise."""
    enterprise = call.tx.table("enterprises").get(call.principal.tenant) if call.principal else None
    if enterprise is None:
        return None
    month = call.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return {
        "api_calls_used": len(within(call.tx.rows("api_calls"), "timestamp", month)),
        "executions_used": len(within(call.tx.rows("executions"), "started_at", month)),
        **picked(enterprise, ("api_calls_quota", "executions_limit")),
    }


def _status(current: float | None, target: float) -> str:
    if current is None or current >= target + _NEAR_TARGET:
        return "met"
    return "at_risk" if current >= target else "breached"


# Of time


def _period(call: Call, default: timedelta) -> tuple[datetime, datetime]:
    """The period that a call asks for: up to now, and so long, where it does not say."""
    call.rule("period")
    start, end = Period().of(call.query)
    if end is None:
        end = max(call.now, start or call.now)
    return start or (end - default if end - _FIRST > default else _FIRST), end


def _by_time(rows: Sequence[Row], field: str, granularity: str) -> Mapping[str, Sequence[Row]]:
    """Rows by the hour, day or week of their instant, in order."""
    floors = {text: _floor(parse_instant(text), granularity) for text in sorted(set(column(rows, field)))}
    by_text = grouped(rows, field)
    found: dict[str, list[Row]] = {}
    for text, floor in floors.items():
        found.setdefault(instant_text(floor), []).extend(by_text[text])
    return found


def _floor(moment: datetime, granularity: str) -> datetime:
    hour = moment.replace(minute=0, second=0, microsecond=0)
    if granularity == "hour":
        return hour
    day = hour.replace(hour=0)
    return day - timedelta(days=day.weekday()) if granularity == "week" else day


def _text(moment: datetime) -> str:
    return instant_text(moment.replace(microsecond=0))
