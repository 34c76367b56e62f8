"""Alert rules: what they need, when they fire, and whom they tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from operator import itemgetter
from typing import Any, Final

from accordant_sandbox.model.events import Delivery, Event, Notice
from accordant_sandbox.model.instants import parse_instant
from accordant_sandbox.model.several import column, count, where, within
from accordant_sandbox.ports import Row, Tx
from accordant_sandbox.vendors.dibop.observability import mean, percent

__all__ = ["completed_rule", "deliver", "execution_ended", "system_pinged"]

_CONDITIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "execution_failure": {"trigger_on": "any"},
    "consecutive_failures": {"threshold": 3},
    "sla_breach": {
        "metric": "success_rate", "threshold": 99, "window": "P7D", "evaluate_every": "PT1H", "minimum_executions": 10,
    },
    "system_down": {"failed_checks": 3},
    "latency_threshold": {"threshold_ms": 5000, "window": "PT1H"},
    "error_rate_spike": {"threshold": 10, "window": "PT1H"},
}  # fmt: skip
"""What a condition holds by default, by the rule's type."""

_UNITS: Final = {"H": "hours", "M": "minutes", "D": "days", "W": "weeks"}
_LINK: Final = "https://demo.dibop.ca/monitoring"

Reading = tuple[str, float, float, str | None]
"""Metric, threshold, actual value, window: why a rule fires."""


def completed_rule(tx: Tx, row: Row) -> Mapping[str, Any]:
    """The defaults of a rule's condition and scope."""
    tx.rule("alert_defaults")
    if row["id"] in tx.table("alert_rules"):
        tx.rule("replace_all")
    scope: dict[str, Any] = {"orchestration_ids": [], "systems": [], **row["scope"]}
    return {"scope": scope, "condition": {**_CONDITIONS[row["type"]], **row["condition"]}}


def execution_ended(tx: Tx, execution: Row) -> None:
    """Judge the rules that look at executions and at the calls that they make."""
    tx.rule("alert_evaluation")
    calls = [outcome.request for step in execution["_simulation"].steps for outcome in step.calls]
    systems = {request["system"] for request in calls if request is not None}
    for rule in _live(tx, execution["_tenant"]):
        if rule["type"] in _OF_EXECUTIONS and _covers(rule, "orchestration_ids", [execution["orchestration_id"]]):
            _judge(
                tx, rule, _OF_EXECUTIONS[rule["type"]](tx, rule, execution), f"executions/{execution['execution_id']}"
            )
        if rule["type"] in _OF_CALLS and _covers(rule, "systems", systems):
            _judge(tx, rule, _OF_CALLS[rule["type"]](tx, rule), "api-calls")


def system_pinged(tx: Tx, connection: Row) -> None:
    """Judge the rules that look at health checks."""
    tx.rule("alert_evaluation")
    for rule in _live(tx, connection["_tenant"]):
        if rule["type"] == "system_down" and _covers(rule, "systems", [connection["system"]]):
            failed, allowed = connection["failed_checks"], rule["condition"]["failed_checks"]
            reading = ("failed_checks", float(allowed), float(failed), None) if failed >= allowed else None
            _judge(tx, rule, reading, f"systems/{connection['system']}")


def deliver(tx: Tx, event: Event) -> Iterable[Delivery | Notice]:
    """What an alert leads to: e-mails, the documented body to the webhook channel, a line of text to Slack."""
    del tx
    if event.topic != "alertFired":
        return
    alert, channels = event.payload["alert"], event.payload["channels"]
    if "webhook" in channels:
        yield Delivery("alertFired", channels["webhook"]["url"], alert)
    for address in channels["email"]["recipients"] if "email" in channels else ():
        yield Notice("alertFired", "email", address, alert, event.at)
    if "slack" in channels:
        text = f"{alert['severity']}: {alert['alert_rule']} ({alert['metric']} is {alert['actual_value']:g})"
        yield Delivery("alertFired.slack", channels["slack"]["webhook_url"], {"text": text})


# When a rule fires


def _failure(tx: Tx, rule: Row, execution: Row) -> Reading | None:
    del tx
    bad = ("failed", "partial") if rule["condition"]["trigger_on"] == "any" else ("failed",)
    return ("failed_executions", 1.0, 1.0, None) if execution["status"] in bad else None


