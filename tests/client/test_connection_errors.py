"""When no connection comes about, the message says what happened, where, and what to look at."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from accordant import Clock, HttpOptions
from accordant.dibop import AsyncDibop, Dibop
from accordant.dime_scheduler import AsyncDimeScheduler, DimeScheduler
from accordant.dispatch import AsyncDispatch, Dispatch
from accordant.errors import CallTimeoutError, ConnectError, NetworkError, ProtocolError, TransportError
from accordant.espace import AsyncEspace, Espace
from tests.client.loopback import Connection, Loopback, client_tls, free_port, http
from tests.client.secure_proxy import SecureProxy
from tests.client.support import Player

pytestmark = pytest.mark.every_transport
VENDORS: list[tuple[str, Any, Any, Mapping[str, str]]] = [
    ("DISPATCH", Dispatch, AsyncDispatch, {"CLIENT_ID": "invented", "CLIENT_SECRET": "invented-too"}),
    ("DIBOP", Dibop, AsyncDibop, {"API_KEY": "invented"}),
    ("DIME_SCHEDULER", DimeScheduler, AsyncDimeScheduler, {"API_KEY": "invented"}),
    ("ESPACE", Espace, AsyncEspace, {"API_KEY": "invented"}),
]


def trouble(play: Player, api: Any, kind: type[TransportError] = ConnectError) -> str:
    """The message of a call that fails."""
    play.own(api)
    with pytest.raises(kind) as caught:
        play.do(lambda: api.request("GET", "/x"))
    return str(caught.value)


def advice(api: Any) -> str:
    """What the message says to look at when the client gets no connection."""
    found: str = api._io.transport._routes.find(api.base_url).advice
    return found


@pytest.mark.parametrize(("prefix", "blocking", "asynchronous", "variables"), VENDORS, ids=[row[0] for row in VENDORS])
def test_the_variable_that_named_the_address(
    play: Player, prefix: str, blocking: Any, asynchronous: Any, variables: Mapping[str, str]
) -> None:
    """For every vendor: nobody listens where PREFIX_BASE_URL points, and the message names both."""
    kind = blocking if play.kind == "sync" else asynchronous
    url = f"http://127.0.0.1:{free_port()}"
    environ = {f"{prefix}_{name}": value for name, value in {**variables, "BASE_URL": url}.items()}
    message = trouble(play, kind.from_env(environ, retries=0))
    assert f"no connection to {url}: " in message
    assert "Connection refused" in message
    assert f"{prefix}_BASE_URL is {url}; check it" in message
    assert "invented" not in message


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"environment": "sandbox"}, "the environment is 'sandbox'; check"),
        ({}, "the environment is 'production', the default; check"),
    ],
)
def test_an_environment(settings: dict[str, Any], words: str) -> None:
    """Where an environment named the address, the message names the environment."""
    with Dispatch(token="invented", **settings) as api:
        assert words in advice(api)


def test_an_environment_from_a_variable() -> None:
    """Where a variable named the environment, the message names the variable."""
    environ = {"DISPATCH_CLIENT_ID": "x", "DISPATCH_CLIENT_SECRET": "y", "DISPATCH_ENVIRONMENT": "sandbox"}
    with Dispatch.from_env(environ) as api:
        assert advice(api).startswith("DISPATCH_ENVIRONMENT is 'sandbox'; check it")


def test_an_instance() -> None:
    """DIBOP's address is named by the instance, and the message says so."""
    with Dibop(api_key="x", instance="acme") as api:
        assert "(DIBOP_INSTANCE, or the setting instance) is 'acme'" in advice(api)


def test_a_base_url_that_was_given(play: Player) -> None:
    """An address from the setting base_url: the message names the setting."""
    url = f"http://127.0.0.1:{free_port()}"
    assert f"the setting base_url is {url}; check it" in trouble(play, play.client(base_url=url, retries=0))


