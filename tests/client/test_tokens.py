"""What token answers say, and the store that keeps tokens between processes."""

from __future__ import annotations

import base64
import os
import stat
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from accordant import FileTokenStore, Token
from accordant._auth.tokens import jwt_expiry, oauth2_token
from accordant._http.secrets import Secret
from accordant.errors import ConfigurationError, CredentialError
from accordant.testing import Script
from accordant_runtime import dumps, loads
from tests.client.support import Player, token_answer, token_auth

NOW = 1_000_000.0
THING = (200, {"thing": {"id": 7}})


def jwt(claims: Any) -> str:
    """An unsigned JWT."""
    parts = (base64.urlsafe_b64encode(dumps(part)).rstrip(b"=").decode() for part in ({"alg": "none"}, claims))
    return ".".join((*parts, "signature"))


def names(store: FileTokenStore) -> list[str]:
    return list(loads(store.path.read_bytes()))


@pytest.mark.parametrize(("lifetime", "fresh_until"), [(3600, 3540), (300, 240), (20, 16), (1, 0.8)])
def test_margin(lifetime: float, fresh_until: float) -> None:
    """A token counts as fresh until a minute, or a fifth of its life, is left; usable it is to the end."""
    token = Token(Secret("a"), NOW, NOW + lifetime)
    assert token.fresh(NOW + fresh_until - 0.01)
    assert not token.fresh(NOW + fresh_until + 0.01)
    assert token.usable(NOW + lifetime - 0.01)
    assert not token.usable(NOW + lifetime)


def test_token_without_lifetime() -> None:
    """A token whose life the vendor does not name is good until it is refused."""
    token = oauth2_token({"access_token": "opaque"}, NOW)
    assert token is not None
    assert token.expires is None
    assert token.fresh(NOW + 1e9)


def test_expiry_from_the_token() -> None:
    """Without expires_in the expiry is read from a JWT."""
    token = oauth2_token({"access_token": jwt({"exp": 1_000_060})}, NOW)
    assert token is not None
    assert token.expires == 1_000_060


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "a.!!!.c", jwt([]), jwt({}), jwt({"exp": "soon"})])
def test_no_expiry(text: str) -> None:
    """What is no JWT, or one without a time, names no expiry."""
    assert jwt_expiry(text) is None


def test_expiry_beyond_every_float() -> None:
    """A lifetime of 400 digits, in the response or in the token, is a long one, and is no error."""
    century = 100 * 365 * 86400
    assert (jwt_expiry(jwt({"exp": 10**400})) or 0) > NOW + century
    token = oauth2_token({"access_token": "a", "expires_in": 10**400}, NOW)
    assert token is not None
    assert token.expires is not None
    assert token.expires > NOW + 3600


def test_store_keeps_tokens(tmp_path: Path, play: Player) -> None:
    """A token in the store serves the next process; its file is for its owner alone."""
    store = FileTokenStore(tmp_path / "tokens.json")
    first = Script(token_answer(1, 3600, "refresh-1"), THING)
    api = play.client(first, auth=token_auth(store=store))
    play.do(lambda: api.things.get(7))
    if os.name == "posix":
        assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    second = Script(THING)
    other = play.client(second, auth=token_auth(store=FileTokenStore(store.path)))
    play.do(lambda: other.things.get(7))
    assert second.requests[0].headers["authorization"] == "Bearer access-token-1"
    assert list(tmp_path.iterdir()) == [store.path]


def test_store_after_expiry(tmp_path: Path, play: Player) -> None:
    """An expired token in the store is renewed with the refresh token that stands beside it."""
    store = FileTokenStore(tmp_path / "tokens.json")
    api = play.client(Script(token_answer(1, 3600, "refresh-1"), THING), auth=token_auth(store=store))
    play.do(lambda: api.things.get(7))
    play.clock.advance(4000)
    script = Script(token_answer(2), THING)
    other = play.client(script, auth=token_auth(store=store))
    play.do(lambda: other.things.get(7))
    assert script.requests[0].json["refresh_token"] == "refresh-1"


def test_store_of_another_process(tmp_path: Path, play: Player) -> None:
    """After a 401 a token that another process has stored meanwhile is tried before a new one is asked for."""
    store = FileTokenStore(tmp_path / "tokens.json")
    script = Script(token_answer(1), THING, (401, None), THING)
    api = play.client(script, auth=token_auth(store=store))
    play.do(lambda: api.things.get(7))
    [name] = names(store)
    store.save(name, Token(Secret("from-elsewhere"), play.clock.time(), play.clock.time() + 3600))
    play.do(lambda: api.things.get(7))
    assert script.requests[-1].headers["authorization"] == "Bearer from-elsewhere"


def test_store_forgets_refused_tokens(tmp_path: Path, play: Player) -> None:
    """When the vendor refuses the credentials, the token is forgotten."""
    store = FileTokenStore(tmp_path / "tokens.json")
    refusal = (401, {"error": "no"})
    api = play.client(Script(token_answer(1), THING, (401, None), refusal), auth=token_auth(store=store))
    play.do(lambda: api.things.get(7))
    with pytest.raises(CredentialError):
        play.do(lambda: api.things.get(7))
    assert names(store) == []


def test_accounts_do_not_mix(tmp_path: Path, play: Player) -> None:
    """Clients of other accounts or addresses do not find each other's tokens in a shared store."""
    store = FileTokenStore(tmp_path / "tokens.json")
    for number, base_url in enumerate(("https://one.tiny.test", "https://two.tiny.test"), 1):
        script = Script(token_answer(number), THING)
        api = play.client(script, auth=token_auth(store=store), base_url=base_url)
        play.do(partial(api.things.get, 7))
        assert len(script.requests) == 2
    assert len(names(store)) == 2


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_store_that_others_can_read(tmp_path: Path) -> None:
    """A token file that others can read is refused."""
    path = tmp_path / "tokens.json"
    path.write_text("{}")
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="can be read by others: chmod 600"):
        FileTokenStore(path).load("x")


def test_unusable_stores(tmp_path: Path) -> None:
    """A store that cannot be read or written names its file; one with foreign content starts anew."""
    with pytest.raises(ConfigurationError, match=r"cannot write the token file '.*tokens.json'"):
        FileTokenStore(tmp_path / "missing" / "tokens.json").save("x", Token(Secret("a"), NOW))
    with pytest.raises(ConfigurationError, match="cannot read the token file"):
        FileTokenStore(tmp_path).load("x")
    for content in ("not json", "[1]", '{"x": 1}', '{"x": {"access": 1}}'):
        path = tmp_path / "tokens.json"
        path.write_text(content)
        path.chmod(0o600)
        assert FileTokenStore(path).load("x") is None
