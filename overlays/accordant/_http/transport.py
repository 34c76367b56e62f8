"""The seam to whatever moves bytes: two small protocols, and the callable that may replace an HTTP library."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from ssl import SSLContext
from typing import Any, Protocol, TypeAlias

from attrs import field, frozen

from ..errors import CallTimeoutError, ConfigurationError, ConnectError, NetworkError, TransportError
from .incoming import MOST_BYTES, Incoming
from .messages import Headers, HeldBody, HttpRequest, HttpResponse, Sink, Streamed
from .secrets import chain_of

Reply: TypeAlias = tuple[int, Sequence[tuple[str, str]], bytes]
"""Status, header fields and body of an answer."""

TransportFunction: TypeAlias = Callable[[str, str, Sequence[tuple[str, str]], bytes, float | None], Reply]
"""``(method, url, headers, body, timeout in seconds) -> (status, headers, body)``.

It may raise the builtin ``ConnectionError`` and ``TimeoutError``; ``ConnectionRefusedError`` means: nothing was sent.
"""

AsyncTransportFunction: TypeAlias = Callable[
    [str, str, Sequence[tuple[str, str]], bytes, float | None], Awaitable[Reply]
]
"""The same, awaited; for asynchronous clients only."""


@frozen
class HttpOptions:
    """How a client connects, whichever transport of :mod:`accordant.transports` it has.

    ``proxy`` is a proxy's URL; without one the usual environment variables decide (``HTTPS_PROXY``, ``NO_PROXY``...),
    never for this machine's own addresses. ``tls`` replaces the TLS settings, which are otherwise shared by all clients
    of the process. ``connections`` is the most that are open at a time, for an asynchronous client in each event loop;
    requests beyond wait for their turn, within their deadlines.

    The head of a response may have 100 kB, which is no setting; for its body see ``max_response_bytes`` in
    :class:`ClientSettings`.
    """

    proxy: str | None = field(default=None, repr=False)
    tls: SSLContext | None = None
    connections: int = 100

    def __attrs_post_init__(self) -> None:
        if self.connections < 1:
            raise ConfigurationError(f"HttpOptions(connections=...) must be 1 or more; it is {self.connections}")


class SyncTransport(Protocol):
    """Sends requests and waits for the responses. Redirects are responses like any other."""

    def send(self, request: HttpRequest, timeout: float | None, sink: Sink | None, left: float | None) -> HttpResponse:
        """Send one request; raises ``TransportError`` when no response came.

        ``timeout`` bounds it from the moment at which it has a connection, ``left`` from now.
        """
        ...

    def close(self) -> None:
        """Give the connections back."""
        ...


class AsyncTransport(Protocol):
    """Sends requests without blocking."""

    async def send(
        self, request: HttpRequest, timeout: float | None, sink: Sink | None, left: float | None
    ) -> HttpResponse:
        """Send one request; raises ``TransportError`` when no response came.

        ``timeout`` bounds it from the moment at which it has a connection, ``left`` from now.
        """
        ...

    async def close(self) -> None:
        """Give the connections back."""
        ...


class FunctionTransport:
    """A :data:`TransportFunction` as a transport."""

    def __init__(self, function: TransportFunction, most_bytes: int | None = MOST_BYTES) -> None:
        self._function = function
        self._most_bytes = most_bytes

    def send(self, request: HttpRequest, timeout: float | None, sink: Sink | None, left: float | None) -> HttpResponse:
        """Call the function."""
        try:
            reply = self._function(request.method, request.url, request.headers, request.content, sooner(timeout, left))
        except (ConnectionError, TimeoutError) as error:
            raise _mapped(error) from error
        return _response(request, reply, sink, self._most_bytes)

    def close(self) -> None:
        """Nothing to give back: the function belongs to the caller."""


class AsyncFunctionTransport:
    """A :data:`TransportFunction` or :data:`AsyncTransportFunction` as a transport."""

    def __init__(self, function: Callable[..., Any], most_bytes: int | None = MOST_BYTES) -> None:
        self._function = function
        self._most_bytes = most_bytes

    async def send(
        self, request: HttpRequest, timeout: float | None, sink: Sink | None, left: float | None
    ) -> HttpResponse:
        """Call the function, and await what it returns if need be."""
        try:
            reply = self._function(request.method, request.url, request.headers, request.content, sooner(timeout, left))
            if inspect.isawaitable(reply):
                reply = await reply
        except (ConnectionError, TimeoutError) as error:
            raise _mapped(error) from error
        return _response(request, reply, sink, self._most_bytes)

    async def close(self) -> None:
        """Nothing to give back: the function belongs to the caller."""


def detached(error: BaseException) -> BaseException:
    """The error without the frames it went through, nor those of its causes: their locals may hold credentials."""
    for each in chain_of(error):
        each.__traceback__ = None
    return error


def sooner(timeout: float | None, left: float | None) -> float | None:
    """The shorter of two times; ``None`` is no limit."""
    if timeout is None or left is None:
        return left if timeout is None else timeout
    return min(timeout, left)


def _mapped(error: ConnectionError | TimeoutError) -> TransportError:
    detached(error)
    if isinstance(error, TransportError):
        return error
    text = str(error) or type(error).__name__
    if isinstance(error, TimeoutError):
        return CallTimeoutError(text)
    if isinstance(error, ConnectionRefusedError):
        return ConnectError(text, sent=False)
    return NetworkError(text)


def _response(request: HttpRequest, reply: Reply, sink: Sink | None, most_bytes: int | None) -> HttpResponse:
    status, pairs, content = reply
    headers = Headers(pairs)
    broken = _shortfall(request, headers, content)
    if sink is None and (most_bytes is None or len(content) <= most_bytes):
        return HttpResponse(status, headers, b"".join((content,)), broken)
    if isinstance(sink, Streamed) and 200 <= status < 300:
        if broken is not None:
            raise NetworkError(broken)
        return HttpResponse(status, headers, b"", stream=HeldBody(content))
    # A function returns a body whose content encoding is undone, whatever the header says.
    incoming = Incoming(status, headers, sink, most_bytes, encoded=False)
    incoming.take(content)
    return incoming.finish(None if broken is None else NetworkError(broken))


def _shortfall(request: HttpRequest, headers: Headers, content: bytes) -> str | None:
    """A function has no wire on which a cut could show, so the announced length is the only witness."""
    announced = headers.get("content-length", "")
    if not announced.isdigit() or request.method == "HEAD" or "content-encoding" in headers:
        return None
    return f"{len(content)} of {announced} bytes came" if len(content) < int(announced) else None
