"""Bodies that are not what the document promises."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from ..cases import Case, Expect, Script
from ..replies import http, with_body
from ..shapes import TEXT, Shapes

ENVELOPED = ("dispatch", "espace")
DATED = ("dispatch", "dibop")
HIDDEN = ("dime_scheduler", "espace")
"""Vendors that hide failures in a 200 response."""
STRICT = {"deviations": "strict"}
BROKEN = "ResponseDecodeError"


def _body(slug: str, title: str, script: Script, outcomes: str, notes: str | None = None, **more: Any) -> Case:
    told = None if notes is None else tuple(notes.split())
    expect = Expect(tuple(outcomes.split(", ")), more.pop("requests", None), notes=told, words=more.pop("words", None))
    calls = more.pop("calls", ("get 1",))
    return Case(id=f"bodies/{slug}", group="bodies", title=title, script=script, calls=calls, expect=expect, **more)


def _raw(body: bytes, content_type: str | None = "application/json") -> Script:
    return lambda _: [http(body, headers={"Content-Type": content_type})]


def _text(new: bytes) -> Script:
    """The record with other bytes for its text, quotes included."""
    return lambda v: [with_body(v.record(1), lambda body: body.replace(json.dumps(TEXT).encode(), new))]


def _changed(change: Callable[[bytes], bytes], **headers: str) -> Script:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda v: [with_body(v.record(1), change, fields)]


def _dated(text: str) -> Script:
    return lambda v: [v.record(1, **{v.date_field or "": text})]


def _numbered(text: bytes) -> Script:
    return lambda v: [
        with_body(v.record(1, **{v.number_field or "": "NUMBER"}), lambda body: body.replace(b'"NUMBER"', text))
    ]


def bodies() -> Iterator[Case]:
    """What is no record is a typed error; what is one with a flaw is kept, and the flaw is told."""
    yield _body(
        "good",
        "a good response under the strict policy",
        lambda v: [v.record(1)],
        "1",
        "",
        settings=STRICT,
        peers=False,
    )
    yield from _no_records()
    yield from _encodings()
    yield from _flaws()
    yield from _other_records()


def _no_records() -> Iterator[Case]:
    html = b"<html><body>Please sign in</body></html>"
    for slug, title, script in (
        ("html", "an HTML page with a 200", _raw(html, "text/html")),
        ("html-as-json", "an HTML page that says it is JSON", _raw(html)),
        ("empty", "an empty body", _raw(b"")),
        ("blank", "a body of blanks", _raw(b"  \n ")),
        ("null", "null", _raw(b"null")),
        ("number", "a number", _raw(b"42")),
        ("text", "a text", _raw(b'"ok"')),
        ("half", "JSON that ends early", _changed(lambda body: body[:-3])),
        ("two", "two JSON documents", _changed(lambda body: body * 2)),
        ("tail", "JSON with something after it", _changed(lambda body: body + b"</html>")),
        ("comment", "JSON with a comment", _changed(lambda body: b"/* hi */" + body)),
        ("quotes", "JSON with single quotes", _changed(lambda body: body.replace(b'"', b"'"))),
        ("deep", "JSON nested 100,000 deep", _raw(b"[" * 100_000 + b"]" * 100_000)),
        (
            "unknown-encoding",
            "a content encoding that nobody asked for",
            _changed(lambda body: body, Content_Encoding="snappy"),
        ),
    ):
        yield _body(slug, title, script, BROKEN)
    yield from _not_as_promised()


def _not_as_promised() -> Iterator[Case]:
    big = {"max_response_bytes": 1_000_000}
    yield _body("no-204", "a 204 where a record is promised", lambda _: [b"HTTP/1.1 204 No Content\r\n\r\n"], BROKEN)
    yield _body(
        "wrong-type",
        "a record that says text/plain",
        lambda v: [with_body(v.record(1), bytes, {"Content-Type": "text/plain"})],
        f"1|{BROKEN}",
    )
    yield _body(
        "no-type",
        "a record that does not say what it is",
        lambda v: [with_body(v.record(1), bytes, {"Content-Type": None})],
        "1",
    )
    yield _body(
        "hidden",
        "an error in a 200 response",
        lambda v: [_behind_200(v)],
        "InternalServerError|InternalServerError (may have been applied)|APIStatusError",
        vendors=HIDDEN,
        calls=("create",),
        requests=1,
        words="no such thing",
        peers=False,
    )
    yield _body("bomb", "20 MB out of 20 kB of gzip, the limit is 1 MB", _bomb, BROKEN, settings=big, peers=False)
    yield _body(
        "large",
        "a body of 2 MB, the limit is 1 MB",
        _raw(b'"' + b"x" * 2_000_000 + b'"'),
        BROKEN,
        settings=big,
        peers=False,
    )
    yield _body(
        "large-error",
        "an error of 2 MB, the limit is 1 MB",
        lambda _: [http(b"x" * 2_000_000, 404)],
        "NotFoundError",
        settings=big,
        peers=False,
    )


def _behind_200(v: Shapes) -> bytes:
    if v.token_path == "/token":
        return http(
            {
                "Error": "Lab",
                "success": False,
                "statusCode": 500,
                "content": "no such thing",
                "Description": "no such thing",
            }
        )
    return http({"IsSuccessStatusCode": False, "Message": "no such thing", "Data": None})


def _bomb(_: Shapes) -> list[bytes]:
    return [http(_zeros(), headers={"Content-Encoding": "gzip"})]


@cache
def _zeros() -> bytes:
    return gzip.compress(b'"' + b"0" * 20_000_000 + b'"', mtime=0)


def _encodings() -> Iterator[Case]:
    yield _body("bom", "a BOM before the JSON", _changed(lambda body: b"\xef\xbb\xbf" + body), "1")
    yield _body(
        "utf16", "UTF-16 without a word", _changed(lambda body: body.decode().encode("utf-16")), "1", "encoding"
    )
    yield _body(
        "charset",
        "a charset that is wrong",
        lambda v: [
            with_body(
                v.record(1),
                lambda body: body.replace(TEXT.encode(), "J\u00fcrgen".encode()),
                {"Content-Type": "application/json; charset=iso-8859-1"},
            )
        ],
        "1",
        "encoding",
    )
    yield _body("gzip", "gzip", _changed(lambda body: gzip.compress(body, mtime=0), Content_Encoding="gzip"), "1", "")
    yield _body("deflate", "deflate", _changed(zlib.compress, Content_Encoding="deflate"), "1", "")
    yield _body(
        "identity", "a content encoding of identity", _changed(lambda body: body, Content_Encoding="identity"), "1", ""
    )
    yield _body(
        "problem-json",
        "application/problem+json for a record",
        _changed(lambda body: body, Content_Type="application/problem+json"),
        "1",
    )


def _flaws() -> Iterator[Case]:
    yield _body("not-utf8", "bytes in a text that are not UTF-8", _text(b'"J\xfcrgen"'), "1", "bad_value", words=None)
    yield _body("surrogate", "half a character in a text", _text(b'"\\ud800"'), "1", "bad_value")
    yield _body("nul", "a NUL in a text", _text(b'"a\\u0000b"'), "1", "")
    yield _body("nan", "NaN", _text(b"NaN"), "1", "bad_value")
    yield _body("infinity", "-Infinity", _text(b"-Infinity"), "1", "bad_value")
    yield _body(
        "duplicate",
        "a key twice",
        _changed(lambda body: body.replace(b'"%b"' % TEXT.encode(), b'"%b", "zz": 1, "zz": 2' % TEXT.encode())),
        "1",
        "duplicate",
    )
    yield _body(
        "duplicate-strict",
        "a key twice, under the strict policy",
        _changed(lambda body: body.replace(b'"%b"' % TEXT.encode(), b'"%b", "zz": 1, "zz": 2' % TEXT.encode())),
        f"{BROKEN}|DecodeError",
        settings=STRICT,
        peers=False,
    )
    numbers = ("dispatch", "espace")
    yield _body("float-integer", "1.0 for an integer", _numbered(b"1.0"), "1", "", vendors=numbers)
    yield _body("long-integer", "an integer of 30 digits", _numbered(b"1" * 30), "1", "", vendors=numbers)
    yield _body("huge-float", "1e400 for a number", _numbered(b"1e400"), "1", "bad_value", vendors=numbers)
    for slug, text, note in (
        ("date-only", "2026-01-02", "bad_value"),
        ("date-basic", "20260102T030405Z", "bad_value"),
        ("date-words", "yesterday", "bad_value"),
        ("date-13", "2026-13-01T00:00:00Z", "bad_value"),
        ("date-small", "2026-01-02t03:04:05z", ""),
        ("date-leap", "2016-12-31T23:59:60Z", ""),
        ("date-nanos", "2026-01-02T03:04:05.123456789Z", ""),
    ):
        yield _body(slug, f"the date-time {text}", _dated(text), "1", note, vendors=DATED, peers=False)
    yield _body("unknown-field", "a field that nobody knows", lambda v: [v.record(1, brand_new={"x": [1]})], "1", "")


def _other_records() -> Iterator[Case]:
    yield _body(
        "no-envelope",
        "a record without its envelope",
        lambda v: [v.bare(1)],
        "1",
        "envelope",
        vendors=("espace",),
        peers=False,
    )
    yield _body(
        "no-envelope-strict",
        "a record without its envelope, strict",
        lambda v: [v.bare(1)],
        f"{BROKEN}|DecodeError",
        vendors=("espace",),
        settings=STRICT,
        peers=False,
    )
    yield _body("other-record", "another record than was asked for", lambda v: [v.record(2)], "2", "other_record")
    yield _body(
        "other-record-strict",
        "another record, under the strict policy",
        lambda v: [v.record(2)],
        f"{BROKEN}|DecodeError",
        settings=STRICT,
        words="as asked for",
        peers=False,
    )
    yield _body("list-for-record", "a list of records for one", lambda v: [http([v.fields(1)])], BROKEN)
