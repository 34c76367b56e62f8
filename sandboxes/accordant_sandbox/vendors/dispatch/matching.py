"""How Dispatch recognises records that it has already: customers, organizations, and users that log in."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.several import where
from accordant_sandbox.ports import Call, Row

__all__ = ["customer_for", "login", "organization_for"]


def customer_for(call: Call, values: Mapping[str, Any]) -> tuple[Row, bool]:
    """The customer that these values describe, with the values merged into it; made when there is none (True)."""
    call.rule("customer_match")
    found = _duplicate(call, values)
    if found is None:
        return call.tx.create("customers", values), True
    call.rule("customer_merge")
    external_ids = list(dict.fromkeys([*found["external_ids"], *values.get("external_ids", [])]))
    return call.tx.update("customers", found["id"], {**values, "external_ids": external_ids}), False


def organization_for(call: Call, values: Mapping[str, Any] | None) -> tuple[Row, bool]:
    """The organization that these values describe, unchanged; made when there is none (True).

    Raises:
        Problem: `invalid`: there are no values, or too few to make one.
    """
    missing = [name for name in ("name", "email") if not values or name not in values]
    if values is None or missing:
        details = [("organization", f"{name} is required") for name in missing]
        raise Problem("invalid", "an organization is required", details=details)
    if not values.get("always_create"):
        call.rule("organization_match")
        known = next((row for row in call.tx.rows("organizations") if _same(row, values)), None)
        if known is not None:
            return known, False
    return call.tx.create("organizations", call.values("organizations", values)), True


def login(call: Call, username: str, password: str) -> str | None:
    """The principal of an active user with this e-mail and password."""
    for user in call.tx.rows("users"):
        stored = str(user.get("password") or "")
        if stored and _alike(user["email"], username) and hmac.compare_digest(stored.encode(), password.encode()):
            name = f"user:{user['id']}"
            data = {"organization_id": user["organization_id"], "user_id": user["id"]}
            principal = {"name": name, "tenant": user.get("_tenant", ""), "role": "organization_user", "data": data}
            call.tx.put("_principals", principal)
            return name
    return None


_IDENTITY = ("name", "address", "phone_number", "email")


def _duplicate(call: Call, values: Mapping[str, Any]) -> Row | None:
    rows = call.tx.rows("customers", organization_id=values.get("organization_id"))
    known = where(rows, "external_ids", "any_of", values.get("external_ids", []))
    alike = (row for row in rows if _alike(row["email"], values.get("email")))
    return known[0] if known else next(alike, None)


def _same(row: Row, values: Mapping[str, Any]) -> bool:
    return sum(_alike(row.get(name), values.get(name)) for name in _IDENTITY) >= 2


def _alike(one: Any, other: Any) -> bool:
    """Whether two values mean the same; nothing is like nothing."""
    if isinstance(one, str) and isinstance(other, str):
        return bool(one.strip()) and one.strip().casefold() == other.strip().casefold()
    return bool(one) and one == other
