"""The outbox: webhooks that a vendor sends. They leave only when they are delivered, and only to loopback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

import orjson

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.response_validation import prove_webhook

if TYPE_CHECKING:
    from accordant_sandbox.engine.engine import Engine

__all__ = ["Delivery", "Event", "Outbox", "Sender", "is_loopback"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: its topic, its payload, the instant on the sandbox's clock."""

    topic: str
    payload: Mapping[str, Any]
    at: str


@dataclass(slots=True)
class Delivery:
    """One webhook to one URL. `status` is that of the last attempt, 0 when nobody answered, None before the first.

    waits:
        Seconds on the clock from each failed attempt to the next; after the last of them the vendor gives up. None = it
        never does, and tries whenever it is told to.
    due:
        Instant from which on the next attempt may be made; None = now.
    """

    topic: str
    url: str
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    waits: tuple[float, ...] | None = None
    attempts: int = 0
    status: int | None = None
    due: datetime | None = None

    @property
    def delivered(self) -> bool:
        """Whether a receiver has accepted it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def given_up(self) -> bool:
        """Whether every attempt failed that the vendor makes."""
        return self.waits is not None and not self.delivered and self.attempts > len(self.waits)

    def attempt(self, send: Sender, now: datetime) -> None:
        """Post it once, and note when it may be tried again."""
        headers = {"Content-Type": "application/json", **self.headers}
        self.status = send(self.url, headers, orjson.dumps(self.body))
        self.attempts += 1
        if self.waits is not None and not self.delivered and not self.given_up:
            self.due = now + timedelta(seconds=self.waits[self.attempts - 1])


Sender: TypeAlias = Callable[[str, Mapping[str, str], bytes], int]
"""Posts bytes with headers to a URL and returns the status."""


class Outbox:
    """Events in order, and the deliveries that the vendor makes of them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.events: list[Event] = []
        self.deliveries: list[Delivery] = []

    def announce(self, topic: str, payload: Mapping[str, Any]) -> None:
        """Take an event in and address it to whoever subscribed."""
        event = Event(topic, payload, self._engine.clock.text())
        self.events.append(event)
        if self._engine.vendor.deliver is None:
            return
        for delivery in self._engine.vendor.deliver(self._engine.transaction(), event):
            self.deliveries.append(delivery)
            defect = prove_webhook(self._engine.vendor.document, delivery.topic, delivery.body)
            if defect is not None:
                self._engine.defects.append(defect)

    @property
    def pending(self) -> list[Delivery]:
        """Deliveries that no receiver has accepted and that were not given up."""
        return [delivery for delivery in self.deliveries if not delivery.delivered and not delivery.given_up]

    @property
    def due(self) -> list[Delivery]:
        """Pending deliveries whose next attempt may be made at this instant."""
        now = self._engine.clock.now()
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
        delivery.attempt(_post, self._engine.clock.now())

    def deliver_local(self) -> list[Delivery]:
        """`deliver` for those that go to loopback; where nothing says when to try again, once is enough."""
        fresh = [each for each in self.due if _is_local(each.url) and (each.attempts == 0 or each.waits is not None)]
        return self._attempt(fresh, _post)

    def clear(self) -> None:
        """Forget events and deliveries."""
        self.events.clear()
        self.deliveries.clear()

    def _attempt(self, deliveries: list[Delivery], send: Sender) -> list[Delivery]:
        for delivery in deliveries:
            delivery.attempt(send, self._engine.clock.now())
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
