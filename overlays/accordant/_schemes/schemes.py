"""The security schemes of OpenAPI as data, each with the arguments of the client that it needs.

A scheme tells two things: the ways to satisfy it (``ways``, for messages), and the credentials that follow from what
was given (``auth``), ``None`` where that is not enough. A pair that is given by half raises ``ConfigurationError``.
"""

from __future__ import annotations

from typing import ClassVar, Literal, Protocol, TypeAlias

from attrs import frozen

from .._auth.context import Auth
from .._auth.flows import HeaderAuth, ProviderAuth
from .._auth.keys import BasicAuth, CookieAuth, NoAuth, QueryAuth
from .._auth.tokens import TokenStore
from .._http.secrets import Secret
from ..errors import ConfigurationError
from .given import Given

Ways: TypeAlias = tuple[tuple[str, ...], ...]
"""Which arguments satisfy a scheme: one of these tuples, all of its members."""


@frozen
class Surroundings:
    """What a scheme may know of the client: its address, and a few of its settings.

    ``homes`` are the addresses that the document names; a token endpoint at one of them moves with the client's own.
    ``variables`` fill the address of a token endpoint as they fill the client's own. ``certificate`` says that the
    client connects with TLS settings of the user's.
    """

    base_url: str
    homes: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    store: TokenStore | None = None
    certificate: bool = False


class SecurityScheme(Protocol):
    """One entry of ``securitySchemes``."""

    @property
    def name(self) -> str:
        """What the document calls it."""
        ...

    @property
    def ways(self) -> Ways:
        """What satisfies it, the likeliest first; empty where nothing does."""
        ...

    @property
    def arguments(self) -> tuple[str, ...]:
        """Every argument of the client that is for this scheme."""
        ...

    def auth(self, given: Given, around: Surroundings, /) -> Auth | None:
        """The credentials that were given for it."""
        ...


@frozen
class ApiKeyScheme:
    """A key that is sent as it is, in a header, in the query or in a cookie called ``field``."""

    name: str
    where: Literal["header", "query", "cookie"]
    field: str
    argument: str = "api_key"

    @property
    def arguments(self) -> tuple[str, ...]:
        """The key."""
        return (self.argument,)

    @property
    def ways(self) -> Ways:
        """The key."""
        return (self.arguments,)

    def auth(self, given: Given, _around: Surroundings) -> Auth | None:
        """The key in its place."""
        key = given.secret(self.argument)
        if key is None:
            return None
        if self.where == "header":
            return HeaderAuth(self.field, key)
        return QueryAuth(self.field, key) if self.where == "query" else CookieAuth(self.field, key)


@frozen
class BasicScheme:
    """A user name and a password; the password may be an empty text."""

    name: str
    username: str = "username"
    password: str = "password"

    @property
    def arguments(self) -> tuple[str, ...]:
        """Both."""
        return (self.username, self.password)

    @property
    def ways(self) -> Ways:
        """Both."""
        return (self.arguments,)

    def auth(self, given: Given, _around: Surroundings) -> Auth | None:
        """Both in the header ``Authorization``."""
        username, password = given.secret(self.username), given.secret(self.password)
        if username is None and not password:
            return None
        if username is None or password is None:
            missing, present = (self.username, self.password) if username is None else (self.password, self.username)
            also = f' ({missing}="" where the vendor wants none)' if username is not None else ""
            raise ConfigurationError(f"{present} needs {missing} as well{also}")
        return BasicAuth(username, password)


@frozen
class BearerScheme:
    """A token, or a function that returns one: what follows ``Bearer``, or the word of another HTTP scheme."""

    name: str
    argument: str = "token"
    scheme: str = "Bearer"

    @property
    def arguments(self) -> tuple[str, ...]:
        """The token."""
        return (self.argument,)

    @property
    def ways(self) -> Ways:
        """The token."""
        return (self.arguments,)

    def auth(self, given: Given, _around: Surroundings) -> Auth | None:
        """The token in the header ``Authorization``."""
        token = given.token(self.argument)
        if token is None:
            return None
        if isinstance(token, Secret):
            return HeaderAuth("Authorization", token, self.scheme)
        return ProviderAuth(token, self.scheme)


@frozen
class CertificateScheme:
    """A client certificate (``mutualTLS``): the TLS settings that the client connects with."""

    name: str
    arguments: ClassVar[tuple[str, ...]] = ()
    ways: ClassVar[Ways] = (("http=HttpOptions(tls=...)",),)

    def auth(self, _given: Given, around: Surroundings) -> Auth | None:
        """Nothing more is sent."""
        return NoAuth() if around.certificate else None


@frozen
class UnusableScheme:
    """A scheme that cannot be used, and what to do about it: it is not declared, or of a kind that is not known."""

    name: str
    why: str
    arguments: ClassVar[tuple[str, ...]] = ()
    ways: ClassVar[Ways] = ()

    def auth(self, _given: Given, _around: Surroundings) -> Auth | None:
        """Nothing satisfies it."""
        return None
