"""Responses before they are decoded: ``api.raw(api.things.get, 7)``, typed, and ``api.raw.things.get(7)``, short."""

from __future__ import annotations

import warnings
from collections.abc import Awaitable, Callable
from typing import Any, Final, ParamSpec, TypeVar, overload

from accordant_runtime import AsyncItemStream, AsyncPages, ItemStream, Page, Pages, RawResponse

from ..errors import RequestError
from .base import BaseClient
from .callers import AsyncOperations, RawAsyncOperations, RawSyncOperations, SyncOperations

T = TypeVar("T")
P = ParamSpec("P")
PASSES_CALLS_ON: Final = True
"""Warnings about old names of arguments are about the line that calls this module."""


class Raw:
    """Runs methods of a client's resources and returns :class:`RawResponse`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @overload
    def __call__(self, method: Callable[P, Pages[T]], /, *args: P.args, **kwargs: P.kwargs) -> RawResponse[Page[T]]: ...

    @overload
    def __call__(
        self, method: Callable[P, ItemStream[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> RawResponse[list[T]]: ...

    @overload
    def __call__(self, method: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> RawResponse[T]: ...

    def __call__(self, method: Callable[..., Any], /, *args: Any, **kwargs: Any) -> RawResponse[Any]:
        """Run ``method`` of a client's resource and keep the response; a list gives its first page."""
        answer: RawResponse[Any] = _rerouted(method, SyncOperations)(*args, **kwargs)
        return answer

    def __getattr__(self, name: str) -> Any:
        """A resource whose methods return :class:`RawResponse`; untyped, for the command line and notebooks."""
        return _raw_twin(_resource(self._client, name), SyncOperations)


class AsyncRaw:
    """Runs methods of an asynchronous client's resources and returns :class:`RawResponse`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @overload
    def __call__(
        self, method: Callable[P, AsyncPages[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[RawResponse[Page[T]]]: ...

    @overload
    def __call__(
        self, method: Callable[P, AsyncItemStream[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[RawResponse[list[T]]]: ...

    @overload
    def __call__(
        self, method: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[RawResponse[T]]: ...

    def __call__(self, method: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Awaitable[RawResponse[Any]]:
        """Run ``method`` of a client's resource and keep the response; a list gives its first page."""
        answer: Awaitable[RawResponse[Any]] = _rerouted(method, AsyncOperations)(*args, **kwargs)
        return answer

    def __getattr__(self, name: str) -> Any:
        """A resource whose methods return :class:`RawResponse`; untyped, for the command line and notebooks."""
        return _raw_twin(_resource(self._client, name), AsyncOperations)


def _resource(client: Any, name: str) -> Any:
    """A resource of the client; names that Python itself may ask for are not passed on."""
    if name.startswith("_"):
        raise AttributeError(name)
    return getattr(client, name)


def _rerouted(method: Any, operations: type[Any]) -> Callable[..., Any]:
    twin = _raw_twin(getattr(method, "__self__", None), operations)
    rerouted: Any = getattr(twin, method.__name__)
    message = getattr(rerouted, "__deprecated__", None)
    if message is not None:  # its own warning would be about the line in this module that calls it
        warnings.warn(message, DeprecationWarning, stacklevel=3)
        rerouted = rerouted.__func__.__wrapped__.__get__(twin)
    found: Callable[..., Any] = rerouted
    return found


def _raw_twin(resource: Any, operations: type[Any]) -> Any:
    """A resource object of the same class whose calls stay raw; ``operations`` are those of this kind of client."""
    caller = _caller_of(resource)
    if isinstance(caller, operations):
        if isinstance(caller, SyncOperations):
            return type(resource)(RawSyncOperations(caller.session, caller.defaults, caller.io))
        if isinstance(caller, AsyncOperations):
            return type(resource)(RawAsyncOperations(caller.session, caller.defaults, caller.io, caller.pages))
    raise RequestError(
        "raw takes a method of one of the client's resources, such as api.appointments.get; "
        "an endpoint that has no method is called with api.request, which returns a RawResponse itself"
    )


def _caller_of(resource: Any) -> object:
    """What a resource runs its operations with; a client, which has it as well, is no resource."""
    return None if isinstance(resource, BaseClient) else getattr(resource, "_caller", None)
