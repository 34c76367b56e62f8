"""The records of work and stock: work orders, equipment, maintenance, inventory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from accordant_sandbox.model.collections import Collection, Ref
from accordant_sandbox.model.factories import parent
from accordant_sandbox.ports import Row, Tx
from accordant_sandbox.vendors.espace import views
from accordant_sandbox.vendors.espace.local_time import now_text, second
from accordant_sandbox.vendors.espace.rules import APPROVED, CREATED, WORK_ORDER_LIFE, guard_work_order

__all__ = ["WORK_COLLECTIONS", "fields", "nulls"]


def fields(text: str) -> frozenset[str]:
    """Names out of a text, separated by blanks."""
    return frozenset(text.split())


def nulls(text: str) -> dict[str, Any]:
    """Names out of a text, each with null."""
    return dict.fromkeys(text.split())


def _times(row: Row, *names: str) -> dict[str, Any]:
    return {name: second(row[name]) for name in names if row.get(name) is not None}


def _names(tx: Tx, collection: str, key: Any) -> list[str]:
    """What a filter by names or ids may say of a record."""
    row = tx.table(collection).get(key)
    return [] if row is None else [str(row["Name"]), str(key)]


def _work_order(tx: Tx, row: Row) -> Mapping[str, Any]:
    assigned = any(row[name] is not None for name in ("AssignedId", "VendorAssignedId", "AssignedDepartmentId"))
    if row["StatusId"] == CREATED and assigned:
        tx.rule("assigning_approves")
    if row["VendorContactId"] is not None:
        tx.rule("contacts_unchecked")
    return {
        **_times(row, "Eta"),
        "StatusId": APPROVED if row["StatusId"] == CREATED and assigned else row["StatusId"],
        "WorkOrderNumber": row.get("WorkOrderNumber") or tx.next("work_order_numbers"),
        "_priority": _names(tx, "work_order_priorities", row["PriorityId"]),
        "_category": _names(tx, "service_categories", row["ServiceCategoryId"]),
    }


def _equipment(tx: Tx, row: Row) -> Mapping[str, Any]:
    dates = ("DateInService", "WarrantyPartExpDate", "WarrantyLaborExpDate", "RetiredDate", "LastMetricsUpdate")
    names = [name for key in row["ServiceCategoryIds"] for name in _names(tx, "service_categories", key)]
    return {**_times(row, *dates), "_category": names}


def _maintenance(tx: Tx, row: Row) -> Mapping[str, Any]:
    return {
        **_times(row, "StartDate", "EndDate", "NextReminderDate", "NextScheduledTime"),
        "CustomDates": sorted({second(each) for each in row["CustomDates"]}),
        "_category": _names(tx, "service_categories", row["ServiceCategoryId"]),
    }


def _make_work_order(tx: Tx, number: int) -> Mapping[str, Any]:
    return {
        "FullDescription": f"Work order {number}",
        "LocationId": parent(tx, "locations"),
        "ServiceCategoryId": parent(tx, "service_categories"),
        "PriorityId": parent(tx, "work_order_priorities"),
    }


_ASSIGNED = (
    Ref("AssignedId", "users", rule="ids_in_body"),
    Ref("VendorAssignedId", "vendors", rule="ids_in_body"),
    Ref("AssignedDepartmentId", "departments", rule="ids_in_body"),
)

_WORK_ORDERS = [
    Collection(
        name="work_order_priorities",
        key="Id",
        stamps=(),
        defaults=nulls("SortOrder ColorCode TextColor"),
        make=lambda _, n: {"Name": f"Priority {n}", "SortOrder": n},
    ),
    Collection(
        name="work_order_statuses", key="Id", stamps=(), make=lambda _, n: {"Name": f"Status {n}", "SortOrder": n}
    ),
    Collection(
        name="work_orders",
        key="Id",
        stamps=(),
        fields=fields(
            "FullDescription LocationId ServiceCategoryId PriorityId StatusId Eta AssignedId VendorAssignedId "
            "VendorContactId AssignedDepartmentId"
        ),
        defaults={
            **nulls("Eta AssignedId VendorAssignedId VendorContactId AssignedDepartmentId MaintenanceId"),
            "StatusId": CREATED,
            "SpaceIds": list,
        },
        refs=(
            Ref("LocationId", "locations", rule="ids_in_body"),
            Ref("ServiceCategoryId", "service_categories", rule="ids_in_body"),
            Ref("PriorityId", "work_order_priorities", rule="ids_in_body"),
            Ref("StatusId", "work_order_statuses", rule="ids_in_body"),
            *_ASSIGNED,
        ),
        derive=_work_order,
        guard=guard_work_order,
        soft_delete=True,
        lifecycle=WORK_ORDER_LIFE,
        view=views.work_order,
        make=_make_work_order,
    ),
    Collection(
        name="work_order_costs",
        key="Id",
        stamps=(),
        defaults=nulls(
            "Quantity UnitPrice EstimatedLaborCost EstimatedMaterialsCost ActualLaborCost ActualMaterialsCosts "
            "ItemName WorkOrderEquipmentId WorkOrderInventoryId MemberId DateOfWork VendorId TotalCompletedMinutes "
            "EquipmentId VehicleId HourlyRate Note CreationDate LocationId"
        ),
        refs=(
            Ref("WorkOrderId", "work_orders", "cascade", "parts_go_too"),
            Ref("EquipmentId", "equipment", "refuse", "deletion_in_use"),
            Ref("VehicleId", "equipment", "refuse", "deletion_in_use"),
            Ref("WorkOrderInventoryId", "inventory", rule="ids_in_body"),
            Ref("MemberId", "users", rule="ids_in_body"),
            Ref("LocationId", "locations", rule="ids_in_body"),
            Ref("VendorId", "vendors", rule="ids_in_body"),
        ),
        derive=lambda _, row: _times(row, "DateOfWork", "CreationDate"),
        view=views.cost,
        make=lambda tx, _: {"WorkOrderId": parent(tx, "work_orders"), "CostTypeDisplay": "Miscellaneous"},
    ),
    Collection(
        name="work_order_tasks",
        key="Id",
        stamps=(),
        fields=fields(
            "CompletedById Description DueDate IsCompleted DateCompleted WorkOrderId TotalMinutes "
            "TotalCompletedMinutes AssignedToVendorContactId AssignedToUserId AssignedToDepartmentId WorkOrderCostId "
            "TotalEstimatedMinutesItemCost TotalCompleteMinutesItemCost"
        ),
        defaults={
            **nulls(
                "CompletedById Description DueDate DateCompleted TotalMinutes TotalCompletedMinutes AssignedToVendorId "
                "AssignedToVendorContactId AssignedToUserId AssignedToDepartmentId WorkOrderCostId "
                "TotalCompleteMinutesItemCost TotalEstimatedMinutesItemCost"
            ),
            "IsCompleted": False,
        },
        refs=(
            Ref("WorkOrderId", "work_orders", "cascade", "parts_go_too"),
            Ref("AssignedToUserId", "users", rule="ids_in_body"),
            Ref("CompletedById", "users", rule="ids_in_body"),
            Ref("WorkOrderCostId", "work_order_costs", "null", "ids_in_body"),
        ),
        derive=lambda _, row: _times(row, "DueDate", "DateCompleted"),
        view=views.work_order_task,
        make=lambda tx, n: {"WorkOrderId": parent(tx, "work_orders"), "Description": f"Task {n}"},
    ),
]

_MAINTENANCE = [
    Collection(
        name="equipment",
        key="Id",
        stamps=(),
        unkept=fields("EquipmentIdentifier IsDeleted Manufacturer"),
        fields=fields(
            "Name Description Manfacturer Model SerialNumber DateInService WarrantyPartExpDate WarrantyLaborExpDate "
            "ServiceCategoryIds LocationId IsRetired RetiredDate SpaceId Barcode DefaultDocumentId Type "
            "TrackingMetricType CurrentMileage CurrentRuntimeMinutes LastMetricsUpdate FuelType CustomFuel "
            "UpdateFrequencyType UpdateFrequencyValue"
        ),
        defaults={
            **nulls(
                "Description Manfacturer Model SerialNumber DateInService WarrantyPartExpDate WarrantyLaborExpDate "
                "RetiredDate SpaceId Barcode LocationId TrackingMetricType CurrentMileage CurrentRuntimeMinutes "
                "LastMetricsUpdate FuelType CustomFuel UpdateFrequencyType UpdateFrequencyValue DefaultDocumentId"
            ),
            "ServiceCategoryIds": list,
            "Type": 1,
            "IsRetired": False,
        },
        refs=(
            Ref("LocationId", "locations", rule="ids_in_body"),
            Ref("SpaceId", "items", rule="ids_in_body"),
            Ref("DefaultDocumentId", "documents", rule="ids_in_body"),
        ),
        derive=_equipment,
        view=views.equipment,
        refusal="invalid",
        make=lambda tx, n: {"Name": f"Unit {n}", "LocationId": parent(tx, "locations")},
    ),
    Collection(
        name="maintenance",
        key="Id",
        stamps=(),
        unkept=fields(
            "AssignedUserId AssignedVendorContactId Frequency ReminderInDays ReminderText XDaysPriorToCreateWo"
        ),
        fields=fields(
            "ServiceCategoryId LocationId MaintenanceType VendorAssignedId VendorContactId Notes StartDate EndDate "
            "Description AssignedId AssignedDepartmentId XDaysAfterGenerated IsRecurring WOLeadTime ReminderType "
            "ReminderDaysLeadTime NextReminderDate ReminderNote NextScheduledTime FrequencyUnits FrequencyTypeId "
            "CustomDates GenerateNextDateBasedOnLastCompleted RequiresApprovalAfterCompletion "
            "PreventNewWoFromBeingCreatedIfPreviousIsNotComplete StartRunTimeMinutes ThresholdRunTimeMinutes "
            "RepeatRunTimeMinutes NextScheduledRunTimeMinutes StartMileage ThresholdMileage RepeatMileage "
            "NextScheduledMileage"
        ),
        defaults={
            **nulls(
                "VendorAssignedId VendorContactId Notes EndDate AssignedId AssignedDepartmentId WOLeadTime "
                "ReminderDaysLeadTime ReminderNote NextReminderDate NextScheduledTime FrequencyTypeId FrequencyUnits"
            ),
            **dict.fromkeys(("CustomDates", "SpaceIds", "EquipmentIds"), list),
            "MaintenanceType": 1,
            "ReminderType": 0,
            "IsRecurring": True,
            "RequiresApprovalAfterCompletion": False,
        },
        refs=(
            Ref("ServiceCategoryId", "service_categories", rule="ids_in_body"),
            Ref("LocationId", "locations", rule="ids_in_body"),
            *_ASSIGNED,
        ),
        derive=_maintenance,
        soft_delete=True,
        view=views.maintenance,
        make=lambda tx, n: {
            "ServiceCategoryId": parent(tx, "service_categories"),
            "LocationId": parent(tx, "locations"),
            "StartDate": now_text(tx),
            "Description": f"Plan {n}",
        },
    ),
    Collection(
        name="maintenance_tasks",
        key="Id",
        stamps=(),
        fields=fields("TaskTemplateId Description IsCompleted Priority AssignedToUserId TotalMinutes"),
        defaults={
            **nulls("TaskTemplateId Description Priority AssignedToUserId TotalMinutes AssignedById"),
            "IsCompleted": False,
        },
        refs=(
            Ref("MaintenanceId", "maintenance", "cascade", "parts_go_too"),
            Ref("TaskTemplateId", "task_templates", rule="ids_in_body"),
            Ref("AssignedToUserId", "users", rule="ids_in_body"),
        ),
        view=views.maintenance_task,
        make=lambda tx, n: {"MaintenanceId": parent(tx, "maintenance"), "Description": f"Task {n}"},
    ),
    Collection(name="inventory_types", key="Id", stamps=(), make=lambda _, n: {"Name": f"Type {n}"}),
    Collection(
        name="inventory",
        key="InventoryId",
        stamps=(),
        defaults={
            **nulls("Barcode Price VendorId ItemTypeId ReorderThreshold Aisle Bin Description"),
            "MinistryId": views.MINISTRY_ID,
            "IsDeleted": False,
            "NotLocationRestricted": False,
            "QtyOnHand": 0,
        },
        refs=(Ref("LocationId", "locations"), Ref("ItemTypeId", "inventory_types")),
        view=views.inventory,
        make=lambda tx, n: {"Id": 900 + n, "Name": f"Stock {n}", "LocationId": parent(tx, "locations")},
    ),
    Collection(
        name="inventory_groups",
        key="Id",
        stamps=(),
        defaults={"Description": None, "ItemIds": list, "EquipmentIds": list},
        view=views.inventory_group,
        make=lambda tx, n: {
            "Name": f"Group {n}",
            "CreatedById": parent(tx, "users"),
            **dict.fromkeys(("CreatedOn", "UpdatedOn"), now_text(tx)),
        },
    ),
    Collection(
        name="inventory_requests",
        key="Id",
        stamps=(),
        defaults={
            **nulls(
                "Comments RequestedDate ApprovedById ApprovedDate AssignedToId StartedById StartedDate CompletedById "
                "CompletedDate WorkTime"
            ),
            "Status": "Draft",
            "RequestedItems": list,
        },
        view=views.inventory_request,
        make=lambda tx, n: {"RequestNumber": n, "RequestedById": parent(tx, "users")},
    ),
]  # fmt: skip

WORK_COLLECTIONS: Final = (*_WORK_ORDERS, *_MAINTENANCE)
