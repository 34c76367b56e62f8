"""What eSPACE posts to your own server: a reader for each webhook of its document.

``WEBHOOKS`` is all of them by name. ``WEBHOOKS["..."].parse(body)`` reads a body into its model, and
:mod:`accordant.webhooks` is a WSGI application for them.
"""

from accordant_generated.espace.received import (
    EVENT_APPROVED,
    EVENT_CANCELED,
    EVENT_DECLINED,
    EVENT_DELETED,
    EVENT_DRAFT,
    EVENT_SUBMITTED,
    EVENT_UPDATED,
    EVENTDATES_UPDATED,
    ITEM_CREATED,
    ITEM_DELETED,
    ITEM_UPDATED,
    OCCURRENCE_CANCELED,
    OCCURRENCE_DELETED,
    SCHEDULED_ITEM_UPDATED,
    WEBHOOKS,
)

__all__ = [
    "EVENTDATES_UPDATED",
    "EVENT_APPROVED",
    "EVENT_CANCELED",
    "EVENT_DECLINED",
    "EVENT_DELETED",
    "EVENT_DRAFT",
    "EVENT_SUBMITTED",
    "EVENT_UPDATED",
    "ITEM_CREATED",
    "ITEM_DELETED",
    "ITEM_UPDATED",
    "OCCURRENCE_CANCELED",
    "OCCURRENCE_DELETED",
    "SCHEDULED_ITEM_UPDATED",
    "WEBHOOKS",
]
