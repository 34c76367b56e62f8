"""What lies under a connection on an event loop: a plain socket.

Nothing of an idle connection belongs to the loop that opened it, neither a transport nor a registered descriptor. So a
connection can be dropped when its loop has ended, in another loop, in a forked child, or when a task is cancelled: its
descriptor is closed at once, and there is nothing to wait for.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, TypeVar

from .connecting import HEAD_START, readable, unknown_name, unreached, unresolved
from .host_lookup import LOOKUPS, Address
from .watched_sockets import StaleConnectionError, holds_bytes, shut_down
from .wire_errors import (
    WireConnectError,
    WireConnectTimeoutError,
    WireNetworkError,
    WireReadError,
    WireReadTimeoutError,
    WireWriteError,
    WireWriteTimeoutError,
)

T = TypeVar("T")

_RECORD: Final = 64 * 1024


class AsyncWire:
    """Opens the socket of one connection, and keeps hold of it."""

    def __init__(self, write_error: type[Exception] = WireWriteError) -> None:
        self.write_error = write_error
        """What is raised when nothing can be written; an HTTP library that looks for a response then knows its own."""
        self.watching = False
        """Whether the next thing written is the head of a request on a connection that was used before."""
        self._sock: socket.socket | None = None
        self._stream: LoopStream | None = None
        self._stage: Callable[[float | None], str] | None = None

    def unconnected(self, timeout: float | None) -> WireConnectTimeoutError | None:
        """The error for a connection that did not come about within ``timeout``; ``None`` where it came about."""
        return None if self._stage is None else WireConnectTimeoutError(self._stage(timeout))

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 (what the library's interface has)
        socket_options: Iterable[Any] | None = None,
    ) -> LoopStream:
        """Connect to the first address of the host that takes the connection."""
        try:
            async with asyncio.timeout(timeout):
                self._sock = await self._connected(host, port)
                for option in socket_options or ():
                    self._sock.setsockopt(*option)
        except TimeoutError as error:
            raise self.unconnected(timeout) or WireConnectTimeoutError("timed out") from error
        except OSError as error:
            raise WireConnectError(str(error)) from error
        return self.on_top(_SocketStream(self, self._sock))

    async def _connected(self, host: str, port: int) -> socket.socket:
        self._stage = partial(unresolved, host)
        addresses = await _resolved(host, port)
        self._stage = partial(unreached, [address.shown for address in addresses])
        return await (_connect(*addresses[0]) if len(addresses) == 1 else _first_of(addresses))

    def shake_hands(self) -> None:
        """From now on TLS is agreed upon: a connection that is not there yet, should the time run out."""
        self._stage = lambda _: "timed out"

    def on_top(self, stream: LoopStream) -> LoopStream:
        """The stream that requests are written to: the plain one, or the last that TLS was put upon."""
        self._stage = None
        self._stream = stream
        return stream

    def check(self, stream: LoopStream) -> None:
        """Refuse to write the head of a request where bytes wait to be read."""
        if self.watching and stream is self._stream:
            self.watching = False
            if self._sock is None or readable(self._sock):
                raise StaleConnectionError

    def leftover(self) -> bool:
        """Whether a TLS layer holds bytes that were not read; those on the socket itself show when it is written to."""
        return self._stream is None or self._stream.leftover()

    def close(self) -> None:
        """Close the descriptor. The other side is told nothing: in a forked child the connection is the parent's."""
        if self._sock is not None:
            self._sock.close()

    def abort(self) -> None:
        """End the connection under whoever waits for data on it."""
        shut_down(self._sock)


class LoopStream:
    """What both kinds of streams can do."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    def leftover(self) -> bool:
        """Whether bytes were read from below that nobody has asked for."""
        return False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes; empty at the end."""
        raise NotImplementedError

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write everything."""
        raise NotImplementedError

    def get_extra_info(self, info: str) -> Any:
        """``socket``, ``ssl_object``, ``is_readable``; None for the rest."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Close the descriptor."""
        self._wire.close()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> LoopStream:
        """The same connection with TLS upon it; it is closed when the other side cannot be trusted."""
        stream = _TlsStream(self._wire, self, ssl_context, server_hostname)
        self._wire.shake_hands()
        try:
            async with asyncio.timeout(timeout):
                await stream.shake_hands()
        except TimeoutError as error:
            self._wire.close()
            raise WireConnectTimeoutError("timed out") from error
        # What goes wrong with TLS is an OSError as well.
        except (OSError, WireNetworkError, self._wire.write_error) as error:
            self._wire.close()
            raise WireConnectError(str(error)) from error
        except BaseException:
            self._wire.close()
            raise
        return self._wire.on_top(stream)


