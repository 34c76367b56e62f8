"""How eSPACE shows its records: names beside ids, computed flags and texts, parts only where they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final

from accordant_sandbox.model.names import words
from accordant_sandbox.model.parts import RecordPart
from accordant_sandbox.model.several import by_keys, column, picked, where
from accordant_sandbox.model.views import NameBeside, RecordView
from accordant_sandbox.ports import Row, Tx

__all__ = [
    "EQUIPMENT_PARTS", "EQUIPMENT_TYPES", "FREQUENCIES", "GROUP_PARTS", "MAINTENANCE_TYPES", "MINISTRY_ID",
    "PLAN_PARTS", "TRACKING_METRICS", "UPDATE_FREQUENCIES", "VIEWS", "WORK_ORDER_PARTS", "joined", "known_as", "sought",
]  # fmt: skip

View = dict[str, Any]

MINISTRY_ID: Final = 1
"""Id of the only organisation."""

EQUIPMENT_TYPES: Final[Mapping[int, str]] = {1: "Equipment", 2: "Vehicle"}
TRACKING_METRICS: Final[Mapping[int, str]] = {1: "Mileage", 2: "RuntimeHours"}
FREQUENCIES: Final[Mapping[int, tuple[str, int | None]]] = {
    1: ("Daily", 1),
    2: ("Weekly", 7),
    3: ("Monthly", 30),
    4: ("Quarterly", 91),
    5: ("Semi-Annually", 182),
    6: ("Annually", 365),
    7: ("Custom", None),
}
"""Names of the frequencies and their length in days."""

UPDATE_FREQUENCIES: Final = {1: ("Daily", 1), 2: ("Weekly", 7), 3: ("Monthly", 30)}
MAINTENANCE_TYPES: Final = {1: "Time Based", 2: "Runtime", 3: "Mileage"}

_ALL_ADMINISTRATORS, _ASSIGNED, _USER = 1, 2, 4
_SHORT = 100


def _person(field: str, otherwise: NameBeside | None = None) -> NameBeside:
    """A user's full name."""
    return NameBeside(field, "users", "{FirstName} {LastName}", otherwise)


_LOCATION: Final = NameBeside("LocationId", "locations")
_TRADE: Final = NameBeside("ServiceCategoryId", "service_categories")
_VENDOR: Final = NameBeside("VendorAssignedId", "vendors")
_ASSIGNEE: Final = _person("AssignedId", NameBeside("AssignedDepartmentId", "departments"))


def _worked_on(tx: Tx, equipment: Row) -> Sequence[Row]:
    """The work orders that have a cost for a piece of equipment."""
    costs = [*tx.rows("work_order_costs", EquipmentId=equipment["Id"])]
    costs += tx.rows("work_order_costs", VehicleId=equipment["Id"])
    return where(tx.rows("work_orders"), "Id", "in", column(costs, "WorkOrderId"))


EQUIPMENT_PARTS: Final = {
    "Space": RecordPart("items", "SpaceId"),
    "WorkOrders": RecordPart("work_orders", source=_worked_on),
}
WORK_ORDER_PARTS: Final = {
    "Spaces": RecordPart("items", "SpaceIds"),
    "Costs": RecordPart("work_order_costs", "Id", "WorkOrderId"),
    "Tasks": RecordPart("work_order_tasks", "Id", "WorkOrderId"),
    "Attachments": RecordPart("documents", "Id", "WorkOrderId"),
}
PLAN_PARTS: Final = {
    "Spaces": RecordPart("items", "SpaceIds"),
    "Equipment": RecordPart("equipment", "EquipmentIds"),
    "Tasks": RecordPart("maintenance_tasks", "Id", "MaintenanceId"),
    "Attachments": RecordPart("documents", "Id", "MaintenanceId"),
    "WorkOrders": RecordPart("work_orders", "Id", "MaintenanceId"),
}
GROUP_PARTS: Final = {
    "InventoryItems": RecordPart("inventory", "ItemIds", "Id"),
    "Equipment": RecordPart("equipment", "EquipmentIds"),
}


def known_as(tx: Tx, collection: str, *keys: Any) -> list[str]:
    """What a filter by names or ids may say of records."""
    table = tx.table(collection)
    return [text for key in keys if key in table for text in (str(table[key]["Name"]), str(key))]


def _hours(minutes: int | None) -> str | None:
    return None if minutes is None else f"{minutes / 60:.2f}"


def _comma(texts: Iterable[str]) -> str | None:
    return ", ".join(texts) or None


# Events


