"""Dispatch (dispatch.me), REST API v3.

::

    from accordant.dispatch import Dispatch

    with Dispatch(client_id="...", client_secret="...", environment="sandbox") as api:
        for appointment in api.appointments.list(status_in=["scheduled", "enroute"]):
            print(appointment.id, appointment.time)
"""

from .client import AsyncDispatch, Dispatch

__all__ = ["AsyncDispatch", "Dispatch"]
