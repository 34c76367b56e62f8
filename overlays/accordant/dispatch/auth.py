"""Dispatch's credentials: OAuth 2 with three grants, or a token that somebody else obtains."""

from __future__ import annotations

from attrs import field, frozen

from ..clients import (
    Auth,
    ConcealedToken,
    Secret,
    TokenStore,
    bearer_auth,
    conceal,
    conceal_token,
    given_text,
    oauth2,
    require_pair,
    require_texts,
)
from ..errors import ConfigurationError
from .vendor import TOKEN_PATH


@frozen
class DispatchCredentials:
    """What a user gave, the secret parts wrapped at once: before anything can go wrong that prints local variables."""

    client_id: str | None = field(converter=given_text)
    client_secret: Secret | None = field(converter=conceal)
    username: str | None = field(converter=given_text)
    password: Secret | None = field(converter=conceal)
    refresh_token: Secret | None = field(converter=conceal)
    token: ConcealedToken | None = field(converter=conceal_token)


def dispatch_auth(given: DispatchCredentials, store: TokenStore | None) -> Auth:
    """The way to authenticate with what was given; raises ``ConfigurationError`` when that is too little or too much.

    ``client_id`` and ``client_secret`` are the public and the secret key of an account [seed]; with ``username`` and
    ``password`` the client acts as that user of one organization [docs]. ``refresh_token`` goes on where an earlier
    session ended.
    """
    require_texts(given)
    others = (given.client_id, given.client_secret, given.username, given.password, given.refresh_token)
    if given.token is not None:
        if any(others):
            raise ConfigurationError("give a token or the credentials to obtain one, not both")
        return bearer_auth(given.token)
    require_pair("client_id", given.client_id, "client_secret", given.client_secret)
    require_pair("username", given.username, "password", given.password)
    if given.client_id is None and given.username is not None:
        raise ConfigurationError("username and password need client_id and client_secret as well")
    if not any(others):
        raise ConfigurationError(
            "credentials are missing: give client_id and client_secret, a refresh_token or a token, "
            "or use from_env() with DISPATCH_CLIENT_ID and DISPATCH_CLIENT_SECRET"
        )
    return oauth2(
        TOKEN_PATH,
        client_id=given.client_id,
        client_secret=given.client_secret,
        username=given.username,
        password=given.password,
        refresh_token=given.refresh_token,
        store=store,
    )
