"""The other systems, as far as the sandbox simulates them: what a call of one of their operations would bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.model.several import picked
from accordant_sandbox.ports import Row, Tx
from accordant_sandbox.vendors.dibop.expressions import resolve

__all__ = ["FAILING", "OUTCOMES", "SILENT", "Outcome", "call_system", "connection_of", "of_system"]

FAILING: Final = "FAIL0000000000503"
"""A value with which every call fails with 503; it has the length of a VIN."""
SILENT: Final = "WAIT0000000000000"
"""A value with which every call runs into its timeout."""
_TIMEOUT_MS: Final = 5000
_LONGEST_MS: Final = 600_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call.

    `request` names the system, method and endpoint; None when nothing was sent. `status_code` is None without an
    response; `error` is empty when all went well, `code` then says what sort of failure it is.
    """

    duration_ms: int
    request: Mapping[str, Any] | None = None
    status_code: int | None = None
    response: Any = None
    error: str = ""
    code: str = ""


OUTCOMES: Final[Mapping[str, tuple[str, int | None, str]]] = {
    "online": ("online", 200, ""),
    "offline": ("offline", 503, "503 Service Unavailable"),
    "timeout": ("timeout", None, "no response in time"),
    "auth_error": ("auth_error", 401, "401 Unauthorized"),
}
"""How a connection may be set: the status of a ping, the HTTP status of its calls, and the text of the failure."""


def connection_of(tx: Tx, tenant: str, system: str) -> Row | None:
    """An enterprise's connection to a system; None when it has none."""
    return tx.table("connections").get(f"{tenant}/{system}")


def of_system(system: Row) -> dict[str, Any]:
    """What records about a call say of the system."""
    return {"system": system["slug"], "system_name": system["name"], "is_stub": system["is_stub"]}


def call_system(tx: Tx, tenant: str, step: Mapping[str, Any], sent: Mapping[str, Any]) -> Outcome:
    """Call the operation that a step names with resolved parameters."""
    connection = connection_of(tx, tenant, step["connection"])
    if connection is None:
        return Outcome(0, error=f"no connection to {step['connection']!r}", code="CONNECTION_MISSING")
    wanted = str(step["operation"]).casefold()
    rows = tx.rows("system_apis", system=step["connection"])
    api = next((row for row in rows if wanted in (row["name"].casefold(), row["id"])), None)
    if api is None:
        return Outcome(
            0, error=f"{step['connection']} has no operation {step['operation']!r}", code="UNKNOWN_OPERATION"
        )
    request = {"system": step["connection"], "operation": api["name"], **picked(api, ("method", "endpoint"))}
    values = set(_texts(sent))
    kind = "offline" if FAILING in values else "timeout" if SILENT in values else connection["outcome"]
    _, status_code, error = OUTCOMES[kind]
    if status_code is None:
        waited = min(step.get("timeout_ms") or _TIMEOUT_MS, _LONGEST_MS)
        return Outcome(waited, request, error=error, code="TIMEOUT")
    if error:
        return Outcome(api["_latency_ms"], request, status_code, {"error": error}, error, "UPSTREAM_ERROR")
    response = resolve(api["_sample"], {"sent": sent})
    return Outcome(api["_latency_ms"], request, status_code, response)


def _texts(value: Any) -> list[str]:
    if is_object(value):
        return [text for each in value.values() for text in _texts(each)]
    if is_array(value):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []
