"""Whether to try again, and when: decisions only, nothing waits here."""

from __future__ import annotations

import re
import threading
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from attrs import frozen

from ._fork import renewed_after_fork
from ._messages import Headers, HttpResponse
from .errors import CallTimeoutError, TransportError

RETRYABLE: Final = frozenset({429, 500, 502, 503, 504})
REFUSED: Final = frozenset({401, 429})
"""Statuses that say that the vendor did not act on the request: safe to repeat even for a write."""

_SECONDS: Final = re.compile(r"[0-9]+(\.[0-9]+)?")
"""Narrower than ``float``, which takes ``1_0`` and the digits of every script. Some vendors send fractions."""


@frozen
class RetryPolicy:
    """How often and how patiently a call is tried again.

    ``retries`` is the number of further attempts. The wait before the n-th of them is a random part of ``base * 2**n``
    seconds, at most ``cap`` (full jitter). Where the vendor asks for a wait, it gets it; for one longer than
    ``longest_wait`` seconds the call gives up instead.
    """

    retries: int = 2
    base: float = 0.5
    cap: float = 8.0
    longest_wait: float = 60.0

    def backoff(self, failures: int, chance: float) -> float:
        """Seconds before the next attempt after ``failures`` failed ones; ``chance`` is a number in [0, 1)."""
        return min(self.cap, self.base * 2.0 ** (failures - 1)) * chance

    def wait(
        self, outcome: HttpResponse | TransportError, failures: int, repeatable: bool, chance: float, now: float
    ) -> float | None:
        """Seconds before the next attempt, or ``None`` when the outcome stands.

        ``repeatable`` says whether the operation may be applied twice; one that may not is tried again only where it
        is certain that it was not applied. ``now`` is the time in seconds since 1970.
        """
        if failures > self.retries or not _is_worth_it(outcome, repeatable):
            return None
        asked = None if isinstance(outcome, TransportError) else retry_after(outcome.headers, now)
        if asked is None:
            return self.backoff(failures, chance)
        return asked if asked <= self.longest_wait else None


def _is_worth_it(outcome: HttpResponse | TransportError, repeatable: bool) -> bool:
    if isinstance(outcome, TransportError):
        return not outcome.final and (repeatable or not outcome.sent)
    if outcome.status in RETRYABLE:
        return repeatable or outcome.status in REFUSED
    return outcome.broken is not None and not outcome.too_large and outcome.ok and repeatable


def retry_after(headers: Headers, now: float) -> float | None:
    """The ``Retry-After`` header (RFC 9110, 10.2.3) in seconds; ``None`` when absent or not understood.

    A date is measured against the answer's own ``Date`` where there is one, so that a wrong clock here does no harm.
    """
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if _SECONDS.fullmatch(text):
        seconds = float(text)
        return seconds if seconds < float("inf") else None
    until = instant(text)
    if until is None:
        return None
    here = instant(headers.get("date", ""))
    return max(0.0, until - (now if here is None else here))


def instant(text: str) -> float | None:
    """An HTTP date in seconds since 1970; ``None`` for anything else."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


class RetryBudget:
    """A purse that all calls of a client share, so that a vendor's outage is not answered with a storm of retries.

    A retry takes 5 out of 500 (10 after a timeout), a call that succeeds at once puts 1 back, and one that succeeds
    after retries puts back what its last retry cost. An empty purse means that failures are final until it fills.
    """

    _CAPACITY: Final = 500

    def __init__(self) -> None:
        self._left = self._CAPACITY
        self.renew()
        renewed_after_fork(self)

    def renew(self) -> None:
        """Take a lock of its own in a forked child; what is left in the purse stays."""
        self._lock = threading.Lock()

    @property
    def left(self) -> int:
        """What is in the purse."""
        return self._left

    def take(self, outcome: HttpResponse | TransportError) -> int:
        """Pay for a retry after ``outcome``: answers the price, 0 when the purse does not hold it."""
        price = 10 if isinstance(outcome, CallTimeoutError) else 5
        with self._lock:
            if self._left < price:
                return 0
            self._left -= price
            return price

    def give_back(self, price: int) -> None:
        """A call succeeded whose last retry cost ``price`` (0: it needed none)."""
        with self._lock:
            self._left = min(self._CAPACITY, self._left + (price or 1))