@pytest.mark.parametrize("variable", ["https_proxy", "ALL_PROXY"])
def test_the_variable_that_named_the_proxy(play: Player, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """Where a proxy does not answer, the message names the vendor's address, the proxy without its password, and the
    variable that named it."""
    for name in ("https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    port = free_port()
    monkeypatch.setenv(variable, f"http://user:pass-canary@127.0.0.1:{port}")
    message = trouble(play, play.client(base_url="https://vendor.tiny.test", retries=0))
    assert f"no connection to https://vendor.tiny.test by way of the proxy http://127.0.0.1:{port}: " in message
    assert f"{variable} names the proxy; check it" in message
    assert "canary" not in message
    assert "user" not in message


def test_a_proxy_that_refuses(play: Player) -> None:
    """A proxy that lets nothing pass: the message has its status and the setting that named it."""
    with Loopback(http(b"", "407 Proxy Authentication Required"), repeat=True) as proxy:
        options = HttpOptions(proxy=proxy.url.replace("http://", "http://user:pass-canary@"))
        message = trouble(play, play.client(base_url="https://vendor.localhost:9", http=options, retries=0))
    assert f"by way of the proxy {proxy.url}: 407" in message
    assert "the setting HttpOptions.proxy names the proxy" in message
    assert "canary" not in message


def test_a_certificate_that_nobody_vouches_for(play: Player) -> None:
    """A certificate of an unknown authority is refused at once, and the message says where one's own goes."""
    with Loopback(http(b"{}"), repeat=True, tls=True) as server:
        message = trouble(play, play.client(base_url=server.url, retries=2))
        assert "HttpOptions(tls=...)" in message
        assert "certificate verify failed" in message
        assert server.requests == []
        options = HttpOptions(tls=client_tls())
        api = play.client(base_url=server.url, http=options)
        assert play.do(lambda: api.request("GET", "/x")).status == 200
        play.do(api.close)


def secured(play: Player, proxy: SecureProxy, **settings: Any) -> Any:
    options = HttpOptions(proxy=proxy.url, tls=client_tls())
    return play.client(base_url="https://vendor.localhost:9", http=options, retries=0, clock=Clock(), **settings)


def test_a_proxy_over_tls_reads_nothing(play: Player) -> None:
    """A proxy that is reached over TLS learns the address and nothing else: the call itself is sealed once more."""
    with Loopback(http(b"{}"), tls=True) as server, SecureProxy(server.port) as proxy:
        api = secured(play, proxy)
        assert play.do(lambda: api.request("GET", "/in/the/clear")).status == 200
        assert b"GET /in/the/clear" in server.requests[0]
        assert proxy.seen.startswith(b"CONNECT vendor.localhost:9 ")
        assert b"/in/the/clear" not in proxy.seen
        play.do(api.close)


def test_a_proxy_over_tls_that_keeps_silent(play: Player) -> None:
    """A tunnel in which nobody answers the second handshake ends as a connection error with the timeout."""
    with SecureProxy(free_port(), silent=True) as proxy:
        message = trouble(play, secured(play, proxy, timeout=0.5), CallTimeoutError)
    assert "no connection to https://vendor.localhost:9" in message


def test_a_server_that_does_not_answer_the_handshake(play: Player) -> None:
    """A server that takes a connection and never speaks TLS is no connection, within the timeout."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://127.0.0.1:{listening.getsockname()[1]}"
        api = play.client(base_url=url, retries=0, timeout=0.1, clock=Clock())
        assert f"no connection to {url}" in trouble(play, api, CallTimeoutError)


def test_a_proxy_over_tls_that_hangs_up(play: Player) -> None:
    """A tunnel that breaks during the second handshake is a connection error that names the proxy."""
    with SecureProxy(free_port(), deaf=True) as proxy:
        message = trouble(play, secured(play, proxy))
    assert f"by way of the proxy {proxy.url}" in message


def test_a_stranger_behind_a_proxy_over_tls(play: Player) -> None:
    """What answers behind the proxy must be whom the client asked for, whatever the proxy's own certificate says."""
    with Loopback(http(b"{}"), tls=True) as server, SecureProxy(server.port) as proxy:
        options = HttpOptions(proxy=proxy.url, tls=client_tls())
        message = trouble(play, play.client(base_url="https://stranger.test", http=options, retries=0))
        assert "stranger.test" in message
        assert server.requests == []


def test_no_server_at_a_name_s_addresses(play: Player) -> None:
    """A name with several addresses, none of which takes a connection: a ConnectError that names the host."""
    port = free_port()
    message = trouble(play, play.client(base_url=f"http://localhost:{port}", retries=0))
    assert f"no connection to http://localhost:{port}: " in message


def _hang_up(connection: Connection) -> None:
    connection.close()


def _nonsense(connection: Connection) -> None:
    connection.send(b"nonsense\r\n\r\n")


@pytest.mark.parametrize(("answer", "kind"), [(_hang_up, (ProtocolError, NetworkError)), (_nonsense, ProtocolError)])
def test_what_breaks_later_names_the_address_too(play: Player, answer: Callable[[Connection], None], kind: Any) -> None:
    """A connection that breaks, or a server that speaks no HTTP: the message names the address."""
    with Loopback(answer, repeat=True) as server:
        assert f"{server.url}: " in trouble(play, play.client(base_url=server.url, retries=0), kind)
