"""Our error for every one that the HTTP library has, in words that say what happened, where, and what to do."""

from __future__ import annotations

import ssl
from typing import Final

import httpcore
import httpx

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
from .connection import HttpLink
from .connection_pool import Pool
from .routes import Route

_UNSENT = (
    *(httpx.ConnectError, httpx.ProxyError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol),
    *(httpcore.ConnectError, httpcore.ProxyError, httpcore.ConnectTimeout, httpcore.PoolTimeout),
)
_ERRORS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], type[TransportError]], ...] = (
    ((httpx.TimeoutException, httpcore.TimeoutException), CallTimeoutError),
    ((httpx.ConnectError, httpcore.ConnectError, httpx.ProxyError, httpcore.ProxyError), ConnectError),
    ((httpx.NetworkError, httpcore.NetworkError), NetworkError),
    ((httpx.ProtocolError, httpcore.ProtocolError, httpx.DecodingError), ProtocolError),
)
LIBRARY_ERRORS: Final = (
    *(httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError),
    *(httpcore.UnsupportedProtocol, httpx.HTTPError, httpx.InvalidURL, httpx.StreamError),
)
_REFUSED = (
    *(httpx.LocalProtocolError, httpx.InvalidURL, httpx.UnsupportedProtocol),
    *(httpcore.LocalProtocolError, httpcore.UnsupportedProtocol),
)

_TOO_LONG: Final = (
    "the head of the response is longer than 100 kB; no setting allows more: "
    "whoever runs the server, or a proxy before it, must send fewer or shorter header fields"
)


def mapped(error: Exception, sent: bool = True, route: Route | None = None) -> AccordantError:
    """Our error for one of the library; ``sent`` says whether the whole head of the request went out."""
    text = _TOO_LONG if _is_head_too_long(error) else str(error) or type(error).__name__
    if isinstance(error, _REFUSED):
        return RequestError(f"the request cannot be sent: {text.partition(' b')[0]}")
    unconnected = isinstance(error, _UNSENT)
    kind = next((ours for theirs, ours in _ERRORS if isinstance(error, theirs)), TransportError)
    distrust = _is_certificate_trouble(error)
    if route is not None:
        text = _worded(text, route, unconnected, distrust)
    return kind(text, sent=sent and not unconnected, final=distrust or text.endswith(_TOO_LONG))


def _is_head_too_long(error: BaseException) -> bool:
    """h11 hints at the status that a server would use, 431, where a head does not fit into its buffer."""
    return getattr(error.__cause__, "error_status_hint", None) == 431


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


def nothing_free(pool: Pool[HttpLink], route: Route) -> TransportError:
    """The error of a request that got no connection."""
    if pool.closed:
        return ConnectError(f"{route.name}: the client was closed", sent=False, final=True)
    return DeadlineExceededError(
        f"{route.name}: none of the client's {pool.most} connections came free within the deadline; "
        "HttpOptions(connections=...) allows more",
        sent=False,
        final=True,
    )
