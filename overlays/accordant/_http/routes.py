"""The way to an address: TLS settings, proxies, and the words for both when no connection comes about."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, NamedTuple, TypeAlias
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from .._environment import variable_that_says
from ..errors import ConfigurationError
from .addresses import is_loopback
from .messages import DEFAULT_PORTS, origin
from .secrets import Secret, conceal
from .transport import HttpOptions

Origin: TypeAlias = tuple[str, str, int | None]


class FoundProxy(NamedTuple):
    """A proxy that the environment names, and what names it."""

    url: Secret
    named_by: str


class Kinds(NamedTuple):
    """The classes of the HTTP library that know how a connection comes about: blocking ones, or asynchronous ones."""

    direct: Any
    http_proxy: Any
    socks_proxy: Any


BLOCKING = Kinds(httpcore.ConnectionPool, httpcore.HTTPProxy, httpcore.SOCKSProxy)
ASYNCHRONOUS = Kinds(httpcore.AsyncConnectionPool, httpcore.AsyncHTTPProxy, httpcore.AsyncSOCKSProxy)


class Route:
    """The way to one origin."""

    def __init__(self, key: Origin, options: HttpOptions, source: str) -> None:
        self.key = key
        self.tls: ssl.SSLContext | None = options.tls
        self._source = source
        self._named_by = "the setting HttpOptions.proxy"
        self._proxy: httpx.Proxy | None = None
        secret = conceal(options.proxy)
        if secret is None:
            found = environment_proxy(key[0], key[1])
            if found is not None:
                secret, self._named_by = found
        if secret is not None:
            self._proxy = _opened(secret)
        if self.tls is None and (key[0] == "https" or (self._proxy and self._proxy.url.scheme == "https")):
            self.tls = shared_tls()

    def connection(self, kinds: Kinds, wire: Any, to: httpcore.Origin) -> Any:
        """A connection that is opened, by way of ``wire``, when it is first used.

        The library's pools serve as factories: only they know all its kinds of connections.
        """
        proxy = self._proxy
        tls = self.tls
        if proxy is None:
            return kinds.direct(ssl_context=tls, network_backend=wire).create_connection(to)
        url = httpcore.URL(
            scheme=proxy.url.raw_scheme, host=proxy.url.raw_host, port=proxy.url.port, target=proxy.url.raw_path
        )
        if proxy.url.scheme in ("socks5", "socks5h"):
            pool = kinds.socks_proxy(url, proxy_auth=proxy.raw_auth, ssl_context=tls, network_backend=wire)
        else:
            pool = kinds.http_proxy(
                url,
                proxy_auth=proxy.raw_auth,
                proxy_headers=proxy.headers.raw,
                ssl_context=tls,
                proxy_ssl_context=tls if proxy.url.scheme == "https" else None,
                network_backend=wire,
            )
        return pool.create_connection(to)

    @property
    def name(self) -> str:
        """The address, as scheme, host and port."""
        scheme, host, port = self.key
        shown = f"[{host}]" if ":" in host else host
        return f"{scheme}://{shown}" + (f":{port}" if port != DEFAULT_PORTS.get(scheme) else "")

    @property
    def way(self) -> str:
        """The address, and the proxy on the way to it."""
        if self._proxy is None:
            return self.name
        return f"{self.name} by way of the proxy {_shown(self._proxy.url)}"

    @property
    def advice(self) -> str:
        """What to look at when no connection comes about."""
        if self._proxy is not None:
            return f"{self._named_by} names the proxy; check it, and that the proxy runs and lets this address pass"
        if self._source:
            return f"{self._source}; check it, and that its server runs and can be reached from here"
        return "check that its server runs and can be reached from here"


class Routes:
    """The ways that a client has gone so far. ``sources`` says for an origin what named it."""

    def __init__(self, options: HttpOptions, sources: Mapping[Origin, str]) -> None:
        self._options = options
        self._sources = sources
        self._found: dict[Origin, Route] = {}

    def find(self, url: str) -> Route:
        """The way to ``url``; raises ``ConfigurationError`` where its proxy cannot be used."""
        key = origin(url)
        route = self._found.get(key)
        if route is None:
            route = self._found.setdefault(key, Route(key, self._options, self._sources.get(key, "")))
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


def _opened(proxy: Secret) -> httpx.Proxy:
    """A proxy's settings; where they are wrong, our error without the address, which may hold a password."""
    try:
        made = httpx.Proxy(proxy.reveal())
    except (ValueError, httpx.InvalidURL):
        reason = "it must be a URL with the scheme http, https or socks5"
    else:
        if not made.url.scheme.startswith("socks") or find_spec("socksio") is not None:
            return made
        reason = "httpx needs its extra 'socks' for it"
    raise ConfigurationError(f"the proxy cannot be used: {reason}")


def _shown(url: httpx.URL) -> str:
    """A proxy's address without its user and password."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


@lru_cache(maxsize=1)
def shared_tls() -> ssl.SSLContext:
    """The TLS settings of all clients in the process: reading the authorities costs tens of milliseconds."""
    return httpx.create_ssl_context()
