"""What generated methods call: runs operations for one client with its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from accordant_runtime import AsyncCaller as AsyncCallerProtocol
from accordant_runtime import CallOptions, Operation, SyncCaller

from .._call.calls import call, download, raw
from .._call.session import Session
from .._flow.commands import Flow
from .._http.messages import Sink
from .._settings import Defaults
from ..errors import RequestError
from .listing import Listing
from .pages import SyncPages
from .undocumented import free_request

if TYPE_CHECKING:
    from .._flow.async_driver import AsyncIO
    from .._flow.sync_driver import SyncIO
    from .async_pages import AsyncPages

T = TypeVar("T")


class Flows:
    """The flows of one client: everything that the two callers have in common."""

    def __init__(self, session: Session, defaults: Defaults) -> None:
        self.session = session
        self.defaults = defaults

    def download(
        self, operation: Operation[Any], arguments: Mapping[str, Any], options: CallOptions | None, sink: Sink | None
    ) -> Flow[bytes]:
        """The flow that fetches a file."""
        return download(self.session, self.defaults, operation, arguments, options, sink)

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        json: Any,
        content: bytes | None,
        options: CallOptions | None,
    ) -> Flow[Any]:
        """The flow of an undocumented endpoint."""
        return free_request(self.session, self.defaults, method, path, query, json, content, options)

    def listing(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> Listing[T]:
        """A list that nothing has been fetched of yet."""
        return Listing(self.session, self.defaults, operation, arguments, options)


class Caller:
    """Runs operations and waits for them."""

    def __init__(self, flows: Flows, io: SyncIO) -> None:
        self.flows = flows
        self.io = io

    def call(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> T:
        """Run one operation and decode its success; everything else raises."""
        return self.io.run(call(self.flows.session, self.flows.defaults, operation, arguments, options))

    def paginate(
        self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None
    ) -> SyncPages[T]:
        """The rows of a list operation; nothing is sent before they are asked for."""
        return SyncPages(self.flows.listing(operation, arguments, options), self.io)


class RawCaller(Caller):
    """Runs operations and answers with :class:`RawResponse`; a list sends for its first page at once."""

    def call(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> Any:
        """Run one operation and keep its success as it came."""
        return self.io.run(raw(self.flows.session, self.flows.defaults, operation, arguments, options))

    def paginate(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> Any:
        """Fetch one page of a list operation and keep it as it came."""
        return self.io.run(self.flows.listing(operation, arguments, options).raw())


class AsyncCaller:
    """Runs operations without blocking."""

    def __init__(self, flows: Flows, io: AsyncIO, pages: Callable[[Listing[Any], AsyncIO], AsyncPages[Any]]) -> None:
        self.flows = flows
        self.io = io
        self.pages = pages

    async def call(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> T:
        """Run one operation and decode its success; everything else raises."""
        return await self.io.run(call(self.flows.session, self.flows.defaults, operation, arguments, options))

    def paginate(
        self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None
    ) -> AsyncPages[T]:
        """The rows of a list operation; nothing is sent before they are asked for."""
        return self.pages(self.flows.listing(operation, arguments, options), self.io)


class AsyncRawCaller(AsyncCaller):
    """Runs operations and answers with :class:`RawResponse`; a list is awaited and sends for its first page."""

    async def call(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> Any:
        """Run one operation and keep its success as it came."""
        return await self.io.run(raw(self.flows.session, self.flows.defaults, operation, arguments, options))

    def paginate(self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions | None) -> Any:
        """Fetch one page of a list operation and keep it as it came."""
        return self.io.run(self.flows.listing(operation, arguments, options).raw())


def own_caller(caller: SyncCaller) -> Caller:
    """The caller behind a method that is written by hand, and is more than one call."""
    _require_own(isinstance(caller, Caller), isinstance(caller, RawCaller))
    assert isinstance(caller, Caller)
    return caller


def own_async_caller(caller: AsyncCallerProtocol) -> AsyncCaller:
    """The caller behind an asynchronous method that is written by hand, and is more than one call."""
    _require_own(isinstance(caller, AsyncCaller), isinstance(caller, AsyncRawCaller))
    assert isinstance(caller, AsyncCaller)
    return caller


def _require_own(own: bool, raw: bool) -> None:
    if not own:
        raise RequestError("this method needs an accordant client")
    if raw:
        raise RequestError("this method is more than one call; it has no raw answer")
