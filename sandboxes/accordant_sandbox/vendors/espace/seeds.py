"""Data sets of the eSPACE sandbox: a church with two campuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from accordant_sandbox.engine.auth import PRINCIPALS, TOKENS
from accordant_sandbox.engine.transaction import Transaction
from accordant_sandbox.vendors.espace.dialect import ADMINISTRATOR, USER
from accordant_sandbox.vendors.espace.local_time import today
from accordant_sandbox.vendors.espace.notices import TOPICS

__all__ = ["CREDENTIALS", "SEEDS"]

CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "default": {"api_key": "5a9d0c1e-7b3f-4c52-9e61-0f2b8d4a6c10"},
    "user": {"api_key": "c3f1e8a2-64d0-4b97-8a15-9d7e2b50f433"},
}
"""An administrator with every right, and an ordinary user."""

_STATUSES = (
    "Created", "Approved", "In Progress", "Completed", "Closed", "Not Accepted", "On Hold", "Vendor-Accepted",
    "Vendor-Rejected", "Rejected",
)  # fmt: skip


def empty(tx: Transaction) -> None:
    """Nothing but the users, and the lists of the product itself: topics, priorities, statuses."""
    people = (
        ("default", "Robin", "Archer", "robin@riverside.example.com", ["Admin"], ADMINISTRATOR),
        ("user", "Sam", "Teller", "sam@riverside.example.com", ["User"], USER),
    )
    for name, first, last, email, roles, role in people:
        user = tx.create("users", {"FirstName": first, "LastName": last, "Email": email, "Roles": roles})
        tx.put(PRINCIPALS, {"name": name, "tenant": "riverside", "role": role, "data": {"user_id": user["Id"]}})
        key = {"token": CREDENTIALS[name]["api_key"], "kind": "api_key", "principal": name, "user_id": user["Id"]}
        tx.put(TOKENS, {**key, "expires_at": None, "revoked": False})
    for topic in TOPICS:
        tx.create("webhook_topics", {"Name": topic})
    for number, (name, color) in enumerate(
        (("Urgent", "#B00020"), ("High", "#E65100"), ("Medium", "#F9A825"), ("Low", "#2E7D32")), 1
    ):
        tx.create(
            "work_order_priorities", {"Name": name, "SortOrder": number, "ColorCode": color, "TextColor": "#FFFFFF"}
        )
    for number, name in enumerate(_STATUSES, 1):
        tx.create("work_order_statuses", {"Name": name, "SortOrder": number})


def default(tx: Transaction) -> None:
    """Some of everything: events in every state around the present day, open and closed work, stock, one webhook."""
    empty(tx)
    _places(tx)
    _items(tx)
    _people(tx)
    _events(tx)
    _equipment(tx)
    _work_orders(tx)
    _maintenance(tx)
    _inventory(tx)
    tx.create("webhooks", {"Url": "http://127.0.0.1:8099/espace", "Notes": "Door displays", "EventIds": [1, 2, 7]})


def busy_year(tx: Transaction, events: int = 1500, work_orders: int = 400) -> None:
    """A year of a busy organisation: events on every day, more of them than one list can hold, and plenty of work."""
    default(tx)
    rooms = [row["ItemId"] for row in tx.rows("items", ItemType="Space") if row["IsSchedulable"]]
    statuses = ("Approved", "Approved", "Approved", "Pending", "Draft", "Canceled")
    for number in range(events):
        hour, day = 7 + number % 14, number * 365 // max(1, events)
        _event(
            tx,
            f"Booking {number:04d}",
            day,
            (f"{hour:02d}:00:00", f"{hour + 1:02d}:30:00"),
            status=statuses[tx.random.randrange(len(statuses))],
            items=[(rooms[number % len(rooms)], None)],
            extra=[day + 7, day + 14] if number % 5 == 0 else [],
            Categories=[1 + number % 4],
            Locations=[1 + number % 2],
            IsPublic=number % 3 == 0,
        )
    for number in range(work_orders):
        _order(tx, f"Round {number:04d}: look after room {rooms[number % len(rooms)]}", 1 + number % 10, number % 90)


def _places(tx: Transaction) -> None:
    for name, code in (("Main Campus", "MAIN"), ("North Campus", "NORTH")):
        tx.create("locations", {"Name": name, "LocationCode": code})
    for name, public in (("Worship", True), ("Youth", True), ("Meetings", False), ("Community", True)):
        tx.create("categories", {"Name": name, "IsPublic": public})
    for name, specification in (("Plumbing", None), ("Electrical", None), ("Grounds", None), ("Motor Pool", "Vehicle")):
        tx.create("service_categories", {"Name": name, "SystemSpecification": specification})
    for name in ("Harbor Heating", "Brightline Electric"):
        tx.create("vendors", {"Name": name})
    for name in ("Facilities", "Hospitality"):
        tx.create("departments", {"Name": name})


def _items(tx: Transaction) -> None:
    """Two buildings with six rooms, five resources of which two are counted, three services."""
    for place, building, rooms in (
        (1, "Main Building", (("Sanctuary", 400), ("Hall A", 120), ("Room 101", 20), ("Room 102", 20))),
        (2, "North House", (("Chapel", 90), ("Classroom N1", 25))),
    ):
        whole = tx.create("items", {"ItemType": "Space", "Name": building, "LocationId": place, "IsSchedulable": False})
        for name, capacity in rooms:
            below = {"Parent_id": whole["ItemId"], "LocationId": place, "MaxCapacity": capacity}
            tx.create("items", {"ItemType": "Space", "Name": name, **below})
    for name, place, quantity in (
        ("Round tables", 1, 24),
        ("Folding chairs", 1, 300),
        ("Projector", 1, None),
        ("Sound system", 1, None),
        ("Piano", 2, None),
    ):
        tx.create("items", {"ItemType": "Resource", "Name": name, "LocationId": place, "_quantity": quantity})
    for name, place in (("Catering", 1), ("Sound technician", 1), ("Child care", 2)):
        tx.create("items", {"ItemType": "Service", "Name": name, "LocationId": place})


def _people(tx: Transaction) -> None:
    third = {"FirstName": "Kim", "LastName": "Osei", "Email": "kim@riverside.example.com", "Roles": ["Sub-Admin"]}
    tx.create("users", third)
    viewer = {"FirstName": "Lee", "LastName": "Marsh", "Email": "lee@riverside.example.com"}
    tx.create("users", {**viewer, "Roles": ["Calendar View Only"]})


def _events(tx: Transaction) -> None:
    """Events in every state, with about thirty occurrences; Sunday worship and its staff meeting share no room."""
    sundays = [7 * week for week in range(1, 8)]
    contact = {"Id": 1, "FirstName": "Ada", "LastName": "Quill", "Email": "ada@example.com", "Phone": None}
    contacts = [{**contact, "Company": None, "ContactId": 1}]
    worship: dict[str, Any] = {
        "Categories": [1],
        "Locations": [1],
        "PublicLocations": [1],
        "IsPublic": True,
        "NumOfPeople": 250,
    }
    _event(
        tx, "Sunday Worship", 0, ("10:00:00", "11:30:00"), status="Approved", items=[(2, None), (16, None)],
        extra=sundays, PublicNotes="All are welcome", PublicLink="https://riverside.example.com", Contacts=contacts,
        SetupStartTime="08:30:00", TearDownEndTime="12:00:00", **worship,
    )  # fmt: skip
    youth: dict[str, Any] = {"Categories": [2], "Locations": [1], "EditorIds": [3], "OwnerId": 2}
    _event(
        tx,
        "Youth Night",
        4,
        ("18:00:00", "20:00:00"),
        status="Pending",
        items=[(3, None), (9, 10)],
        extra=[11, 18],
        **youth,
    )
    _event(tx, "Board Meeting", 9, ("19:00:00", "21:00:00"), status="Draft", Categories=[3], Locations=[1])
    _event(
        tx, "Community Dinner", 12, ("17:00:00", "20:30:00"), status="ApprovedWithShortage", items=[(3, None), (9, 30)],
        Categories=[4], Locations=[1], IsPublic=True,
    )  # fmt: skip
    _event(
        tx,
        "Chapel Concert",
        20,
        ("19:30:00", "21:30:00"),
        status="Canceled",
        items=[(7, None)],
        Categories=[4],
        Locations=[2],
    )
    _event(
        tx, "Retreat", 30, None, status="Declined", IsOffSite=True, OffsiteLocation="Lakeside Camp", nights=2, OwnerId=2
    )
    _event(
        tx,
        "Bible Study",
        2,
        ("19:00:00", "20:30:00"),
        status="Approved",
        items=[(5, None)],
        extra=[9, 16, 23, 30],
        Locations=[1],
    )
    _event(
        tx,
        "Winter Bazaar",
        -20,
        ("09:00:00", "16:00:00"),
        status="Approved",
        items=[(3, None)],
        Categories=[4],
        IsPublic=True,
    )


def _event(
    tx: Transaction,
    name: str,
    days: int,
    hours: tuple[str, str] | None,
    *,
    status: str,
    items: list[tuple[int, int | None]] | None = None,
    extra: list[int] | None = None,
    nights: int = 0,
    **values: Any,
) -> None:
    """An event so many days from today, and on `extra` days as well; without hours it lasts all day."""
    times: dict[str, Any] = {key: values.pop(key) for key in ("SetupStartTime", "TearDownEndTime") if key in values}
    event = tx.create("events", {"EventName": name, "OwnerId": 1, **values})
    span: dict[str, Any] = {"StartTime": hours[0], "EndTime": hours[1]} if hours else {"IsAllDayEvent": True}
    tx.create(
        "schedules",
        {
            **span,
            **times,
            "EventId": event["EventId"],
            "EventDate": _day(tx, days),
            "EventEndDate": _day(tx, days + nights),
            "IsMultiDayEvent": nights > 0,
            "AdditionalDates": [_day(tx, each) for each in extra or ()],
            "Status": status,
            "IsFinalApproved": status.startswith("Approved"),
            "Items": [{"ItemId": item, "Quantity": quantity} for item, quantity in items or ()],
        },
    )


def _equipment(tx: Transaction) -> None:
    shared: dict[str, Any] = {"Manfacturer": "Northwind", "DateInService": _day(tx, -700)}
    for number, (name, place, space, trade) in enumerate(
        (("Boiler", 1, 1, 1), ("Air handler", 1, 1, 2), ("Dishwasher", 1, 3, 1), ("Mower", 2, None, 3)), 1
    ):
        described = {"Name": name, "LocationId": place, "SpaceId": space, "ServiceCategoryIds": [trade]}
        dates = {"WarrantyPartExpDate": _day(tx, 100 * number), "WarrantyLaborExpDate": _day(tx, 50 * number)}
        tx.create("equipment", {**shared, **described, **dates, "Barcode": f"EQ-{number:03d}", "Model": f"N{number}00"})
    van = {"Name": "Church van", "Type": 2, "TrackingMetricType": 1, "LocationId": 1, "ServiceCategoryIds": [4]}
    readings = {"CurrentMileage": 48210.5, "LastMetricsUpdate": _day(tx, -60), "UpdateFrequencyType": 3}
    tx.create("equipment", {**van, **readings, "UpdateFrequencyValue": 1, "Barcode": "VAN-1", "Manfacturer": "Roadway"})


def _work_orders(tx: Transaction) -> None:
    texts = (
        "Tap in the kitchen drips", "Replace lights in Hall A", "Mow the north lawn", "Boiler makes a noise",
        "Door of Room 101 sticks", "Paint the chapel", "Gutter is loose", "Service the van",
    )  # fmt: skip
    for number, text in enumerate(texts):
        _order(tx, text, (1, 2, 3, 4, 5, 7, 1, 2)[number], 3 * number)
    tx.create(
        "documents",
        {
            "Title": "Photo of the tap",
            "FileName": "tap.jpg",
            "Uri": "https://files.example.com/tap.jpg",
            "WorkOrderId": 1,
        },
    )
    costs = {
        "WorkOrderId": 4,
        "CostTypeDisplay": "Equipment",
        "EquipmentId": 1,
        "WorkOrderEquipmentId": tx.next("work_order_equipment"),
    }
    tx.create(
        "work_order_costs", {**costs, "ItemName": "Boiler", "EstimatedLaborCost": 120.0, "ActualMaterialsCosts": 35.5}
    )
    work = {"WorkOrderId": 4, "CostTypeDisplay": "Labor", "MemberId": 3, "DateOfWork": _day(tx, -1), "HourlyRate": 30.0}
    tx.create(
        "work_order_costs",
        {**work, "TotalCompletedMinutes": 90, "ActualLaborCost": 45.0, "ItemName": "Bleed the valves"},
    )
    task = {"WorkOrderId": 4, "Description": "Check the pressure", "DueDate": _day(tx, 2), "TotalMinutes": 30}
    tx.create("work_order_tasks", {**task, "AssignedToUserId": 3})


def _order(tx: Transaction, text: str, status: int, days: int) -> None:
    number = len(tx.table("work_orders"))
    assigned = {"AssignedId": 1 + number % 3} if status > 1 else {}
    place = {"LocationId": 1 + number % 2, "ServiceCategoryId": 1 + number % 3, "PriorityId": 1 + number % 4}
    spaces = {"SpaceIds": [(2, 7)[number % 2]] if number % 3 else []}
    values = {"FullDescription": text, "StatusId": status, "Eta": f"{_day(tx, days)[:10]}T12:00:00"}
    tx.create("work_orders", {**values, **assigned, **place, **spaces, "_by": "default"})


def _maintenance(tx: Transaction) -> None:
    for group in ("Opening", "Closing"):
        tx.create("task_groups", {"Name": group, "CreatedOn": _day(tx, -90)})
    for number, (text, minutes, groups) in enumerate(
        (
            ("Unlock the doors", 5, [1]),
            ("Check the boiler", 15, [1]),
            ("Lock the doors", 5, [2]),
            ("Empty the bins", 20, []),
        ),
        1,
    ):
        values = {"Description": text, "Minutes": minutes, "TaskOrderIndex": number, "GroupIds": groups}
        tx.create("task_templates", {**values, "ServiceCategoryIds": [1 + number % 3]})
    for text, trade, frequency, equipment in (
        ("Change the filters", 2, 4, [2]),
        ("Inspect the boiler", 1, 6, [1]),
        ("Mow", 3, 2, []),
    ):
        values = {"Description": text, "ServiceCategoryId": trade, "FrequencyTypeId": frequency, "FrequencyUnits": 1}
        plan = {**values, "LocationId": 1, "StartDate": _day(tx, -200), "EquipmentIds": equipment, "SpaceIds": [2]}
        made = tx.create("maintenance", {**plan, "AssignedId": 3, "ReminderType": 3, "ReminderDaysLeadTime": 2})
        task = {"MaintenanceId": made["Id"], "Description": "Write the log", "AssignedToUserId": 3, "AssignedById": 1}
        tx.create("maintenance_tasks", task)
    manual = {"Title": "Boiler manual", "FileName": "boiler.pdf", "Uri": "https://files.example.com/boiler.pdf"}
    tx.create("documents", {**manual, "MaintenanceId": 2})
    order = tx.get("work_orders", 4)
    tx.update("work_orders", order["Id"], {"MaintenanceId": 2})


def _inventory(tx: Transaction) -> None:
    for name in ("Lamps", "Filters", "Paper"):
        tx.create("inventory_types", {"Name": name})
    names = ("LED lamp", "Air filter", "Copy paper", "Paper towels", "Flood lamp")
    for number, name in enumerate(names):
        kind = (1, 2, 3, 3, 1)[number]
        shared = {
            "Id": 501 + number,
            "Name": name,
            "ItemTypeId": kind,
            "Price": 4.25 * (number + 1),
            "Barcode": f"INV-{number + 1}",
        }
        for place in (1, 2):
            row = {"LocationId": place, "QtyOnHand": 12 * number if place == 1 else number, "VendorId": 1 + number % 2}
            tx.create(
                "inventory", {**shared, **row, "Aisle": str(1 + number), "Bin": f"B{place}", "ReorderThreshold": 5}
            )
    group = {"Name": "Lighting", "Description": "Everything that shines", "CreatedById": 1, "UpdatedOn": _day(tx, -1)}
    tx.create("inventory_groups", {**group, "CreatedOn": _day(tx, -30), "ItemIds": [501, 505], "EquipmentIds": [2]})
    _request(tx, 1, "Submitted", _day(tx, -3), None)
    _request(tx, 2, "Completed", _day(tx, -12), _day(tx, -10))
    _request(tx, 3, "InProgress", _day(tx, -1), None)


def _request(tx: Transaction, number: int, status: str, requested: str, completed: str | None) -> None:
    done = 3 if completed else None
    item = {
        "Id": number, "InventoryItemId": 501, "ItemTypeId": 1, "InventoryItemName": "LED lamp",
        "InventoryItemAisle": "1", "InventoryItemBin": "B1", "InventoryItemTypeName": "Lamps",
        "FromLocationId": 1, "ToLocationId": 2, "ToLocationName": "North Campus", "FromLocationName": "Main Campus",
        "Quantity": 4, "QuantityOnHand": 12,
        "QuantityPending": 0 if completed else 4, "RequestedQuantity": 4, "HasImagesOrBarcode": True,
        "ItemNumber": "INV-1", "AvailableQuantity": 8, "InventoryRequestStatus": status, "UnitCost": 4.25,
    }  # fmt: skip
    people = {"RequestedById": 2, "ApprovedById": done, "AssignedToId": 3, "StartedById": done, "CompletedById": done}
    dates = {
        "RequestedDate": requested,
        "ApprovedDate": completed,
        "StartedDate": completed,
        "CompletedDate": completed,
    }
    rest = {"RequestNumber": 1000 + number, "Comments": "For the north classroom", "Status": status, "WorkTime": None}
    tx.create("inventory_requests", {**people, **dates, **rest, "RequestedItems": [item]})


def _day(tx: Transaction, days: int) -> str:
    """The beginning of the day so many days from today."""
    return (date.fromisoformat(today(tx)) + timedelta(days=days)).isoformat() + "T00:00:00"


SEEDS = {"default": default, "empty": empty, "busy_year": busy_year}
