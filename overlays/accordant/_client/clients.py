"""The clients that every vendor's own inherit from."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from accordant_runtime import UNSET, AsyncCaller, CallOptions, RawResponse, SyncCaller, Unset

from .._auth.context import Auth
from .._call.session import Session
from .._flow.sync_driver import SyncIO, ThreadTokenLock
from .._http.engines import Network, engine
from .._http.guarded import guard
from .._http.incoming import MOST_BYTES
from .._http.secrets import Redactor
from .._http.transport import AsyncFunctionTransport, FunctionTransport, HttpOptions
from .._limits.retries import RetryPolicy
from .._setting_checks import positive, retry_policy
from .._settings import DEFAULT_DEADLINE, DEFAULT_TIMEOUT, ClientSettings, Defaults
from .._vendor import Vendor
from ..errors import ConfigurationError
from .base import BaseClient
from .callers import AsyncOperations, SyncOperations
from .raw import AsyncRaw, Raw
from .undocumented import free_request


class Client(BaseClient):
    """A blocking client; safe to share among threads. Close it, or use it as a context manager."""

    _caller: SyncCaller

    def __init__(self, vendor: Vendor, auth: Auth, settings: ClientSettings) -> None:
        super().__init__(vendor, auth, settings)
        session = Session(vendor, auth, settings, ThreadTokenLock())
        transport = _sync_transport(settings, session)
        io = SyncIO(transport, session.clock, _guard(settings, session))
        self._attach(SyncOperations(session, _defaults(settings), io))

    def _attach(self, caller: SyncOperations) -> None:
        self._session = caller.session
        self._defaults = caller.defaults
        self._io = caller.io
        self._caller = caller

    def with_options(
        self,
        *,
        timeout: float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        retries: int | RetryPolicy | Unset = UNSET,
        headers: Mapping[str, str] | Unset = UNSET,
    ) -> Self:
        """A copy with other settings; connections, tokens and the retry budget are shared, and closed together.

        ``timeout`` and ``deadline`` are seconds, ``None`` is no limit. ``headers`` are sent with every request.
        """
        copy = type(self).__new__(type(self))
        defaults = changed(self._defaults, timeout, deadline, retries, headers)
        copy._attach(SyncOperations(self._session, defaults, self._io))
        return copy

    @property
    def raw(self) -> Raw:
        """Undecoded responses: ``api.raw(api.appointments.get, 7)`` or ``api.raw.appointments.get(7)``."""
        return Raw(self)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = UNSET,
        content: bytes | None = None,
        options: CallOptions | None = None,
    ) -> RawResponse[Any]:
        """Call an endpoint that the document does not know, with this client's credentials, retries and deadline.

        ``path`` is below the client's address and sent as it is; one with ``.`` or ``..`` between slashes, which would
        lead elsewhere, is a ``RequestError``. A status of 400 or more raises; ``parse()`` gives parsed JSON, text,
        bytes or a ``Redirect``, whatever came.
        """
        flow = free_request(self._session, self._defaults, method, path, query, json, content, options)
        return self._io.run(flow)

    def close(self) -> None:
        """Give the connections back; calls raise ``ConfigurationError`` afterwards. Copies are closed with it."""
        self._session.closed = True
        try:
            self._io.run(self._session.pacer.close())
        finally:
            self._io.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(BaseClient):
    """A client for event loops; safe to share among their tasks. Close it, or use it as a context manager."""

    _caller: AsyncCaller

    def __init__(self, vendor: Vendor, auth: Auth, settings: ClientSettings) -> None:
        super().__init__(vendor, auth, settings)
        # Blocking programs do not pay for the import of asyncio.
        from .._flow.async_driver import AsyncIO, TaskTokenLock
        from .async_pages import AsyncWalkedPages

        session = Session(vendor, auth, settings, TaskTokenLock(), asynchronous=True)
        transport = _async_transport(settings, session)
        io = AsyncIO(transport, session.clock, _guard(settings, session))
        self._attach(AsyncOperations(session, _defaults(settings), io, AsyncWalkedPages))

    def _attach(self, caller: AsyncOperations) -> None:
        self._session = caller.session
        self._defaults = caller.defaults
        self._io = caller.io
        self._pages = caller.pages
        self._caller = caller

    def with_options(
        self,
        *,
        timeout: float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        retries: int | RetryPolicy | Unset = UNSET,
        headers: Mapping[str, str] | Unset = UNSET,
    ) -> Self:
        """A copy with other settings; connections, tokens and the retry budget are shared, and closed together.

        ``timeout`` and ``deadline`` are seconds, ``None`` is no limit. ``headers`` are sent with every request.
        """
        copy = type(self).__new__(type(self))
        defaults = changed(self._defaults, timeout, deadline, retries, headers)
        copy._attach(AsyncOperations(self._session, defaults, self._io, self._pages))
        return copy

    @property
    def raw(self) -> AsyncRaw:
        """Undecoded responses: ``api.raw(api.appointments.get, 7)`` or ``api.raw.appointments.get(7)``."""
        return AsyncRaw(self)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = UNSET,
        content: bytes | None = None,
        options: CallOptions | None = None,
    ) -> RawResponse[Any]:
        """Call an endpoint that the document does not know, with this client's credentials, retries and deadline.

        ``path`` is below the client's address and sent as it is; one with ``.`` or ``..`` between slashes, which would
        lead elsewhere, is a ``RequestError``. A status of 400 or more raises; ``parse()`` gives parsed JSON, text,
        bytes or a ``Redirect``, whatever came.
        """
        flow = free_request(self._session, self._defaults, method, path, query, json, content, options)
        return await self._io.run(flow)

    async def close(self) -> None:
        """Give the connections back; calls raise ``ConfigurationError`` afterwards. Copies are closed with it."""
        self._session.closed = True
        try:
            await self._io.run(self._session.pacer.close())
        finally:
            await self._io.transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


def changed(
    defaults: Defaults,
    timeout: float | Unset | None,
    deadline: float | Unset | None,
    retries: int | RetryPolicy | Unset,
    headers: Mapping[str, str] | Unset,
) -> Defaults:
    """The defaults of a copy."""
    return Defaults(
        timeout=defaults.timeout if timeout is UNSET else positive(timeout, "timeout"),
        deadline=defaults.deadline if deadline is UNSET else positive(deadline, "deadline"),
        retry=defaults.retry if retries is UNSET else retry_policy(retries, defaults.retry),
        headers=defaults.headers if headers is UNSET else {**defaults.headers, **headers},
    )


def _defaults(settings: ClientSettings) -> Defaults:
    return Defaults(
        timeout=positive(settings.get("timeout", DEFAULT_TIMEOUT), "timeout"),
        deadline=positive(settings.get("deadline", DEFAULT_DEADLINE), "deadline"),
        retry=retry_policy(settings.get("retries", RetryPolicy()), RetryPolicy()),
    )


def _guard(settings: ClientSettings, session: Session) -> Redactor | None:
    """Who guards the HTTP library; a transport function is the user's own, and so are its log lines and frames."""
    given = settings.get("transport")
    return guard(session.redactor) if given is None or isinstance(given, Network) else None


