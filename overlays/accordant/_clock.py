"""Time, waiting and chance, as one object that is handed in.

Nothing else in the client asks the operating system for any of them, so that a test decides what happens when.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from typing import Any


class Clock:
    """The real one. Subclass it to decide yourself; :mod:`accordant.testing` has a clock that never waits."""

    def monotonic(self) -> float:
        """Seconds that only ever grow: for durations and deadlines."""
        return time.monotonic()

    def time(self) -> float:
        """Seconds since 1970, UTC: for dates that the vendor names."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        if not _Waits.off:
            time.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Wait without blocking the event loop."""
        import asyncio  # only asynchronous clients pay for it

        await asyncio.sleep(0 if _Waits.off else seconds)

    def random(self) -> float:
        """A number in [0, 1): the jitter of retry waits."""
        return random.random()

    def nonce(self) -> str:
        """32 unpredictable hexadecimal digits: the boundary of multipart bodies."""
        return os.urandom(16).hex()


class TransportClock(Clock):
    """The time of a transport that has its own, such as a sandbox's in process: waiting moves it on, and takes none.

    A transport has its own time where it has two methods: ``now()``, seconds since 1970, and ``sleep(seconds)``.
    """

    def __init__(self, now: Callable[[], float], sleep: Callable[[float], object]) -> None:
        self._now, self._sleep = now, sleep
        self._last = now()
        self._set_back = 0.0

    def monotonic(self) -> float:
        """The transport's time; where that was set back, it goes on from where it was."""
        now = self._now()
        if now < self._last:
            self._set_back += self._last - now
        self._last = now
        return now + self._set_back

    def time(self) -> float:
        """The transport's time."""
        return self._now()

    def sleep(self, seconds: float) -> None:
        """Move the transport's time on."""
        self._sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Move the transport's time on, and let other tasks run."""
        import asyncio

        self._sleep(seconds)
        await asyncio.sleep(0)


def clock_of(transport: Any) -> Clock:
    """The clock of a transport that has its own time, else the real one."""
    timed = all(callable(getattr(transport, name, None)) for name in ("now", "sleep"))
    return TransportClock(transport.now, transport.sleep) if timed else Clock()


class _Waits:
    """The process-wide switch of ``accordant.testing.no_waits``."""

    off = False


def set_waits(on: bool) -> bool:
    """Let every real clock wait or not; returns the setting before."""
    before = not _Waits.off
    _Waits.off = not on
    return before
