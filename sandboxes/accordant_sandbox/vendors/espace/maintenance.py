"""Maintenance plans with their spaces and tasks, and the look-ups of names by number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.model.operations import Operations, Within
from accordant_sandbox.model.query import Filter, plain
from accordant_sandbox.model.several import delete_parts
from accordant_sandbox.ports import Call, Row, Tx
from accordant_sandbox.vendors.espace.local_time import second, times
from accordant_sandbox.vendors.espace.rules import user_of
from accordant_sandbox.vendors.espace.views import (
    EQUIPMENT_TYPES,
    FREQUENCIES,
    MAINTENANCE_TYPES,
    TRACKING_METRICS,
    UPDATE_FREQUENCIES,
    known_as,
)  # fmt: skip
from accordant_sandbox.vendors.espace.work_orders import ASSIGNED

__all__ = ["completed", "serve_lookups", "serve_maintenance"]

_LOOKUPS: Final[Mapping[str, Mapping[int, str]]] = {
    "Equipment_EquipmentTypes": EQUIPMENT_TYPES,
    "Equipment_TrackingMetricTypes": TRACKING_METRICS,
    "Equipment_VehicleUpdateFrequencyTypes": {key: name for key, (name, _) in UPDATE_FREQUENCIES.items()},
    "Maintenance_MaintenanceType": MAINTENANCE_TYPES,
    "Maintenance_FrequencyType": {key: name for key, (name, _) in FREQUENCIES.items()},
    "Maintenance_ReminderType": {1: "All Admins", 2: "Assigned", 4: "User"},
}
"""What the look-ups of names by id return."""


def completed(tx: Tx, row: Row) -> Mapping[str, Any]:
    """What follows from the fields of a plan: stored times, and what filters look at."""
    return {
        **times(row, "StartDate EndDate NextReminderDate NextScheduledTime"),
        "CustomDates": sorted({second(each) for each in row["CustomDates"]}),
        "_category": known_as(tx, "service_categories", row["ServiceCategoryId"]),
    }


def _deleted(call: Call, shown: Mapping[str, Any]) -> Answer:
    delete_parts(call, "parts_go_too", {"MaintenanceId": shown["Id"]}, "maintenance_tasks")
    return call.one("maintenance", {"maintenanceId": shown["Id"], "message": "Deleted"})


def _new_task(call: Call, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """A task in its own words, else in those of its template."""
    values = call.values("maintenance_tasks", body)
    template = call.tx.find("task_templates", values.get("TaskTemplateId")) or {}
    copied = {"Description": template.get("Description"), "TotalMinutes": template.get("Minutes")}
    return {**copied, **values, "AssignedById": user_of(call)}


def serve_maintenance(operations: Operations) -> None:
    """Serve everything about maintenance plans."""
    operations.get("Maintenance_Maintenance", "maintenance", key="query:maintenanceID")
    operations.list(
        "Maintenance_List",
        "maintenance",
        filters={
            **plain(locationIds=("LocationId", "in"), equipmentIds=("EquipmentIds", "any_of")),
            "category": Filter("_category", "any_of"),
            **ASSIGNED,
        },
    )
    parts = {
        "Spaces": "items", "Tasks": "maintenance_tasks", "Attachments": "documents", "WorkOrders": "work_orders",
    }  # fmt: skip
    for part, collection in parts.items():
        within = Within("maintenance", "query:maintenanceID", part=part)
        operations.list(f"Maintenance_{part}", collection, within=within)
    operations.create("Maintenance_CreateMaintenance", "maintenance")
    operations.alias("Maintenance_PostToList", "Maintenance_CreateMaintenance", "post_to_collection")
    operations.update(
        "Maintenance_UpdateMaintenance", "maintenance", key="body:MaintenanceId", rules=("absent_unchanged",)
    )
    operations.alias("Maintenance_Patch", "Maintenance_UpdateMaintenance", "patch")
    operations.delete("Maintenance_DeleteMaintenance", "maintenance", key="query:maintenanceId", shape=_deleted)
    spaces: Any = {"key": "query:maintenanceId", "field": "SpaceIds", "rules": ("add_twice",)}
    operations.add("Maintenance_AddSpaces", "maintenance", **spaces)
    operations.remove("Maintenance_DeleteSpaces", "maintenance", **spaces)
    plan = Within("maintenance", "query:maintenanceId", "MaintenanceId", whole=True)
    task: Any = {"key": "query:taskId", "within": Within("maintenance", "", "MaintenanceId", whole=True)}
    operations.create("Maintenance_CreateTask", "maintenance_tasks", within=plan, values=_new_task)
    operations.update("Maintenance_UpdateTask", "maintenance_tasks", **task)
    operations.delete("Maintenance_DeleteTask", "maintenance_tasks", **task)


def serve_lookups(operations: Operations) -> None:
    """Serve the look-ups of names by id; the ids are keys, and therefore texts."""
    for operation_id, names in _LOOKUPS.items():
        operations.special(operation_id)(_lookup({str(key): name for key, name in names.items()}))


def _lookup(names: Mapping[str, str]) -> Callable[[Call], Answer]:
    return lambda call: call.one("names", dict(names))
