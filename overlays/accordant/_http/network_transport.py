"""The transports that bring their own connections: neutral messages to the network and back.

Which connection a request uses is decided by a pool of our own (see :mod:`accordant._http.connection_pool`); what is
said on it is the affair of an engine (see :mod:`accordant._http.engines`).
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from .._fork import renewed_after_fork
from .connection import Answered, HttpLink
from .connection_pool import Place, Pool
from .engines import HttpEngine
from .file_sinks import transfer_time
from .incoming import MOST_BYTES, Incoming, header_fields
from .library_errors import Kinds, mapped, nothing_free
from .messages import HttpRequest, HttpResponse, Sink, Streamed
from .open_bodies import AsyncOpenBody, OpenBody
from .outgoing import Outgoing
from .routes import Origin, Route, Routes
from .timed_sockets import attempt, require_time
from .transport import HttpOptions, detached, sooner
from .watched_sockets import StaleConnectionError, Wire
from .wire_errors import WireReadTimeoutError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

_PIECES_AT_ONCE: Final = 16
"""How many pieces of a body, 1 MB in all, a task takes before others have their turn and its own time is looked at."""


class NetworkTransport:
    """Blocking transport; safe to share among threads."""

    def __init__(
        self,
        engine: HttpEngine,
        options: HttpOptions,
        monotonic: Callable[[], float],
        sources: Mapping[Origin, str] | None = None,
        most_bytes: int | None = MOST_BYTES,
    ) -> None:
        self._most = most_bytes
        self._engine = engine
        self._routes = Routes(options, sources or {}, engine)
        self._monotonic = monotonic
        self._pool: Pool[HttpLink] = renewed_after_fork(Pool(options.connections, monotonic))

    def prepare(self, url: str) -> None:
        """Find the way to ``url`` now, so that one that cannot be gone is refused when the client is made."""
        self._routes.plan(url)

    def send(
        self, request: HttpRequest, timeout: float | None, sink: Sink | None, left: float | None = None
    ) -> HttpResponse:
        """Send one request; raises ``TransportError`` when no response came."""
        body = Outgoing(request)
        route = self._routes.find(request.url)
        place, left = self._place(route, left)
        fit, opened = False, None
        try:
            timeout = sooner(timeout, left)
            with attempt(transfer_time(sink, timeout), self._monotonic):
                answered = self._handle(place, route, self._engine.request(request, body, timeout, route))
                if isinstance(sink, Streamed) and 200 <= answered.status < 300:
                    incoming = Incoming(answered.status, header_fields(answered.headers), None, None)
                    opened = OpenBody(self._pool, place, route, request.method, answered, incoming, self._engine.kinds)
                    return incoming.opened(opened)
                incoming = Incoming(answered.status, header_fields(answered.headers), sink, self._most)
                result = _read(answered, incoming, self._engine.kinds)
            fit = place.link is not None and place.link.fit(request.method, answered)
            return result
        except self._engine.kinds.all as error:
            raise mapped(error, self._engine.kinds, body.begun, route) from detached(error)
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

    def _handle(self, place: Place[HttpLink], route: Route, wanted: Any) -> Answered:
        link = place.link
        if link is not None:
            link.wire.watching = True
            try:
                return link.handle(wanted)
            except StaleConnectionError:
                link.close()
        wire = Wire(self._engine.write_error)
        place.link = link = self._engine.link(route, wire, wanted)
        return link.handle(wanted)

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class AsyncNetworkTransport:
    """Transport for the tasks of an event loop; every loop that uses it has separate connections."""

    def __init__(
        self,
        engine: HttpEngine,
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
        self._engine = engine
        self._routes = Routes(options, sources or {}, engine)
        self._most = options.connections
        self._most_bytes = most_bytes
        self._monotonic = monotonic
        self._pools: dict[AbstractEventLoop, Pool[HttpLink]] = {}
        self._closed = False

    def prepare(self, url: str) -> None:
        """Find the way to ``url`` now, so that one that cannot be gone is refused when the client is made."""
        self._routes.plan(url)

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
        body = Outgoing(request)
        route = self._routes.find(request.url)
        pool = self._pool(self._running())
        place, left = await self._place(pool, route, left)
        fit, opened = False, None
        try:
            timeout = sooner(timeout, left)
            # The limit around the whole cancels whatever waits; only a transfer into a sink needs times within.
            wanted = self._engine.request(request, body, None if sink is None else timeout, route)
            async with self._limit(transfer_time(sink, timeout)):
                answered = await self._handle(place, route, wanted)
                if isinstance(sink, Streamed) and 200 <= answered.status < 300:
                    incoming = Incoming(answered.status, header_fields(answered.headers), None, None)
                    opened = AsyncOpenBody(pool, place, route, request.method, answered, incoming, self._engine.kinds)
                    return incoming.opened(opened)
                incoming = Incoming(answered.status, header_fields(answered.headers), sink, self._most_bytes)
                result = await _read_async(answered, incoming, self._engine.kinds, self._breathe)
            fit = place.link is not None and place.link.fit(request.method, answered)
            return result
        except self._engine.kinds.all as error:
            raise mapped(error, self._engine.kinds, body.begun, route) from detached(error)
        except TimeoutError as error:
            unconnected = place.link and place.link.unconnected(timeout)
            late = unconnected or WireReadTimeoutError("timed out")
            raise mapped(late, self._engine.kinds, body.begun, route) from detached(error)
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

    async def _handle(self, place: Place[HttpLink], route: Route, wanted: Any) -> Answered:
        link = place.link
        if link is not None:
            link.wire.watching = True
            try:
                return await link.handle_async(wanted)
            except StaleConnectionError:
                link.close()
        wire = self._wire(self._engine.write_error)
        place.link = link = self._engine.async_link(route, wire, wanted)
        return await link.handle_async(wanted)

    async def close(self) -> None:
        """Close every connection, whichever loop it was opened in."""
        self._closed = True
        for loop, pool in list(self._pools.items()):
            pool.close()
            if loop.is_closed():
                pool.renew()  # nobody is left who would close what was under way


def _read(answered: Answered, incoming: Incoming, kinds: Kinds) -> HttpResponse:
    stream: Any = answered.stream
    try:
        for chunk in stream:
            for number, piece in enumerate(incoming.pieces(chunk)):
                if number:
                    require_time()  # a little data may stand for so much that the time is over before all is undone
                incoming.take(piece)
            if not incoming.wanted:
                break
    except kinds.cut_short as error:
        return incoming.finish(error)
    finally:
        stream.close()
    return incoming.finish(None)


async def _read_async(
    answered: Answered, incoming: Incoming, kinds: Kinds, breathe: Callable[[], Awaitable[None]]
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
    except kinds.cut_short as error:
        return incoming.finish(error)
    finally:
        await stream.aclose()
    return incoming.finish(None)
