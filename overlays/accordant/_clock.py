"""Time, waiting and chance, as one object that is handed in.

Nothing else in the client asks the operating system for any of them, so that a test decides what happens when.
"""

from __future__ import annotations

import os
import random
import time


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


class _Waits:
    """The process-wide switch of ``accordant.testing.no_waits``."""

    off = False


def set_waits(on: bool) -> bool:
    """Let every real clock wait or not; returns the setting before."""
    before = not _Waits.off
    _Waits.off = not on
    return before
