"""The default transport: neutral messages to httpx and back, over connections that are kept.

httpcore, which httpx is made of, moves the bytes: one connection object each, kept in a pool of our own (see
:mod:`accordant._http.connection_pool`). Not httpx's clients: no cookie jar, no redirects, no second layer of
credentials. Not httpcore's pool either: it looks at every connection for every request, and uses connections on which
bytes are left.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import httpcore
import httpx

from .._fork import renewed_after_fork
from ..errors import RequestError
from .connection import HttpLink
from .connection_pool import Place, Pool
from .content_decoding import ACCEPTED
from .file_sinks import transfer_time
from .incoming import MOST_BYTES, Incoming, header_fields
from .library_errors import LIBRARY_ERRORS, mapped, nothing_free
from .messages import HttpRequest, HttpResponse, Sink, Streamed
from .open_bodies import AsyncOpenBody, OpenBody
from .routes import ASYNCHRONOUS, BLOCKING, Origin, Route, Routes
from .timed_sockets import attempt, require_time
from .transport import HttpOptions, detached, sooner
from .watched_sockets import StaleConnectionError, Wire

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

_CUT_SHORT = (httpcore.ReadError, httpcore.RemoteProtocolError)
_PIECES_AT_ONCE: Final = 16
"""How many pieces of a body, 1 MB in all, a task takes before others have their turn and its own time is looked at."""


class _Outgoing(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A request body that notices when it is asked for: by then the head has gone out."""

    def __init__(self, request: HttpRequest) -> None:
        self._body = request.body
        self.begun = False

    def _chunks(self) -> Iterator[bytes]:
        self.begun = True
        if isinstance(self._body, bytes):
            if self._body:
                yield self._body
        else:
            yield from self._body.chunks()

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks():
            yield chunk


def _translate(request: HttpRequest, body: _Outgoing) -> httpcore.Request:
    url = httpx.URL(request.url)
    headers = [(b"Host", url.netloc), (b"Accept-Encoding", ACCEPTED.encode())]
    for name, value in request.headers:
        try:
            headers.append((name.encode("ascii"), value.encode("ascii")))
        except UnicodeEncodeError:
            raise RequestError(f"the header {name!r} holds characters beyond ASCII") from None
    if request.length is None:
        headers.append((b"Transfer-Encoding", b"chunked"))
    elif request.length or request.method in ("POST", "PUT", "PATCH"):
        headers.append((b"Content-Length", str(request.length).encode()))
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    return httpcore.Request(request.method, target, headers=headers, content=body)


def _timed(wanted: httpcore.Request, timeout: float | None) -> httpcore.Request:
    """The request with a time for each wait for data."""
    extensions: dict[str, Any] = {"timeout": dict.fromkeys(("connect", "read", "write"), timeout)}
    wanted.extensions = extensions
    return wanted


