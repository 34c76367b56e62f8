"""Responses that are no proper HTTP."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

from ..cases import Case, Expect, Script
from ..replies import body_of, chunked, cut, endless, http
from ..shapes import Shapes
from .stray import BROKEN


def _framing(slug: str, title: str, script: Script, outcomes: str, *, peers: bool = True, calls: str = "get 1") -> Case:
    return Case(
        id=f"framing/{slug}",
        group="framing",
        title=title,
        script=script,
        calls=tuple(calls.split(", ")),
        expect=Expect(tuple(outcomes.split(", "))),
        peers=peers,
    )


def _lengthy(value: str) -> Script:
    return lambda v: [_head(f"Content-Length: {value}\r\n", v.bytes_of(1))]


def _sized(size: bytes) -> Script:
    return lambda v: [cut(chunked(end=size + b"\r\n" + v.bytes_of(1) + b"\r\n0\r\n\r\n"))]


def _head(lines: str, body: bytes = b"") -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{lines}\r\n".encode("latin-1") + body


def _measured(v: Shapes, lines: str) -> bytes:
    body = v.bytes_of(1)
    return _head(f"Content-Length: {len(body)}\r\n{lines}", body)


def framing() -> Iterator[Case]:
    """Heads and lengths that are wrong: one typed error, or the record where HTTP says how to read it."""
    wrong = "ProtocolError"
    yield _framing("too-long", "Content-Length too long", lambda v: [cut(http(v.bytes_of(1), length=9999))], BROKEN)
    yield _framing(
        "too-short",
        "Content-Length too short, then a good response",
        lambda v: [http(v.bytes_of(1), length=9), v.record(2)],
        "ResponseDecodeError, 2",
        calls="get 1, get 2",
    )
    for slug, value in (("negative", "-5"), ("words", "many"), ("plus", "+5"), ("hex", "0x10"), ("list", "5, 6")):
        yield _framing(
            f"length-{slug}",
            f"Content-Length: {value}",
            _lengthy(value),
            wrong,
        )
    yield _framing(
        "two-lengths",
        "two different Content-Lengths",
        lambda v: [_head("Content-Length: 5\r\nContent-Length: 6\r\n", v.bytes_of(1))],
        wrong,
    )
    yield _framing(
        "length-and-chunks",
        "both Content-Length and chunks, then a good response",
        lambda v: [chunked(v.bytes_of(1), headers="Content-Length: 3\r\n"), v.record(2)],
        "1|ProtocolError, 2",
        calls="get 1, get 2",
    )
    yield from _chunks()
    yield from _heads()


def _chunks() -> Iterator[Case]:
    for slug, size in (("junk", b"zz"), ("negative", b"-1"), ("endless", b"f" * 40), ("0x", b"0x5"), ("blank", b"")):
        yield _framing(
            f"chunk-{slug}",
            f"a chunk size of {size.decode()[:6]!r}",
            _sized(size),
            BROKEN,
        )
    yield _framing(
        "chunk-extension",
        "chunks with extensions and trailers",
        lambda v: [
            chunked(end=b"%x;a=b\r\n%b\r\n0\r\nX-Trailer: y\r\n\r\n" % (len(v.bytes_of(1)), v.bytes_of(1))),
        ],
        "1",
    )
    yield _framing(
        "tiny-chunks",
        "a chunk for every byte",
        lambda v: [chunked(*(v.bytes_of(1)[i : i + 1] for i in range(len(v.bytes_of(1)))))],
        "1",
    )


def _heads() -> Iterator[Case]:
    wrong = "ProtocolError"
    yield _framing("huge-header", "a header of 200 kB", lambda v: [_measured(v, f"X-Big: {'x' * 200_000}\r\n")], wrong)
    yield _framing(
        "many-headers", "5,000 headers", lambda v: [_measured(v, "X-Many: xxxxxxxxxxxxxxxxxxxx\r\n" * 5000)], wrong
    )
    yield _framing("no-colon", "a header without a colon", lambda v: [_measured(v, "nonsense\r\n")], wrong)
    yield _framing("nul", "a NUL in a header", lambda v: [_measured(v, "X-Nul: a\x00b\r\n")], wrong)
    yield _framing("latin", "a header in Latin-1", lambda v: [_measured(v, "X-Name: J\xfcrgen\r\n")], "1")
    yield _framing("version", "HTTP/9.9", lambda v: [v.record(1).replace(b"HTTP/1.1", b"HTTP/9.9")], f"1|{wrong}")
    yield _framing("icy", "ICY 200 OK", lambda v: [v.record(1).replace(b"HTTP/1.1", b"ICY")], wrong)
    yield _framing("no-http", "no HTTP at all", lambda _: [cut(b"SSH-2.0-OpenSSH_9.6\r\n")], wrong)
    yield _framing(
        "status-words", "a status that is no number", lambda v: [v.record(1).replace(b" 200 ", b" 2x0 ")], wrong
    )
    yield _framing(
        "no-reason", "a status line without a reason", lambda v: [v.record(1).replace(b" 200 OK", b" 200")], "1"
    )
    yield _framing(
        "until-close", "a body that ends with the connection", lambda v: [cut(_head("", v.bytes_of(1)))], "1"
    )
    yield _framing(
        "http10",
        "HTTP/1.0, a body that ends with the connection, twice",
        lambda v: [
            cut(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + body_of(v.record(n))) for n in (1, 2)
        ],
        "1, 2",
        calls="get 1, get 2",
    )
    yield _framing(
        "gzip-twice",
        "a body that was compressed twice, and says so",
        lambda v: [
            http(
                gzip.compress(gzip.compress(v.bytes_of(1), mtime=0), mtime=0),
                headers={"Content-Encoding": "gzip, gzip"},
            )
        ],
        "1|ResponseDecodeError",
    )
    yield _framing(
        "endless-head",
        "a head that never ends",
        lambda _: [endless(b"X-More: " + b"y" * 9000 + b"\r\n", 0.001)],
        wrong,
        peers=False,
    )
