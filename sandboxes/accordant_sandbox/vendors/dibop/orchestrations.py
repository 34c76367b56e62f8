"""Orchestrations: what a stored one holds beyond what was sent, what it may not be, and how a list shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from accordant_sandbox.model.names import words
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.several import picked
from accordant_sandbox.ports import Row, Tx

__all__ = ["completed", "summary"]

_TRIGGER: Final = {"type": "manual", "cron": None, "timezone": None, "webhook_id": None, "event": None}
_PARAMETER: Final = {"required": False, "description": None, "default": None}
_HANDLING: Final = {"on_error": "abort", "max_retries": 0, "retry_delay_ms": 1000, "backoff": "exponential"}
_STEP: Final[Mapping[str, Mapping[str, Any]]] = {
    "api_call": {"description": None, "parameters": {}, "headers": {}, "timeout_ms": None, "on_error": None},
    "transform": {"description": None, "input": [], "mapping": {}, "on_error": None},
    "conditional": {"description": None, "then_steps": [], "else_steps": [], "on_error": None},
    "error_handler": {"description": None, "handles": [], "fallback_output": None, "on_error": None},
}
"""What is left out of a step, by its type."""
_RESERVED: Final = ("parameters", "_context")
_OWN: Final = ("status", "updated_at", "last_execution_at")
"""Fields of an archived orchestration that may still change."""


def completed(tx: Tx, row: Row) -> Mapping[str, Any]:
    """The defaults of whatever the parts of an orchestration leave out, and its author.

    Raises:
        Problem: `invalid`: step names that cannot be; `conflict`: the orchestration is archived.
    """
    wrong = list(_wrong_names(row))
    if wrong:
        raise Problem("invalid", wrong[0], details=[("steps", each) for each in wrong], rule="step_names")
    whole = {
        "trigger": {**_TRIGGER, **row["trigger"]},
        "parameters": [{**_PARAMETER, **each} for each in row["parameters"]],
        "steps": [{**_STEP[each["type"]], **each} for each in row["steps"]],
        "error_handling": {**_HANDLING, **row["error_handling"]},
        "created_by": row.get("created_by") or (tx.principal.data.get("email") if tx.principal else None),
        "last_execution_at": row.get("last_execution_at"),
    }
    old = tx.table("orchestrations").get(row["id"])
    if old is not None:
        tx.rule("replace_all")
    if old is not None and old["status"] == "archived":
        new = {**row, **whole}
        if any(new[name] != old[name] for name in new.keys() - set(_OWN)):
            message = "an archived orchestration takes a change of its status alone"
            raise Problem("conflict", message, details=[("status", message)], rule="archived_closed")
    return whole


def summary(_: Tx, shown: dict[str, Any]) -> dict[str, Any]:
    """An orchestration as a row of the list."""
    names = words("id name description status trigger last_execution_at created_at updated_at")
    return {**picked(shown, names), "step_count": len(shown["steps"])}


def _wrong_names(row: Row) -> Iterator[str]:
    """What is wrong with the names of the steps, which expressions refer to."""
    names = [step["name"] for step in row["steps"]]
    for name in dict.fromkeys(names):
        if name in _RESERVED:
            yield f"a step cannot be named {name!r}"
        if names.count(name) > 1:
            yield f"two steps are named {name!r}"
