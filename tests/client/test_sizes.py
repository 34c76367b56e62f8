"""Limits on what a response may hold: bytes of its body, bytes of its head, levels of its JSON."""

from __future__ import annotations

import gzip
import pickle
import tracemalloc
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from accordant import CallOptions, Clock
from accordant._call.calls import download
from accordant._http.file_sinks import FileSink
from accordant.errors import (
    AmbiguousOutcomeError,
    DeadlineExceededError,
    InternalServerError,
    ProtocolError,
    ResponseDecodeError,
)
from accordant.testing import Script
from tests.client.loopback import Connection, Loopback, http
from tests.client.support import FILE, KEY, Player, token_auth

pytestmark = pytest.mark.every_transport
LIMIT = 200_000
THING = b'{"thing": {"id": 7}}'
LARGE = b'{"thing": {"id": 7, "name": "' + b"a" * LIMIT + b'"}}'
JSON = {"Content-Type": "application/json"}
FORM = "application/x-www-form-urlencoded"
PACKED = gzip.compress(LARGE)
TWICE = gzip.compress(PACKED)

REPLIES = {
    "plain": http(LARGE),
    "gzip": http(PACKED, Content_Encoding="gzip"),
    "gzip twice": http(TWICE, Content_Encoding="gzip, gzip"),
    "chunked": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (LARGE[:100_000], LARGE[100_000:]))
    + b"0\r\n\r\n",
}


def client(play: Player, url: str, **settings: Any) -> Any:
    return play.client(base_url=url, clock=Clock(), **{"max_response_bytes": LIMIT, **settings})


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_a_body_beyond_the_limit_is_refused(play: Player, reply: bytes) -> None:
    """A success larger than the limit is one typed error that names it; it is not tried again."""
    with Loopback(reply, http(THING)) as server:
        api = client(play, server.url)
        with pytest.raises(ResponseDecodeError, match=f"larger than {LIMIT} bytes; the setting max_response_bytes"):
            play.do(lambda: api.things.get(7))
        assert len(server.requests) == 1
        assert play.do(lambda: api.things.get(7)).id == 7
        assert server.connections == 2
        play.do(api.close)


@pytest.mark.parametrize("limit", [None, 2 * LIMIT], ids=["none", "higher"])
def test_the_limit_is_a_setting(play: Player, limit: int | None) -> None:
    """A higher limit lets the same body pass, and none lets every body pass."""
    with Loopback(REPLIES["gzip"]) as server:
        api = client(play, server.url, max_response_bytes=limit)
        assert len(play.do(lambda: api.things.get(7)).name) == LIMIT
        play.do(api.close)


def test_a_large_error_keeps_its_status(play: Player) -> None:
    """The body of an error is cut, and the error is still the one of its status."""
    with Loopback(http(LARGE, "500 Internal Server Error")) as server:
        api = client(play, server.url, retries=0)
        with pytest.raises(InternalServerError) as caught:
            play.do(lambda: api.things.get(7))
        assert len(caught.value.body) <= 64 * 1024
        play.do(api.close)


def test_downloads_are_not_limited(play: Player, tmp_path: Path) -> None:
    """What goes into a file may be larger than the limit; an error in its place may not."""
    target = tmp_path / "file"
    with Loopback(http(LARGE), http(LARGE, "500 Internal Server Error")) as store:
        found = http(b"", "302 Found", Location=f"{store.url}/x")
        with Loopback(found, found) as server:
            api = client(play, server.url, retries=0)
            with FileSink(target, "0123456789abcdef") as sink:
                play.do(partial(api._io.run, download(api._session, api._defaults, FILE, {"id": 7}, None, sink)))
            assert target.read_bytes() == LARGE
            with pytest.raises(InternalServerError) as caught, FileSink(target, "0123456789abcdef") as sink:
                play.do(partial(api._io.run, download(api._session, api._defaults, FILE, {"id": 7}, None, sink)))
            assert len(caught.value.body) <= 64 * 1024
            play.do(api.close)


