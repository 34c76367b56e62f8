"""Dispatch (dispatch.me), REST API v3.

::

    from accordant.dispatch import Dispatch

    with Dispatch(client_id="...", client_secret="...", environment="sandbox") as api:
        for appointment in api.appointments.list(status_in=["scheduled", "enroute"]):
            print(appointment.id, appointment.time)
"""

from typing import TYPE_CHECKING

from .client import AsyncDispatch, Dispatch

if TYPE_CHECKING:
    from ..evidence import Evidence

__all__ = ["AsyncDispatch", "Dispatch", "evidence"]


def evidence() -> "Evidence | None":
    """What the contract tests have proven about this client; ``None`` where the wheel was built without it."""
    from ..evidence import evidence_of  # few programs ask, and each would pay for the import

    return evidence_of("dispatch")