def _in_a_row(tx: Tx, rule: Row, execution: Row) -> Reading | None:
    rows = tx.rows("executions", orchestration_id=execution["orchestration_id"])
    ended = sorted(where(rows, "status", "not_eq", "running"), key=itemgetter("started_at"), reverse=True)
    failures = sum(1 for _ in takewhile("failed".__eq__, column(ended, "status")))
    threshold = rule["condition"]["threshold"]
    return ("consecutive_failures", float(threshold), float(failures), None) if failures >= threshold > 0 else None


def _sla(tx: Tx, rule: Row, execution: Row) -> Reading | None:
    del execution
    condition = rule["condition"]
    since = _since(tx.now, condition["window"])
    rows = within(tx.rows("executions", _tenant=rule["_tenant"]), "started_at", since)
    ended = _covered(rule, "orchestration_ids", where(rows, "status", "not_eq", "running"), "orchestration_id")
    rate = percent(count(ended, "status", "success"), len(ended))
    if rate is None or len(ended) < condition["minimum_executions"] or rate >= condition["threshold"]:
        return None
    return (condition["metric"], float(condition["threshold"]), rate, condition["window"])


def _latency(tx: Tx, rule: Row) -> Reading | None:
    condition = rule["condition"]
    average = mean(column(_calls(tx, rule), "duration_ms"))
    if average is None or average <= condition["threshold_ms"]:
        return None
    return ("avg_duration_ms", float(condition["threshold_ms"]), average, condition["window"])


def _error_rate(tx: Tx, rule: Row) -> Reading | None:
    condition = rule["condition"]
    calls = _calls(tx, rule)
    rate = percent(len(where(calls, "status", "not_eq", "success")), len(calls))
    if rate is None or rate <= condition["threshold"]:
        return None
    return ("error_rate", float(condition["threshold"]), rate, condition["window"])


_OF_EXECUTIONS: Final[Mapping[str, Callable[[Tx, Row, Row], Reading | None]]] = {
    "execution_failure": _failure,
    "consecutive_failures": _in_a_row,
    "sla_breach": _sla,
}
_OF_CALLS: Final[Mapping[str, Callable[[Tx, Row], Reading | None]]] = {
    "latency_threshold": _latency,
    "error_rate_spike": _error_rate,
}


def _live(tx: Tx, tenant: str) -> Sequence[Row]:
    return tx.rows("alert_rules", _tenant=tenant, enabled=True)


def _covers(rule: Row, names: str, keys: Iterable[str]) -> bool:
    """Whether a rule's scope takes in one of some orchestrations or systems."""
    return _SCOPES.get(rule["scope"]["kind"]) != names or bool(set(rule["scope"][names]) & set(keys))


def _covered(rule: Row, names: str, rows: Sequence[Row], field: str) -> Sequence[Row]:
    """The rows that a rule's scope takes in."""
    return rows if _SCOPES.get(rule["scope"]["kind"]) != names else where(rows, field, "in", rule["scope"][names])


_SCOPES: Final = {"orchestrations": "orchestration_ids", "systems": "systems"}


def _calls(tx: Tx, rule: Row) -> Sequence[Row]:
    rows = within(
        tx.rows("api_calls", _tenant=rule["_tenant"]), "timestamp", _since(tx.now, rule["condition"]["window"])
    )
    return _covered(rule, "systems", rows, "system")


def _judge(tx: Tx, rule: Row, reading: Reading | None, place: str) -> None:
    """Fire a rule, unless it has nothing to say or its cooldown is not over."""
    if reading is None:
        return
    last = rule["last_triggered_at"]
    if last is not None and (tx.now - parse_instant(last)).total_seconds() < rule["cooldown_minutes"] * 60:
        tx.rule("alert_cooldown")
        return
    tx.rule("alert_fired")
    *values, window = reading
    now = tx.now_text
    alert = {
        "alert_rule": rule["name"],
        "severity": rule["severity"],
        **dict(zip(("metric", "threshold", "actual_value"), values, strict=True)),
        "triggered_at": now,
        "link": f"{_LINK}/{place}",
        **({} if window is None else {"window": window}),
    }
    tx.put("alert_rules", {**rule, "last_triggered_at": now})
    tx.emit("alertFired", {"rule_id": rule["id"], "alert": alert, "channels": rule["notification"]})


def _since(now: datetime, window: str) -> datetime:
    """The beginning of a window that ends now: an ISO 8601 duration of one unit, a hundred years at most."""
    number, unit = re.findall(r"(\d+)([HMDW])", window)[0]
    return now - min(timedelta(**{_UNITS[unit]: min(int(number), 10**6)}), timedelta(days=36500))
