"""Manners towards an account that others use too: keep within its limits, come back when told to, ride out a dropped
connection. None of that is a finding; what goes on is."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final

from attrs import define, field, frozen

from accordant._http.messages import Headers
from accordant._limits.rate_limit_headers import instant, limit_reset

TRIES: Final = 3
"""How often a request that was refused with 429 is sent again."""
LONGEST: Final = 120.0
"""The longest wait, in seconds: a target that asks for more is not waited for."""
_UNTOLD: Final = (1.0, 5.0, 30.0)
"""The waits after a 429 that does not say how long, one after the other."""
_TOLERATED: Final = 0.01
"""The share of requests that may be dropped without a finding."""


@frozen
class Limit:
    """At most ``calls`` requests in ``seconds``, as the vendor documents it; of the operations that a glob names."""

    calls: int
    seconds: float
    operations: tuple[str, ...] = ("*",)

    def covers(self, operation: str) -> bool:
        """Whether a request of this operation counts."""
        return any(fnmatchcase(operation, each) for each in self.operations)


@define(eq=False)
class Patience:
    """When the next request may go, and what is waited for; ``now`` and ``wait`` are the target's time."""

    limits: Sequence[Limit]
    now: Callable[[], datetime]
    wait: Callable[[float], None]
    waited: float = field(default=0.0, init=False)
    """Seconds spent waiting for limits, by the target's time."""
    ridden_out: int = field(default=0, init=False)
    """How many requests were refused with 429 and sent again."""
    notes: list[str] = field(factory=list[str], init=False)
    """What was ridden out besides."""
    _sent: dict[Limit, deque[float]] = field(factory=dict[Limit, "deque[float]"], init=False, repr=False)
    _total: int = field(default=0, init=False)
    _held: float = field(default=0.0, init=False)
    _dropped: Counter[str] = field(factory=Counter[str], init=False)

    def turn(self, operation: str, room: int = 0) -> None:
        """Wait until a request of an operation, and as many more as ``room``, may go by what is known; count it."""
        covering = [limit for limit in self.limits if limit.covers(operation)]
        while (due := max([self._held, *(self._due(limit, room) for limit in covering)]) - self._moment()) > 0:
            self.pause(due)
        self.count(operation)

    def count(self, operation: str) -> None:
        """Count a request that somebody else has sent with the same credential, such as the vendor's own client."""
        self._total += 1
        for limit in self.limits:
            if limit.covers(operation):
                self._sent.setdefault(limit, deque(maxlen=limit.calls)).append(self._moment())

    def heed(self, headers: Sequence[tuple[str, str]]) -> None:
        """Read what a response says of the limit: where nothing remains, nothing goes before it begins anew."""
        fields = Headers(headers)
        if any("remaining" in name or name == "ratelimit" for name in fields):
            reset = limit_reset(fields, self._moment())
            if reset is not None:
                self._held = max(self._held, self._moment() + min(reset, LONGEST))

    def after(self, status: int, headers: Sequence[tuple[str, str]], attempt: int) -> float | None:
        """Seconds after which a refused request is sent again; ``None`` where it is not, or was not refused."""
        if status != 429 or attempt >= TRIES:
            return None
        fields = Headers(headers)
        stated = _stated(fields.get("retry-after"), self._moment())
        if stated is None:
            stated = limit_reset(fields, self._moment())
        wait = _UNTOLD[attempt] if stated is None else stated
        if wait > LONGEST:
            return None
        self.ridden_out += 1
        return wait

    def pause(self, seconds: float) -> None:
        """Let the target's time pass."""
        if seconds > 0:
            self.waited += seconds
            self.wait(seconds)

    def tolerates(self, operation: str, failure: str) -> bool:
        """Whether a request without a response is no finding: the operation's first, and few in the whole run."""
        self._dropped[operation] += 1
        if self._dropped[operation] > 1 or self._dropped.total() > max(2, _TOLERATED * self._total):
            return False
        self.notes.append(f"{operation}: one request had no response ({failure}); it was not judged")
        return True

    def _moment(self) -> float:
        return self.now().timestamp()

    def _due(self, limit: Limit, room: int) -> float:
        """The moment at which the window of a limit has a place for one more request, and for ``room`` more."""
        sent = self._sent.get(limit, ())
        place = len(sent) + min(room, limit.calls - 1) - limit.calls
        return sent[place] + limit.seconds if place >= 0 else 0.0


def _stated(value: str | None, now: float) -> float | None:
    """The seconds that ``Retry-After`` asks for."""
    if value is None:
        return None
    if value.strip().isdigit() and len(value.strip()) < 10:
        return float(value.strip())
    moment = instant(value)
    return None if moment is None else max(0.0, moment - now)
