"""Every transport on real sockets: what goes wrong there, and what does not."""

from __future__ import annotations

import gzip
import inspect
import io
import ssl
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from accordant import Clock, HttpOptions, Upload
from accordant._call.calls import download
from accordant._http.file_sinks import FileSink
from accordant._http.library import Library, library
from accordant._http.library_errors import WIRE, kinds_of, mapped
from accordant._http.wire_errors import (
    WireConnectError,
    WireConnectTimeoutError,
    WireProtocolError,
    WireProxyError,
    WireReadError,
    WireReadTimeoutError,
    WireWriteError,
)
from accordant.errors import (
    AccordantError,
    AmbiguousOutcomeError,
    CallTimeoutError,
    ConfigurationError,
    ConnectError,
    DeadlineExceededError,
    NetworkError,
    NotFoundError,
    ProtocolError,
    RequestError,
    ResponseDecodeError,
    TransportError,
)
from tests.client.loopback import Connection, Loopback, free_port, http
from tests.client.support import BASE_URL, CREATE, FILE, KEY, Player, Tiny
from tests.client.transports import WAYS, Net

pytestmark = pytest.mark.every_transport
THING = b'{"thing": {"id": 7}}'
SHORT = 0.2
"""Seconds: long enough for an answer on loopback to come, short enough to be waited for."""


def client(play: Player, url: str, **settings: Any) -> Any:
    return play.client(base_url=url, clock=Clock(), **settings)


def test_round_trips(play: Player) -> None:
    """Calls share a connection, copies of the client too; the head of the request is complete."""
    with Loopback(http(THING), repeat=True) as server:
        api = client(play, server.url)
        for _ in range(2):
            assert play.do(lambda: api.things.get(7)).id == 7
        assert play.do(lambda: api.with_options(timeout=5).things.get(7)).id == 7
        assert server.connections == 1
        head = server.requests[0].decode()
        assert head.startswith("GET /v1/things/7 HTTP/1.1\r\n")
        assert f"\r\nHost: 127.0.0.1:{server.port}\r\n" in head
        assert f"\r\nX-API-KEY: {KEY}\r\n" in head
        assert "content-length" not in head.lower()
        play.do(api.close)


def test_bodies(play: Player) -> None:
    """A body is sent with its length; a write without one says that it is empty."""
    with Loopback(http(THING, "201 Created"), repeat=True) as server:
        api = client(play, server.url)
        play.do(lambda: api.things.create({"name": "ä"}))
        play.do(lambda: api.request("POST", "/v1/x"))
        first, second = server.requests
        assert first.endswith(b'\r\n\r\n{"name":"\xc3\xa4"}')
        assert b"Content-Length: 13" in first
        assert b"Content-Length: 0" in second
        play.do(api.close)


def test_compressed_answers(play: Player) -> None:
    """A compressed answer is unpacked, a damaged one raises DecodeError."""
    packed = gzip.compress(THING)
    with Loopback(http(packed, Content_Encoding="gzip"), http(b"no gzip", Content_Encoding="gzip")) as server:
        api = client(play, server.url, retries=0)
        assert play.do(lambda: api.things.get(7)).id == 7
        with pytest.raises(ResponseDecodeError, match="cut short"):
            play.do(lambda: api.things.get(7))
        play.do(api.close)


def test_dead_server(play: Player) -> None:
    """Nobody listens: ConnectError, and a write is not called ambiguous."""
    api = client(play, f"http://127.0.0.1:{free_port()}", retries=0)
    for action in (lambda: api.things.get(7), lambda: api.things.create({})):
        with pytest.raises(ConnectError) as caught:
            play.do(action)
        assert not caught.value.sent
        assert isinstance(caught.value.__cause__, WireConnectError)


def test_unknown_host(play: Player) -> None:
    """A host without an address: ConnectError."""
    api = play.client(base_url="http://no-such-host.localhost:9", retries=0, http=HttpOptions(proxy="http://[::1]:1"))
    with pytest.raises(ConnectError):
        play.do(lambda: api.things.get(7))


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9.0\r\n\r\n", b"HTTP/1.1 2x0 OK\r\n\r\n"])
def test_no_http(play: Player, answer: bytes) -> None:
    """A server that hangs up or does not speak HTTP: ProtocolError, for a write AmbiguousOutcomeError."""

    def then_close(connection: Connection) -> None:
        connection.send(answer)

    with Loopback(then_close, repeat=True) as server:
        api = client(play, server.url, retries=0)
        with pytest.raises((ProtocolError, NetworkError)):
            play.do(lambda: api.things.get(7))
        with pytest.raises(AmbiguousOutcomeError):
            play.do(lambda: api.things.create({}))
        play.do(api.close)


