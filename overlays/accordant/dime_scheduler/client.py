"""The clients for Dime.Scheduler."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, Generic, Self, Unpack

from accordant_generated.dime_scheduler.client import AsyncResources, Resources

from ..clients import (
    AnyToken,
    AsyncClient,
    Client,
    ClientSettings,
    TokenProvider,
    TokenT,
    Variables,
    VendorClient,
    only_settings,
)
from .auth import DimeSchedulerCredentials, dime_scheduler_auth
from .vendor import VENDOR

if TYPE_CHECKING:
    from .imports import AsyncImports, Imports

_VARIABLES: Final = ("API_KEY", "USERNAME", "PASSWORD")


class DimeSchedulerClient(VendorClient, Generic[TokenT]):
    """What both clients for Dime.Scheduler are made from."""

    def __init__(
        self,
        *,
        api_key: str | None = None,
        username: str | None = None,
        password: str | None = None,
        token: TokenT | None = None,
        **settings: Unpack[ClientSettings],
    ) -> None:
        """``api_key`` is a key that an administrator made; ``username`` and ``password`` are exchanged for a token
        instead. ``token`` replaces both: a bearer token, or a function that returns one. ``environment`` is
        ``"production"`` (the default), ``"sandbox"`` or ``"test"``. The other settings are described at
        :class:`accordant.ClientSettings`.

        A write that the vendor refuses in an HTTP 200 response raises like any other error, with its message. Raises
        ``ConfigurationError`` when credentials are missing or an address would be used without TLS. Nothing is sent
        before the first call.
        """
        given = DimeSchedulerCredentials(api_key, username, password, token)
        del api_key, password, token  # tracebacks that print local variables must not find them
        only_settings(settings, self._constructor)
        super().__init__(VENDOR, dime_scheduler_auth(given, settings.get("token_store")), settings)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **settings: Unpack[ClientSettings]) -> Self:
        """A client with credentials from the environment (or from ``environ``).

        Reads ``DIME_SCHEDULER_API_KEY``, or ``DIME_SCHEDULER_USERNAME`` and ``DIME_SCHEDULER_PASSWORD``, and
        ``DIME_SCHEDULER_ENVIRONMENT`` or ``DIME_SCHEDULER_BASE_URL``, which ``settings`` overrule. Raises
        ``ConfigurationError`` naming a variable that is missing.
        """
        variables = Variables(VENDOR.variable_prefix, environ, _VARIABLES)
        del environ
        only_settings(settings, cls.from_env)
        user = variables.get("USERNAME") is not None
        return cls(
            api_key=None if user else variables.required("API_KEY"),
            username=variables.get("USERNAME"),
            password=variables.required("PASSWORD", "DIME_SCHEDULER_USERNAME is") if user else None,
            **variables.settings(settings),
        )


class DimeScheduler(DimeSchedulerClient[str | TokenProvider], Client, Resources):
    """A client for Dime.Scheduler that waits for its responses; safe to share among threads."""

    @cached_property
    def imports(self) -> Imports:
        """Bulk import through stored procedures, and tenant set-up."""
        from .imports import Imports

        return Imports(self._caller)


class AsyncDimeScheduler(DimeSchedulerClient[AnyToken], AsyncClient, AsyncResources):
    """A client for Dime.Scheduler on an event loop; safe to share among its tasks."""

    @cached_property
    def imports(self) -> AsyncImports:
        """Bulk import through stored procedures, and tenant set-up."""
        from .imports import AsyncImports

        return AsyncImports(self._caller)