def _sync_transport(settings: ClientSettings, session: Session) -> Any:
    function: Any = settings.get("transport")
    if function is not None and not isinstance(function, Network):
        if inspect.iscoroutinefunction(function):
            raise ConfigurationError("an asynchronous transport needs an asynchronous client")
        return FunctionTransport(function, _most_bytes(settings))
    # The HTTP library takes longest to import of all; a client with a transport of its own does without it.
    from .._http.network_transport import NetworkTransport

    transport = NetworkTransport(
        engine(function),
        settings.get("http") or HttpOptions(),
        session.clock.monotonic,
        session.sources,
        _most_bytes(settings),
    )
    transport.prepare(session.base_url)
    return transport


def _async_transport(settings: ClientSettings, session: Session) -> Any:
    function: Any = settings.get("transport")
    if function is not None and not isinstance(function, Network):
        return AsyncFunctionTransport(function, _most_bytes(settings))
    from .._http.network_transport import AsyncNetworkTransport

    transport = AsyncNetworkTransport(
        engine(function),
        settings.get("http") or HttpOptions(),
        session.clock.monotonic,
        session.sources,
        _most_bytes(settings),
    )
    transport.prepare(session.base_url)
    return transport


def _most_bytes(settings: ClientSettings) -> int | None:
    return settings.get("max_response_bytes", MOST_BYTES)
