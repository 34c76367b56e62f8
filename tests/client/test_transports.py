"""Which transport a client uses, what each refuses, and what all of them have in common beside the network's tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from accordant import Clock, HttpOptions, Upload, transports
from accordant._http import library
from accordant.errors import ConfigurationError, ConflictError, RequestError
from tests.client.loopback import Connection, Loopback, http
from tests.client.support import CREATE, Player, Tiny

THING = b'{"thing": {"id": 7}}'


def engine_of(**settings: Any) -> Any:
    """What speaks HTTP for a client with these settings."""
    with Tiny(**settings) as api:
        api_: Any = api
        return api_._io.transport._engine


@pytest.mark.parametrize(
    ("given", "kind", "name"),
    [
        (transports.HTTPX, "CoreEngine", "httpx"),
        (transports.HTTPX2, "CoreEngine", "httpx2"),
        (transports.FAST, "FastEngine", ""),
        (None, "CoreEngine", "httpx"),
    ],
    ids=["httpx", "httpx2", "fast", "none"],
)
def test_the_setting_chooses(
    given: transports.Network | None, kind: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client uses the transport that it is given, and httpx without any."""
    monkeypatch.delenv("ACCORDANT_TRANSPORT", raising=False)
    found = engine_of(transport=given)
    assert type(found).__name__ == kind
    assert getattr(found, "name", "") == name


def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the setting, ACCORDANT_TRANSPORT decides; the setting goes before it."""
    monkeypatch.setenv("ACCORDANT_TRANSPORT", "fast")
    assert type(engine_of()).__name__ == "FastEngine"
    assert engine_of(transport=transports.HTTPX2).name == "httpx2"
    monkeypatch.setenv("ACCORDANT_TRANSPORT", "")
    assert engine_of().name == "httpx"


def test_a_variable_that_names_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is none is refused when the client is made, and the message lists those that there are."""
    monkeypatch.setenv("ACCORDANT_TRANSPORT", "faster")
    with pytest.raises(ConfigurationError, match="is 'faster'; it must be one of httpx, httpx2, fast"):
        Tiny()


def test_httpx2_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where httpx2 is the only library that is installed, it is the default."""

    def found(name: str) -> object | None:
        return None if name == "httpx" else object()

    monkeypatch.delenv("ACCORDANT_TRANSPORT", raising=False)
    monkeypatch.setattr(library, "find_spec", found)
    assert engine_of().name == "httpx2"


@pytest.mark.parametrize(
    ("given", "missing", "words"),
    [
        (
            transports.HTTPX2,
            "httpx2",
            "the transport httpx2 needs the library httpx2, which is not installed: pip install",
        ),
        (
            transports.FAST,
            "httptools",
            r"fast needs httptools: pip install 'accordant\[fast\]'",
        ),
    ],
    ids=["httpx2", "fast"],
)
def test_what_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, given: transports.Network, missing: str, words: str
) -> None:
    """A transport whose library is missing is refused when the client is made; the message says what to install."""
    library.library.cache_clear()
    monkeypatch.setitem(sys.modules, missing, None)
    for name in ("fast_engine", "response_reading"):
        monkeypatch.delitem(sys.modules, f"accordant._http.{name}", raising=False)
    with pytest.raises(ConfigurationError, match=words):
        Tiny(transport=given)


def test_fast_has_no_socks() -> None:
    """What the fast transport cannot do is refused when the client is made, with the transport that can."""
    with pytest.raises(ConfigurationError, match=r"no SOCKS; use accordant\.transports\.HTTPX"):
        Tiny(transport=transports.FAST, http=HttpOptions(proxy="socks5://user:password@127.0.0.1:9"))


def test_fast_loads_no_library() -> None:
    """A client on the fast transport calls without loading httpx or httpcore, blocking ones without asyncio too."""
    code = """
    import sys
    from accordant import transports
    from tests.client.loopback import Loopback, http
    from tests.client.support import Tiny
    with Loopback(http(b'{"thing": {"id": 7}}')) as server, Tiny(base_url=server.url, transport=transports.FAST) as api:
        assert api.things.get(7).id == 7
    assert not {"httpx", "httpcore", "httpx2", "h11"} & set(sys.modules)
    """
    lines = "\n".join(line[4:] for line in code.splitlines())
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""


@pytest.mark.parametrize("name", ["HTTPX", "HTTPX2"])
def test_the_library_is_loaded_with_the_first_call(name: str) -> None:
    """Making a client imports neither the HTTP library nor the one below it; the first call does."""
    code = f"""
    import sys
    from accordant import transports
    from tests.client.loopback import Loopback, http
    from tests.client.support import Tiny
    chosen = transports.{name}
    with Loopback(http(b'{{"thing": {{"id": 7}}}}')) as server, Tiny(base_url=server.url, transport=chosen) as api:
        assert not {{"httpx", "httpcore", "httpx2", "httpcore2", "h11"}} & set(sys.modules)
        assert api.things.get(7).id == 7
        assert chosen.name in sys.modules
    """
    lines = "\n".join(line[4:] for line in code.splitlines())
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""


@pytest.mark.parametrize("network", [transports.HTTPX, transports.FAST], ids=["httpx", "fast"])
def test_authorities_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, network: transports.Network
) -> None:
    """A wrong SSL_CERT_FILE raises ConfigurationError in the first call, which names the variable; nothing is sent."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    library.shared_tls.cache_clear()
    with (
        Tiny(base_url="https://127.0.0.1:9", transport=network) as api,
        pytest.raises(ConfigurationError, match=r"the authorities for TLS cannot be read: .*; check .* SSL_CERT_FILE"),
    ):
        api.things.get(7)


