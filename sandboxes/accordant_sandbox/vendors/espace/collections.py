"""The records that eSPACE keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from accordant_sandbox.model.choices import ValueChoice
from accordant_sandbox.model.collections import Collection, Ref
from accordant_sandbox.model.factories import make_row, parent
from accordant_sandbox.model.names import names, nulls, words
from accordant_sandbox.model.own_collections import OWN_COLLECTIONS
from accordant_sandbox.model.parts import RecordPart
from accordant_sandbox.ports import Derive, Make, Tx
from accordant_sandbox.vendors.espace import equipment, maintenance, work_orders
from accordant_sandbox.vendors.espace.local_time import moved, now_text, times, today
from accordant_sandbox.vendors.espace.rules import CREATED, WORK_ORDER_LIFE, guard_event, guard_work_order
from accordant_sandbox.vendors.espace.schedules import DATED, SCHEDULE_LIFE, dated, lasting
from accordant_sandbox.vendors.espace.views import (
    EQUIPMENT_PARTS,
    EQUIPMENT_TYPES,
    FREQUENCIES,
    GROUP_PARTS,
    MAINTENANCE_TYPES,
    MINISTRY_ID,
    PLAN_PARTS,
    TRACKING_METRICS,
    UPDATE_FREQUENCIES,
    VIEWS,
    WORK_ORDER_PARTS,
)  # fmt: skip

__all__ = ["COLLECTIONS"]


def _kept(
    name: str,
    key: str = "Id",
    *,
    fields: str = "",
    unsent: str = "",
    lists: str = "",
    make: Make,
    derive: Derive | None = None,
    **more: Any,
) -> Collection:
    """A collection as they are here: keyed by `Id`, without stamps, with the view of its name.

    `fields` are those that a client sends, `unsent` others; all are null at first, `lists` are empty, unless `defaults`
    says otherwise.
    """
    empty = {**nulls(f"{fields} {unsent}"), **dict.fromkeys(words(lists), list), **more.pop("defaults", {})}
    shown: Any = {"view": VIEWS.get(name), "make": make, "derive": derive, **more}
    return Collection(name=name, key=key, stamps=(), fields=names(fields), defaults=empty, **shown)


def _ids(**fields: str) -> Iterator[Ref]:
    """References that a body makes: each field with the collection that it refers to."""
    return (Ref(field, collection, rule="ids_in_body") for field, collection in fields.items())


def _listed(field: str, collection: str, **more: Any) -> ValueChoice:
    return ValueChoice(field, collection, "ids_in_body", **more)


_LINKED: Final = {
    "Categories": "categories", "Locations": "locations", "PublicLocations": "locations", "EditorIds": "users",
}  # fmt: skip
_PLACE: Final = {"LocationId": "locations", "ServiceCategoryId": "service_categories"}
_WORK: Final = {**_PLACE, "PriorityId": "work_order_priorities"}
_ASSIGNED: Final = {"AssignedId": "users", "VendorAssignedId": "vendors", "AssignedDepartmentId": "departments"}
_NO_SPACE: Final = {"where": {"ItemType": "Space"}, "unfit": "{field}: {value} is no space"}
_SPACES: Final = _listed("SpaceIds", "items", called="SpaceId", **_NO_SPACE)


# Rows that tests ask for


def _make_schedule(tx: Tx, number: int) -> Mapping[str, Any]:
    event = make_row(tx, COLLECTIONS["events"], {"EventName": f"Event {number}"})
    return {"EventId": event["EventId"], "EventDate": f"{today(tx)}T00:00:00", "StartTime": "18:00:00"}


def _make_occurrence(tx: Tx, number: int) -> Mapping[str, Any]:
    """One more occurrence of a schedule, on a later day."""
    schedule = tx.table("schedules")[parent(tx, "schedules")]
    ids = {name: schedule[name] for name in ("EventId", "ScheduleId")}
    last = tx.rows("occurrences", ScheduleId=schedule["ScheduleId"])[-1]
    times = words("SetUpStart EventStart EventEnd TearDownEnd")
    later = {name: None if last[name] is None else moved(last[name], number) for name in times}
    return {**ids, **later, "OccurrenceStatus": schedule["Status"]}


def _with(tx: Tx, values: Mapping[str, Any], **parents: str) -> Mapping[str, Any]:
    """Values, and the keys of rows to refer to."""
    return {**values, **{field: parent(tx, collection) for field, collection in parents.items()}}


_ORGANISATION = [
    _kept("locations", make=lambda _, n: {"Name": f"Campus {n}", "LocationCode": f"C{n}"}),
    _kept("categories", make=lambda _, n: {"Name": f"Category {n}", "IsPublic": True}),
    _kept(
        "users",
        defaults={"Roles": lambda: ["User"], "_password": 1},
        make=lambda _, n: {"FirstName": "Toni", "LastName": f"Tester {n}", "Email": f"toni{n}@example.com"},
    ),
    _kept("vendors", make=lambda _, n: {"Name": f"Contractor {n}"}),
    _kept("departments", make=lambda _, n: {"Name": f"Department {n}"}),
    _kept(
        "items",
        "ItemId",
        unsent="Parent_id MaxCapacity _quantity",
        defaults={"IsSchedulable": True},
        refs=(Ref("LocationId", "locations"), Ref("Parent_id", "items", "refuse", "ids_in_body")),
        refusal="invalid",
        make=lambda tx, n: _with(tx, {"ItemType": "Space", "Name": f"Room {n}"}, LocationId="locations"),
    ),
    _kept(
        "documents",
        unsent="WorkOrderId MaintenanceId Uri",
        make=lambda _, n: {"Title": f"Document {n}", "FileName": f"document{n}.pdf"},
    ),
    _kept(
        "service_categories",
        unsent="SystemSpecification",
        defaults={"MinistryId": MINISTRY_ID, "IsDeleted": False},
        make=lambda _, n: {"Name": f"Trade {n}"},
    ),
    _kept(
        "webhooks",
        fields="Url Notes EventIds",
        lists="EventIds",
        choices=(_listed("EventIds", "webhook_topics"),),
        unique=(("Url",),),
        unique_rule="webhook_url",
        soft_delete=True,
        make=lambda _, n: {"Url": f"http://127.0.0.1:9/hook{n}", "EventIds": [1]},
    ),
    _kept("webhook_topics", make=lambda _, n: {"Name": f"topic{n}"}),
]

_EVENTS = [
    _kept(
        "events",
        "EventId",
        fields="EventName Description IsPublic NumOfPeople Categories AutoApprove OwnerId PublicNotes PublicLink "
        "Locations PublicLocations IsOffSite OffsiteLocation EditorIds",
        unsent="PublicCalendarImageUrl",
        unkept=DATED | {"ScheduleId"},
        lists="Categories Locations PublicLocations EditorIds Contacts",
        defaults=dict.fromkeys(words("IsPublic AutoApprove IsOffSite"), False),
        refs=(Ref("OwnerId", "users", rule="ids_in_body"),),
        choices=tuple(map(_listed, _LINKED, _LINKED.values())),
        guard=guard_event,
        soft_delete=True,
        make=lambda tx, n: _with(tx, {"EventName": f"Event {n}"}, OwnerId="users"),
    ),
    _kept(
        "schedules",
        "ScheduleId",
        unsent="SetupStartDate SetupStartTime StartTime EventEndDate EndTime TeardownEndDate TearDownEndTime",
        lists="AdditionalDates Items",
        defaults={
            "ScheduleName": "Main", "Status": "Draft", "IsAllDayEvent": False, "IsMultiDayEvent": False,
            "IsFinalApproved": False,
        },
        refs=(Ref("EventId", "events"),),
        lifecycle=SCHEDULE_LIFE,
        derive=dated,
        make=_make_schedule,
    ),
    _kept("occurrences", "OccurrenceId", derive=lasting, make=_make_occurrence),
]  # fmt: skip

_WORK_ORDERS = [
    _kept(
        "work_order_priorities",
        unsent="SortOrder ColorCode TextColor",
        make=lambda _, n: {"Name": f"Priority {n}", "SortOrder": n},
    ),
    _kept("work_order_statuses", make=lambda _, n: {"Name": f"Status {n}", "SortOrder": n}),
    _kept(
        "work_orders",
        fields="FullDescription LocationId ServiceCategoryId PriorityId StatusId Eta AssignedId VendorAssignedId "
        "VendorContactId AssignedDepartmentId",
        unsent="MaintenanceId",
        lists="SpaceIds",
        later=names("StatusId"),
        defaults={"StatusId": CREATED},
        refs=(
            *_ids(**_WORK, StatusId="work_order_statuses", **_ASSIGNED),
        ),
        choices=(_SPACES,),
        parts=WORK_ORDER_PARTS,
        derive=work_orders.completed,
        guard=guard_work_order,
        soft_delete=True,
        lifecycle=WORK_ORDER_LIFE,
        make=lambda tx, n: _with(tx, {"FullDescription": f"Work order {n}"}, **_WORK),
    ),
    _kept(
        "work_order_costs",
        fields="EquipmentId VehicleId VendorId Quantity LocationId MemberId DateOfWork HourlyRate Note CreationDate "
        "EstimatedLaborCost EstimatedMaterialsCost ActualLaborCost ActualMaterialsCosts ItemName WorkOrderInventoryId "
        "TotalCompletedMinutes",
        unsent="UnitPrice WorkOrderEquipmentId",
        names={
            "EstimatedLaborCosts": "EstimatedLaborCost", "EstimatedMaterialCosts": "EstimatedMaterialsCost",
            "ActualLaborCosts": "ActualLaborCost", "ActualMaterialCosts": "ActualMaterialsCosts", "Name": "ItemName",
            "InventoryId": "WorkOrderInventoryId", "Minutes": "TotalCompletedMinutes",
        },
        refs=(
            Ref("WorkOrderId", "work_orders"),
            Ref("EquipmentId", "equipment", "refuse", "deletion_in_use"),
            Ref("VehicleId", "equipment", "refuse", "deletion_in_use"),
            *_ids(WorkOrderInventoryId="inventory", MemberId="users", LocationId="locations", VendorId="vendors"),
        ),
        derive=lambda _, row: times(row, "DateOfWork CreationDate"),
        make=lambda tx, _: _with(tx, {"CostTypeDisplay": "Miscellaneous"}, WorkOrderId="work_orders"),
    ),
    _kept(
        "work_order_tasks",
        fields="CompletedById Description DueDate IsCompleted DateCompleted WorkOrderId TotalMinutes "
        "TotalCompletedMinutes AssignedToVendorContactId AssignedToUserId AssignedToDepartmentId WorkOrderCostId "
        "TotalEstimatedMinutesItemCost TotalCompleteMinutesItemCost",
        unsent="AssignedToVendorId",
        defaults={"IsCompleted": False},
        refs=(
            Ref("WorkOrderId", "work_orders", rule="ids_in_body"),
            *_ids(AssignedToUserId="users", CompletedById="users"),
            Ref("WorkOrderCostId", "work_order_costs", "null", "ids_in_body"),
        ),
        derive=lambda _, row: times(row, "DueDate DateCompleted"),
        make=lambda tx, n: _with(tx, {"Description": f"Task {n}"}, WorkOrderId="work_orders"),
    ),
]  # fmt: skip

_MAINTENANCE = [
    _kept(
        "equipment",
        fields="Name Description Manfacturer Model SerialNumber DateInService WarrantyPartExpDate WarrantyLaborExpDate "
        "ServiceCategoryIds LocationId IsRetired RetiredDate SpaceId Barcode DefaultDocumentId Type TrackingMetricType "
        "CurrentMileage CurrentRuntimeMinutes LastMetricsUpdate FuelType CustomFuel UpdateFrequencyType "
        "UpdateFrequencyValue",
        lists="ServiceCategoryIds",
        names={"Manufacturer": "Manfacturer", "EquipmentIdentifier": "Barcode"},
        ignored={"IsDeleted": "is_deleted"},
        defaults={"Type": 1, "IsRetired": False},
        refs=tuple(_ids(LocationId="locations", DefaultDocumentId="documents")),
        choices=(
            ValueChoice("Type", EQUIPMENT_TYPES, "ids_in_body"),
            ValueChoice("TrackingMetricType", TRACKING_METRICS, "ids_in_body"),
            ValueChoice("UpdateFrequencyType", UPDATE_FREQUENCIES, "ids_in_body"),
            _listed("ServiceCategoryIds", "service_categories"),
            _listed("SpaceId", "items", **_NO_SPACE),
        ),
        parts=EQUIPMENT_PARTS,
        derive=equipment.completed,
        refusal="invalid",
        make=lambda tx, n: _with(tx, {"Name": f"Unit {n}"}, LocationId="locations"),
    ),
    _kept(
        "maintenance",
        fields="ServiceCategoryId LocationId MaintenanceType VendorAssignedId VendorContactId Notes StartDate EndDate "
        "Description AssignedId AssignedDepartmentId XDaysAfterGenerated IsRecurring WOLeadTime ReminderType "
        "ReminderDaysLeadTime NextReminderDate ReminderNote NextScheduledTime FrequencyUnits FrequencyTypeId "
        "CustomDates GenerateNextDateBasedOnLastCompleted RequiresApprovalAfterCompletion "
        "PreventNewWoFromBeingCreatedIfPreviousIsNotComplete StartRunTimeMinutes ThresholdRunTimeMinutes "
        "RepeatRunTimeMinutes NextScheduledRunTimeMinutes StartMileage ThresholdMileage RepeatMileage "
        "NextScheduledMileage",
        lists="CustomDates SpaceIds EquipmentIds",
        names={
            "AssignedVendorContactId": "VendorContactId", "AssignedUserId": "AssignedId",
            "XDaysPriorToCreateWo": "WOLeadTime", "ReminderInDays": "ReminderDaysLeadTime",
            "ReminderText": "ReminderNote", "Frequency": "FrequencyUnits",
        },
        defaults={
            "MaintenanceType": 1, "ReminderType": 0, "IsRecurring": True, "RequiresApprovalAfterCompletion": False,
        },
        refs=tuple(_ids(**_PLACE, **_ASSIGNED)),
        choices=(
            ValueChoice("MaintenanceType", MAINTENANCE_TYPES, "ids_in_body"),
            ValueChoice("FrequencyTypeId", FREQUENCIES, "ids_in_body"),
            _SPACES,
            ValueChoice("EquipmentIds", "equipment", "deletion_in_use", on_delete="refuse"),
        ),
        parts=PLAN_PARTS,
        derive=maintenance.completed,
        soft_delete=True,
        make=lambda tx, n: _with(tx, {"StartDate": now_text(tx), "Description": f"Plan {n}"}, **_PLACE),
    ),
    _kept(
        "maintenance_tasks",
        fields="TaskTemplateId Description IsCompleted Priority AssignedToUserId TotalMinutes MaintenanceId",
        unsent="AssignedById",
        later=names("IsCompleted"),
        names={"Minutes": "TotalMinutes", "ScheduledMaintenanceId": "MaintenanceId"},
        defaults={"IsCompleted": False},
        refs=(
            Ref("MaintenanceId", "maintenance", rule="ids_in_body"),
            *_ids(TaskTemplateId="task_templates", AssignedToUserId="users"),
        ),
        make=lambda tx, n: _with(tx, {"Description": f"Task {n}"}, MaintenanceId="maintenance"),
    ),
]  # fmt: skip

_INVENTORY = [
    _kept(
        "task_templates",
        unsent="TaskOrderIndex Minutes",
        lists="ServiceCategoryIds GroupIds",
        make=lambda _, n: {"Description": f"Task {n}"},
    ),
    _kept(
        "task_groups",
        parts={"Tasks": RecordPart("task_templates", "Id", "GroupIds", listed=True)},
        make=lambda tx, n: {"Name": f"Group {n}", "CreatedOn": now_text(tx)},
    ),
    _kept("inventory_types", make=lambda _, n: {"Name": f"Type {n}"}),
    _kept(
        "inventory",
        "InventoryId",
        unsent="Barcode Price VendorId ItemTypeId ReorderThreshold Aisle Bin Description",
        defaults={"MinistryId": MINISTRY_ID, "IsDeleted": False, "NotLocationRestricted": False, "QtyOnHand": 0},
        refs=(Ref("LocationId", "locations"), Ref("ItemTypeId", "inventory_types")),
        make=lambda tx, n: _with(tx, {"Id": 900 + n, "Name": f"Stock {n}"}, LocationId="locations"),
    ),
    _kept(
        "inventory_groups",
        unsent="Description",
        lists="ItemIds EquipmentIds",
        parts=GROUP_PARTS,
        make=lambda tx, n: _with(
            tx, {"Name": f"Group {n}", "CreatedOn": now_text(tx), "UpdatedOn": now_text(tx)}, CreatedById="users"
        ),
    ),
    _kept(
        "inventory_requests",
        unsent="Comments RequestedDate ApprovedById ApprovedDate AssignedToId StartedById StartedDate CompletedById "
        "CompletedDate WorkTime",
        lists="RequestedItems",
        defaults={"Status": "Draft"},
        make=lambda tx, n: _with(tx, {"RequestNumber": n}, RequestedById="users"),
    ),
]

_ALL = (*_ORGANISATION, *_EVENTS, *_WORK_ORDERS, *_MAINTENANCE, *_INVENTORY)
COLLECTIONS: Mapping[str, Collection] = {**OWN_COLLECTIONS, **{each.name: each for each in _ALL}}
