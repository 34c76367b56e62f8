"""How a token is asked for: one request to a token endpoint."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from urllib.parse import quote_plus, urlencode

from attrs import field, frozen

from accordant_runtime import dumps

from .._http.messages import HttpRequest
from .._http.secrets import HALF, Secret, SecretBody
from ..errors import CredentialError


@frozen
class TokenRequest:
    """One way to ask for a token: the fields to POST to ``path``, as JSON or as a form.

    ``path`` is below the client's own address, or a whole URL where the token endpoint is elsewhere.
    ``client`` is sent as Basic credentials (RFC 6749, 2.3.1). ``otherwise`` is the same question with the client shown
    in another place, for endpoints that do not recognise it in the first one.
    """

    grant: str
    path: str
    fields: Mapping[str, str | Secret] = field(repr=False)
    form: bool = False
    client: tuple[str, Secret] | None = field(default=None, repr=False)
    otherwise: TokenRequest | None = field(default=None, repr=False)

    @property
    def elsewhere(self) -> bool:
        """Whether the endpoint is not below the client's address."""
        return not self.path.startswith("/")

    def request(self, base_url: str) -> HttpRequest:
        """The HTTP request; raises ``CredentialError``, which shows no text, where one cannot be sent."""
        cut = self._cut()
        if cut is not None:
            raise CredentialError(f"token ({self.grant}): {cut} {HALF}")
        kind = "application/x-www-form-urlencoded" if self.form else "application/json"
        headers: tuple[tuple[str, str], ...] = (("Accept", "application/json"), ("Content-Type", kind))
        if self.client is not None:
            name, secret = self.client
            headers += (("Authorization", basic(quote_plus(name), quote_plus(secret.reveal()))),)
        url = self.path if self.elsewhere else base_url + self.path
        return HttpRequest("POST", url, headers, SecretBody(self._encoded))

    def _cut(self) -> str | None:
        """The name of a text that holds half a character."""
        client: dict[str, str | Secret] = dict(zip(("client_id", "client_secret"), self.client or (), strict=False))
        given = {**client, **self.fields}
        texts = {name: Secret(each) if isinstance(each, str) else each for name, each in given.items()}
        return next((name for name, each in texts.items() if not each.whole), None)

    def _encoded(self) -> bytes:
        encode: Callable[[dict[str, str]], bytes] = (lambda plain: urlencode(plain).encode()) if self.form else dumps
        return encode(
            {name: value.reveal() if isinstance(value, Secret) else value for name, value in self.fields.items()}
        )


def basic(username: str, password: str) -> str:
    """The value of the header ``Authorization`` for a user name and a password (RFC 7617)."""
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"