@pytest.mark.every_transport
def test_a_response_before_the_body_was_taken(play: Player) -> None:
    """A server that refuses a long body before it has read it, and hangs up, is heard: its status is raised."""

    class Early(Loopback):
        """Responds to the head alone."""

        def _serve(self, connection: Connection) -> None:
            vars(connection)["_sock"].recv(1000)
            connection.send(http(b"{}", "409 Conflict", Connection="close"))
            connection.close()

    with Early() as server:
        api = play.client(base_url=server.url, retries=0, clock=Clock())
        with pytest.raises(ConflictError):
            play.do(lambda: api.things.upload(Upload(b"x" * 3_000_000, "long.bin")))
        play.do(api.close)


@pytest.mark.every_transport
def test_responses_before_the_final_one(play: Player) -> None:
    """What a server says before its final response is passed over."""
    first = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    with Loopback(first + http(THING), repeat=True) as server:
        api = play.client(base_url=server.url, retries=0, clock=Clock())
        for _ in range(2):
            assert play.do(lambda: api.things.get(7)).id == 7
        assert server.connections == 1
        play.do(api.close)


@pytest.mark.every_transport
@pytest.mark.parametrize(
    ("head", "kept"),
    [(b"HTTP/1.1 200 OK\r\nConnection: close\r\n", 2), (b"HTTP/1.0 200 OK\r\n", 2), (b"HTTP/1.1 200 OK\r\n", 1)],
    ids=["close", "1.0", "1.1"],
)
def test_a_connection_that_the_server_ends(play: Player, head: bytes, kept: int) -> None:
    """A connection is used again only where the server keeps it."""
    reply = head + b"Content-Type: application/json\r\nContent-Length: 20\r\n\r\n" + THING
    with Loopback(reply, repeat=True) as server:
        api = play.client(base_url=server.url, retries=0, clock=Clock())
        for _ in range(2):
            assert play.do(lambda: api.things.get(7)).id == 7
        assert server.connections == kept
        play.do(api.close)


@pytest.mark.every_transport
def test_a_body_until_the_end(play: Player) -> None:
    """A body without a length lasts until the server hangs up."""

    def answer(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + THING)

    with Loopback(answer, answer) as server:
        api = play.client(base_url=server.url, retries=0, clock=Clock())
        for _ in range(2):
            assert play.do(lambda: api.things.get(7)).id == 7
        assert server.connections == 2
        play.do(api.close)


@pytest.mark.every_transport
@pytest.mark.parametrize("name", ["X-Bad\r\nX-Other", "X Bad", "X-Bad"])
def test_a_header_that_is_none(play: Player, name: str) -> None:
    """A header that would be two, or none, is refused before anything is sent."""
    with Loopback(http(THING)) as server:
        api = play.client(base_url=server.url, retries=0, clock=Clock()).with_options(headers={name: "a\r\nX-Other: b"})
        with pytest.raises(RequestError):
            play.do(lambda: api.things.run(CREATE, body={}))
        assert server.requests == []
        play.do(api.close)
