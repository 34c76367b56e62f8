"""Looking on while calls are made: observers, spans for OpenTelemetry, and the log that the environment turns on."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, get_current_span

from accordant import Attempt, CallInfo
from accordant._observation import log_as_asked
from accordant.errors import ConfigurationError, NetworkError, NotFoundError
from accordant.telemetry import OpenTelemetry
from accordant.testing import Script
from tests import warm
from tests.client.support import KEY, SECRET, Player, token_answer, token_auth

THING = (200, {"thing": {"id": 7}})


class Notebook:
    """An observer that writes down what it is told."""

    def __init__(self) -> None:
        self.lines: list[Any] = []

    def start(self, call: CallInfo) -> Notebook:
        self.lines.append(("start", call))
        return self

    def attempt(self, attempt: Attempt) -> None:
        self.lines.append(("attempt", attempt.number, attempt.status))

    def end(self, status: int | None, error: BaseException | None) -> None:
        self.lines.append(("end", status, None if error is None else type(error).__name__))


@pytest.fixture
def spans() -> Iterator[tuple[OpenTelemetry, InMemorySpanExporter]]:
    """An observer, and where its spans go."""
    provider, exporter = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield OpenTelemetry(provider), exporter
    provider.shutdown()


def test_an_observer_hears_of_a_call(play: Player) -> None:
    """An observer hears of a call's begin, of each request, and of its last response."""
    notes = Notebook()
    api = play.client(Script((503, None), THING), observer=notes)
    play.do(lambda: api.things.get(7))
    begun = CallInfo("tiny", "getThing", "GET", "/v1/things/7", "api.tiny.test", 443)
    assert notes.lines == [("start", begun), ("attempt", 1, 503), ("attempt", 2, 200), ("end", 200, None)]


def test_an_observer_hears_of_failures(play: Player) -> None:
    """An error response ends a call with its status, and a failure of the network with its error."""
    notes = Notebook()
    api = play.client(Script((404, {"error": "gone"}), ConnectionResetError()), observer=notes, retries=0)
    with pytest.raises(NotFoundError):
        play.do(lambda: api.things.get(7))
    with pytest.raises(NetworkError):
        play.do(lambda: api.things.get(7))
    assert [line[1:] for line in notes.lines if line[0] == "end"] == [(404, None), (None, "NetworkError")]


def test_fetching_a_token_is_a_call(play: Player) -> None:
    """The request for a token is a call inside the one that needs it."""
    notes = Notebook()
    api = play.client(Script(token_answer(), THING), auth=token_auth(), observer=notes)
    play.do(lambda: api.things.get(7))
    assert [line[1].path if line[0] == "start" else line[0] for line in notes.lines] == [
        *("/v1/things/7", "/oauth/token", "attempt", "end"),
        *("attempt", "end"),
    ]


@pytest.mark.parametrize("moment", ["start", "attempt", "end"])
def test_a_failing_observer(play: Player, caplog: pytest.LogCaptureFixture, moment: str) -> None:
    """An observer that raises does not fail the call; the log has it."""

    def broken(*_: Any) -> Any:
        raise ValueError("my own mistake")

    notes = Notebook()
    setattr(notes, moment, broken)
    api = play.client(Script(THING), observer=notes)
    assert play.do(lambda: api.things.get(7)).id == 7
    assert "my own mistake" in caplog.text


def test_what_is_no_observer_is_refused(play: Player) -> None:
    """A class, or an object without `start`, is refused when the client is made."""
    for wrong in (OpenTelemetry, object()):
        with pytest.raises(ConfigurationError, match="observer must be an object with start"):
            play.client(Script(), observer=wrong)


def _told(span: ReadableSpan, *names: str) -> list[Any]:
    return [(span.attributes or {}).get(name) for name in names]


def test_spans_of_a_call(play: Player, spans: tuple[OpenTelemetry, InMemorySpanExporter]) -> None:
    """A call is a span with its operation, and each request a span inside it with its status and its wait."""
    observer, exporter = spans
    play.clock.chance = 1.0
    api = play.client(Script((503, None), THING), observer=observer)
    play.do(lambda: api.things.get(7))
    first, second, call = exporter.get_finished_spans()
    assert (call.name, call.kind, call.parent) == ("tiny getThing", SpanKind.INTERNAL, None)
    assert _told(call, "accordant.vendor", "accordant.operation", "server.address", "http.response.status_code") == [
        *("tiny", "getThing", "api.tiny.test", 200),
    ]
    assert call.status.is_ok is True
    for span in (first, second):
        assert (span.name, span.kind, span.parent) == ("GET", SpanKind.CLIENT, call.context)
    names = ("http.response.status_code", "error.type", "http.request.resend_count", "accordant.retry.wait")
    assert _told(first, *names) == [503, "503", None, 0.5]
    assert _told(second, *names) == [200, None, 1, None]
    assert not first.status.is_ok
    assert not get_current_span().is_recording()


