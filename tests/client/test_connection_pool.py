"""The pool's decisions: who gets which connection, who waits, what is closed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accordant._http.connection_pool import IDLE_TIME, Place, Pool
from accordant.testing import FakeClock


class Link:
    """A connection that remembers what was done to it."""

    def __init__(self) -> None:
        self.closed = False
        self.aborted = False

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True


class Desk:
    """A pool, its clock, and who was woken."""

    def __init__(self, most: int = 2) -> None:
        self.clock = FakeClock()
        self.pool: Pool[Link] = Pool(most, self.clock.monotonic)
        self.woken: list[str] = []

    def take(self, name: str = "", key: str = "vendor") -> Place[Link]:
        """A place for somebody."""
        wake: Callable[[], None] = lambda: self.woken.append(name)  # noqa: E731
        return self.pool.take(key, wake)

    def used(self, key: str = "vendor") -> tuple[Place[Link], Link]:
        """A place with a connection."""
        place = self.take(key=key)
        assert place.granted()
        place.link = place.link or Link()
        return place, place.link


def test_the_last_used_connection_first() -> None:
    """An idle connection is used again, the one that was used last before the others."""
    desk = Desk(3)
    (one, first), (two, second) = desk.used(), desk.used()
    desk.pool.give_back(one, keep=True)
    desk.pool.give_back(two, keep=True)
    assert desk.take().link is second
    assert desk.take().link is first
    assert desk.take().link is None


def test_no_more_than_the_limit() -> None:
    """Beyond the limit requests wait, and are served in the order in which they came."""
    desk = Desk(2)
    (one, link), (two, _) = desk.used(), desk.used()
    waiting = [desk.take(name) for name in "abc"]
    assert not any(place.granted() for place in waiting)
    desk.pool.give_back(one, keep=True)
    assert desk.woken == ["a"]
    assert waiting[0].link is link
    desk.pool.give_back(two, keep=False)
    assert desk.woken == ["a", "b"]
    assert waiting[1].granted()
    assert waiting[1].link is None
    desk.pool.give_back(waiting[0], keep=True)
    assert desk.woken == ["a", "b", "c"]


def test_a_connection_that_is_not_fit() -> None:
    """A connection that is not fit is closed, and its place is free."""
    desk = Desk(1)
    place, link = desk.used()
    desk.pool.give_back(place, keep=False)
    assert link.closed
    assert desk.take().granted()


def test_other_addresses() -> None:
    """The limit counts connections to all addresses; an idle one to another address makes room."""
    desk = Desk(1)
    place, link = desk.used("store")
    waiting = desk.take(key="vendor")
    desk.pool.give_back(place, keep=True)
    assert waiting.granted()
    assert waiting.link is None
    assert link.closed
    desk.pool.give_back(waiting, keep=False)
    place, link = desk.used("store")
    desk.pool.give_back(place, keep=True)
    assert not link.closed
    assert desk.take(key="vendor").granted()
    assert link.closed


def test_idle_connections_expire() -> None:
    """A connection that was idle for too long is closed instead of used, and makes room."""
    desk = Desk(2)
    (one, first), (two, second) = desk.used(), desk.used()
    desk.pool.give_back(one, keep=True)
    desk.clock.advance(IDLE_TIME - 1)
    desk.pool.give_back(two, keep=True)
    desk.clock.advance(1)
    assert desk.take().link is second
    assert first.closed
    assert not second.closed
    assert desk.take().granted()
    assert not desk.take().granted()


def test_waiting_no_longer() -> None:
    """Who waits no longer loses nothing for the others, also where the place came at that very moment."""
    desk = Desk(1)
    place, link = desk.used()
    gone, late, last = desk.take("gone"), desk.take("late"), desk.take("last")
    desk.pool.withdraw(gone)
    desk.pool.give_back(place, keep=True)
    assert desk.woken == ["late"]
    desk.pool.withdraw(late)
    assert desk.woken == ["late", "last"]
    assert last.link is link
    assert not link.closed


def test_closing() -> None:
    """Closing closes what is idle, and breaks off what is under way for its user to close; no place is given again."""
    desk = Desk(2)
    (one, idle), (two, busy) = desk.used(), desk.used()
    desk.pool.give_back(one, keep=True)
    desk.pool.close()
    assert (idle.closed, busy.closed, busy.aborted) == (True, False, True)
    desk.pool.give_back(two, keep=True)
    assert busy.closed
    assert not desk.take().granted()


def test_closing_while_somebody_waits() -> None:
    """Closing wakes who waits, without a place."""
    desk = Desk(1)
    desk.used()
    waiting = desk.take("waiting")
    desk.pool.close()
    assert desk.woken == ["waiting"]
    assert not waiting.granted()


@pytest.mark.parametrize("keep", [True, False])
def test_renewal(keep: bool) -> None:
    """After a fork every place is free, and every descriptor closed without a word; old places change nothing."""
    desk = Desk(1)
    place, link = desk.used()
    desk.take("waiting")
    desk.pool.renew()
    assert (link.closed, link.aborted) == (True, False)
    new, fresh = desk.used()
    desk.pool.give_back(place, keep)
    assert not desk.take().granted()
    desk.pool.give_back(new, keep=True)
    assert not fresh.closed
    assert "waiting" not in desk.woken
