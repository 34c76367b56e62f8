"""OpenID Connect Discovery 1.0: the token endpoint is what the provider's own document says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from accordant_runtime import is_array, is_object

from .._flow.commands import Acquire, Flow
from .._http.addresses import require_tls
from .._http.messages import HttpRequest
from .._http.secrets import Secret
from ..errors import ConfigurationError, CredentialError, DeadlineExceededError
from .context import Auth, AuthContext
from .oauth2 import ClientPlace, Places
from .tokens import json_or_none

_OPERATION: Final = "discovery (openIdConnect)"
_PLACES: Final[dict[str, ClientPlace]] = {"client_secret_basic": "header", "client_secret_post": "body"}


class DiscoveredAuth:
    """Credentials whose token endpoint is asked for once, before the first token.

    ``make`` makes them from the endpoint's address and the places where it wants the client's secret.
    """

    def __init__(self, url: str, make: Callable[[str, Places], Auth], secrets: Sequence[Secret | None]) -> None:
        self._url = url
        self._make = make
        self._secrets = secrets
        self._found: Auth | None = None

    def secrets(self) -> Sequence[Secret | None]:
        """What must never be shown."""
        return self._secrets

    def authorize(self, request: HttpRequest, context: AuthContext) -> Flow[HttpRequest]:
        """The request with a token from the endpoint that was found."""
        auth = yield from self._discovered(context)
        return (yield from auth.authorize(request, context))

    def renew(self, request: HttpRequest, context: AuthContext) -> Flow[bool]:
        """Obtain another token."""
        auth = yield from self._discovered(context)
        return (yield from auth.renew(request, context))

    def _discovered(self, context: AuthContext) -> Flow[Auth]:
        if self._found is not None:
            return self._found
        acquired: bool = yield Acquire(context.lock, context.left())
        if not acquired:
            raise DeadlineExceededError("no time was left to wait for the token endpoint's address", sent=False)
        try:
            if self._found is None:
                self._found = self._make(*(yield from self._ask(context)))
            return self._found
        finally:
            context.lock.release()

    def _ask(self, context: AuthContext) -> Flow[tuple[str, Places]]:
        request = HttpRequest("GET", self._url, (("Accept", "application/json"),))
        response = yield from context.fetch(_OPERATION, request, declared=True)
        if not response.ok:
            raise context.refusal(_OPERATION, request, response)
        document: Any = json_or_none(response.content)
        endpoint: object = document.get("token_endpoint") if is_object(document) else None
        if not isinstance(endpoint, str) or not endpoint:
            raise CredentialError(f"{self._url} names no token_endpoint: give token_url, or a token")
        try:
            require_tls(endpoint, f"the token_endpoint that {self._url} names")
        except (ConfigurationError, ValueError) as error:
            raise CredentialError(f"{error}: give token_url, or a token") from None
        known: Any = document.get("token_endpoint_auth_methods_supported")
        stated: Places = tuple(_PLACES[each] for each in known if each in _PLACES) if is_array(known) else ()
        return endpoint, stated or ("header", "body")
