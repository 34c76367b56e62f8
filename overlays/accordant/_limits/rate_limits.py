"""Keeping within a vendor's rate limits, so that no call is refused that could have waited.

A call takes its turn in every limit that covers it before each of its requests: it books the earliest place there is,
and waits for that. Requests are counted in sliding windows, which keeps within a vendor's fixed windows
too, wherever they begin. What the vendor says about its own count (``X-RateLimit-*``) is heeded on top.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final, Protocol

from attrs import frozen

from .._clock import Clock
from .._flow.commands import Flow, Sleep
from .._fork import renewed_after_fork
from .._http.messages import Headers, HttpResponse
from ..errors import DeadlineExceededError, RateLimitStoreError, TransportError
from .rate_limit_headers import instant

_LOOKS: Final = 5


@frozen
class RateLimit:
    """At most ``limit`` requests in any ``seconds``, among all users of one address.

    ``operations`` are the ids of those that count; none means all.
    """

    name: str
    limit: int
    seconds: float
    operations: frozenset[str] = frozenset()

    def covers(self, operation: str) -> bool:
        """Whether a request of this operation counts."""
        return not self.operations or operation in self.operations

    @property
    def interval(self) -> int:
        """The length of the window in milliseconds."""
        return round(self.seconds * 1000)


class RateLimitStore(Protocol):
    """Where the requests to one address are counted. Moments are milliseconds by :meth:`now`."""

    def now(self, clock: Clock) -> float:
        """The time in seconds by which this store counts."""
        ...

    def take(self, limit: RateLimit, moment: int, now: int, /) -> Flow[int]:
        """Book a place at ``moment``: 0 when that succeeded, else the milliseconds until there is a place."""
        ...

    def held(self, limits: Sequence[RateLimit], /) -> Flow[int]:
        """The moment before which nothing may go, by any of the limits; 0 when there is none."""
        ...

    def hold(self, limits: Sequence[RateLimit], moment: int, now: int, /) -> Flow[None]:
        """Let nothing go before ``moment``; a later one that is held already stays."""
        ...

    def close(self) -> Flow[None]:
        """Give back what it holds."""
        ...


class RateLimits(Protocol):
    """Decides who shares a vendor's limits: the setting ``rate_limits`` of a client."""

    def open(self, scope: str, asynchronous: bool) -> RateLimitStore:
        """The store for one address of one vendor."""
        ...


class MemoryRateLimitStore:
    """Counts in this process."""

    def __init__(self) -> None:
        self._booked: dict[str, list[int]] = {}
        self._held: dict[str, int] = {}
        self.renew()
        renewed_after_fork(self)

    def renew(self) -> None:
        """Take new locks in a forked child, which goes on from what the parent had counted."""
        self._lock = threading.Lock()
        self._booked = {name: list(moments) for name, moments in self._booked.items()}

    def now(self, clock: Clock) -> float:
        """Time that never jumps: nobody else needs to understand it."""
        return clock.monotonic()

    def take(self, limit: RateLimit, moment: int, now: int) -> Flow[int]:
        """Book a place, or say how long it takes until one is free."""
        yield from ()
        with self._lock:
            booked = self._booked.setdefault(limit.name, [])
            # Another thread may still ask about a moment that was over before this one came: one window more is kept.
            del booked[: bisect_left(booked, now - 2 * limit.interval)]
            # Places that lie ahead count as well: another thread may have booked one before this one came.
            if len(booked) - bisect_left(booked, moment - limit.interval) >= limit.limit:
                return booked[-limit.limit] + limit.interval - moment + 1
            insort(booked, moment)
        return 0

    def held(self, limits: Sequence[RateLimit]) -> Flow[int]:
        """The latest of the holds."""
        yield from ()
        return max(self._held.get(limit.name, 0) for limit in limits)

    def hold(self, limits: Sequence[RateLimit], moment: int, _now: int) -> Flow[None]:
        """Keep the moment for each limit, unless a later one is known: responses overtake each other."""
        yield from ()
        with self._lock:
            for limit in limits:
                self._held[limit.name] = max(moment, self._held.get(limit.name, 0))

    def close(self) -> Flow[None]:
        """There is nothing to give back."""
        yield from ()


