"""Sockets that keep the time of a whole attempt.

HTTP libraries take a timeout per socket operation, so a server that sends one byte at a time could stretch an attempt
without end. Blocking transports therefore run on this network backend: within :func:`attempt` every operation gets no
more than what is left of the attempt's time. (Asynchronous transports need none of it: they are cancelled.)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from ssl import SSLContext
from typing import Any

from .connecting import RacingBackend
from .streams import Connects, NetworkStream
from .wire_errors import WireConnectTimeoutError, WireReadTimeoutError, WireTimeoutError, WireWriteTimeoutError


class _Attempt(threading.local):
    """What runs in this thread: a blocking attempt never leaves the thread it began in."""

    left: Callable[[], float] | None = None


_attempt = _Attempt()


class attempt:  # noqa: N801 (used like a function)
    """Give everything that this thread does with its sockets ``seconds`` in all."""

    __slots__ = ("_monotonic", "_seconds")

    def __init__(self, seconds: float | None, monotonic: Callable[[], float]) -> None:
        self._seconds = seconds
        self._monotonic = monotonic

    def __enter__(self) -> None:
        if self._seconds is not None:
            monotonic = self._monotonic
            until = monotonic() + self._seconds
            _attempt.left = lambda: until - monotonic()

    def __exit__(self, *_: object) -> None:
        _attempt.left = None


def _cut(timeout: float | None, error: type[WireTimeoutError]) -> float | None:
    if _attempt.left is None:
        return timeout
    left = _attempt.left()
    if left <= 0:
        raise error("timed out")
    return left if timeout is None else min(left, timeout)


def require_time() -> None:
    """Raise the error for a response that takes too long, where the time of the attempt is over."""
    _cut(None, WireReadTimeoutError)


class _TimedStream:
    def __init__(self, inner: NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _cut(timeout, WireReadTimeoutError))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _cut(timeout, WireWriteTimeoutError))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        timeout = _cut(timeout, WireConnectTimeoutError)
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class TimedBackend:
    """Opens sockets that keep the attempt's time."""

    def __init__(self, inner: Connects | None = None) -> None:
        self._inner = inner or RacingBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        """Connect within what is left."""
        timeout = _cut(timeout, WireConnectTimeoutError)
        return _TimedStream(self._inner.connect_tcp(host, port, timeout, local_address, socket_options))
