"""Bytes that nobody asked for, and cut responses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..cases import Case, Expect, Script
from ..replies import asked_number, chunked, cut, http, reset, then, zipped
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


def _emptied(head: bytes) -> Script:
    return lambda v: [head + b"\r\n{}", v.record(2), head + b"\r\n{}", v.made(8)]


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
