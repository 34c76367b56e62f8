"""Equipment, and the maintenance plans that keep it going."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.model.operations import Operations
from accordant_sandbox.model.paging import LARGEST, Top
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.query import Filter, plain
from accordant_sandbox.ports import Call, Row, Tx
from accordant_sandbox.vendors.espace.addressing import known, needed, user_of
from accordant_sandbox.vendors.espace.local_time import moved, today
from accordant_sandbox.vendors.espace.views import EQUIPMENT_TYPES, FREQUENCIES, TRACKING_METRICS
from accordant_sandbox.vendors.espace.work_orders import costs_of, spaces_of

__all__ = ["LOOKUPS", "serve_equipment", "serve_lookups", "serve_maintenance"]


_UPDATE_FREQUENCIES: Final = {1: ("Daily", 1), 2: ("Weekly", 7), 3: ("Monthly", 30)}
_MAINTENANCE_TYPES: Final = {1: "Time Based", 2: "Runtime", 3: "Mileage"}

LOOKUPS: Final[Mapping[str, Mapping[int, str]]] = {
    "Equipment_EquipmentTypes": EQUIPMENT_TYPES,
    "Equipment_TrackingMetricTypes": TRACKING_METRICS,
    "Equipment_VehicleUpdateFrequencyTypes": {key: name for key, (name, _) in _UPDATE_FREQUENCIES.items()},
    "Maintenance_MaintenanceType": _MAINTENANCE_TYPES,
    "Maintenance_FrequencyType": {key: name for key, (name, _) in FREQUENCIES.items()},
    "Maintenance_ReminderType": {1: "All Admins", 2: "Assigned", 4: "User"},
}
"""What the look-ups of names by id answer."""

_NUMBERS: Final[Mapping[str, Mapping[int, Any]]] = {
    "Type": EQUIPMENT_TYPES,
    "TrackingMetricType": TRACKING_METRICS,
    "UpdateFrequencyType": _UPDATE_FREQUENCIES,
    "MaintenanceType": _MAINTENANCE_TYPES,
    "FrequencyTypeId": FREQUENCIES,
}
"""Properties that hold a number out of a look-up."""

_EQUIPMENT_NAMES: Final = {"Manufacturer": "Manfacturer", "EquipmentIdentifier": "Barcode"}
_PLAN_NAMES: Final = {
    "AssignedVendorContactId": "VendorContactId",
    "AssignedUserId": "AssignedId",
    "XDaysPriorToCreateWo": "WOLeadTime",
    "ReminderInDays": "ReminderDaysLeadTime",
    "ReminderText": "ReminderNote",
    "Frequency": "FrequencyUnits",
}
_TASK_NAMES: Final = {"Minutes": "TotalMinutes"}


def _renamed(body: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A body by the names under which it is stored; numbers out of a look-up are held against it.

    Raises:
        Problem: `invalid`: the number is not in its look-up.
    """
    for field, choices in _NUMBERS.items():
        if field in body and body[field] not in choices:
            message = f"{field}: {body[field]} is not one of {', '.join(map(str, choices))}"
            raise Problem("invalid", message, details=[(field, message)], rule="ids_in_body")
    return {names.get(name, name): value for name, value in body.items()}


def _included(call: Call, name: str, shown: dict[str, Any], parts: Mapping[str, Callable[[], Any]]) -> Answer:
    """A record with the parts that `include` names."""
    call.rule("includes")
    return call.one(name, {**shown, **{part: parts[part]() for part in call.query.get("include", ())}})


