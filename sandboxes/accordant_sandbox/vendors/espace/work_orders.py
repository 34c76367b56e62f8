"""Work orders with their spaces, costs and tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import filterfalse
from typing import Any, Final

from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.model.choices import ValueChoice, needed
from accordant_sandbox.model.operations import Operations, Within
from accordant_sandbox.model.query import plain
from accordant_sandbox.model.several import delete_parts, where
from accordant_sandbox.ports import Call, Row, Tx
from accordant_sandbox.vendors.espace.local_time import now_text, times
from accordant_sandbox.vendors.espace.rules import APPROVED, CREATED, user_of
from accordant_sandbox.vendors.espace.views import known_as

__all__ = ["ASSIGNED", "completed", "serve_work_orders"]

_EQUIPMENT: Final = ValueChoice("EquipmentId", "equipment", "ids_in_body")
_VEHICLE: Final = ValueChoice(
    "VehicleId", "equipment", "ids_in_body", {"Type": 2}, unfit="{field}: {value} is no vehicle"
)
_STOCK: Final = ValueChoice("InventoryId", "inventory", "ids_in_body")
_ASSIGNEES: Final = ("AssignedId", "VendorAssignedId", "AssignedDepartmentId")
ASSIGNED: Final = plain(
    "text",
    assignedID=("AssignedId", "eq"),
    assignedDepartmentID=("AssignedDepartmentId", "eq"),
    vendorAssignedID=("VendorAssignedId", "eq"),
)
"""Filters by whom a record is assigned to."""
_WITHIN: Final = Within("work_orders", "query:workOrderId", "WorkOrderId", whole=True)


def completed(tx: Tx, row: Row) -> Mapping[str, Any]:
    """What follows from the fields of a work order: its state, its number, and what filters look at."""
    approved = row["StatusId"] == CREATED and any(row[name] is not None for name in _ASSIGNEES)
    if approved:
        tx.rule("assigning_approves")
    if row["VendorContactId"] is not None:
        tx.rule("contacts_unchecked")
    return {
        **times(row, "Eta"),
        "StatusId": APPROVED if approved else row["StatusId"],
        "WorkOrderNumber": row.get("WorkOrderNumber") or tx.next("work_order_numbers"),
        "_priority": known_as(tx, "work_order_priorities", row["PriorityId"]),
        "_category": known_as(tx, "service_categories", row["ServiceCategoryId"]),
    }


def _scope(call: Call, rows: Sequence[Row]) -> Sequence[Row]:
    """Everybody's work orders, the caller's own, those of nobody, or those of vendors."""
    match call.query.get("type"):
        case "Mine":
            return where(rows, "AssignedId", "eq", user_of(call))
        case "Unassigned":
            return list(filterfalse(lambda row: any(row[name] for name in _ASSIGNEES), rows))
        case "Vendor":
            return where(rows, "VendorAssignedId", "null", False)
        case _:
            return rows


def _of_order(name: str, collection: str) -> Callable[[Call, Any], Answer]:
    """The choices that a work order has, under their own names."""

    def shape(call: Call, shown: Any) -> Answer:
        if "workOrderId" in call.query:
            call.tx.get("work_orders", call.query["workOrderId"])
        return call.one(collection, {name: shown})

    return shape


def _deleted(call: Call, shown: Mapping[str, Any]) -> Answer:
    delete_parts(call, "parts_go_too", {"WorkOrderId": shown["Id"]}, "work_order_tasks", "work_order_costs")
    return call.one("work_order", {"WorkOrderId": shown["Id"], "Status": "Deleted"})


# Costs


def _add_cost(kind: str) -> Callable[[Call, Mapping[str, Any]], Row]:
    def add(call: Call, body: Mapping[str, Any]) -> Row:
        values = {**_cost_values(call, kind, body), "WorkOrderId": call.query["workOrderId"], "CostTypeDisplay": kind}
        if kind in ("Equipment", "Vehicle"):
            values["WorkOrderEquipmentId"] = call.tx.next("work_order_equipment")
        return call.tx.create("work_order_costs", values)

    return add


def _update_cost(kind: str) -> Callable[[Call, Mapping[str, Any]], Row]:
    def update(call: Call, body: Mapping[str, Any]) -> Row:
        call.rule("cost_ids")
        by_line = body.get("Id") is None and kind in ("Equipment", "Vehicle")
        name = "WorkOrderEquipmentId" if by_line else "Id"
        own = {"WorkOrderId": call.query["workOrderId"], "CostTypeDisplay": kind}
        missing = f"{{field}}: this work order has no such {kind} cost {{value}}"
        old = ValueChoice(name, "work_order_costs", "ids_in_body", own, missing, by=name).row(
            call.tx, needed(body, name)
        )
        return call.tx.update("work_order_costs", old["Id"], _cost_values(call, kind, body, old))

    return update


def _cost_values(call: Call, kind: str, body: Mapping[str, Any], old: Row | None = None) -> dict[str, Any]:
    """What is stored of a cost: names and prices come from what it is for, the amount of labor from time and rate."""
    values = call.values("work_order_costs", body)
    for choice in (_EQUIPMENT, _VEHICLE):
        if choice.field in values:
            values.setdefault("ItemName", choice.row(call.tx, values[choice.field])["Name"])
    if "WorkOrderInventoryId" in values:
        stock = _STOCK.row(call.tx, values["WorkOrderInventoryId"])
        values = {"ItemName": stock["Name"], "UnitPrice": stock["Price"], "Quantity": 1, **values}
    if kind == "Labor":
        values.setdefault("ItemName", body.get("DescriptionOfWork"))
        minutes, rate = ({**(old or {}), **values}.get(name) for name in ("TotalCompletedMinutes", "HourlyRate"))
        if minutes is not None and rate is not None:
            values["ActualLaborCost"] = round(minutes / 60 * rate, 2)
    return {name: value for name, value in values.items() if value is not None}


# Tasks


def _task_values(call: Call, body: Mapping[str, Any]) -> Mapping[str, Any]:
    values = call.values("work_order_tasks", body)
    if values.get("IsCompleted") and not call.tx.get("work_order_tasks", call.query["taskId"])["IsCompleted"]:
        return {"DateCompleted": now_text(call.tx), "CompletedById": user_of(call), **values}
    return values


def serve_work_orders(operations: Operations) -> None:
    """Serve everything about work orders."""
    operations.get("WorkOrder_WorkOrder", "work_orders", key="query:workOrderId")
    operations.list(
        "WorkOrder_List",
        "work_orders",
        choose=_scope,
        filters={
            **plain(statusId=("StatusId", "eq"), locationIds=("LocationId", "in")),
            **plain(priority=("_priority", "any_of"), category=("_category", "any_of")),
            **plain("day", startDate=("Eta", "gteq"), endDate=("Eta", "lteq")),
            **ASSIGNED,
        },
    )
    operations.create("WorkOrder_Create", "work_orders", rules=("short_description",))
    operations.alias("WorkOrder_PostToList", "WorkOrder_Create", "post_to_collection")
    operations.update("WorkOrder_Update", "work_orders", key="body:WorkOrderId", rules=("absent_unchanged",))
    operations.alias("WorkOrder_Patch", "WorkOrder_Update", "patch")
    operations.delete("WorkOrder_Delete", "work_orders", key="query:workOrderId", shape=_deleted)
    parts = {"Spaces": "items", "Costs": "work_order_costs", "Tasks": "work_order_tasks", "Attachments": "documents"}
    for part, collection in parts.items():
        within = Within("work_orders", "query:workOrderId", part=part)
        operations.list(f"WorkOrder_{part}", collection, within=within)
    for operation_id, name, collection in (
        ("WorkOrder_Priority", "Priorities", "work_order_priorities"),
        ("WorkOrder_Status", "Statuses", "work_order_statuses"),
    ):
        operations.list(
            operation_id,
            collection,
            order=lambda row: (row["SortOrder"], row["Id"]),
            shape=_of_order(name, collection),
        )
    spaces: Any = {"key": "query:workOrderId", "field": "SpaceIds", "rules": ("add_twice",)}
    operations.add("WorkOrder_SpacesAdd", "work_orders", **spaces)
    operations.remove("WorkOrder_SpacesRemove", "work_orders", **spaces)
    for kind, short in (
        ("Equipment", "Equipment"), ("Inventory", "Inventory"), ("Miscellaneous", "Misc"), ("Labor", "Labor"),
        ("Vehicle", "Vehicle"),
    ):  # fmt: skip
        operations.create(f"WorkOrder_Add{short}Costs", "work_order_costs", within=_WITHIN, write=_add_cost(kind))
        operations.update(f"WorkOrder_Update{short}Costs", "work_order_costs", within=_WITHIN, write=_update_cost(kind))
    operations.delete("WorkOrder_DeleteCosts", "work_order_costs", key="query:costId", within=_WITHIN)
    task: Any = {"key": "query:taskId", "within": Within("work_orders", "", "WorkOrderId", whole=True)}
    operations.create("WorkOrder_AddTasks", "work_order_tasks", within=_WITHIN)
    operations.update("WorkOrder_UpdateTask", "work_order_tasks", **task, values=_task_values)
    operations.delete("WorkOrder_DeleteTask", "work_order_tasks", **task)
