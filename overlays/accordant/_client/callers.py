"""What generated methods call: runs operations for one client with its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from accordant_runtime import AsyncCaller, CallOptions, Operation, SyncCaller

from .._call.calls import call, raw
from .._call.session import Session
from .._call.streams import OpenResponse
from .._settings import Defaults
from ..errors import RequestError
from .listing import Listing
from .pages import WalkedPages
from .streams import AsyncReadStream, ReadStream

if TYPE_CHECKING:
    from .._flow.async_driver import AsyncIO
    from .._flow.sync_driver import SyncIO
    from .async_pages import AsyncWalkedPages

T = TypeVar("T")


class SyncOperations:
    """Runs operations and waits for them."""

    def __init__(self, session: Session, defaults: Defaults, io: SyncIO) -> None:
        self.session = session
        self.defaults = defaults
        self.io = io

    def call(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> T:
        """Run one operation and decode its success; everything else raises."""
        return self.io.run(call(self.session, self.defaults, operation, arguments, options))

    def paginate(
        self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None
    ) -> WalkedPages[T]:
        """The rows of a list operation; nothing is sent before they are asked for."""
        return WalkedPages(Listing(self.session, self.defaults, operation, arguments, options), self.io)

    def stream(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> Any:
        """The values of a response as they come; nothing is sent before the first is asked for."""
        response = OpenResponse(self.session, self.defaults, operation, arguments, options)
        return ReadStream[T](response, self.io)


class RawSyncOperations(SyncOperations):
    """Runs operations and returns :class:`RawResponse`; a list sends for its first page at once."""

    def call(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> Any:
        """Run one operation and keep its success as it came."""
        return self.io.run(raw(self.session, self.defaults, operation, arguments, options))

    def paginate(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> Any:
        """Fetch one page of a list operation and keep it as it came."""
        return self.io.run(Listing(self.session, self.defaults, operation, arguments, options).raw())

    def stream(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> Any:
        """Read the whole response, and keep it as it came."""
        return self.call(operation, arguments, options)


class AsyncOperations:
    """Runs operations without blocking."""

    def __init__(
        self,
        session: Session,
        defaults: Defaults,
        io: AsyncIO,
        pages: Callable[[Listing[Any], AsyncIO], AsyncWalkedPages[Any]],
    ) -> None:
        self.session = session
        self.defaults = defaults
        self.io = io
        self.pages = pages

    async def call(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> T:
        """Run one operation and decode its success; everything else raises."""
        return await self.io.run(call(self.session, self.defaults, operation, arguments, options))

    def paginate(
        self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None
    ) -> AsyncWalkedPages[T]:
        """The rows of a list operation; nothing is sent before they are asked for."""
        return self.pages(Listing(self.session, self.defaults, operation, arguments, options), self.io)

    def stream(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> Any:
        """The values of a response as they come; nothing is sent before the first is asked for."""
        response = OpenResponse(self.session, self.defaults, operation, arguments, options)
        return AsyncReadStream[T](response, self.io)


class RawAsyncOperations(AsyncOperations):
    """Runs operations and returns :class:`RawResponse`; a list is awaited and sends for its first page."""

    async def call(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> Any:
        """Run one operation and keep its success as it came."""
        return await self.io.run(raw(self.session, self.defaults, operation, arguments, options))

    def paginate(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> Any:
        """Fetch one page of a list operation and keep it as it came."""
        return self.io.run(Listing(self.session, self.defaults, operation, arguments, options).raw())

    def stream(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> Any:
        """Read the whole response, and keep it as it came."""
        return self.call(operation, arguments, options)


def own_caller(caller: SyncCaller) -> SyncOperations:
    """The caller of a method that is written by hand, and is more than one call."""
    refuse_raw(caller)
    if not isinstance(caller, SyncOperations):
        raise RequestError("this method needs an accordant client")
    return caller


def own_async_caller(caller: AsyncCaller) -> AsyncOperations:
    """The caller of an asynchronous method that is written by hand, and is more than one call."""
    refuse_raw(caller)
    if not isinstance(caller, AsyncOperations):
        raise RequestError("this method needs an accordant client")
    return caller


def refuse_raw(caller: SyncCaller | AsyncCaller) -> None:
    """Raise ``RequestError`` in a method that is more than one call, where its caller gives raw responses."""
    if isinstance(caller, (RawSyncOperations, RawAsyncOperations)):
        raise RequestError(
            "this method is more than one call, so it has no raw response; call it without raw, "
            "or give raw one of the methods that it is made of"
        )
