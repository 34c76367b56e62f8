"""One connection of the HTTP library, what lies under it, and whether another request may go out on it."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import httpcore

from .watched_sockets import Wire

if TYPE_CHECKING:
    from .async_sockets import AsyncWire

_LEFT_IN_BUFFER: Final = attrgetter("_connection._h11_state.trailing_data")
"""httpcore shows nowhere in public what it has read beyond a response."""


class HttpLink:
    """A connection and its wire, blocking or not."""

    def __init__(self, wire: Wire | AsyncWire, connection: Any) -> None:
        self.wire = wire
        self.connection = connection

    def handle(self, wanted: httpcore.Request) -> httpcore.Response:
        """Send a request and wait for the head of the response."""
        answered: httpcore.Response = self.connection.handle_request(wanted)
        return answered

    async def handle_async(self, wanted: httpcore.Request) -> httpcore.Response:
        """The same on an event loop."""
        answered: httpcore.Response = await self.connection.handle_async_request(wanted)
        return answered

    def fit(self, method: str, answered: httpcore.Response) -> bool:
        """Whether another request may go out on the connection, after a response that was read and closed."""
        return self.connection.is_idle() and _over_cleanly(method, answered) and not self.wire.leftover()

    def unconnected(self, timeout: float | None) -> httpcore.ConnectTimeout | None:
        """The error where a task was stopped while the connection came about; blocking wires raise it themselves."""
        return None if isinstance(self.wire, Wire) else self.wire.unconnected(timeout)

    def close(self) -> None:
        """Close the descriptor."""
        self.wire.close()

    def abort(self) -> None:
        """Break off what is under way."""
        self.wire.abort()


def _over_cleanly(method: str, answered: httpcore.Response) -> bool:
    """Whether nothing is known to follow a response that was read to its end.

    Where a body is forbidden, a server that announces one is likely to send it; after HEAD and 304 nobody can tell,
    because the length that they carry is that of another response.
    """
    status = answered.status
    if method == "HEAD" or status in (304, 205):
        return False
    if status == 204 and any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in answered.headers):
        return False
    try:
        left, ended = _LEFT_IN_BUFFER(answered.stream)
    except AttributeError:
        return False  # another release of httpcore: what cannot be seen must be feared
    return not left and not ended
