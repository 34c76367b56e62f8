"""Masking: every spelling of a secret goes, and nothing else does."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from accordant import FileTokenStore, RedisRateLimits
from accordant._http.secrets import Redactor, Secret
from accordant._settings import Variables
from accordant.dibop import AsyncDibop, Dibop
from accordant.dispatch import AsyncDispatch, Dispatch
from accordant.errors import AccordantError, ConfigurationError, CredentialError
from accordant.espace.webhooks import WebhookReceiver
from accordant.testing import Script
from tests.client.canaries import shown_by, shown_of, spellings, traces
from tests.client.support import Player

AWKWARD = "p\"&</+=% \\>'ä-Ω-😀"
SECRETS = ("client-secret-canary", AWKWARD, "deadbeefcafe0123", "ab/cd+ef", "tr\nue\tsecret")


@pytest.mark.parametrize("secret", SECRETS)
def test_every_spelling_is_masked(secret: str) -> None:
    """Base64 in its three alignments and both alphabets, HTML, JSON, percent, form, hexadecimal: all are masked."""
    redactor = Redactor(Secret(secret))
    for form in spellings(secret):
        for text in (f"<{form}>", json.dumps({"a": form}), f"x{form}y"):
            assert "***" in redactor.text(text)
            for shown in (redactor.text(text), redactor.data(text.encode()).decode()):
                assert not [trace for trace in traces(secret) if trace in shown]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_wide_texts_are_masked(encoding: str) -> None:
    """A page in UTF-16 is masked like any other, and stays one."""
    page = f'{{"error": "{AWKWARD}"}}'.encode(encoding)
    assert Redactor(Secret(AWKWARD)).data(page).decode(encoding) == '{"error": "***"}'


def test_credentials_of_basic_authentication_are_masked() -> None:
    """The base64 of ``user:password`` is masked for whoever knows the password alone."""
    assert Redactor(Secret("open sesame")).text("Basic YW5uOm9wZW4gc2VzYW1l") == "Basic YW5uO***"


def test_upper_and_lower_case_of_hexadecimal_are_one() -> None:
    """A secret of hexadecimal digits is masked in either case, as vendors print identifiers in both."""
    key = "5A9D0C1E-7B3F-4C52-9D8E-0F1A2B3C4D5E"
    assert Redactor(Secret(key)).text(f"{key.lower()} {key}") == "*** ***"


@pytest.mark.parametrize("secret", ["1", "true", "api", "null", "12345", "get", "false"])
def test_short_secrets_garble_nothing(secret: str) -> None:
    """A secret that is a common word, a number or a literal of JSON leaves an answer as it is."""
    text = '{"true": true, "api": null, "ids": [1, 12345, false], "get": "1"}'
    assert Redactor(Secret(secret)).text(text) == text


def test_rather_short_secrets_are_masked_as_words() -> None:
    """A secret of six or seven characters is masked where it stands alone, also after an escape, not in a word."""
    redactor = Redactor(Secret("planet"), Secret("123456"))
    assert redactor.text("planet, planets, exoplanet") == "***, planets, exoplanet"
    assert redactor.text('"planet\\nplanet" %20planet 123456 7123456 12.1234567') == (
        '"***\\n***" %20*** *** 7123456 12.1234567'
    )


def test_beginnings_of_secrets_are_masked() -> None:
    """What an ellipsis leaves of a secret is masked; the same letters elsewhere are not."""
    redactor = Redactor(Secret("client-secret-canary-0123456789"))
    assert redactor.text("found 'client-secret-can'...") == "found '***'..."
    assert redactor.text("client-secret-canary... client-secret, client...") == "***... client-secret, client..."


def test_ordinary_data_is_left_alone() -> None:
    """Bytes that are no text, and texts without a secret, come out as they went in."""
    redactor = Redactor(Secret("client-secret-canary"), Secret(AWKWARD))
    binary = (bytes(range(256)) * 9, b"\0\xff" * 50, b"\xff\xfe\0", b"", b"\xff\xfe" + b"x" * 9)
    for data in (*binary, "Grüße, 日本".encode()):
        assert redactor.data(data) == data


def test_secrets_of_single_calls_do_not_push_out_tokens() -> None:
    """However many passwords and webhook secrets pass through, the client's own tokens stay known."""
    redactor = Redactor()
    redactor.learn(Secret("token-canary-1"))
    for number in range(100):
        redactor.notice(Secret(f"webhook-canary-{number}"))
    assert redactor.text("token-canary-1 webhook-canary-99") == "*** ***"


