"""What the logic of a call may ask of the world.

The logic is written once, as generators that yield these values and are sent the results. Two drivers perform them,
one blocking and one on an event loop; nothing else in the client does I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

from .._http.messages import HttpRequest, Sink

T = TypeVar("T")


class TokenLock(Protocol):
    """Held by the one flow that obtains a token, among threads or among tasks."""

    def release(self) -> None:
        """Give it back; never waits."""
        ...


class Send(NamedTuple):
    """Send a request; the result is its :class:`HttpResponse`, or a ``TransportError`` is raised.

    ``timeout`` bounds the attempt in seconds; ``left``, the seconds until the call's deadline, bounds the wait for a
    connection as well, which is no part of the attempt. The body of a 2xx response goes into ``sink`` if given;
    ``timeout`` then bounds each wait for data, not the whole transfer.
    """

    request: HttpRequest
    timeout: float | None
    sink: Sink | None = None
    left: float | None = None


class Sleep(NamedTuple):
    """Wait for some seconds."""

    seconds: float


class Acquire(NamedTuple):
    """Take a lock; the result says whether that succeeded within ``timeout`` seconds (0: only if it is free)."""

    lock: TokenLock
    timeout: float | None


class Invoke(NamedTuple):
    """Call a user's function; what it returns is awaited if need be (asynchronous clients only).

    The result is what ``wrap`` makes of it: a token is concealed before it is in anybody's local variables.
    """

    function: Callable[[], Any]
    wrap: Callable[[Any], Any] | None = None


class Read(NamedTuple):
    """Read the next bytes of an open body; the result is ``None`` at its end."""

    stream: Any


Command: TypeAlias = Send | Sleep | Acquire | Invoke | Read
Flow: TypeAlias = Generator[Command, Any, T]