class HttpxTransport:
    """Blocking transport; safe to share among threads."""

    def __init__(
        self,
        options: HttpOptions,
        monotonic: Callable[[], float],
        sources: Mapping[Origin, str] | None = None,
        most_bytes: int | None = MOST_BYTES,
    ) -> None:
        self._most = most_bytes
        self._routes = Routes(options, sources or {})
        self._monotonic = monotonic
        self._pool: Pool[HttpLink] = renewed_after_fork(Pool(options.connections, monotonic))

    def prepare(self, url: str) -> None:
        """Find the way to ``url`` now, so that the first request does not pay for it."""
        self._routes.find(url)

    def send(
        self, request: HttpRequest, timeout: float | None, sink: Sink | None, left: float | None = None
    ) -> HttpResponse:
        """Send one request; raises ``TransportError`` when no response came."""
        body = _Outgoing(request)
        route = self._routes.find(request.url)
        place, left = self._place(route, left)
        fit, opened = False, None
        try:
            timeout = sooner(timeout, left)
            with attempt(transfer_time(sink, timeout), self._monotonic):
                answered = self._handle(place, route, _timed(_translate(request, body), timeout))
                if isinstance(sink, Streamed) and 200 <= answered.status < 300:
                    incoming = Incoming(answered.status, header_fields(answered.headers), None, None)
                    opened = OpenBody(self._pool, place, route, request.method, answered, incoming)
                    return incoming.opened(opened)
                result = _read(answered, Incoming(answered.status, header_fields(answered.headers), sink, self._most))
            fit = place.link is not None and place.link.fit(request.method, answered)
            return result
        except LIBRARY_ERRORS as error:
            raise mapped(error, body.begun, route) from detached(error)
        finally:
            if opened is None:
                self._pool.give_back(place, fit)

    def _place(self, route: Route, left: float | None) -> tuple[Place[HttpLink], float | None]:
        """A place, and the seconds that are left when it was found."""
        woken = threading.Lock()
        woken.acquire()
        place = self._pool.take(route.key, woken.release)
        if place.granted():
            return place, left
        begun = self._monotonic()
        try:
            if not self._pool.closed:
                woken.acquire(timeout=-1 if left is None else max(0.0, min(left, threading.TIMEOUT_MAX)))
            if not place.granted():
                raise nothing_free(self._pool, route)
        except BaseException:
            self._pool.withdraw(place)
            raise
        return place, None if left is None else max(0.0, left - (self._monotonic() - begun))

    def _handle(self, place: Place[HttpLink], route: Route, wanted: httpcore.Request) -> httpcore.Response:
        link = place.link
        if link is not None:
            link.wire.watching = True
            try:
                return link.handle(wanted)
            except StaleConnectionError:
                link.close()
        wire = Wire()
        place.link = link = HttpLink(wire, route.connection(BLOCKING, wire, wanted.url.origin))
        return link.handle(wanted)

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class AsyncHttpxTransport:
    """Transport for the tasks of an event loop; every loop that uses it has separate connections."""

    def __init__(
        self,
        options: HttpOptions,
        monotonic: Callable[[], float],
        sources: Mapping[Origin, str] | None = None,
        most_bytes: int | None = MOST_BYTES,
    ) -> None:
        # Blocking programs do not pay for the import of asyncio.
        import asyncio

        from .._turns import Turn
        from .async_sockets import AsyncWire

        self._running = asyncio.get_running_loop
        self._limit = asyncio.timeout
        self._breathe = lambda: asyncio.sleep(0)
        self._turn = Turn
        self._wire = AsyncWire
        self._routes = Routes(options, sources or {})
        self._most = options.connections
        self._most_bytes = most_bytes
        self._monotonic = monotonic
        self._pools: dict[AbstractEventLoop, Pool[HttpLink]] = {}
        self._closed = False

    def prepare(self, url: str) -> None:
        """Find the way to ``url`` now, so that the first request does not pay for it."""
        self._routes.find(url)

    def _pool(self, loop: AbstractEventLoop) -> Pool[HttpLink]:
        pool = self._pools.get(loop)
        if pool is None:
            for ended in [other for other in list(self._pools) if other.is_closed()]:
                self._pools.pop(ended).renew()
            pool = self._pools.setdefault(loop, renewed_after_fork(Pool(self._most, self._monotonic)))
            pool.closed = self._closed
        return pool

    async def send(
        self, request: HttpRequest, timeout: float | None, sink: Sink | None, left: float | None = None
    ) -> HttpResponse:
        """Send one request; raises ``TransportError`` when no response came."""
        body = _Outgoing(request)
        route = self._routes.find(request.url)
        pool = self._pool(self._running())
        place, left = await self._place(pool, route, left)
        fit, opened = False, None
        try:
            timeout = sooner(timeout, left)
            # The limit around the whole cancels whatever waits; only a transfer into a sink needs times within.
            wanted = _timed(_translate(request, body), None if sink is None else timeout)
            async with self._limit(transfer_time(sink, timeout)):
                answered = await self._handle(place, route, wanted)
                if isinstance(sink, Streamed) and 200 <= answered.status < 300:
                    incoming = Incoming(answered.status, header_fields(answered.headers), None, None)
                    opened = AsyncOpenBody(pool, place, route, request.method, answered, incoming)
                    return incoming.opened(opened)
                incoming = Incoming(answered.status, header_fields(answered.headers), sink, self._most_bytes)
                result = await _read_async(answered, incoming, self._breathe)
            fit = place.link is not None and place.link.fit(request.method, answered)
            return result
        except LIBRARY_ERRORS as error:
            raise mapped(error, body.begun, route) from detached(error)
        except TimeoutError as error:
            unconnected = place.link and place.link.unconnected(timeout)
            raise mapped(unconnected or httpcore.ReadTimeout("timed out"), body.begun, route) from detached(error)
        finally:
            if opened is None:
                pool.give_back(place, fit)

    async def _place(
        self, pool: Pool[HttpLink], route: Route, left: float | None
    ) -> tuple[Place[HttpLink], float | None]:
        """A place, and the seconds that are left when it was found."""
        turn = self._turn()
        place = pool.take(route.key, turn.wake)
        if place.granted():
            return place, left
        begun = self._monotonic()
        try:
            if not pool.closed:
                await turn.come(left)
            if not place.granted():
                raise nothing_free(pool, route)
        except BaseException:
            pool.withdraw(place)
            raise
        return place, None if left is None else max(0.0, left - (self._monotonic() - begun))

    async def _handle(self, place: Place[HttpLink], route: Route, wanted: httpcore.Request) -> httpcore.Response:
        link = place.link
        if link is not None:
            link.wire.watching = True
            try:
                return await link.handle_async(wanted)
            except StaleConnectionError:
                link.close()
        wire = self._wire()
        place.link = link = HttpLink(wire, route.connection(ASYNCHRONOUS, wire, wanted.url.origin))
        return await link.handle_async(wanted)

    async def close(self) -> None:
        """Close every connection, whichever loop it was opened in."""
        self._closed = True
        for loop, pool in list(self._pools.items()):
            pool.close()
            if loop.is_closed():
                pool.renew()  # nobody is left who would close what was under way


def _read(answered: httpcore.Response, incoming: Incoming) -> HttpResponse:
    stream: Any = answered.stream
    try:
        for chunk in stream:
            for number, piece in enumerate(incoming.pieces(chunk)):
                if number:
                    require_time()  # a little data may stand for so much that the time is over before all is undone
                incoming.take(piece)
            if not incoming.wanted:
                break
    except _CUT_SHORT as error:
        return incoming.finish(error)
    finally:
        stream.close()
    return incoming.finish(None)


async def _read_async(
    answered: httpcore.Response, incoming: Incoming, breathe: Callable[[], Awaitable[None]]
) -> HttpResponse:
    stream: Any = answered.stream
    try:
        async for chunk in stream:
            for number, piece in enumerate(incoming.pieces(chunk)):
                incoming.take(piece)
                if number % _PIECES_AT_ONCE == _PIECES_AT_ONCE - 1:
                    await breathe()
            if not incoming.wanted:
                break
    except _CUT_SHORT as error:
        return incoming.finish(error)
    finally:
        await stream.aclose()
    return incoming.finish(None)
