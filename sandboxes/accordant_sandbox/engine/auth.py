"""Who is calling: tokens as rows on the clock, and the authenticators that a dialect combines."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.model.collections import uuid_text
from accordant_sandbox.model.instants import parse_instant
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.several import column
from accordant_sandbox.ports import Authenticator, Call, Principal, Row, Tx

__all__ = [
    "AnyOf",
    "Basic",
    "Bearer",
    "HeaderKey",
    "PlacedKey",
    "RowSecret",
    "authenticate",
    "issue",
    "revoke",
    "revoke_all",
    "token_row",
]


def issue(
    tx: Tx,
    principal: str,
    *,
    kind: str = "access",
    lifetime: float | None = None,
    text: Callable[[str], str] | None = None,
    **more: Any,
) -> Row:
    """Store a new token of a principal and return its row.

    Args:
        tx: The transaction to write in.
        principal: Name of its holder.
        kind: `access`, `refresh`, `api_key`, ... an authenticator accepts only its own kind.
        lifetime: Seconds until it dies; None = it never does.
        text: Makes the token's text out of a random one (a JWT, a prefixed key).
        more: Kept in the row.
    """
    random = uuid_text(tx.random).replace("-", "") + uuid_text(tx.random).replace("-", "")[:11]
    expires = None if lifetime is None else (tx.now + timedelta(seconds=lifetime)).isoformat()
    row = {
        "token": text(random) if text else random,
        "kind": kind,
        "principal": principal,
        "expires_at": expires,
        "revoked": False,
        **more,
    }
    return tx.put("_tokens", row)


def token_row(tx: Tx, token: str, kind: str) -> Row | None:
    """The row of a live token: of that kind, not revoked, not expired on the sandbox's clock."""
    row = tx.table("_tokens").get(token)
    if row is None or row["kind"] != kind or row["revoked"]:
        return None
    if row["expires_at"] is not None and parse_instant(row["expires_at"]) <= tx.now:
        return None
    return row


def revoke(tx: Tx, token: str) -> None:
    """Kill a token."""
    tx.put("_tokens", {**tx.table("_tokens")[token], "revoked": True})


def revoke_all(tx: Tx, **equals: Any) -> int:
    """Kill the live tokens that hold these values; returns how many."""
    tokens = column(tx.rows("_tokens", revoked=False, **equals), "token")
    for token in tokens:
        revoke(tx, token)
    return len(tokens)


@dataclass(frozen=True, slots=True)
class Bearer:
    """`Authorization: Bearer <token>` whose token is a row of `_tokens` of one kind; a good one notes `rule`."""

    kind: str = "access"
    rule: str | None = None

    def __call__(self, call: Call) -> Principal | None:
        header = call.request.headers.get("authorization")
        if header is None:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise Problem("unauthenticated", "the Authorization header is not a bearer token")
        holder = _holder(call, token.strip(), self.kind)
        if self.rule:
            call.rule(self.rule)
        return holder


@dataclass(frozen=True, slots=True)
class HeaderKey:
    """A key in its own header; the key is a row of `_tokens` of one kind."""

    header: str
    kind: str = "api_key"

    def __call__(self, call: Call) -> Principal | None:
        key = call.request.headers.get(self.header)
        return None if key is None else _holder(call, key, self.kind)


@dataclass(frozen=True, slots=True)
class PlacedKey:
    """A key in a query parameter or a cookie; the key is a row of `_tokens` of one kind."""

    where: Literal["query", "cookie"]
    name: str
    kind: str = "api_key"

    def __call__(self, call: Call) -> Principal | None:
        key = next((value for name, value in self._pairs(call) if name == self.name), None)
        return None if key is None else _holder(call, key, self.kind)

    def _pairs(self, call: Call) -> Iterator[tuple[str, str]]:
        if self.where == "query":
            yield from call.request.query
            return
        for header in call.request.headers.get_all("cookie"):
            for part in header.split(";"):
                name, _, value = part.strip().partition("=")
                yield name, value


@dataclass(frozen=True, slots=True)
class Basic:
    """`Authorization: Basic`; user name and password, joined by a colon, are a row of `_tokens` of one kind."""

    kind: str = "basic"

    def __call__(self, call: Call) -> Principal | None:
        header = call.request.headers.get("authorization")
        scheme, _, encoded = (header or "").partition(" ")
        if header is None:
            return None
        if scheme.lower() != "basic":
            raise Problem("unauthenticated", "the Authorization header is not a user name with a password")
        try:
            pair = base64.b64decode(encoded.strip(), validate=True).decode()
        except ValueError as problem:
            raise Problem("unauthenticated", "the Authorization header cannot be read") from problem
        return _holder(call, pair, self.kind)


@dataclass(frozen=True, slots=True)
class RowSecret:
    """A shared secret in its own header, kept in the row that the path names: an incoming webhook.

    Args:
        header: The header that carries it.
        collection: Where the row is.
        parameter: The path parameter with the row's key.
        field: The row's field with the secret.
        role: The caller's role; its tenant is the row's.
    """

    header: str
    collection: str
    parameter: str
    field: str = "secret"
    role: str = "webhook"

    def __call__(self, call: Call) -> Principal | None:
        secret = call.request.headers.get(self.header)
        if secret is None:
            return None
        key = call.path[self.parameter]
        row = call.tx.get(self.collection, key)
        if not hmac.compare_digest(str(row[self.field]).encode(), secret.encode()):
            raise Problem("unauthenticated", "the secret is wrong")
        return Principal(f"{self.role}:{key}", row["_tenant"], self.role)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One header that may carry several kinds of credential: the first authenticator that accepts it wins."""

    parts: tuple[Authenticator, ...]

    def __call__(self, call: Call) -> Principal | None:
        refusal: Problem | None = None
        for part in self.parts:
            try:
                found = part(call)
            except Problem as problem:
                refusal = problem
                continue
            if found is not None:
                return found
        try:
            if refusal:
                raise refusal
        finally:
            del refusal  # its traceback keeps this frame, which would keep it in turn
        return None


def authenticate(call: ActiveCall) -> Principal | None:
    """The principal of a call by the document's security requirements; None where the operation is open.

    Raises:
        Problem: `unauthenticated`: no alternative of the requirements is met.
    """
    alternatives = call.operation.requirements
    if not alternatives or () in alternatives:
        return None
    refusal = Problem("unauthenticated", "a credential is required")
    for alternative in alternatives:
        found: Principal | None = None
        try:
            for scheme in alternative:
                found = call.dialect.authenticators[scheme](call)
                if found is None:
                    break
        except Problem as problem:
            refusal = problem
            continue
        if found is not None:
            return found
    try:
        raise refusal
    finally:
        del refusal  # its traceback keeps this frame, which would keep it in turn


def _holder(call: Call, token: str, kind: str) -> Principal:
    row = token_row(call.tx, token, kind)
    holder = None if row is None else call.tx.table("_principals").get(row["principal"])
    if holder is None or holder.get("disabled"):
        raise Problem("unauthenticated", "the credential is not valid or has expired")
    return Principal.of(holder)
