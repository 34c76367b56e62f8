"""Simulating an orchestration: every step in order, with what it gets, brings and costs, before any time has passed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.ports import Row, Tx
from accordant_sandbox.vendors.dibop.expressions import holds, resolve
from accordant_sandbox.vendors.dibop.systems import Outcome, call_system

__all__ = ["SimulatedStep", "Simulation", "simulate"]

_QUICK_MS: Final = 12
"""What a step costs that calls no other system."""
_LONGEST_MS: Final = 3_600_000
"""The longest wait before a step is tried again."""


@dataclass(frozen=True, slots=True)
class SimulatedStep:
    """One step as it went. `begins_ms` counts from the start of the execution; `calls` are the calls it made."""

    name: str
    type: str
    status: str
    begins_ms: int = 0
    duration_ms: int = 0
    given: Any = None
    output: Any = None
    error: str = ""
    code: str = ""
    http_status: int | None = None
    target: Mapping[str, Any] | None = None
    attempts: int = 0
    calls: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Simulation:
    """A whole execution: its final status, its steps, what it cost, what it brings, and its failure if it had one."""

    status: str
    steps: tuple[SimulatedStep, ...]
    duration_ms: int
    output: Any
    error: Mapping[str, Any] | None


@dataclass(slots=True)
class _Progress:
    """What is known while the steps are done."""

    tx: Tx
    tenant: str
    orchestration: Row
    scope: dict[str, Any]
    clock_ms: int
    skipped: set[str] = field(default_factory=set[str])
    failed: list[str] = field(default_factory=list[str])
    aborted: bool = False


def simulate(tx: Tx, orchestration: Row, execution_id: str, parameters: Mapping[str, Any]) -> Simulation:
    """Simulate an orchestration with its parameters; nothing is written."""
    context = {
        "timestamp": tx.now_text,
        "execution_id": execution_id,
        "orchestration_id": orchestration["id"],
        "enterprise_id": orchestration["_tenant"],
    }
    start = int(tx.settings["overhead_ms"])
    progress = _Progress(
        tx, orchestration["_tenant"], orchestration, {"parameters": parameters, "_context": context}, start
    )
    steps = tuple(_simulated(progress, step) for step in orchestration["steps"])
    failures = [step for step in steps if step.status == "failed"]
    status = "failed" if progress.aborted else "partial" if failures else "success"
    if failures:
        tx.rule(status)
    last = next((step for step in reversed(steps) if step.status == "success" and step.type != "conditional"), None)
    error = None
    if failures:
        culprit = failures[-1] if progress.aborted else failures[0]
        error = {"step": culprit.name, "code": culprit.code, "message": culprit.error}
    return Simulation(status, steps, progress.clock_ms, last.output if last else None, error)


def _simulated(progress: _Progress, step: Mapping[str, Any]) -> SimulatedStep:
    """Simulate one step and note on the progress what follows from it."""
    name, kind = step["name"], step["type"]
    if progress.aborted or name in progress.skipped or (kind == "error_handler" and not _handled(progress, step)):
        return SimulatedStep(name, kind, "skipped")
    action = _action(progress, step)
    done = _attempts(progress, step, action)
    done = replace(done, begins_ms=progress.clock_ms)
    progress.clock_ms += done.duration_ms
    progress.scope[name] = _stored(done)
    if done.status == "failed":
        progress.failed.append(name)
        fallback = _handler(progress, name)
        if action in ("continue", "notify"):
            progress.scope[name] = {"output": fallback.get("fallback_output") if fallback else None}
        else:
            progress.aborted = True
    return done


def _attempts(progress: _Progress, step: Mapping[str, Any], action: str) -> SimulatedStep:
    """A step, tried again as often as error handling says."""
    handling = progress.orchestration["error_handling"]
    tries = 1 + (max(1, handling["max_retries"]) if action == "retry" else 0)
    delay = 0
    calls: list[Outcome] = []
    spent = 0
    for attempt in range(1, tries + 1):
        done = _RUN[step["type"]](progress, step)
        spent += delay + done.duration_ms
        calls.extend(done.calls)
        if done.status != "failed" or attempt == tries:
            return replace(done, attempts=attempt, duration_ms=spent, calls=tuple(calls))
        progress.tx.rule("retried")
        grows = handling["backoff"] == "exponential"
        delay = min(handling["retry_delay_ms"] * (2 ** (attempt - 1) if grows else 1), _LONGEST_MS)
    raise AssertionError("a step is tried at least once")


def _api_call(progress: _Progress, step: Mapping[str, Any]) -> SimulatedStep:
    sent = resolve(step.get("parameters") or {}, progress.scope)
    outcome = call_system(progress.tx, progress.tenant, step, sent)
    system = progress.tx.table("systems").get(step["connection"], {})
    name = step["connection"]
    target = {"system": name, "system_name": system.get("name", name), "operation": step["operation"]}
    if outcome.error:
        progress.tx.rule("call_fails_step")
    output = None
    if outcome.status_code is not None:
        answered = {"status_code": outcome.status_code, "headers": {"content-type": "application/json"}}
        output = {**answered, "response": outcome.response, "duration_ms": outcome.duration_ms}
    return SimulatedStep(
        step["name"], "api_call", "failed" if outcome.error else "success", duration_ms=outcome.duration_ms,
        given=sent, output=output, error=outcome.error, code=outcome.code, http_status=outcome.status_code,
        target=target, calls=(outcome,) if outcome.request else (),
    )  # fmt: skip


def _transform(progress: _Progress, step: Mapping[str, Any]) -> SimulatedStep:
    given = [resolve(each, progress.scope) for each in step.get("input") or ()]
    mapping = resolve(step.get("mapping") or {}, progress.scope)
    output = _TRANSFORM[step["transform_type"]](given, mapping)
    return _done(step, given, output)


def _conditional(progress: _Progress, step: Mapping[str, Any]) -> SimulatedStep:
    progress.tx.rule("branch")
    true = holds(step["condition"], progress.scope)
    progress.skipped.update(step.get("else_steps" if true else "then_steps") or ())
    return _done(step, step["condition"], true)


def _error_handler(progress: _Progress, step: Mapping[str, Any]) -> SimulatedStep:
    progress.tx.rule("handled")
    return _done(step, list(progress.failed), step.get("fallback_output"))


def _done(step: Mapping[str, Any], given: Any, output: Any) -> SimulatedStep:
    """A step that succeeded without a call."""
    return SimulatedStep(step["name"], step["type"], "success", duration_ms=_QUICK_MS, given=given, output=output)


_RUN: Final[Mapping[str, Callable[[_Progress, Mapping[str, Any]], SimulatedStep]]] = {
    "api_call": _api_call,
    "transform": _transform,
    "conditional": _conditional,
    "error_handler": _error_handler,
}


def _filtered(given: list[Any], mapping: Any) -> Any:
    """The objects among the items of the inputs that hold every value of the mapping."""
    items = [each for value in given for each in (value if is_array(value) else [value])]
    return [each for each in items if is_object(each) and all(each.get(key) == mapping[key] for key in mapping)]


_TRANSFORM: Final[Mapping[str, Callable[[list[Any], Any], Any]]] = {
    "map": lambda _, mapping: mapping,
    "extract": lambda given, mapping: mapping or (given[0] if given else None),
    "merge": lambda given, mapping: {key: part[key] for part in [*given, mapping] if is_object(part) for key in part},
    "filter": _filtered,
}


def _stored(done: SimulatedStep) -> Any:
    """What expressions of later steps see under a step's name."""
    return done.output if done.type == "api_call" else {"output": done.output}


def _handlers(progress: _Progress, name: str) -> Iterator[Mapping[str, Any]]:
    for step in progress.orchestration["steps"]:
        if step["type"] == "error_handler" and name in (step.get("handles") or [name]):
            yield step


def _handler(progress: _Progress, name: str) -> Mapping[str, Any] | None:
    return next(_handlers(progress, name), None)


def _handled(progress: _Progress, step: Mapping[str, Any]) -> bool:
    """Whether an error handler has something to do: one of its steps failed before."""
    return any(_handler(progress, name) is step for name in progress.failed)


def _action(progress: _Progress, step: Mapping[str, Any]) -> str:
    """What a failure of a step leads to: its handler's word, its own, else that of the orchestration."""
    handler = _handler(progress, step["name"])
    if handler is not None and step["type"] != "error_handler":
        return str(handler["action"])
    return str(step.get("on_error") or progress.orchestration["error_handling"]["on_error"])
