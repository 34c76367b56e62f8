"""A secret that goes in comes out on the wire to the vendor, and nowhere else."""

from __future__ import annotations

import copy
import inspect
import logging
import pickle
import traceback
from collections import deque
from pathlib import Path
from typing import Any

import pytest

from accordant import Clock, FileTokenStore, HttpOptions
from accordant._auth.flows import ProviderAuth
from accordant._auth.tokens import Token
from accordant._http.secrets import Redactor, Secret
from accordant.dibop import AsyncDibop, Dibop
from accordant.dispatch import AsyncDispatch, Dispatch
from accordant.errors import AccordantError
from accordant.testing import Script, SentRequest
from tests.client.loopback import Connection, Loopback, free_port, http
from tests.client.support import KEY, AsyncTiny, Player, Tiny, token_auth

CLIENT = "client-secret-canary-1"
PASSWORD = 'password "canary" &2'
ACCESS = "access-token-canary-3"
REFRESH = "refresh-token-canary-4"
CANARIES = (CLIENT, PASSWORD, "password %22canary%22", 'password \\"canary', ACCESS, REFRESH)


def dispatch(play: Player, transport: Any = None, **settings: Any) -> Any:
    """A Dispatch client whose four secrets are canaries."""
    kind = Dispatch if play.kind == "sync" else AsyncDispatch
    settings.setdefault("clock", play.clock)
    return play.own(
        kind(
            client_id="public",
            client_secret=CLIENT,
            username="ann@example.test",
            password=PASSWORD,
            transport=transport,
            **settings,
        )
    )


def token_or(answer: Any) -> Any:
    """A vendor that gives a token and then ``answer``."""

    def respond(sent: SentRequest) -> Any:
        if sent.path.endswith("/token"):
            return 200, {"access_token": ACCESS, "expires_in": 3600, "refresh_token": REFRESH, "token_type": "bearer"}
        return answer(sent) if callable(answer) else answer

    return respond


def echo(sent: SentRequest) -> Any:
    """An error page that shows everything that was sent, as some vendors' debug pages do."""
    headers = {f"X-Echo-{name}": value for name, value in sent.headers.items()}
    shown = f"{sent.headers} {sent.body!r} {CLIENT} {PASSWORD} {REFRESH}"
    return 500, {"error": shown, "errors": [shown], "echo": dict(sent.headers)}, headers


def html(sent: SentRequest) -> Any:
    """The same with status 200, as HTML."""
    return 200, f"<p>{sent.headers} {CLIENT}</p>".encode(), {"Content-Type": "text/html"}


def strange(sent: SentRequest) -> Any:
    """A record of the wrong shape with a credential in it."""
    return 200, {"appointment": [sent.headers["authorization"]]}


def everything_about(error: BaseException) -> str:
    """All that a crash reporter could collect: text, repr, attributes, pickle, traceback with local variables."""
    shown = [str(error), repr(error), repr(vars(error)), pickle.dumps(error).decode("latin-1"), repr(copy.copy(error))]
    mine = traceback.TracebackException.from_exception(error, capture_locals=True)
    for item in unfolded(mine):
        # The frames of this test hold the canaries by their nature.
        frames = [frame for frame in item.stack if "/tests/" not in frame.filename.replace("\\", "/")]
        shown += [repr(frame.locals) + (frame.line or "") for frame in frames]
        shown += list(item.format_exception_only())
    return "\n".join(shown)


def unfolded(error: traceback.TracebackException | None) -> list[traceback.TracebackException]:
    if error is None:
        return []
    return [error, *unfolded(error.__cause__), *unfolded(error.__context__)]


def assert_clean(text: str) -> None:
    for canary in (*CANARIES, KEY):
        assert canary not in text, f"{canary!r} is shown"


@pytest.mark.parametrize(
    "answer", [echo, html, strange, (401, {"error": f"no: {ACCESS}"}), ConnectionResetError(ACCESS)]
)
def test_errors(play: Player, answer: Any, caplog: pytest.LogCaptureFixture) -> None:
    """No error, pickle, traceback with local variables or log line shows a secret, whatever the vendor echoes."""
    caplog.set_level(logging.DEBUG)
    api = dispatch(play, Script(token_or(answer), repeat=True), retries=1)
    for action in (lambda: api.appointments.get(7), lambda: api.brands.create(name="x")):
        with pytest.raises(AccordantError) as caught:
            play.do(action)
        assert_clean(everything_about(caught.value))
    assert caplog.records
    assert_clean(caplog.text)


@pytest.mark.parametrize(
    "answer",
    [
        (401, {"error": "invalid_client", "error_description": f"wrong: {CLIENT} {PASSWORD}"}),
        (200, {"token": ACCESS, "secret": CLIENT}),
        (200, f"<p>{CLIENT}".encode(), {"Content-Type": "text/html"}),
        (500, f"<p>{CLIENT}".encode()),
        TimeoutError(CLIENT),
    ],
)
def test_token_errors(play: Player, answer: Any, caplog: pytest.LogCaptureFixture) -> None:
    """An error on the way to a token shows no secret either."""
    caplog.set_level(logging.DEBUG)
    api = dispatch(play, Script(answer, repeat=True), retries=0)
    with pytest.raises(AccordantError) as caught:
        play.do(lambda: api.appointments.get(7))
    assert_clean(everything_about(caught.value))
    assert_clean(caplog.text)


