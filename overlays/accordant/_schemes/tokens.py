"""Schemes whose tokens a token endpoint hands out: OAuth 2, and OpenID Connect, which says where the endpoint is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias
from urllib.parse import urljoin, urlsplit

from attrs import field, frozen

from .._auth.context import Auth
from .._auth.discovery import DiscoveredAuth
from .._auth.flows import HeaderAuth, ProviderAuth
from .._auth.oauth2 import OAuth2Credentials, Places, granted
from .._http.addresses import is_loopback, require_tls
from .._http.messages import origin
from .._http.secrets import Secret
from ..errors import ConfigurationError
from .given import Given
from .schemes import Surroundings, Ways

OAuth2Grant: TypeAlias = Literal["client_credentials", "password", "authorization_code"]

_CLIENT: Final = ("client_id", "client_secret")
_USER: Final = ("username", "password")


@frozen
class OAuth2Scheme:
    """Bearer tokens from ``token_url``, by the ``grants`` that the document offers; or a token that is given.

    Of the authorization code grant a user brings the result: a token, a refresh token, or both. ``discovery_url`` is
    OpenID Connect's, and replaces ``token_url``. A URL may be relative, and hold variables of the server's. ``names``
    are the arguments that are called otherwise here, because another scheme has one of that name.
    """

    name: str
    token_url: str = ""
    grants: tuple[OAuth2Grant, ...] = ()
    refresh_url: str = ""
    discovery_url: str = ""
    names: Mapping[str, str] = field(factory=dict[str, str])

    @property
    def kinds(self) -> tuple[str, ...]:
        """What the scheme takes, by the plain names."""
        found: list[str] = []
        if self.token_url or self.discovery_url:
            found += _CLIENT
            found += _USER if "password" in self.grants else ()
            found += ("refresh_token",) if self._refreshes else ()
            found += ("scopes",) if {"client_credentials", "password"} & set(self.grants) else ()
            found += ("token_url",)
        return (*found, "token")

    @property
    def _refreshes(self) -> bool:
        return bool(self.refresh_url) or bool({"authorization_code", "password"} & set(self.grants))

    @property
    def arguments(self) -> tuple[str, ...]:
        """What the scheme takes, as the client calls it."""
        return self._called(*self.kinds)

    def _called(self, *kinds: str) -> tuple[str, ...]:
        return tuple(self.names.get(kind, kind) for kind in kinds)

    @property
    def ways(self) -> Ways:
        """The grants, then a token alone."""
        found: list[tuple[str, ...]] = []
        if "client_credentials" in self.grants:
            found.append(self._called(*_CLIENT))
        if "password" in self.grants:
            found.append(self._called(*_USER))
        if "refresh_token" in self.kinds:
            found.append(self._called("refresh_token"))
        return (*found, self._called("token"))

    def auth(self, given: Given, around: Surroundings) -> Auth | None:
        """A token, or the way to obtain one."""
        called = {kind: self.names.get(kind, kind) for kind in self.kinds}
        token = given.token(called["token"])
        others = [name for kind, name in called.items() if kind not in ("token", "token_url") and name in given]
        if token is not None and not isinstance(token, Secret):
            if others:
                raise ConfigurationError(f"give {called['token']} or {others[0]}: a function obtains its tokens itself")
            return ProviderAuth(token)
        _require_whole(called, given)
        account = OAuth2Credentials(
            client_id=given.text(called.get("client_id")),
            client_secret=given.secret(called.get("client_secret")),
            username=given.text(called.get("username")),
            password=given.secret(called.get("password")),
            refresh_token=given.secret(called.get("refresh_token")),
            token=token,
            scope=given.words(called.get("scopes")),
        )
        if not self._obtains(account):
            return None if token is None else HeaderAuth("Authorization", token, "Bearer")
        return self._granted(account, given.text(called.get("token_url")), around)

    def _obtains(self, account: OAuth2Credentials) -> bool:
        """Whether there is a way to a token that is not given."""
        client = account.client_secret is not None and "client_credentials" in self.grants
        return client or account.username is not None or account.refresh_token is not None

    def _granted(self, account: OAuth2Credentials, own_url: str | None, around: Surroundings) -> Auth:
        def make(url: str, places: Places = ("header", "body")) -> Auth:
            refresh = None if own_url or not self.refresh_url else _endpoint(self.refresh_url, self.name, around)
            return granted(url, account, refresh_path=refresh, places=places, offered=self.grants, store=around.store)

        if own_url is not None:
            require_tls(own_url, "token_url")
            return make(own_url)
        if not self.discovery_url:
            return make(_endpoint(self.token_url, self.name, around))
        secrets = (account.client_secret, account.password, account.refresh_token, account.token)
        return DiscoveredAuth(_endpoint(self.discovery_url, self.name, around), make, secrets)


def _require_whole(called: Mapping[str, str], given: Given) -> None:
    """Raise where a secret came without the name that it belongs to, or a user without the password."""
    pairs = [("client_id", "client_secret"), ("username", "password"), ("password", "username")]
    for other, kind in pairs:
        if kind in called and called[kind] in given and called[other] not in given:
            raise ConfigurationError(f"{called[kind]} needs {called[other]} as well")


def _endpoint(url: str, scheme: str, around: Surroundings) -> str:
    """The whole address of a token endpoint, moved to the client's own where the document has it at home."""
    for name, value in around.variables:
        url = url.replace(f"{{{name}}}", value)
    if "{" in url:
        raise ConfigurationError(f"the token endpoint of {scheme}, {url}, is not whole: give token_url")
    whole = urljoin(f"{around.base_url}/", url)
    here = urlsplit(around.base_url)
    at_home = origin(whole) in {origin(home) for home in around.homes if "{" not in home}
    if at_home or is_loopback(here.hostname or ""):
        whole = urlsplit(whole)._replace(scheme=here.scheme, netloc=here.netloc).geturl()
    require_tls(whole, f"the token endpoint of {scheme}")
    return whole