def test_a_failed_call_is_a_failed_span(play: Player, spans: tuple[OpenTelemetry, InMemorySpanExporter]) -> None:
    """A call without a response is a span with the name and the message of its error."""
    observer, exporter = spans
    api = play.client(Script(ConnectionResetError()), observer=observer, retries=0)
    with pytest.raises(NetworkError):
        play.do(lambda: api.things.get(7))
    attempt, call = exporter.get_finished_spans()
    assert _told(call, "error.type") == _told(attempt, "error.type") == ["NetworkError"]
    assert call.status.description


def test_spans_hold_no_secret(play: Player, spans: tuple[OpenTelemetry, InMemorySpanExporter]) -> None:
    """No span has a credential, a token, or what a call sends; a token's call is inside its user's."""
    observer, exporter = spans
    api = play.client(Script(token_answer(), (404, {"error": f"no {SECRET}"})), auth=token_auth(), observer=observer)
    with pytest.raises(NotFoundError):
        play.do(lambda: api.things.create({"name": "body-canary"}))
    written = "".join(span.to_json() for span in exporter.get_finished_spans())
    for secret in (SECRET, KEY, "access-token-1", "body-canary"):
        assert secret not in written
    outer = next(span for span in exporter.get_finished_spans() if span.name == "tiny createThing")
    inner = next(
        span
        for span in exporter.get_finished_spans()
        if (span.attributes or {}).get("url.path") == "/oauth/token" and span.kind is SpanKind.INTERNAL
    )
    assert inner.parent == outer.context


@pytest.fixture
def quiet() -> Iterator[logging.Logger]:
    """The clients' logger, which is put back afterwards."""
    log = logging.getLogger("accordant")
    before = log.level, list(log.handlers), log.propagate
    yield log
    log.setLevel(before[0])
    log.handlers[:] = before[1]
    log.propagate = before[2]


@pytest.mark.parametrize(("value", "level"), [("debug", logging.DEBUG), (" INFO ", logging.INFO)])
def test_the_log_is_turned_on(quiet: logging.Logger, value: str, level: int) -> None:
    """`ACCORDANT_LOG` sets the level of the clients' log and prints it, once however often it is read."""
    for _ in range(2):
        log_as_asked({"ACCORDANT_LOG": value})
    assert quiet.level == level
    assert len(quiet.handlers) == 1


def test_a_wrong_level_is_refused(quiet: logging.Logger) -> None:
    """A level that there is not is refused with those that there are; an empty one turns nothing on."""
    log_as_asked({"ACCORDANT_LOG": ""})
    assert not quiet.handlers
    with pytest.raises(ConfigurationError, match="ACCORDANT_LOG must be one of debug, info, warning; it is 'loud'"):
        log_as_asked({"ACCORDANT_LOG": "loud"})


def test_a_program_prints_its_log() -> None:
    """A program that makes a client under `ACCORDANT_LOG=debug` prints a line for each request on standard error."""
    code = (
        "from accordant.dispatch import Dispatch\n"
        "from accordant.testing import Sandbox\n"
        "with Sandbox('dispatch') as sandbox:\n"
        "    Dispatch(**sandbox.credentials).appointments.list().first()\n"
    )
    done = warm.run(["-c", code], cwd=Path.cwd(), env={"ACCORDANT_LOG": "debug"}, libraries=warm.CLIENT)
    assert done.returncode == 0, done.stderr
    assert "accordant DEBUG" in done.stderr
    assert "/v3/appointments -> 200" in done.stderr


def test_without_opentelemetry_the_extra_is_named() -> None:
    """Without the library, the import says which extra to install."""
    code = "import sys; sys.modules['opentelemetry'] = None; import accordant.telemetry"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert "ImportError: accordant.telemetry needs OpenTelemetry's API: pip install 'accordant[otel]'" in done.stderr