def _all_shown(tx: Tx, collection: str, rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [tx.show(collection, row) for row in rows]


# Equipment


def _equipment_values(call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
    values = call.values("equipment", _renamed(body, _EQUIPMENT_NAMES))
    if "ServiceCategoryIds" in values:
        keys = values["ServiceCategoryIds"]
        values["ServiceCategoryIds"] = known(call.tx, "ServiceCategoryIds", "service_categories", keys)
    item = call.tx.find("items", values.get("SpaceId")) if values.get("SpaceId") is not None else None
    if item is not None and item["ItemType"] != "Space":
        message = f"SpaceId: {values['SpaceId']} is no space"
        raise Problem("invalid", message, details=[("SpaceId", message)], rule="ids_in_body")
    if "IsDeleted" in body:
        call.rule("is_deleted")
    return values


def _create_equipment(call: Call, body: Mapping[str, Any]) -> Row:
    return call.tx.create("equipment", _equipment_values(call, body))


def _update_equipment(call: Call, body: Mapping[str, Any]) -> Row:
    call.rule("absent_unchanged")
    return call.tx.update("equipment", call.query["equipmentId"], _equipment_values(call, body))


def _delete_equipment(call: Call, body: Any) -> Row:
    del body
    key = call.query["equipmentId"]
    plans = [row["Id"] for row in call.tx.rows("maintenance") if key in row["EquipmentIds"]]
    if plans:
        message = f"equipmentId: maintenance plan {plans[0]} is for this equipment"
        raise Problem("invalid", message, details=[("equipmentId", message)], rule="deletion_in_use")
    return call.tx.delete("equipment", key)


def _equipment_detail(call: Call, shown: dict[str, Any]) -> Answer:
    parts = {"Space": None, "WorkOrders": None}
    makers: Mapping[str, Callable[[], Any]] = {
        "Space": lambda: _space(call.tx, shown["SpaceId"]),
        "WorkOrders": lambda: _all_shown(call.tx, "work_orders", _worked_on(call.tx, shown["Id"])),
    }
    return _included(call, "equipment", {**shown, **parts}, makers)


def _equipment_deleted(call: Call, shown: Mapping[str, Any]) -> Answer:
    return call.one("equipment", {"EquipmentId": shown["Id"], "Status": "Deleted"})


def _space(tx: Tx, key: int | None) -> dict[str, Any] | None:
    return None if key is None else tx.show("items", tx.table("items")[key])


def _worked_on(tx: Tx, equipment: int) -> list[Row]:
    wanted = costs_of(tx, equipment)
    return [row for row in tx.rows("work_orders") if row["Id"] in wanted]


def _worked_on_source(call: Call) -> Sequence[Row]:
    return _worked_on(call.tx, call.tx.get("equipment", call.query["equipmentId"])["Id"])


def _chosen_equipment(call: Call, rows: Sequence[Row]) -> Sequence[Row]:
    """By use, kind, and whether a reading is overdue."""
    query = call.query
    tests: list[Callable[[Row], bool]] = []
    if "retiredStatus" in query:
        tests.append(lambda row: _is_retired(row) is (query["retiredStatus"] == 2))
    if "type" in query:
        tests.append(lambda row: bool(row["Type"] == query["type"]))
    if str(query.get("onlyPastDue", "")).casefold() in ("true", "1"):
        tests.append(lambda row: _is_past_due(call.tx, row))
    return sorted((row for row in rows if all(test(row) for test in tests)), key=itemgetter("Id"))


def _is_retired(row: Row) -> bool:
    return bool(row["IsRetired"]) or row["RetiredDate"] is not None


def _is_past_due(tx: Tx, row: Row) -> bool:
    """Whether the reading of its mileage or running time should have been updated before today."""
    last, frequency = row["LastMetricsUpdate"], row["UpdateFrequencyType"]
    if last is None or frequency is None:
        return False
    days = _UPDATE_FREQUENCIES[frequency][1] * (row["UpdateFrequencyValue"] or 1)
    return moved(last, min(days, 100_000))[:10] < today(tx)


def serve_equipment(operations: Operations) -> None:
    """Serve everything about equipment."""
    operations.get("Equipment_Equipment", "equipment", key="query:equipmentId", shape=_equipment_detail)
    operations.list(
        "Equipment_EquipmentList",
        "equipment",
        paging=Top("top", LARGEST, LARGEST),
        choose=_chosen_equipment,
        filters={
            **plain(
                equipmentName=("Name", "part"),
                manufacturer=("Manfacturer", "part"),
                barcode=("Barcode", "part"),
                locationIds=("LocationId", "in"),
                category=("_category", "any_of"),
            ),
            **plain(
                "day",
                dateInServiceFrom=("DateInService", "gteq"),
                dateInServiceTo=("DateInService", "lteq"),
                warrantyExpPartsFrom=("WarrantyPartExpDate", "gteq"),
                warrantyExpPartsTo=("WarrantyPartExpDate", "lteq"),
                warrantyExpLaborFrom=("WarrantyLaborExpDate", "gteq"),
                warrantyExpLaborTo=("WarrantyLaborExpDate", "lteq"),
            ),
        },
    )
    operations.create("Equipment_Create", "equipment", write=_create_equipment, shape=_equipment_detail)
    operations.alias("Equipment_PostToList", "Equipment_Create", "post_to_collection")
    operations.update(
        "Equipment_Update", "equipment", key="query:equipmentId", write=_update_equipment, shape=_equipment_detail
    )
    operations.alias("Equipment_Patch", "Equipment_Update", "patch")
    operations.delete(
        "Equipment_Delete", "equipment", key="query:equipmentId", write=_delete_equipment, shape=_equipment_deleted
    )
    operations.list("Equipment_WorkOrders", "work_orders", source=_worked_on_source)

    @operations.special("Equipment_Space")
    def equipment_space(call: Call) -> Answer:
        return call.one("item", _space(call.tx, call.tx.get("equipment", call.query["equipmentId"])["SpaceId"]))


# Maintenance


def _plan_values(call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
    return call.values("maintenance", _renamed(body, _PLAN_NAMES))


def _create_plan(call: Call, body: Mapping[str, Any]) -> Row:
    return call.tx.create("maintenance", _plan_values(call, body))


def _update_plan(call: Call, body: Mapping[str, Any]) -> Row:
    call.rule("absent_unchanged")
    return call.tx.update("maintenance", needed(body, "MaintenanceId"), _plan_values(call, body))


def _plan_deleted(call: Call, shown: Mapping[str, Any]) -> Answer:
    return call.one("maintenance", {"maintenanceId": shown["Id"], "message": "Deleted"})


def _plan(call: Call) -> Row:
    return call.tx.get("maintenance", call.query.get("maintenanceID", call.query.get("maintenanceId")))


def _parts_of_plan(tx: Tx, row: Row) -> Mapping[str, tuple[str, Callable[[], Sequence[Row]]]]:
    """Collection and rows of each part of a plan."""
    return {
        "Spaces": ("items", lambda: [tx.table("items")[key] for key in row["SpaceIds"]]),
        "Equipment": ("equipment", lambda: [tx.table("equipment")[key] for key in row["EquipmentIds"]]),
        "Tasks": ("maintenance_tasks", lambda: tx.rows("maintenance_tasks", MaintenanceId=row["Id"])),
        "Attachments": ("documents", lambda: tx.rows("documents", MaintenanceId=row["Id"])),
        "WorkOrders": ("work_orders", lambda: tx.rows("work_orders", MaintenanceId=row["Id"])),
    }


def _plan_detail(call: Call, shown: dict[str, Any]) -> Answer:
    call.rule("includes")
    parts = _parts_of_plan(call.tx, call.tx.get("maintenance", shown["Id"]))
    wanted = {name: _all_shown(call.tx, parts[name][0], parts[name][1]()) for name in call.query.get("include", ())}
    return call.one("maintenance", {**shown, **wanted})


def _part(name: str) -> Callable[[Call], Sequence[Row]]:
    return lambda call: _parts_of_plan(call.tx, _plan(call))[name][1]()


def _plan_answer(call: Call, plan_id: int) -> Answer:
    return call.one("maintenance", call.tx.show("maintenance", call.tx.get("maintenance", plan_id)))


def _add_spaces(call: Call) -> Answer:
    plan = _plan(call)
    call.tx.update("maintenance", plan["Id"], {"SpaceIds": spaces_of(call, plan, wanted=call.body)})
    return _plan_answer(call, plan["Id"])


def _remove_spaces(call: Call) -> Answer:
    plan = _plan(call)
    call.tx.update("maintenance", plan["Id"], {"SpaceIds": spaces_of(call, plan, unwanted=call.body)})
    return _plan_answer(call, plan["Id"])


def _add_task(call: Call) -> Answer:
    """A task in its own words, else in those of its template."""
    plan = _plan(call)
    values = call.values("maintenance_tasks", call.body)
    values.pop("IsCompleted", None)
    template = call.tx.find("task_templates", values.get("TaskTemplateId")) or {}
    copied = {"Description": template.get("Description"), "TotalMinutes": template.get("Minutes")}
    made = {**copied, **values, "MaintenanceId": plan["Id"], "AssignedById": user_of(call)}
    call.tx.create("maintenance_tasks", made)
    return _plan_answer(call, plan["Id"])


def _update_task(call: Call) -> Answer:
    task = _task(call)
    values = call.values("maintenance_tasks", _renamed(call.body, _TASK_NAMES))
    if "ScheduledMaintenanceId" in call.body:
        values["MaintenanceId"] = call.body["ScheduledMaintenanceId"]
    row = call.tx.update("maintenance_tasks", task["Id"], values)
    return _plan_answer(call, row["MaintenanceId"])


def _delete_task(call: Call) -> Answer:
    return _plan_answer(call, call.tx.delete("maintenance_tasks", _task(call)["Id"])["MaintenanceId"])


def _task(call: Call) -> Row:
    """The task of a live plan that the query names."""
    task = call.tx.get("maintenance_tasks", call.query["taskId"])
    call.tx.get("maintenance", task["MaintenanceId"])
    return task


def serve_maintenance(operations: Operations) -> None:
    """Serve everything about maintenance plans."""
    operations.get("Maintenance_Maintenance", "maintenance", key="query:maintenanceID", shape=_plan_detail)
    operations.list(
        "Maintenance_List",
        "maintenance",
        filters={
            **plain(locationIds=("LocationId", "in"), equipmentIds=("EquipmentIds", "any_of")),
            "category": Filter("_category", "any_of"),
            **plain(
                "text",
                assignedID=("AssignedId", "eq"),
                assignedDepartmentID=("AssignedDepartmentId", "eq"),
                vendorAssignedID=("VendorAssignedId", "eq"),
            ),
        },
    )
    for part, collection in (("Spaces", "items"), ("Tasks", "maintenance_tasks"), ("Attachments", "documents")):
        operations.list(f"Maintenance_{part}", collection, source=_part(part))
    operations.list("Maintenance_WorkOrders", "work_orders", source=_part("WorkOrders"))
    operations.create("Maintenance_CreateMaintenance", "maintenance", write=_create_plan)
    operations.alias("Maintenance_PostToList", "Maintenance_CreateMaintenance", "post_to_collection")
    operations.update("Maintenance_UpdateMaintenance", "maintenance", key="body:MaintenanceId", write=_update_plan)
    operations.alias("Maintenance_Patch", "Maintenance_UpdateMaintenance", "patch")
    operations.delete("Maintenance_DeleteMaintenance", "maintenance", key="query:maintenanceId", shape=_plan_deleted)
    operations.special("Maintenance_AddSpaces")(_add_spaces)
    operations.special("Maintenance_DeleteSpaces")(_remove_spaces)
    operations.special("Maintenance_CreateTask")(_add_task)
    operations.special("Maintenance_UpdateTask")(_update_task)
    operations.special("Maintenance_DeleteTask")(_delete_task)


def serve_lookups(operations: Operations) -> None:
    """Serve the look-ups of names by id; the ids are keys, and therefore texts."""
    for operation_id, names in LOOKUPS.items():
        operations.special(operation_id)(_lookup({str(key): name for key, name in names.items()}))


def _lookup(names: Mapping[str, str]) -> Callable[[Call], Answer]:
    return lambda call: call.one("names", dict(names))
