"""How eSPACE shows its records: names beside ids, computed flags and texts, parts only where they are asked for.

A view gets a copy of the stored row and makes what the document describes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final

from accordant_sandbox.engine.transaction import Transaction
from accordant_sandbox.model.collections import Row

__all__ = [
    "EQUIPMENT_TYPES",
    "FREQUENCIES",
    "MINISTRY_ID",
    "TRACKING_METRICS",
    "cost",
    "document",
    "equipment",
    "event",
    "inventory",
    "inventory_group",
    "inventory_request",
    "item",
    "joined",
    "maintenance",
    "maintenance_task",
    "name_of",
    "occurrence",
    "person",
    "task_template",
    "webhook",
    "work_order",
    "work_order_task",
]

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

_PLAN: Final = (
    "Id",
    "ServiceCategoryId",
    "LocationId",
    "Notes",
    "StartDate",
    "EndDate",
    "Description",
    "AssignedId",
    "VendorAssignedId",
    "VendorContactId",
    "AssignedDepartmentId",
    "WOLeadTime",
    "ReminderDaysLeadTime",
    "ReminderNote",
    "RequiresApprovalAfterCompletion",
)
"""What a maintenance plan shows as it is stored."""

_ALL_ADMINISTRATORS, _ASSIGNED, _USER = 1, 2, 4
_SHORT = 100


def name_of(tx: Transaction, collection: str, key: Any, field: str = "Name") -> str | None:
    """A record's name, also when it was deleted; None for no record."""
    row = tx.table(collection).get(key)
    return None if row is None else str(row[field])


def person(tx: Transaction, user: Any) -> str | None:
    """A user's full name; None for no user."""
    row = tx.table("users").get(user)
    return None if row is None else f"{row['FirstName']} {row['LastName']}"


def _without(row: View, *names: str) -> View:
    return {name: value for name, value in row.items() if name not in names}


def _comma(texts: Iterable[Any]) -> str | None:
    return ", ".join(str(each) for each in texts if each is not None) or None


def _hours(minutes: int | None) -> str | None:
    return None if minutes is None else f"{minutes / 60:.2f}"


# Items, tasks, webhooks


def item(tx: Transaction, row: View) -> View:
    """A space, resource or service with the names of its location and parent."""
    names = {
        "LocationName": name_of(tx, "locations", row["LocationId"]),
        "ParentName": name_of(tx, "items", row["Parent_id"]),
    }
    return {**row, **names}


def document(_: Transaction, row: View) -> View:
    """A document without the record that it is attached to."""
    return _without(row, "WorkOrderId", "MaintenanceId")


def task_template(tx: Transaction, row: View) -> View:
    """A task template with the names of its trades and groups."""
    return {
        **_without(row, "ServiceCategoryIds", "GroupIds"),
        "ServiceCategories": _comma(name_of(tx, "service_categories", key) for key in row["ServiceCategoryIds"]),
        "GroupNames": _comma(name_of(tx, "task_groups", key) for key in row["GroupIds"]),
        "HoursToDisplay": _hours(row["Minutes"]),
    }


def webhook(tx: Transaction, row: View) -> View:
    """A subscription with its topics."""
    topics = [tx.table("webhook_topics")[key] for key in row["EventIds"]]
    return {**_without(row, "EventIds"), "Events": [dict(topic) for topic in topics]}


# Events


def event(tx: Transaction, row: View) -> View:
    """An event in its first schedule, unless a schedule was joined to it before."""
    if "ScheduleId" in row:
        return row
    schedules = tx.rows("schedules", EventId=row["EventId"])
    shown = joined(tx, row, schedules[0]) if schedules else row
    return {name: value for name, value in shown.items() if not name.startswith("_")}


def joined(tx: Transaction, row: Row, schedule: Row, schedules: Sequence[Row] = ()) -> View:
    """An event and one of its schedules as one record, with what filters look at in fields of the sandbox's own.

    `schedules` are all schedules of the event, where they are known.
    """
    schedules = schedules or tx.rows("schedules", EventId=row["EventId"])
    categories = [tx.table("categories")[key] for key in row["Categories"]]
    locations = [tx.table("locations")[key] for key in row["Locations"]]
    notes = row["PublicNotes"]
    return {
        **{name: value for name, value in row.items() if name not in ("EditorIds", "_by", "_tenant")},
        **{name: value for name, value in schedule.items() if name != "Items"},
        "PublicHtmlNotes": None if notes is None else f"<p>{escape(notes)}</p>",
        "Categories": [dict(each) for each in categories],
        "Locations": [dict(each) for each in locations],
        "PublicLocations": [dict(tx.table("locations")[key]) for key in row["PublicLocations"]],
        "Editors": [_editor(tx.table("users")[key]) for key in row["EditorIds"]],
        "EventScheduleIds": ",".join(str(each["ScheduleId"]) for each in schedules),
        "EventScheduleNames": ",".join(each["ScheduleName"] for each in schedules),
        "SpacesOnPublicCalendarDisplay": _public_spaces(tx, schedule) if row["IsPublic"] else None,
        "_category_ids": row["Categories"],
        "_category_names": [each["Name"] for each in categories],
        "_location_ids": row["Locations"],
        "_location_codes": [each["LocationCode"] for each in locations],
    }


