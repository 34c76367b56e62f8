"""The OAuth 2 grants (RFC 6749): client credentials, password, refresh token."""

from __future__ import annotations

from .._http.secrets import Secret
from .flows import Grant, TokenAuth, TokenRequest, fingerprint
from .tokens import Token, TokenStore, oauth2_token


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
    client: dict[str, str | Secret] = {}
    if client_id is not None and client_secret is not None:
        client = {"client_id": client_id, "client_secret": client_secret}

    def refresh(old: Token | None) -> TokenRequest | None:
        token = refresh_token if old is None else old.refresh
        if token is None:
            return None
        return TokenRequest(
            "refresh_token", path, {"grant_type": "refresh_token", "refresh_token": token, **client}, form
        )

    grants: list[Grant] = [refresh]
    if username is not None and password is not None:
        fields = {"grant_type": "password", "username": username, "password": password, **client}
        grants.append(lambda _old: TokenRequest("password", path, fields, form))
    elif client:
        fields = {"grant_type": "client_credentials", **client}
        grants.append(lambda _old: TokenRequest("client_credentials", path, fields, form))
    return TokenAuth(
        grants,
        oauth2_token,
        secrets=(client_secret, password, refresh_token),
        account=fingerprint(client_id, username, refresh_token),
        store=store,
    )
