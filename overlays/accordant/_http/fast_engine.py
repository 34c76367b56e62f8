"""HTTP without a library above the sockets: heads are written here and parsed by httptools.

What is said on a connection is one flow, which yields what it needs (bytes to write, ``None`` to read, a connection,
TLS); a blocking and an asynchronous driver perform that.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from ssl import SSLContext
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from ..errors import ConfigurationError
from .connection import Answered, HttpLink
from .library import installed, shared_tls
from .library_errors import WIRE, Kinds
from .messages import DEFAULT_PORTS, HttpRequest
from .outgoing import Outgoing
from .request_head import Destination, connect_head, head_of, target_of
from .response_reading import ResponseReading
from .routes import Route
from .watched_sockets import Wire
from .wire_errors import WireProtocolError, WireProxyError, WireRequestError, WireWriteError

if TYPE_CHECKING:
    from .async_sockets import AsyncWire

_AT_ONCE: Final = 64 * 1024


class _Wanted(NamedTuple):
    """A request that is ready to be written."""

    method: str
    head: bytes
    body: Outgoing
    length: int | None
    target: Destination
    timeout: float | None


class _Connect(NamedTuple):
    host: str
    port: int


class _Secure(NamedTuple):
    tls: SSLContext
    host: str


_Step: TypeAlias = bytes | _Connect | _Secure | None
_Exchange: TypeAlias = "Generator[_Step, bytes, Answered]"


class _Response(NamedTuple):
    """A response whose head has come."""

    status: int
    headers: list[tuple[bytes, bytes]]
    stream: Any


class _Body:
    """The body of a response, as it comes."""

    def __init__(self, link: FastLink, reading: ResponseReading, timeout: float | None, sent: bool) -> None:
        self._link = link
        self._timeout = timeout
        self._sent = sent
        self._finished = False
        self.reading = reading

    def __iter__(self) -> Iterator[bytes]:
        reading = self.reading
        while True:
            yield from reading.taken()
            if reading.over:
                self._finished = True
                return
            reading.feed(self._link.read(self._timeout))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        reading = self.reading
        while True:
            for piece in reading.taken():
                yield piece
            if reading.over:
                self._finished = True
                return
            reading.feed(await self._link.read_async(self._timeout))

    def close(self) -> None:
        """No more of it is wanted."""
        self._link.ended(self._sent and self._finished and self.reading.keeps)

    async def aclose(self) -> None:
        """The same on an event loop."""
        self.close()


class FastLink(HttpLink):
    """A connection, and what is said on it."""

    def __init__(self, wire: Wire | AsyncWire, route: Route) -> None:
        super().__init__(wire)
        self._route = route
        self._stream: Any = None
        self._idle = False

    def handle(self, wanted: _Wanted) -> Answered:
        """Send a request, opening the connection if need be, and wait for the head of the response."""
        flow = self._exchange(wanted)
        try:
            step = next(flow)
            while True:
                try:
                    found = self._perform(step, wanted.timeout)
                except WireWriteError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(found)
        except StopIteration as ended:
            answered: Answered = ended.value
            return answered

    async def handle_async(self, wanted: _Wanted) -> Answered:
        """The same on an event loop."""
        flow = self._exchange(wanted)
        try:
            step = next(flow)
            while True:
                try:
                    found = await self._perform_async(step, wanted.timeout)
                except WireWriteError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(found)
        except StopIteration as ended:
            answered: Answered = ended.value
            return answered

    def is_idle(self) -> bool:
        """Whether request and response are over, and both sides would go on."""
        return self._idle

    def holds_more(self, answered: Answered) -> bool:
        """Whether bytes that belong to nothing were read with the response."""
        return bool(answered.stream.reading.leftover)

    def ended(self, idle: bool) -> None:
        """The response is over; ``idle`` says that another may follow."""
        self._idle = idle

    def read(self, timeout: float | None) -> bytes:
        """The next bytes; empty at the end."""
        data: bytes = self._stream.read(_AT_ONCE, timeout)
        return data

    async def read_async(self, timeout: float | None) -> bytes:
        """The same on an event loop."""
        data: bytes = await self._stream.read(_AT_ONCE, timeout)
        return data

    def _perform(self, step: _Step, timeout: float | None) -> bytes:
        if step is None:
            return self.read(timeout)
        if isinstance(step, bytes):
            self._stream.write(step, timeout)
        elif isinstance(step, _Connect):
            wire: Any = self.wire
            self._stream = wire.connect_tcp(step.host, step.port, timeout)
        else:
            self._stream = self._stream.start_tls(step.tls, step.host, timeout)
        return b""

    async def _perform_async(self, step: _Step, timeout: float | None) -> bytes:
        if step is None:
            return await self.read_async(timeout)
        if isinstance(step, bytes):
            await self._stream.write(step, timeout)
        elif isinstance(step, _Connect):
            wire: Any = self.wire
            self._stream = await wire.connect_tcp(step.host, step.port, timeout)
        else:
            self._stream = await self._stream.start_tls(step.tls, step.host, timeout)
        return b""

    def _exchange(self, wanted: _Wanted) -> _Exchange:
        """One request and the head of its response."""
        if self._stream is None:
            yield from self._opened(wanted.target)
        self._idle = False
        sent = True
        try:
            yield wanted.head
            if wanted.body.begin():
                yield from _chunks(wanted)
        except WireWriteError:
            sent = False  # the server may have responded before it had everything
        reading = ResponseReading(wanted.method)
        while not reading.begun:
            reading.feed((yield None))
        return _Response(reading.status, reading.headers, _Body(self, reading, wanted.timeout, sent))

    def _opened(self, target: Destination) -> Generator[_Step, bytes, None]:
        """A connection to the server, or to the proxy that leads there."""
        (scheme, _, port), proxy, tls = self._route.key, self._route.proxy, self._route.tls
        if proxy is None:
            yield _Connect(target.host, port or DEFAULT_PORTS[scheme])
        else:
            yield _Connect(proxy.host, proxy.port or DEFAULT_PORTS[proxy.scheme])
            if proxy.scheme == "https":
                yield _secured(tls, proxy.host)
            if scheme == "https":
                yield connect_head(target, proxy)
                reading = ResponseReading("CONNECT")
                while not reading.begun:
                    reading.feed((yield None))
                if not 200 <= reading.status < 300:
                    raise WireProxyError(f"{reading.status} {reading.reason.decode('ascii', 'replace')}")
                if reading.leftover:
                    raise WireProtocolError("the proxy sent more than its response")
        if scheme == "https":
            yield _secured(tls, target.host)


def _secured(tls: SSLContext | None, host: str) -> _Secure:
    assert tls is not None  # a route to https, or by an https proxy, has some
    tls.set_alpn_protocols(["http/1.1"])
    return _Secure(tls, host)


def _chunks(wanted: _Wanted) -> Generator[_Step, bytes, None]:
    """The body as it is written; one that is not as long as its head says is an error."""
    left = wanted.length
    for chunk in wanted.body:
        if left is None:
            if chunk:  # an empty one would be the last
                yield b"%x\r\n%b\r\n" % (len(chunk), chunk)
            continue
        left -= len(chunk)
        if left < 0:
            raise WireRequestError("the body is longer than it was said to be")
        yield bytes(chunk)
    if left is None:
        yield b"0\r\n\r\n"
    elif left:
        raise WireRequestError("the body is shorter than it was said to be")


class FastEngine:
    """Requests and connections of the fast transport."""

    kinds: Kinds = WIRE
    write_error: type[Exception] = WireWriteError

    def load(self) -> None:
        """All that it needs was imported with it."""

    def default_tls(self) -> SSLContext:
        """The TLS settings of the HTTP library that is installed: every transport trusts the same authorities."""
        return shared_tls(installed())

    def check(self, route: Route) -> None:
        """Raise ``ConfigurationError`` where there is no way by this route."""
        if route.proxy is not None and route.proxy.is_socks:
            raise ConfigurationError(
                "the proxy cannot be used: the transport fast has no SOCKS; use accordant.transports.HTTPX"
            )

    def request(self, request: HttpRequest, body: Outgoing, timeout: float | None, route: Route) -> _Wanted:
        """The request as it is written; ``timeout`` is the time of each wait."""
        target = target_of(request.url)
        head = head_of(request, target, route)
        return _Wanted(request.method, head, body, request.length, target, timeout)

    def link(self, route: Route, wire: Wire, wanted: Any) -> HttpLink:  # noqa: ARG002 (what engines have in common)
        """A connection that is opened when it is first used."""
        return FastLink(wire, route)

    def async_link(self, route: Route, wire: AsyncWire, wanted: Any) -> HttpLink:  # noqa: ARG002 (as above)
        """The same on an event loop."""
        return FastLink(wire, route)
