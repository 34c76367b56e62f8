"""The seam between generated resources and whatever runs their operations.

Generated methods know these protocols and nothing of HTTP libraries, credentials or retries.
"""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar

from attrs import field, frozen

from ._operation import Operation
from ._streams import AsyncItemStream, ItemStream

T = TypeVar("T")


@frozen
class CallOptions:
    """What one call may decide for itself; everything left ``None`` is the client's own setting.

    ``timeout`` bounds one attempt and ``deadline`` the whole call with its retries and waits, both in seconds.
    ``retries`` is the number of further attempts. ``headers``, ``query`` and ``body`` are added to what the method
    sends (``body``: further JSON properties). ``idempotency_key`` is sent where the vendor has that header; where an
    operation takes one by its document, the client makes one for each call unless you give it.
    """

    timeout: float | None = None
    deadline: float | None = None
    retries: int | None = None
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    query: Mapping[str, str] = field(factory=dict[str, str])
    body: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    idempotency_key: str | None = None


@frozen
class Page(Generic[T]):
    """One page of a list: ``items`` in the vendor's order, ``total`` rows over all pages where the vendor says so.

    ``token`` resumes the walk after this page (``pages.resume(token)``); ``None`` on the last page.
    """

    items: list[T]
    total: int | None
    token: str | None


class Pages(Protocol[T]):
    """A list that walks its pages as it is iterated. Every iteration starts anew; nothing is fetched before it."""

    @property
    def total(self) -> int | None:
        """Rows over all pages as the vendor counts them; ``None`` where it does not. Fetches one page once."""
        ...

    def __iter__(self) -> Iterator[T]: ...

    def first(self) -> T | None:
        """The first row, or ``None`` if no deviation has one."""
        ...

    def pages(self) -> Iterator[Page[T]]:
        """The walk page by page."""
        ...

    def prefetch(self, window: int) -> Pages[T]:
        """The same list, fetching up to ``window`` pages at a time; the order stays the vendor's."""
        ...

    def resume(self, token: str) -> Pages[T]:
        """The same list, continued after the page that gave ``token``."""
        ...

    def collect(self, max_items: int | None = None) -> list[T]:
        """All rows as a list, at most ``max_items``."""
        ...


class AsyncPages(Protocol[T]):
    """The asynchronous twin of :class:`Pages`."""

    @property
    def total(self) -> Awaitable[int | None]:
        """Rows over all pages as the vendor counts them; ``None`` where it does not. Fetches one page once."""
        ...

    def __aiter__(self) -> AsyncIterator[T]: ...

    async def first(self) -> T | None:
        """The first row, or ``None`` if no deviation has one."""
        ...

    def pages(self) -> AsyncIterator[Page[T]]:
        """The walk page by page."""
        ...

    def prefetch(self, window: int) -> AsyncPages[T]:
        """The same list, fetching up to ``window`` pages at a time; the order stays the vendor's."""
        ...

    def resume(self, token: str) -> AsyncPages[T]:
        """The same list, continued after the page that gave ``token``."""
        ...

    async def collect(self, max_items: int | None = None) -> list[T]:
        """All rows as a list, at most ``max_items``."""
        ...


@frozen
class RawResponse(Generic[T]):
    """A response before it is decoded.

    ``content`` is the body as received; ``elapsed`` covers the whole call with its retries and waits;
    ``request_id`` is the vendor's correlation id where it sends one.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    request_id: str | None
    elapsed: datetime.timedelta
    attempts: int
    _parse: Any = field(repr=False, alias="parse")

    def parse(self) -> T:
        """Decode it, as the call itself would have done; raises the same errors."""
        result: T = self._parse()
        return result


class SyncCaller(Protocol):
    """Runs operations and waits for them."""

    def call(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> T:
        """Run one operation and decode its success; everything else raises."""
        ...

    def paginate(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> Pages[T]:
        """The rows of a list operation; nothing is sent before they are asked for."""
        ...

    def stream(
        self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None
    ) -> ItemStream[T]:
        """The values of a response as they come; nothing is sent before the first is asked for."""
        ...


class AsyncCaller(Protocol):
    """Runs operations without blocking."""

    async def call(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> T:
        """Run one operation and decode its success; everything else raises."""
        ...

    def paginate(
        self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None
    ) -> AsyncPages[T]:
        """The rows of a list operation; nothing is sent before they are asked for."""
        ...

    def stream(
        self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None
    ) -> AsyncItemStream[T]:
        """The values of a response as they come; nothing is sent before the first is asked for."""
        ...


class SyncResource:
    """The base of the generated classes whose methods are the operations on one kind of record."""

    def __init__(self, caller: SyncCaller) -> None:
        self._caller = caller


class AsyncResource:
    """The base of the generated classes whose methods are the operations on one kind of record, without blocking."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller
