"""The asynchronous pages: the same walk, with tasks instead of threads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import aclosing
from typing import Generic, TypeVar

from accordant_runtime import UNSET as NOT_YET
from accordant_runtime import Page, Unset

from .._flow.async_driver import AsyncIO
from .._paging.styles import Position
from .listing import Fetched, Listing, Walk
from .pages import checked_most

T = TypeVar("T")


class AsyncWalkedPages(Generic[T]):
    """A list that walks its pages as it is iterated. Every iteration starts anew; nothing is fetched before it."""

    def __init__(self, listing: Listing[T], io: AsyncIO) -> None:
        self._listing = listing
        self._io = io
        self._total: int | Unset | None = NOT_YET

    @property
    def total(self) -> Awaitable[int | None]:
        """Rows over all pages as the vendor counts them; ``None`` where it does not. Fetches one page once."""
        return self._count()

    async def _count(self) -> int | None:
        if self._total is NOT_YET:
            self._total = await self._io.run(self._listing.total())
        return self._total

    async def __aiter__(self) -> AsyncIterator[T]:
        async with aclosing(self._walk()) as pages:
            async for page in pages:
                for item in page.items:
                    yield item

    async def first(self) -> T | None:
        """The first row, or ``None`` if no deviation has one."""
        return await self._io.run(self._listing.first())

    def pages(self) -> AsyncIterator[Page[T]]:
        """The walk page by page."""
        return self._walk()

    async def _walk(self) -> AsyncGenerator[Page[T], None]:
        walk = self._listing.walk()
        ahead = _TasksAhead(walk, self._io, self._listing.window)
        try:
            while walk.wanted:
                page = walk.accept(await ahead.take(walk.wanted))
                if ahead.start(walk.wanted):
                    await asyncio.sleep(0)  # the requests go out before the rows are looked at, and the next page read
                if page is not None:
                    yield page
            walk.finish()
        finally:
            await ahead.close()

    def prefetch(self, window: int) -> AsyncWalkedPages[T]:
        """The same list, fetching up to ``window`` pages at a time; the order stays the vendor's.

        Threads (tasks, in an asynchronous client) fetch them, and end with the iteration. A list with a total and
        offsets or page numbers is fetched ``window`` pages ahead, any other one page ahead.
        """
        return AsyncWalkedPages(self._listing.prefetching(window), self._io)

    def resume(self, token: str) -> AsyncWalkedPages[T]:
        """The same list after the page that gave ``token``; raises ``ResumeTokenError`` for a foreign one."""
        return AsyncWalkedPages(self._listing.resumed(token), self._io)

    async def collect(self, max_items: int | None = None) -> list[T]:
        """All rows as a list, at most ``max_items``."""
        most = checked_most(max_items)
        found: list[T] = []
        if most == 0:
            return found
        async with aclosing(self._walk()) as pages:
            async for page in pages:
                found.extend(page.items)
                if most is not None and len(found) >= most:
                    break
        return found[:most]

    def __repr__(self) -> str:
        return f"<pages of {self._listing.operation.id}>"


class _TasksAhead(Generic[T]):
    """Fetches the wanted pages: each when it is taken, or ahead, in as many tasks as the window is wide."""

    def __init__(self, walk: Walk[T], io: AsyncIO, window: int) -> None:
        self._walk = walk
        self._io = io
        self._ahead = window > 1
        self._under_way: dict[bytes, asyncio.Task[Fetched]] = {}
        self._dropped: set[asyncio.Task[Fetched]] = set()

    def start(self, wanted: list[Position]) -> bool:
        """Set the wanted pages going and drop those that are no longer wanted; returns whether any was set going."""
        if not self._ahead:
            return False
        keys = {position.key for position in wanted}
        for key in [key for key in self._under_way if key not in keys]:
            self._drop(self._under_way.pop(key))
        new = [position for position in wanted if position.key not in self._under_way]
        for position in new:
            self._under_way[position.key] = asyncio.create_task(self._fetch(position))
        return bool(new)

    async def take(self, wanted: list[Position]) -> Fetched:
        """The page that is wanted first."""
        if not self._ahead:
            return await self._fetch(wanted[0])
        self.start(wanted)
        return await self._under_way.pop(wanted[0].key)

    async def close(self) -> None:
        """End all tasks."""
        for task in self._under_way.values():
            self._drop(task)
        await asyncio.gather(*self._dropped, return_exceptions=True)

    def _drop(self, task: asyncio.Task[Fetched]) -> None:
        task.cancel()
        self._dropped.add(task)

    async def _fetch(self, position: Position) -> Fetched:
        return await self._io.run(self._walk.fetch(position))
