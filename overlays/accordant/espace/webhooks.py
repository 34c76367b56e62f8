"""Receiving eSPACE's webhooks: typed notifications, and a small WSGI application that hands them on.

eSPACE signs nothing [assumed], so whoever knows the URL can post to it: keep it secret, and treat a notification as a
hint to go and read the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hmac import compare_digest
from typing import Any, Final, TypeAlias

from accordant_generated.espace.models import (
    EventNotification,
    EventOccurrencesNotification,
    EventSubmittedNotification,
    ItemNotification,
    OccurrencesCanceledNotification,
    OccurrencesDeletedNotification,
    ScheduledItemNotification,
)
from accordant_runtime import DecodeError, Model, Notes, is_object, loads

from ..clients import Secret, aware
from ..clients import time_zone as known_zone

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

    Raises ``ConfigurationError`` for a zone that does not exist, and :class:`DecodeError` for what is no notification,
    for a topic that is not known, and with ``strict`` for every field that is not as documented, naming its path.
    """
    content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    notes = Notes()
    try:
        document: Any = loads(content, notes)
    except ValueError as error:
        raise DecodeError(f"a notification is JSON, and this is not: {error}", body=content) from None
    topic: object = document.get("Topic") if is_object(document) else None
    model: type[Model] | None = TOPICS.get(topic) if isinstance(topic, str) else None
    if model is None:
        raise DecodeError(f"there is no topic {topic!r}; there are: {', '.join(TOPICS)}", body=content)
    result: Any = model.decode(document, notes)
    if strict:
        notes.raise_any(f"a notification of {topic}", content)
    zone = known_zone(time_zone)
    found: Notification = result if zone is None else aware(result, zone)
    return found


Handler: TypeAlias = Callable[[Notification], None]


class WebhookReceiver:
    """A WSGI application that reads notifications and calls your handlers.

    ::

        receiver = WebhookReceiver(secret_path="/espace/3f2a...")

        @receiver.on("event.approved", "event.canceled")
        def changed(notification): ...

    It returns 204 when every handler came back, 400 to what is no notification, 404 to other paths, 405 to other
    methods, 413 to bodies of more than ``most`` bytes, and 500 when a handler failed, so that the vendor may try again.
    """

    def __init__(self, secret_path: str = "/", *, most: int = 1_000_000, time_zone: str | None = None) -> None:
        self._path = Secret(secret_path)
        del secret_path  # tracebacks that print local variables must not find it
        known_zone(time_zone)  # a wrong name is told here, not by a failing handler
        self._most = most
        self._time_zone = time_zone
        self._handlers: dict[str, list[Handler]] = {}

    def on(self, *topics: str) -> Callable[[Handler], Handler]:
        """Register a handler for topics, for all of them without any; an unknown topic is a ``ValueError``."""
        for topic in topics:
            if topic not in TOPICS:
                raise ValueError(f"there is no topic {topic!r}; there are: {', '.join(TOPICS)}")

        def register(handler: Handler) -> Handler:
            for topic in topics or TOPICS:
                self._handlers.setdefault(topic, []).append(handler)
            return handler

        return register

    def handle(self, body: bytes) -> Notification:
        """Read a notification and call its handlers; raises what they raise, and ``DecodeError``."""
        notification = parse_notification(body, time_zone=self._time_zone)
        for handler in self._handlers.get(str(notification.topic), ()):
            handler(notification)
        return notification

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """One request, by the WSGI protocol (PEP 3333)."""
        status = self._status(environ)
        start_response(status, [("Content-Length", "0")])
        return []

    def _status(self, environ: dict[str, Any]) -> str:
        if not compare_digest(str(environ.get("PATH_INFO", "/")).encode(), self._path.reveal().encode()):
            return "404 Not Found"
        if environ.get("REQUEST_METHOD") != "POST":
            return "405 Method Not Allowed"
        length = str(environ.get("CONTENT_LENGTH") or "0")
        if not length.isdecimal() or int(length) > self._most:
            return "413 Content Too Large"
        try:
            self.handle(environ["wsgi.input"].read(int(length)))
        except DecodeError:
            return "400 Bad Request"
        except Exception as error:  # whatever a handler raises, the vendor is told that it was not taken
            environ["wsgi.errors"].write(f"a webhook handler failed: {type(error).__name__}\n")
            return "500 Internal Server Error"
        return "204 No Content"
