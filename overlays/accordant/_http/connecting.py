"""How a blocking connection comes about: one deadline for the look-up of the name and for all addresses of the host."""

from __future__ import annotations

import errno
import os
import select
import selectors
import socket
import ssl
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final

from .._clock import Clock
from .host_lookup import LOOKUPS, Address, Lookups
from .streams import NetworkStream
from .wire_errors import (
    WireConnectError,
    WireConnectTimeoutError,
    WireReadError,
    WireReadTimeoutError,
    WireTimeoutError,
    WireWriteError,
    WireWriteTimeoutError,
)

HEAD_START: Final = 0.25
"""Seconds after which the next address of a host is tried beside the one before (RFC 8305)."""
_RECORD: Final = 64 * 1024
_UNDER_WAY: Final = {
    0,
    errno.EINPROGRESS,
    errno.EWOULDBLOCK,
    errno.EAGAIN,
    errno.EINTR,
    getattr(errno, "WSAEWOULDBLOCK", 0),
}
_CLOCK: Final = Clock()


class RacingBackend:
    """Opens plain sockets: looks the name up beside the caller, and tries the addresses one beside the other."""

    def __init__(self, lookups: Lookups = LOOKUPS, monotonic: Callable[[], float] = _CLOCK.monotonic) -> None:
        self._lookups = lookups
        self._monotonic = monotonic

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 (what the library's interface has)
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        """Connect to the first address that takes the connection, within ``timeout`` seconds in all."""
        begun = self._monotonic()
        addresses = self._found(host, port, timeout)
        left = None if timeout is None else max(0.0, timeout - (self._monotonic() - begun))
        try:
            sock = _Race(addresses, timeout, left, self._monotonic).winner()
            for option in socket_options or ():
                sock.setsockopt(*option)
        except OSError as error:  # such as no descriptor that is free
            raise WireConnectError(_words(error)) from error
        return SocketStream(sock)

    def _found(self, host: str, port: int, timeout: float | None) -> list[Address]:
        try:
            return self._lookups.find(host, port).result(timeout)
        except TimeoutError as error:
            raise WireConnectTimeoutError(unresolved(host, timeout)) from error
        except (OSError, UnicodeError) as error:
            raise unknown_name(host, error) from error


class _Race:
    """Attempts at the addresses of one host; each has a head start before the next, and the first connection wins."""

    def __init__(
        self, addresses: list[Address], timeout: float | None, left: float | None, monotonic: Callable[[], float]
    ) -> None:
        self._rest = deque(addresses)
        self._timeout = timeout
        self._monotonic = monotonic
        self._until = None if left is None else monotonic() + left
        self._running: dict[socket.socket, Address] = {}
        self._troubles: list[str] = []

    def winner(self) -> socket.socket:
        """The connected socket, blocking; raises an error that names every address that was tried."""
        with selectors.DefaultSelector() as selector:
            try:
                while self._rest or self._running:
                    winner = self._begin(selector) or self._wait(selector)
                    if winner is not None:
                        self._running.pop(winner, None)
                        winner.setblocking(True)
                        return winner
            finally:
                for sock in self._running:
                    sock.close()
        raise WireConnectError("; ".join(self._troubles))

    def _begin(self, selector: selectors.BaseSelector) -> socket.socket | None:
        """Begin at the next address."""
        if not self._rest:
            return None
        address = self._rest.popleft()
        try:
            sock = socket.socket(address.family, socket.SOCK_STREAM)
        except OSError as error:  # a family that this machine does not have
            self._troubles.append(f"{address.shown}: {_words(error)}")
            return None
        self._running[sock] = address
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        code = sock.connect_ex(address.target)
        if code == 0:
            return sock
        if code in _UNDER_WAY:
            selector.register(sock, selectors.EVENT_WRITE)
        else:
            self._lost(sock, code)
        return None

    def _wait(self, selector: selectors.BaseSelector) -> socket.socket | None:
        """Wait until an attempt ends, or until the next address may begin."""
        if not self._running:
            return None
        left = None if self._until is None else self._until - self._monotonic()
        if left is not None and left <= 0:
            tried = [address.shown for address in self._running.values()]
            raise WireConnectTimeoutError("; ".join([*self._troubles, unreached(tried, self._timeout)]))
        pause = HEAD_START if self._rest else None
        waits = [each for each in (left, pause) if each is not None]
        for key, _ in selector.select(min(waits) if waits else None):
            sock = key.fileobj
            assert isinstance(sock, socket.socket)
            selector.unregister(sock)
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code == 0:
                return sock
            self._lost(sock, code)
        return None

    def _lost(self, sock: socket.socket, code: int) -> None:
        address = self._running.pop(sock)
        sock.close()
        self._troubles.append(f"{address.shown}: {os.strerror(code)}")


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


class SocketStream:
    """A blocking socket, with or without TLS."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes; empty at the end."""
        try:
            self._sock.settimeout(timeout)
            return self._sock.recv(max_bytes)
        except TimeoutError as error:
            raise WireReadTimeoutError("timed out") from error
        except OSError as error:
            raise WireReadError(_words(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write everything."""
        if not buffer:  # the end of a body, as httpcore writes it
            return
        left = _countdown(timeout, WireWriteTimeoutError)
        try:
            self._sock.settimeout(timeout)
            rest = memoryview(buffer)[self._sock.send(buffer) :]
            while rest:
                self._sock.settimeout(left())
                rest = rest[self._sock.send(rest) :]
        except TimeoutError as error:
            raise WireWriteTimeoutError("timed out") from error
        except OSError as error:
            raise WireWriteError(_words(error)) from error

    def close(self) -> None:
        """Close the descriptor."""
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        """The same connection with TLS upon it; it is closed when the other side cannot be trusted."""
        if isinstance(self._sock, ssl.SSLSocket):
            return TlsStream(self, ssl_context, server_hostname, timeout)
        try:
            self._sock.settimeout(timeout)
            return SocketStream(ssl_context.wrap_socket(self._sock, server_hostname=server_hostname))
        except TimeoutError as error:
            self.close()
            raise WireConnectTimeoutError("timed out") from error
        except OSError as error:  # what goes wrong with TLS is an OSError as well
            self.close()
            raise WireConnectError(str(error)) from error
        except BaseException:
            self.close()
            raise

    def get_extra_info(self, info: str) -> Any:
        """``socket``, ``ssl_object``, ``is_readable``, ``client_addr``, ``server_addr``; None for the rest."""
        if info == "socket":
            return self._sock
        if info == "ssl_object" and isinstance(self._sock, ssl.SSLSocket):
            return self._sock
        if info == "client_addr":
            return self._sock.getsockname()
        if info == "server_addr":
            return self._sock.getpeername()
        if info == "is_readable":
            return readable(self._sock)
        return None


class TlsStream:
    """TLS over a connection that has TLS already: by way of an HTTPS proxy to an HTTPS address."""

    def __init__(
        self, below: SocketStream, context: ssl.SSLContext, hostname: str | None, timeout: float | None
    ) -> None:
        self._below = below
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)
        try:
            self._perform(self._tls.do_handshake, timeout)
        except ssl.SSLError as error:
            below.close()
            raise WireConnectError(str(error)) from error
        except (WireReadTimeoutError, WireWriteTimeoutError) as error:
            below.close()
            raise WireConnectTimeoutError("timed out") from error
        except (WireReadError, WireWriteError) as error:
            below.close()
            raise WireConnectError(str(error)) from error
        except BaseException:
            below.close()
            raise

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes; empty at the end."""
        try:
            return bytes(self._perform(lambda: self._tls.read(max_bytes), timeout))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""
        except ssl.SSLError as error:
            raise WireReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write everything."""
        try:
            self._perform(lambda: self._tls.write(buffer), timeout)
        except ssl.SSLError as error:
            raise WireWriteError(str(error)) from error

    def _perform(self, function: Callable[[], Any], timeout: float | None) -> Any:
        """Call a function of the TLS layer until it has what it needs from the other side."""
        left = _countdown(timeout, WireReadTimeoutError)
        while True:
            try:
                result = function()
            except ssl.SSLWantReadError:
                self._flush(left())
            except ssl.SSLError:
                self._flush(left())  # it tells the other side why
                raise
            else:
                self._flush(left())
                return result
            data = self._below.read(_RECORD, left())
            if data:
                self._incoming.write(data)
            else:
                self._incoming.write_eof()

    def _flush(self, timeout: float | None) -> None:
        if self._outgoing.pending:
            self._below.write(self._outgoing.read(), timeout)

    def close(self) -> None:
        """Close the descriptor."""
        self._below.close()

    def start_tls(self, *_: Any, **__: Any) -> NetworkStream:
        """No way leads through two proxies, so nobody asks for a third layer."""
        raise WireConnectError("a connection has at most two layers of TLS")

    def get_extra_info(self, info: str) -> Any:
        """As the stream below; ``ssl_object`` is the upper TLS layer."""
        return self._tls if info == "ssl_object" else self._below.get_extra_info(info)


def readable(sock: socket.socket) -> bool:
    """Whether something, data or the end, could be read from a socket now."""
    if sock.fileno() < 0:
        return True
    if not hasattr(select, "poll"):
        return bool(select.select([sock], [], [], 0)[0])
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _countdown(timeout: float | None, error: type[WireTimeoutError]) -> Callable[[], float | None]:
    """What is left of ``timeout`` whenever it is asked; an operation of several steps must not take it for each."""
    if timeout is None:
        return lambda: None
    until = _CLOCK.monotonic() + timeout

    def left() -> float:
        rest = until - _CLOCK.monotonic()
        if rest <= 0:
            raise error("timed out")
        return rest

    return left


def _within(timeout: float | None) -> str:
    return "in time" if timeout is None else f"within {timeout:.3g} s"


def unresolved(host: str, timeout: float | None) -> str:
    """The words for a look-up that took too long."""
    return f"the name {host!r} was not resolved {_within(timeout)}"


def unreached(tried: Iterable[str], timeout: float | None) -> str:
    """The words for addresses that do not respond."""
    return f"{', '.join(tried)}: no response {_within(timeout)}"


def unknown_name(host: str, error: Exception) -> WireConnectError:
    """The error for a name that cannot be looked up."""
    return WireConnectError(f"the name {host!r} cannot be looked up: {_words(error)}")
