"""The sweep: every way to authenticate, every kind of failure, every place where a secret could come out."""

from __future__ import annotations

import ast
import asyncio
import inspect
import logging
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest

import accordant
from accordant import Attempt
from accordant.errors import (
    AccordantError,
    APIStatusError,
    CredentialError,
    DecodeError,
    TransportError,
)
from accordant.testing import Script, SentRequest
from tests.client.canaries import (
    KINDS,
    NO_SECRETS,
    WAYS,
    Canaries,
    Way,
    calls,
    copies_of,
    shown_by,
    shown_of,
    token_answer,
)
from tests.client.support import Player

Answer = Callable[[SentRequest, Canaries], Any]
OVERLAYS: Final = Path(accordant.__file__).parent


def _echo(canaries: Canaries, sent: SentRequest | None = None) -> str:
    return canaries.echo() + (f" {dict(sent.headers)} {sent.body!r} {sent.url}" if sent else "")


def _json(status: int) -> Answer:
    """Everything that was sent and every spelling of it, in each field where a vendor may put its words."""

    def answer(sent: SentRequest, canaries: Canaries) -> Any:
        words = _echo(canaries, sent)
        body = {
            **dict.fromkeys(("error", "message", "Message", "detail", "title", "error_description", "code"), words),
            "errors": [words, {"field": words}],
            words: {"nested": [words, None]},
            "headers": dict(sent.headers),
        }
        return status, body, _headers(canaries)

    return answer


def _page(status: int, kind: str = "text/html") -> Answer:
    return lambda sent, canaries: (
        status,
        f"<p>{_echo(canaries, sent)}".encode(),
        {"Content-Type": kind, **_headers(canaries)},
    )


def _wide(sent: SentRequest, canaries: Canaries) -> Any:
    return 500, _echo(canaries, sent).encode("utf-16"), {"Content-Type": "text/plain; charset=utf-16"}


def _cut(sent: SentRequest, canaries: Canaries) -> Any:
    body = f'{{"error": "{_echo(canaries, sent)}'.encode()
    return 200, body, {"Content-Type": "application/json", "Content-Length": str(len(body) + 9)}


def _headers(canaries: Canaries) -> dict[str, str]:
    """What a vendor may echo in a header, latin-1 as all headers are."""
    words = _echo(canaries).encode("ascii", "backslashreplace").decode()
    return {"X-Echo": words, "X-Request-Id": words, "Set-Cookie": f"sid={canaries.cookie}"}


def _raised(kind: Callable[[str], BaseException]) -> Answer:
    def answer(sent: SentRequest, canaries: Canaries) -> Any:
        words = _echo(canaries, sent)
        cause = OSError(words)
        cause.add_note(words)
        error = kind(words)
        error.add_note(words)
        error.__cause__ = ExceptionGroup(words, [cause, ValueError(words.encode(), [words])])
        error.__dict__["request"] = words
        return error

    return answer


FAILURES: Final[dict[str, Answer]] = {
    "400-json": _json(400),
    "401-json": _json(401),
    "401-page": _page(401),
    "403-text": _page(403, "text/plain"),
    "429-json": _json(429),
    "500-json": _json(500),
    "500-page": _page(500),
    "500-utf16": _wide,
    "200-page": _page(200),
    "200-not-json": _page(200, "application/json"),
    "200-cut": _cut,
    "302": lambda _, canaries: (302, b"", {"Location": f"https://x.test/?{_echo(canaries)}".replace(" ", "+")}),
    "refused": _raised(ConnectionRefusedError),
    "reset": _raised(ConnectionResetError),
    "timeout": _raised(TimeoutError),
}


def _is_token_request(sent: SentRequest) -> bool:
    return sent.method == "POST" and sent.path.rpartition("/")[2] in ("token", "login", "requesttoken")


def vendor_that(way: Way, canaries: Canaries, answer: Answer, *, refusing_tokens: bool = False) -> Script:
    """A vendor that hands out a token and gives ``answer`` to all else, or to the requests for a token as well."""

    def respond(sent: SentRequest) -> Any:
        if _is_token_request(sent) and not refusing_tokens:
            return 200, token_answer(way.vendor, canaries)
        return answer(sent, canaries)

    return Script(respond, repeat=True)