def test_errors_on_the_network(play: Player, caplog: pytest.LogCaptureFixture) -> None:
    """Errors of the real transport show no secret: neither the HTTP library's frames nor its log."""
    caplog.set_level(logging.DEBUG)
    token = b'{"access_token": "%s", "expires_in": 3600, "refresh_token": "%s"}' % (ACCESS.encode(), REFRESH.encode())
    with Loopback(http(token), Connection.close, http(b"<p>", Content_Type="text/html"), http(b"{")) as server:
        api = dispatch(play, base_url=server.url, retries=0, clock=Clock())
        for _ in range(3):
            with pytest.raises(AccordantError) as caught:
                play.do(lambda: api.appointments.get(7))
            assert_clean(everything_about(caught.value))
        play.do(api.close)
    dead = dispatch(play, base_url=f"http://127.0.0.1:{free_port()}", retries=0)
    with pytest.raises(AccordantError) as caught:
        play.do(lambda: dead.appointments.get(7))
    assert_clean(everything_about(caught.value))
    assert_clean(caplog.text)


@pytest.mark.parametrize(
    "wrong",
    [
        {"environment": "staging"},
        {"base_url": "http://api.dispatch.me"},
        {"base_url": "https://user:pw@api.dispatch.me"},
        {"timeout": -1},
        {"retries": -1},
        {"deviations": "loose"},
        {"http": HttpOptions(proxy=f"ftp://user:{CLIENT}@proxy.test")},
        {"client_id": None},
        {"username": None},
        {"token": ACCESS},
    ],
)
def test_configuration_errors(wrong: dict[str, Any]) -> None:
    """A client that is put together wrong shows none of the secrets it was given."""
    given = {"client_id": "public", "client_secret": CLIENT, "username": "ann", "password": PASSWORD, **wrong}
    kinds: list[Any] = [Dispatch, AsyncDispatch]
    for kind in kinds:
        with pytest.raises(AccordantError) as caught:
            kind(**given)
        assert_clean(everything_about(caught.value))


@pytest.mark.parametrize("missing", ["DISPATCH_CLIENT_ID", "DISPATCH_PASSWORD"])
def test_environment_errors(missing: str) -> None:
    """A missing variable does not show the others."""
    environ = {
        "DISPATCH_CLIENT_ID": "public",
        "DISPATCH_CLIENT_SECRET": CLIENT,
        "DISPATCH_USERNAME": "ann",
        "DISPATCH_PASSWORD": PASSWORD,
    }
    del environ[missing]
    for kind in (Dispatch, AsyncDispatch):
        with pytest.raises(AccordantError) as caught:
            kind.from_env(environ)
        assert missing in str(caught.value)
        assert_clean(everything_about(caught.value))


def reachable(root: Any) -> list[Any]:
    """Every object of ours that hangs on another."""
    found: list[Any] = []
    waiting: list[Any] = [root]
    while waiting:
        item = waiting.pop()
        kind: Any = item.__class__
        if any(item is other for other in found):
            continue
        if kind in (list, tuple, set, frozenset, deque):
            waiting.extend(item)
        elif kind is dict:
            waiting.extend(item.values())
        elif kind.__module__.startswith("accordant") and kind is not Script:
            found.append(item)
            waiting.extend(getattr(item, "__dict__", {}).values())
            slots: list[str] = [name for name in dir(kind) if is_slot(kind, name)]
            waiting.extend(getattr(item, name) for name in slots if hasattr(item, name))
    return found


def is_slot(kind: type[Any], name: str) -> bool:
    return inspect.ismemberdescriptor(inspect.getattr_static(kind, name, None))


def test_representations(play: Player) -> None:
    """Neither a client, after a call, nor anything that hangs on it shows a secret in its repr or str."""
    script = Script(token_or((200, {"appointment": {"id": 7}})), repeat=True)
    api = dispatch(play, script)
    play.do(lambda: api.appointments.get(7))
    raw = play.do(lambda: api.raw(api.appointments.get, 7))
    found = reachable([api, raw, api.raw, api.appointments.list()])
    assert {"Secret", "Token", "TokenAuth", "Session", "Redactor"} <= {type(item).__name__ for item in found}
    for item in found:
        assert_clean(f"{item!r} {item}")


def test_clients_are_not_pickled(play: Player) -> None:
    """A client refuses to be pickled or copied, and so does a secret."""
    api = dispatch(play, Script())
    for take in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled or copied"):
            take(api)
        with pytest.raises(TypeError, match="cannot be pickled or copied"):
            take(Secret(CLIENT))


