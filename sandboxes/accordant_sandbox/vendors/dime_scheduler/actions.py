"""What happens at Dime.Scheduler outside the API, for tests: planners plan, resources book their time, keys expire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from accordant_sandbox.engine.auth import revoke_all
from accordant_sandbox.errors import SandboxError
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.ports import Tx
from accordant_sandbox.vendors.dime_scheduler.appointments import appointment_of, delete_appointment, upsert_appointment
from accordant_sandbox.vendors.dime_scheduler.keys import TASK, local_now
from accordant_sandbox.vendors.dime_scheduler.kinds import KINDS

__all__ = ["ACTIONS"]

_APPOINTMENT = KINDS["appointment"]


def plan_appointment(tx: Tx, task_no: str, resource_no: str, start: str, end: str) -> str:
    """A planner drags a task onto the board; returns the appointment's number.

    Raises:
        SandboxError: The task or the resource does not exist.
    """
    tasks = tx.rows("tasks", taskNo=task_no)
    if not tasks:
        raise SandboxError(f"there is no task {task_no}")
    owner = {name: tasks[0][name] for name in TASK}
    return _planned(tx, {**owner, "resourceNo": resource_no, "start": start, "end": end})


def move_appointment(tx: Tx, appointment_no: str, start: str, end: str) -> str:
    """A planner moves an appointment; returns its number."""
    row = _known(tx, appointment_no)
    owner = {name: row[name] for name in TASK if row.get(name) is not None}
    return _planned(tx, {**owner, "appointmentNo": appointment_no, "start": start, "end": end})


def cancel_appointment(tx: Tx, appointment_no: str) -> None:
    """A planner takes an appointment off the board."""
    _known(tx, appointment_no)
    delete_appointment(tx, _APPOINTMENT, {"appointmentNo": appointment_no})


def book_time(tx: Tx, resource_no: str, seconds: int, day: str | None = None) -> dict[str, Any]:
    """A resource fills in its time sheet."""
    entry = {"resourceNo": resource_no, "date": day or local_now(tx)[:10], "durationInSeconds": seconds}
    return dict(tx.create("time_entries", entry))


def start_work(tx: Tx, resource_no: str) -> dict[str, Any]:
    """A resource starts a session of work."""
    return dict(tx.create("time_sessions", {"resourceNo": resource_no, "start": local_now(tx), "end": None}))


def expire_keys(tx: Tx) -> int:
    """Every API key reaches its expiration date; returns how many."""
    return revoke_all(tx, kind="api_key")


def _planned(tx: Tx, body: dict[str, Any]) -> str:
    try:
        return str(upsert_appointment(tx, _APPOINTMENT, body)["appointmentNo"])
    except Problem as problem:
        raise SandboxError(problem.message) from problem


def _known(tx: Tx, appointment_no: str) -> dict[str, Any]:
    try:
        return dict(appointment_of(tx, {"appointmentNo": appointment_no}))
    except Problem as problem:
        raise SandboxError(problem.message) from problem


ACTIONS: Mapping[str, Callable[..., Any]] = {
    action.__name__: action
    for action in (book_time, cancel_appointment, expire_keys, move_appointment, plan_appointment, start_work)
}