def test_errors_are_masked_wherever_they_hold_a_text() -> None:
    """Arguments, notes, attributes, causes, contexts and groups of an error are masked."""
    inner = OSError(5, AWKWARD, AWKWARD)
    decode = UnicodeDecodeError("utf-8", AWKWARD.encode(), 0, 1, AWKWARD)
    error = ValueError(AWKWARD, [AWKWARD.encode()], {AWKWARD: 1})
    error.add_note(AWKWARD)
    error.__cause__ = ExceptionGroup(AWKWARD, [inner, decode])
    error.__context__ = KeyError(AWKWARD)
    Redactor(Secret(AWKWARD)).errors(error)
    for channel, text in shown_by(error):
        assert not [trace for trace in traces(AWKWARD) if trace in text], channel
    assert not [trace for trace in traces(AWKWARD) if trace in f"{inner} {inner.filename} {decode.object!r} {decode}"]


def _client(play: Player, vendor: str, script: Script) -> Any:
    kinds: dict[str, tuple[Any, Any]] = {"dibop": (Dibop, AsyncDibop), "dispatch": (Dispatch, AsyncDispatch)}
    given = {"instance": "acme"} if vendor == "dibop" else {}
    kind = kinds[vendor][play.kind == "async"]
    return play.own(kind(token="t", transport=script, clock=play.clock, retries=0, **given))


def test_passwords_that_a_call_sends_are_masked(play: Player) -> None:
    """What an operation sends that its document calls a password is masked where the vendor echoes it."""
    script = Script(lambda sent: (422, {"error": sent.body.decode(), "errors": [sent.body.decode()]}), repeat=True)
    api = _client(play, "dibop", script)
    with pytest.raises(AccordantError) as caught:
        play.do(lambda: api.auth.login(email="ann@example.test", password=AWKWARD))
    assert not [trace for trace in traces(AWKWARD) if trace in f"{caught.value} {vars(caught.value)}"]


def test_tokens_that_a_call_returns_are_masked(play: Player) -> None:
    """A token that a program asks for itself is known from then on."""
    token = {"access_token": "own-token-canary", "expires_in": 3600, "token_type": "bearer"}
    api = _client(play, "dibop", Script((200, token), lambda _: (500, {"error": "own-token-canary"})))
    assert play.do(lambda: api.auth.login(email="a@b.test", password="p")).access_token == "own-token-canary"
    with pytest.raises(AccordantError) as caught:
        play.do(lambda: api.request("GET", "/x"))
    assert "own-token-canary" not in f"{caught.value} {vars(caught.value)}"


@pytest.mark.parametrize("answer", [b"bytes-token-canary", ["list-token-canary"], ""])
def test_what_a_token_function_returns_is_in_no_frame(play: Player, answer: Any) -> None:
    """A token function that returns something else than a token raises an error whose frames do not show it."""
    kind = Dispatch if play.kind == "sync" else AsyncDispatch
    api = play.own(kind(token=lambda: answer, transport=Script(), clock=play.clock))
    with pytest.raises(CredentialError) as caught:
        play.do(lambda: api.appointments.get(7))
    for channel, text in shown_by(caught.value):
        assert "token-canary" not in text, channel


def test_a_refused_token_file_is_not_read(tmp_path: Path) -> None:
    """A token file that others can read is refused by an error whose frames do not hold its content."""
    path = tmp_path / "tokens.json"
    path.write_text('{"name": {"access": "stored-canary"}}')
    path.chmod(0o644)
    with pytest.raises(ConfigurationError) as caught:
        FileTokenStore(path).load("name")
    for channel, text in shown_by(caught.value):
        assert "stored-canary" not in text, channel


def test_settings_show_no_secret() -> None:
    """A Redis URL, a webhook receiver's secret path and the environment are in no repr and no ``vars``."""
    limits = RedisRateLimits("redis://ann:redis-canary@127.0.0.1:1/0")
    receiver = WebhookReceiver(secret_path="/hooks/path-canary")
    ledger = limits.open("scope", asynchronous=False)
    variables = Variables("DISPATCH", {"DISPATCH_CLIENT_SECRET": "environment-canary"})
    for channel, text in shown_of(limits, receiver, ledger, variables):
        assert "-canary" not in text, channel


@pytest.mark.parametrize(("path", "status"), [("/hooks/path-canary", "400 Bad Request"), ("/hooks/ä", "404 Not Found")])
def test_the_receiver_knows_its_path(path: str, status: str) -> None:
    """A webhook receiver takes what is posted to its secret path, and nothing else."""
    seen: list[str] = []
    environ = {"PATH_INFO": path, "REQUEST_METHOD": "POST", "wsgi.input": BytesIO()}

    def start(given: str, _headers: Any) -> None:
        seen.append(given)

    WebhookReceiver(secret_path="/hooks/path-canary")(environ, start)
    assert seen == [status]
