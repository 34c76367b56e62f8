"""The sweep over real sockets: what the HTTP library logs, and what its frames hold when an attempt fails."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest

from accordant import Clock, HttpOptions
from accordant._http.guarded import LOGGERS, Guarded
from accordant._http.library import library
from accordant._http.secrets import Redactor, Secret
from accordant.errors import (
    AccordantError,
    CallTimeoutError,
    ConnectError,
    ProtocolError,
    ResponseDecodeError,
    TransportError,
)
from tests.client.canaries import WAYS, Canaries, Way, calls, shown_by, shown_of, token_answer
from tests.client.loopback import Answer, Connection, Loopback, free_port, http
from tests.client.support import Player

CHOSEN: Final = [way for way in WAYS if way.name in ("client", "login", "password", "key", "function")]


class Wire:
    """A client of one way on real sockets."""

    def __init__(self, play: Player, way: Way, caplog: pytest.LogCaptureFixture) -> None:
        self.play = play
        self.way = way
        self.canaries = Canaries("special")
        self.caplog = caplog
        caplog.set_level(logging.DEBUG)

    def client(self, url: str, **settings: Any) -> Any:
        settings = {"clock": Clock(), "retries": 0, "timeout": 5, **settings}
        return self.play.own(self.way.client(self.canaries, self.play.kind == "async", base_url=url, **settings))

    def server(self, *answers: Answer) -> Loopback:
        """A vendor that hands out a token first, where this way asks for one."""
        if not self.way.grants:
            return Loopback(*answers)
        return Loopback(http(json.dumps(token_answer(self.way.vendor, self.canaries)).encode()), *answers)

    def failure(self, api: Any, expected: type[BaseException], method: str = "GET") -> None:
        """A call that fails shows no secret, and its log lines and the client show none either."""
        with pytest.raises(expected) as caught:
            self.play.do(calls(api, self.way.vendor)["read" if method == "GET" else "write"])
        self.clean(shown_by(caught.value))
        self.clean(shown_of(api))
        self.clean_logs()

    def clean(self, shown: Any) -> None:
        for channel, text in shown:
            found = self.canaries.found_in(text)
            assert not found, f"{self.way}: {channel} shows {found[0]!r}"

    def clean_logs(self) -> None:
        self.clean((f"log {each.name}", f"{each.getMessage()} {each.args!r}") for each in self.caplog.records)


@pytest.fixture(params=CHOSEN, ids=str)
def wire(request: pytest.FixtureRequest, play: Player, caplog: pytest.LogCaptureFixture) -> Wire:
    """The ways that differ on the wire."""
    return Wire(play, request.param, caplog)


HEADER_LINES = {"httpx": "httpcore.http11", "httpx2": "httpcore2.http11"}
"""Where the HTTP library of a transport writes the headers of responses; that of FAST writes no debug lines."""


def _echoing(wire: Wire, status: str = "200 OK") -> bytes:
    made = wire.canaries
    wire.client("http://127.0.0.1:9")  # so that its secrets are known
    words = made.echo().encode("ascii", "backslashreplace").decode()
    body = json.dumps({"error": made.echo()}).encode()
    return http(body, status, X_Echo=words, Set_Cookie=f"sid={made.cookie}", X_Plain="seen")


@pytest.mark.parametrize("transport", list(HEADER_LINES), indirect=True)
def test_the_library_logs_headers_without_secrets(wire: Wire, transport: str) -> None:
    """The HTTP library's debug lines are kept, response headers too; what a vendor echoes or sets there is masked."""
    with wire.server(_echoing(wire)) as server:
        api = wire.client(server.url)
        wire.play.do(lambda: api.request("GET", "/v9/things"))
        wire.play.do(api.close)
    lines = [each.getMessage() for each in wire.caplog.records if each.name == HEADER_LINES[transport]]
    [line] = [each for each in lines if "X-Plain" in each]
    assert "b'seen'" in line
    assert "(b'Set-Cookie', b'***')" in line
    assert "X-Echo" in line
    wire.clean_logs()


def test_other_users_of_the_library_are_left_alone(play: Player, caplog: pytest.LogCaptureFixture) -> None:
    """Log lines of a program's own httpx client are not touched, even of requests in between a client's calls."""
    caplog.set_level(logging.DEBUG)
    wire = Wire(play, CHOSEN[0], caplog)
    api = wire.client("http://127.0.0.1:9")
    with Loopback(http(b"{}", Set_Cookie="sid=mine-and-shown")) as server, httpx.Client() as own:
        own.get(server.url)
    assert "sid=mine-and-shown" in caplog.text
    wire.play.do(api.close)


def test_every_logger_of_the_library_is_masked() -> None:
    """A logger that a new version of an HTTP library brings must be added to those that are masked."""
    for name in ("httpx", "httpx2"):
        library(name)
    seen = {
        name
        for name, each in logging.Logger.manager.loggerDict.items()
        if name.startswith(("httpcore.", "httpcore2.")) and isinstance(each, logging.Logger)
    }
    assert {"httpcore.http11", "httpcore2.http11"} <= seen
    assert seen <= set(LOGGERS)


def _cut(connection: Connection) -> None:
    connection.send(http(b"{", Content_Length="99"))
    connection.close()


