"""What happens at DIBOP outside the API, for tests: people in the web product, schedules, other systems' moods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from accordant_sandbox.engine.auth import issue, revoke
from accordant_sandbox.errors import SandboxError, unknown
from accordant_sandbox.model.several import column
from accordant_sandbox.ports import Row, Tx
from accordant_sandbox.vendors.dibop import executions
from accordant_sandbox.vendors.dibop.systems import OUTCOMES, connection_of

__all__ = ["ACTIONS"]

_ROLES: Final = ("enterprise_admin", "platform_admin", "viewer")


def set_role(tx: Tx, email: str, role: str) -> None:
    """An administrator gives a user another role; it holds at once."""
    if role not in _ROLES:
        raise unknown("role", role, _ROLES)
    tx.rule("role_at_once")
    _change(tx, email, {"role": role})


def deactivate_user(tx: Tx, email: str) -> None:
    """An administrator deactivates a user: its tokens and its password are good for nothing."""
    _change(tx, email, {"status": "deactivated"})


def activate_user(tx: Tx, email: str) -> None:
    """An administrator activates a user again."""
    _change(tx, email, {"status": "active"})


def create_api_key(tx: Tx, email: str) -> str:
    """An administrator makes an API key; it is shown this once."""
    user = _user(tx, email)
    if user["role"] != "enterprise_admin":
        raise SandboxError(f"{email} is {user['role']}: only an administrator of the enterprise makes API keys")
    return str(issue(tx, user["id"], kind="api_key", text=lambda text: f"dibop_{text}")["token"])


def revoke_api_key(tx: Tx, key: str) -> None:
    """An administrator removes an API key."""
    if tx.table("_tokens").get(key, {}).get("kind") != "api_key":
        raise SandboxError("this API key does not exist")
    revoke(tx, key)


def set_system(tx: Tx, system: str, outcome: str, tenant: str | None = None) -> dict[str, Any]:
    """Another system changes its mood: `online`, `offline`, `timeout` or `auth_error`, for pings and for steps."""
    if outcome not in OUTCOMES:
        raise unknown("outcome", outcome, OUTCOMES)
    connection = connection_of(tx, tenant or _first_enterprise(tx), system)
    if connection is None:
        raise SandboxError(f"there is no connection to {system!r}")
    return dict(tx.update("connections", connection["id"], {"outcome": outcome}))


def run(
    tx: Tx, orchestration_id: str, triggered_by: str = "manual", parameters: Mapping[str, Any] | None = None
) -> str:
    """A person or a schedule runs an orchestration; returns the id of the execution."""
    if triggered_by not in ("manual", "scheduled"):
        raise unknown("trigger", triggered_by, ("manual", "scheduled"))
    row = tx.get("orchestrations", orchestration_id)
    started = executions.start(tx, row, executions.accepted(row, parameters or {}), triggered_by)
    return str(started["execution_id"])


def set_webhook(tx: Tx, webhook_id: str, enabled: bool) -> None:
    """An administrator switches an incoming webhook on or off."""
    tx.update("webhooks", webhook_id, {"enabled": enabled})


def _change(tx: Tx, email: str, values: Mapping[str, Any]) -> None:
    user = tx.update("users", _user(tx, email)["id"], values)
    principal = tx.table("_principals")[user["id"]]
    tx.put("_principals", {**principal, "role": user["role"], "disabled": user["status"] != "active"})


def _user(tx: Tx, email: str) -> Row:
    found = tx.rows("users", email=email)
    if not found:
        raise unknown("user", email, column(tx.rows("users"), "email"))
    return found[0]


def _first_enterprise(tx: Tx) -> str:
    rows = tx.rows("enterprises")
    if not rows:
        raise SandboxError("there is no enterprise")
    return str(rows[0]["id"])


ACTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    action.__name__: action
    for action in (
        set_role, deactivate_user, activate_user, create_api_key, revoke_api_key, set_system, run, set_webhook,
    )
}  # fmt: skip