def test_truncated_bodies(play: Player) -> None:
    """A body that breaks off: DecodeError with what came; for a write the status is known, so nothing is ambiguous."""

    def cut(connection: Connection) -> None:
        connection.send(http(THING, "201 Created", Content_Length="100")[:-5])

    def cut_chunks(connection: Connection) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.send(head + b'5\r\n{"thi\r\n')

    with Loopback(cut, cut_chunks) as server:
        api = client(play, server.url, retries=0)
        with pytest.raises(ResponseDecodeError, match="cut short") as caught:
            play.do(lambda: api.things.create({}))
        assert (caught.value.status, caught.value.body) == (201, THING[:-5])
        with pytest.raises(ResponseDecodeError, match="cut short") as caught:
            play.do(lambda: api.things.get(7))
        assert caught.value.body == b'{"thi'
        play.do(api.close)


def test_hanging_server(play: Player) -> None:
    """A server that never answers: CallTimeoutError after an attempt's time, DeadlineExceededError after the call's."""
    with Loopback(Connection.hang, repeat=True) as server:
        api = client(play, server.url, retries=0)
        with pytest.raises(CallTimeoutError) as caught:
            play.do(lambda: api.with_options(timeout=SHORT).things.get(7))
        assert caught.value.sent
        with pytest.raises(DeadlineExceededError):
            play.do(lambda: api.with_options(deadline=SHORT).things.get(7))
        with pytest.raises(AmbiguousOutcomeError):
            play.do(lambda: api.with_options(timeout=SHORT).things.create({}))
        play.do(api.close)


@pytest.mark.parametrize("part", ["head", "body"])
def test_dripping_server(play: Player, part: str) -> None:
    """A server that sends one byte at a time cannot stretch an attempt beyond its time, neither in head nor body."""

    def drip(connection: Connection) -> None:
        answer = http(THING + b" " * 80)
        if part == "body":
            connection.send(answer[:-80])
            answer = answer[-80:]
        connection.drip(answer, SHORT / 6)

    with Loopback(drip) as server:
        api = client(play, server.url, retries=0, timeout=SHORT)
        with pytest.raises(CallTimeoutError):
            play.do(lambda: api.things.get(7))
        play.do(api.close)


def test_uploads_from_the_wire(play: Player, tmp_path: Path) -> None:
    """A file is sent with its length; a stream without a length is sent in chunks."""

    class Pipe(io.RawIOBase):
        """Bytes that come once."""

        def __init__(self, data: bytes) -> None:
            self._data = data

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            taken, self._data = self._data[:size], self._data[size:]
            return taken

    path = tmp_path / "photo.png"
    path.write_bytes(b"\x89PNG" * 50_000)
    with Loopback(http(THING, "201 Created"), repeat=True) as server:
        api = client(play, server.url)
        play.do(lambda: api.things.upload(path))
        pipe: Any = Pipe(b"piped" * 1000)
        play.do(lambda: api.things.upload(Upload(pipe, "pipe.bin")))
        first, second = server.requests
        assert first.count(b"\x89PNG") == 50_000
        assert b"\r\nTransfer-Encoding: chunked\r\n" in second
        assert second.count(b"piped") == 1000
        play.do(api.close)


@pytest.mark.parametrize("way", WAYS)
def test_large_bodies(net: Net, way: str, tmp_path: Path) -> None:
    """Megabytes arrive whole in either direction, over TLS and through proxies too, and leave the connection usable."""
    photo, document = tmp_path / "photo.png", b'{"thing": {"id": 7, "name": "' + b"x" * 3_000_000 + b'"}}'
    photo.write_bytes(b"\x89PNG" * 500_000)
    with net.reached(way, http(document, "201 Created"), http(document)) as (api, server):
        assert len(net.do(lambda: api.things.upload(photo)).name) == 3_000_000
        assert len(net.do(lambda: api.things.get(7)).name) == 3_000_000
        assert server.requests[0].count(b"\x89PNG") == 500_000
        assert server.connections == 1


def test_a_client_without_connections() -> None:
    """A client that may open no connection is refused when its options are made."""
    with pytest.raises(ConfigurationError, match=r"connections.*1 or more"):
        HttpOptions(connections=0)


