"""What the credentials of several vendors have in common: tokens of somebody else's, and parts that go in pairs."""

from __future__ import annotations

from typing import Any, TypeAlias

import attrs

from .._http.secrets import HALF, Secret, conceal
from ..errors import ConfigurationError
from .context import Auth
from .flows import AsyncTokenProvider, HeaderAuth, ProviderAuth, TokenProvider

AnyToken: TypeAlias = str | TokenProvider | AsyncTokenProvider
"""A bearer token, or a function that answers one."""
ConcealedToken: TypeAlias = Secret | TokenProvider | AsyncTokenProvider
"""The same with the token wrapped."""


def conceal_token(token: AnyToken | None) -> ConcealedToken | None:
    """Wrap a token before anything can go wrong that prints local variables."""
    return token if token is None or callable(token) else conceal(token)


def given_text(text: str | None) -> str | None:
    """A text that came in from a user; an empty one counts as not given."""
    return text or None


def bearer_auth(token: ConcealedToken) -> Auth:
    """The way to authenticate with a token that somebody else obtains."""
    return HeaderAuth("Authorization", token, "Bearer") if isinstance(token, Secret) else ProviderAuth(token)


def require_texts(given: Any) -> None:
    """Raise ``ConfigurationError`` where one of the credentials of an attrs class is no whole text.

    The credential is not shown.
    """
    kinds = {name: _kind(value) for name, value in attrs.asdict(given, recurse=False).items()}
    function = callable(getattr(given, "token", None))
    for name, kind in kinds.items():
        if kind is not None and not issubclass(kind, str) and not (name == "token" and function):
            also = " or a function" if name == "token" else ""
            raise ConfigurationError(f"{name} must be a str{also}, not a {kind.__name__}")
        if kind is not None and not _whole(getattr(given, name)):
            raise ConfigurationError(f"{name} {HALF}")


def _whole(value: object) -> bool:
    secret = Secret(value) if isinstance(value, str) else value
    return not isinstance(secret, Secret) or secret.whole


def _kind(value: object) -> type[object] | None:
    """The class of a credential. The value itself must not become a local variable of a frame that raises."""
    if value is None:
        return None
    return type(value.reveal()) if isinstance(value, Secret) else type(value)


def require_pair(first: str, one: object, second: str, other: object) -> None:
    """Raise ``ConfigurationError`` where one of two arguments is given without the other."""
    if (one is None) != (other is None):
        missing, present = (first, second) if one is None else (second, first)
        raise ConfigurationError(f"{present} needs {missing} as well")
