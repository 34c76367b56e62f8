"""The sandbox's clock: it does not move until a test moves it, or follows the real one in a foreground server."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache, partial
from typing import Final

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.json_types import is_number
from accordant_sandbox.model.instants import instant_text, parse_instant

__all__ = ["DEFAULT_START", "Clock"]

DEFAULT_START = "2026-03-01T09:00:00Z"


def _within_reach(moment: datetime) -> datetime:
    """An instant at which lifetimes and periods can still be added and taken off.

    Raises:
        SandboxError: There is no room for them.
    """
    if not 1000 <= moment.year <= 8999:
        raise SandboxError(f"clock: the year {moment.year} is out of reach; give one from 1000 to 8999")
    return moment


# Many are asked for in one second.
_text: Final = lru_cache(maxsize=64)(instant_text)
_http_date: Final = lru_cache(maxsize=64)(partial(format_datetime, usegmt=True))


class Clock:
    """Time as the sandbox sees it, in UTC.

    Args:
        start: RFC 3339 instant at which the clock begins.
        real: A source of the real time; with it the clock runs along and `advance` adds to it, without it the clock
            moves only by `advance`.
    """

    def __init__(self, start: str = DEFAULT_START, real: Callable[[], datetime] | None = None) -> None:
        try:
            self._now = _within_reach(parse_instant(start))
        except ValueError as problem:
            raise SandboxError(f"clock: {problem}") from problem
        self._start = self._now
        self._real = real
        self._ahead = timedelta()
        self._on_advance: Callable[[datetime], object] | None = None

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return self._real() + self._ahead if self._real else self._now

    def text(self) -> str:
        """The present instant as RFC 3339 text, to the second."""
        return _text(self.now().replace(microsecond=0))

    def http_date(self) -> str:
        """The present instant as HTTP headers write it."""
        return _http_date(self.now().replace(microsecond=0))

    def epoch(self) -> int:
        """The present instant in whole seconds since 1970."""
        return int(self.now().timestamp())

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> datetime:
        """Move the clock forward; whatever falls due in between happens in order. Returns the new instant.

        Raises:
            SandboxError: The amount is negative (time does not run backwards), no number, or too large.
        """
        target = self.after(seconds=seconds, minutes=minutes, hours=hours, days=days)
        if self._on_advance:
            self._on_advance(target)
        self.set(target)
        return target

    def after(self, **amounts: float) -> datetime:
        """The instant that lies so many seconds, minutes, hours and days ahead.

        Raises:
            SandboxError: As `advance` does.
        """
        for unit, amount in amounts.items():
            if not is_number(amount) or amount != amount:
                raise SandboxError(f"clock: {unit} must be a number, not {amount!r}")
        now = self.now()
        try:
            target = now + timedelta(**amounts)
        except OverflowError:
            target = (datetime.max if max(amounts.values()) > 0 else datetime.min).replace(tzinfo=UTC)
        if target < now:
            raise SandboxError("the clock only moves forward: give a positive amount of time")
        return _within_reach(target)

    def set(self, moment: datetime) -> None:
        """Put the clock at an instant (used while due timers fire, and by `reset`)."""
        if self._real:
            self._ahead = moment - self._real()
        else:
            self._now = moment

    def reset(self) -> None:
        """Back to the start (a clock on real time goes back to real time)."""
        self._ahead = timedelta()
        self._now = self._start

    def follow(self, on_advance: Callable[[datetime], object]) -> None:
        """Name the function that runs whatever falls due up to an instant."""
        self._on_advance = on_advance