def test_download_to_a_file(play: Player, tmp_path: Path) -> None:
    """A file is followed to another address without the key, and replaces the old one when it is complete."""
    target = tmp_path / "photo.png"
    target.write_bytes(b"old")
    content = bytes(range(256)) * 2000
    with Loopback(http(content, Content_Type="image/png")) as store:
        with Loopback(http(b"", "302 Found", Location=f"{store.url}/x?signature=1")) as server:
            api = client(play, server.url)
            with FileSink(target, "0123456789abcdef") as sink:
                play.do(lambda: api._io.run(download(api._session, api._defaults, FILE, {"id": 7}, None, sink)))
                assert target.read_bytes() == b"old"
            play.do(api.close)
        assert KEY.encode() not in store.requests[0]
        assert b"authorization" not in store.requests[0].lower()
    assert target.read_bytes() == content
    assert list(tmp_path.iterdir()) == [target]


def test_download_that_breaks_off(play: Player, tmp_path: Path) -> None:
    """A download that breaks off is begun anew; when it fails for good, the old file is as it was, and nothing else."""
    target = tmp_path / "photo.png"

    def cut(connection: Connection) -> None:
        connection.send(http(b"x" * 1000, Content_Type="image/png", Content_Length="2000"))

    whole = http(b"y" * 10, Content_Type="image/png")
    with Loopback(cut, whole, cut, repeat=True) as store:
        found = http(b"", "302 Found", Location=f"{store.url}/x")
        with Loopback(found, repeat=True) as server:
            api = play.client(base_url=server.url, retries=1)
            with FileSink(target, "0123456789abcdef") as sink:
                play.do(partial(api._io.run, download(api._session, api._defaults, FILE, {"id": 7}, None, sink)))
            with pytest.raises(ResponseDecodeError, match="cut short"), FileSink(target, "0123456789abcdef") as sink:
                play.do(partial(api._io.run, download(api._session, api._defaults, FILE, {"id": 7}, None, sink)))
            play.do(api.close)
    assert target.read_bytes() == b"y" * 10
    assert list(tmp_path.iterdir()) == [target]


def test_error_pages_do_not_reach_the_file(play: Player, tmp_path: Path) -> None:
    """When the file store answers with an error, that error is raised, and its page is not taken for the file."""
    target = tmp_path / "photo.png"
    with Loopback(http(b"<Error/>", "404 Not Found")) as store:
        found = http(b"", "302 Found", Location=f"{store.url}/x")
        with Loopback(found) as server:
            api = client(play, server.url)
            with pytest.raises(NotFoundError), FileSink(target, "0123456789abcdef") as sink:
                play.do(lambda: api._io.run(download(api._session, api._defaults, FILE, {"id": 7}, None, sink)))
            play.do(api.close)
    assert list(tmp_path.iterdir()) == []


