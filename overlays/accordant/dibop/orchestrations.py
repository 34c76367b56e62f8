"""Orchestrations that are executed to their end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from accordant_generated.dibop import orchestrations as generated
from accordant_generated.dibop.aio import orchestrations as generated_aio
from accordant_runtime import UNSET, CallOptions, Unset

from ..clients import DEADLINE, INTERVAL, own_async_caller, own_caller
from .waiting import executed

if TYPE_CHECKING:
    from accordant_generated.dibop.models.execution_detail import ExecutionDetail


class Orchestrations(generated.Orchestrations):
    """Workflows that call connected systems; create, change, delete and execute them."""

    def execute_and_wait(
        self,
        id: str,
        *,
        parameters: Mapping[str, Any] | Unset = UNSET,
        deadline: float | None = DEADLINE,
        interval: float = INTERVAL,
        options: CallOptions | None = None,
    ) -> ExecutionDetail:
        """Execute an orchestration, wait until the execution has ended, well or not, and return it.

        Args:
            id: Id of the orchestration.
            parameters: Input parameter name to value, for example `vin`; unknown names are ignored.
            deadline: Seconds for all of it at most; ``None`` is no limit.
            interval: Seconds before the second look; further intervals grow, up to 15 seconds.

        Raises a WaitTimeoutError with the execution as it was seen last when it has not ended within ``deadline``, and
        what ``execute`` and ``executions.get`` raise.
        """
        caller = own_caller(self._caller)
        return caller.io.run(executed(caller.session, caller.defaults, id, parameters, deadline, interval, options))


class AsyncOrchestrations(generated_aio.AsyncOrchestrations):
    """Workflows that call connected systems; create, change, delete and execute them."""

    async def execute_and_wait(
        self,
        id: str,
        *,
        parameters: Mapping[str, Any] | Unset = UNSET,
        deadline: float | None = DEADLINE,
        interval: float = INTERVAL,
        options: CallOptions | None = None,
    ) -> ExecutionDetail:
        """Execute an orchestration, wait until the execution has ended, well or not, and return it.

        Args:
            id: Id of the orchestration.
            parameters: Input parameter name to value, for example `vin`; unknown names are ignored.
            deadline: Seconds for all of it at most; ``None`` is no limit.
            interval: Seconds before the second look; further intervals grow, up to 15 seconds.

        Raises a WaitTimeoutError with the execution as it was seen last when it has not ended within ``deadline``, and
        what ``execute`` and ``executions.get`` raise.
        """
        caller = own_async_caller(self._caller)
        return await caller.io.run(
            executed(caller.session, caller.defaults, id, parameters, deadline, interval, options)
        )
