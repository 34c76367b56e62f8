"""Helpers for tests of programs that use accordant: no waiting, and responses from a script instead of a vendor.

::

    from accordant.testing import Script, no_waits

    script = Script((200, {"appointment": {"id": 7}}))
    api = Dispatch(token="invented", transport=script)
    assert api.appointments.get(7).id == 7
    assert script.requests[0].path == "/v3/appointments/7"

``Sandbox`` is a stateful double of a vendor; it needs the extra ``sandbox`` (``pip install 'accordant[sandbox]'``)::

    from accordant.testing import Sandbox

    with Sandbox("dispatch") as sandbox, Dispatch(**sandbox.credentials) as api:
        assert api.appointments.list().first()
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from attrs import field, frozen

from accordant_runtime import dumps, loads, to_wire

from ._clock import Clock, set_waits

if TYPE_CHECKING:
    from accordant_sandbox import Sandbox as Sandbox

__all__ = ["FakeClock", "Script", "SentRequest", "no_waits"]


def __getattr__(name: str) -> Any:
    if name != "Sandbox":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        import accordant_sandbox

        return accordant_sandbox.Sandbox
    except ModuleNotFoundError as error:
        needed = "accordant.testing.Sandbox needs an extra: pip install 'accordant[sandbox]'"
        raise ImportError(f"{needed} (there is no module {error.name!r})", name=error.name) from error


@contextmanager
def no_waits() -> Generator[None]:
    """Let no client of this process wait before it tries again; everything else stays as it is."""
    before = set_waits(False)
    try:
        yield
    finally:
        set_waits(before)


class FakeClock(Clock):
    """A clock that does not move until it is told to go on; waiting moves it without taking time.

    ``now`` is its date in seconds since 1970, ``chance`` what it returns for randomness, ``slept`` the waits so far.
    """

    def __init__(self, now: float = 1_772_355_600.0, chance: float = 1.0) -> None:
        self.now = now
        self.chance = chance
        self.slept: list[float] = []
        self._lock = threading.Lock()
        self._begun = now
        self._nonces = 0

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self.now += seconds

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self.now - self._begun

    def time(self) -> float:
        """The date in seconds since 1970."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move on by some seconds."""
        self.slept.append(seconds)
        self.advance(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Move on by some seconds, and let other tasks run."""
        import asyncio

        self.sleep(seconds)
        await asyncio.sleep(0)

    def random(self) -> float:
        """The chance that the clock was given."""
        return self.chance

    def nonce(self) -> str:
        """A different text each time, the same in every run."""
        self._nonces += 1
        return f"{self._nonces:032x}"


@frozen
class SentRequest:
    """A request that reached the script."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    timeout: float | None = None

    @property
    def path(self) -> str:
        """The path of the URL, still encoded."""
        return urlsplit(self.url).path

    @property
    def query(self) -> list[tuple[str, str]]:
        """The pairs of the query, decoded."""
        return parse_qsl(urlsplit(self.url).query, keep_blank_values=True)

    @property
    def json(self) -> Any:
        """The parsed body."""
        return loads(self.body)


Step: TypeAlias = tuple[int, Any] | tuple[int, Any, Mapping[str, str]] | BaseException | Callable[[SentRequest], Any]
"""What a script answers: status and body (bytes go out as they are, anything else as JSON), perhaps with headers; an
exception to raise; or a function of the request that answers one of these."""


class Script:
    """A transport that takes its responses from a list of steps, one per request, and remembers what it was sent.

    The last step repeats when ``repeat`` is set; otherwise a request beyond the script is an ``AssertionError``.
    """

    def __init__(self, *steps: Step, repeat: bool = False) -> None:
        self.steps: list[Step] = list(steps)
        self.requests: list[SentRequest] = []
        self._repeat = repeat
        self._next = 0
        self._lock = threading.Lock()

    def __call__(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, timeout: float | None
    ) -> tuple[int, Sequence[tuple[str, str]], bytes]:
        """Respond to a request: the signature of a transport."""
        request = SentRequest(method, url, {name.lower(): value for name, value in headers}, body, timeout)
        with self._lock:
            self.requests.append(request)
            index = min(self._next, len(self.steps) - 1) if self._repeat else self._next
            self._next += 1
        if not 0 <= index < len(self.steps):
            raise AssertionError(f"the script has no response left for {method} {request.path}")
        step: Any = self.steps[index]
        if callable(step):
            step = step(request)
        if isinstance(step, BaseException):
            raise step
        status, content, *more = step
        headers_given: Mapping[str, str] = more[0] if more else {}
        given = {name.lower(): value for name, value in headers_given.items()}
        if isinstance(content, bytes):
            return status, list(given.items()), content
        given.setdefault("content-type", "application/json")
        return status, list(given.items()), b"" if content is None else dumps(to_wire(content))
