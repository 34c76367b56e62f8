"""Bytes that nobody asked for never become the response to the next request."""

from __future__ import annotations

import contextlib
import ssl
import threading
from functools import partial
from operator import attrgetter
from typing import Any

import pytest

from accordant._http import core_engine
from accordant._http.watched_sockets import holds_bytes
from accordant.errors import RedirectStatusError
from tests.client.loopback import Connection, client_tls, http, server_tls
from tests.client.support import DELETE
from tests.client.transports import WAYS, Net


def thing(number: int) -> bytes:
    """The response with one record."""
    return http(b'{"thing": {"id": %d}}' % number)


FORGED = thing(666)
STRAY = {
    "a second response": FORGED,
    "a body beyond its length": b'{"thing": {"id": 666}}',
    "a blank line": b"\r\n",
}
NOTHING = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("stray", STRAY)
def test_bytes_after_a_response(net: Net, way: str, stray: str) -> None:
    """Whatever comes in one packet with a response, the records that were asked for are the ones that are returned."""
    answers = [thing(number) + (STRAY[stray] if number in (1, 3) else b"") for number in range(1, 6)]
    with net.reached(way, *answers) as (api, server):
        assert [net.do(partial(api.things.get, number)).id for number in range(1, 6)] == [1, 2, 3, 4, 5]
        assert server.connections == 3


def test_a_write_after_a_poisoned_response(net: Net) -> None:
    """After a response with a forged one behind it, create() sends its request and returns the server's own record."""
    made = http(b'{"thing": {"id": 8}}', "201 Created")
    with net.reached("plain", thing(1) + http(b'{"thing": {"id": 666}}', "201 Created"), made) as (api, server):
        net.do(lambda: api.things.get(1))
        assert net.do(lambda: api.things.create({"name": "x"})).id == 8
        assert [request.partition(b" ")[0] for request in server.requests] == [b"GET", b"POST"]


@pytest.mark.parametrize(
    "head", [NOTHING, NOTHING.replace(b"\r\n\r\n", b"\r\nContent-Length: 2\r\n\r\n")], ids=["bare", "with a length"]
)
def test_a_body_on_a_204(net: Net, head: bytes) -> None:
    """A 204 that carries a body makes neither the next read nor the next write an error."""
    with net.reached("plain", head + b"{}", thing(2), head + b"{}", http(b'{"thing": {"id": 8}}', "201 Created")) as (
        api,
        _,
    ):
        net.do(lambda: api.things.run(DELETE, id=1))
        assert net.do(lambda: api.things.get(2)).id == 2
        net.do(lambda: api.things.run(DELETE, id=1))
        assert net.do(lambda: api.things.create({})).id == 8


def test_a_204_with_an_announced_body_that_is_late(net: Net) -> None:
    """A 204 that announces a body ends its connection, so that the body cannot come with the next response."""
    with net.reached("plain", NOTHING.replace(b"\r\n\r\n", b"\r\nContent-Length: 2\r\n\r\n"), thing(2)) as (
        api,
        server,
    ):
        net.do(lambda: api.things.run(DELETE, id=1))
        assert net.do(lambda: api.things.get(2)).id == 2
        assert server.connections == 2


@pytest.mark.parametrize(("method", "status"), [("HEAD", "200 OK"), ("GET", "304 Not Modified")])
def test_responses_whose_length_is_that_of_another(net: Net, method: str, status: str) -> None:
    """Where a response carries the length of a body that must not come, its connection is not used again."""
    with net.reached("plain", http(b"{}", status)[:-2], thing(2)) as (api, server):
        with contextlib.suppress(RedirectStatusError):
            net.do(lambda: api.request(method, "/v1/x"))
        assert net.do(lambda: api.things.get(2)).id == 2
        assert server.connections == 2


@pytest.mark.parametrize("way", WAYS)
def test_bytes_on_an_idle_connection(net: Net, way: str) -> None:
    """What arrives between two calls is never read: the next call uses another connection."""
    returned, arrived = threading.Event(), threading.Event()

    def late(connection: Connection) -> None:
        connection.send(thing(1))
        returned.wait(10)
        connection.send(FORGED)
        arrived.set()
        connection.request()

    with net.reached(way, late, thing(2)) as (api, server):
        assert net.do(lambda: api.things.get(1)).id == 1
        returned.set()
        assert arrived.wait(10)
        server.settled()
        assert net.do(lambda: api.things.get(2)).id == 2
        assert server.connections == 2


@pytest.mark.parametrize("way", WAYS)
def test_a_clean_connection_is_used_again(net: Net, way: str) -> None:
    """Connections on which nothing is left are kept: the check sees what the library has buffered."""
    with net.reached(way, thing(1)) as (api, server):
        for _ in range(4):
            net.do(lambda: api.things.get(1))
        assert server.connections == 1


def test_a_library_that_hides_its_buffer(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should another release of httpcore keep its buffer elsewhere, no connection is used twice."""
    if net.transport.name == "fast":
        return  # it has no library that could hide anything
    monkeypatch.setattr(core_engine, "_LEFT_IN_BUFFER", attrgetter("_connection._moved"))
    with net.reached("plain", thing(1) + FORGED, thing(2), thing(3)) as (api, server):
        assert [net.do(partial(api.things.get, number)).id for number in (1, 2, 3)] == [1, 2, 3]
        assert server.connections == 3


def test_bytes_in_a_tls_layer() -> None:
    """Bytes that a TLS layer has taken from the socket, and that nobody has read, are noticed."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_tls().wrap_bio(to_client, to_server, server_hostname="localhost")
    server = server_tls().wrap_bio(to_server, to_client, server_side=True)
    both: list[Any] = [client, server]
    for layer in (*both, *both):
        try:
            layer.do_handshake()
        except ssl.SSLWantReadError:
            continue
    assert not holds_bytes(client)
    server.write(b"stray")
    assert holds_bytes(client)
    server.write(b"a record, of which a part is read")
    client.read(2)
    assert holds_bytes(client)
