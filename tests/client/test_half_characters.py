"""Credentials that hold half a character, as a variable does whose bytes are not UTF-8."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from accordant import FileTokenStore
from accordant._auth.tokens import Token
from accordant.clients import BearerScheme, Secret, Security, TokenRequest, Vendor, fingerprint, oauth2, oauth2_token
from accordant.dispatch import Dispatch
from accordant.errors import ConfigurationError, CredentialError
from accordant.testing import Script
from tests.client.support import Player
from tests.client.vendors import vendors

HALF = "a-secret-of-this-account-\udcff"
CREDENTIALS = ("client_id", "client_secret", "username", "password", "refresh_token", "token", "api_key", "email")
ARGUMENTS = [
    (kind, name)
    for pair in vendors().values()
    for kind in pair
    for name in CREDENTIALS
    if name in inspect.signature(kind).parameters
]


def told(error: BaseException | None) -> str:
    """All that an error shows to who prints it or its attributes."""
    return f"{error!r} {vars(error)} {getattr(error, 'object', '')}" if error is not None else ""


@pytest.mark.parametrize(("kind", "name"), ARGUMENTS, ids=lambda item: getattr(item, "__name__", item))
def test_credentials_of_half_a_character(kind: type[Any], name: str) -> None:
    """Every credential of every client is refused by its name when the client is made, and is not shown."""
    script = Script()
    with pytest.raises(ConfigurationError, match=f"{name} holds half a character") as caught:
        kind(**{name: HALF}, transport=script)
    assert "a-secret" not in "".join(told(each) for each in (caught.value, caught.value.__context__))
    assert script.requests == []


def test_credentials_of_a_document() -> None:
    """A client that a document describes refuses it as well."""
    security = Security("ACME", (BearerScheme("login"),), needs=(("login",),), public=False)
    vendor = Vendor(name="acme", title="Acme", variable_prefix="ACME", environments={"production": "https://a.test"})
    with pytest.raises(ConfigurationError, match="token holds half a character"):
        security.auth(security.given(token=HALF), vendor, {})


def test_the_account_of_a_store() -> None:
    """The name of an account in a token store is made of any text: an error of the encoding would show the text."""
    assert fingerprint(HALF) != fingerprint(HALF[:-1])


def test_a_token_request_of_half_a_character(play: Player) -> None:
    """Where nobody looked at the credentials before, the request for a token is refused, and not shown."""
    script = Script()
    auth = oauth2("/oauth/token", client_id="one", client_secret=Secret(HALF))
    api = play.client(script, auth=auth)
    with pytest.raises(CredentialError, match="client_secret holds half a character") as caught:
        play.do(lambda: api.things.get(7))
    assert "a-secret" not in told(caught.value)
    assert script.requests == []


def test_a_client_that_shows_itself_in_the_header() -> None:
    """So is one whose client is shown in the header."""
    asked = TokenRequest("client_credentials", "/oauth/token", {}, client=("one", Secret(HALF)))
    with pytest.raises(CredentialError, match="client_secret holds half a character"):
        asked.request("https://a.test")


def test_a_refresh_token_of_half_a_character(tmp_path: Path) -> None:
    """A refresh token that cannot be sent is none, whether the vendor gave it out or a file holds it."""
    found = oauth2_token({"access_token": "good", "refresh_token": HALF}, 0.0)
    assert found is not None
    assert (found.access.reveal(), found.refresh) == ("good", None)
    store = FileTokenStore(tmp_path / "tokens.json")
    store.save("account", Token(found.access, 0.0))
    store.path.write_text(store.path.read_text().replace('"refresh":null', '"refresh":"\\ud800"'))
    kept = store.load("account")
    assert kept is not None
    assert kept.refresh is None


def test_a_client_with_a_refresh_token_of_half_a_character(tmp_path: Path) -> None:
    """A vendor that gives out such a refresh token costs no call, with a store or without."""
    answer = b'{"access_token": "good", "refresh_token": "\\ud800", "token_type": "bearer", "expires_in": 3600}'
    script = Script((200, answer), (200, {"job": {"id": 7}}))
    store = FileTokenStore(tmp_path / "tokens.json")
    with Dispatch(client_id="one", client_secret="invented", token_store=store, transport=script) as api:
        assert api.jobs.get(7).id == 7
