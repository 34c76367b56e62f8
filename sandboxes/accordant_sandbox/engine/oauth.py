"""OAuth 2 token endpoint (RFC 6749): client credentials, password, rotating refresh; tokens are rows on the clock."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from accordant_sandbox.engine.auth import issue, revoke, token_row
from accordant_sandbox.http.exchange import Request
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.http.multipart import MalformedFormError, parse_form
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.ports import Call, Row, Tx

__all__ = ["asked_of", "client_of", "grant", "is_grant", "tokens_for"]

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
    return tokens_for(call.tx, call.body, lifetime=lifetime, user=lambda name, password: user(call, name, password))


def is_grant(request: Request) -> bool:
    """Whether a request says what RFC 6749 asks for a token: fields that a document adds are then not asked for."""
    try:
        body = asked_of(request)
    except Problem:
        return False
    return all(body.get(name) for name in _REQUIRED.get(str(body.get("grant_type")), ("grant_type",)))


def asked_of(request: Request) -> dict[str, Any]:
    """What a request for a token says: its body, a form or JSON, and the client in its `Authorization` header.

    Raises:
        Problem: The body cannot be read.
    """
    client = client_of(request)
    try:
        if request.media_type == "application/json":
            found: Any = orjson.loads(request.body)
            return {**client, **found} if is_object(found) else client
        return {**client, **dict(parse_form(request.body))}
    except (orjson.JSONDecodeError, MalformedFormError) as problem:
        raise Problem("oauth", "the body cannot be read", code="invalid_request") from problem


def client_of(request: Request) -> dict[str, str]:
    """The client's id and secret in an `Authorization` header."""
    scheme, _, encoded = (request.headers.get("authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        name, _, secret = base64.b64decode(encoded.strip()).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": name, "client_secret": secret}


def tokens_for(
    tx: Tx, body: Mapping[str, Any], *, lifetime: float, user: Callable[[str, str], str | None]
) -> dict[str, Any]:
    """The same for a body that is no call's, such as that of a token endpoint outside the API."""
    kind = str(body["grant_type"])
    if kind not in _REQUIRED:
        raise Problem("oauth", f"the grant type {kind} is not supported", code="unsupported_grant_type")
    for name in _REQUIRED[kind]:
        if not body.get(name):
            raise Problem("oauth", f"{name} is required", code="invalid_request")
    if kind == "client_credentials":
        return _tokens(tx, str(_client(tx, body)["principal"]), lifetime)
    if kind == "password":
        _client(tx, body)
        principal = user(str(body["username"]), str(body["password"]))
        if principal is None:
            raise Problem("oauth", "the user name or password is wrong", code="invalid_grant")
        return _tokens(tx, principal, lifetime)
    if body.get("client_id"):
        _client(tx, body, secret_required=False)
    row = token_row(tx, str(body["refresh_token"]), "refresh")
    if row is None:
        raise Problem("oauth", "the refresh token is not valid or was used before", code="invalid_grant")
    revoke(tx, row["token"])
    return _tokens(tx, row["principal"], lifetime)


def _client(tx: Tx, body: Mapping[str, Any], *, secret_required: bool = True) -> Row:
    row = tx.table("_clients").get(str(body["client_id"]))
    secret = body.get("client_secret")
    good = row is not None and (
        (not secret and not secret_required)
        or hmac.compare_digest(str(row["client_secret"]).encode(), str(secret).encode())
    )
    if row is None or not good:
        raise Problem("oauth", "the client is unknown or its secret is wrong", code="invalid_client")
    return row


def _tokens(tx: Tx, principal: str, lifetime: float) -> dict[str, Any]:
    access = issue(tx, principal, lifetime=lifetime)
    refresh = issue(tx, principal, kind="refresh")
    return {
        "access_token": access["token"],
        "token_type": "bearer",
        "created_at": int(tx.now.timestamp()),
        "expires_in": int(lifetime),
        "refresh_token": refresh["token"],
    }
