"""A proxy that is itself reached over TLS, and passes a tunnel on to a server, byte by byte."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from types import TracebackType
from typing import Self

from tests.client.loopback import server_tls

_PIECE = 64 * 1024


class SecureProxy:
    """Takes a tunnel for any address and leads it to one port of this machine; keeps what it was sent in the clear.

    ``silent``: it opens the tunnel and passes nothing on. ``deaf``: it hangs up once the tunnel is open.
    """

    def __init__(self, port: int, *, silent: bool = False, deaf: bool = False) -> None:
        self._port, self._silent, self._deaf = port, silent, deaf
        self._sock = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._ending = threading.Event()
        self.url = f"https://localhost:{self._sock.getsockname()[1]}"
        self.seen = bytearray()
        self._wake, self._woken = socket.socketpair()
        self._idle = threading.Semaphore(0)

    def settled(self) -> None:
        """Wait until everything that either side has sent so far is passed on."""
        self._wake.send(b"?")
        assert self._idle.acquire(timeout=10)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ending.set()
        self._wake.send(b"!")
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()
        self._thread.join()
        self._wake.close()
        self._woken.close()

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self._sock.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with contextlib.suppress(OSError), server_tls().wrap_socket(sock, server_side=True) as client:
                self._pass_on(client)

    def _pass_on(self, client: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            piece = client.recv(_PIECE)
            if not piece:
                return
            head += piece
        self.seen += head
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        if self._deaf:
            return
        if self._silent:
            self._ending.wait()
            return
        with socket.create_connection(("127.0.0.1", self._port)) as server:
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ends = {client: server, server: client}
            while not self._ending.is_set():
                waiting = getattr(client, "pending", int)()
                ready = [client] if waiting else select.select([*ends, self._woken], [], [])[0]
                if ready == [self._woken]:  # nothing else is left to do
                    self._woken.recv(1)
                    self._idle.release()
                    continue
                for end in filter(ends.get, ready):
                    piece = end.recv(_PIECE)
                    if not piece:
                        return
                    if end is client:
                        self.seen += piece
                    ends[end].sendall(piece)
