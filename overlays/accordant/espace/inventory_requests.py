"""Requests for stock that can be waited for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from accordant_generated.espace import inventory_requests as generated
from accordant_generated.espace.aio import inventory_requests as generated_aio
from accordant_runtime import CallOptions, Lazy

from ..clients import DEADLINE, INTERVAL, States, own_async_caller, own_caller, reached

if TYPE_CHECKING:
    from accordant_generated.espace.models.inventory_request import InventoryRequest
    from accordant_generated.espace.models.inventory_request_status import (
        InventoryRequestStatus,
        InventoryRequestStatusInput,
    )

_STATUS: Final[Lazy[InventoryRequestStatus]] = Lazy(
    "accordant_generated.espace.models.inventory_request_status", "InventoryRequestStatus"
)
_STATES: Final[States[InventoryRequest]] = States(
    generated.INVENTORY_REQUEST_INVENTORY_REQUEST, "inventory_request_id", "inventory request", _STATUS
)


class InventoryRequests(generated.InventoryRequests):
    """Requests for stock; read-only."""

    def wait_until(
        self,
        inventory_request_id: int,
        *,
        status: InventoryRequestStatusInput | Sequence[InventoryRequestStatusInput],
        deadline: float | None = DEADLINE,
        interval: float = INTERVAL,
        options: CallOptions | None = None,
    ) -> InventoryRequest:
        """Wait until an inventory request has a status, and return it as it is then.

        Looks at once, after ``interval`` seconds, and then at growing intervals of at most 15 seconds.

        Args:
            inventory_request_id: Id of the inventory request.
            status: The status to wait for, or several of which one is enough.
            deadline: Seconds to wait at most; ``None`` is no limit.
            interval: Seconds before the second look.

        Raises a WaitTimeoutError with the inventory request as it was seen last when ``deadline`` is over, a
        RequestError for a status that is not documented, and what ``get`` raises.
        """
        caller = own_caller(self._caller)
        session, defaults = caller.session, caller.defaults
        return caller.io.run(
            reached(session, defaults, _STATES, inventory_request_id, status, deadline, interval, options)
        )


class AsyncInventoryRequests(generated_aio.AsyncInventoryRequests):
    """Requests for stock; read-only."""

    async def wait_until(
        self,
        inventory_request_id: int,
        *,
        status: InventoryRequestStatusInput | Sequence[InventoryRequestStatusInput],
        deadline: float | None = DEADLINE,
        interval: float = INTERVAL,
        options: CallOptions | None = None,
    ) -> InventoryRequest:
        """Wait until an inventory request has a status, and return it as it is then.

        Looks at once, after ``interval`` seconds, and then at growing intervals of at most 15 seconds.

        Args:
            inventory_request_id: Id of the inventory request.
            status: The status to wait for, or several of which one is enough.
            deadline: Seconds to wait at most; ``None`` is no limit.
            interval: Seconds before the second look.

        Raises a WaitTimeoutError with the inventory request as it was seen last when ``deadline`` is over, a
        RequestError for a status that is not documented, and what ``get`` raises.
        """
        caller = own_async_caller(self._caller)
        session, defaults = caller.session, caller.defaults
        return await caller.io.run(
            reached(session, defaults, _STATES, inventory_request_id, status, deadline, interval, options)
        )
