"""Where a case is played: the servers of its script, one client, and what can be seen of both."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

from accordant import Clock, HttpOptions
from accordant.errors import APIStatusError

from .cases import Case, Seen
from .clients import LAB_VENDORS, LabVendor, Verb
from .server import LabServer, client_tls
from .shapes import SHAPES, Shapes

TOLD = frozenset(
    ["envelope", "duplicate", "bad_value", "encoding", "precision", "other_record", "total", "repeated", "incomplete"]
)
"""Kinds of deviations that cases promise."""


class LabClock(Clock):
    """Real time, in which waiting costs none: it is noted and skipped. Chance is always 0."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._skipped = 0.0
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        """Seconds, the skipped ones included."""
        return time.monotonic() + self._skipped

    def time(self) -> float:
        """The date, the skipped seconds included."""
        return time.time() + self._skipped

    def sleep(self, seconds: float) -> None:
        """Skip some seconds."""
        with self._lock:
            if seconds > 0:
                self.waits.append(seconds)
            self._skipped += seconds

    async def sleep_async(self, seconds: float) -> None:
        """Skip some seconds, and let other tasks run."""
        self.sleep(seconds)
        await asyncio.sleep(0)

    def random(self) -> float:
        """No jitter: retries without a word from the server follow at once."""
        return 0.0


class Player:
    """One client of one twin, called from blocking code."""

    def __init__(self, api: Any, runner: asyncio.Runner | None) -> None:
        self.api = api
        self._runner = runner
        self.message = ""

    def value(self, start: Callable[[Any], Any]) -> Any:
        """The result of a call, awaited if need be."""
        if self._runner is None:
            return start(self.api)

        async def run() -> Any:
            got = start(self.api)
            return await got if asyncio.iscoroutine(got) else got

        return self._runner.run(run())

    def outcome(self, verb: Verb) -> str:
        """What a call comes to, in a few words."""
        try:
            return verb.show(self.value(verb.start))
        except Exception as error:  # whatever comes is what is to be seen
            return self.told(error)

    def together(self, verb: Verb, times: int) -> str:
        """What many calls at a time come to, counted."""
        found = self._tasks(verb, times) if self._runner is not None else self._threads(verb, times)
        counted = sorted(Counter(found).items(), key=lambda pair: (-pair[1], pair[0]))
        return " + ".join(f"{count} x {text}" for text, count in counted)

    def told(self, error: BaseException) -> str:
        """An error in a few words; its own words are remembered."""
        self.message = str(error)
        applied = isinstance(error, APIStatusError) and error.may_have_been_applied
        return type(error).__name__ + (" (may have been applied)" if applied else "")

    def close(self) -> None:
        """Close the client and its loop."""
        try:
            self.value(lambda api: api.close())
        finally:
            if self._runner is not None:
                self._runner.close()

    def _threads(self, verb: Verb, times: int) -> list[str]:
        found: list[str] = []
        gate = threading.Barrier(times)

        def run() -> None:
            gate.wait()
            found.append(self.outcome(verb))

        threads = [threading.Thread(target=run) for _ in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return found

    def _tasks(self, verb: Verb, times: int) -> list[str]:
        async def one() -> str:
            try:
                return verb.show(await verb.start(self.api))
            except Exception as error:  # as above
                return self.told(error)

        async def run() -> list[str]:
            return list(await asyncio.gather(*(one() for _ in range(times))))

        assert self._runner is not None
        return self._runner.run(run())


class Stage:
    """One case, played for one vendor and one twin."""

    def __init__(self, case: Case, vendor: str, twin: str) -> None:
        self.case, self.twin = case, twin
        self.vendor: LabVendor = LAB_VENDORS[vendor]
        self.shapes: Shapes = SHAPES[vendor]
        self.clock = LabClock()
        self.message = ""
        self.server: LabServer | None = None

    def play(self) -> Seen:
        """Play the case and tell what happened."""
        case = self.case
        begun = time.monotonic()
        with _served(self, case.elsewhere) as other:
            self.shapes = self.shapes.at(other.url if other else "")
            with _main_server(self) as server:
                self.server = server
                outcomes, notes = self._outcomes()
        seconds = time.monotonic() - begun
        return Seen(
            outcomes=outcomes,
            requests=len(server.requests) if server else 0,
            tokens=len(server.token_requests) if server else 0,
            elsewhere=len(other.requests) if other else 0,
            waits=tuple(self.clock.waits),
            message=self.message,
            notes=notes,
            seconds=seconds,
        )

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Everything that a client of this stage is made with."""
        case = self.case
        made: dict[str, Any] = {"timeout": 2.0, "deadline": 4.0, **self.vendor.more}
        made |= self.vendor.login if case.login else self.vendor.direct
        if not case.real_waits:
            made["clock"] = self.clock
        if self.server is not None:
            made |= self._reaching(self.server)
        return {**made, **case.settings, **changes}

    @contextmanager
    def player(self, **changes: Any) -> Generator[Player]:
        """A client of this stage, closed at the end."""
        runner = asyncio.Runner() if self.twin == "async" else None
        made = Player(self.vendor.client(self.twin)(**self.settings(**changes)), runner)
        try:
            yield made
        finally:
            made.close()

    def _reaching(self, server: LabServer) -> dict[str, Any]:
        case = self.case
        if case.tunnel is not None:
            proxy = f"http://lab:{case.settings.get('proxy_password', 'proxy-word')}@127.0.0.1:{server.port}"
            return {"base_url": "https://vendor.localhost", "http": HttpOptions(proxy=proxy, tls=client_tls())}
        if case.tls:
            return {"base_url": server.url, "http": HttpOptions(tls=client_tls())}
        return {"base_url": f"http://{case.host}:{server.port}" if case.host else server.url}

    def _outcomes(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        case = self.case
        if case.run is not None:
            return (case.run(self),), ()
        with self.player() as player:
            said = [text for words in case.calls if (text := self._say(player, words)) is not None]
            self.message = player.message
            kinds = {note.kind for report in player.api.deviations for note in report.deviations}
            return tuple(said), tuple(sorted(kinds & TOLD))

    def _say(self, player: Player, words: str) -> str | None:
        if words == "pause":
            time.sleep(0.12)
            return None
        times, cross, one = words.partition(" x ")
        if cross:
            return player.together(self.vendor.verb(one), int(times))
        return player.outcome(self.vendor.verb(words))


@contextmanager
def _served(stage: Stage, script: Any) -> Generator[LabServer | None]:
    if script is None:
        yield None
        return
    with LabServer(script(stage.shapes)) as server:
        yield server


@contextmanager
def _main_server(stage: Stage) -> Generator[LabServer | None]:
    case, shapes = stage.case, stage.shapes
    if case.script is None:
        yield None
        return
    tokens: Sequence[Any] = case.tokens(shapes) if case.tokens else [shapes.token()]
    with LabServer(
        case.script(shapes),
        tokens=tokens,
        token_path=shapes.token_path if case.login else "",
        tls=case.tls or case.tunnel is not None,
        tunnel=case.tunnel,
        greeting=case.greeting,
    ) as server:
        yield server
