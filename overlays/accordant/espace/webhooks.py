"""Receiving eSPACE's webhooks: typed notifications, and a small WSGI application that hands them on.

eSPACE signs nothing [assumed], so whoever knows the URL can post to it: keep it secret, and treat a notification as a
hint to go and read the record.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from accordant_generated.espace.models import (
    EventNotification,
    EventOccurrencesNotification,
    EventSubmittedNotification,
    ItemNotification,
    OccurrencesCanceledNotification,
    OccurrencesDeletedNotification,
    ScheduledItemNotification,
)
from accordant_generated.espace.received import WEBHOOKS

from ..clients import aware
from ..clients import time_zone as known_zone
from ..webhooks import Handler, Receiver, Verify

__all__ = ["TOPICS", "Handler", "Notification", "WebhookReceiver", "parse_notification"]

Notification: TypeAlias = (
    EventNotification
    | EventOccurrencesNotification
    | EventSubmittedNotification
    | ItemNotification
    | OccurrencesCanceledNotification
    | OccurrencesDeletedNotification
    | ScheduledItemNotification
)

TOPICS: Final[dict[str, type[Notification]]] = {
    "event.submitted": EventSubmittedNotification,
    "event.approved": EventNotification,
    "event.declined": EventNotification,
    "event.draft": EventNotification,
    "event.updated": EventNotification,
    "eventdates.updated": EventNotification,
    "event.canceled": EventOccurrencesNotification,
    "event.deleted": EventOccurrencesNotification,
    "occurrence.canceled": OccurrencesCanceledNotification,
    "occurrence.deleted": OccurrencesDeletedNotification,
    "item.created": ItemNotification,
    "item.updated": ItemNotification,
    "item.deleted": ItemNotification,
    "scheduledItem.updated": ScheduledItemNotification,
}
"""The 14 topics that are known, and what each carries [third-party]."""


def parse_notification(body: bytes | str, *, strict: bool = False, time_zone: str | None = None) -> Notification:
    """Read a notification by its topic.

    Times come without an offset; with ``time_zone``, the organisation's (an IANA name), they are aware, as they are in
    a client with that zone.

    Raises ``ConfigurationError`` for a zone that does not exist, and ``DecodeError`` for what is no notification,
    for a topic that is not known, and with ``strict`` for every field that is not as documented, naming its path.
    """
    zone = known_zone(time_zone)
    found: Notification = WEBHOOKS.parse(body, strict=strict)
    return found if zone is None else aware(found, zone)


class WebhookReceiver(Receiver):
    """A WSGI application that reads notifications and calls your handlers.

    ::

        receiver = WebhookReceiver(secret_path="/espace/3f2a...")

        @receiver.on("event.approved", "event.canceled")
        def changed(notification): ...

    Everything comes in at one path, and the body names its topic. See :class:`accordant.webhooks.Receiver` for
    what it returns.
    """

    def __init__(
        self,
        secret_path: str = "/",
        *,
        verify: Verify | None = None,
        most: int = 1_000_000,
        strict: bool = False,
        time_zone: str | None = None,
    ) -> None:
        super().__init__(WEBHOOKS, secret_path, verify=verify, most=most, strict=strict, time_zone=time_zone)
        del secret_path  # tracebacks that print local variables must not find it
