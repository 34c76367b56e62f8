"""Servers on loopback for the tests: one that is not the API, and a proxy with the troubles of an honest network."""

from __future__ import annotations

import contextlib
import http.client
import json
import select
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from accordant_runtime import is_array, is_object

Reply: TypeAlias = tuple[int, str, bytes]
"""Status, content type and body."""
_HOP: frozenset[str] = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print errors, but not that a caller has left."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Loopback:
    """A server on loopback for the time of a ``with`` block; ``paths`` are what it was asked for."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1  # head and body leave together

            def serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with outer._lock:
                    outer.paths.append(self.path)
                    number = len(outer.paths)
                outer.handle(self, body, number)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

            def finish(self) -> None:
                super().finish()
                outer.left(self)

        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD"):
            setattr(Handler, f"do_{method}", Handler.serve)
        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url: str = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def handle(self, handler: BaseHTTPRequestHandler, body: bytes, number: int) -> None:
        """Respond to one request; ``number`` counts them from 1."""
        raise NotImplementedError

    def left(self, handler: BaseHTTPRequestHandler) -> None:
        """The caller's connection is over; whatever was kept for it is given back."""

    def __enter__(self) -> Loopback:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Scripted(Loopback):
    """Responds as a function of method and path says; ``None`` is no response at all, until the caller goes."""

    def __init__(self, script: Callable[[str, str], Reply | None]) -> None:
        super().__init__()
        self._script = script

    def handle(self, handler: BaseHTTPRequestHandler, body: bytes, number: int) -> None:
        del body, number
        reply = self._script(handler.command, handler.path)
        if reply is None:
            hold(handler)
            return
        respond(handler, reply[0], {"Content-Type": reply[1]}, reply[2])


class BenignProxy(Loopback):
    """Passes requests on to a sandbox; every so many it says 429, once it drops a connection, once it is slow.

    The sandbox's control plane is passed on uncounted, so that waiting moves its clock and takes no time.
    """

    def __init__(self, upstream: str, *, retry_after: str, every: int = 25, drop: int = 0, slow: int = 0) -> None:
        super().__init__()
        parts = urlsplit(upstream)
        self._upstream = parts.netloc
        self.url += parts.path
        self._retry_after, self._every, self._drop, self._slow = retry_after, every, drop, slow
        self._number = 0
        self._behind: dict[BaseHTTPRequestHandler, http.client.HTTPConnection] = {}
        self.limited = 0
        self.troubles: list[str] = []

    def handle(self, handler: BaseHTTPRequestHandler, body: bytes, number: int) -> None:
        del number
        if not handler.path.startswith("/_sandbox/"):
            with self._lock:
                self._number += 1
                number = self._number
            if number % self._every == 0:
                self.limited += 1
                answer = b'{"limit": "of the gateway"}'
                headers = {"Content-Type": "application/json", "Retry-After": self._retry_after}
                respond(handler, 429, headers, answer)
                return
            if number == self._drop:
                self.troubles.append(f"dropped {handler.command} {handler.path}")
                handler.close_connection = True
                handler.connection.shutdown(socket.SHUT_RDWR)
                return
            if number == self._slow:
                self.troubles.append(f"slow {handler.command} {handler.path}")
                hold(handler)
                return
        status, headers, content = self._fetch(handler, body)
        respond(handler, status, headers, content)

    def _fetch(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What the sandbox responds, on a connection of its own for each of the callers'."""
        connection = self._behind.get(handler)
        if connection is None:
            connection = self._behind[handler] = http.client.HTTPConnection(self._upstream, timeout=30)
        elif connection.sock is not None and select.select([connection.sock], [], [], 0)[0]:
            connection.close()  # the sandbox has given it up meanwhile; the next request opens it anew
        headers = {name: value for name, value in handler.headers.items() if name.lower() not in _HOP}
        connection.request(handler.command, handler.path, body or None, headers)
        response = connection.getresponse()
        content = response.read()
        kept = {name: value for name, value in response.getheaders() if name.lower() not in _HOP}
        return response.status, kept, content

    def left(self, handler: BaseHTTPRequestHandler) -> None:
        """Give the connection to the sandbox back."""
        connection = self._behind.pop(handler, None)
        if connection is not None:
            connection.close()


class AlteringProxy(BenignProxy):
    """Passes requests on to a sandbox, and alters every text of one name in what it reads from there."""

    def __init__(self, upstream: str, name: str, alter: Callable[[str], object]) -> None:
        super().__init__(upstream, retry_after="1", every=10**9)
        self._name, self._alter = name, alter

    def handle(self, handler: BaseHTTPRequestHandler, body: bytes, number: int) -> None:
        del number
        status, headers, content = self._fetch(handler, body)
        if handler.command == "GET" and status == 200 and not handler.path.startswith("/_sandbox/"):
            content = json.dumps(self._altered(json.loads(content))).encode()
            headers = {name: value for name, value in headers.items() if name.lower() != "etag"}
        respond(handler, status, headers, content)

    def _altered(self, value: Any) -> Any:
        if is_array(value):
            return [self._altered(each) for each in value]
        return {name: self._of(name, each) for name, each in value.items()} if is_object(value) else value

    def _of(self, name: str, value: Any) -> Any:
        return self._alter(value) if name == self._name and isinstance(value, str) else self._altered(value)


def respond(handler: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str], content: bytes) -> None:
    """Write a whole response."""
    handler.send_response_only(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    if status != 204 and status != 304:
        handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(content)
    handler.wfile.flush()


def hold(handler: BaseHTTPRequestHandler) -> None:
    """Keep the caller waiting until it goes."""
    handler.close_connection = True
    handler.connection.settimeout(60)
    with contextlib.suppress(OSError):
        handler.connection.recv(1)
