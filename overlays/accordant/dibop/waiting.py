"""Waiting for executions: what the blocking and the asynchronous methods have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from accordant_generated.dibop.executions import GET_EXECUTION
from accordant_generated.dibop.orchestrations import EXECUTE_ORCHESTRATION
from accordant_runtime import UNSET, CallOptions, Unset

from ..clients import Defaults, Flow, Session, call, wait_until, within

if TYPE_CHECKING:
    from accordant_generated.dibop.models.execution_detail import ExecutionDetail

_ENDED: Final = ("success", "failed", "partial")


def ended(
    session: Session,
    defaults: Defaults,
    execution_id: str,
    deadline: float | None,
    interval: float,
    options: CallOptions | None,
) -> Flow[ExecutionDetail]:
    """Look at an execution until it has ended."""

    def look(left: float | None) -> Flow[ExecutionDetail]:
        chosen = within(options, defaults, left)
        return call(session, defaults, GET_EXECUTION, {"execution_id": execution_id}, chosen)

    what = f"execution {execution_id} has not ended"
    return (yield from wait_until(session.clock, look, _is_over, what=what, deadline=deadline, interval=interval))


def executed(
    session: Session,
    defaults: Defaults,
    id: str,
    parameters: Mapping[str, Any] | Unset,
    deadline: float | None,
    interval: float,
    options: CallOptions | None,
) -> Flow[ExecutionDetail]:
    """Start an execution and look at it until it has ended, all before the deadline."""
    clock = session.clock
    begun = clock.monotonic()
    chosen = within(options, defaults, deadline)
    arguments = {"id": id, "parameters": parameters}
    started = yield from call(session, defaults, EXECUTE_ORCHESTRATION, arguments, chosen)
    left = None if deadline is None else max(deadline - (clock.monotonic() - begun), interval)
    return (yield from ended(session, defaults, started.execution_id, left, interval, options))


def _is_over(execution: ExecutionDetail) -> bool:
    """Whether nothing will change any more; a status that is not documented does not tell, but the end's date does."""
    return execution.status in _ENDED or execution.completed_at not in (None, UNSET)
