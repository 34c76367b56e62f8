"""What token endpoints say, in all the forms in which they say it, with orjson and without."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from accordant import FileTokenStore, Token
from accordant._auth.tokens import bearer_token, jwt_expiry, oauth2_token
from accordant._http.secrets import Secret
from accordant.dibop import Dibop
from accordant.dime_scheduler import DimeScheduler
from accordant.dispatch import Dispatch
from accordant.errors import (
    AccordantError,
    CredentialError,
    ResponseDecodeError,
    ServiceUnavailableError,
    TooManyRequestsError,
)
from accordant.espace import Espace
from accordant.testing import FakeClock, Script
from tests.client.support import SECRET, Player, Tiny, token_auth

ROOT = Path(__file__).parents[2]
NOW = 1_000_000.0
TEN_YEARS = 315_360_000.0
DEEP = b"[" * 100_000 + b"]" * 100_000
LONG = "9" * 400
LIFETIMES: list[tuple[str, float | None]] = [
    ("3600", 3600.0),
    ('"3600"', 3600.0),
    ('" 3600 "', 3600.0),
    ('"3600.5"', 3600.5),
    ("3600.5", 3600.5),
    ("3.6e3", 3600.0),
    ('"3.6e3"', 3600.0),
    ("1", 1.0),
    ('"1"', 1.0),
    ("0", 0.0),
    ('"0"', 0.0),
    ("-5", 0.0),
    ('"-5"', 0.0),
    (LONG, TEN_YEARS),
    (f'"{LONG}"', TEN_YEARS),
    ("1e300", TEN_YEARS),
    (f"-{LONG}", 0.0),
    ("null", None),
    ("true", None),
    ("false", None),
    ('""', None),
    ('"soon"', None),
    ('"NaN"', None),
    ('"1_0"', None),
    ('"\u0661"', None),
    ("[1]", None),
    ('{"seconds": 1}', None),
]
CLAIMS: list[tuple[bytes, float | None]] = [
    (b'{"exp": 1000060}', 1_000_060.0),
    (b'{"exp": "1000060"}', 1_000_060.0),
    (b'{"exp": %s}' % LONG.encode(), 253_402_300_799.0),
    (b'{"exp": -%s}' % LONG.encode(), -253_402_300_799.0),
    (b'{"exp": true}', None),
    (b'{"exp": null}', None),
    (b'{"exp": {"a": [1]}}', None),
    (b'{"exp": NaN}', None),
    (b'{"exp": %s}' % DEEP, None),
    (DEEP, None),
    (b"\xff", None),
    (b"", None),
]
OAUTH = '{"access_token": "a-token", "token_type": "bearer", "expires_in": 3600}'
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
GOOD: list[tuple[bytes, dict[str, str]]] = [
    *((OAUTH.encode(encoding), {}) for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")),
    *((OAUTH.encode(encoding), {}) for encoding in ("utf-32", "utf-32-le", "utf-32-be")),
    (b"access_token=a-token&expires_in=3600&scope=&token_type=bearer", FORM),
    *(
        (OAUTH.replace('"bearer"', kind).encode(), {})
        for kind in ('"Bearer"', '"BEARER"', '" bearer "', '"BearerToken"', "null", '""')
    ),
    (OAUTH.replace('"a-token"', '" a-token\\n"').encode(), {}),
    (OAUTH.replace("}", ', "error": null, "junk": %s}' % ("[" * 250 + "]" * 250)).encode(), {}),
]
LATIN = {"Content-Type": "application/json; charset=ISO-8859-1"}
BAD: list[tuple[int, bytes, dict[str, str], type[AccordantError], str]] = [
    (200, b'{"error": "invalid_grant", "error_description": "no such user"}', {}, CredentialError, "no such user"),
    (400, b'{"error": "invalid_grant", "error_description": "no such user"}', {}, CredentialError, "no such user"),
    (200, '{"error": "gesperrt für heute"}'.encode("utf-16"), {}, CredentialError, "gesperrt für heute"),
    (401, '{"error": "gesperrt für heute"}'.encode("utf-16"), {}, CredentialError, "gesperrt für heute"),
    (401, '{"error": "gesperrt für heute"}'.encode("latin-1"), LATIN, CredentialError, "gesperrt für heute"),
    (200, b"error=bad_code&error_description=The+code+is+old.", FORM, CredentialError, "The code is old."),
    (200, b'{"success": false, "error": "locked"}', {}, CredentialError, "locked"),
    (200, b'{"IsSuccessStatusCode": false}', {}, CredentialError, "status 200"),
    (200, b'{"status": 401, "error": "locked"}', {}, CredentialError, "locked"),
    (200, b'{"error": "temporarily_unavailable"}', {}, ServiceUnavailableError, "503"),
    (400, b'{"error": "temporarily_unavailable"}', {}, ServiceUnavailableError, "503"),
    (200, b'{"statusCode": 503, "error": "later"}', {}, ServiceUnavailableError, "later"),
    (200, b'{"statusCode": 429, "error": "slowly"}', {}, TooManyRequestsError, "slowly"),
    (200, b'{"error": "half a pair: \\ud800"}', {}, CredentialError, "half a pair: \\ud800"),
    (429, b'{"error": "slowly"}', {}, TooManyRequestsError, "slowly"),
    (200, b'{"message": "welcome"}', {}, ResponseDecodeError, "holds no bearer token"),
    (200, b'{"access_token": "two words"}', {}, ResponseDecodeError, "holds no bearer token"),
    (200, b'{"access_token": "a", "token_type": "mac"}', {}, ResponseDecodeError, "holds no bearer token"),
    (200, b'{"access_token": "a", "token_type": 1}', {}, ResponseDecodeError, "holds no bearer token"),
    (200, b'{"access_token": NaN}', {}, ResponseDecodeError, "holds no bearer token"),
    (200, DEEP, {}, ResponseDecodeError, "nested more than 254 levels deep"),
    (
        200,
        b'{"access_token": "a", "b": ' + b"[" * 300 + b"]" * 300 + b"}",
        {},
        ResponseDecodeError,
        "deep below $.b[0]",
    ),
    (401, DEEP, {}, CredentialError, "status 401"),
    (200, b"\xff\xfe\x00", {}, ResponseDecodeError, "holds no bearer token"),
    (200, b"\xff", LATIN, ResponseDecodeError, "holds no bearer token"),
    (200, b"", {}, ResponseDecodeError, "holds no bearer token"),
    (200, b"&".join([b"a=b"] * 9), FORM, ResponseDecodeError, "holds no bearer token"),
]
THING = (200, {"thing": {"id": 7}})


def token(text: str) -> Token:
    found = oauth2_token(json.loads(text), NOW)
    assert found is not None, text
    return found


def jwt(claims: bytes) -> str:
    return f"e30.{base64.urlsafe_b64encode(claims).rstrip(b'=').decode()}.sig"


def lifetimes() -> None:
    for text, seconds in LIFETIMES:
        found = token(f'{{"access_token": "opaque", "expires_in": {text}}}')
        assert found.expires == (None if seconds is None else NOW + seconds), text


def claims() -> None:
    for content, expiry in CLAIMS:
        assert jwt_expiry(jwt(content)) == expiry, content[:40]


def good_answers() -> None:
    for body, headers in GOOD:
        script = Script((200, body, headers), THING)
        with Tiny(auth=token_auth(), transport=script, clock=FakeClock()) as api:
            assert api.things.get(7).id == 7, body
        assert script.requests[-1].headers["authorization"] == "Bearer a-token", body


def bad_answers() -> None:
    for status, body, headers, kind, words in BAD:
        script = Script((status, body, headers))
        with (
            Tiny(auth=token_auth(), transport=script, retries=0, clock=FakeClock()) as api,
            pytest.raises(AccordantError) as caught,
        ):
            api.things.get(7)
        assert type(caught.value) is kind, body[:60]
        assert words in str(caught.value), body[:60]
        str(caught.value).encode()


def test_lifetimes() -> None:
    """expires_in is understood as a number or as text, however long; what has ended has ended; junk is as none."""
    lifetimes()


def test_claims() -> None:
    """The expiry of a JWT is read from whatever stands there, and nothing that stands there raises."""
    claims()


def test_good_answers() -> None:
    """A token is found in UTF-8 with or without a BOM, UTF-16, UTF-32 and forms, with any writing of its type."""
    good_answers()


def test_bad_answers() -> None:
    """What is no token is one typed error: the vendor's words in a CredentialError, also behind a 200, or another."""
    bad_answers()


