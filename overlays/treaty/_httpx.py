"""The one file that knows httpx: neutral messages in and out, every httpx error mapped.

It uses httpx's transports, not its clients: no cookie jar, no redirects, no second layer of credentials, and less work
per request.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from functools import lru_cache
from typing import TypeAlias, TypeVar
from urllib.request import getproxies, proxy_bypass

import httpx

from ._files import transfer_time
from ._messages import Headers, HttpRequest, HttpResponse, Sink, origin
from ._secret import Secret, conceal
from ._timed_sockets import TimedBackend, attempt
from ._transport import HttpOptions, detached
from ._vendor import is_loopback
from .errors import (
    CallTimeoutError,
    ConfigurationError,
    ConnectError,
    NetworkError,
    ProtocolError,
    RequestError,
    TransportError,
    TreatyError,
)

T = TypeVar("T")

_ACCEPT_ENCODING = "gzip, deflate"
_CUT_SHORT = (httpx.ReadError, httpx.RemoteProtocolError, httpx.DecodingError)

_UNSENT = (httpx.ConnectError, httpx.ProxyError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_ERRORS: tuple[tuple[type[Exception], type[TransportError]], ...] = (
    (httpx.TimeoutException, CallTimeoutError),
    (httpx.ConnectError, ConnectError),
    (httpx.ProxyError, ConnectError),
    (httpx.NetworkError, NetworkError),
    (httpx.ProtocolError, ProtocolError),
    (httpx.DecodingError, ProtocolError),
)


def mapped(error: Exception, sent: bool = True) -> TreatyError:
    """Our error for one of httpx; ``sent`` says whether the whole head of the request went out."""
    text = str(error) or type(error).__name__
    if isinstance(error, (httpx.LocalProtocolError, httpx.InvalidURL, httpx.UnsupportedProtocol)):
        return RequestError(f"the request cannot be sent: {text.partition(' b')[0]}")
    sent = sent and not isinstance(error, _UNSENT)
    kind = next((ours for theirs, ours in _ERRORS if isinstance(error, theirs)), TransportError)
    return kind(text, sent=sent, final=_is_certificate_trouble(error))


def _is_certificate_trouble(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


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


def _translate(request: HttpRequest, body: _Outgoing, timeout: float | None) -> httpx.Request:
    url = httpx.URL(request.url)
    framing: list[tuple[str, str]] = []
    if request.length is None:
        framing.append(("Transfer-Encoding", "chunked"))
    elif request.length or request.method in ("POST", "PUT", "PATCH"):
        framing.append(("Content-Length", str(request.length)))
    return httpx.Request(
        request.method,
        url,
        headers=[
            ("Host", url.netloc.decode("ascii")),
            ("Accept-Encoding", _ACCEPT_ENCODING),
            *request.headers,
            *framing,
        ],
        stream=body,
        extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), timeout)},
    )


class _Incoming:
    """Collects one answer: into memory, or into a sink when it is a success."""

    def __init__(self, response: httpx.Response, sink: Sink | None) -> None:
        self._response = response
        self._sink = sink if response.is_success else None
        self._kept: list[bytes] = []
        if self._sink is not None:
            self._sink.start()

    def add(self, chunk: bytes) -> None:
        if self._sink is None:
            self._kept.append(chunk)
        else:
            self._sink.write(chunk)

    def finish(self, trouble: Exception | None) -> HttpResponse:
        broken = None if trouble is None else str(trouble) or type(trouble).__name__
        headers = Headers(self._response.headers.multi_items())
        return HttpResponse(self._response.status_code, headers, b"".join(self._kept), broken)


_Route: TypeAlias = tuple[bool, Secret | None]
"""Whether the way needs TLS, and the proxy it leads through; a proxy's URL may hold a password."""


class _Pools:
    """One connection pool per proxy (and none of them with TLS settings where nothing needs them)."""

    def __init__(self, options: HttpOptions) -> None:
        self._options = options
        self.made: dict[_Route, httpx.BaseTransport | httpx.AsyncBaseTransport] = {}
        self._routes: dict[tuple[str, str, int | None], _Route] = {}

    def route(self, url: str) -> _Route:
        """The way to ``url``."""
        key = origin(url)
        if key not in self._routes:
            proxy = conceal(self._options.proxy or environment_proxy(key[0], key[1]))
            self._routes[key] = (key[0] == "https", proxy)
        return self._routes[key]

    def settings(self, route: _Route) -> tuple[ssl.SSLContext, httpx.Limits]:
        """What a new pool for ``route`` is made with."""
        tls, proxy = route
        needs_tls = tls or (_plain(proxy) or "").startswith("https:")
        context = (self._options.tls or _shared_tls()) if needs_tls else _no_tls()
        most = self._options.connections
        return context, httpx.Limits(max_connections=most, max_keepalive_connections=most)


