"""Secrets that must not show, whatever the vendor echoes."""

from __future__ import annotations

import base64
import html
import json
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from ..cases import Case, Expect, Script
from ..clients import CANARY
from ..replies import cut, hang, http
from ..server import Act, LabServer
from ..stage import Stage


class Log(logging.Handler):
    """Everything that is logged in this process while a case is played."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.text: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message, its arguments included."""
        self.text.append(f"{record.getMessage()} {record.args!r}")


def _echo(change: Callable[[str], str], status: int = 400, *, header: bool = False, raw: bool = False) -> Script:
    """An error that repeats a credential; ``raw`` puts it into the JSON as it is."""

    def act(connection: Any, request: bytes) -> None:
        text = change(CANARY if CANARY.encode() in request else "lab-access")
        headers: dict[str, str | None] = {"X-Echo": text} if header else {}
        words = {"error": {"message": "you sent ECHO"}, "errors": ["ECHO"], "Message": "ECHO", "Description": "ECHO"}
        inside = text if raw else json.dumps(text)[1:-1]
        connection.send(http(json.dumps(words).replace("ECHO", inside).encode(), status, headers))

    return lambda _: [act]


def secrets() -> Iterator[Case]:
    """A credential shows in no error, log, repr or report, whatever the vendor echoes."""
    ways: tuple[tuple[str, str, Callable[[str], str], dict[str, Any]], ...] = (
        ("plain", "an error that echoes the credential", str, {}),
        ("header", "a header that echoes the credential", str, {"header": True}),
        ("base64", "the credential in base64", lambda text: base64.b64encode(text.encode()).decode(), {}),
        ("html", "the credential escaped for HTML", lambda text: html.escape(f"<{text}>"), {}),
        ("percent", "the credential in percent", lambda text: quote(text, safe="").replace("-", "%2d"), {}),
        (
            "json",
            "the credential in escapes of JSON",
            lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
            {"raw": True},
        ),
        ("success", "a record that echoes the credential", str, {"status": 200}),
    )
    for slug, title, change, more in ways:
        yield Case(
            id=f"secrets/{slug}",
            group="secrets",
            title=title,
            run=_hidden(_echo(change, **more), change),
            expect=Expect(("not shown",)),
        )
    for slug, title, act in (
        ("cut", "a broken connection", cut()),
        ("hung", "no response", hang()),
        ("html-200", "an HTML page", http(b"<html>")),
    ):
        yield Case(
            id=f"secrets/{slug}",
            group="secrets",
            title=f"{title}: error, traceback with locals, log",
            run=_hidden(_always(act), str),
            expect=Expect(("not shown",)),
        )
    yield Case(
        id="secrets/token",
        group="secrets",
        title="a token endpoint that refuses and echoes",
        login=True,
        run=_hidden_login,
        expect=Expect(("not shown",)),
    )
    yield Case(
        id="secrets/repr",
        group="secrets",
        title="repr, str and vars of a client",
        run=_repr,
        expect=Expect(("not shown",)),
    )
    yield Case(
        id="secrets/pickle",
        group="secrets",
        title="a client that is pickled or copied",
        run=_pickle,
        expect=Expect(("TypeError",)),
    )


def _always(act: Act) -> Script:
    return lambda _: [act]


def _hidden(script: Script, change: Callable[[str], str]) -> Callable[[Stage], str]:
    def run(stage: Stage) -> str:
        with (
            LabServer(script(stage.shapes)) as server,
            stage.player(base_url=server.url, timeout=0.3, deadline=0.6, retries=0) as player,
        ):
            return _shown(lambda: player.value(stage.vendor.verb("get 1").start), (CANARY, change(CANARY)), player.api)

    return run


def _hidden_login(stage: Stage) -> str:
    tokens = _echo(str, 401)(stage.shapes)
    with (
        LabServer([stage.shapes.record(1)], tokens=tokens, token_path=stage.shapes.token_path) as server,
        stage.player(base_url=server.url) as player,
    ):
        return _shown(lambda: player.value(stage.vendor.verb("get 1").start), (CANARY,), player.api)


def _shown(call: Callable[[], Any], texts: tuple[str, ...], api: Any) -> str:
    log, root = Log(), logging.getLogger()
    names = ("accordant", "httpx", "httpcore", "httpcore.http11", "httpcore.connection")
    loggers = [root, *(logging.getLogger(name) for name in names)]
    root.addHandler(log)
    for each in loggers:
        each.setLevel(logging.DEBUG)
    places: list[str] = []
    try:
        call()
    except Exception as error:  # whatever comes is what is to be seen
        places += [f"error: {error!s} {error!r} {vars(error)!r}", *frames_inside(error)]
        places.append(repr(pickle.dumps(error)))
        places += getattr(error, "__notes__", [])
    finally:
        root.removeHandler(log)
    places += log.text
    places += [repr(report) + str(report) for report in api.deviations]
    found = [place for place in places if any(text in place for text in texts)]
    return "not shown" if not found else f"shown: {found[0].strip()[:60]!r}"


def _repr(stage: Stage) -> str:
    with stage.player(base_url="https://vendor.test") as player:
        own: dict[str, Any] = player.api.__dict__
        inside = {name: repr(value) for name, value in own.items()}
        text = f"{player.api!r} {player.api!s} {inside} {vars(own['_session'])!r}"
    return "shown" if CANARY in text else "not shown"


def _pickle(stage: Stage) -> str:
    with stage.player(base_url="https://vendor.test") as player:
        try:
            pickle.dumps(player.api)
        except TypeError as error:
            return type(error).__name__
    return "pickled"


def frames_inside(error: BaseException) -> Iterator[str]:
    """What a crash reporter prints, without the frames of the lab itself, which must know the secret."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    for frame in told.stack:
        if "benchmarks" not in frame.filename:
            yield from (f"{name}={value}" for name, value in (frame.locals or {}).items())
    yield from told.format_exception_only()
    for inner in (error.__cause__, error.__context__):
        if inner is not None:
            yield from frames_inside(inner)
