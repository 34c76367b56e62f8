"""Bytes that nobody asked for, cut responses, and responses that are no proper HTTP."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from typing import Any

from ..cases import Case, Expect, Script
from ..replies import asked_number, body_of, chunked, cut, endless, http, reset, then, zipped
from ..server import Act
from ..shapes import Shapes

LOST = "NetworkError|ProtocolError"
"""The connection broke before there was a response: either class says so."""
BROKEN = f"{LOST}|ResponseDecodeError"
"""It broke in the body of a success, so that the status is known."""
EMPTY_204 = ("dispatch", "dibop", "espace")
"""Vendors whose deletions are answered with a 204."""
NOTHING = b"HTTP/1.1 204 No Content\r\n"


def _stray(slug: str, title: str, script: Script, calls: str, *outcomes: str, **more: Any) -> Case:
    expect = Expect(outcomes)
    words = tuple(calls.split(", "))
    return Case(id=f"stray/{slug}", group="stray bytes", title=title, script=script, calls=words, expect=expect, **more)


def _asked(response: Callable[[int], bytes]) -> Act:
    """The response to the record that is asked for, whatever was sent before."""
    return lambda connection, request: connection.send(response(asked_number(request)))


def stray() -> Iterator[Case]:
    """Whatever comes after a response is never taken for the next one."""
    gets, right = "get 1, get 2, pause, get 3", ("1", "2", "3")

    def after_first(tail: Callable[[Shapes], bytes]) -> Script:
        return lambda v: [_asked(lambda n: v.record(n) + (tail(v) if n == 1 else b""))]

    yield _stray("second-response", "two responses in one packet", after_first(lambda v: v.record(666)), gets, *right)
    yield _stray(
        "same-twice", "every response comes twice", lambda v: [_asked(lambda n: v.record(n) * 2)], gets, *right
    )
    yield _stray("longer-body", "a body longer than its length", after_first(lambda v: v.bytes_of(666)), gets, *right)
    yield _stray("blank-line", "a blank line after a response", after_first(lambda _: b"\r\n"), gets, *right)
    yield _stray("one-byte", "one byte after a response", after_first(lambda _: b"H"), gets, *right)
    yield _stray(
        "after-chunks",
        "a second response after a chunked one",
        lambda v: [_asked(lambda n: chunked(v.bytes_of(n)) + v.record(666))],
        gets,
        *right,
    )
    yield _stray(
        "after-gzip",
        "a second response after a compressed one",
        lambda v: [_asked(lambda n: zipped(v.bytes_of(n)) + v.record(666))],
        gets,
        *right,
    )
    yield _stray(
        "after-error",
        "a second response after a 404",
        lambda v: [v.error(404) + v.record(666), v.record(2)],
        "get 1, get 2",
        *("NotFoundError", "2"),
    )
    yield from _around_writes()
    yield from _while_idle()


def _around_writes() -> Iterator[Case]:
    yield _stray(
        "before-write",
        "a forged response before a write",
        lambda v: [v.record(1) + v.made(666), v.made(8)],
        "get 1, create",
        *("1", "made 8"),
    )
    yield _stray(
        "after-write",
        "a forged response after a write",
        lambda v: [v.made(8) + v.record(666), v.record(1)],
        "create, get 1",
        *("made 8", "1"),
    )
    for slug, head in (("204-body", NOTHING), ("204-length", NOTHING + b"Content-Length: 2\r\n")):
        yield _stray(
            slug,
            "a body on a 204" + (", announced" if slug == "204-length" else ""),
            _emptied(head),
            "delete 1, get 2, delete 1, create",
            *("gone", "2", "gone", "made 8"),
            vendors=EMPTY_204,
            peers=False,
        )
    yield _stray(
        "head-body", "a body on a HEAD", lambda v: [v.record(666), v.record(2)], "head, get 2", "head 200", "2"
    )
    yield _stray(
        "304-body",
        "a body on a 304",
        lambda v: [_asked(lambda n: http(v.bytes_of(666), 304) if n == 1 else v.record(n))],
        "get 1, get 2",
        *("RedirectStatusError", "2"),
    )


def _while_idle() -> Iterator[Case]:
    gets, right = "get 1, get 2, pause, get 3", ("1", "2", "3")

    def after_first(tail: Callable[[Shapes], bytes]) -> Script:
        return lambda v: [_asked(lambda n: v.record(n) + (tail(v) if n == 1 else b""))]

    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    yield _stray(
        "idle-bytes",
        "bytes on an idle connection",
        lambda v: [then(v.record(1), 0.04, b"{}"), v.record(2)],
        "get 1, pause, get 2",
        *right[:2],
    )
    yield _stray(
        "idle-response",
        "a forged response on an idle connection, then a write",
        lambda v: [then(v.record(1), 0.04, v.made(666)), v.made(8)],
        "get 1, pause, create",
        *("1", "made 8"),
    )
    yield _stray(
        "idle-tls",
        "a forged response on an idle TLS connection",
        lambda v: [then(v.record(1), 0.04, v.record(666)), v.record(2)],
        "get 1, pause, get 2",
        *right[:2],
        tls=True,
    )
    yield _stray(
        "tls-second", "two responses in one TLS record", after_first(lambda v: v.record(666)), gets, *right, tls=True
    )
    yield _stray("early-hints", "a 103 before the response", lambda v: [hints + v.record(1)], "get 1", "1")
    yield _stray(
        "two-continues",
        "two 100s before the response",
        lambda v: [b"HTTP/1.1 100 Continue\r\n\r\n" * 2 + v.record(1)],
        "get 1",
        "1",
    )
    yield _stray(
        "switching",
        "a 101 that nobody asked for",
        lambda _: [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\njunk"],
        "get 1",
        "ProtocolError|RedirectStatusError|APIStatusError",
        peers=False,
    )


def _cut(slug: str, title: str, script: Script, outcomes: str, requests: int | None, calls: str = "get 1") -> Case:
    return Case(
        id=f"cuts/{slug}",
        group="cuts",
        title=title,
        script=script,
        calls=tuple(calls.split(", ")),
        expect=Expect(tuple(outcomes.split(", ")), requests),
    )


def cuts() -> Iterator[Case]:
    """Broken connections: a read is repeated, and what stays broken is one typed error."""
    yield _cut("before-head", "cut before the response, once", lambda v: [cut(), v.record(1)], "1", 2)
    yield _cut("always", "cut before every response", lambda _: [cut()], LOST, 3)
    yield _cut("in-status", "cut in the status line", lambda v: [cut(b"HTTP/1.1 20"), v.record(1)], "1", 2)
    yield _cut("in-head", "cut in the head", lambda v: [cut(b"HTTP/1.1 200 OK\r\nConte"), v.record(1)], "1", 2)
    yield _cut("in-body", "cut in the body, once", lambda v: [cut(v.record(1)[:-5]), v.record(1)], "1", 2)
    yield _cut("in-every-body", "cut in every body", lambda v: [cut(v.record(1)[:-5])], BROKEN, 3)
    yield _cut("in-chunk", "cut in a chunk", lambda v: [cut(chunked(v.bytes_of(1), end=b"")[:-9]), v.record(1)], "1", 2)
    yield _cut(
        "no-last-chunk",
        "the last chunk is missing",
        lambda v: [cut(chunked(v.bytes_of(1), end=b"")), v.record(1)],
        "1",
        2,
    )
    yield _cut(
        "gzip-cut",
        "a compressed body that ends early",
        lambda v: [zipped(v.bytes_of(1), keep=30)],
        BROKEN,
        None,
    )
    yield _cut(
        "gzip-broken",
        "a compressed body that is none",
        lambda _: [http(b"\x1f\x8bnonsense", headers={"Content-Encoding": "gzip"})],
        BROKEN,
        None,
    )
    yield _cut("reset", "a reset before the response, once", lambda v: [reset(), v.record(1)], "1", 2)
    yield _cut("reset-in-body", "a reset in the body, once", lambda v: [reset(v.record(1)[:-5]), v.record(1)], "1", 2)
    yield _cut(
        "idle-closed",
        "an idle connection that was closed, then a write",
        lambda v: [cut(v.record(1)), v.made(8)],
        "1, made 8",
        2,
        calls="get 1, pause, create",
    )
    yield _cut(
        "error-cut",
        "cut in the body of a 404",
        lambda v: [cut(v.error(404)[:-5])],
        f"NotFoundError|{LOST}",
        None,
    )


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


def _emptied(head: bytes) -> Script:
    return lambda v: [head + b"\r\n{}", v.record(2), head + b"\r\n{}", v.made(8)]


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
