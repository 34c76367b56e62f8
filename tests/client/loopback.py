"""A server on a real loopback socket that does to each connection what it is told."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

Answer: TypeAlias = bytes | Callable[["Connection"], None]
"""Bytes to send back, or what to do with the connection."""


class Connection:
    """One connection, seen by the server."""

    def __init__(self, sock: socket.socket, ending: threading.Event) -> None:
        self._sock = sock
        self._ending = ending
        self._buffer = b""

    def request(self) -> bytes:
        """One whole request, head and body; empty when the client has gone."""
        while b"\r\n\r\n" not in self._buffer:
            if not self._more():
                return b""
        head, _, rest = self._buffer.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        length = int(fields.get(b"content-length", b"0"))
        chunked = fields.get(b"transfer-encoding") == b"chunked"
        while len(rest) < length or (chunked and not rest.endswith(b"0\r\n\r\n")):
            if not self._more():
                return b""
            rest = self._buffer.partition(b"\r\n\r\n")[2]
        body, self._buffer = (rest, b"") if chunked else (rest[:length], rest[length:])
        return head + b"\r\n\r\n" + body

    def secure(self, context: ssl.SSLContext) -> None:
        """Put TLS upon the connection; a client that does not trust it has gone."""
        self._sock = context.wrap_socket(self._sock, server_side=True)

    def send(self, data: bytes) -> bool:
        """Send bytes; returns False where the client has gone."""
        try:
            self._sock.sendall(data)
        except OSError:
            return False
        return True

    def drip(self, data: bytes, seconds: float) -> None:
        """Send one byte at a time, until the client has gone or the server ends."""
        for index in range(len(data)):
            if self._ending.wait(seconds):
                return
            try:
                self._sock.sendall(data[index : index + 1])
            except OSError:
                return

    def hang(self) -> None:
        """Do nothing until the server ends."""
        self._ending.wait()

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def _more(self) -> bool:
        try:
            data = self._sock.recv(65536)
        except OSError:
            return False
        self._buffer += data
        return bool(data)


class Loopback:
    """A server that gives its answers one after the other, over as many connections as the client opens.

    With ``tls`` it speaks TLS, for ``localhost`` and ``vendor.localhost``. With ``tunnel`` it is a proxy that opens a
    tunnel first, and then the vendor at its end.
    """

    def __init__(self, *answers: Answer, repeat: bool = False, tls: bool = False, tunnel: bool = False) -> None:
        self._tls = tls
        self._tunnel = tunnel
        self._answers: Sequence[Answer] = answers
        self._repeat = repeat
        self._given = 0
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._connections: list[Connection] = []
        self._threads: list[threading.Thread] = []
        self._sock = socket.create_server(("127.0.0.1", 0))
        self.requests: list[bytes] = []
        self.settled: Callable[[], None] = lambda: None
        """Waits until what was sent has reached the other side, where a proxy is between them."""
        self.tunnels: list[bytes] = []
        """The requests for a tunnel."""
        self.ended = threading.Event()
        """Set once the server has hung up on a client."""
        self.port: int = self._sock.getsockname()[1]
        self.url = f"https://localhost:{self.port}" if tls and not tunnel else f"http://127.0.0.1:{self.port}"

    @property
    def connections(self) -> int:
        """How many connections were opened."""
        return len(self._connections)

    def __enter__(self) -> Self:
        thread = threading.Thread(target=self._accept)
        self._threads.append(thread)
        thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ending.set()
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()
        for connection in self._connections:
            connection.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._sock.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(sock, self._ending)
            self._connections.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: Connection) -> None:
        try:
            if self._tunnel:
                self.tunnels.append(connection.request())
                connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
            if self._tls:
                connection.secure(server_tls())
        except OSError:
            connection.close()
            return
        while request := connection.request():
            with self._lock:
                self.requests.append(request)
                index = min(self._given, len(self._answers) - 1) if self._repeat else self._given
                self._given += 1
            answer = self._answers[index]
            if callable(answer):
                answer(connection)
                break
            connection.send(answer)
        connection.close()
        self.ended.set()


_CERTIFICATE = Path(__file__).with_name("loopback.pem")
"""Key and certificate of a server that exists in these tests alone."""


@lru_cache(maxsize=1)
def server_tls() -> ssl.SSLContext:
    """What the server identifies itself with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_CERTIFICATE)
    return context


def client_tls() -> ssl.SSLContext:
    """Settings of a client that trusts the server."""
    return ssl.create_default_context(cafile=str(_CERTIFICATE))


def http(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """A complete answer."""
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    fields.update((name.replace("_", "-"), value) for name, value in headers.items())
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port
