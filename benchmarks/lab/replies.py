"""The language of the scripts: responses as bytes, and what a server may do instead of sending one."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any

from .server import Act, Connection

REASONS = {200: "OK", 201: "Created", 204: "No Content", 302: "Found", 304: "Not Modified", 404: "Not Found"}


def http(
    body: bytes | Any,
    status: int = 200,
    headers: Mapping[str, str | None] | None = None,
    *,
    length: int | None = None,
) -> bytes:
    """A complete response. A body that is no bytes becomes JSON; a header of ``None`` is left out."""
    content: bytes = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields: dict[str, str | None] = {
        "Content-Type": "application/json",
        "Content-Length": str(len(content) if length is None else length),
        **(headers or {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    return f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}\r\n{head}\r\n".encode("latin-1") + content


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n", headers: str = "") -> bytes:
    """A chunked 200; ``end`` is what comes after the chunks."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n{headers}\r\n".encode()
    return head + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + end


def zipped(body: bytes, *, keep: int | None = None, encoding: str = "gzip") -> bytes:
    """A 200 with a compressed body, of which only the first ``keep`` bytes are there."""
    return http(gzip.compress(body, mtime=0)[:keep], headers={"Content-Encoding": encoding})


def body_of(response: bytes) -> bytes:
    """The body of a response made here."""
    return response.partition(b"\r\n\r\n")[2]


def with_body(
    response: bytes, change: Callable[[bytes], bytes], headers: Mapping[str, str | None] | None = None
) -> bytes:
    """The same status with a changed body."""
    status = int(response.split(b" ", 2)[1])
    return http(change(body_of(response)), status, headers)


def cut(data: bytes = b"") -> Act:
    """Send some bytes and hang up."""

    def act(connection: Connection, _request: bytes) -> None:
        connection.send(data)
        connection.close()

    return act


def reset(data: bytes = b"") -> Act:
    """Send some bytes and break the connection with a reset."""

    def act(connection: Connection, _request: bytes) -> None:
        connection.send(data)
        connection.wait(0.02)
        connection.reset()

    return act


def hang(data: bytes = b"") -> Act:
    """Send some bytes and then nothing more."""

    def act(connection: Connection, _request: bytes) -> None:
        connection.send(data)
        connection.hang()

    return act


def late(seconds: float, data: bytes) -> Act:
    """Send a response after a while."""

    def act(connection: Connection, _request: bytes) -> None:
        connection.wait(seconds)
        connection.send(data)

    return act


def drip(data: bytes, seconds: float = 0.1, before: bytes = b"") -> Act:
    """Send ``before`` at once, and then one byte at a time."""

    def act(connection: Connection, _request: bytes) -> None:
        connection.send(before)
        connection.drip(data, seconds)

    return act


def then(first: bytes, seconds: float, second: bytes) -> Act:
    """Send a response, and further bytes while nobody waits for any."""

    def act(connection: Connection, _request: bytes) -> None:
        connection.send(first)
        connection.wait(seconds)
        connection.send(second)

    return act


def endless(data: bytes, seconds: float = 0.02) -> Act:
    """Send the same bytes again and again."""

    def act(connection: Connection, _request: bytes) -> None:
        connection.drip(b"", 0)
        for _ in range(2000):
            connection.send(data)
            connection.wait(seconds)
            if connection.closed:
                return

    return act


def asked_number(request: bytes) -> int:
    """The id that a request asks for: the digits at the end of its target."""
    target = request.split(b" ", 2)[1].decode().rpartition("/")[2].rpartition("=")[2]
    return int("0" + "".join(letter for letter in target if letter.isdigit()))


def unless(wanted: bytes, response: bytes, otherwise: bytes) -> Act:
    """One response where the request holds some bytes, another where it does not."""

    def act(connection: Connection, request: bytes) -> None:
        connection.send(response if wanted in request else otherwise)

    return act
