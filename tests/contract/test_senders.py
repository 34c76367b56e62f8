"""What sends a run's requests: to this machine and to any other, the same goes out and the same comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from accordant_contract.target.senders import HttpSender, LoopbackSender, Sender, sender_to

from .loopback_servers import Loopback, hold

PACKED = b"\x1f\x8b this is no gzip"
BRIEF = 0.1
"""Seconds that a request of these tests may take where it is to be given up."""


class Recorder(Loopback):
    """Keeps what it was sent; what it responds hangs on the path."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, str, dict[str, str], bytes]] = []

    def handle(self, handler: BaseHTTPRequestHandler, body: bytes, number: int) -> None:
        """Respond as the path says."""
        del number
        fields = {name.lower(): value for name, value in handler.headers.items()}
        self.sent.append((handler.command, handler.path, fields, body))
        if handler.path == "/silent":
            hold(handler)
            return
        if handler.path == "/gone":
            handler.close_connection = True
            return
        handler.send_response_only(302)
        for name, value in (("Location", "/elsewhere"), ("X-Two", "a"), ("X-Two", "b"), ("Content-Encoding", "gzip")):
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(PACKED)))
        handler.end_headers()
        for at in range(len(PACKED)):
            handler.wfile.write(PACKED[at : at + 1])
            handler.wfile.flush()
            if handler.path == "/slow":
                time.sleep(BRIEF / 5)  # each byte comes in time, the whole does not


@pytest.fixture
def server() -> Iterator[Recorder]:
    """A server on this machine."""
    running = Recorder()
    with running:
        yield running


@pytest.fixture(params=[HttpSender, LoopbackSender])
def send(request: pytest.FixtureRequest) -> Iterator[Sender]:
    """Each sender."""
    make: Callable[[], Sender] = request.param
    sender = make()
    yield sender
    sender.close()


def test_bytes_come_as_they_are(server: Recorder, send: Sender) -> None:
    """No redirect is followed, nothing is decoded, and a field that comes twice is shown twice."""
    status, headers, body = send("GET", f"{server.url}/here", [("X-Own", "7")], b"", 5.0)
    assert (status, body) == (302, PACKED)
    assert [pair for pair in headers if pair[0] in ("X-Two", "Location")] == [
        ("Location", "/elsewhere"),
        ("X-Two", "a"),
        ("X-Two", "b"),
    ]
    assert server.paths == ["/here"]


@pytest.mark.parametrize(("method", "body"), [("GET", b""), ("POST", b""), ("POST", b'{"a": 1}'), ("DELETE", b"[]")])
def test_both_send_the_same(server: Recorder, method: str, body: bytes) -> None:
    """Method, path, length, body and fields are the same for this machine and for others."""
    url = f"{server.url}/a%20b/{{c}}?d=e%5B%5D&f=%C3%A9"
    for sender in (HttpSender(), LoopbackSender()):
        sender(method, url, [("X-Own", "7"), ("Content-Type", "application/json")], body, 5.0)
        sender.close()
    one, other = server.sent
    assert (one[:2], one[3]) == (other[:2], other[3])
    for name in ("host", "x-own", "content-type", "content-length", "accept-encoding", "transfer-encoding"):
        assert one[2].get(name) == other[2].get(name), name
    assert other[2]["accept-encoding"] == "identity"


def test_what_does_not_come_is_an_error(server: Recorder, send: Sender) -> None:
    """A connection that breaks, a server that is silent, a body that drips and an address that is none: each is told
    by a built-in error."""
    with pytest.raises(ConnectionError):
        send("GET", f"{server.url}/gone", [], b"", 5.0)
    for path in ("/silent", "/slow"):
        with pytest.raises(TimeoutError, match=f"response within {BRIEF} s"):
            send("GET", f"{server.url}{path}", [], b"", BRIEF)
    with pytest.raises(ConnectionError):
        send("GET", "http://127.0.0.1:9/nobody-listens", [], b"", 5.0)
    with pytest.raises(ConnectionError):
        send("GET", f"{server.url}/\x00", [], b"", 5.0)


def test_no_proxy_leads_to_this_machine(server: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that the environment names is for other machines: a sandbox on this one is reached without it."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    sender = sender_to(server.url)
    assert sender("GET", f"{server.url}/here", [], b"", 5.0)[0] == 302
    sender.close()


@pytest.mark.parametrize("url", ["https://api.example.com", "https://127.0.0.1:8443", "http://127.0.0.1.example.com"])
def test_other_servers_are_reached_by_way_of_the_environment(url: str) -> None:
    """Proxies and certificates of the environment count for what is not plain HTTP on this machine."""
    sender = sender_to(url)
    assert isinstance(sender, HttpSender)
    sender.close()
