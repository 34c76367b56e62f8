"""Lists that are walked as they are iterated, in the calling thread or with pages fetched ahead by others."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import copy_context
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

from accordant_runtime import UNSET as NOT_YET
from accordant_runtime import Page, Unset

from .._flow.sync_driver import SyncIO
from .._paging.styles import Position
from ..errors import RequestError
from .listing import Fetched, Listing, Walk

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

T = TypeVar("T")


class WalkedPages(Generic[T]):
    """A list that walks its pages as it is iterated. Every iteration starts anew; nothing is fetched before it."""

    def __init__(self, listing: Listing[T], io: SyncIO) -> None:
        self._listing = listing
        self._io = io
        self._total: int | Unset | None = NOT_YET

    @property
    def total(self) -> int | None:
        """Rows over all pages as the vendor counts them; ``None`` where it does not. Fetches one page once."""
        if self._total is NOT_YET:
            self._total = self._io.run(self._listing.total())
        return self._total

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    def first(self) -> T | None:
        """The first row, or ``None`` if no deviation has one."""
        return self._io.run(self._listing.first())

    def pages(self) -> Iterator[Page[T]]:
        """The walk page by page."""
        walk = self._listing.walk()
        ahead = _ThreadsAhead(walk, self._io, self._listing.window)
        try:
            while walk.wanted:
                page = walk.accept(ahead.take(walk.wanted))
                ahead.start(walk.wanted)
                if page is not None:
                    yield page
            walk.finish()
        finally:
            ahead.close()

    def prefetch(self, window: int) -> WalkedPages[T]:
        """The same list, fetching up to ``window`` pages at a time; the order stays the vendor's.

        Threads (tasks, in an asynchronous client) fetch them, and end with the iteration. A list with a total and
        offsets or page numbers is fetched ``window`` pages ahead, any other one page ahead.
        """
        return WalkedPages(self._listing.prefetching(window), self._io)

    def resume(self, token: str) -> WalkedPages[T]:
        """The same list after the page that gave ``token``; raises ``ResumeTokenError`` for a foreign one."""
        return WalkedPages(self._listing.resumed(token), self._io)

    def collect(self, max_items: int | None = None) -> list[T]:
        """All rows as a list, at most ``max_items``."""
        return list(islice(self, checked_most(max_items)))

    def __repr__(self) -> str:
        return f"<pages of {self._listing.operation.id}>"


class _ThreadsAhead(Generic[T]):
    """Fetches the wanted pages: each at once when it is taken, or ahead, in as many threads as the window is wide."""

    def __init__(self, walk: Walk[T], io: SyncIO, window: int) -> None:
        self._walk = walk
        self._io = io
        self._threads = _threads(window) if window > 1 else None
        self._under_way: dict[bytes, Future[Fetched]] = {}

    def start(self, wanted: list[Position]) -> None:
        """Set the wanted pages going and drop those that are no longer wanted."""
        if self._threads is None:
            return
        keys = {position.key for position in wanted}
        for key in [key for key in self._under_way if key not in keys]:
            self._under_way.pop(key).cancel()
        for position in wanted:
            if position.key not in self._under_way:
                run = copy_context().run
                self._under_way[position.key] = self._threads.submit(run, self._fetch, position)

    def take(self, wanted: list[Position]) -> Fetched:
        """The page that is wanted first."""
        if self._threads is None:
            return self._fetch(wanted[0])
        self.start(wanted)
        return self._under_way.pop(wanted[0].key).result()

    def close(self) -> None:
        """End all threads; a request that is on the wire is waited for."""
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)

    def _fetch(self, position: Position) -> Fetched:
        return self._io.run(self._walk.fetch(position))


def _threads(count: int) -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor  # walks without prefetch do not pay for it

    return ThreadPoolExecutor(count, thread_name_prefix="accordant-pages")


def checked_most(max_items: int | None) -> int | None:
    """Refuse a negative number of items."""
    if max_items is not None and max_items < 0:
        raise RequestError(f"max_items must be 0 or more, not {max_items}")
    return max_items
