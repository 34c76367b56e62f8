"""What Dime.Scheduler posts to your own server: a reader for each webhook of its document.

``WEBHOOKS`` is all of them by name. ``WEBHOOKS["..."].parse(body)`` reads a body into its model, and
:mod:`accordant.webhooks` is a WSGI application for them.
"""

from accordant_generated.dime_scheduler.received import (
    APPOINTMENT_CREATED,
    APPOINTMENT_DELETED,
    APPOINTMENT_UPDATED,
    WEBHOOKS,
)

__all__ = [
    "APPOINTMENT_CREATED",
    "APPOINTMENT_DELETED",
    "APPOINTMENT_UPDATED",
    "WEBHOOKS",
]
