"""Events that can be waited for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from accordant_generated.espace import events as generated
from accordant_generated.espace.aio import events as generated_aio
from accordant_runtime import CallOptions, Lazy

from ..clients import DEADLINE, INTERVAL, States, own_async_caller, own_caller, reached

if TYPE_CHECKING:
    from accordant_generated.espace.models.event import Event
    from accordant_generated.espace.models.event_status import EventStatus, EventStatusInput

_STATUS: Final[Lazy[EventStatus]] = Lazy("accordant_generated.espace.models.event_status", "EventStatus")
_STATES: Final[States[Event]] = States(generated.EVENT_V2_EVENT, "event_id", "event", _STATUS)


class Events(generated.Events):
    """Events with their schedules, and what these book."""

    def wait_until(
        self,
        event_id: int,
        *,
        status: EventStatusInput | Sequence[EventStatusInput],
        deadline: float | None = DEADLINE,
        interval: float = INTERVAL,
        options: CallOptions | None = None,
    ) -> Event:
        """Wait until an event has a status, and return it as it is then.

        Looks at once, after ``interval`` seconds, and then at growing intervals of at most 15 seconds.

        Args:
            event_id: Id of the event.
            status: The status to wait for, or several of which one is enough.
            deadline: Seconds to wait at most; ``None`` is no limit.
            interval: Seconds before the second look.

        Raises a WaitTimeoutError with the event as it was seen last when ``deadline`` is over, a
        RequestError for a status that is not documented, and what ``get`` raises.
        """
        caller = own_caller(self._caller)
        session, defaults = caller.session, caller.defaults
        return caller.io.run(reached(session, defaults, _STATES, event_id, status, deadline, interval, options))


class AsyncEvents(generated_aio.AsyncEvents):
    """Events with their schedules, and what these book."""

    async def wait_until(
        self,
        event_id: int,
        *,
        status: EventStatusInput | Sequence[EventStatusInput],
        deadline: float | None = DEADLINE,
        interval: float = INTERVAL,
        options: CallOptions | None = None,
    ) -> Event:
        """Wait until an event has a status, and return it as it is then.

        Looks at once, after ``interval`` seconds, and then at growing intervals of at most 15 seconds.

        Args:
            event_id: Id of the event.
            status: The status to wait for, or several of which one is enough.
            deadline: Seconds to wait at most; ``None`` is no limit.
            interval: Seconds before the second look.

        Raises a WaitTimeoutError with the event as it was seen last when ``deadline`` is over, a
        RequestError for a status that is not documented, and what ``get`` raises.
        """
        caller = own_async_caller(self._caller)
        session, defaults = caller.session, caller.defaults
        return await caller.io.run(reached(session, defaults, _STATES, event_id, status, deadline, interval, options))
