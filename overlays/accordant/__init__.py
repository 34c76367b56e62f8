"""Typed Python clients for vendor APIs.

Each vendor has a package: ``from accordant.dispatch import Dispatch``. Here is what they share: the values
that their methods take and give. Errors are in :mod:`accordant.errors`, helpers for tests in :mod:`accordant.testing`.
"""

from accordant_runtime import (
    UNSET,
    CallOptions,
    Deviation,
    FileInput,
    Page,
    RawResponse,
    Redirect,
    Unset,
    Upload,
)

from ._auth.flows import AsyncTokenProvider, TokenProvider
from ._auth.tokens import FileTokenStore, Token, TokenStore
from ._call.captured import CallResponse, Capture
from ._clock import Clock
from ._deviations import DeviationLog, DeviationPolicy, DeviationReport
from ._http.transport import AsyncTransportFunction, HttpOptions, TransportFunction
from ._limits.rate_limits import MemoryRateLimits, RateLimits
from ._limits.redis import RedisRateLimits
from ._limits.retries import RetryPolicy
from ._observation import Attempt, CallInfo, CallObserver, CallWatch, OnAttempt
from ._settings import ClientSettings
from ._version import __version__

__all__ = [
    "UNSET",
    "AsyncTokenProvider",
    "AsyncTransportFunction",
    "Attempt",
    "CallInfo",
    "CallObserver",
    "CallOptions",
    "CallResponse",
    "CallWatch",
    "Capture",
    "ClientSettings",
    "Clock",
    "Deviation",
    "DeviationLog",
    "DeviationPolicy",
    "DeviationReport",
    "FileInput",
    "FileTokenStore",
    "HttpOptions",
    "MemoryRateLimits",
    "OnAttempt",
    "Page",
    "RateLimits",
    "RawResponse",
    "Redirect",
    "RedisRateLimits",
    "RetryPolicy",
    "Token",
    "TokenProvider",
    "TokenStore",
    "TransportFunction",
    "Unset",
    "Upload",
    "__version__",
]
