"""Appointments that can be waited for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from accordant_generated.dispatch import appointments as generated
from accordant_generated.dispatch.aio import appointments as generated_aio
from accordant_runtime import CallOptions, Lazy

from ..clients import DEADLINE, INTERVAL, States, own_async_caller, own_caller, reached

if TYPE_CHECKING:
    from accordant_generated.dispatch.models.appointment import Appointment
    from accordant_generated.dispatch.models.appointment_status import AppointmentStatus, AppointmentStatusInput

_STATUS: Final[Lazy[AppointmentStatus]] = Lazy(
    "accordant_generated.dispatch.models.appointment_status", "AppointmentStatus"
)
_STATES: Final[States[Appointment]] = States(generated.GET_APPOINTMENT, "id", "appointment", _STATUS)


class Appointments(generated.Appointments):
    """Visits at which a technician works on a job."""

    def wait_until(
        self,
        id: int,
        *,
        status: AppointmentStatusInput | Sequence[AppointmentStatusInput],
        deadline: float | None = DEADLINE,
        interval: float = INTERVAL,
        options: CallOptions | None = None,
    ) -> Appointment:
        """Wait until an appointment has a status, and return it as it is then.

        Looks at once, after ``interval`` seconds, and then at growing intervals of at most 15 seconds.

        Args:
            id: Id of the appointment.
            status: The status to wait for, or several of which one is enough.
            deadline: Seconds to wait at most; ``None`` is no limit.
            interval: Seconds before the second look.

        Raises a WaitTimeoutError with the appointment as it was seen last when ``deadline`` is over, a
        RequestError for a status that is not documented, and what ``get`` raises.
        """
        caller = own_caller(self._caller)
        session, defaults = caller.session, caller.defaults
        return caller.io.run(reached(session, defaults, _STATES, id, status, deadline, interval, options))


class AsyncAppointments(generated_aio.AsyncAppointments):
    """Visits at which a technician works on a job."""

    async def wait_until(
        self,
        id: int,
        *,
        status: AppointmentStatusInput | Sequence[AppointmentStatusInput],
        deadline: float | None = DEADLINE,
        interval: float = INTERVAL,
        options: CallOptions | None = None,
    ) -> Appointment:
        """Wait until an appointment has a status, and return it as it is then.

        Looks at once, after ``interval`` seconds, and then at growing intervals of at most 15 seconds.

        Args:
            id: Id of the appointment.
            status: The status to wait for, or several of which one is enough.
            deadline: Seconds to wait at most; ``None`` is no limit.
            interval: Seconds before the second look.

        Raises a WaitTimeoutError with the appointment as it was seen last when ``deadline`` is over, a
        RequestError for a status that is not documented, and what ``get`` raises.
        """
        caller = own_async_caller(self._caller)
        session, defaults = caller.session, caller.defaults
        return await caller.io.run(reached(session, defaults, _STATES, id, status, deadline, interval, options))
