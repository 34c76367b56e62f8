"""Limits on what a response may hold: bytes of its body, bytes of its head."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from accordant import Clock
from accordant._http.file_sinks import FileSink
from accordant.errors import InternalServerError, ProtocolError, ResponseDecodeError
from tests.client.loopback import Loopback, http
from tests.client.support import FILE, KEY, Player

LIMIT = 200_000
THING = b'{"thing": {"id": 7}}'
LARGE = b'{"thing": {"id": 7, "name": "' + b"a" * LIMIT + b'"}}'
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
            flows = api._caller.flows
            with FileSink(target, "0123456789abcdef") as sink:
                play.do(partial(api._io.run, flows.download(FILE, {"id": 7}, None, sink)))
            assert target.read_bytes() == LARGE
            with pytest.raises(InternalServerError) as caught, FileSink(target, "0123456789abcdef") as sink:
                play.do(partial(api._io.run, flows.download(FILE, {"id": 7}, None, sink)))
            assert len(caught.value.body) <= 64 * 1024
            play.do(api.close)


def test_functions_are_limited_as_well(play: Player) -> None:
    """A response of a ``transport=`` function is measured like one that came over the network."""
    reply = (200, (("Content-Type", "application/json"),), LARGE)

    def transport(*_arguments: object) -> Any:
        return reply

    api = play.client(transport, max_response_bytes=LIMIT)
    with pytest.raises(ResponseDecodeError, match=f"larger than {LIMIT} bytes"):
        play.do(lambda: api.things.get(7))


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
    with Loopback(reply) as server:
        api = client(play, server.url, retries=0)
        with pytest.raises(ProtocolError, match="the head of the response is longer than 100 kB"):
            play.do(lambda: api.things.get(7))
        play.do(api.close)


def test_many_short_fields_are_read(play: Player) -> None:
    """A thousand fields within the limit are no trouble."""
    with Loopback(http(THING, **{f"X_{number}": "a" for number in range(1000)})) as server:
        api = client(play, server.url)
        assert play.do(lambda: api.things.get(7)).id == 7
        assert KEY.encode() in server.requests[0]
        play.do(api.close)
