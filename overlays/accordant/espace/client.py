"""The clients for eSPACE."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, Generic, Self, Unpack

from accordant_generated.espace.client import AsyncResources, Resources

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
from .auth import EspaceCredentials, espace_auth
from .vendor import VENDOR

if TYPE_CHECKING:
    from .events import AsyncEvents, Events
    from .inventory_requests import AsyncInventoryRequests, InventoryRequests
    from .work_orders import AsyncWorkOrders, WorkOrders

_VARIABLES: Final = ("API_KEY", "TIME_ZONE")


class EspaceClient(VendorClient, Generic[TokenT]):
    """What both clients for eSPACE are made from."""

    def __init__(
        self,
        *,
        api_key: str | None = None,
        token: TokenT | None = None,
        **settings: Unpack[ClientSettings],
    ) -> None:
        """``api_key`` is exchanged for a token that is good for about a year; with ``token_store`` it is kept across
        processes. ``token`` replaces the key: a bearer token, or a function that returns one. eSPACE names times
        without an offset: give ``time_zone``, the organisation's zone, and they become aware datetimes. The other
        settings are described at :class:`accordant.ClientSettings`.

        Raises ``ConfigurationError`` when credentials are missing or an address would be used without TLS. Nothing is
        sent before the first call.
        """
        given = EspaceCredentials(api_key, token)
        del api_key, token  # tracebacks that print local variables must not find them
        only_settings(settings, self._constructor)
        super().__init__(VENDOR, espace_auth(given, settings.get("token_store")), settings)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **settings: Unpack[ClientSettings]) -> Self:
        """A client with the key from the environment (or from ``environ``).

        Reads ``ESPACE_API_KEY``, and ``ESPACE_BASE_URL`` and ``ESPACE_TIME_ZONE`` where they are set, which
        ``settings`` overrule. Raises ``ConfigurationError`` naming a variable that is missing.
        """
        variables = Variables(VENDOR.variable_prefix, environ, _VARIABLES)
        del environ
        only_settings(settings, cls.from_env)
        settings.setdefault("time_zone", variables.setting("TIME_ZONE"))
        return cls(api_key=variables.required("API_KEY"), **variables.settings(settings))


class Espace(EspaceClient[str | TokenProvider], Client, Resources):
    """A client for eSPACE that waits for its responses; safe to share among threads."""

    @cached_property
    def events(self) -> Events:
        """Events with their schedules, and what these book."""
        from .events import Events

        return Events(self._caller)

    @cached_property
    def inventory_requests(self) -> InventoryRequests:
        """Requests for stock; read-only."""
        from .inventory_requests import InventoryRequests

        return InventoryRequests(self._caller)

    @cached_property
    def work_orders(self) -> WorkOrders:
        """Work orders with their spaces, costs, tasks and documents."""
        from .work_orders import WorkOrders

        return WorkOrders(self._caller)


class AsyncEspace(EspaceClient[AnyToken], AsyncClient, AsyncResources):
    """A client for eSPACE on an event loop; safe to share among its tasks."""

    @cached_property
    def events(self) -> AsyncEvents:
        """Events with their schedules, and what these book."""
        from .events import AsyncEvents

        return AsyncEvents(self._caller)

    @cached_property
    def inventory_requests(self) -> AsyncInventoryRequests:
        """Requests for stock; read-only."""
        from .inventory_requests import AsyncInventoryRequests

        return AsyncInventoryRequests(self._caller)

    @cached_property
    def work_orders(self) -> AsyncWorkOrders:
        """Work orders with their spaces, costs, tasks and documents."""
        from .work_orders import AsyncWorkOrders

        return AsyncWorkOrders(self._caller)
