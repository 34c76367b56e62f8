"""What lies under a blocking connection, as its layers see each other. HTTP libraries take these streams for theirs."""

from __future__ import annotations

from collections.abc import Iterable
from ssl import SSLContext
from typing import Any, Protocol


class NetworkStream(Protocol):
    """A connection that is open, with or without TLS."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes; empty at the end."""
        ...

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write everything."""
        ...

    def close(self) -> None:
        """Close the descriptor."""
        ...

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        """The same connection with TLS upon it; it is closed when the other side cannot be trusted."""
        ...

    def get_extra_info(self, info: str) -> Any:
        """``socket``, ``ssl_object``, ``is_readable``, ``client_addr``, ``server_addr``; None for the rest."""
        ...


class Connects(Protocol):
    """What opens connections."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        """Connect to the host."""
        ...
