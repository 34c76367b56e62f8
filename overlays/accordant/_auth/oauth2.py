"""The OAuth 2 grants (RFC 6749): client credentials, password, refresh token."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Literal, TypeAlias

from attrs import evolve, frozen

from .._http.secrets import Secret
from .flows import Grant, TokenAuth, fingerprint
from .token_requests import TokenRequest
from .tokens import Token, TokenStore, jwt_expiry, oauth2_token

ClientPlace: TypeAlias = Literal["body", "header"]
"""Where a token endpoint wants the client's id and secret: among the fields, or as Basic credentials."""
Places: TypeAlias = tuple[ClientPlace, ...]


@frozen
class OAuth2Credentials:
    """What an account has of these; ``token`` is an access token that somebody else obtained."""

    client_id: str | None = None
    client_secret: Secret | None = None
    username: str | None = None
    password: Secret | None = None
    refresh_token: Secret | None = None
    token: Secret | None = None
    scope: str | None = None


def oauth2(
    path: str,
    *,
    client_id: str | None = None,
    client_secret: Secret | None = None,
    username: str | None = None,
    password: Secret | None = None,
    refresh_token: Secret | None = None,
    form: bool = False,
    store: TokenStore | None = None,
) -> TokenAuth:
    """Credentials for a token endpoint at ``path``, below the client's own address.

    With a user name it is the password grant, else the client credentials grant; ``refresh_token`` is used first where
    one is given, and is all there is where nothing else is. ``form`` sends the fields as a form instead of as JSON.
    """
    both = client_id is not None and client_secret is not None
    given = OAuth2Credentials(
        client_id if both else None, client_secret if both else None, username, password, refresh_token
    )
    account = fingerprint(client_id, username, refresh_token)
    return granted(path, given, form=form, places=("body",), store=store, account=account)


def granted(
    path: str,
    given: OAuth2Credentials,
    *,
    refresh_path: str | None = None,
    form: bool = True,
    places: Places = ("header", "body"),
    offered: Collection[str] = ("password", "client_credentials"),
    store: TokenStore | None = None,
    account: str | None = None,
) -> TokenAuth:
    """The same for what is given, by the ``offered`` grants.

    A client with a secret shows itself in the first of ``places``, and in the second where it is not recognised.
    ``path`` may be a whole URL; ``refresh_path`` is where tokens are refreshed, if that is elsewhere.
    """
    firsts = {each: ask for each, ask in _first_grants(path, given, places, form) if each in offered}
    grants = [_refresh(refresh_path or path, given, places, form), *list(firsts.values())[:1]]
    expires = None if given.token is None else jwt_expiry(given.token.reveal())
    return TokenAuth(
        grants,
        oauth2_token,
        secrets=(given.client_secret, given.password, given.refresh_token, given.token),
        account=fingerprint(given.client_id, given.username, given.refresh_token) if account is None else account,
        store=store,
        first=None if given.token is None else Token(given.token, 0.0, expires, given.refresh_token),
    )


def _refresh(path: str, given: OAuth2Credentials, places: Places, form: bool) -> Grant:
    def refresh(old: Token | None) -> TokenRequest | None:
        token = given.refresh_token if old is None else old.refresh
        if token is None:
            return None
        fields: dict[str, str | Secret] = {"grant_type": "refresh_token", "refresh_token": token}
        return _with_client(TokenRequest("refresh_token", path, fields, form), given, places)

    return refresh


def _first_grants(path: str, given: OAuth2Credentials, places: Places, form: bool) -> Iterator[tuple[str, Grant]]:
    """How a token can be obtained that is not a refreshed one: by name, the best way first."""
    scope: Mapping[str, str | Secret] = {} if given.scope is None else {"scope": given.scope}
    if given.username is not None and given.password is not None:
        user: dict[str, str | Secret] = {"grant_type": "password", "username": given.username}
        user |= {"password": given.password, **scope}
        yield "password", lambda _old: _with_client(TokenRequest("password", path, user, form), given, places)
    if given.client_id is not None and given.client_secret is not None:
        client = {"grant_type": "client_credentials", **scope}
        asked = TokenRequest("client_credentials", path, client, form)
        yield "client_credentials", lambda _old: _with_client(asked, given, places)


def _with_client(asked: TokenRequest, given: OAuth2Credentials, places: Places) -> TokenRequest:
    """The request, which shows the client's secret in the first of ``places``; a client without one is a field."""
    own = {"client_id": given.client_id, "client_secret": given.client_secret}
    fields: dict[str, str | Secret] = {name: value for name, value in own.items() if value is not None}
    in_body = evolve(asked, fields={**asked.fields, **fields})
    if given.client_id is None or given.client_secret is None:
        return in_body
    in_header = evolve(asked, client=(given.client_id, given.client_secret))
    ways = [in_header if place == "header" else in_body for place in places]
    return evolve(ways[0], otherwise=ways[1]) if len(ways) > 1 else ways[0]
