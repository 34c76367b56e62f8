"""What DIBOP tells about executions and calls: SLA, charts, statistics of systems."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from accordant_sandbox.model.instants import instant_text
from accordant_sandbox.model.query import Period
from accordant_sandbox.ports import Call, Row
from accordant_sandbox.vendors.dibop.statistics import count, grouped, mean, percent, percentile, period, within

__all__ = ["platform_metrics", "sla_metrics", "system_stats"]

_NEAR_TARGET: Final = 0.5
"""Percentage points above the target within which an SLA is at risk."""


def sla_metrics(call: Call) -> dict[str, Any]:
    """The share of executions that succeeded, over a week unless the call says otherwise."""
    call.rule("sla")
    start, end = period(call, timedelta(days=7))
    rows = [row for row in within(call.tx.rows("executions"), "started_at", start, end) if row["status"] != "running"]
    target = float(call.settings["sla_target"])
    current = percent(count(rows, "status", "success"), len(rows))
    failures = [row["completed_at"] for row in rows if row["status"] == "failed"]
    by_orchestration: dict[str, list[Row]] = {}
    for row in rows:
        by_orchestration.setdefault(row["orchestration_id"], []).append(row)
    return {
        "from": _text(start),
        "to": _text(end),
        "target": target,
        "current": current,
        "status": _status(current, target),
        "successful_executions": count(rows, "status", "success"),
        "failed_executions": count(rows, "status", "failed"),
        "partial_executions": count(rows, "status", "partial"),
        "last_failure_at": max(failures, default=None),
        "orchestrations": [_share(key, each) for key, each in by_orchestration.items()],
    }


def system_stats(call: Call) -> list[dict[str, Any]]:
    """One row for each system that the caller sees, over all time unless the call says otherwise."""
    call.rule("period")
    rows = within(call.tx.rows("api_calls"), "timestamp", *Period().of(call.query))
    return [
        _stats(system, [row for row in rows if row["system"] == system["slug"]])
        for system in sorted(call.tx.rows("systems"), key=lambda row: str(row["slug"]))
    ]


def platform_metrics(call: Call) -> dict[str, Any]:
    """Charts over a day unless the call says otherwise."""
    call.rule("points")
    start, end = period(call, timedelta(days=1))
    granularity = call.query.get("granularity", "hour")
    calls = within(call.tx.rows("api_calls"), "timestamp", start, end)
    executions = within(call.tx.rows("executions"), "started_at", start, end)
    ended = [row for row in executions if row["status"] != "running"]
    systems = [call.tx.show("systems", row) for row in call.tx.rows("systems")]
    return {
        "from": _text(start),
        "to": _text(end),
        "granularity": granularity,
        "api_calls": [
            {
                "timestamp": at,
                "success": count(rows, "status", "success"),
                "client_errors": sum(_hundreds(row) == 4 for row in rows),
                "server_errors": sum(_hundreds(row) == 5 for row in rows),
            }
            for at, rows in grouped(calls, "timestamp", granularity).items()
        ],
        "executions": [
            {"timestamp": at, **{name: count(rows, "status", name) for name in ("success", "failed", "partial")}}
            for at, rows in grouped(ended, "started_at", granularity).items()
        ],
        "system_health": [
            {
                "system": system["slug"],
                "name": system["name"],
                "status": system["health"],
                "last_checked_at": system["last_checked_at"],
            }
            for system in systems
            if system["connected"]
        ],
        "latency": [
            {"system": system["slug"], "points": points}
            for system in systems
            if (points := _latency([row for row in calls if row["system"] == system["slug"]], granularity))
        ],
        "errors": _errors(calls),
        "usage": _usage(call),
    }


def _share(orchestration_id: str, rows: Sequence[Row]) -> dict[str, Any]:
    durations = [row["duration_ms"] for row in rows]
    return {
        "orchestration_id": orchestration_id,
        "name": rows[-1]["orchestration_name"],
        "executions": len(rows),
        "success_rate": percent(count(rows, "status", "success"), len(rows)),
        "avg_duration_ms": mean(durations),
        "p95_duration_ms": percentile(durations, 95),
        "last_execution_at": max(row["started_at"] for row in rows),
    }


def _stats(system: Row, rows: Sequence[Row]) -> dict[str, Any]:
    durations = [row["duration_ms"] for row in rows]
    return {
        "system": system["slug"],
        "system_name": system["name"],
        "is_stub": system["is_stub"],
        "total_calls": len(rows),
        "success_count": count(rows, "status", "success"),
        "error_count": count(rows, "status", "error"),
        "timeout_count": count(rows, "status", "timeout"),
        "success_rate": percent(count(rows, "status", "success"), len(rows)),
        "avg_duration_ms": mean(durations),
        "p95_duration_ms": percentile(durations, 95),
        "last_call_at": max((row["timestamp"] for row in rows), default=None),
    }


def _latency(rows: Sequence[Row], granularity: str) -> list[dict[str, Any]]:
    return [
        {"timestamp": at, "avg_duration_ms": mean([row["duration_ms"] for row in group])}
        for at, group in grouped(rows, "timestamp", granularity).items()
    ]


_ERRORS: Final[Mapping[str, Callable[[Row], bool]]] = {
    "auth": lambda row: row["status_code"] in (401, 403),
    "not_found": lambda row: row["status_code"] == 404,
    "rate_limit": lambda row: row["status_code"] == 429,
    "server_error": lambda row: _hundreds(row) == 5,
    "timeout": lambda row: row["status"] == "timeout",
    "other": lambda row: row["status"] == "error",
}
"""Kinds of failure; a call counts as the first that it is."""


def _errors(rows: Sequence[Row]) -> dict[str, int]:
    found = dict.fromkeys(_ERRORS, 0)
    for row in rows:
        kind = next((name for name, is_kind in _ERRORS.items() if is_kind(row)), None)
        if kind is not None:
            found[kind] += 1
    return found


def _usage(call: Call) -> dict[str, Any] | None:
    """What the enterprise has used of its quota since the month began; None for a caller without an enterprise."""
    enterprise = call.tx.table("enterprises").get(call.principal.tenant) if call.principal else None
    if enterprise is None:
        return None
    month = call.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return {
        "api_calls_used": len(within(call.tx.rows("api_calls"), "timestamp", month, None)),
        "api_calls_quota": enterprise["api_calls_quota"],
        "executions_used": len(within(call.tx.rows("executions"), "started_at", month, None)),
        "executions_limit": enterprise["executions_limit"],
    }


def _status(current: float | None, target: float) -> str:
    if current is None or current >= target + _NEAR_TARGET:
        return "met"
    return "at_risk" if current >= target else "breached"


def _hundreds(row: Row) -> int:
    return (row["status_code"] or 0) // 100


def _text(moment: datetime) -> str:
    return instant_text(moment.replace(microsecond=0))
