"""OAuth 2 token endpoint (RFC 6749): client credentials, password, rotating refresh; tokens are rows on the clock."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from accordant_sandbox.engine.auth import issue, revoke, token_row
from accordant_sandbox.model.collections import Collection, Row
from accordant_sandbox.model.problems import Problem

if TYPE_CHECKING:
    from accordant_sandbox.http.exchange import Call

__all__ = ["CLIENTS", "grant"]

CLIENTS = Collection(name="_clients", key="client_id", stamps=())
"""Registered clients: `client_id`, `client_secret`, `principal`."""

_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "client_credentials": ("client_id", "client_secret"),
    "password": ("username", "password", "client_id", "client_secret"),
    "refresh_token": ("refresh_token",),
}


def grant(call: Call, *, lifetime: float, user: Callable[[Call, str, str], str | None]) -> dict[str, Any]:
    """The token body for the grant that the call's body asks for.

    Args:
        call: The call; its body is a mapping of text.
        lifetime: Seconds that an access token lives.
        user: Name of the principal with a user name and password, None when they do not match.

    Raises:
        Problem: `oauth` with the error code of RFC 6749, section 5.2.
    """
    body: Mapping[str, Any] = call.body
    kind = str(body["grant_type"])
    if kind not in _REQUIRED:
        raise Problem("oauth", f"the grant type {kind} is not supported", code="unsupported_grant_type")
    for name in _REQUIRED[kind]:
        if not body.get(name):
            raise Problem("oauth", f"{name} is required", code="invalid_request")
    if kind == "client_credentials":
        return _tokens(call, str(_client(call, body)["principal"]), lifetime)
    if kind == "password":
        _client(call, body)
        principal = user(call, str(body["username"]), str(body["password"]))
        if principal is None:
            raise Problem("oauth", "the user name or password is wrong", code="invalid_grant")
        return _tokens(call, principal, lifetime)
    if body.get("client_id"):
        _client(call, body, secret_required=False)
    row = token_row(call.tx, str(body["refresh_token"]), "refresh")
    if row is None:
        raise Problem("oauth", "the refresh token is not valid or was used before", code="invalid_grant")
    revoke(call.tx, row["token"])
    return _tokens(call, row["principal"], lifetime)


def _client(call: Call, body: Mapping[str, Any], *, secret_required: bool = True) -> Row:
    row = call.tx.table("_clients").get(body["client_id"])
    secret = body.get("client_secret")
    good = row is not None and (
        (not secret and not secret_required)
        or hmac.compare_digest(str(row["client_secret"]).encode(), str(secret).encode())
    )
    if row is None or not good:
        raise Problem("oauth", "the client is unknown or its secret is wrong", code="invalid_client")
    return row


def _tokens(call: Call, principal: str, lifetime: float) -> dict[str, Any]:
    access = issue(call.tx, principal, lifetime=lifetime)
    refresh = issue(call.tx, principal, kind="refresh")
    return {
        "access_token": access["token"],
        "token_type": "bearer",
        "created_at": call.engine.clock.epoch(),
        "expires_in": int(lifetime),
        "refresh_token": refresh["token"],
    }
