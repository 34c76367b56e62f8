"""Waiting for something at the vendor to come about, by looking again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from attrs import evolve

from accordant_runtime import CallOptions

from .._clock import Clock
from .._flow.commands import Flow, Sleep
from .._setting_checks import positive
from .._settings import Defaults
from ..errors import DeadlineExceededError, WaitTimeoutError

T = TypeVar("T")

_GROWTH: Final = 1.5
_LONGEST: Final = 15.0
_LAST_LOOK: Final = 1.0


def wait_until(
    clock: Clock,
    look: Callable[[float | None], Flow[T]],
    final: Callable[[T], bool],
    *,
    what: str,
    deadline: float | None,
    interval: float,
) -> Flow[T]:
    """Look until ``final`` says that what is seen will not change any more; returns that.

    ``look`` is given the seconds that are left. The first wait is ``interval`` seconds long, each further one half as
    long again, at most 15 seconds (or ``interval``, where that is more). The last look begins at most a second before
    ``deadline`` seconds are over; after that ``WaitTimeoutError`` says ``what`` did not come about, with what was seen
    last.
    """
    positive(deadline, "deadline")
    positive(interval, "interval")
    begun = clock.monotonic()
    pause, seen = interval, None
    # Enough for the last look; of a short wait no more than half, so that there is a second look at all.
    reserve = 0.0 if deadline is None else min(_LAST_LOOK, interval, deadline / 2)

    def left() -> float | None:
        return None if deadline is None else deadline - (clock.monotonic() - begun)

    while True:
        try:
            seen = yield from look(left())
        except DeadlineExceededError as error:
            remaining = left()
            if remaining is None or remaining > 0:
                raise
            raise _too_late(what, deadline, seen) from error
        if final(seen):
            return seen
        remaining = left()
        wait = pause if remaining is None else min(pause, remaining - reserve)
        if wait <= 0:
            raise _too_late(what, deadline, seen)
        yield Sleep(wait)
        pause = min(pause * _GROWTH, max(_LONGEST, interval))


def within(options: CallOptions | None, defaults: Defaults, left: float | None) -> CallOptions | None:
    """The options of one look: its own deadline is at most what is left of the wait."""
    if left is None:
        return options
    own = defaults.for_call(options).deadline
    # Nothing left still is a deadline, which has passed.
    return evolve(options or CallOptions(), deadline=max(min(left, own if own is not None else left), 1e-9))


def _too_late(what: str, deadline: float | None, seen: object) -> WaitTimeoutError:
    return WaitTimeoutError(f"{what} within {deadline:g} s", last=seen)
