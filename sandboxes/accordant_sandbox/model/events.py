"""Events of a vendor, and what it sends because of them: webhooks to programs, notices to people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

import orjson

__all__ = ["Channel", "Delivery", "Event", "Notice", "Sender"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: its topic, its payload, the instant on the sandbox's clock."""

    topic: str
    payload: Mapping[str, Any]
    at: str


Channel: TypeAlias = Literal["email", "sms", "app"]
"""How a notice reaches a person: by e-mail, by text message, or on the screen of the vendor's own application."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the vendor tells one person. It never leaves the sandbox: `sandbox.outbox.notices` has it.

    topic: That of the event that it is about. to: The address or the number; `*` for everyone. payload: What it says.
    """

    topic: str
    channel: Channel
    to: str
    payload: Mapping[str, Any]
    at: str


@dataclass(slots=True)
class Delivery:
    """One webhook to one URL. `status` is that of the last attempt, 0 when nobody responded, None before the first.

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
