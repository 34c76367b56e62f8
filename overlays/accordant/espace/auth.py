"""eSPACE's credentials: an API key that is exchanged for a JWT, or a token of somebody else's."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from ..clients import (
    Auth,
    ConcealedToken,
    Secret,
    Token,
    TokenAuth,
    TokenRequest,
    TokenStore,
    bearer_auth,
    bearer_token,
    conceal,
    conceal_token,
    fingerprint,
    require_texts,
)
from ..errors import ConfigurationError
from .vendor import TOKEN_PATH


@frozen
class EspaceCredentials:
    """What a user gave, the secret parts wrapped at once: before anything can go wrong that prints local variables."""

    api_key: Secret | None = field(converter=conceal)
    token: ConcealedToken | None = field(converter=conceal_token)


def espace_auth(given: EspaceCredentials, store: TokenStore | None) -> Auth:
    """The way to authenticate with what was given; raises ``ConfigurationError`` when that is too little or too much.

    A token is good for about a year, or until its user changes e-mail address or password; a 401 asks for a new one
    [seed]. ``store`` keeps it beyond the process.
    """
    require_texts(given)
    if given.api_key is not None and given.token is not None:
        raise ConfigurationError("give an api_key or a token, not both")
    if given.token is not None:
        return bearer_auth(given.token)
    if given.api_key is None:
        raise ConfigurationError(
            "credentials are missing: give api_key or token, or use from_env() with ESPACE_API_KEY"
        )
    fields: dict[str, str | Secret] = {"apiKey": given.api_key}
    return TokenAuth(
        [lambda _old: TokenRequest("api_key", TOKEN_PATH, fields)],
        read_token,
        secrets=(given.api_key,),
        account=fingerprint(given.api_key),
        store=store,
    )


def read_token(document: Any, now: float) -> Token | None:
    """Read the response of ``requesttoken``: one JSON string, not wrapped like the others [seed]."""
    return bearer_token(None, document, now)