class HttpxTransport:
    """Blocking transport; safe to share among threads."""

    def __init__(self, options: HttpOptions, monotonic: Callable[[], float]) -> None:
        self._pools = _Pools(options)
        self._monotonic = monotonic

    def prepare(self, url: str) -> None:
        """Make the pool for ``url`` now, so that the first request does not pay for it."""
        self._pool(url)

    def _pool(self, url: str) -> httpx.BaseTransport:
        route = self._pools.route(url)
        pool = self._pools.made.get(route)
        if not isinstance(pool, httpx.BaseTransport):
            context, limits = self._pools.settings(route)
            pool = _open(lambda: httpx.HTTPTransport(verify=context, limits=limits, proxy=_plain(route[1])))
            _keep_time(pool)
            # Two threads may both get here at the first request; both must then use the same pool.
            pool = self._pools.made.setdefault(route, pool)
            assert isinstance(pool, httpx.BaseTransport)
        return pool

    def send(self, request: HttpRequest, timeout: float | None, sink: Sink | None) -> HttpResponse:
        """Send one request; raises ``TransportError`` when no answer came."""
        body = _Outgoing(request)
        try:
            with attempt(transfer_time(sink, timeout), self._monotonic):
                response = self._pool(request.url).handle_request(_translate(request, body, timeout))
                try:
                    return _read(response, sink)
                finally:
                    response.close()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise mapped(error, body.begun) from detached(error)

    def close(self) -> None:
        """Close every connection."""
        for pool in self._pools.made.values():
            if isinstance(pool, httpx.BaseTransport):
                pool.close()


class AsyncHttpxTransport:
    """Transport for an event loop; all its tasks may share it."""

    def __init__(self, options: HttpOptions) -> None:
        # Blocking programs do not pay for the import of asyncio.
        from asyncio import timeout

        self._limit = timeout
        self._pools = _Pools(options)

    def prepare(self, url: str) -> None:
        """Make the pool for ``url`` now, so that the first request does not pay for it."""
        self._pool(url)

    def _pool(self, url: str) -> httpx.AsyncBaseTransport:
        route = self._pools.route(url)
        pool = self._pools.made.get(route)
        if not isinstance(pool, httpx.AsyncBaseTransport):
            context, limits = self._pools.settings(route)
            pool = _open(lambda: httpx.AsyncHTTPTransport(verify=context, limits=limits, proxy=_plain(route[1])))
            self._pools.made[route] = pool
        return pool

    async def send(self, request: HttpRequest, timeout: float | None, sink: Sink | None) -> HttpResponse:
        """Send one request; raises ``TransportError`` when no answer came."""
        body = _Outgoing(request)
        try:
            async with self._limit(transfer_time(sink, timeout)):
                response = await self._pool(request.url).handle_async_request(_translate(request, body, timeout))
                try:
                    return await _read_async(response, sink)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise mapped(error, body.begun) from detached(error)
        except TimeoutError as error:
            raise CallTimeoutError("timed out", sent=body.begun) from detached(error)

    async def close(self) -> None:
        """Close every connection."""
        for pool in self._pools.made.values():
            if isinstance(pool, httpx.AsyncBaseTransport):
                await pool.aclose()


def _read(response: httpx.Response, sink: Sink | None) -> HttpResponse:
    incoming = _Incoming(response, sink)
    try:
        for chunk in response.iter_bytes():
            incoming.add(chunk)
    except _CUT_SHORT as error:
        return incoming.finish(error)
    return incoming.finish(None)


async def _read_async(response: httpx.Response, sink: Sink | None) -> HttpResponse:
    incoming = _Incoming(response, sink)
    try:
        async for chunk in response.aiter_bytes():
            incoming.add(chunk)
    except _CUT_SHORT as error:
        return incoming.finish(error)
    return incoming.finish(None)


def _open(make: Callable[[], T]) -> T:
    """Turn what a wrong proxy setting makes httpx raise into our error, without the address: it may hold a password."""
    try:
        return make()
    except ImportError:
        reason = "httpx needs its extra 'socks' for it"
    except (ValueError, httpx.InvalidURL):
        reason = "it must be a URL with the scheme http, https or socks5"
    raise ConfigurationError(f"the proxy cannot be used: {reason}")


def _keep_time(transport: httpx.BaseTransport) -> None:
    """Put the pool on sockets that keep an attempt's time; httpx offers no argument for it."""
    pool = vars(transport).get("_pool")
    if hasattr(pool, "_network_backend"):
        pool.__dict__["_network_backend"] = TimedBackend()


def _plain(proxy: Secret | None) -> str | None:
    return None if proxy is None else proxy.reveal()


def environment_proxy(scheme: str, host: str) -> str | None:
    """The proxy that the environment names for a host, by the usual variables.

    There is none for this machine itself: plain HTTP is allowed there because nothing leaves the machine, and by way
    of a proxy the credentials would. Only the setting ``HttpOptions.proxy``, which is meant for this very client,
    applies to loopback as well.
    """
    if is_loopback(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


@lru_cache(maxsize=1)
def _shared_tls() -> ssl.SSLContext:
    """The TLS settings of all clients in the process: reading the authorities costs tens of milliseconds."""
    return httpx.create_ssl_context()


@lru_cache(maxsize=1)
def _no_tls() -> ssl.SSLContext:
    """Settings without any authority, for pools that only ever speak plain HTTP to loopback."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