def occurrence(tx: Transaction, row: View) -> View:
    """One occurrence with what it shows of its event and schedule, and its items."""
    own = tx.table("events")[row["EventId"]]
    schedule = tx.table("schedules")[row["ScheduleId"]]
    notes = own["PublicNotes"]
    return {
        **row,
        "IsAllDay": schedule["IsAllDayEvent"],
        "EventName": own["EventName"],
        "ScheduleName": schedule["ScheduleName"],
        "EventStatus": schedule["Status"],
        "IsFinalApproved": schedule["IsFinalApproved"],
        **{name: own[name] for name in ("PublicCalendarImageUrl", "IsPublic", "PublicNotes", "PublicLink", "Contacts")},
        "PublicHtmlNotes": None if notes is None else f"<p>{escape(notes)}</p>",
        "Items": [_booked(tx, each) for each in schedule["Items"]],
    }


def _booked(tx: Transaction, booking: Row) -> View:
    booked = tx.table("items")[booking["ItemId"]]
    return {
        "ItemId": booked["ItemId"],
        "ItemType": booked["ItemType"],
        "Name": booked["Name"],
        "Qty": None if booked["_quantity"] is None else booking["Quantity"],
    }


def _editor(user: Row) -> View:
    return {name: user[name] for name in ("Id", "FirstName", "LastName")}


def _public_spaces(tx: Transaction, schedule: Row) -> str | None:
    booked = [tx.table("items")[each["ItemId"]] for each in schedule["Items"]]
    return _comma(each["Name"] for each in booked if each["ItemType"] == "Space")


# Work orders, equipment, maintenance


def work_order(tx: Transaction, row: View) -> View:
    """A work order; its parts stay null until `with_parts` fills in what was asked for."""
    spaces = row["SpaceIds"]
    return {
        **_without(row, "SpaceIds", "PriorityId", "MaintenanceId"),
        "ShortDescription": row["FullDescription"][:_SHORT],
        "LocationName": name_of(tx, "locations", row["LocationId"]),
        "SpaceNames": _comma(name_of(tx, "items", key) for key in spaces),
        "ServiceCategory": name_of(tx, "service_categories", row["ServiceCategoryId"]),
        "Status": name_of(tx, "work_order_statuses", row["StatusId"]),
        "Priority": name_of(tx, "work_order_priorities", row["PriorityId"]),
        "EtaDisplay": None if row["Eta"] is None else f"{row['Eta'][5:7]}/{row['Eta'][8:10]}/{row['Eta'][:4]}",
        "AssignedTo": person(tx, row["AssignedId"]) or name_of(tx, "departments", row["AssignedDepartmentId"]),
        "VendorAssignedName": name_of(tx, "vendors", row["VendorAssignedId"]),
        "HasSpaces": bool(spaces),
        "HasCosts": _any(tx, "work_order_costs", WorkOrderId=row["Id"]),
        "HasTasks": _any(tx, "work_order_tasks", WorkOrderId=row["Id"]),
        "HasAttachments": _any(tx, "documents", WorkOrderId=row["Id"]),
        **dict.fromkeys(("Spaces", "Costs", "Tasks", "Attachments")),
    }


def cost(tx: Transaction, row: View) -> View:
    """A cost of a work order with the names of whom and what it is about."""
    hidden = ("WorkOrderId", "EquipmentId", "VehicleId", "HourlyRate", "Note", "CreationDate", "LocationId")
    return {
        **_without(row, *hidden),
        "WorkOrderNumber": tx.table("work_orders")[row["WorkOrderId"]]["WorkOrderNumber"],
        "MemberFullName": person(tx, row["MemberId"]),
        "VendorName": name_of(tx, "vendors", row["VendorId"]),
        "TotalCompletedHoursToDisplay": _hours(row["TotalCompletedMinutes"]),
    }


