"""Executions that can be waited for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from accordant_generated.dibop import executions as generated
from accordant_generated.dibop.aio import executions as generated_aio
from accordant_runtime import CallOptions, Lazy

from ..clients import DEADLINE, INTERVAL, States, own_async_caller, own_caller, reached
from .waiting import ended

if TYPE_CHECKING:
    from accordant_generated.dibop.models.execution_detail import ExecutionDetail
    from accordant_generated.dibop.models.execution_status import ExecutionStatus, ExecutionStatusInput

_STATUS: Final[Lazy[ExecutionStatus]] = Lazy("accordant_generated.dibop.models.execution_status", "ExecutionStatus")
_STATES: Final[States[ExecutionDetail]] = States(generated.GET_EXECUTION, "execution_id", "execution", _STATUS)


class Executions(generated.Executions):
    """Runs of orchestrations, their step results and traces."""

    def wait(
        self,
        execution_id: str,
        *,
        deadline: float | None = DEADLINE,
        interval: float = INTERVAL,
        options: CallOptions | None = None,
    ) -> ExecutionDetail:
        """Wait until an execution has ended, well or not, and return it with its step results.

        Looks after ``interval`` seconds, and then at growing intervals of at most 15 seconds.

        Args:
            execution_id: Id of the execution.
            deadline: Seconds to wait at most; ``None`` is no limit.
            interval: Seconds before the second look.

        Raises a WaitTimeoutError with the execution as it was seen last when it has not ended within ``deadline``, and
        what ``get`` raises.
        """
        caller = own_caller(self._caller)
        return caller.io.run(ended(caller.session, caller.defaults, execution_id, deadline, interval, options))

    def wait_until(
        self,
        execution_id: str,
        *,
        status: ExecutionStatusInput | Sequence[ExecutionStatusInput],
        deadline: float | None = DEADLINE,
        interval: float = INTERVAL,
        options: CallOptions | None = None,
    ) -> ExecutionDetail:
        """Wait until an execution has a status, such as `running`, and return it as it is then.

        Looks at once, after ``interval`` seconds, and then at growing intervals of at most 15 seconds.

        Args:
            execution_id: Id of the execution.
            status: The status to wait for, or several of which one is enough.
            deadline: Seconds to wait at most; ``None`` is no limit.
            interval: Seconds before the second look.

        Raises a WaitTimeoutError with the execution as it was seen last when ``deadline`` is over, a
        RequestError for a status that is not documented, and what ``get`` raises.
        """
        caller = own_caller(self._caller)
        session, defaults = caller.session, caller.defaults
        return caller.io.run(reached(session, defaults, _STATES, execution_id, status, deadline, interval, options))


class AsyncExecutions(generated_aio.AsyncExecutions):
    """Runs of orchestrations, their step results and traces."""

    async def wait(
        self,
        execution_id: str,
        *,
        deadline: float | None = DEADLINE,
        interval: float = INTERVAL,
        options: CallOptions | None = None,
    ) -> ExecutionDetail:
        """Wait until an execution has ended, well or not, and return it with its step results.

        Looks after ``interval`` seconds, and then at growing intervals of at most 15 seconds.

        Args:
            execution_id: Id of the execution.
            deadline: Seconds to wait at most; ``None`` is no limit.
            interval: Seconds before the second look.

        Raises a WaitTimeoutError with the execution as it was seen last when it has not ended within ``deadline``, and
        what ``get`` raises.
        """
        caller = own_async_caller(self._caller)
        return await caller.io.run(ended(caller.session, caller.defaults, execution_id, deadline, interval, options))

    async def wait_until(
        self,
        execution_id: str,
        *,
        status: ExecutionStatusInput | Sequence[ExecutionStatusInput],
        deadline: float | None = DEADLINE,
        interval: float = INTERVAL,
        options: CallOptions | None = None,
    ) -> ExecutionDetail:
        """Wait until an execution has a status, such as `running`, and return it as it is then.

        Looks at once, after ``interval`` seconds, and then at growing intervals of at most 15 seconds.

        Args:
            execution_id: Id of the execution.
            status: The status to wait for, or several of which one is enough.
            deadline: Seconds to wait at most; ``None`` is no limit.
            interval: Seconds before the second look.

        Raises a WaitTimeoutError with the execution as it was seen last when ``deadline`` is over, a
        RequestError for a status that is not documented, and what ``get`` raises.
        """
        caller = own_async_caller(self._caller)
        session, defaults = caller.session, caller.defaults
        return await caller.io.run(
            reached(session, defaults, _STATES, execution_id, status, deadline, interval, options)
        )