def test_secrets_of_other_kinds(play: Player, tmp_path: Path) -> None:
    """An API key, a token from a function, a stored token and a proxy's password are not shown."""
    api = play.client(Script((500, {"error": KEY}, {"X-Echo": KEY})), retries=0)
    with pytest.raises(AccordantError) as caught:
        play.do(lambda: api.things.get(7))
    assert_clean(everything_about(caught.value))
    api = play.client(Script(echo), auth=ProviderAuth(lambda: ACCESS), retries=0)
    with pytest.raises(AccordantError) as caught:
        play.do(lambda: api.things.get(7))
    assert ACCESS not in everything_about(caught.value)
    store = FileTokenStore(tmp_path / "missing" / "tokens.json")
    with pytest.raises(AccordantError) as caught:
        store.save("name", Token(Secret(ACCESS), 0.0, None, Secret(REFRESH)))
    assert_clean(everything_about(caught.value))
    assert "pw" not in repr(HttpOptions(proxy="http://user:pw@proxy.test"))
    for kind in (Tiny, AsyncTiny):
        assert "canary" not in repr(kind(auth=token_auth()))


def test_redactor() -> None:
    """Secrets are masked as they are, percent-encoded and JSON-escaped; too short ones are left alone."""
    redactor = Redactor(Secret('pa"ss/word'), Secret("abc"), None)
    assert redactor.text('pa"ss/word pa%22ss%2Fword pa\\"ss/word abc') == "*** *** *** abc"
    assert redactor.data(b'-pa"ss/word-') == b"-***-"
    for number in range(100):
        redactor.learn(Secret(f"token-{number}"))
    assert redactor.text("token-99 token-1!") == "*** token-1!"
    assert "pa" not in repr(redactor)


WEBHOOK = "webhook-secret-canary-5"


def dibop(play: Player, transport: Any, **settings: Any) -> Any:
    """A DIBOP client whose secrets are canaries."""
    kind: Any = Dibop if play.kind == "sync" else AsyncDibop
    given = {"email": "ann@example.test", "password": PASSWORD, "instance": "acme", "clock": play.clock}
    return play.own(kind(**given, transport=transport, **settings))


def dibop_token_or(answer: Any) -> Any:
    """A vendor that answers a login with a token, and everything else with ``answer``."""

    def respond(sent: SentRequest) -> Any:
        if sent.path.endswith("/login"):
            return 200, {"access_token": ACCESS, "expires_in": 3600, "token_type": "bearer"}
        return answer(sent) if callable(answer) else answer

    return respond


def echo_what_was_sent(status: int) -> Any:
    """A vendor that shows the headers and the body of every request."""

    def respond(sent: SentRequest) -> Any:
        return status, f"<p>{sent.headers} {sent.body!r} {PASSWORD}".encode(), {"Content-Type": "text/html"}

    return respond


@pytest.mark.parametrize(
    "answer",
    [
        echo_what_was_sent(500),
        echo_what_was_sent(200),
        (401, {"error": f"no: {WEBHOOK} {PASSWORD}"}),
        ConnectionResetError(WEBHOOK),
    ],
)
def test_dibop_errors(play: Player, answer: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a password, nor a token, nor the secret of a webhook is shown, whatever the vendor echoes."""
    caplog.set_level(logging.DEBUG)
    api = dibop(play, Script(dibop_token_or(answer), repeat=True), retries=1, catalogue_ttl=60)
    actions: list[Any] = [
        lambda: api.webhooks.send("w", secret=f"{WEBHOOK}\n"),
        lambda: api.webhooks.send("w", secret=WEBHOOK),
        lambda: api.systems.ping("dms"),
        lambda: api.orchestrations.execute_and_wait("o"),
        lambda: api.executions.wait("e"),
    ]
    for action in actions:
        with pytest.raises(AccordantError) as caught:
            play.do(action)
        shown = everything_about(caught.value)
        assert_clean(shown)
        assert WEBHOOK not in shown
    for item in reachable([api, api.webhooks]):
        assert_clean(f"{item!r} {item}")
        assert WEBHOOK not in f"{item!r} {item}"
    assert_clean(caplog.text)
    assert WEBHOOK not in caplog.text


@pytest.mark.parametrize(
    "wrong", [{"instance": "a.b"}, {"instance": None}, {"email": None}, {"token": ACCESS}, {"catalogue_ttl": -1}]
)
def test_dibop_configuration_errors(wrong: dict[str, Any]) -> None:
    """A DIBOP client that is put together wrong shows none of the secrets it was given."""
    given: dict[str, Any] = {"email": "ann@example.test", "password": PASSWORD, "instance": "acme", **wrong}
    kinds: list[Any] = [Dibop, AsyncDibop]
    for kind in kinds:
        with pytest.raises(AccordantError) as caught:
            kind(**given)
        assert_clean(everything_about(caught.value))


def test_dibop_login_answers() -> None:
    """The answer of a login that a program asks for itself does not show its token."""
    script = Script((200, {"access_token": ACCESS, "expires_in": 3600, "token_type": "bearer"}))
    answer = Dibop(api_key="k", instance="acme", transport=script).auth.login(email="a@b.test", password=PASSWORD)
    assert answer.access_token == ACCESS
    assert_clean(repr(answer))
