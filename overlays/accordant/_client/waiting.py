"""Waiting for something at the vendor to come about, by looking again and again."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final, Generic, TypeVar

from attrs import evolve, frozen

from accordant_runtime import CallOptions, Lazy, OpenStrEnum, Operation

from .._call.calls import call
from .._call.session import Session
from .._clock import Clock
from .._flow.commands import Flow, Sleep
from .._keywords import did_you_mean
from .._setting_checks import positive
from .._settings import Defaults
from ..errors import DeadlineExceededError, RequestError, WaitTimeoutError

T = TypeVar("T")

DEADLINE: Final = 300.0
"""Seconds that a waiting method waits where it is not told."""
INTERVAL: Final = 1.0
"""Seconds before its second look where it is not told."""

_GROWTH: Final = 1.5
_LONGEST: Final = 15.0
_LAST_LOOK: Final = 1.0


def wait_until(
    clock: Clock,
    look: Callable[[float | None], Flow[T]],
    final: Callable[[T], bool],
    *,
    what: str | Callable[[T | None], str],
    deadline: float | None,
    interval: float,
) -> Flow[T]:
    """Look until ``final`` says that what is seen will not change any more; returns that.

    ``look`` is given the seconds that are left. The first wait is ``interval`` seconds long, each further one half as
    long again, at most 15 seconds (or ``interval``, where that is more). The last look begins at most a second before
    ``deadline`` seconds are over; after that ``WaitTimeoutError`` says ``what`` did not come about, with what was seen
    last; a function is given that to say so.
    """
    positive(deadline, "deadline")
    positive(interval, "interval")
    begun = clock.monotonic()
    pause = interval
    seen: T | None = None
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


@frozen
class States(Generic[T]):
    """Records that can be waited for by their status.

    ``operation`` reads one, by the argument ``key``; ``what`` is what people call it. ``known`` are the documented
    statuses; without them every text may be one.
    """

    operation: Operation[T]
    key: str
    what: str
    known: Lazy[Any] | None = None

    def wanted(self, status: str | Collection[str]) -> tuple[str, ...]:
        """The statuses to wait for; raises ``RequestError`` for none, and for one that the document does not have."""
        names = (status,) if isinstance(status, str) else tuple(status)
        if not names:
            raise RequestError("wait_until: status is empty; name one to wait for")
        listed: Any = None if self.known is None else self.known.target
        known: list[str] | None = None if listed is None else [str(each) for each in listed]
        for name in names:
            # A value of the enum that the document does not list was made on purpose.
            if known is not None and name not in known and not isinstance(name, OpenStrEnum):
                text = f"wait_until: {self.what}s have no status {name!r}{did_you_mean(name, known)}"
                raise RequestError(f"{text} (there are: {', '.join(known)})")
        return names


def reached(
    session: Session,
    defaults: Defaults,
    states: States[T],
    key: object,
    status: str | Collection[str],
    deadline: float | None,
    interval: float,
    options: CallOptions | None,
) -> Flow[T]:
    """Look at a record until it has one of these statuses."""
    wanted = states.wanted(status)

    def look(left: float | None) -> Flow[T]:
        return call(session, defaults, states.operation, {states.key: key}, within(options, defaults, left))

    def late(seen: T | None) -> str:
        last = "was not seen" if seen is None else f"has status {str(_status(seen))!r}"
        return f"{states.what} {key} {last}, and did not get {' or '.join(map(repr, map(str, wanted)))}"

    return (
        yield from wait_until(
            session.clock,
            look,
            lambda seen: _status(seen) in wanted,
            what=late,
            deadline=deadline,
            interval=interval,
        )
    )


def _status(seen: object) -> object:
    return getattr(seen, "status", None)


def _too_late(what: str | Callable[[T | None], str], deadline: float | None, seen: T | None) -> WaitTimeoutError:
    text = what if isinstance(what, str) else what(seen)
    return WaitTimeoutError(f"{text} within {deadline:g} s", last=seen)
