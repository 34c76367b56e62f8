"""HTTP by httpx or httpx2: the library below each, httpcore, moves the bytes, one connection object each.

Not httpx's clients: no cookie jar, no redirects, no second layer of credentials. Not httpcore's pool either: it looks
at every connection for every request, and uses connections on which bytes are left.
"""

from __future__ import annotations

from functools import cached_property
from importlib.util import find_spec
from operator import attrgetter
from ssl import SSLContext
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..errors import ConfigurationError
from .connection import Answered, HttpLink
from .library import library, require_installed, shared_tls
from .library_errors import Kinds, kinds_of
from .outgoing import Outgoing, checked_fields
from .request_head import target_of
from .watched_sockets import Wire

if TYPE_CHECKING:
    from .async_sockets import AsyncWire
    from .messages import HttpRequest
    from .routes import Route

_LEFT_IN_BUFFER: Final = attrgetter("_connection._h11_state.trailing_data")
"""httpcore shows nowhere in public what it has read beyond a response."""


class _Kinds(NamedTuple):
    """The library's classes that know how a connection comes about: blocking ones, or asynchronous ones."""

    direct: Any
    http_proxy: Any
    socks_proxy: Any


class CoreLink(HttpLink):
    """A connection of the library."""

    def __init__(self, wire: Wire | AsyncWire, connection: Any) -> None:
        super().__init__(wire)
        self.connection = connection

    def handle(self, wanted: Any) -> Answered:
        """Send a request, opening the connection if need be, and wait for the head of the response."""
        answered: Answered = self.connection.handle_request(wanted)
        return answered

    async def handle_async(self, wanted: Any) -> Answered:
        """The same on an event loop."""
        answered: Answered = await self.connection.handle_async_request(wanted)
        return answered

    def is_idle(self) -> bool:
        """Whether request and response are over, and both sides would go on."""
        return bool(self.connection.is_idle())

    def holds_more(self, answered: Answered) -> bool:
        """Whether bytes that belong to nothing were read with the response, or whether nobody can tell."""
        try:
            left, ended = _LEFT_IN_BUFFER(answered.stream)
        except AttributeError:
            return True  # another release of httpcore: what cannot be seen must be feared
        return bool(left or ended)


class CoreEngine:
    """The requests and connections of one library."""

    def __init__(self, name: str) -> None:
        require_installed(name)
        self.name = name

    def load(self) -> None:
        """Import the library; the first request of a process does."""
        library(self.name)

    @cached_property
    def _core(self) -> Any:
        return library(self.name).httpcore

    @property
    def kinds(self) -> Kinds:
        """What the library's errors mean."""
        return kinds_of(self.name)

    @property
    def write_error(self) -> type[Exception]:
        """What a connection raises when nothing can be written: it may still hold a response."""
        found: type[Exception] = self._core.WriteError
        return found

    @cached_property
    def _blocking(self) -> _Kinds:
        return _Kinds(self._core.ConnectionPool, self._core.HTTPProxy, self._core.SOCKSProxy)

    @cached_property
    def _asynchronous(self) -> _Kinds:
        return _Kinds(self._core.AsyncConnectionPool, self._core.AsyncHTTPProxy, self._core.AsyncSOCKSProxy)

    def default_tls(self) -> SSLContext:
        """The TLS settings of the library, shared by all clients."""
        return shared_tls(self.name)

    def check(self, route: Route) -> None:
        """Raise ``ConfigurationError`` where there is no way by this route."""
        if route.proxy is not None and route.proxy.is_socks and find_spec("socksio") is None:
            raise ConfigurationError(f"the proxy cannot be used: {self.name} needs its extra 'socks' for it")

    def request(self, request: HttpRequest, body: Outgoing, timeout: float | None, route: Route) -> Any:
        """The request in the library's form, with a time for each wait for data."""
        to = target_of(request.url)
        headers = checked_fields(request, to.netloc)
        scheme, _, port = route.key
        target = self._core.URL(scheme=scheme, host=to.host, port=port, target=to.path)
        extensions = {"timeout": dict.fromkeys(("connect", "read", "write"), timeout)}
        return self._core.Request(request.method, target, headers=headers, content=body, extensions=extensions)

    def link(self, route: Route, wire: Wire, wanted: Any) -> HttpLink:
        """A connection that is opened when it is first used."""
        return self._link(self._blocking, route, wire, wanted)

    def async_link(self, route: Route, wire: AsyncWire, wanted: Any) -> HttpLink:
        """The same on an event loop."""
        return self._link(self._asynchronous, route, wire, wanted)

    def _link(self, kinds: _Kinds, route: Route, wire: Wire | AsyncWire, wanted: Any) -> HttpLink:
        """The library's pools serve as factories: only they know all its kinds of connections."""
        proxy, tls = route.proxy, route.tls
        if proxy is None:
            pool = kinds.direct(ssl_context=tls, network_backend=wire)
        else:
            url = self._core.URL(scheme=proxy.scheme, host=proxy.host, port=proxy.port, target="/")
            auth = proxy.credentials
            if proxy.is_socks:
                pool = kinds.socks_proxy(url, proxy_auth=auth, ssl_context=tls, network_backend=wire)
            else:
                pool = kinds.http_proxy(
                    url,
                    proxy_auth=auth,
                    ssl_context=tls,
                    proxy_ssl_context=tls if proxy.scheme == "https" else None,
                    network_backend=wire,
                )
        return CoreLink(wire, pool.create_connection(wanted.url.origin))