def work_order_task(tx: Transaction, row: View) -> View:
    """A task of a work order with the names of the people."""
    return {
        **_without(row, "CompletedById"),
        "AssignedTo": person(tx, row["AssignedToUserId"]) or name_of(tx, "departments", row["AssignedToDepartmentId"]),
        "CompletedBy": person(tx, row["CompletedById"]),
        "TimeZone": tx.settings["time_zone"],
    }


def equipment(tx: Transaction, row: View) -> View:
    """A piece of equipment without its readings; kinds by name."""
    hidden = (
        "ServiceCategoryIds", "IsRetired", "DefaultDocumentId", "CurrentMileage", "CurrentRuntimeMinutes",
        "LastMetricsUpdate", "FuelType", "CustomFuel", "UpdateFrequencyType", "UpdateFrequencyValue",
    )  # fmt: skip
    tx.rule("numbers_and_names")
    return {
        **_without(row, *hidden),
        "SpaceName": name_of(tx, "items", row["SpaceId"]),
        "ServiceCategoryName": _comma(name_of(tx, "service_categories", key) for key in row["ServiceCategoryIds"]),
        "LocationName": name_of(tx, "locations", row["LocationId"]),
        "Type": EQUIPMENT_TYPES[row["Type"]],
        "TrackingMetricType": TRACKING_METRICS.get(row["TrackingMetricType"]),
        "IsVehicle": row["Type"] == 2,
    }


def maintenance(tx: Transaction, row: View) -> View:
    """A maintenance plan; its parts stay null until `with_parts` fills in what was asked for."""
    bits = row["ReminderType"]
    name, days = FREQUENCIES.get(row["FrequencyTypeId"], (None, None))
    if bits:
        tx.rule("reminder_bits")
    return {
        **{field: row[field] for field in _PLAN},
        "ServiceCategory": name_of(tx, "service_categories", row["ServiceCategoryId"]),
        "LocationName": name_of(tx, "locations", row["LocationId"]),
        "AssignedTo": person(tx, row["AssignedId"]) or name_of(tx, "departments", row["AssignedDepartmentId"]),
        "VendorAssignedName": name_of(tx, "vendors", row["VendorAssignedId"]),
        "Frequency": name,
        "FrequencyDays": None if days is None else days * (row["FrequencyUnits"] or 1),
        "CustomDates": _comma(each[:10] for each in row["CustomDates"]),
        "RemindAllAdmins": bool(bits & _ALL_ADMINISTRATORS),
        "RemindAssigned": bool(bits & _ASSIGNED),
        "RemindUser": bool(bits & _USER),
        "HasAttachments": _any(tx, "documents", MaintenanceId=row["Id"]),
        "HasSpaces": bool(row["SpaceIds"]),
        "HasEquipment": bool(row["EquipmentIds"]),
        "HasTasks": _any(tx, "maintenance_tasks", MaintenanceId=row["Id"]),
        "HasWorkOrders": _any(tx, "work_orders", MaintenanceId=row["Id"]),
        **dict.fromkeys(("Attachments", "Spaces", "Equipment", "Tasks", "WorkOrders")),
    }


def maintenance_task(tx: Transaction, row: View) -> View:
    """A task of a maintenance plan with the names of the people."""
    return {
        **{field: row[field] for field in ("Id", "Description", "IsCompleted", "AssignedById", "AssignedToUserId")},
        "AssignedBy": person(tx, row["AssignedById"]),
        "AssignedToUser": person(tx, row["AssignedToUserId"]),
    }


# Inventory


def inventory(tx: Transaction, row: View) -> View:
    """The stock of an item at one location, with names."""
    return {
        **row,
        "VendorName": name_of(tx, "vendors", row["VendorId"]),
        "InventoryItemType": name_of(tx, "inventory_types", row["ItemTypeId"]),
        "LocName": name_of(tx, "locations", row["LocationId"]),
    }


def inventory_group(tx: Transaction, row: View) -> View:
    """A group without what belongs to it."""
    return {**_without(row, "ItemIds", "EquipmentIds"), "CreatedBy": person(tx, row["CreatedById"])}


def inventory_request(tx: Transaction, row: View) -> View:
    """A request for stock with the names of the people."""
    people = ("RequestedBy", "ApprovedBy", "AssignedTo", "StartedBy", "CompletedBy")
    return {**row, **{f"{who}FullName": person(tx, row[f"{who}Id"]) for who in people}}


def _any(tx: Transaction, collection: str, **equals: Any) -> bool:
    return bool(tx.rows(collection, **equals))
