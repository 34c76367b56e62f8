"""What a vendor's client is made of: the seam for clients that are declared by hand, and for those that are generated.

The clients of this package use nothing else, and neither need yours. A client is a declaration from which its blocking
and its asynchronous class are made::

    class AcmeClient(VendorClient):
        def __init__(self, *, api_key: str | None = None, **settings: Unpack[ClientSettings]) -> None:
            \"\"\"``api_key`` is a key of the settings page. The others: :class:`accordant.ClientSettings`.\"\"\"
            given = SECURITY.given(api_key=api_key)
            del api_key  # tracebacks that print local variables must not find it
            only_settings(settings, self._constructor)
            super().__init__(VENDOR, SECURITY.auth(given, VENDOR, settings), settings)

        @classmethod
        def from_env(cls, environ: Mapping[str, str] | None = None, **settings: Unpack[ClientSettings]) -> Self:
            \"\"\"A client with ``ACME_API_KEY``, and ``ACME_BASE_URL`` if it is set.\"\"\"
            variables = SECURITY.variables(environ)
            only_settings(settings, cls.from_env)
            return cls(**variables.arguments(), **variables.settings(settings))

    class Acme(AcmeClient, Client, Resources):
        \"\"\"A client for Acme that waits for its responses; safe to share among threads.\"\"\"

    class AsyncAcme(AcmeClient, AsyncClient, AsyncResources):
        \"\"\"A client for Acme on an event loop; safe to share among its tasks.\"\"\"

with ``Resources`` and ``AsyncResources`` from the generated package, and

::

    VENDOR = Vendor(
        name="acme", title="Acme", variable_prefix="ACME", environments={"production": "https://api.acme.example"}
    )
    SECURITY = Security("ACME", (ApiKeyScheme("key", "header", "X-Api-Key"),), needs=(("key",),), public=False)

Beside that there is what a vendor may need that no document says: other ways to a token (:class:`TokenAuth`), another
form of errors (:class:`Problem`), rate limits, styles of paging, methods that are more than one call
(:func:`own_caller`). docs/client-classes.md tells which for what.
"""

from ._auth.context import Alternatives, Auth, AuthContext
from ._auth.credentials import (
    AnyToken,
    ConcealedToken,
    bearer_auth,
    conceal_token,
    given_text,
    require_pair,
    require_texts,
)
from ._auth.flows import (
    AsyncTokenProvider,
    HeaderAuth,
    ProviderAuth,
    TokenAuth,
    TokenProvider,
    fingerprint,
    sendable,
)
from ._auth.keys import BasicAuth, CookieAuth, NoAuth, QueryAuth
from ._auth.oauth2 import oauth2
from ._auth.token_requests import TokenRequest
from ._auth.tokens import Token, TokenStore, bearer_token, oauth2_token
from ._call.calls import call, download
from ._call.session import Session
from ._call.time_zones import aware, time_zone
from ._client.callers import AsyncOperations, SyncOperations, own_async_caller, own_caller, refuse_raw
from ._client.clients import AsyncClient, Client
from ._client.declaration import TokenT, VendorClient, client_attributes
from ._client.waiting import DEADLINE, INTERVAL, States, reached, wait_until, within
from ._flow.commands import Flow
from ._http.file_sinks import FileSink
from ._http.messages import HttpRequest, HttpResponse
from ._http.secrets import Secret, conceal
from ._limits.rate_limits import RateLimit
from ._paging.date_windows import WindowWalker
from ._paging.styles import MakeWalker
from ._problems import Problem, read_problem
from ._schemes.given import Given
from ._schemes.schemes import ApiKeyScheme, BasicScheme, BearerScheme, CertificateScheme, SecurityScheme, UnusableScheme
from ._schemes.security import Security
from ._schemes.servers import ServerVariable, filled, located
from ._schemes.tokens import OAuth2Scheme
from ._settings import ClientSettings, Defaults, Variables, only_settings
from ._vendor import Vendor, declared_failure

__all__ = [
    "DEADLINE",
    "INTERVAL",
    "Alternatives",
    "AnyToken",
    "ApiKeyScheme",
    "AsyncClient",
    "AsyncOperations",
    "AsyncTokenProvider",
    "Auth",
    "AuthContext",
    "BasicAuth",
    "BasicScheme",
    "BearerScheme",
    "CertificateScheme",
    "Client",
    "ClientSettings",
    "ConcealedToken",
    "CookieAuth",
    "Defaults",
    "FileSink",
    "Flow",
    "Given",
    "HeaderAuth",
    "HttpRequest",
    "HttpResponse",
    "MakeWalker",
    "NoAuth",
    "OAuth2Scheme",
    "Problem",
    "ProviderAuth",
    "QueryAuth",
    "RateLimit",
    "Secret",
    "Security",
    "SecurityScheme",
    "ServerVariable",
    "Session",
    "States",
    "SyncOperations",
    "Token",
    "TokenAuth",
    "TokenProvider",
    "TokenRequest",
    "TokenStore",
    "TokenT",
    "UnusableScheme",
    "Variables",
    "Vendor",
    "VendorClient",
    "WindowWalker",
    "aware",
    "bearer_auth",
    "bearer_token",
    "call",
    "client_attributes",
    "conceal",
    "conceal_token",
    "declared_failure",
    "download",
    "filled",
    "fingerprint",
    "given_text",
    "located",
    "oauth2",
    "oauth2_token",
    "only_settings",
    "own_async_caller",
    "own_caller",
    "reached",
    "read_problem",
    "refuse_raw",
    "require_pair",
    "require_texts",
    "sendable",
    "time_zone",
    "wait_until",
    "within",
]
