"""What the credentials of several vendors have in common: tokens of somebody else's, and parts that go in pairs."""

from __future__ import annotations

from typing import TypeAlias

from ._auth import AsyncTokenProvider, Auth, HeaderAuth, ProviderAuth, TokenProvider
from ._secret import Secret, conceal
from .errors import ConfigurationError

AnyToken: TypeAlias = str | TokenProvider | AsyncTokenProvider
"""A bearer token, or a function that answers one."""
ConcealedToken: TypeAlias = Secret | TokenProvider | AsyncTokenProvider
"""The same with the token wrapped."""


def conceal_token(token: AnyToken | None) -> ConcealedToken | None:
    """Wrap a token before anything can go wrong that prints local variables."""
    return token if token is None or callable(token) else conceal(token)


def bearer_auth(token: ConcealedToken) -> Auth:
    """The way to authenticate with a token that somebody else obtains."""
    return HeaderAuth("Authorization", token, "Bearer") if isinstance(token, Secret) else ProviderAuth(token)


def require_pair(first: str, one: object, second: str, other: object) -> None:
    """Raise ``ConfigurationError`` where one of two arguments is given without the other."""
    if (one is None) != (other is None):
        missing, present = (first, second) if one is None else (second, first)
        raise ConfigurationError(f"{present} needs {missing} as well")
