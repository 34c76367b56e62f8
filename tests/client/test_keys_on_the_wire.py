"""Keys in the query, in cookies and as user names, on real connections: they arrive, and show nowhere."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from accordant import Clock, HttpOptions
from accordant.clients import Auth, BasicAuth, CookieAuth, QueryAuth, Secret
from accordant.errors import AccordantError, CredentialError
from tests.client.loopback import Connection, Loopback, free_port, http
from tests.client.support import Player
from tests.client.test_secrets import everything_about

KEY = "key/canary+0123456789"
SPELT = (KEY, "key%2Fcanary%2B0123456789", "a2V5L2NhbmFyeSswMTIzNDU2Nzg5")
AUTHS: dict[str, tuple[Auth, str]] = {
    "query": (QueryAuth("key", Secret(KEY)), "GET /v1/things/7?key=key%2Fcanary%2B0123456789 HTTP/1.1"),
    "cookie": (CookieAuth("sid", Secret(KEY)), f"sid={KEY}"),
    "basic": (BasicAuth(Secret("ann"), Secret(KEY)), "Basic YW5uOmtleS9jYW5hcnkrMDEyMzQ1Njc4OQ=="),
}


@pytest.mark.parametrize("place", AUTHS)
def test_keys_on_the_network(play: Player, caplog: pytest.LogCaptureFixture, place: str) -> None:
    """A key reaches the server in its place; no error, local variable or log line shows it, whatever goes wrong."""
    caplog.set_level(logging.DEBUG)
    auth, arriving = AUTHS[place]
    echo = http(f'{{"message": "no: {SPELT}"}}'.encode(), status="401 No", Content_Type="application/json")
    with Loopback(echo, Connection.close, http(b"<p>", Content_Type="text/html"), http(b"{")) as server:
        api = play.client(auth=auth, base_url=server.url, retries=0, clock=Clock(), http=HttpOptions())
        for _ in range(4):
            with pytest.raises(AccordantError) as caught:
                play.do(lambda: api.things.get(7))
            clean(everything_about(caught.value))
        play.do(api.close)
        assert arriving in b"".join(server.requests).decode()
    dead = play.client(auth=auth, base_url=f"http://127.0.0.1:{free_port()}", retries=0, http=HttpOptions())
    with pytest.raises(AccordantError) as caught:
        play.do(lambda: dead.things.get(7))
    clean(everything_about(caught.value))
    clean(caplog.text)


def clean(text: str) -> None:
    """Assert that no spelling of the key is in the text."""
    assert not [each for each in SPELT if each in text]


@pytest.mark.parametrize(
    "auth",
    [
        CookieAuth("sid", Secret("a;b-canary")),
        QueryAuth("key", Secret("canary\ud800")),
        BasicAuth(Secret("canary:colon"), Secret("p")),
        BasicAuth(Secret("u"), Secret("canary\ud800")),
    ],
)
def test_keys_that_cannot_travel(play: Player, auth: Any) -> None:
    """A key that its place cannot hold is refused before anything is sent, and not shown."""
    api = play.client(auth=auth, base_url="http://127.0.0.1:9")
    with pytest.raises(CredentialError) as caught:
        play.do(lambda: api.things.get(7))
    assert "canary" not in everything_about(caught.value)
