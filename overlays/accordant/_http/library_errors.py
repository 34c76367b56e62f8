"""Our error for every one of a connection or an HTTP library, in words that say what happened and what to do."""

from __future__ import annotations

import ssl
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias

from ..errors import (
    AccordantError,
    CallTimeoutError,
    ConnectError,
    DeadlineExceededError,
    NetworkError,
    ProtocolError,
    RequestError,
    TransportError,
)
from .connection_pool import Pool
from .library import library
from .routes import Route
from .wire_errors import (
    HeadTooLongError,
    WireConnectError,
    WireConnectTimeoutError,
    WireError,
    WireNetworkError,
    WireProtocolError,
    WireProxyError,
    WireReadError,
    WireRequestError,
    WireTimeoutError,
)

_Errors: TypeAlias = tuple[type[Exception], ...]


class Kinds(NamedTuple):
    """What the errors of a transport mean."""

    all: _Errors
    """Those that it raises."""
    unsent: _Errors
    """Nothing was sent."""
    refused: _Errors
    """The request cannot be sent, whoever the other side is."""
    cut_short: _Errors
    """The response ended before its time."""
    ours: tuple[tuple[_Errors, type[TransportError]], ...]
    """The class of ours for each; the first that fits."""


WIRE: Final = Kinds(
    all=(WireError,),
    unsent=(WireConnectError, WireConnectTimeoutError, WireProxyError),
    refused=(WireRequestError,),
    cut_short=(WireReadError, WireProtocolError),
    ours=(
        ((WireTimeoutError,), CallTimeoutError),
        ((WireConnectError, WireProxyError), ConnectError),
        ((WireNetworkError,), NetworkError),
        ((WireProtocolError,), ProtocolError),
    ),
)
"""The errors of a connection that no library is asked for."""


_UNSENT: Final = ("ConnectError", "ProxyError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol")


@cache
def kinds_of(name: str) -> Kinds:
    """The errors of a connection, and those of the library of that name."""
    httpx, core = both = library(name).public

    def named(*names: str) -> _Errors:
        return tuple(getattr(module, each) for each in names for module in both if hasattr(module, each))

    return Kinds(
        all=(
            *(*WIRE.all, core.TimeoutException, core.NetworkError, core.ProtocolError, core.ProxyError),
            *(core.UnsupportedProtocol, httpx.HTTPError, httpx.InvalidURL, httpx.StreamError),
        ),
        unsent=WIRE.unsent + named(*_UNSENT),
        refused=WIRE.refused + named("LocalProtocolError", "InvalidURL", "UnsupportedProtocol"),
        cut_short=(*WIRE.cut_short, core.ReadError, core.RemoteProtocolError),
        ours=(
            *WIRE.ours,
            (named("TimeoutException"), CallTimeoutError),
            (named("ConnectError", "ProxyError"), ConnectError),
            (named("NetworkError"), NetworkError),
            (named("ProtocolError", "DecodingError"), ProtocolError),
        ),
    )


_TOO_LONG: Final = (
    "the head of the response is longer than 100 kB; no setting allows more: "
    "whoever runs the server, or a proxy before it, must send fewer or shorter header fields"
)


def mapped(error: Exception, kinds: Kinds, sent: bool = True, route: Route | None = None) -> AccordantError:
    """Our error for one of the transport; ``sent`` says whether the whole head of the request went out."""
    text = _TOO_LONG if _is_head_too_long(error) else str(error) or type(error).__name__
    if isinstance(error, kinds.refused):
        return RequestError(f"the request cannot be sent: {text.partition(' b')[0]}")
    unconnected = isinstance(error, kinds.unsent)
    kind = next((ours for theirs, ours in kinds.ours if isinstance(error, theirs)), TransportError)
    distrust = _is_certificate_trouble(error)
    if route is not None:
        text = _worded(text, route, unconnected, distrust)
    return kind(text, sent=sent and not unconnected, final=distrust or text.endswith(_TOO_LONG))


def _is_head_too_long(error: BaseException) -> bool:
    """h11 hints at the status that a server would use, 431, where a head does not fit into its buffer."""
    return isinstance(error, HeadTooLongError) or getattr(error.__cause__, "error_status_hint", None) == 431


def _worded(text: str, route: Route, unconnected: bool, distrust: bool) -> str:
    """What happened, where, and, where no connection came about, what to do."""
    if not unconnected:
        return f"{route.way}: {text}"
    advice = "an authority of your own goes into HttpOptions(tls=...)" if distrust else route.advice
    return f"no connection to {route.way}: {text}; {advice}"


def _is_certificate_trouble(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def nothing_free(pool: Pool[Any], route: Route) -> TransportError:
    """The error of a request that got no connection."""
    if pool.closed:
        return ConnectError(f"{route.name}: the client was closed", sent=False, final=True)
    return DeadlineExceededError(
        f"{route.name}: none of the client's {pool.most} connections came free within the deadline; "
        "HttpOptions(connections=...) allows more",
        sent=False,
        final=True,
    )
