"""The clients for DIBOP."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, Generic, Self, Unpack

from accordant_generated.dibop.client import AsyncResources, Resources

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
from .auth import DibopCredentials, dibop_auth
from .vendor import vendor

if TYPE_CHECKING:
    from .executions import AsyncExecutions, Executions
    from .orchestrations import AsyncOrchestrations, Orchestrations
    from .webhooks import AsyncWebhooks, Webhooks

_PREFIX: Final = "DIBOP"
_VARIABLES: Final = ("API_KEY", "EMAIL", "PASSWORD", "INSTANCE")


class DibopClient(VendorClient, Generic[TokenT]):
    """What both clients for DIBOP are made from."""

    def __init__(
        self,
        *,
        email: str | None = None,
        password: str | None = None,
        api_key: str | None = None,
        token: TokenT | None = None,
        instance: str | None = None,
        **settings: Unpack[ClientSettings],
    ) -> None:
        """``api_key`` is a key of Enterprise Settings, which the vendor advises for automation. ``email`` and
        ``password`` are those of a user instead: the client logs in, and again before the token ends. ``token``
        replaces both: a bearer token, or a function that returns one. ``instance`` is the sub-domain of your
        organisation (``your-instance`` in ``your-instance.dibop.ca``); ``base_url`` replaces it. The other settings are
        described at :class:`accordant.ClientSettings`.

        The client keeps within the vendor's 300 requests and 60 executions a minute by waiting before it sends; see the
        setting ``rate_limits``. Raises ``ConfigurationError`` when credentials or the address are missing. Nothing is
        sent before the first call.
        """
        given = DibopCredentials(email, password, api_key, token)
        del password, api_key, token  # tracebacks that print local variables must not find them
        only_settings(settings, self._constructor)
        auth = dibop_auth(given, settings.get("token_store"))
        super().__init__(vendor(instance, settings.get("base_url")), auth, settings)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **settings: Unpack[ClientSettings]) -> Self:
        """A client with credentials from the environment (or from ``environ``).

        Reads ``DIBOP_API_KEY``, or ``DIBOP_EMAIL`` and ``DIBOP_PASSWORD``; and ``DIBOP_INSTANCE`` or, instead,
        ``DIBOP_BASE_URL``, which ``settings`` overrule. Raises ``ConfigurationError`` naming a variable that is
        missing.
        """
        variables = Variables(_PREFIX, environ, _VARIABLES)
        del environ
        only_settings(settings, cls.from_env)
        login = variables.get("API_KEY") is None
        return cls(
            email=variables.required("EMAIL", "nor is DIBOP_API_KEY") if login else variables.get("EMAIL"),
            password=variables.required("PASSWORD", "nor is DIBOP_API_KEY") if login else variables.get("PASSWORD"),
            api_key=variables.get("API_KEY"),
            instance=variables.setting("INSTANCE"),
            **variables.settings(settings),
        )

    def forget_catalogues(self) -> None:
        """Forget the responses that ``catalogue_ttl`` lets the client keep; copies of the client forget them too."""
        self._session.catalogues.clear()


class Dibop(DibopClient[str | TokenProvider], Client, Resources):
    """A client for DIBOP that waits for its responses; safe to share among threads."""

    @cached_property
    def executions(self) -> Executions:
        """Runs of orchestrations, their step results and traces."""
        from .executions import Executions

        return Executions(self._caller)

    @cached_property
    def orchestrations(self) -> Orchestrations:
        """Workflows that call connected systems; create, change, delete and execute them."""
        from .orchestrations import Orchestrations

        return Orchestrations(self._caller)

    @cached_property
    def webhooks(self) -> Webhooks:
        """Endpoints for external systems that trigger an orchestration."""
        from .webhooks import Webhooks

        return Webhooks(self._caller)


class AsyncDibop(DibopClient[AnyToken], AsyncClient, AsyncResources):
    """A client for DIBOP on an event loop; safe to share among its tasks."""

    @cached_property
    def executions(self) -> AsyncExecutions:
        """Runs of orchestrations, their step results and traces."""
        from .executions import AsyncExecutions

        return AsyncExecutions(self._caller)

    @cached_property
    def orchestrations(self) -> AsyncOrchestrations:
        """Workflows that call connected systems; create, change, delete and execute them."""
        from .orchestrations import AsyncOrchestrations

        return AsyncOrchestrations(self._caller)

    @cached_property
    def webhooks(self) -> AsyncWebhooks:
        """Endpoints for external systems that trigger an orchestration."""
        from .webhooks import AsyncWebhooks

        return AsyncWebhooks(self._caller)
