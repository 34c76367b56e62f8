"""Work orders that can be waited for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from accordant_generated.espace import work_orders as generated
from accordant_generated.espace.aio import work_orders as generated_aio
from accordant_runtime import CallOptions

from ..clients import DEADLINE, INTERVAL, States, own_async_caller, own_caller, reached

if TYPE_CHECKING:
    from accordant_generated.espace.models.work_order import WorkOrder

_STATES: Final[States[WorkOrder]] = States(generated.WORK_ORDER_WORK_ORDER, "work_order_id", "work order")


class WorkOrders(generated.WorkOrders):
    """Work orders with their spaces, costs, tasks and documents."""

    def wait_until(
        self,
        work_order_id: int,
        *,
        status: str | Sequence[str],
        deadline: float | None = DEADLINE,
        interval: float = INTERVAL,
        options: CallOptions | None = None,
    ) -> WorkOrder:
        """Wait until a work order has a status, and return it as it is then.

        Looks at once, after ``interval`` seconds, and then at growing intervals of at most 15 seconds.

        Args:
            work_order_id: Id of the work order.
            status: The status to wait for, or several of which one is enough.
            deadline: Seconds to wait at most; ``None`` is no limit.
            interval: Seconds before the second look.

        Raises a WaitTimeoutError with the work order as it was seen last when ``deadline`` is over, a
        RequestError for a status that is not documented, and what ``get`` raises.
        """
        caller = own_caller(self._caller)
        session, defaults = caller.session, caller.defaults
        return caller.io.run(reached(session, defaults, _STATES, work_order_id, status, deadline, interval, options))


class AsyncWorkOrders(generated_aio.AsyncWorkOrders):
    """Work orders with their spaces, costs, tasks and documents."""

    async def wait_until(
        self,
        work_order_id: int,
        *,
        status: str | Sequence[str],
        deadline: float | None = DEADLINE,
        interval: float = INTERVAL,
        options: CallOptions | None = None,
    ) -> WorkOrder:
        """Wait until a work order has a status, and return it as it is then.

        Looks at once, after ``interval`` seconds, and then at growing intervals of at most 15 seconds.

        Args:
            work_order_id: Id of the work order.
            status: The status to wait for, or several of which one is enough.
            deadline: Seconds to wait at most; ``None`` is no limit.
            interval: Seconds before the second look.

        Raises a WaitTimeoutError with the work order as it was seen last when ``deadline`` is over, a
        RequestError for a status that is not documented, and what ``get`` raises.
        """
        caller = own_async_caller(self._caller)
        session, defaults = caller.session, caller.defaults
        return await caller.io.run(
            reached(session, defaults, _STATES, work_order_id, status, deadline, interval, options)
        )