def _event(tx: Tx, row: View) -> View:
    """An event in its first schedule, unless a schedule was joined to it before."""
    if "ScheduleId" in row:
        return row
    schedules = tx.rows("schedules", EventId=row["EventId"])
    shown = joined(tx, row, schedules[0]) if schedules else row
    return {name: value for name, value in shown.items() if not name.startswith("_")}


def joined(tx: Tx, row: Row, schedule: Row, schedules: Sequence[Row] = ()) -> View:
    """An event and one of its schedules as one record, with what filters look at in fields of the sandbox's own.

    `schedules` are all schedules of the event, where they are known.
    """
    schedules = schedules or tx.rows("schedules", EventId=row["EventId"])
    return {
        **{name: value for name, value in row.items() if name not in ("EditorIds", "_by", "_tenant")},
        **{name: value for name, value in schedule.items() if name != "Items"},
        "PublicHtmlNotes": _html(row),
        "Categories": by_keys(tx, "categories", row["Categories"]),
        "Locations": by_keys(tx, "locations", row["Locations"]),
        "PublicLocations": by_keys(tx, "locations", row["PublicLocations"]),
        "Editors": [picked(each, _EDITOR) for each in by_keys(tx, "users", row["EditorIds"])],
        "EventScheduleIds": ",".join(map(str, column(schedules, "ScheduleId"))),
        "EventScheduleNames": ",".join(column(schedules, "ScheduleName")),
        "SpacesOnPublicCalendarDisplay": _public_spaces(tx, schedule) if row["IsPublic"] else None,
        **sought(tx, row),
    }


_EDITOR: Final = words("Id FirstName LastName")


def sought(tx: Tx, event: Row) -> View:
    """What filters of lists look at in an event."""
    return {
        "_name": event["EventName"],
        "_public": event["IsPublic"],
        "_category_ids": event["Categories"],
        "_category_names": column(by_keys(tx, "categories", event["Categories"]), "Name"),
        "_location_ids": event["Locations"],
        "_location_codes": column(by_keys(tx, "locations", event["Locations"]), "LocationCode"),
    }


def _occurrence(tx: Tx, row: View) -> View:
    """One occurrence with what it shows of its event and schedule, and its items."""
    own = tx.table("events")[row["EventId"]]
    schedule = tx.table("schedules")[row["ScheduleId"]]
    return {
        **row,
        **picked(own, words("EventName PublicCalendarImageUrl IsPublic PublicNotes PublicLink Contacts")),
        **picked(schedule, words("ScheduleName IsFinalApproved")),
        "IsAllDay": schedule["IsAllDayEvent"],
        "EventStatus": schedule["Status"],
        "PublicHtmlNotes": _html(own),
        "Items": [_booked(tx, each) for each in schedule["Items"]],
    }


def _html(event: Row) -> str | None:
    return None if event["PublicNotes"] is None else f"<p>{escape(event['PublicNotes'])}</p>"


def _booked(tx: Tx, booking: Row) -> View:
    booked = tx.table("items")[booking["ItemId"]]
    quantity = None if booked["_quantity"] is None else booking["Quantity"]
    return {**picked(booked, words("ItemId ItemType Name")), "Qty": quantity}


def _public_spaces(tx: Tx, schedule: Row) -> str | None:
    booked = by_keys(tx, "items", column(schedule["Items"], "ItemId"))
    return _comma(column(where(booked, "ItemType", "eq", "Space"), "Name"))


# Work orders, equipment, maintenance


def _texts(_: Tx, row: Row) -> View:
    day = row["Eta"]
    shown = None if day is None else f"{day[5:7]}/{day[8:10]}/{day[:4]}"
    return {"ShortDescription": row["FullDescription"][:_SHORT], "EtaDisplay": shown}


def _cost(tx: Tx, row: Row) -> View:
    number = tx.table("work_orders")[row["WorkOrderId"]]["WorkOrderNumber"]
    return {"WorkOrderNumber": number, "TotalCompletedHoursToDisplay": _hours(row["TotalCompletedMinutes"])}


def _kinds(_: Tx, row: Row) -> View:
    metric = TRACKING_METRICS.get(row["TrackingMetricType"])
    return {"Type": EQUIPMENT_TYPES[row["Type"]], "TrackingMetricType": metric, "IsVehicle": row["Type"] == 2}


