"""The way to an address: TLS settings, proxies, and the words for both when no connection comes about."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Final, NamedTuple, Protocol, TypeAlias
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from .._environment import variable_that_says
from ..errors import ConfigurationError
from .addresses import is_loopback
from .messages import DEFAULT_PORTS, origin
from .secrets import Secret, conceal
from .transport import HttpOptions

Origin: TypeAlias = tuple[str, str, int | None]
DefaultTls: TypeAlias = Callable[[], ssl.SSLContext]

_SCHEMES: Final = ("http", "https", "socks5", "socks5h")


class FoundProxy(NamedTuple):
    """A proxy that the environment names, and what names it."""

    url: Secret
    named_by: str


class Proxy(NamedTuple):
    """A proxy's address."""

    scheme: str
    host: str
    port: int | None
    credentials: tuple[bytes, bytes] | None
    """User and password."""

    @property
    def is_socks(self) -> bool:
        """Whether it speaks SOCKS, and not HTTP."""
        return self.scheme.startswith("socks")

    @property
    def shown(self) -> str:
        """The address without user and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port in (None, DEFAULT_PORTS.get(self.scheme)) else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    def __repr__(self) -> str:
        return f"Proxy({self.shown})"


class Route:
    """The way to one origin."""

    def __init__(self, key: Origin, options: HttpOptions, source: str, default_tls: DefaultTls) -> None:
        self.key = key
        self._tls = options.tls
        self._default_tls = default_tls
        self._source = source
        self._named_by = "the setting HttpOptions.proxy"
        self.proxy: Proxy | None = None
        secret = conceal(options.proxy)
        if secret is None:
            found = environment_proxy(key[0], key[1])
            if found is not None:
                secret, self._named_by = found
        if secret is not None:
            self.proxy = _opened(secret)

    @cached_property
    def tls(self) -> ssl.SSLContext | None:
        """The TLS settings, which are read when a request first goes this way."""
        secured = self.key[0] == "https" or (self.proxy is not None and self.proxy.scheme == "https")
        return self._default_tls() if self._tls is None and secured else self._tls

    def opened(self) -> Route:
        """The same, with its TLS settings read."""
        _ = self.tls
        return self

    @property
    def name(self) -> str:
        """The address, as scheme, host and port."""
        scheme, host, port = self.key
        shown = f"[{host}]" if ":" in host else host
        return f"{scheme}://{shown}" + (f":{port}" if port != DEFAULT_PORTS.get(scheme) else "")

    @property
    def way(self) -> str:
        """The address, and the proxy on the way to it."""
        if self.proxy is None:
            return self.name
        return f"{self.name} by way of the proxy {self.proxy.shown}"

    @property
    def advice(self) -> str:
        """What to look at when no connection comes about."""
        if self.proxy is not None:
            return f"{self._named_by} names the proxy; check it, and that the proxy runs and lets this address pass"
        if self._source:
            return f"{self._source}; check it, and that its server runs and can be reached from here"
        return "check that its server runs and can be reached from here"


class Ways(Protocol):
    """What an engine knows about ways."""

    def load(self) -> None:
        """Import what it needs."""
        ...

    def default_tls(self) -> ssl.SSLContext:
        """The TLS settings where a client has none."""
        ...

    def check(self, route: Route) -> None:
        """Raise ``ConfigurationError`` where there is no way by this route."""
        ...


class Routes:
    """The ways that a client has gone so far. ``sources`` says for an origin what named it.

    The engine refuses a way that it cannot go, and gives the TLS settings where the options have none.
    """

    def __init__(self, options: HttpOptions, sources: Mapping[Origin, str], engine: Ways) -> None:
        self._options = options
        self._sources = sources
        self._engine = engine
        self._planned: dict[Origin, Route] = {}
        self._open: dict[Origin, Route] = {}

    def plan(self, url: str) -> Route:
        """The way to ``url``, not yet gone; raises ``ConfigurationError`` where its proxy cannot be used."""
        key = origin(url)
        route = self._planned.get(key)
        if route is None:
            route = Route(key, self._options, self._sources.get(key, ""), self._engine.default_tls)
            self._engine.check(route)
            route = self._planned.setdefault(key, route)
        return route

    def find(self, url: str) -> Route:
        """The way to ``url`` with all that a request needs on it: the first one loads the HTTP library and reads the
        authorities for TLS, before any of its times begins."""
        key = origin(url)
        route = self._open.get(key)
        if route is None:
            route = self.plan(url)
            self._engine.load()
            self._open[key] = route.opened()
        return route


def environment_proxy(scheme: str, host: str) -> FoundProxy | None:
    """The proxy that the environment names for a host, by the usual variables.

    There is none for this machine itself: plain HTTP is allowed there because nothing leaves the machine, and by way
    of a proxy the credentials would. Only the setting ``HttpOptions.proxy``, which is meant for this very client,
    applies to loopback as well.
    """
    if is_loopback(host):
        return None
    proxies = getproxies()
    kind = scheme if proxies.get(scheme) else "all"
    proxy = proxies.get(kind)
    if not proxy or proxy_bypass(host):
        return None
    variables = (f"{kind}_proxy", f"{kind}_PROXY".upper())
    named_by = variable_that_says(proxy, variables) or "the system's proxy setting"
    return FoundProxy(Secret(proxy if "://" in proxy else f"http://{proxy}"), named_by)


def _opened(proxy: Secret) -> Proxy:
    """A proxy's settings; where they are wrong, our error without the address, which may hold a password."""
    try:
        parts = urlsplit(proxy.reveal())
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode()
    except ValueError:  # of the port, of brackets, and of a name (UnicodeError is one)
        host, port, parts = "", None, None
    if parts is None or not host or parts.scheme.lower() not in _SCHEMES:
        parts, host = None, ""  # tracebacks that print local variables must not find a password
        raise ConfigurationError("the proxy cannot be used: it must be a URL with the scheme http, https or socks5")
    known = None
    if parts.username or parts.password:
        known = unquote(parts.username or "").encode(), unquote(parts.password or "").encode()
    return Proxy(parts.scheme.lower(), host, port, known)