def test_environment_proxy(play: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy that the environment names is used for the vendor, but never for this machine itself."""
    refused = http(b"", "502 Bad Gateway")
    with Loopback(refused, repeat=True) as proxy, Loopback(http(THING), repeat=True) as server:
        for name in ("NO_PROXY", "no_proxy", "REQUEST_METHOD"):
            monkeypatch.delenv(name, raising=False)
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        direct = client(play, server.url)
        assert play.do(lambda: direct.things.get(7)).id == 7
        assert (len(server.requests), proxy.requests) == (1, [])
        api = client(play, "https://vendor.tiny.test", retries=0)
        with pytest.raises(ConnectError):
            play.do(lambda: api.things.get(7))
        assert proxy.requests[0].startswith(b"CONNECT vendor.tiny.test:443 ")
        assert KEY.encode() not in proxy.requests[0]
        play.do(api.close)
        play.do(direct.close)


def test_a_proxy_that_is_set_serves_loopback_too(play: Player) -> None:
    """A proxy that the client itself is given is used for every address, this machine's as well."""
    with Loopback(http(THING)) as proxy:
        api = client(play, "http://vendor.localhost:9", http=HttpOptions(proxy=proxy.url))
        assert play.do(lambda: api.things.get(7)).id == 7
        assert proxy.requests[0].startswith(b"GET http://vendor.localhost:9/v1/things/7 ")
        play.do(api.close)


@pytest.mark.parametrize("proxy", ["ftp://proxy.test", "socks5://proxy.test", "http://proxy.test:port"])
def test_unusable_proxy(play: Player, proxy: str) -> None:
    """A proxy that cannot be used is refused when the client is made, and its address, which may hold a password, is
    not shown."""
    with pytest.raises(ConfigurationError, match="the proxy cannot be used") as caught:
        play.client(http=HttpOptions(proxy=proxy))
    assert proxy not in str(caught.value)


def test_tls_settings_are_shared() -> None:
    """Clients share one set of TLS settings, unless one is given its own."""
    own = ssl.create_default_context()
    contexts: list[ssl.SSLContext] = []
    for options in (HttpOptions(), HttpOptions(), HttpOptions(tls=own)):
        api: Any = Tiny(http=options)
        contexts.append(api._io.transport._routes.find(BASE_URL).tls)
        api.close()
    assert contexts[0] is contexts[1]
    assert contexts[2] is own


def test_certificate_trouble_is_final() -> None:
    """A certificate that does not fit is not tried again."""
    try:
        try:
            raise ssl.SSLCertVerificationError("certificate verify failed")
        except ssl.SSLError as cause:
            raise WireConnectError("certificate verify failed") from cause
    except WireConnectError as error:
        ours = mapped(error, WIRE)
    assert isinstance(ours, ConnectError)
    assert ours.final


LIBRARIES = [library("httpx"), library("httpx2")]


def library_errors() -> list[tuple[Library, type[Exception]]]:
    found: list[tuple[Library, type[Exception]]] = []
    for each in LIBRARIES:
        for module in each.public:
            public = (getattr(module, name) for name in module.__all__ if name != "main")
            kinds = [item for item in public if inspect.isclass(item) and issubclass(item, Exception)]
            # Its pool alone meets the first; the others are raised by what the transport does not use.
            found += [(each, item) for item in kinds if item.__name__ not in UNUSED]
    return found


UNUSED = {"ConnectionNotAvailable", "CookieConflict", "SSEError"}


@pytest.mark.parametrize(
    ("of", "kind"), library_errors(), ids=lambda item: getattr(item, "name", "") or f"{item.__module__}.{item.__name__}"
)
def test_every_error_of_a_library_is_mapped(of: Library, kind: type[Exception]) -> None:
    """Every exception that an HTTP library has becomes one of ours, timeouts and connection errors the fitting one."""
    if kind.__module__.startswith("httpcore"):
        error = kind("words")
    else:
        parameters = inspect.signature(kind).parameters
        given: dict[str, Any] = {name: None for name in ("request", "response") if name in parameters}
        error = kind("words", **given) if "message" in parameters else kind(**given)
    ours = mapped(error, kinds_of(of.name))
    assert isinstance(error, kinds_of(of.name).all)
    assert isinstance(ours, AccordantError)
    names = {base.__name__ for base in kind.__mro__}
    if "TimeoutException" in names:
        assert isinstance(ours, CallTimeoutError)
    elif names & {"ConnectError", "ProxyError"}:
        assert isinstance(ours, ConnectError)
    elif "NetworkError" in names:
        assert isinstance(ours, NetworkError)
    elif kind.__name__ in ("LocalProtocolError", "InvalidURL", "UnsupportedProtocol"):
        assert isinstance(ours, RequestError)
    else:
        assert isinstance(ours, TransportError)


@pytest.mark.parametrize("of", LIBRARIES, ids=lambda item: item.name)
@pytest.mark.parametrize("name", ["ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"])
def test_unsent(of: Library, name: str) -> None:
    """An error from before the connection stood says that nothing was sent."""
    for module in of.public:
        ours = mapped(getattr(module, name)("words"), kinds_of(of.name))
        assert isinstance(ours, TransportError)
        assert not ours.sent


@pytest.mark.parametrize(
    ("kind", "ours", "sent"),
    [
        (WireConnectError, ConnectError, False),
        (WireConnectTimeoutError, CallTimeoutError, False),
        (WireProxyError, ConnectError, False),
        (WireReadTimeoutError, CallTimeoutError, True),
        (WireReadError, NetworkError, True),
        (WireWriteError, NetworkError, True),
        (WireProtocolError, ProtocolError, True),
    ],
)
def test_every_error_of_a_connection_is_mapped(kind: type[Exception], ours: type[TransportError], sent: bool) -> None:
    """What goes wrong on a connection becomes the fitting error, which knows whether anything was sent."""
    found = mapped(kind("words"), WIRE)
    assert isinstance(found, ours)
    assert found.sent == sent


def test_write_to_a_dead_connection(play: Player) -> None:
    """A kept connection that the server closed meanwhile does not make the next write ambiguous."""

    def once(connection: Connection) -> None:
        connection.send(http(THING))

    with Loopback(once, http(THING, "201 Created")) as server:
        api = client(play, server.url)
        play.do(lambda: api.things.get(7))
        server.ended.wait(5)
        assert play.do(lambda: api.things.run(CREATE, body={})).id == 7
        assert server.connections == 2
        play.do(api.close)
