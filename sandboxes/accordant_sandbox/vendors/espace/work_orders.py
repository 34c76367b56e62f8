"""Work orders with their spaces, costs and tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.model.operations import Operations
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.query import plain
from accordant_sandbox.ports import Call, Row, Tx
from accordant_sandbox.vendors.espace.addressing import known, needed, user_of
from accordant_sandbox.vendors.espace.local_time import now_text
from accordant_sandbox.vendors.espace.views import EQUIPMENT_TYPES

__all__ = ["all_spaces", "costs_of", "serve_work_orders", "spaces_of"]


_MONEY: Final = {
    "EstimatedLaborCosts": "EstimatedLaborCost",
    "EstimatedMaterialCosts": "EstimatedMaterialsCost",
    "ActualLaborCosts": "ActualLaborCost",
    "ActualMaterialCosts": "ActualMaterialsCosts",
}
"""Money in requests, with its names in answers."""

_STORED: Final = {
    **_MONEY,
    "Name": "ItemName",
    "InventoryId": "WorkOrderInventoryId",
    "Minutes": "TotalCompletedMinutes",
    **{
        name: name
        for name in (
            "EquipmentId", "VehicleId", "VendorId", "Quantity", "LocationId", "MemberId", "DateOfWork", "HourlyRate",
            "EstimatedLaborCost", "Note", "CreationDate",
        )
    },
}  # fmt: skip
"""Properties of cost requests, with the fields that keep them."""


def all_spaces(tx: Tx, row: Row) -> list[dict[str, Any]]:
    """The spaces of a work order or a maintenance plan, as they are shown."""
    return [tx.show("items", tx.table("items")[key]) for key in row["SpaceIds"]]


def costs_of(tx: Tx, equipment: int) -> set[int]:
    """The ids of the work orders that have a cost for a piece of equipment."""
    rows = tx.rows("work_order_costs")
    return {row["WorkOrderId"] for row in rows if equipment in (row["EquipmentId"], row["VehicleId"])}


def spaces_of(call: Call, row: Row, *, wanted: Sequence[int] = (), unwanted: Sequence[int] = ()) -> list[int]:
    """The spaces of a record after some were added and others taken away.

    Raises:
        Problem: `invalid`: one is no space.
    """
    call.rule("add_twice")
    for key in known(call.tx, "SpaceId", "items", [*wanted, *unwanted]):
        if call.tx.table("items")[key]["ItemType"] != "Space":
            message = f"SpaceId: {key} is no space"
            raise Problem("invalid", message, details=[("SpaceId", message)], rule="ids_in_body")
    kept = [key for key in row["SpaceIds"] if key not in unwanted]
    return list(dict.fromkeys([*kept, *wanted]))


def _parts(call: Call, shown: dict[str, Any]) -> Answer:
    """A work order with the parts that `include` names."""
    call.rule("includes")
    makers: Mapping[str, Callable[[Call, Row], list[dict[str, Any]]]] = {
        "Spaces": lambda call, row: all_spaces(call.tx, row),
        "Costs": lambda call, row: _shown(call, "work_order_costs", WorkOrderId=row["Id"]),
        "Tasks": lambda call, row: _shown(call, "work_order_tasks", WorkOrderId=row["Id"]),
        "Attachments": lambda call, row: _shown(call, "documents", WorkOrderId=row["Id"]),
    }
    row = call.tx.get("work_orders", shown["Id"])
    parts = {name: makers[name](call, row) for name in call.query.get("include", ())}
    return call.one("work_order", {**shown, **parts})


def _shown(call: Call, collection: str, **equals: Any) -> list[dict[str, Any]]:
    return [call.tx.show(collection, row) for row in call.tx.rows(collection, **equals)]


def _part(collection: str) -> Callable[[Call], Sequence[Row]]:
    """The parts of the work order that the query names."""

    def source(call: Call) -> Sequence[Row]:
        order = call.tx.get("work_orders", call.query["workOrderId"])
        if collection == "items":
            return [call.tx.table("items")[key] for key in order["SpaceIds"]]
        return call.tx.rows(collection, WorkOrderId=order["Id"])

    return source


def _scope(call: Call, rows: Sequence[Row]) -> Sequence[Row]:
    """Everybody's work orders, the caller's own, those of nobody, or those of vendors."""
    me = user_of(call)
    wanted: Mapping[str, Callable[[Row], bool]] = {
        "Mine": lambda row: bool(row["AssignedId"] == me),
        "Unassigned": lambda row: (
            not any(row[name] for name in ("AssignedId", "VendorAssignedId", "AssignedDepartmentId"))
        ),
        "Vendor": lambda row: row["VendorAssignedId"] is not None,
    }
    test = wanted.get(call.query.get("type", "All"))
    return sorted(filter(test, rows) if test else rows, key=itemgetter("Id"))


def _of_order(name: str, collection: str) -> Callable[[Call, Any], Answer]:
    """The choices that a work order has, under their own names."""

    def shape(call: Call, shown: Any) -> Answer:
        if "workOrderId" in call.query:
            call.tx.get("work_orders", call.query["workOrderId"])
        return call.one(collection, {name: shown})

    return shape


def _create(call: Call, body: Mapping[str, Any]) -> Row:
    call.rule("short_description")
    values = call.values("work_orders", body)
    values.pop("StatusId", None)
    return call.tx.create("work_orders", values)


def _update(call: Call, body: Mapping[str, Any]) -> Row:
    call.rule("absent_unchanged")
    return call.tx.update("work_orders", needed(body, "WorkOrderId"), call.values("work_orders", body, changing=True))


def _deleted(call: Call, shown: Mapping[str, Any]) -> Answer:
    return call.one("work_order", {"WorkOrderId": shown["Id"], "Status": "Deleted"})


def _order(call: Call, order_id: int) -> Row:
    """The work order, to be changed by the caller."""
    return call.tx.update("work_orders", order_id, {})


def _answer(call: Call, order_id: int) -> Answer:
    return call.one("work_order", call.tx.show("work_orders", call.tx.get("work_orders", order_id)))


def _add_spaces(call: Call) -> Answer:
    order = _order(call, call.query["workOrderId"])
    call.tx.update("work_orders", order["Id"], {"SpaceIds": spaces_of(call, order, wanted=call.body)})
    return _answer(call, order["Id"])


def _remove_spaces(call: Call) -> Answer:
    order = _order(call, call.query["workOrderId"])
    call.tx.update("work_orders", order["Id"], {"SpaceIds": spaces_of(call, order, unwanted=call.body)})
    return _answer(call, order["Id"])


# Costs


def _add_cost(kind: str) -> Callable[[Call], Answer]:
    def add(call: Call) -> Answer:
        order = _order(call, call.query["workOrderId"])
        values = _cost_values(call, kind, call.body)
        if kind in ("Equipment", "Vehicle"):
            values["WorkOrderEquipmentId"] = call.tx.next("work_order_equipment")
        call.tx.create("work_order_costs", {**values, "WorkOrderId": order["Id"], "CostTypeDisplay": kind})
        return _answer(call, order["Id"])

    return add


def _update_cost(kind: str) -> Callable[[Call], Answer]:
    def update(call: Call) -> Answer:
        order = _order(call, call.query["workOrderId"])
        old = _named_cost(call, order, kind)
        call.tx.update("work_order_costs", old["Id"], _cost_values(call, kind, {**_known_work(old), **call.body}))
        return _answer(call, order["Id"])

    return update


def _delete_cost(call: Call) -> Answer:
    order = _order(call, call.query["workOrderId"])
    cost = call.tx.get("work_order_costs", call.query["costId"])
    if cost["WorkOrderId"] != order["Id"]:
        raise Problem("not_found", f"work order {order['Id']} has no cost {cost['Id']}")
    call.tx.delete("work_order_costs", cost["Id"])
    return _answer(call, order["Id"])


def _named_cost(call: Call, order: Row, kind: str) -> Row:
    """The cost of that kind that the body names by its id, else by its equipment line.

    Raises:
        Problem: `invalid`: it names none, or one that is not there.
    """
    call.rule("cost_ids")
    name = "Id" if call.body.get("Id") is not None or kind not in ("Equipment", "Vehicle") else "WorkOrderEquipmentId"
    wanted = needed(call.body, name)
    for row in call.tx.rows("work_order_costs", WorkOrderId=order["Id"], CostTypeDisplay=kind):
        if row[name] == wanted:
            return row
    message = f"{name}: this work order has no such {kind} cost {wanted}"
    raise Problem("invalid", message, details=[(name, message)], rule="ids_in_body")


def _known_work(old: Row) -> dict[str, Any]:
    """What the amount of labor follows from, as a request would say it."""
    known = {"Minutes": old["TotalCompletedMinutes"], "HourlyRate": old["HourlyRate"]}
    return {name: value for name, value in known.items() if value is not None}


def _cost_values(call: Call, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    values = {_STORED[name]: value for name, value in body.items() if name in _STORED}
    for field, number in (("EquipmentId", None), ("VehicleId", 2)):
        if field in values:
            known(call.tx, field, "equipment", [values[field]])
            found = call.tx.table("equipment")[values[field]]
            if number and found["Type"] != number:
                message = f"{field}: {values[field]} is no {EQUIPMENT_TYPES[number].lower()}"
                raise Problem("invalid", message, details=[(field, message)], rule="ids_in_body")
            values.setdefault("ItemName", found["Name"])
    if values.get("WorkOrderInventoryId") is not None:
        known(call.tx, "InventoryId", "inventory", [values["WorkOrderInventoryId"]])
        stock = call.tx.table("inventory")[values["WorkOrderInventoryId"]]
        values = {"ItemName": stock["Name"], "UnitPrice": stock["Price"], "Quantity": 1, **values}
    if kind == "Labor":
        values.setdefault("ItemName", body.get("DescriptionOfWork"))
        minutes, rate = values.get("TotalCompletedMinutes"), values.get("HourlyRate")
        if minutes is not None and rate is not None:
            values["ActualLaborCost"] = round(minutes / 60 * rate, 2)
    return {name: value for name, value in values.items() if value is not None}


# Tasks


def _add_task(call: Call) -> Answer:
    order = _order(call, call.query["workOrderId"])
    call.tx.create("work_order_tasks", {**call.values("work_order_tasks", call.body), "WorkOrderId": order["Id"]})
    return _answer(call, order["Id"])


def _update_task(call: Call) -> Answer:
    task = _task(call)
    values = call.values("work_order_tasks", call.body)
    if values.get("IsCompleted") and not task["IsCompleted"]:
        values = {"DateCompleted": now_text(call.tx), "CompletedById": user_of(call), **values}
    row = call.tx.update("work_order_tasks", task["Id"], values)
    return _answer(call, row["WorkOrderId"])


def _delete_task(call: Call) -> Answer:
    task = call.tx.delete("work_order_tasks", _task(call)["Id"])
    return _answer(call, task["WorkOrderId"])


def _task(call: Call) -> Row:
    """The task of a live work order that the query names, to be changed by the caller."""
    task = call.tx.get("work_order_tasks", call.query["taskId"])
    _order(call, task["WorkOrderId"])
    return task


def serve_work_orders(operations: Operations) -> None:
    """Serve everything about work orders."""
    operations.get("WorkOrder_WorkOrder", "work_orders", key="query:workOrderId", shape=_parts)
    operations.list(
        "WorkOrder_List",
        "work_orders",
        choose=_scope,
        filters={
            **plain(statusId=("StatusId", "eq"), locationIds=("LocationId", "in")),
            **plain(priority=("_priority", "any_of"), category=("_category", "any_of")),
            **plain("day", startDate=("Eta", "gteq"), endDate=("Eta", "lteq")),
            **plain(
                "text",
                assignedID=("AssignedId", "eq"),
                assignedDepartmentID=("AssignedDepartmentId", "eq"),
                vendorAssignedID=("VendorAssignedId", "eq"),
            ),
        },
    )
    operations.create("WorkOrder_Create", "work_orders", write=_create)
    operations.alias("WorkOrder_PostToList", "WorkOrder_Create", "post_to_collection")
    operations.update("WorkOrder_Update", "work_orders", key="body:WorkOrderId", write=_update)
    operations.alias("WorkOrder_Patch", "WorkOrder_Update", "patch")
    operations.delete("WorkOrder_Delete", "work_orders", key="query:workOrderId", shape=_deleted)
    operations.list("WorkOrder_Spaces", "items", source=_part("items"))
    operations.list("WorkOrder_Costs", "work_order_costs", source=_part("work_order_costs"))
    operations.list("WorkOrder_Tasks", "work_order_tasks", source=_part("work_order_tasks"))
    operations.list("WorkOrder_Attachments", "documents", source=_part("documents"))
    for name, collection in (("Priorities", "work_order_priorities"), ("Statuses", "work_order_statuses")):
        operations.list(
            "WorkOrder_Priority" if name == "Priorities" else "WorkOrder_Status",
            collection,
            order=lambda row: (row["SortOrder"], row["Id"]),
            shape=_of_order(name, collection),
        )
    operations.special("WorkOrder_SpacesAdd")(_add_spaces)
    operations.special("WorkOrder_SpacesRemove")(_remove_spaces)
    kinds = {
        "Equipment": "Equipment",
        "Inventory": "Inventory",
        "Miscellaneous": "Misc",
        "Labor": "Labor",
        "Vehicle": "Vehicle",
    }
    for kind, short in kinds.items():
        operations.special(f"WorkOrder_Add{short}Costs")(_add_cost(kind))
        operations.special(f"WorkOrder_Update{short}Costs")(_update_cost(kind))
    operations.special("WorkOrder_DeleteCosts")(_delete_cost)
    operations.special("WorkOrder_AddTasks")(_add_task)
    operations.special("WorkOrder_UpdateTask")(_update_task)
    operations.special("WorkOrder_DeleteTask")(_delete_task)
