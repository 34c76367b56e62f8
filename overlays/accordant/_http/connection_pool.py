"""Which connection a request uses, and who waits for one: decisions only. Nothing here opens a socket or waits.

Every decision takes the same time however many connections are open and however many requests wait: idle connections
are a stack (the one that was used last is the least likely to have been closed), requests that wait are a queue.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import Final, Generic, Protocol, TypeVar

IDLE_TIME: Final = 5.0
"""Seconds for which a connection is kept without use: what httpx keeps, and what many servers keep."""


class Link(Protocol):
    """One connection."""

    def close(self) -> None:
        """Close its descriptor; never waits, and sends nothing."""
        ...

    def abort(self) -> None:
        """Break off what is under way; whoever uses the connection sees its end and closes it."""
        ...


L = TypeVar("L", bound=Link)


class Place(Generic[L]):
    """The right to one connection at a time, or a request's turn in the queue for it.

    ``link`` is the idle connection to use first, ``None`` where one must be opened; whoever opens one puts it here.
    """

    __slots__ = ("_epoch", "_granted", "key", "link", "wake")

    def __init__(self, key: Hashable, wake: Callable[[], None], epoch: object) -> None:
        self.key = key
        self.wake = wake
        self._granted = False
        self.link: L | None = None
        self._epoch = epoch

    def granted(self) -> bool:
        """Whether its turn has come."""
        return self._granted

    def grant(self, link: L | None) -> None:
        """Its turn has come."""
        self.link = link
        self._granted = True

    def since(self, epoch: object) -> bool:
        """Whether the place was asked for in this epoch: neither before a fork nor before the end."""
        return self._epoch is epoch


class Pool(Generic[L]):
    """At most ``most`` connections to all addresses together. ``key`` tells addresses apart."""

    def __init__(self, most: int, monotonic: Callable[[], float]) -> None:
        self.most = most
        self._monotonic = monotonic
        self._begin()

    def _begin(self) -> None:
        # Reentrant: the garbage collector may end an abandoned call, which gives its place back, at any moment.
        self._lock = threading.RLock()
        self._epoch = object()
        self._taken = 0
        self._idle: dict[Hashable, deque[tuple[float, L]]] = {}
        self._held: set[Place[L]] = set()
        self._waiting: OrderedDict[Place[L], None] = OrderedDict()
        self.closed = False

    def take(self, key: Hashable, wake: Callable[[], None]) -> Place[L]:
        """A place. Unless it is granted at once, ``wake`` is called when it is, or when the pool is closed."""
        surplus: list[L] = []
        with self._lock:
            self._expire(surplus)
            place: Place[L] = Place(key, wake, self._epoch)
            if not self.closed and not self._grant_at_once(place, surplus):
                self._waiting[place] = None
        _close(surplus)
        return place

    def give_back(self, place: Place[L], keep: bool) -> None:
        """A place is no longer needed; ``keep`` says that its connection is fit for another request."""
        surplus: list[L] = []
        with self._lock:
            link, place.link = place.link, None
            self._held.discard(place)
            if link is not None and not (keep and place.since(self._epoch) and not self.closed):
                surplus.append(link)
                link = None
            if place.since(self._epoch):
                self._pass_on(place.key, link, surplus)
        _close(surplus)

    def withdraw(self, place: Place[L]) -> None:
        """Wait no longer; a place that was granted meanwhile goes to the next."""
        with self._lock:
            waited = self._waiting.pop(place, self) is None
        if not waited and place.granted():
            self.give_back(place, keep=True)

    def close(self) -> None:
        """Close what is idle, break off what is under way, and wake those who wait: they get no place."""
        with self._lock:
            self.closed = True
            idle = [link for links in self._idle.values() for _, link in links]
            self._idle.clear()
            busy = [place.link for place in self._held if place.link is not None]
            waiting = list(self._waiting)
            self._waiting.clear()
        _close(idle)
        for link in busy:
            link.abort()
        for place in waiting:
            place.wake()

    def renew(self) -> None:
        """Begin anew where all who held a place are gone: in a forked child, or after the end of an event loop.

        Descriptors are closed, and nothing is sent: in the child the connections are the parent's.
        """
        links = [link for links in self._idle.values() for _, link in links]
        links.extend(place.link for place in self._held if place.link is not None)
        closed = self.closed
        self._begin()
        self.closed = closed
        _close(links)

    def _grant_at_once(self, place: Place[L], surplus: list[L]) -> bool:
        links = self._idle.get(place.key)
        if links:
            link = links.pop()[1]
            if not links:
                del self._idle[place.key]
            self._grant(place, link)
        elif self._taken < self.most:
            self._taken += 1
            self._grant(place, None)
        elif self._idle:  # another address's idle connection makes room
            key, others = next(iter(self._idle.items()))
            surplus.append(others.popleft()[1])
            if not others:
                del self._idle[key]
            self._grant(place, None)
        else:
            return False
        return True

    def _grant(self, place: Place[L], link: L | None) -> None:
        place.grant(link)
        self._held.add(place)

    def _pass_on(self, key: Hashable, link: L | None, surplus: list[L]) -> None:
        if self._waiting:
            place, _ = self._waiting.popitem(last=False)
            if link is not None and place.key != key:
                surplus.append(link)
                link = None
            self._grant(place, link)
            place.wake()
        elif link is not None:
            self._idle.setdefault(key, deque()).append((self._monotonic() + IDLE_TIME, link))
        else:
            self._taken -= 1

    def _expire(self, surplus: list[L]) -> None:
        if not self._idle:
            return
        now = self._monotonic()
        for key, links in list(self._idle.items()):
            while links and links[0][0] <= now:
                surplus.append(links.popleft()[1])
                self._taken -= 1
            if not links:
                del self._idle[key]


def _close(links: list[L]) -> None:
    for link in links:
        link.close()