def test_without_orjson() -> None:
    """Without orjson every one of these answers is read the same, and nothing but accordant's own errors comes out."""
    code = """
import sys
sys.modules["orjson"] = None
from tests.client import test_token_answers as rows
from accordant_runtime import _json
assert not hasattr(_json, "orjson")
rows.lifetimes()
rows.claims()
rows.good_answers()
rows.bad_answers()
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_token_that_has_expired_on_arrival(play: Player) -> None:
    """A token whose life is over when it arrives serves the call that asked for it; the next one asks again."""
    for text in ("0", "-5", '"0"'):
        body = b'{"access_token": "a-%d", "expires_in": %s}'
        script = Script((200, body % (1, text.encode())), THING, (200, body % (2, text.encode())), THING)
        api = play.client(script, auth=token_auth())
        for _ in range(2):
            assert play.do(partial(api.things.get, 7)).id == 7
        assert [sent.headers.get("authorization") for sent in script.requests] == [
            None,
            "Bearer a-1",
            None,
            "Bearer a-2",
        ]


@pytest.mark.parametrize("body", [b'{"error": "x", "error_description": "no: %s"}', b"error=x&error_description=%s"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_words_are_scrubbed(play: Player, body: bytes, encoding: str) -> None:
    """The vendor's words show no secret of the client, in whatever encoding they echo it."""
    kind = FORM if body.startswith(b"error=") else {}
    content = (body % SECRET.encode()).decode().encode(encoding)
    api = play.client(Script((200, content, kind)), auth=token_auth())
    with pytest.raises(CredentialError, match=r"Tiny refused to hand out a token \[x\]: .*\*\*\*") as caught:
        play.do(lambda: api.things.get(7))
    assert SECRET not in str(caught.value)
    assert (caught.value.status, caught.value.code) == (200, "x")


