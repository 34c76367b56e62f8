"""Waiting: looks often enough, ends in time, and tells what it saw."""

from __future__ import annotations

from typing import Any

import pytest

from accordant import CallOptions
from accordant._client.waiting import wait_until, within
from accordant._flow.commands import Flow, Sleep
from accordant._settings import Defaults
from accordant.errors import ConfigurationError, DeadlineExceededError, NotFoundError, WaitTimeoutError
from accordant.testing import FakeClock


class Work:
    """Something that is done at a moment; ``looks`` are the moments at which it was looked at."""

    def __init__(self, done_at: float, cost: float = 0.0) -> None:
        self.clock = FakeClock()
        self.done_at = done_at
        self.cost = cost
        self.looks: list[float] = []
        self.left: list[float | None] = []

    def look(self, left: float | None) -> Flow[str]:
        yield from ()
        self.looks.append(round(self.clock.monotonic(), 3))
        self.left.append(left)
        self.clock.advance(self.cost)
        if left is not None and self.cost > left:
            raise DeadlineExceededError("too slow", sent=True)
        return "done" if self.clock.monotonic() >= self.done_at else "running"

    def wait(self, deadline: float | None = 300.0, interval: float = 1.0) -> str:
        flow = wait_until(
            self.clock, self.look, lambda seen: seen == "done", what="not done", deadline=deadline, interval=interval
        )
        try:
            command = next(flow)
            while True:
                assert isinstance(command, Sleep)
                self.clock.sleep(command.seconds)
                command = flow.send(None)
        except StopIteration as stop:
            result: str = stop.value
            return result


def test_intervals_grow() -> None:
    """It looks at once, then at intervals that grow by half up to 15 seconds."""
    work = Work(done_at=60)
    assert work.wait() == "done"
    waits = [round(later - earlier, 3) for earlier, later in zip(work.looks, work.looks[1:], strict=False)]
    assert waits[:4] == [1.0, 1.5, 2.25, 3.375]
    assert max(waits) <= 15
    assert waits == sorted(waits)


def test_done_at_once() -> None:
    """What is done already costs one look and no wait."""
    work = Work(done_at=0)
    assert work.wait() == "done"
    assert work.clock.slept == []


def test_too_late() -> None:
    """At the deadline the last value is told; the last look leaves time for itself."""
    work = Work(done_at=1000)
    with pytest.raises(WaitTimeoutError, match="not done within 30 s") as caught:
        work.wait(deadline=30)
    assert caught.value.last == "running"
    assert work.looks[-1] == 29
    assert work.clock.monotonic() <= 30
    assert isinstance(caught.value, TimeoutError)


def test_long_intervals() -> None:
    """An interval of more than 15 seconds stays what it is; a deadline shorter than it still has a last look."""
    work = Work(done_at=100)
    work.wait(interval=40)
    assert work.looks == [0, 40, 80, 120]
    work = Work(done_at=100)
    with pytest.raises(WaitTimeoutError):
        work.wait(deadline=5, interval=40)
    assert work.looks == [0, 4]


@pytest.mark.parametrize(
    ("deadline", "interval", "last"), [(30, 30, 29), (60, 20, 59), (1, 1, 0.5), (0.5, 0.125, 0.375)]
)
def test_the_last_look(deadline: float, interval: float, last: float) -> None:
    """What comes about shortly before the deadline is seen, however long the interval is."""
    work = Work(done_at=last)
    assert work.wait(deadline=deadline, interval=interval) == "done"
    assert work.looks[-1] == last


def test_no_deadline() -> None:
    """Without a deadline it waits as long as it takes."""
    work = Work(done_at=10_000)
    assert work.wait(deadline=None) == "done"
    assert set(work.left) == {None}


def test_a_look_that_takes_too_long() -> None:
    """A look that is cut off by the deadline of the wait is the wait's own timeout, with what was seen before."""
    work = Work(done_at=1000, cost=12)
    with pytest.raises(WaitTimeoutError) as caught:
        work.wait(deadline=20)
    assert caught.value.last == "running"
    assert isinstance(caught.value.__cause__, DeadlineExceededError)


@pytest.mark.parametrize("error", [NotFoundError(status=404), DeadlineExceededError("own", sent=True)])
def test_other_errors(error: Exception) -> None:
    """Any other error of a look goes through, and so does a call's own deadline."""
    work = Work(done_at=0)

    def fail(_left: float | None) -> Flow[Any]:
        yield from ()
        raise error

    vars(work)["look"] = fail
    with pytest.raises(type(error)):
        work.wait()


@pytest.mark.parametrize("wrong", [{"deadline": 0}, {"interval": 0}, {"deadline": -1}])
def test_times(wrong: dict[str, float]) -> None:
    """Times must be more than 0."""
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        Work(done_at=0).wait(**wrong)


def test_within() -> None:
    """A look has its own deadline, or what is left of the wait, whichever is less."""
    defaults = Defaults(deadline=120)
    mine = CallOptions(deadline=5, headers={"a": "b"})
    assert within(None, defaults, None) is None
    assert within(mine, defaults, None) is mine
    deadlines = [
        within(options, chosen, left)
        for options, chosen, left in [
            (None, defaults, 7.0),
            (None, defaults, 500.0),
            (mine, defaults, 7.0),
            (mine, defaults, 2.0),
            (None, Defaults(deadline=None), 7.0),
        ]
    ]
    assert [item.deadline for item in deadlines if item] == [7, 120, 5, 2, 7]
    assert deadlines[2] == mine
    past = within(None, defaults, -1.0)
    assert past is not None
    assert past.deadline is not None
    assert 0 < past.deadline < 0.001
