"""Whether to try again, and when: decisions only, nothing waits here."""

from __future__ import annotations

import re
import threading
from typing import Any, Final

from attrs import frozen

from .._fork import renewed_after_fork
from .._http.messages import Headers, HttpResponse
from ..errors import CallTimeoutError, ConfigurationError, TransportError
from .rate_limit_headers import LIMITED, instant, limit_reset

RETRYABLE: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
REFUSED: Final = frozenset({401, 425, 429})
"""Statuses that say that the vendor did not act on the request: safe to repeat even for a write.

425 says just that (RFC 8470, 5.2). 408 should (RFC 9110, 15.5.9: no complete request came), but gateways send it as
well when the server behind them, which has the request, takes too long: a write that got it may have been applied.
"""
UNCERTAIN: Final = frozenset({408})
"""Statuses below 500 after which a write may have been applied."""

_MOST_DOUBLINGS: Final = 64
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

    def __attrs_post_init__(self) -> None:
        retries: Any = self.retries
        if isinstance(retries, bool) or not isinstance(retries, int) or retries < 0:
            raise ConfigurationError("a RetryPolicy's retries must be a whole number, 0 or more")
        for name in ("base", "cap", "longest_wait"):
            seconds: Any = getattr(self, name)  # an endless cap or longest_wait is fine
            if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds >= 0:
                raise ConfigurationError(f"a RetryPolicy's {name} must be a number of seconds, 0 or more")

    def backoff(self, failures: int, chance: float) -> float:
        """Seconds before the next attempt after ``failures`` failed ones; ``chance`` is a number in [0, 1)."""
        return min(self.cap, self.base * 2.0 ** min(failures - 1, _MOST_DOUBLINGS)) * chance

    def wait(
        self, outcome: HttpResponse | TransportError, failures: int, repeatable: bool, chance: float, now: float
    ) -> float | None:
        """Seconds before the next attempt, or ``None`` when the outcome is final.

        ``repeatable`` says whether the operation may be applied twice; one that may not is tried again only where it
        is certain that it was not applied. ``now`` is the time in seconds since 1970.
        """
        if failures > self.retries or not _is_worth_it(outcome, repeatable):
            return None
        asked = None if isinstance(outcome, TransportError) else asked_wait(outcome, now)
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

    A date is measured against the response's own ``Date`` if present, so that a wrong clock here does no harm.
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


def asked_wait(response: HttpResponse, now: float) -> float | None:
    """The seconds that a response asks to wait: ``Retry-After``, or when its rate limit begins anew."""
    seconds = retry_after(response.headers, now)
    if seconds is None and response.status in LIMITED:
        return limit_reset(response.headers, now)
    return seconds


class RetryBudget:
    """What all calls of a client may spend on retries together, so that an outage does not meet a storm of retries.

    A retry takes 5 out of 500 (10 after a timeout), a call that succeeds at once puts 1 back, and one that succeeds
    after retries puts back what its last retry cost. Where too little is left, failures are final until it fills again.
    """

    _CAPACITY: Final = 500

    def __init__(self) -> None:
        self._left = self._CAPACITY
        self.full = True
        self.renew()
        renewed_after_fork(self)

    def renew(self) -> None:
        """Take a new lock in a forked child; what is left stays."""
        self._lock = threading.Lock()

    @property
    def left(self) -> int:
        """What may still be spent."""
        return self._left

    def take(self, outcome: HttpResponse | TransportError) -> int:
        """Pay for a retry after ``outcome``: returns the price, 0 where too little is left."""
        price = 10 if isinstance(outcome, CallTimeoutError) else 5
        with self._lock:
            if self._left < price:
                return 0
            self._left -= price
            self.full = False
            return price

    def give_back(self, price: int) -> None:
        """A call succeeded whose last retry cost ``price`` (0: it needed none)."""
        with self._lock:
            self._left = min(self._CAPACITY, self._left + (price or 1))
            self.full = self._left == self._CAPACITY
