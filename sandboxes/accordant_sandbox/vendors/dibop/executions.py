"""Executions: begun at once, ended after their time, shown as a summary, in detail and as a trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from accordant_sandbox.model.collections import uuid_text
from accordant_sandbox.model.instants import instant_text, parse_instant
from accordant_sandbox.model.lifecycle import Effect, Lifecycle, Step
from accordant_sandbox.model.names import nulls, words
from accordant_sandbox.model.problems import Kind, Problem
from accordant_sandbox.model.several import in_state, picked
from accordant_sandbox.ports import Row, Tx
from accordant_sandbox.vendors.dibop import alert_rules
from accordant_sandbox.vendors.dibop.canonical_domains import masked, personal
from accordant_sandbox.vendors.dibop.simulation import SimulatedStep, simulate
from accordant_sandbox.vendors.dibop.systems import of_system

__all__ = ["EXECUTION_LIFE", "accepted", "begun", "detail", "run_state", "start", "summary", "trace"]

_SUMMARY: Final = words(
    "execution_id orchestration_id orchestration_name status triggered_by started_at completed_at duration_ms "
    "steps_completed steps_total"
)
_TRACE: Final = words("execution_id orchestration_id orchestration_name status started_at completed_at duration_ms")

# Beginning


def start(tx: Tx, orchestration: Row, parameters: Mapping[str, Any], triggered_by: str) -> Row:
    """Begin an execution of an orchestration.

    Raises:
        Problem: `conflict`: it is not active.
    """
    in_state(orchestration, "status", "active", "orchestration", "only_active_runs")
    tx.rule("execute_async")
    return tx.create("executions", begun(tx, orchestration, parameters, triggered_by))


def begun(tx: Tx, orchestration: Row, parameters: Mapping[str, Any], triggered_by: str) -> dict[str, Any]:
    """The values of a new execution: what will happen is known from the start, and shown as time passes."""
    execution_id = uuid_text(tx.random)
    simulation = simulate(tx, orchestration, execution_id, parameters)
    of = {"orchestration_id": orchestration["id"], "orchestration_name": orchestration["name"]}
    begins = {"status": "running", "triggered_by": triggered_by, "started_at": tx.now_text}
    whole = {**of, **begins, "parameters": dict(parameters), "_tenant": orchestration["_tenant"]}
    return {"execution_id": execution_id, **whole, "_simulation": simulation}


def accepted(orchestration: Row, given: Mapping[str, Any], refusal: Kind = "invalid") -> dict[str, Any]:
    """The parameters of an execution: those that are declared, defaults filled in, and the others as they are.

    Raises:
        Problem: One that is required is missing, or one has another type than declared.
    """
    values = dict(given)
    wrong: list[tuple[str, str]] = []
    for parameter in orchestration["parameters"]:
        name = parameter["name"]
        if values.get(name) is None and parameter["default"] is not None:
            values[name] = parameter["default"]
        elif values.get(name) is None:
            if parameter["required"]:
                wrong.append((f"parameters.{name}", f"{name} is required"))
        elif not _TYPES[parameter["type"]](values[name]):
            wrong.append((f"parameters.{name}", f"{name} is not of type {parameter['type']}"))
    if wrong:
        raise Problem(refusal, "the parameters do not fit the orchestration", details=wrong, rule="parameters_checked")
    return values


def _is_datetime(value: Any) -> bool:
    try:
        parse_instant(str(value))
    except ValueError:
        return False
    return isinstance(value, str)


_TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "datetime": _is_datetime,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


# Ending


def run_state(tx: Tx, row: Row) -> Mapping[str, Any]:
    """The fields that follow from the state: a running execution has no end yet, and holds its orchestration."""
    running = row["status"] == "running"
    values: dict[str, Any] = {"_running_of": row["orchestration_id"] if running else None}
    simulation = row["_simulation"]
    if running:
        return {**values, **nulls("completed_at duration_ms output error")}
    if row.get("completed_at") is None:
        values["completed_at"] = _at(tx, row, simulation.duration_ms)
        values["duration_ms"] = simulation.duration_ms
    if "output" not in row or row["output"] is None:
        values["output"] = simulation.output
        values["error"] = simulation.error
    return values


def _log_calls(tx: Tx, new: Row, old: Row | None) -> None:
    """One row of the API call log for every call that the execution made."""
    del old
    tx.rule("call_logged")
    for step in new["_simulation"].steps:
        begins = step.begins_ms
        for outcome in step.calls:
            if outcome.request is None:
                continue
            system = tx.table("systems")[outcome.request["system"]]
            timed_out = outcome.status_code is None
            tx.create(
                "api_calls",
                {
                    "timestamp": _at(tx, new, begins),
                    **of_system(system),
                    **picked(outcome.request, ("method", "endpoint")),
                    **picked(new, words("orchestration_id orchestration_name execution_id _tenant")),
                    "status": "timeout" if timed_out else "error" if outcome.error else "success",
                    "status_code": outcome.status_code,
                    "duration_ms": outcome.duration_ms,
                    "error": outcome.error or None,
                    "request_payload": step.given,
                    "response_payload": outcome.response,
                },
            )
            begins += outcome.duration_ms


def _note_run(tx: Tx, new: Row, old: Row | None) -> None:
    del old
    row = tx.table("orchestrations").get(new["orchestration_id"])
    if row is not None and (row["last_execution_at"] or "") < new["started_at"]:
        tx.put("orchestrations", {**row, "last_execution_at": new["started_at"]})


def _ended(tx: Tx, new: Row, old: Row | None) -> None:
    _log_calls(tx, new, old)
    _note_run(tx, new, old)
    alert_rules.execution_ended(tx, new)


EXECUTION_LIFE: Final = Lifecycle(
    "status",
    effects=(Effect("running", _note_run), *(Effect(state, _ended) for state in ("success", "partial", "failed"))),
    steps=(
        Step(
            "running",
            lambda _, row: {"status": row["_simulation"].status},
            lambda row: row["_simulation"].duration_ms / 1000,
        ),
    ),
)


# Showing


def detail(tx: Tx, row: dict[str, Any]) -> dict[str, Any]:
    """An execution with the results of its steps so far."""
    stored = tx.table("executions")[row["execution_id"]]
    if row["orchestration_id"] not in tx.table("orchestrations"):
        tx.rule("executions_stay")
    steps = _so_far(tx, stored)
    shown = {**row, "steps_total": len(stored["_simulation"].steps)}
    shown["steps_completed"] = sum(status == "success" for _, status in steps)
    shown["step_results"] = [
        {
            "name": step.name,
            "type": step.type,
            "status": status,
            "duration_ms": None if status in ("running", "skipped") else step.duration_ms,
            "target": step.target,
            "error": step.error or None if status == "failed" else None,
            "attempts": step.attempts,
        }
        for step, status in steps
    ]
    return shown


def summary(_: Tx, shown: dict[str, Any]) -> dict[str, Any]:
    """An execution as a row of a list."""
    return picked(shown, _SUMMARY)


def trace(tx: Tx, row: Row) -> dict[str, Any]:
    """An execution with what every finished step got and brought; personal data is masked."""
    tx.rule("pii_masked")
    names = personal(tx.document)
    steps = [(step, status) for step, status in _so_far(tx, row) if status != "running"]
    return {
        **picked(row, _TRACE),
        "steps": [
            {
                "index": number,
                "name": step.name,
                "type": step.type,
                "status": status,
                "started_at": None if status == "skipped" else _at(tx, row, step.begins_ms),
                "completed_at": None if status == "skipped" else _at(tx, row, step.begins_ms + step.duration_ms),
                "duration_ms": None if status == "skipped" else step.duration_ms,
                "target": step.target,
                "input": masked(step.given, names),
                "output": masked(step.output, names),
                "error": step.error or None,
                "http_status": step.http_status,
            }
            for number, (step, status) in enumerate(steps, 1)
        ],
    }


def _so_far(tx: Tx, row: Row) -> list[tuple[SimulatedStep, str]]:
    """The steps that have begun, each with its status; the whole of them once the execution has ended."""
    steps: tuple[SimulatedStep, ...] = row["_simulation"].steps
    if row["status"] != "running":
        return [(step, step.status) for step in steps]
    elapsed = (tx.now - parse_instant(row["started_at"])) / timedelta(milliseconds=1)
    begun_steps = [step for step in steps if step.status != "skipped" and step.begins_ms <= elapsed]
    return [(step, step.status if step.begins_ms + step.duration_ms <= elapsed else "running") for step in begun_steps]


def _at(tx: Tx, row: Row, offset_ms: int) -> str:
    """The instant so many milliseconds after the start, to the second; never one that is still to come."""
    moment: datetime = parse_instant(row["started_at"]) + timedelta(milliseconds=offset_ms)
    return instant_text(min(moment, max(tx.now, parse_instant(row["started_at"]))).replace(microsecond=0))
