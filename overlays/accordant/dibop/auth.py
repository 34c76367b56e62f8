"""DIBOP's credentials: an API key, a user's password that is exchanged for a JWT, or a token of somebody else's."""

from __future__ import annotations

from attrs import field, frozen

from ..clients import (
    Auth,
    ConcealedToken,
    HeaderAuth,
    Secret,
    TokenAuth,
    TokenRequest,
    TokenStore,
    bearer_auth,
    conceal,
    conceal_token,
    fingerprint,
    given_text,
    oauth2_token,
    require_pair,
    require_texts,
)
from ..errors import ConfigurationError
from .vendor import LOGIN_PATH


@frozen
class DibopCredentials:
    """What a user gave, the secret parts wrapped at once: before anything can go wrong that prints local variables."""

    email: str | None = field(converter=given_text)
    password: Secret | None = field(converter=conceal)
    api_key: Secret | None = field(converter=conceal)
    token: ConcealedToken | None = field(converter=conceal_token)


def dibop_auth(given: DibopCredentials, store: TokenStore | None) -> Auth:
    """The way to authenticate with what was given; raises ``ConfigurationError`` when that is too little or too much.

    API keys and tokens travel in the same header [seed]. A login returns ``access_token`` and ``expires_in`` [docs],
    there is no refresh token: before the end, and after a 401, the client logs in anew.
    """
    require_texts(given)
    require_pair("email", given.email, "password", given.password)
    ways = [way is not None for way in (given.email, given.api_key, given.token)]
    if sum(ways) > 1:
        raise ConfigurationError("give one of these: api_key, email and password, or token")
    if given.api_key is not None:
        return HeaderAuth("Authorization", given.api_key, "Bearer")
    if given.token is not None:
        return bearer_auth(given.token)
    if given.email is None or given.password is None:
        raise ConfigurationError(
            "credentials are missing: give api_key, email and password, or a token, "
            "or use from_env() with DIBOP_API_KEY, or with DIBOP_EMAIL and DIBOP_PASSWORD"
        )
    fields: dict[str, str | Secret] = {"email": given.email, "password": given.password}
    return TokenAuth(
        [lambda _old: TokenRequest("login", LOGIN_PATH, fields)],
        oauth2_token,
        secrets=(given.password,),
        account=fingerprint(given.email),
        store=store,
    )