class Sweep:
    """One client of one way, and what it showed."""

    def __init__(self, play: Player, way: Way, style: str, caplog: pytest.LogCaptureFixture) -> None:
        self.play = play
        self.way = way
        self.canaries = Canaries(style)
        self.attempts: list[Attempt] = []
        self.operations: set[str] = set()
        self._caplog = caplog
        caplog.set_level(logging.DEBUG)

    def client(self, answer: Answer, *, refusing_tokens: bool = False, **settings: Any) -> Any:
        asynchronous = self.play.kind == "async"
        script = vendor_that(self.way, self.canaries, answer, refusing_tokens=refusing_tokens)
        settings = {"transport": script, "clock": self.play.clock, "on_attempt": self.attempts.append, **settings}
        return self.play.own(self.way.client(self.canaries, asynchronous, **settings))

    def failure(self, act: Callable[[], Any], expected: type[BaseException] = AccordantError) -> BaseException:
        """Run what fails, and look into all that the error shows."""
        with pytest.raises(expected) as caught:
            self.play.do(act)
        self.clean(shown_by(caught.value))
        return caught.value

    def finish(self, api: Any) -> None:
        """Look into everything else: the client, its log lines, its hook, its deviations."""
        self.clean(self._everything_else(api))
        assert self._caplog.records
        self.operations |= {attempt.operation for attempt in self.attempts}

    def _everything_else(self, api: Any) -> Iterator[tuple[str, str]]:
        yield from shown_of(api, api.raw, api._session, *self.attempts, *api.deviations)
        yield "deviations", repr(list(api.deviations))
        yield "attempts", repr(self.attempts)
        for part in (api, api._session, api._session.auth, api._session.redactor):
            yield from copies_of(part)
        for record in self._caplog.records:
            yield f"log {record.name}", f"{record.getMessage()} {record.args!r} {record.exc_text}"

    def clean(self, shown: Iterable[tuple[str, str]]) -> None:
        self.canaries.clean(shown, self.way)


