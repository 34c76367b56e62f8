"""The sandbox as a real HTTP server: uvicorn in a thread, on a loopback port only."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from accordant_sandbox.engine.outbox import is_loopback
from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.exchange import Headers, Reply, Request, Steps, Wire
from accordant_sandbox.server.raw_transport import decode_query

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["Server", "bind"]

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


_DRAINED: Final = 256 * 1024 * 1024
"""Bytes of a refused body that are read and thrown away, so that its sender gets to read why it was refused."""


class ServedApp(Protocol):
    """What a server serves: a sandbox."""

    @property
    def max_body(self) -> int:
        """How many bytes the body of a request may have."""
        ...

    def answer(self, request: Request) -> Steps:
        """Respond to one request."""
        ...

    def refuse_body(self, request: Request) -> Reply:
        """Respond to a request whose body is too large."""
        ...


def bind(host: str, port: int, *, exposed: bool = False) -> socket.socket:
    """A listening socket on a loopback address, or on any where `exposed` says that others may come.

    Raises:
        SandboxError: The host is not loopback, or the port is taken or not allowed.
    """
    if not exposed and not is_loopback(host):
        raise SandboxError(
            f"a sandbox listens on loopback only (127.0.0.1, ::1, localhost), not on {host!r}; in a container, "
            "--reachable-by-others lets other machines in"
        )
    if not 0 <= port <= 65535:
        raise SandboxError(f"{port} is not a port: give 0 (any free one) to 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol must be named: asyncio switches Nagle's algorithm off only for sockets that say IPPROTO_TCP, and
    # with it on, every keep-alive answer waits some 40 ms for the client's delayed acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        # Listening before the server runs: the first request waits instead of being refused.
        listening.listen(128)
    except OSError as problem:
        listening.close()
        raise SandboxError(
            f"cannot listen on {host}:{port}: {problem.strerror or problem}; choose another port, or 0 for any free one"
        ) from problem
    return listening


class Server:
    """A sandbox in uvicorn, in a daemon thread.

    Args:
        served: What responds to the requests.
        host: Loopback address, or any other where `exposed` is on.
        port: Port; 0 = a free one.
        exposed: Whether other machines may reach it.

    Raises:
        SandboxError: The address is not possible, or the server packages are not installed.
    """

    def __init__(self, served: ServedApp, host: str, port: int, *, exposed: bool = False) -> None:
        listening = bind(host, port, exposed=exposed)
        try:
            import uvicorn

            from accordant_sandbox.server.prompt_server import PromptServer
        except ImportError as problem:
            listening.close()
            raise SandboxError("serving needs the extra: pip install 'accordant[sandbox]'") from problem

        own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        shown = f"[{own}]" if ":" in own else own
        self.port: int = listening.getsockname()[1]
        self.root = f"http://{shown}:{self.port}"
        connections: dict[Any, asyncio.Transport] = {}
        config = uvicorn.Config(
            _application(served, self.root, connections),
            http=_protocol(connections),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self._listening = listening
        self._server = PromptServer(config)
        self._thread = threading.Thread(target=self._run, name="accordant-sandbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop serving; open connections get a moment to finish."""
        self._server.end()
        self._thread.join(timeout=5)
        self._listening.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._listening])


def _protocol(connections: dict[Any, asyncio.Transport]) -> type[H11Protocol]:
    """Uvicorn's HTTP protocol, which also tells which transport belongs to which client: faults act on it."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Protocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if self.client:
                connections[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            connections.pop(self.client, None)
            super().connection_lost(exc)

    return Protocol


def _application(
    served: ServedApp, root: str, connections: dict[Any, asyncio.Transport]
) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        path = scope["raw_path"].decode("latin-1")
        query = decode_query(scope["query_string"].decode("latin-1"))
        host = headers.get("host")
        request = Request(scope["method"], path, query, headers, b"", f"http://{host}" if host else root, True)
        try:
            request.body = await _body(headers, receive, served.max_body)
            reply = await _answer(served.answer(request))
        except _GoneError:
            return
        except _TooLargeError:
            reply = served.refuse_body(request)
        if reply.delay and await _left(receive, reply.delay):
            return
        transport = connections.get(scope["client"] and tuple(scope["client"]))
        if reply.wire is not None and transport is not None:
            await _disturb(reply.wire, reply, transport, receive)
            return
        await send({"type": "http.response.start", "status": reply.status, "headers": _raw(reply.headers)})
        await send({"type": "http.response.body", "body": reply.content})

    return application


class _GoneError(Exception):
    """The client left before its request was complete."""


class _TooLargeError(Exception):
    """The body is larger than allowed."""


async def _body(headers: Headers, receive: Receive, limit: int) -> bytes:
    """The body of a request; of one that is too large, never more than the limit is kept."""
    length = headers.get("content-length") or ""
    announced = int(length) if length.isascii() and length.isdigit() else 0
    if announced > limit and ("expect" in headers or announced > _DRAINED):
        raise _TooLargeError
    parts: list[bytes] = []
    size = 0
    more = True
    while more and size <= max(limit, _DRAINED):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        part = message.get("body", b"")
        size += len(part)
        if max(size, announced) <= limit:
            parts.append(part)
        else:
            parts.clear()
        more = message.get("more_body", False)
    if size > limit:
        raise _TooLargeError
    return b"".join(parts)


async def _answer(steps: Steps) -> Reply:
    """Take the steps of a response; between them the loop serves other connections."""
    while True:
        try:
            work = next(steps)
        except StopIteration as done:
            reply: Reply = done.value
            return reply
        if work is None:
            await asyncio.sleep(0)
        else:
            await asyncio.to_thread(work)


async def _left(receive: Receive, seconds: float) -> bool:
    """Let a client wait so long; return early, and True, where it leaves: nobody has to wait for what nobody reads."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return False
    return True


async def _disturb(wire: Wire, reply: Reply, transport: asyncio.Transport, receive: Receive) -> None:
    """Do to the connection what the reply's wire says; it is closed afterwards."""
    head = _head(reply)
    if wire.kind in ("refuse", "reset"):
        connection: socket.socket = transport.get_extra_info("socket")
        # Linger for zero seconds: closing sends a reset instead of an orderly end.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        return
    if wire.kind == "garbage":
        transport.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
    elif wire.kind == "truncate":
        transport.write(head + reply.content[: len(reply.content) // 2])
    elif wire.kind == "bad_chunk":
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
        transport.write(b"\r\n".join([lines[0], b"Transfer-Encoding: chunked", *lines[1:]]) + b"zz\r\nnot a chunk\r\n")
    elif wire.kind == "dribble":
        transport.write(head)
        for byte in reply.content:
            if transport.is_closing():
                return
            transport.write(bytes([byte]))
            await asyncio.sleep(wire.seconds)
    elif wire.kind == "hang":
        if not await _left(receive, wire.seconds):
            transport.write(head + reply.content)
    elif wire.kind == "hang_after_headers":
        transport.write(head)
        if not await _left(receive, wire.seconds):
            transport.write(reply.content)
    transport.close()


def _head(reply: Reply) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} Status".encode(), *(name + b": " + value for name, value in _raw(reply.headers))]
    return b"\r\n".join([*lines, b"Connection: close", b"", b""])


def _raw(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