class _SocketStream(LoopStream):
    def __init__(self, wire: AsyncWire, sock: socket.socket) -> None:
        super().__init__(wire)
        self._sock = sock
        self._loop = asyncio.get_running_loop()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            if timeout is None:
                return await self._loop.sock_recv(self._sock, max_bytes)
            async with asyncio.timeout(timeout):
                return await self._loop.sock_recv(self._sock, max_bytes)
        except TimeoutError as error:
            raise WireReadTimeoutError("timed out") from error
        except OSError as error:
            raise WireReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._wire.check(self)
        try:
            if timeout is None:
                return await self._loop.sock_sendall(self._sock, buffer)
            async with asyncio.timeout(timeout):
                return await self._loop.sock_sendall(self._sock, buffer)
        except TimeoutError as error:
            raise WireWriteTimeoutError("timed out") from error
        except OSError as error:
            raise self._wire.write_error(str(error)) from error

    def get_extra_info(self, info: str) -> Any:
        if info == "socket":
            return self._sock
        return readable(self._sock) if info == "is_readable" else None


class _TlsStream(LoopStream):
    """TLS over another stream."""

    def __init__(self, wire: AsyncWire, below: LoopStream, context: ssl.SSLContext, hostname: str | None) -> None:
        super().__init__(wire)
        self._below = below
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)

    async def shake_hands(self) -> None:
        """Agree upon keys; raises ``ssl.SSLError`` where the other side cannot be trusted."""
        await self._perform(self._tls.do_handshake)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return await self._perform(lambda: self._tls.read(max_bytes), timeout)
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""
        except ssl.SSLError as error:
            raise WireReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._wire.check(self)
        try:
            await self._perform(lambda: self._tls.write(buffer), timeout)
        except ssl.SSLError as error:
            raise self._wire.write_error(str(error)) from error

    async def _perform(self, function: Callable[[], T], timeout: float | None = None) -> T:
        """Call a function of the TLS layer until it has what it needs from the other side."""
        while True:
            try:
                result = function()
            except ssl.SSLWantReadError:
                await self._flush(timeout)
            except ssl.SSLError:
                await self._flush(timeout)  # it tells the other side why
                raise
            else:
                await self._flush(timeout)
                return result
            data = await self._below.read(_RECORD, timeout)
            if data:
                self._incoming.write(data)
            else:
                self._incoming.write_eof()

    async def _flush(self, timeout: float | None) -> None:
        if self._outgoing.pending:
            await self._below.write(self._outgoing.read(), timeout)

    def leftover(self) -> bool:
        return holds_bytes(self._tls) or self._incoming.pending > 0 or self._below.leftover()

    def get_extra_info(self, info: str) -> Any:
        return self._tls if info == "ssl_object" else self._below.get_extra_info(info)


async def _resolved(host: str, port: int) -> list[Address]:
    """The addresses of a host; the look-up runs in a thread that nobody waits for when the loop ends."""
    try:
        return await asyncio.wrap_future(LOOKUPS.find(host, port))
    except (OSError, UnicodeError) as error:
        raise unknown_name(host, error) from error


async def _connect(family: int, address: Any) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        await asyncio.get_running_loop().sock_connect(sock, address)
    except OSError as error:
        sock.close()
        if error.errno is not None:  # in the words of the system, as a blocking socket has it
            raise OSError(error.errno, os.strerror(error.errno)) from None
        raise
    except BaseException:
        sock.close()
        raise
    return sock


async def _first_of(addresses: Iterable[Address]) -> socket.socket:
    """Try the addresses one beside the other, each with a head start; the first connection wins."""
    rest = deque(addresses)
    racing: set[asyncio.Task[socket.socket]] = set()
    names: dict[asyncio.Task[socket.socket], str] = {}
    troubles: list[str] = []
    try:
        while rest or racing:
            if rest:
                family, address = rest.popleft()
                task = asyncio.create_task(_connect(family, address))
                names[task] = str(address[0])
                racing.add(task)
            done, _ = await asyncio.wait(
                racing, timeout=HEAD_START if rest else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                racing.discard(task)
                error = task.exception()
                if error is None:
                    return task.result()
                troubles.append(f"{names[task]}: {getattr(error, 'strerror', None) or error}")
        raise OSError("; ".join(troubles))
    finally:
        await _give_up(racing)


async def _give_up(racing: set[asyncio.Task[socket.socket]]) -> None:
    for task in racing:
        task.cancel()
    for late in await asyncio.gather(*racing, return_exceptions=True):
        if isinstance(late, socket.socket):
            late.close()
