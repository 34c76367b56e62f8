"""What credentials are to a call, and what a call is to its credentials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, TypeAlias

from .._clock import Clock
from .._flow.commands import Flow, TokenLock
from .._http.messages import HttpRequest, HttpResponse
from .._http.secrets import Redactor, Secret
from ..errors import AccordantError
from .token_outages import Effort

Alternatives: TypeAlias = tuple[tuple[str, ...], ...]
"""Which security schemes an operation wants: one of these sets, all of its members; an empty set is no credentials."""
UNDOCUMENTED: Final[Alternatives] = (("*",),)
"""What an endpoint wants that no document describes: whatever the client has. No scheme can have this name."""


class AuthContext(Protocol):
    """What credentials may use of the call that they serve: its clock, its time, its way to the vendor."""

    @property
    def name(self) -> str:
        """The operation, fit to be shown."""
        ...

    @property
    def security(self) -> Alternatives:
        """The security schemes that the operation wants."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock by which tokens expire and waits end."""
        ...

    @property
    def lock(self) -> TokenLock:
        """Held by the one flow that obtains a token."""
        ...

    @property
    def redactor(self) -> Redactor:
        """What removes the secrets of this call from texts."""
        ...

    @property
    def base_url(self) -> str:
        """The address of the API, without a slash at its end."""
        ...

    @property
    def effort(self) -> Effort:
        """How hard the call tries."""
        ...

    @property
    def hurried(self) -> bool:
        """Whether the last ``fetch`` ended earlier than its effort would have it, because of the call's deadline."""
        ...

    def left(self) -> float | None:
        """Seconds until the call's deadline."""
        ...

    def fetch(self, operation: str, request: HttpRequest, *, declared: bool = False) -> Flow[HttpResponse]:
        """Send a request without credentials, with the call's retries, within its deadline; what comes is UTF-8.

        It goes to the client's own address, or to one that is ``declared``: a token endpoint on another host.
        """
        ...

    def refusal(self, operation: str, request: HttpRequest, response: HttpResponse) -> AccordantError:
        """The error for a response to ``fetch`` that holds no token."""
        ...


class Auth(Protocol):
    """Puts credentials onto requests."""

    def secrets(self) -> Sequence[Secret | None]:
        """What must never be shown."""
        ...

    def authorize(self, request: HttpRequest, context: AuthContext, /) -> Flow[HttpRequest]:
        """The request with credentials."""
        ...

    def renew(self, request: HttpRequest, context: AuthContext, /) -> Flow[bool]:
        """The vendor returned 401 to ``request``: whether there are other credentials to try it with now."""
        ...
