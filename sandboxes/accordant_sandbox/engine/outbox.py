"""The outbox: what a vendor sends. Webhooks leave only when they are delivered, and only to loopback; notices stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from accordant_sandbox.engine.clock import Clock
from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.response_validation import Defect, validate_webhook
from accordant_sandbox.model.events import Delivery, Event, Notice, Sender
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.ports import Tx

__all__ = ["Outbox", "is_loopback"]


class Outbox:
    """Events in order, with the webhooks that the vendor posts and the notices that people get because of them.

    Args:
        vendor: The vendor, which says to whom an event is delivered.
        clock: The sandbox's clock.
        defects: Gets a defect for each delivery that the vendor's document forbids.
        transaction: Opens a transaction that sees every row.
    """

    def __init__(self, vendor: Vendor, clock: Clock, defects: list[Defect], transaction: Callable[[], Tx]) -> None:
        self._vendor, self._clock, self._defects, self._transaction = vendor, clock, defects, transaction
        self.events: list[Event] = []
        self.deliveries: list[Delivery] = []
        self.notices: list[Notice] = []

    def announce(self, topic: str, payload: Mapping[str, Any]) -> None:
        """Take an event in and address it to whoever subscribed."""
        event = Event(topic, payload, self._clock.text())
        self.events.append(event)
        if self._vendor.deliver is None:
            return
        for sent in self._vendor.deliver(self._transaction(), event):
            if isinstance(sent, Notice):
                self.notices.append(sent)
                continue
            self.deliveries.append(sent)
            defect = validate_webhook(self._vendor.document, sent.topic, sent.body)
            if defect is not None:
                self._defects.append(defect)

    @property
    def pending(self) -> list[Delivery]:
        """Deliveries that no receiver has accepted and that were not given up."""
        return [delivery for delivery in self.deliveries if not delivery.delivered and not delivery.given_up]

    @property
    def due(self) -> list[Delivery]:
        """Pending deliveries whose next attempt may be made at this instant."""
        now = self._clock.now()
        return [delivery for delivery in self.pending if delivery.due is None or delivery.due <= now]

    def deliver(self, send: Sender | None = None) -> list[Delivery]:
        """Attempt every delivery that is due once, in order; returns those attempted.

        Args:
            send: How to post; by default over HTTP, to loopback hosts only.

        Raises:
            SandboxError: A subscription names a host beyond loopback.
        """
        return self._attempt(self.due, send or _post)

    def deliver_one(self, delivery: Delivery) -> None:
        """Attempt one delivery over HTTP, to a loopback host.

        Raises:
            SandboxError: The subscription names a host beyond loopback.
        """
        delivery.attempt(_post, self._clock.now())

    def deliver_local(self) -> list[Delivery]:
        """`deliver` for those that go to loopback; where nothing says when to try again, once is enough."""
        fresh = [each for each in self.due if _is_local(each.url) and (each.attempts == 0 or each.waits is not None)]
        return self._attempt(fresh, _post)

    def clear(self) -> None:
        """Forget events, deliveries and notices."""
        for sent in (self.events, self.deliveries, self.notices):
            sent.clear()

    def _attempt(self, deliveries: list[Delivery], send: Sender) -> list[Delivery]:
        for delivery in deliveries:
            delivery.attempt(send, self._clock.now())
        return deliveries


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    return host in ("127.0.0.1", "::1", "localhost")


def _is_local(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and is_loopback(parts.hostname or "") and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    if not _is_local(url):
        raise SandboxError(
            f"webhooks go over HTTP to loopback only, not to {url!r}; pass send= to receive them in process"
        )
    parts = urlsplit(url)
    # The plain connection follows no redirect, which could lead beyond loopback.
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        connection.request("POST", path, body, dict(headers))
        return connection.getresponse().status
    except (OSError, HTTPException, UnicodeError):
        return 0
    finally:
        connection.close()
