"""A server on a loopback socket that does to each connection what a script tells it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

Act: TypeAlias = bytes | Callable[["Connection", bytes], None]
"""What a script does with one request: bytes to send, or a function of the connection and the request."""

CERTIFICATE = Path(__file__).resolve().parents[2] / "tests" / "client" / "loopback.pem"
"""Key and certificate of a server that exists on loopback alone, for ``localhost`` and ``vendor.localhost``."""


class Connection:
    """One connection, seen by the server."""

    def __init__(self, sock: socket.socket, ending: threading.Event) -> None:
        self._sock = sock
        self._ending = ending
        self._buffer = b""
        self.closed = False

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
        """Put TLS upon the connection."""
        self._sock = context.wrap_socket(self._sock, server_side=True)

    def send(self, data: bytes) -> None:
        """Send bytes; a client that has gone does not matter."""
        with contextlib.suppress(OSError):
            self._sock.sendall(data)

    def wait(self, seconds: float) -> None:
        """Wait, at most until the server ends."""
        self._ending.wait(seconds)

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

    def read_no_more(self) -> None:
        """Nothing comes any more: what has come already can still be read, and then the client has gone."""
        with contextlib.suppress(OSError):  # it is closed already
            socket.socket.shutdown(self._sock, socket.SHUT_RD)  # that of TLS would forget its keys

    def close(self) -> None:
        """Hang up."""
        self.closed = True
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def reset(self) -> None:
        """Hang up with a reset instead of a farewell."""
        self.closed = True
        with contextlib.suppress(OSError):
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()

    def _more(self) -> bool:
        try:
            data = self._sock.recv(65536)
        except OSError:
            return False
        self._buffer += data
        return bool(data)


class LabServer:
    """A server that follows a script, over as many connections as the client opens.

    The first request gets the first act, and so on; the last act serves all further requests. Requests for
    ``token_path`` follow separate scripts. With ``tls`` it speaks TLS, with ``tunnel`` it is a proxy that opens a
    tunnel first (``tunnel`` is its response), and then the vendor at the tunnel's end. ``greeting`` is what happens to
    a connection before its first request.
    """

    def __init__(
        self,
        script: Sequence[Act],
        *,
        tokens: Sequence[Act] = (),
        token_path: str = "",
        tls: bool = False,
        tunnel: Act | None = None,
        greeting: Act | None = None,
    ) -> None:
        self._script, self._tokens, self._token_path = script, tokens, token_path.encode()
        self._tls, self._tunnel, self._greeting = tls, tunnel, greeting
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []
        self._last_port = 0
        self._sock = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.connections: list[Connection] = []
        self.requests: list[bytes] = []
        """What came for the API, whole."""
        self.token_requests: list[bytes] = []
        self.tunnels: list[bytes] = []
        self.port: int = self._sock.getsockname()[1]
        self.url = f"https://localhost:{self.port}" if tls and tunnel is None else f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        thread = threading.Thread(target=self._accept, daemon=True)
        self._threads.append(thread)
        thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ending.set()
        self._catch_up()
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()
        for connection in self.connections:
            connection.close()
        for thread in self._threads:
            thread.join(5)

    def _catch_up(self) -> None:
        """Read what clients have sent, however late the machine is: a request that was sent is counted."""
        with socket.socket() as last, contextlib.suppress(OSError):  # nobody accepts any more
            last.settimeout(5)
            last.bind(("127.0.0.1", 0))
            self._last_port = last.getsockname()[1]
            last.connect(("127.0.0.1", self.port))
            self._threads[0].join(5)  # connections are accepted in the order in which they came
        for connection in self.connections:
            connection.read_no_more()
        end = time.monotonic() + 2
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    @property
    def ended(self) -> bool:
        """Whether nothing of the server runs any more."""
        return not any(thread.is_alive() for thread in self._threads)

    def _accept(self) -> None:
        while True:
            try:
                sock, (_, port) = self._sock.accept()
            except OSError:
                return
            if port == self._last_port:
                sock.close()
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(sock, self._ending)
            self.connections.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: Connection) -> None:
        try:
            if self._greeting is not None:
                _do(self._greeting, connection, b"")
            if self._tunnel is not None and not connection.closed:
                self.tunnels.append(connection.request())
                _do(self._tunnel, connection, self.tunnels[-1])
            if self._tls and not connection.closed:
                connection.secure(server_tls())
        except (OSError, ValueError):
            connection.close()
            return
        while not connection.closed and (request := connection.request()):
            act = self._next(request)
            if act is None:
                break
            _do(act, connection, request)
        connection.close()

    def _next(self, request: bytes) -> Act | None:
        """The act for a request, which is counted."""
        path = request.split(b" ", 2)[1].partition(b"?")[0]
        token = bool(self._token_path) and path.endswith(self._token_path)
        script, seen = (self._tokens, self.token_requests) if token else (self._script, self.requests)
        with self._lock:
            seen.append(request)
            index = min(len(seen), len(script)) - 1
        return script[index] if index >= 0 else None


def _do(act: Act, connection: Connection, request: bytes) -> None:
    if callable(act):
        act(connection, request)
    else:
        connection.send(act)


@lru_cache(maxsize=1)
def server_tls() -> ssl.SSLContext:
    """What the server identifies itself with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


@lru_cache(maxsize=1)
def client_tls() -> ssl.SSLContext:
    """Settings of a client that trusts the server."""
    return ssl.create_default_context(cafile=str(CERTIFICATE))


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port
