"""What DIBOP posts to your own server: a reader for each webhook of its document.

``WEBHOOKS`` is all of them by name. ``WEBHOOKS["..."].parse(body)`` reads a body into its model, and
:mod:`accordant.webhooks` is a WSGI application for them.
"""

from accordant_generated.dibop.received import (
    ALERT_FIRED,
    WEBHOOKS,
)

__all__ = [
    "ALERT_FIRED",
    "WEBHOOKS",
]
