"""What lies under a blocking connection: its socket, watched for bytes that nobody asked for.

A server (or something on the way to it) that sends more than the response leaves bytes on the connection, and those
would pass for the response to the next request. So a connection is only used again when nothing is left: not in a
buffer after the response, and not on the socket at the very moment at which the next request is written.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterable
from ssl import SSLContext
from typing import Any

from .streams import NetworkStream
from .timed_sockets import TimedBackend
from .wire_errors import WireWriteError


class StaleConnectionError(Exception):
    """Bytes (or the end) arrived on an idle connection: nothing was written, and it must not be used."""


class Wire(TimedBackend):
    """Opens the socket of one connection, and keeps hold of it."""

    def __init__(self, write_error: type[Exception] = WireWriteError) -> None:
        super().__init__()
        self.write_error = write_error
        """What is raised when nothing can be written; an HTTP library that looks for a response then knows its own."""
        self.watching = False
        """Whether the next thing written is the head of a request on a connection that was used before."""
        self._stream: NetworkStream | None = None
        self._tls: list[object] = []

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        """Connect, and watch."""
        return self.watched(super().connect_tcp(host, port, timeout, local_address, socket_options))

    def watched(self, stream: NetworkStream) -> NetworkStream:
        """The stream, watched; one that TLS was put upon replaces the one below."""
        self._stream = _WatchedStream(stream, self)
        layers = (stream.get_extra_info("ssl_object"), stream.get_extra_info("socket"))
        self._tls = [layer for layer in layers if isinstance(layer, (ssl.SSLSocket, ssl.SSLObject))]
        return self._stream

    def leftover(self) -> bool:
        """Whether a TLS layer holds bytes that were not read; those on the socket itself show when it is written to."""
        return self._stream is None or any(holds_bytes(layer) for layer in self._tls)

    def close(self) -> None:
        """Close the descriptor. The other side is told nothing: in a forked child the connection is the parent's."""
        if self._stream is not None:
            self._stream.close()

    def abort(self) -> None:
        """End the connection under whoever waits for data on it."""
        if self._stream is not None:
            shut_down(self._stream.get_extra_info("socket"))


class _WatchedStream:
    def __init__(self, inner: NetworkStream, wire: Wire) -> None:
        self._inner = inner
        self._wire = wire

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._wire.watching:
            self._wire.watching = False
            if self._inner.get_extra_info("is_readable"):
                raise StaleConnectionError
        try:
            self._inner.write(buffer, timeout)
        except WireWriteError as error:
            raise self._wire.write_error(str(error)) from error

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        return self._wire.watched(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def holds_bytes(layer: object) -> bool:
    """Whether a TLS layer has bytes ready that arrived after the response."""
    if isinstance(layer, ssl.SSLSocket):
        return layer.pending() > 0
    if not isinstance(layer, ssl.SSLObject):
        return False
    try:
        layer.read(1)
    except ssl.SSLWantReadError:
        return False
    except ssl.SSLError:
        return True
    return True  # a byte, or the other side's farewell


def shut_down(sock: socket.socket | None) -> None:
    """End a connection for both directions; its descriptor stays open, for whoever uses it to close."""
    if sock is not None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not a TLS socket's own, which takes the TLS layer away