@pytest.fixture(params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> Way:
    """Every way of every vendor."""
    found: Way = request.param
    return found


@pytest.fixture(params=["plain", "special"])
def sweep(request: pytest.FixtureRequest, play: Player, way: Way, caplog: pytest.LogCaptureFixture) -> Sweep:
    """Every way, with plain canaries and with such as encoders change."""
    return Sweep(play, way, request.param, caplog)


@pytest.mark.parametrize("failure", FAILURES)
def test_failures_show_no_secret(sweep: Sweep, failure: str) -> None:
    """Whatever a call ends in, and whatever the vendor echoes, no error, log line, hook or copy shows a secret."""
    api = sweep.client(FAILURES[failure], retries=1)
    for name, act in calls(api, sweep.way.vendor).items():
        if name == "read" or not failure.startswith(("200", "302")):
            error = sweep.failure(act)
            assert isinstance(error, (APIStatusError, DecodeError, TransportError))
    sweep.finish(api)
    assert {f"token ({grant})" for grant in sweep.way.grants[:1]} <= sweep.operations


@pytest.mark.parametrize("way", [way for way in WAYS if way.grants], ids=str)
@pytest.mark.parametrize("failure", FAILURES)
def test_failures_on_the_way_to_a_token_show_no_secret(sweep: Sweep, failure: str) -> None:
    """The same holds where the request for a token is what fails."""
    api = sweep.client(FAILURES[failure], refusing_tokens=True, retries=1)
    error = sweep.failure(calls(api, sweep.way.vendor)["read"])
    assert isinstance(error, (APIStatusError, CredentialError, DecodeError, TransportError))
    sweep.finish(api)


_ROW_FIELDS: Final = (
    "id", "status", "time", "started_at", "StartDate", "EventDate", "startDate", "endDate", "modifiedDate", "start",
)  # fmt: skip


def test_deviations_show_no_secret(sweep: Sweep) -> None:
    """An answer with a credential where something else belongs is kept, and its deviations do not show it."""

    def answer(_sent: SentRequest, canaries: Canaries) -> Any:
        row = {name: canaries.made[index % len(canaries.made)] for index, name in enumerate(_ROW_FIELDS)}
        return 200, {"IsSuccessStatusCode": True, "Data": row} if sweep.way.vendor == "espace" else row

    told: list[Any] = []
    for policy in ("lenient", told.append):
        api = sweep.client(answer, deviations=policy)
        sweep.play.do(calls(api, sweep.way.vendor)["read"])
        assert len(api.deviations) > 0
        # A long value is cut before it is shown: half a secret must not be shown either.
        assert not [canary for canary in sweep.canaries.made if canary[:20] in repr(list(api.deviations))]
        sweep.finish(api)
    sweep.clean([("policy", repr(told))])
    strict = sweep.client(answer, deviations="strict")
    sweep.failure(calls(strict, sweep.way.vendor)["read"], DecodeError)
    sweep.finish(strict)


def test_raw_answers_show_no_secret(sweep: Sweep) -> None:
    """The repr of a raw answer shows neither its headers nor its body."""
    api = sweep.client(_json(200))
    raw = sweep.play.do(calls(api, sweep.way.vendor)["get"])
    sweep.clean(shown_of(raw))
    sweep.finish(api)


def test_paths_with_a_secret_are_masked(sweep: Sweep) -> None:
    """A secret that a program puts into a path comes out in no log line, hook or error."""
    for answer in (_raised(ConnectionResetError), _json(500)):
        api = sweep.client(answer, retries=1)
        secret = quote(sweep.canaries.access if sweep.way.grants else sweep.canaries.made[0], safe="")
        for act in (partial(api.request, "GET", f"/v9/{secret}"), partial(api.request, "POST", f"/v9/{secret}")):
            with pytest.raises(AccordantError) as caught:
                sweep.play.do(act)
            # The frames of the call hold the path as it was given.
            sweep.clean(pair for pair in shown_by(caught.value) if not pair[0].startswith("frame"))
        sweep.finish(api)


def test_interruptions_show_no_secret(sweep: Sweep) -> None:
    """Ctrl-C, a cancellation, or a bug in a transport of your own, show no secret in the client's own frames."""
    kinds: list[type[BaseException]] = [asyncio.CancelledError, RuntimeError]
    if sweep.play.kind == "sync":  # on an event loop they end the loop, not the call
        kinds += [KeyboardInterrupt, SystemExit]
    for kind in kinds:
        for refusing in (False, True):
            api = sweep.client(_stopped(kind), refusing_tokens=refusing)
            sweep.failure(calls(api, sweep.way.vendor)["read"], kind)
            sweep.clean(shown_of(api))


def _stopped(kind: type[BaseException]) -> Answer:
    return lambda _sent, _canaries: kind("stopped")


def test_every_way_is_swept() -> None:
    """A new vendor, a new argument with a secret, or a new grant must be added to the ways that the sweep goes."""
    packages = {each.name for each in pkgutil.iter_modules([str(OVERLAYS)]) if each.ispkg}
    vendors = {name for name in packages if not name.startswith("_")}
    assert vendors == set(KINDS)
    for vendor, (blocking, asynchronous) in KINDS.items():
        given: set[str] = set()
        for way in WAYS:
            if way.vendor == vendor:
                given |= set(way.arguments(Canaries("plain"), False))
        for kind in (blocking, asynchronous):
            assert set(inspect.signature(kind).parameters) - NO_SECRETS == given - NO_SECRETS
        assert _grants(OVERLAYS / vendor) <= {grant for way in WAYS if way.vendor == vendor for grant in way.grants}
    assert _grants(OVERLAYS) <= {grant for way in WAYS for grant in way.grants}


def _grants(folder: Path) -> set[str]:
    """The first argument of every ``TokenRequest(...)`` below a folder."""
    found: set[str] = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "TokenRequest":
                assert isinstance(node.args[0], ast.Constant), f"{file.name}: the sweep cannot tell this grant"
                found.add(str(node.args[0].value))
    return found
