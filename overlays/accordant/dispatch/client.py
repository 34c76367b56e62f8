"""The clients for Dispatch."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, Generic, Self, Unpack

from accordant_generated.dispatch.client import AsyncResources, Resources

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
from .auth import DispatchCredentials, dispatch_auth
from .vendor import VENDOR

if TYPE_CHECKING:
    from .appointments import Appointments, AsyncAppointments
    from .files import AsyncDatafiles, Datafiles
    from .jobs import AsyncJobs, Jobs

_VARIABLES: Final = ("CLIENT_ID", "CLIENT_SECRET", "USERNAME", "PASSWORD")


class DispatchClient(VendorClient, Generic[TokenT]):
    """What both clients for Dispatch are made from."""

    def __init__(
        self,
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        username: str | None = None,
        password: str | None = None,
        refresh_token: str | None = None,
        token: TokenT | None = None,
        **settings: Unpack[ClientSettings],
    ) -> None:
        """``client_id`` and ``client_secret`` are the public and the secret key of a job source or account. With
        ``username`` (an e-mail address) and ``password`` as well, the client acts as that user of one organization.
        ``refresh_token`` goes on with a session that was begun elsewhere. ``token`` replaces all of these: a bearer
        token, or a function that returns one. ``environment`` is ``"production"`` (the default) or ``"sandbox"``, each
        with its own credentials. The other settings are described at :class:`accordant.ClientSettings`.

        Raises ``ConfigurationError`` when credentials are missing or an address would be used without TLS. Nothing is
        sent before the first call.
        """
        given = DispatchCredentials(client_id, client_secret, username, password, refresh_token, token)
        del client_secret, password, refresh_token, token  # tracebacks that print local variables must not find them
        only_settings(settings, self._constructor)
        super().__init__(VENDOR, dispatch_auth(given, settings.get("token_store")), settings)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **settings: Unpack[ClientSettings]) -> Self:
        """A client with credentials from the environment (or from ``environ``).

        Reads ``DISPATCH_CLIENT_ID`` and ``DISPATCH_CLIENT_SECRET``, for the password grant ``DISPATCH_USERNAME`` and
        ``DISPATCH_PASSWORD`` as well, and ``DISPATCH_ENVIRONMENT`` or ``DISPATCH_BASE_URL``, which ``settings``
        overrule. Raises ``ConfigurationError`` naming a variable that is missing.
        """
        variables = Variables(VENDOR.variable_prefix, environ, _VARIABLES)
        del environ
        only_settings(settings, cls.from_env)
        user = variables.get("USERNAME") is not None or variables.get("PASSWORD") is not None
        return cls(
            client_id=variables.required("CLIENT_ID"),
            client_secret=variables.required("CLIENT_SECRET"),
            username=variables.required("USERNAME", "DISPATCH_PASSWORD is") if user else None,
            password=variables.required("PASSWORD", "DISPATCH_USERNAME is") if user else None,
            **variables.settings(settings),
        )


class Dispatch(DispatchClient[str | TokenProvider], Client, Resources):
    """A client for Dispatch that waits for its responses; safe to share among threads."""

    @cached_property
    def appointments(self) -> Appointments:
        """Visits at which a technician works on a job."""
        from .appointments import Appointments

        return Appointments(self._caller)

    @cached_property
    def datafiles(self) -> Datafiles:
        """Uploaded files and photos."""
        from .files import Datafiles

        return Datafiles(self._caller)

    @cached_property
    def jobs(self) -> Jobs:
        """Pieces of work, with their contacts and suggested times."""
        from .jobs import Jobs

        return Jobs(self._caller)


class AsyncDispatch(DispatchClient[AnyToken], AsyncClient, AsyncResources):
    """A client for Dispatch on an event loop; safe to share among its tasks."""

    @cached_property
    def appointments(self) -> AsyncAppointments:
        """Visits at which a technician works on a job."""
        from .appointments import AsyncAppointments

        return AsyncAppointments(self._caller)

    @cached_property
    def datafiles(self) -> AsyncDatafiles:
        """Uploaded files and photos."""
        from .files import AsyncDatafiles

        return AsyncDatafiles(self._caller)

    @cached_property
    def jobs(self) -> AsyncJobs:
        """Pieces of work, with their contacts and suggested times."""
        from .jobs import AsyncJobs

        return AsyncJobs(self._caller)
