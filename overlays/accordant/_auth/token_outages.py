"""What is known of a token endpoint that hands out nothing: who it concerns, for how long, and with which error.

Sixty threads that need a token while its endpoint is down must not repeat the same retries one after the other. The
failure of one round counts for all who waited for it and would not have tried harder; whoever comes within the next
second waits until it is over, and then one of them tries for all.
"""

from __future__ import annotations

import copy
import datetime
from typing import Final, TypeVar

from attrs import field, frozen

from .._http.transport import detached
from ..errors import AccordantError, APIStatusError, CredentialError, DecodeError, TransportError

E = TypeVar("E", bound=AccordantError)

COOL_DOWN: Final = 1.0
_LONGEST_COOL_DOWN: Final = 60.0


@frozen
class Effort:
    """How hard a call tries: its further attempts, the seconds that each may take, the longest wait it accepts."""

    retries: int
    timeout: float | None
    longest_wait: float

    def covers(self, other: Effort) -> bool:
        """Whether ``other`` would not have tried harder, so that it could not have succeeded either."""
        patient = self.timeout is None or (other.timeout is not None and other.timeout <= self.timeout)
        return patient and other.retries <= self.retries and other.longest_wait <= self.longest_wait


@frozen
class Trouble:
    """The failure of one round of token requests.

    ``effort`` is what was tried, ``None`` after a refusal, which no effort would have changed. ``round`` counts the
    rounds. ``until`` is the end of the cool-down on the monotonic clock, ``since`` the date of the first failure in a
    row, in seconds since 1970.
    """

    round: int
    effort: Effort | None
    since: float
    until: float
    _error: AccordantError = field(repr=False, alias="error")

    def concerns(self, effort: Effort) -> bool:
        """Whether this failure applies to a call that tries so hard."""
        return self.effort is None or self.effort.covers(effort)

    @staticmethod
    def outlasts(effort: Effort, left: float | None, pause: float) -> bool:
        """Whether a cool-down of ``pause`` seconds is longer than a call with ``left`` seconds can or will wait."""
        return pause > effort.longest_wait or (left is not None and pause >= left)

    def error(self) -> AccordantError:
        """An error of the caller's own: nobody else holds it or its traceback."""
        own = _copy(self._error)
        return own if self.effort is None else failing_since(own, self.since)


def refused(error: CredentialError, round: int) -> Trouble:
    """The vendor does not take the credentials: all who waited are told, and the next call may ask again at once."""
    return Trouble(round, None, 0.0, 0.0, _kept(error))


def failed(
    error: AccordantError, round: int, effort: Effort, before: Trouble | None, now: float, monotonic: float
) -> Trouble:
    """A round ended without a token for a passing reason; ``before`` is what was known until then."""
    asked = error.retry_after if isinstance(error, APIStatusError) else None
    pause = min(max(COOL_DOWN, asked or 0.0), _LONGEST_COOL_DOWN)
    since = now if before is None or before.effort is None else before.since
    return Trouble(round, effort, since, monotonic + pause, _kept(error))


def is_passing(error: AccordantError) -> bool:
    """Whether an error says something about the token endpoint, and not about the caller's own settings."""
    return isinstance(error, (TransportError, APIStatusError, DecodeError))


def failing_since(error: E, since: float) -> E:
    """The error with the date from which on the token endpoint has failed."""
    moment = datetime.datetime.fromtimestamp(since, datetime.UTC).isoformat(timespec="seconds")
    words = f"the token endpoint has failed since {moment}"
    message: str = getattr(error, "message", "")
    text = f"{message} ({words})" if message else words
    vars(error)["message"] = text
    error.args = (text,)
    return error


def _kept(error: AccordantError) -> AccordantError:
    own = _copy(error)
    detached(own)
    return own


def _copy(error: AccordantError) -> AccordantError:
    own = copy.copy(error)
    if isinstance(own, APIStatusError):
        own.headers = dict(own.headers)
    return own
