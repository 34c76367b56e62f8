"""Dime.Scheduler's credentials: an API key, or a user name and password that are exchanged for a JWT."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from accordant_runtime import is_object

from ..clients import (
    Auth,
    ConcealedToken,
    HeaderAuth,
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
    given_text,
    require_pair,
    require_texts,
)
from ..errors import ConfigurationError
from .vendor import API_KEY_HEADER, TOKEN_PATH


@frozen
class DimeSchedulerCredentials:
    """What a user gave, the secret parts wrapped at once: before anything can go wrong that prints local variables."""

    api_key: Secret | None = field(converter=conceal)
    username: str | None = field(converter=given_text)
    password: Secret | None = field(converter=conceal)
    token: ConcealedToken | None = field(converter=conceal_token)


def dime_scheduler_auth(given: DimeSchedulerCredentials, store: TokenStore | None) -> Auth:
    """The way to authenticate with what was given; raises ``ConfigurationError`` when that is too little or too much.

    The key goes into ``X-API-KEY`` [seed]; a user name and password get a JWT from ``/token`` [seed], whose end is read
    from the token itself, for the response names none.
    """
    require_texts(given)
    require_pair("username", given.username, "password", given.password)
    ways = [way is not None for way in (given.api_key, given.username, given.token)]
    if sum(ways) > 1:
        raise ConfigurationError("give one of these: api_key, username and password, or token")
    if given.api_key is not None:
        return HeaderAuth(API_KEY_HEADER, given.api_key)
    if given.token is not None:
        return bearer_auth(given.token)
    if given.username is None or given.password is None:
        raise ConfigurationError(
            "credentials are missing: give api_key, username and password, or a token, or use from_env() with "
            "DIME_SCHEDULER_API_KEY, or with DIME_SCHEDULER_USERNAME and DIME_SCHEDULER_PASSWORD"
        )
    fields: dict[str, str | Secret] = {"username": given.username, "password": given.password}
    return TokenAuth(
        [lambda _old: TokenRequest("password", TOKEN_PATH, fields)],
        read_token,
        secrets=(given.password,),
        account=fingerprint(given.username),
        store=store,
    )


def read_token(document: Any, now: float) -> Token | None:
    """Read the response of ``/token``: ``{"token": "..."}`` [seed]."""
    return bearer_token(document, document.get("token") if is_object(document) else None, now)