def test_functions_are_limited_as_well(play: Player) -> None:
    """A response of a ``transport=`` function is measured like one that came over the network."""
    api = play.client(Script((200, LARGE, JSON), (500, LARGE, JSON)), max_response_bytes=LIMIT, retries=0)
    with pytest.raises(ResponseDecodeError, match=f"larger than {LIMIT} bytes"):
        play.do(lambda: api.things.get(7))
    with pytest.raises(InternalServerError) as caught:
        play.do(lambda: api.things.get(7))
    assert len(caught.value.body) <= 64 * 1024


def test_a_write_that_was_answered_at_length_may_have_been_applied(play: Player) -> None:
    """Where the success of a write is too large to be read, the error says that it may have been applied."""
    with Loopback(http(PACKED, "201 Created", Content_Encoding="gzip")) as server:
        api = client(play, server.url)
        with pytest.raises(ResponseDecodeError, match=r"larger than .*\(the write may have been applied\)") as caught:
            play.do(lambda: api.things.create({"name": "a"}))
        assert (caught.value.status, caught.value.may_have_been_applied) == (201, True)
        assert pickle.loads(pickle.dumps(caught.value)).may_have_been_applied
        assert len(server.requests) == 1
    with Loopback(http(LARGE)) as server:
        with pytest.raises(ResponseDecodeError) as caught:
            play.do(lambda: client(play, server.url).things.get(7))
        assert not caught.value.may_have_been_applied


CUT = http(THING, Content_Length="99")


@pytest.mark.parametrize("reply", [REPLIES["gzip"], CUT], ids=["too large", "cut short"])
def test_raw_access_gives_no_part_of_a_body(play: Player, reply: bytes) -> None:
    """Raw access raises as well where a success did not come whole, instead of giving a part of it away."""

    def cut(connection: Connection) -> None:
        connection.send(reply)

    with Loopback(*[cut] * 3) as server:
        api = client(play, server.url, retries=0)
        for call in (
            lambda: api.raw(api.things.get, 7),
            lambda: api.raw(api.things.list),
            lambda: api.request("GET", "/v1/other"),
        ):
            with pytest.raises(ResponseDecodeError, match=r"the body was (not read|cut short)"):
                play.do(call)
        play.do(api.close)


def test_an_announced_length_is_not_waited_for(play: Player) -> None:
    """A body whose announced length is beyond the limit is refused without waiting for all that fits within it."""

    def begin(connection: Connection) -> None:
        connection.send(http(LARGE, Content_Length="999999999")[:100_000])
        connection.hang()

    with Loopback(begin) as server:
        api = client(play, server.url, deadline=60)
        with pytest.raises(ResponseDecodeError, match=f"larger than {LIMIT} bytes"):
            play.do(lambda: api.things.get(7))
        play.do(api.close)


def test_a_redirect_may_say_much(play: Player) -> None:
    """A redirect is what its head says, however large its body."""
    with Loopback(http(LARGE, "302 Found", Location="https://store.test/x")) as server:
        api = client(play, server.url)
        assert play.do(lambda: api.things.run(FILE, id=7)).location == "https://store.test/x"
        play.do(api.close)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (http(b'{"access_token": "a", "junk": "' + b"a" * LIMIT + b'"}'), f"larger than {LIMIT} bytes"),
        (http(b"access_token=a-tok", Content_Type=FORM, Content_Length="99"), "cut short"),
        (http(b"access_token=a&junk=" + b"a" * LIMIT, Content_Type=FORM), f"larger than {LIMIT} bytes"),
    ],
    ids=["JSON", "half a form", "form"],
)
def test_a_token_response_is_limited(play: Player, reply: bytes, words: str) -> None:
    """A token is taken from no response that did not come whole: half a token may look like one."""

    def answer(connection: Connection) -> None:
        connection.send(reply)

    with Loopback(answer) as server:
        api = client(play, server.url, auth=token_auth(), retries=0)
        with pytest.raises(ResponseDecodeError, match=words):
            play.do(lambda: api.things.get(7))
        assert len(server.requests) == 1
        play.do(api.close)


