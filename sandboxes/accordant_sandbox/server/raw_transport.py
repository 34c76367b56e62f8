"""What a reply does on the wire, in process: waiting becomes clock time, a broken connection the matching exception."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

from accordant_sandbox.engine.clock import Clock
from accordant_sandbox.http.exchange import Headers, Reply, Request

__all__ = ["Reachable", "Transport", "build_request", "decode_query"]

_BROKEN = {
    "refuse": (ConnectionRefusedError, "connection refused"),
    "reset": (ConnectionResetError, "connection reset by peer"),
    "close": (ConnectionResetError, "server disconnected without sending a response"),
    "empty": (ConnectionResetError, "server disconnected without sending a response"),
    "garbage": (ConnectionError, "the server sent bytes that are not HTTP"),
    "truncate": (ConnectionError, "the body ended before its announced length"),
    "bad_chunk": (ConnectionError, "the body has a broken chunk"),
}


def decode_query(text: str) -> list[tuple[str, str]]:
    """Name and value pairs of a query, percent-decoded: raw and encoded brackets are the same name."""
    return parse_qsl(text, keep_blank_values=True)


def build_request(method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, over_socket: bool) -> Request:
    """A request as the engine takes it, from an absolute URL."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}"
    return Request(
        method.upper(), parts.path or "/", decode_query(parts.query), Headers(headers), body, root, over_socket
    )


class Reachable(Protocol):
    """What a transport reaches: a sandbox."""

    strangers: list[Request]
    """Requests to other hosts, which were refused."""
    clock: Clock

    def answers_for(self, host: str) -> bool:
        """Whether requests for that host are taken."""
        ...

    def exchange(self, request: Request) -> Reply:
        """Respond to one request."""
        ...


class Transport:
    """The sandbox as a callable: (method, url, headers, body, timeout) -> (status, headers, body), without a socket.

    It raises `TimeoutError` at once where a response would take longer than the timeout (the sandbox's clock moves on
    by it), and a `ConnectionError` where the connection would break, or where the URL names a host that is not the
    sandbox's.
    """

    def __init__(self, sandbox: Reachable) -> None:
        self._sandbox = sandbox

    def __call__(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, timeout: float | None
    ) -> tuple[int, Sequence[tuple[str, str]], bytes]:
        request = build_request(method, url, headers, body, over_socket=False)
        host = urlsplit(url).hostname or ""
        if not self._sandbox.answers_for(host):
            self._sandbox.strangers.append(request)
            raise ConnectionRefusedError(f"nothing listens at {host}")
        return self._received(self._sandbox.exchange(request), timeout)

    def now(self) -> float:
        """The sandbox's time in seconds since 1970: a client that asks for it lives in that time."""
        return self._sandbox.clock.now().timestamp()

    def sleep(self, seconds: float) -> None:
        """Wait on the sandbox's clock: what falls due meanwhile happens, and no time passes for the test."""
        if seconds > 0:
            self._sandbox.clock.advance(seconds=seconds)

    def _received(self, reply: Reply, timeout: float | None) -> tuple[int, Sequence[tuple[str, str]], bytes]:
        wait = reply.delay
        if reply.wire is not None:
            kind = reply.wire.kind
            if kind in ("hang", "hang_after_headers"):
                wait += reply.wire.seconds
            elif kind == "dribble":
                wait += reply.wire.seconds * len(reply.content)
            else:
                error, message = _BROKEN[kind]
                raise error(message)
        if wait:
            self._sandbox.clock.advance(seconds=wait if timeout is None else min(wait, timeout))
            if timeout is not None and wait > timeout:
                raise TimeoutError(f"no response within {timeout} s")
        return reply.status, list(reply.headers), reply.content
