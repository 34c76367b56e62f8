"""What accordant offers to the tests of other programs."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

import accordant.testing
import accordant_sandbox
from accordant import Clock
from accordant.dispatch import Dispatch
from accordant.testing import FakeClock, Sandbox, Script, SentRequest, no_waits
from tests.client.support import Tiny

THING = (200, {"thing": {"id": 7}})


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits that the machine was really asked for."""
    seconds: list[float] = []

    async def sleep(delay: float) -> None:
        if delay:
            seconds.append(delay)

    monkeypatch.setattr(time, "sleep", seconds.append)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    return seconds


def test_no_waits(waited: list[float]) -> None:
    """Within no_waits a client tries again without waiting."""
    script = Script((503, None, {"Retry-After": "50"}), THING)
    with no_waits():
        with no_waits():
            pass
        assert Tiny(transport=script).things.get(7).id == 7
        asyncio.run(Clock().sleep_async(50))
    assert waited == []


def test_waits_come_back(waited: list[float]) -> None:
    """After no_waits, also one that was left by an error, clients wait again."""
    with pytest.raises(LookupError), no_waits():
        raise LookupError
    Tiny(transport=Script((503, None, {"Retry-After": "50"}), THING)).things.get(7)
    asyncio.run(Clock().sleep_async(40))
    assert waited == [50, 40]


def test_fake_clock() -> None:
    """A fake clock moves when it is told, and by its waits."""
    clock = FakeClock(now=100.0, chance=0.5)
    clock.sleep(2)
    clock.advance(3)
    asyncio.run(clock.sleep_async(1))
    assert (clock.time(), clock.monotonic(), clock.slept, clock.random()) == (106.0, 6.0, [2, 1], 0.5)
    assert clock.nonce() != clock.nonce()


def test_real_clock() -> None:
    """The real clock asks the machine."""
    clock = Clock()
    assert 0 <= clock.random() < 1
    assert clock.time() > 1_700_000_000
    assert clock.monotonic() <= clock.monotonic()


def test_script() -> None:
    """A script answers in order, remembers the requests, raises what it is told, and fails beyond its end."""

    def answer(sent: SentRequest) -> Any:
        return 200, {"thing": {"id": int(sent.path.rpartition("/")[2])}}

    script = Script(answer, ConnectionRefusedError("no"), THING)
    api = Tiny(transport=script, clock=FakeClock())
    assert api.things.get(3).id == 3
    assert api.things.get(7).id == 7
    assert [sent.path for sent in script.requests] == ["/v1/things/3", "/v1/things/7", "/v1/things/7"]
    with pytest.raises(AssertionError, match="no response left for GET /v1/things/9"):
        api.things.get(9)
    with pytest.raises(AssertionError):
        Tiny(transport=Script()).things.get(1)


def test_repeating_script() -> None:
    """A repeating script gives its last answer for ever."""
    api = Tiny(transport=Script(THING, repeat=True))
    assert [api.things.get(number).id for number in range(3)] == [7, 7, 7]


def test_sent_request() -> None:
    """A remembered request can be asked for its path, its query and its JSON."""
    sent = SentRequest("POST", "https://a.test/b%20c?d=1&e=", {}, b'{"f": [1]}')
    assert (sent.path, sent.query, sent.json) == ("/b%20c", [("d", "1"), ("e", "")], {"f": [1]})


def test_sandbox_of_the_helpers() -> None:
    """`accordant.testing.Sandbox` is the sandbox itself."""
    with Sandbox("dispatch") as sandbox, Dispatch(**sandbox.credentials) as api:
        assert api.sources.list().first() is not None


def test_sandbox_without_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is not installed, the import says how to get it; the other helpers do without."""
    monkeypatch.setattr(accordant_sandbox, "__getattr__", _without_the_extra)
    with pytest.raises(ImportError, match=r"pip install 'accordant\[sandbox\]'.*jsonschema_rs"):
        from accordant.testing import Sandbox as _  # noqa: F401 - the import is what fails
    with pytest.raises(AttributeError, match="no attribute 'Sandbx'"):
        accordant.testing.Sandbx  # noqa: B018 - asking for it is what fails


def _without_the_extra(_: str) -> object:
    raise ModuleNotFoundError("No module named 'jsonschema_rs'", name="jsonschema_rs")
