"""Credentials that are sent as they are: in the query, in a cookie, as user name and password."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, unquote_plus

from .._flow.commands import Flow
from .._http.messages import HttpRequest
from .._http.secrets import Secret, SecretUrl
from ..errors import CredentialError
from .context import AuthContext
from .token_requests import basic

_COOKIE: Final = re.compile(r"[!#-+\--:<-\[\]-~]*")
"""What the value of a cookie may hold (RFC 6265, 4.1.1)."""


class _Fixed:
    """Credentials that cannot be renewed."""

    def renew(self, _request: HttpRequest, _context: AuthContext) -> Flow[bool]:
        """There is nothing to renew."""
        yield from ()
        return False


class QueryAuth(_Fixed):
    """A key that goes into a parameter of the query; one of that name that is there already is replaced."""

    def __init__(self, name: str, key: Secret) -> None:
        self._name = name
        self._key = key

    def secrets(self) -> Sequence[Secret | None]:
        """What must never be shown."""
        return (self._key,)

    def authorize(self, request: HttpRequest, _context: AuthContext) -> Flow[HttpRequest]:
        """The request with the key; its URL does not show in its repr."""
        yield from ()
        return HttpRequest(request.method, self._keyed(request.url), request.headers, request.body)

    def _keyed(self, url: str) -> SecretUrl:
        address, _, query = url.partition("?")
        others = [pair for pair in query.split("&") if pair and unquote_plus(pair.partition("=")[0]) != self._name]
        own = SecretUrl(f"{address}?{quote(self._name, safe='')}={self._encoded()}")
        return SecretUrl(f"{own}&{'&'.join(others)}") if others else own

    def _encoded(self) -> str:
        try:
            return quote(self._key.reveal(), safe="")
        except UnicodeEncodeError:
            pass
        raise CredentialError(f"the key for the query parameter {self._name} holds lone surrogates")


class CookieAuth(_Fixed):
    """A key that goes into a cookie, beside those that the call itself sends."""

    def __init__(self, name: str, key: Secret) -> None:
        self._name = name
        self._key = key

    def secrets(self) -> Sequence[Secret | None]:
        """What must never be shown."""
        return (self._key,)

    def authorize(self, request: HttpRequest, _context: AuthContext) -> Flow[HttpRequest]:
        """The request with the cookie."""
        yield from ()
        if _COOKIE.fullmatch(self._key.reveal()) is None:
            raise CredentialError(f"the key for the cookie {self._name} holds blanks, quotes, commas or semicolons")
        others = [part.strip() for part in (request.header("Cookie") or "").split(";")]
        kept = [part for part in others if part and part.partition("=")[0] != self._name]
        return request.with_header("Cookie", "; ".join([*kept, f"{self._name}={self._key.reveal()}"]))


class BasicAuth(_Fixed):
    """A user name and a password (RFC 7617)."""

    def __init__(self, username: Secret, password: Secret) -> None:
        self._username = username
        self._password = password

    def secrets(self) -> Sequence[Secret | None]:
        """What must never be shown; some vendors take a key as user name and no password."""
        return (self._password,) if self._password else (self._username,)

    def authorize(self, request: HttpRequest, _context: AuthContext) -> Flow[HttpRequest]:
        """The request with both."""
        yield from ()
        return request.with_header("Authorization", self._value())

    def _value(self) -> str:
        if ":" in self._username.reveal():
            raise CredentialError("a user name for Basic credentials cannot hold a colon")
        try:
            return basic(self._username.reveal(), self._password.reveal())
        except UnicodeEncodeError:
            pass
        raise CredentialError("the user name or the password holds lone surrogates")


class NoAuth(_Fixed):
    """No credentials of the client's own: a client certificate speaks for it, or nobody asks."""

    def secrets(self) -> Sequence[Secret | None]:
        """Nothing is secret."""
        return ()

    def authorize(self, request: HttpRequest, _context: AuthContext) -> Flow[HttpRequest]:
        """The request as it is."""
        yield from ()
        return request