def _garbage(connection: Connection) -> None:
    connection.send(b"\x16\x03 no HTTP\r\n\r\n")
    connection.close()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Connection.close, ProtocolError),
        (_garbage, ProtocolError),
        (http(b"{}", Content_Encoding="gzip"), ResponseDecodeError),
        (_cut, ResponseDecodeError),
        (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nX-Bad\x00: 1\r\n\r\n", TransportError),
    ],
    ids=["closed", "garbage", "not-gzip", "cut", "bad-header"],
)
def test_broken_answers_show_no_secret(wire: Wire, answer: Answer, expected: type[BaseException]) -> None:
    """What is no proper answer leaves no frame of the HTTP library, which holds the request with its credentials."""
    methods = ("GET",) if expected is ResponseDecodeError else ("GET", "POST")
    for method in methods:
        with wire.server(answer) as server:
            api = wire.client(server.url)
            wire.failure(api, TransportError if method == "POST" else expected, method)
            wire.play.do(api.close)


def test_token_requests_that_fail_show_no_secret(wire: Wire) -> None:
    """A broken answer to the request for a token shows nothing of that request, whose body holds the credentials."""
    if wire.way.grants:
        for answer in (Connection.close, _echoing(wire, "500 No"), _echoing(wire, "401 No"), http(b"{")):
            with Loopback(answer) as server:
                api = wire.client(server.url)
                wire.failure(api, AccordantError)
                wire.play.do(api.close)


def test_no_connection_shows_no_secret(wire: Wire) -> None:
    """A refused connection and a server that speaks no TLS show no secret."""
    wire.failure(wire.client(f"http://127.0.0.1:{free_port()}"), ConnectError)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_speak_no_tls, args=(listening,))
        thread.start()
        wire.failure(wire.client(f"https://127.0.0.1:{listening.getsockname()[1]}"), TransportError)
        thread.join()


def _speak_no_tls(listening: socket.socket) -> None:
    with listening.accept()[0] as connection:
        connection.recv(1)
        connection.sendall(b"HTTP/1.1 400 No\r\n\r\n")


@pytest.mark.every_transport
def test_timeouts_and_cancellations_show_no_secret(wire: Wire) -> None:
    """An attempt that times out, or whose task is cancelled, shows no secret."""
    with wire.server(Connection.hang) as server:
        wire.failure(wire.client(server.url, timeout=0.03), CallTimeoutError)
    if wire.play.kind == "async":
        arrived = threading.Event()

        def answer(connection: Connection) -> None:
            arrived.set()
            connection.hang()

        with wire.server(answer) as server:
            api = wire.client(server.url)

            async def cancelled() -> None:
                task = asyncio.create_task(api.request("GET", "/v9/things"))
                await asyncio.to_thread(arrived.wait)
                task.cancel()
                await task

            with pytest.raises(asyncio.CancelledError) as caught:
                wire.play.do(cancelled)
            wire.clean(shown_by(caught.value))
            wire.clean_logs()


@pytest.mark.every_transport
def test_ctrl_c_shows_no_secret(wire: Wire) -> None:
    """Ctrl-C while the answer is awaited leaves no frame that holds the request with its credentials."""
    main = threading.main_thread()
    if wire.play.kind == "async" or threading.current_thread() is not main:
        return  # asyncio turns Ctrl-C into a cancellation

    def press(connection: Connection) -> None:
        signal.pthread_kill(main.ident or 0, signal.SIGINT)
        connection.hang()

    # Where a shell starts a program in the background, Ctrl-C is ignored from the start.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with wire.server(press) as server:
            api = wire.client(server.url)
            wire.failure(api, KeyboardInterrupt)
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.every_transport
def test_passwords_of_proxies_show_nowhere(wire: Wire) -> None:
    """A proxy's password is masked, in its own words too; neither errors, log lines nor the client show it."""
    password = wire.canaries.make("proxy")
    echo = http(wire.canaries.echo().encode(), "407 No", X_Echo=quote(password, safe=""))
    with Loopback(echo, repeat=True) as proxy:
        address = f"http://ann:{quote(password, safe='')}@127.0.0.1:{proxy.port}"
        api = wire.client("http://127.0.0.1:9", http=HttpOptions(proxy=address))
        wire.failure(api, AccordantError)
        assert b"Proxy-Authorization" in proxy.requests[0] or b"proxy-authorization" in proxy.requests[0].lower()
        wire.play.do(api.close)


def test_what_a_socks_proxy_is_told_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    """A line that names a secret is masked while a client's request is under way, whichever logger writes it."""
    caplog.set_level(logging.DEBUG)
    Wire(Player("sync"), CHOSEN[0], caplog).client("http://127.0.0.1:9").close()  # installs the filters
    say: Callable[..., None] = logging.getLogger("httpcore.socks").debug
    with Guarded(Redactor(Secret("proxy-canary"))):
        say("setup_socks5_connection.started auth=%r", (b"ann", b"proxy-canary"))
    say("mine: proxy-canary")
    assert [each.getMessage() for each in caplog.records if each.name == "httpcore.socks"] == [
        "setup_socks5_connection.started auth=(b'ann', b'***')",
        "mine: proxy-canary",
    ]
