"""What goes wrong on a connection, in terms that belong to no HTTP library.

Sockets raise these, and so does whatever speaks HTTP over them without a library. Callers never meet them: see
:mod:`accordant._http.library_errors`.
"""

from __future__ import annotations


class WireError(Exception):
    """The connection, or what was said on it, is of no use."""


class WireTimeoutError(WireError):
    """The time is over."""


class WireConnectTimeoutError(WireTimeoutError):
    """No connection came about in time."""


class WireReadTimeoutError(WireTimeoutError):
    """Nothing came in time."""


class WireWriteTimeoutError(WireTimeoutError):
    """The other side did not take the data in time."""


class WireNetworkError(WireError):
    """The network, or the other side, broke the connection."""


class WireConnectError(WireNetworkError):
    """No connection came about."""


class WireReadError(WireNetworkError):
    """Nothing can be read any more."""


class WireWriteError(WireNetworkError):
    """Nothing can be written any more."""


class WireProxyError(WireError):
    """The proxy lets nothing pass."""


class WireProtocolError(WireError):
    """What the other side sent is no HTTP."""


class HeadTooLongError(WireProtocolError):
    """The head of a response is longer than the limit."""


class WireRequestError(WireError):
    """The request cannot be written as HTTP."""