def _recurrence(tx: Tx, row: Row) -> View:
    bits = row["ReminderType"]
    name, days = FREQUENCIES.get(row["FrequencyTypeId"], (None, None))
    if bits:
        tx.rule("reminder_bits")
    return {
        "Frequency": name,
        "FrequencyDays": None if days is None else days * (row["FrequencyUnits"] or 1),
        "CustomDates": _comma(each[:10] for each in row["CustomDates"]),
        "RemindAllAdmins": bool(bits & _ALL_ADMINISTRATORS),
        "RemindAssigned": bool(bits & _ASSIGNED),
        "RemindUser": bool(bits & _USER),
    }


VIEWS: Final[Mapping[str, Callable[[Tx, View], View]]] = {
    "items": RecordView(named={"LocationName": _LOCATION, "ParentName": NameBeside("Parent_id", "items")}),
    "documents": RecordView(hidden="WorkOrderId MaintenanceId"),
    "task_templates": RecordView(
        hidden="ServiceCategoryIds GroupIds",
        named={
            "ServiceCategories": NameBeside("ServiceCategoryIds", "service_categories"),
            "GroupNames": NameBeside("GroupIds", "task_groups"),
        },
        also=lambda _, row: {"HoursToDisplay": _hours(row["Minutes"])},
    ),
    "webhooks": RecordView(
        hidden="EventIds", also=lambda tx, row: {"Events": by_keys(tx, "webhook_topics", row["EventIds"])}
    ),
    "events": _event,
    "occurrences": _occurrence,
    "work_orders": RecordView(
        hidden="SpaceIds PriorityId MaintenanceId",
        named={
            "LocationName": _LOCATION,
            "SpaceNames": NameBeside("SpaceIds", "items"),
            "ServiceCategory": _TRADE,
            "Status": NameBeside("StatusId", "work_order_statuses"),
            "Priority": NameBeside("PriorityId", "work_order_priorities"),
            "AssignedTo": _ASSIGNEE,
            "VendorAssignedName": _VENDOR,
        },
        parts=WORK_ORDER_PARTS,
        also=_texts,
    ),
    "work_order_costs": RecordView(
        hidden="WorkOrderId EquipmentId VehicleId HourlyRate Note CreationDate LocationId",
        named={"MemberFullName": _person("MemberId"), "VendorName": NameBeside("VendorId", "vendors")},
        also=_cost,
    ),
    "work_order_tasks": RecordView(
        hidden="CompletedById",
        named={
            "AssignedTo": _person("AssignedToUserId", NameBeside("AssignedToDepartmentId", "departments")),
            "CompletedBy": _person("CompletedById"),
        },
        also=lambda tx, _: {"TimeZone": tx.settings["time_zone"]},
    ),
    "equipment": RecordView(
        hidden="ServiceCategoryIds IsRetired DefaultDocumentId CurrentMileage CurrentRuntimeMinutes LastMetricsUpdate "
        "FuelType CustomFuel UpdateFrequencyType UpdateFrequencyValue",
        named={
            "SpaceName": NameBeside("SpaceId", "items"),
            "ServiceCategoryName": NameBeside("ServiceCategoryIds", "service_categories"),
            "LocationName": _LOCATION,
        },
        also=_kinds,
        rules=("numbers_and_names",),
    ),
    "maintenance": RecordView(
        only="Id ServiceCategoryId LocationId Notes StartDate EndDate Description AssignedId VendorAssignedId "
        "VendorContactId AssignedDepartmentId WOLeadTime ReminderDaysLeadTime ReminderNote "
        "RequiresApprovalAfterCompletion",
        named={
            "ServiceCategory": _TRADE,
            "LocationName": _LOCATION,
            "AssignedTo": _ASSIGNEE,
            "VendorAssignedName": _VENDOR,
        },
        parts=PLAN_PARTS,
        also=_recurrence,
    ),
    "maintenance_tasks": RecordView(
        only="Id Description IsCompleted AssignedById AssignedToUserId",
        named={"AssignedBy": _person("AssignedById"), "AssignedToUser": _person("AssignedToUserId")},
    ),
    "inventory": RecordView(
        named={
            "VendorName": NameBeside("VendorId", "vendors"),
            "InventoryItemType": NameBeside("ItemTypeId", "inventory_types"),
            "LocName": _LOCATION,
        },
    ),
    "inventory_groups": RecordView(hidden="ItemIds EquipmentIds", named={"CreatedBy": _person("CreatedById")}),
    "inventory_requests": RecordView(
        named={
            f"{who}FullName": _person(f"{who}Id")
            for who in words("RequestedBy ApprovedBy AssignedTo StartedBy CompletedBy")
        }
    ),
}  # fmt: skip
"""The views of collections that do not show their rows as they are stored."""
