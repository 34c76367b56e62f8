"""Who is calling: principals, tokens as rows on the clock, and the authenticators that a dialect combines."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from accordant_sandbox.engine.clock import parse_instant
from accordant_sandbox.model.collections import Collection, Row, uuid_text
from accordant_sandbox.model.problems import Problem

if TYPE_CHECKING:
    from accordant_sandbox.engine.transaction import Transaction
    from accordant_sandbox.http.exchange import Call

__all__ = [
    "PRINCIPALS",
    "TOKENS",
    "AnyOf",
    "Authenticator",
    "Bearer",
    "HeaderKey",
    "Principal",
    "RowSecret",
    "authenticate",
    "issue",
    "revoke",
    "token_row",
]

PRINCIPALS = Collection(name="_principals", key="name", stamps=())
TOKENS = Collection(name="_tokens", key="token", stamps=())


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller: its name in the sandbox, its tenant, its role, and whatever the vendor's rules need to know of it."""

    name: str
    tenant: str
    role: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @classmethod
    def of(cls, row: Row) -> Principal:
        """The principal that a row of `_principals` describes."""
        return cls(row["name"], row["tenant"], row["role"], row.get("data", {}))


class Authenticator(Protocol):
    """Checks the credential of one security scheme."""

    def __call__(self, call: Call) -> Principal | None:
        """The principal; None when the request carries no credential of this kind.

        Raises:
            Problem: `unauthenticated`: there is a credential and it is not good.
        """
        ...


def issue(
    tx: Transaction,
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
    return tx.put(TOKENS, row)


def token_row(tx: Transaction, token: str, kind: str) -> Row | None:
    """The row of a live token: of that kind, not revoked, not expired on the sandbox's clock."""
    row = tx.table("_tokens").get(token)
    if row is None or row["kind"] != kind or row["revoked"]:
        return None
    if row["expires_at"] is not None and parse_instant(row["expires_at"]) <= tx.now:
        return None
    return row


def revoke(tx: Transaction, token: str) -> None:
    """Kill a token."""
    tx.put(TOKENS, {**tx.table("_tokens")[token], "revoked": True})


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
    """A key in a header of its own; the key is a row of `_tokens` of one kind."""

    header: str
    kind: str = "api_key"

    def __call__(self, call: Call) -> Principal | None:
        key = call.request.headers.get(self.header)
        return None if key is None else _holder(call, key, self.kind)


@dataclass(frozen=True, slots=True)
class RowSecret:
    """A shared secret in a header of its own, kept in the row that the path names: an incoming webhook.

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
        if refusal:
            raise refusal
        return None


def authenticate(call: Call) -> Principal | None:
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
                found = call.engine.dialect.authenticators[scheme](call)
                if found is None:
                    break
        except Problem as problem:
            refusal = problem
            continue
        if found is not None:
            return found
    raise refusal


def _holder(call: Call, token: str, kind: str) -> Principal:
    row = token_row(call.tx, token, kind)
    holder = None if row is None else call.tx.table("_principals").get(row["principal"])
    if holder is None or holder.get("disabled"):
        raise Problem("unauthenticated", "the credential is not valid or has expired")
    return Principal.of(holder)
