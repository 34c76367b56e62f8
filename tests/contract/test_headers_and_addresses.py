"""What headers say of the body that they come with, and where the addresses in responses lead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from accordant_contract.document.values import Exchange, Pairs, Response
from accordant_contract.judges.headers import etag_truth, header_truth, not_modified
from accordant_contract.judges.leads import Followed, location_leads, redirect_truth
from accordant_contract.target import senders, targets, vendor
from accordant_contract.target.following import follow
from accordant_contract.target.patience import Patience

from .widget_api import JSON, exchange, operation, widget

GET, CREATE = operation("getWidget"), operation("createWidget")
ACCENT = '{"name": "é"}'


def found(*headers: tuple[str, str], body: bytes = b"{}", status: int = 200) -> list[str]:
    given = exchange(GET.id, status, body=body, headers=headers)
    return [each.kind for each in header_truth(GET, given)]


@pytest.mark.parametrize(
    ("charset", "body", "wrong"),
    [
        ("utf-8", ACCENT.encode(), False),
        ('"UTF-8"', ACCENT.encode(), False),
        ("iso-8859-1", ACCENT.encode("latin-1"), True),
        ("iso-8859-1", b"{}", True),
        ("us-ascii", b"{}", False),
        ("iso-8859-1", ACCENT.encode(), True),
        ("us-ascii", ACCENT.encode(), True),
        ("no-such-charset", b"{}", True),
    ],
)
def test_charset(charset: str, body: bytes, wrong: bool) -> None:
    """JSON whose charset is not UTF-8 is found, whatever the bytes are, and a charset that nobody knows."""
    assert bool(found(("Content-Type", f"application/json; charset={charset}"), body=body)) is wrong


@pytest.mark.parametrize(
    ("body", "wrong"), [(b"plain", False), ("é".encode("latin-1"), False), ("é".encode(), True), (b"", False)]
)
def test_charset_of_plain_text(body: bytes, wrong: bool) -> None:
    """Text that is no JSON may have any charset that its bytes do not contradict."""
    assert bool(found(("Content-Type", "text/plain; charset=iso-8859-1"), body=body)) is wrong


def test_length() -> None:
    """A Content-Length of other than the bytes that came is found; a 304 says the length of what it leaves out."""
    assert found(("Content-Length", "2")) == []
    assert found(("Content-Length", "3")) == ["Content-Length"]
    assert found(("Content-Length", "3"), body=b"", status=304) == []


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("max-age=0, private, must-revalidate", False),
        ("no-store", False),
        ("max-age=60", False),
        ("s-maxage=0", False),
        ("public, max-age=60", True),
        ("max-age=1, s-maxage=60", True),
        ("PUBLIC", True),
    ],
)
def test_shared_caches(value: str, wrong: bool) -> None:
    """What needs a credential may not be kept for others; a caller's own cache may keep it."""
    assert bool(found(("Cache-Control", value))) is wrong


def test_weak_etags_promise_less() -> None:
    """A weak ETag may stay while bytes change; a strong one may not, and a new one may come with the same bytes."""

    def tagged(tag: str, number: int) -> Exchange:
        return exchange(GET.id, 200, widget(number), headers=(*JSON, ("ETag", tag)))

    assert not list(etag_truth(GET, tagged('W/"1"', 1), tagged('W/"1"', 2)))
    assert not list(etag_truth(GET, tagged('"1"', 1), tagged('"2"', 1)))
    assert list(etag_truth(GET, tagged('"1"', 1), tagged('"1"', 2)))


def test_not_modified_has_no_body() -> None:
    """A 304 with a body is found; a server that does not know If-None-Match is none the worse for it."""
    full, bare = exchange(GET.id, 200, widget(1)), exchange(GET.id, 304, widget(1))
    assert [each.message for each in not_modified(GET, full, bare, full)] == [
        "header If-None-Match: 304 came with a body"
    ]
    assert not list(not_modified(GET, full, full, full))


@pytest.mark.parametrize(("status", "body", "wrong"), [(200, b"file", ""), (404, b"file", "404"), (200, b"", "bytes")])
def test_redirects(status: int, body: bytes, wrong: str) -> None:
    """A redirect that leads to nothing, or to other bytes than the uploaded, is found with where it leads."""
    end = Followed("http://127.0.0.1:9/f", Response(status, (), body))
    messages = [each.message for each in redirect_truth(GET, exchange(GET.id, 302), b"file", end)]
    assert bool(messages) is bool(wrong)
    assert all(wrong in each for each in messages)


def test_nothing_at_the_end() -> None:
    """An address where nobody responds is found, in a redirect and in a Location."""
    end = Followed("http://127.0.0.1:9/f", None)
    made = exchange(CREATE.id, 201, widget(1))
    assert "responds with nothing" in next(redirect_truth(GET, exchange(GET.id, 302), b"", end)).message
    assert "responds with nothing" in next(location_leads(CREATE, made, GET, 1, end)).message


@pytest.mark.parametrize(("limited", "dropped", "seen"), [(2, 0, 200), (0, 1, 200), (9, 0, None), (0, 9, 0)])
def test_a_location_is_followed_patiently(limited: int, dropped: int, seen: int | None) -> None:
    """At an account 429 is waited for and one dropped connection ridden out; a limit without end is no verdict."""
    troubles: list[int] = [429] * limited + [0] * dropped
    waits: list[float] = []

    def send(method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, timeout: Any) -> senders.Reply:
        del method, url, headers, body, timeout
        status = troubles.pop() if troubles else 200
        if status == 0:
            raise ConnectionError("reset by peer")
        return status, (("Retry-After", "7"),), b""

    target = targets.Target(vendor.load("dispatch"), "", "http://127.0.0.1:9", send, {})
    target.patience = Patience((), target.now, waits.append)
    end = follow(target, exchange(GET.id, 302, headers=(("Location", "/f"),)), ())
    status = None if end is None else 0 if end.response is None else end.response.status
    assert status == seen
    assert waits == [7.0] * min(limited, 3)


def test_credentials_stay_at_home() -> None:
    """A Location is followed with the credential to the target's own origin, and without it to any other; a key in the
    query goes where the address has none."""
    sent: list[tuple[str, Sequence[tuple[str, str]]]] = []

    def send(method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, timeout: Any) -> senders.Reply:
        del method, body, timeout
        sent.append((url, headers))
        return 200, (), b""

    target = targets.Target(vendor.load("dispatch"), "", "http://127.0.0.1:9", send, {})
    own: Pairs = (("Authorization", "Bearer t"),)
    for place in ("/f", "http://127.0.0.2:9/f"):
        given = exchange(GET.id, 302, headers=(("Location", place),))
        assert follow(target, given, own) is not None
    assert sent == [("http://127.0.0.1:9/f", [*own]), ("http://127.0.0.2:9/f", [])]
    broken = follow(target, exchange(GET.id, 302, headers=(("Location", "http://[::1/f"),)), own)
    assert (broken, len(sent)) == (Followed("http://[::1/f", None), 2)
    assert follow(target, exchange(GET.id, 200), own) is None
    sent.clear()
    for place in ("/f", "/f?a=b", "/f?token=mine", "http://127.0.0.2:9/f"):
        follow(target, exchange(GET.id, 302, headers=(("Location", place),)), (("?token", "t&"),))
    here = ["/f?token=t%26", "/f?a=b&token=t%26", "/f?token=mine"]
    assert sent == [*((f"http://127.0.0.1:9{each}", []) for each in here), ("http://127.0.0.2:9/f", [])]