class MemoryRateLimits:
    """Keeps within a vendor's limits in this process: what a client does unless told otherwise.

    Each client counts for itself; clients that are given the same object share the limits of one address.
    """

    def __init__(self) -> None:
        self._stores: dict[str, MemoryRateLimitStore] = {}

    def open(self, scope: str, asynchronous: bool) -> RateLimitStore:  # noqa: ARG002
        """The store for one address of one vendor."""
        return self._stores.setdefault(scope, MemoryRateLimitStore())


class Pacer:
    """Makes calls of one client wait for their turn. Without a store nothing ever waits."""

    def __init__(self, limits: Iterable[RateLimit], store: RateLimitStore | None, clock: Clock) -> None:
        # The tightest first: it is where waiting is likely, and a place that was booked before a wait is lost.
        self._limits = sorted(limits, key=lambda limit: limit.limit / limit.seconds) if store is not None else []
        self._store = store
        self.active = bool(self._limits)
        self._clock = clock

    def turn(self, operation: str, left: Callable[[], float | None]) -> Flow[TransportError | None]:
        """Wait until a request may go; returns why it may not, when ``left()`` seconds are not enough."""
        covering = [limit for limit in self._limits if limit.covers(operation)]
        if not covering or self._store is None:
            return None
        try:
            return (yield from self._turn(self._store, covering, left))
        except RateLimitStoreError as error:
            return error

    def _turn(
        self, store: RateLimitStore, covering: Sequence[RateLimit], left: Callable[[], float | None]
    ) -> Flow[DeadlineExceededError | None]:
        fresh: set[str] = set()  # limits with a place at the present moment; waiting for one makes the others stale
        while stale := [limit for limit in covering if limit.name not in fresh]:
            limit = stale[0]
            now = _milliseconds(store.now(self._clock))
            moment = max(now, (yield from store.held(covering)))
            while True:
                if _too_late(moment - now, left()):
                    return _no_turn(limit, moment - now)
                wait = yield from store.take(limit, moment, now)
                if wait == 0:
                    break
                moment += wait
            if moment > now:
                fresh.clear()
                late = yield from self._sleep(store, limit, moment, left)
                if late is not None:
                    return late
            fresh.add(limit.name)
        return None

    def _sleep(
        self, store: RateLimitStore, limit: RateLimit, moment: int, left: Callable[[], float | None]
    ) -> Flow[DeadlineExceededError | None]:
        """Wait for a moment, and longer where the vendor meanwhile has told another call to hold."""
        for _ in range(_LOOKS):
            now = _milliseconds(store.now(self._clock))
            if moment <= now:
                break
            if _too_late(moment - now, left()):
                return _no_turn(limit, moment - now)
            yield Sleep((moment - now) / 1000)
            moment = yield from store.held((limit,))
        return None

    def heed(self, operation: str, response: HttpResponse) -> Flow[None]:
        """Read what a response says about the vendor's own count: with nothing remaining, nothing goes before reset.

        ``X-RateLimit-Limit`` tells which limit is meant; where it is none that is known, it is all that cover the
        operation. ``X-RateLimit-Reset`` is in seconds since 1970 by the vendor's clock.
        """
        headers = response.headers
        covering = [limit for limit in self._limits if limit.covers(operation)]
        reset = _number(headers, "x-ratelimit-reset")
        if not covering or self._store is None or reset is None or _number(headers, "x-ratelimit-remaining") != 0:
            return
        named = _number(headers, "x-ratelimit-limit")
        meant = [limit for limit in covering if limit.limit == named] or covering
        dated = instant(headers.get("date", ""))
        wait = reset - (self._clock.time() if dated is None else dated)
        wait = min(wait, max(limit.seconds for limit in meant))  # no window lasts longer than a whole one
        if wait > 0:
            now = _milliseconds(self._store.now(self._clock))
            with suppress(RateLimitStoreError):  # the answer counts; the next call finds out by itself
                yield from self._store.hold(meant, now + _milliseconds(wait), now)

    def close(self) -> Flow[None]:
        """Give back what the store holds."""
        if self._store is not None:
            yield from self._store.close()


def _too_late(wait: int, left: float | None) -> bool:
    return left is not None and wait / 1000 >= left


def _no_turn(limit: RateLimit, wait: int) -> DeadlineExceededError:
    return DeadlineExceededError(
        f"the limit of {limit.limit} {limit.name} in {limit.seconds:g} s has no place for {wait / 1000:.1f} s, "
        "and the deadline is earlier",
        sent=False,
        final=True,
    )


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _number(headers: Headers, name: str) -> int | None:
    text = headers.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() else None
