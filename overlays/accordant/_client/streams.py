"""Streams as users iterate them: two thin sides of one reader."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from .._call.streams import END, OpenResponse

if TYPE_CHECKING:
    from .._flow.async_driver import AsyncIO
    from .._flow.sync_driver import SyncIO

T = TypeVar("T")


class ReadStream(Generic[T]):
    """The values of a response, each given as soon as it has come."""

    def __init__(self, response: OpenResponse, io: SyncIO) -> None:
        self._response = response
        self._io = io

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        value = self._io.run(self._response.next())
        if value is END:
            raise StopIteration
        found: T = value
        return found

    def close(self) -> None:
        """Read no more, and give the connection up."""
        self._io.run(self._response.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncReadStream(Generic[T]):
    """The asynchronous twin of :class:`ReadStream`."""

    def __init__(self, response: OpenResponse, io: AsyncIO) -> None:
        self._response = response
        self._io = io

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        value = await self._io.run(self._response.next())
        if value is END:
            raise StopAsyncIteration
        found: T = value
        return found

    async def close(self) -> None:
        """Read no more, and give the connection up."""
        await self._io.run(self._response.close())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()
