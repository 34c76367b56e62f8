"""How appointments are shown: nested in lists, and as the payload of a webhook."""

from __future__ import annotations

from typing import Any

from accordant_sandbox.engine.transaction import Transaction
from accordant_sandbox.http.jsons import is_array, is_object
from accordant_sandbox.model.collections import Row

__all__ = ["appointment_view", "event_payload", "task_view"]

_BY_TASK = ("sourceApp", "sourceType", "jobNo", "taskNo")
_UNSHOWN = frozenset(
    (*_BY_TASK, "isAllDay", "backOfficeId", "backOfficeParentId", "unitOfMeasureConversion", "isManualAppointment")
)
"""Stored fields that a reader sees elsewhere, or not at all."""
_SPELT_ALIKE = ("id", "appointmentNo")
"""Fields that a webhook spells like an answer does; its others begin with a capital."""
_NEVER_NULL = {"externalId": 0, "planningQty": 0}


def appointment_view(tx: Transaction, row: dict[str, Any]) -> dict[str, Any]:
    """An appointment with its task, category, time marker, resources and satellites inside."""
    shown = {name: value for name, value in row.items() if name not in _UNSHOWN}
    number = row["appointmentNo"]
    job = {name: row.get(name) for name in ("sourceApp", "sourceType", "jobNo") if row.get(name) is not None}
    shown["task"] = {"job": job, **({"taskNo": row["taskNo"]} if row.get("taskNo") is not None else {})}
    shown["category"] = _named(tx, "categories", row["category"], "displayName", "color")
    shown["timeMarker"] = _named(tx, "time_markers", row["timeMarker"], "name", "color")
    shown["assignments"] = [
        _assignment(tx, each["resourceNo"]) for each in tx.rows("assignments", appointmentNo=number)
    ]
    shown["appointmentFieldValues"] = _satellites(tx, "appointment_field_values", number, "fieldCode", "fieldValue")
    shown["appointmentUrls"] = _satellites(tx, "appointment_uris", number, "uri", "description")
    shown["appointmentContainers"] = _satellites(tx, "appointment_containers", number, "container")
    shown["notifications"] = _satellites(tx, "notifications", number, "id", "type", "code", "text", "date")
    return shown


def task_view(_: Transaction, row: dict[str, Any]) -> dict[str, Any]:
    """A task; whether it is locked is set, and not shown."""
    return {name: value for name, value in row.items() if name != "locked"}


def event_payload(tx: Transaction, row: Row) -> dict[str, Any]:
    """What a webhook says about an appointment."""
    shown = appointment_view(tx, {name: value for name, value in row.items() if not name.startswith("_")})
    return {
        name if name in _SPELT_ALIKE else _capital(name): _pascal(_NEVER_NULL.get(name) if value is None else value)
        for name, value in shown.items()
    }


def _named(tx: Transaction, collection: str, name: str | None, *names: str) -> dict[str, Any] | None:
    """Some fields of the record with that name; of a name that nothing has, the name itself."""
    if name is None:
        return None
    known = tx.find(collection, (name.casefold(),)) or {"name": name, "displayName": name}
    return {field: known.get(field) for field in names}


def _assignment(tx: Transaction, resource_no: str) -> dict[str, Any]:
    resource = tx.table("resources")[(resource_no.casefold(),)]
    names = ("resourceNo", "displayName", "sourceApp", "sourceType", "department", "email")
    kind = _named(tx, "resource_types", resource["resourceType"], "displayName") or {"displayName": None}
    return {
        "resourceId": resource["id"],
        "resource": {**{name: resource[name] for name in names}, "resourceType": kind},
    }


def _satellites(tx: Transaction, collection: str, number: str, *names: str) -> list[dict[str, Any]]:
    return [{name: each[name] for name in names} for each in tx.rows(collection, appointmentNo=number)]


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _pascal(value: Any) -> Any:
    if is_object(value):
        return {_capital(name): _pascal(each) for name, each in value.items()}
    if is_array(value):
        return [_pascal(each) for each in value]
    return value
