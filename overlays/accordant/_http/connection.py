"""One connection, what lies under it, and whether another request may go out on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from .watched_sockets import Wire
from .wire_errors import WireConnectTimeoutError

if TYPE_CHECKING:
    from .async_sockets import AsyncWire


class Answered(Protocol):
    """A response whose head has come; ``stream`` gives its body, and is closed (``aclose()`` on an event loop)."""

    @property
    def status(self) -> int:
        """The status."""
        ...

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The header fields."""
        ...

    @property
    def stream(self) -> Any:
        """The body, in pieces as they come."""
        ...


class HttpLink:
    """A connection and its wire, blocking or not."""

    def __init__(self, wire: Wire | AsyncWire) -> None:
        self.wire = wire

    def handle(self, wanted: Any) -> Answered:
        """Send a request, opening the connection if need be, and wait for the head of the response."""
        raise NotImplementedError

    async def handle_async(self, wanted: Any) -> Answered:
        """The same on an event loop."""
        raise NotImplementedError

    def is_idle(self) -> bool:
        """Whether request and response are over, and both sides would go on."""
        raise NotImplementedError

    def holds_more(self, answered: Answered) -> bool:
        """Whether bytes that belong to nothing were read with the response, or whether nobody can tell."""
        raise NotImplementedError

    def fit(self, method: str, answered: Answered) -> bool:
        """Whether another request may go out on the connection, after a response that was read and closed."""
        if not self.is_idle() or _may_be_followed(method, answered):
            return False
        return not self.holds_more(answered) and not self.wire.leftover()

    def unconnected(self, timeout: float | None) -> WireConnectTimeoutError | None:
        """The error where a task was stopped while the connection came about; blocking wires raise it themselves."""
        return None if isinstance(self.wire, Wire) else self.wire.unconnected(timeout)

    def close(self) -> None:
        """Close the descriptor."""
        self.wire.close()

    def abort(self) -> None:
        """Break off what is under way."""
        self.wire.abort()


def _may_be_followed(method: str, answered: Answered) -> bool:
    """Whether something is known to follow a response that was read to its end, or nobody can tell.

    Where a body is forbidden, a server that announces one is likely to send it; after HEAD and 304 nobody can tell,
    because the length that they carry is that of another response.
    """
    status = answered.status
    if method == "HEAD" or status in (304, 205):
        return True
    return status == 204 and any(
        name.lower() in (b"content-length", b"transfer-encoding") for name, _ in answered.headers
    )