VENDORS: list[tuple[Any, dict[str, str], Any, Any]] = [
    (Dispatch, {"client_id": "public", "client_secret": "invented"}, {"access_token": "t", "expires_in": "0"}, "t"),
    (Dibop, {"email": "a@example.test", "password": "invented", "instance": "acme"}, {"access_token": "t"}, "t"),
    (DimeScheduler, {"username": "ann", "password": "invented"}, {"token": " t ", "expires_in": "0"}, "t"),
    (Espace, {"api_key": "invented"}, "t\n", "t"),
]


@pytest.mark.parametrize(("kind", "given", "answer", "expected"), VENDORS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_every_vendor(kind: Any, given: dict[str, str], answer: Any, expected: str, encoding: str) -> None:
    """The tokens of every vendor are read by the same tolerant reader, and so are the refusals behind a 200."""
    script = Script((200, json.dumps(answer).encode(encoding)), (200, {}))
    with kind(**given, transport=script, clock=FakeClock()) as api:
        api.request("GET", "/x")
    assert script.requests[-1].headers["authorization"] == f"Bearer {expected}"
    said = {"error": "invalid_grant", "error_description": "the account is locked"}
    with (
        kind(**given, transport=Script((200, json.dumps(said).encode(encoding))), clock=FakeClock()) as api,
        pytest.raises(CredentialError, match=r"\[invalid_grant\]: the account is locked"),
    ):
        api.request("GET", "/x")


def test_words_in_place_of_a_token() -> None:
    """Words that eSPACE sends where the token should be are a refusal, and are not used as a token."""
    script = Script((200, "This key is not active"))
    with Espace(api_key="invented", transport=script) as api, pytest.raises(CredentialError, match="is not active"):
        api.request("GET", "/x")


def test_a_store_with_senseless_numbers(tmp_path: Path) -> None:
    """Numbers in a token file that no date can be are bounded, and texts and flags count as absent."""
    path = tmp_path / "tokens.json"
    path.write_bytes(b'{"x": {"access": "a", "obtained": true, "expires": %s}}' % LONG.encode())
    path.chmod(0o600)
    assert FileTokenStore(path).load("x") == Token(Secret("a"), 0.0, 253_402_300_799.0)
    path.write_bytes(b'{"x": ' + DEEP + b"}")
    assert FileTokenStore(path).load("x") is None


def test_no_token() -> None:
    """What is no printable text without blanks is no token."""
    for access in (None, 7, "", " ", "two words", "line\nline", "schlüssel", ["a"]):
        assert bearer_token({}, access, NOW) is None
