"""What carries a client's requests, and which of them a client uses."""

from __future__ import annotations

from collections.abc import Mapping
from ssl import SSLContext
from typing import TYPE_CHECKING, Any, Final, Protocol

from attrs import frozen

from .._environment import process_variables
from ..errors import ConfigurationError
from .library import installed

if TYPE_CHECKING:
    from .async_sockets import AsyncWire
    from .connection import HttpLink
    from .library_errors import Kinds
    from .messages import HttpRequest
    from .outgoing import Outgoing
    from .routes import Route
    from .watched_sockets import Wire

VARIABLE: Final = "ACCORDANT_TRANSPORT"


class HttpEngine(Protocol):
    """Speaks HTTP on connections; knows nothing of clients, places and retries."""

    @property
    def kinds(self) -> Kinds:
        """What its errors mean."""
        ...

    @property
    def write_error(self) -> type[Exception]:
        """What a connection raises when nothing can be written: it may still hold a response."""
        ...

    def load(self) -> None:
        """Import what it needs; making a client does not."""
        ...

    def default_tls(self) -> SSLContext:
        """The TLS settings where a client has none."""
        ...

    def check(self, route: Route) -> None:
        """Raise ``ConfigurationError`` where there is no way by this route."""
        ...

    def request(self, request: HttpRequest, body: Outgoing, timeout: float | None, route: Route) -> Any:
        """A request for a link; ``timeout`` is the time of each wait."""
        ...

    def link(self, route: Route, wire: Wire, wanted: Any) -> HttpLink:
        """A connection that is opened when it is first used."""
        ...

    def async_link(self, route: Route, wire: AsyncWire, wanted: Any) -> HttpLink:
        """The same on an event loop."""
        ...


@frozen
class Network:
    """A transport that brings its own connections; see :mod:`accordant.transports` for those that there are."""

    name: str


HTTPX: Final = Network("httpx")
HTTPX2: Final = Network("httpx2")
FAST: Final = Network("fast")
NETWORKS: Final[Mapping[str, Network]] = {each.name: each for each in (HTTPX, HTTPX2, FAST)}


def network(given: Network | None) -> Network:
    """The transport that was given; else the one that the environment names; else the library that is installed."""
    if given is not None:
        return given
    named = process_variables().get(VARIABLE, "").strip()
    if not named:
        return NETWORKS[installed()]
    if named not in NETWORKS:
        raise ConfigurationError(
            f"the environment variable {VARIABLE} is {named!r}; it must be one of {', '.join(NETWORKS)}"
        )
    return NETWORKS[named]


def engine(given: Network | None) -> HttpEngine:
    """The engine of a transport; raises ``ConfigurationError`` where what it needs is not installed."""
    name = network(given).name
    if name != FAST.name:
        from .core_engine import CoreEngine

        return CoreEngine(name)
    try:
        from .fast_engine import FastEngine
    except ImportError as error:
        raise ConfigurationError(str(error)) from None
    return FastEngine()