@cache
def bomb() -> bytes:
    """A small body that stands for much: to make it takes longer than to refuse it."""
    return gzip.compress(bytes(1000 * LIMIT), 1)


def test_a_bomb_does_not_fill_the_memory(play: Player) -> None:
    """Of a small body that stands for much no more is undone than the limit allows."""
    with Loopback(http(bomb(), Content_Encoding="gzip")) as server:
        api = client(play, server.url)
        tracemalloc.start()
        try:
            with pytest.raises(ResponseDecodeError, match="larger than"):
                play.do(lambda: api.things.get(7))
            assert tracemalloc.get_traced_memory()[1] < 20 * LIMIT
        finally:
            tracemalloc.stop()
        play.do(api.close)


@cache
def bomb_in_a_bomb() -> bytes:
    """10 GB, in one packet."""
    return gzip.compress(gzip.compress(bytes(10_000_000)) * 1000)


class Drain:
    """A sink that keeps nothing."""

    def start(self) -> None:
        """Nothing to forget."""

    def write(self, chunk: bytes) -> None:
        """Nothing to keep."""


def test_a_download_keeps_its_deadline_while_it_is_undone(play: Player) -> None:
    """A few bytes that stand for many gigabytes do not hold a download up beyond its deadline."""
    reply = http(bomb_in_a_bomb(), Content_Encoding="gzip, gzip")
    with Loopback(reply) as store, Loopback(http(b"", "302 Found", Location=f"{store.url}/x")) as server:
        api = client(play, server.url, retries=0)
        flow = download(api._session, api._defaults, FILE, {"id": 7}, CallOptions(deadline=0.1), Drain())
        with pytest.raises(DeadlineExceededError):
            play.do(partial(api._io.run, flow))
        play.do(api.close)


def _long(_: Any = None) -> bytes:
    return b"X-Long: " + b"a" * 300_000 + b"\r\n"


@pytest.mark.parametrize(
    "fields",
    [_long, lambda: b"".join(b"X-%d: a\r\n" % number for number in range(40_000))],
    ids=["one long field", "many fields"],
)
def test_a_head_beyond_the_limit_is_refused(play: Player, fields: Callable[[], bytes]) -> None:
    """A head that is too long, or that never ends, is one typed error that says so."""
    reply = b"HTTP/1.1 200 OK\r\n" + fields() + b"Content-Length: 2\r\n\r\n{}"
    with Loopback(reply, reply) as server:
        api = client(play, server.url)
        with pytest.raises(ProtocolError, match="head of the response is longer than 100 kB; no setting"):
            play.do(lambda: api.things.get(7))
        assert len(server.requests) == 1
        with pytest.raises(AmbiguousOutcomeError, match=r"may have been applied: .* longer than 100 kB"):
            play.do(lambda: api.things.create({"name": "a"}))
        assert len(server.requests) == 2
        play.do(api.close)


def test_a_head_that_never_ends_is_refused(play: Player) -> None:
    """A server that sends header fields for ever is cut off at the limit."""

    def endless(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\n")
        while connection.send(b"X-More: a\r\n" * 1000):
            pass

    with Loopback(endless) as server:
        api = client(play, server.url, deadline=60)
        with pytest.raises(ProtocolError, match="longer than 100 kB"):
            play.do(lambda: api.things.get(7))
        play.do(api.close)


def test_many_short_fields_are_read(play: Player) -> None:
    """Ten thousand fields within the limit are no trouble."""
    with Loopback(http(THING, **{f"{number}": "" for number in range(10_000)})) as server:
        api = client(play, server.url)
        assert play.do(lambda: api.things.get(7)).id == 7
        assert KEY.encode() in server.requests[0]
        play.do(api.close)
