"""Data sets of the eSPACE sandbox: a church with two campuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from accordant_sandbox.model.names import words
from accordant_sandbox.model.several import column, create_all
from accordant_sandbox.ports import Tx
from accordant_sandbox.vendors.espace.dialect import ADMINISTRATOR, USER
from accordant_sandbox.vendors.espace.local_time import today
from accordant_sandbox.vendors.espace.webhooks import TOPICS

__all__ = ["CREDENTIALS", "SEEDS"]

CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "default": {"api_key": "5a9d0c1e-7b3f-4c52-9e61-0f2b8d4a6c10"},
    "user": {"api_key": "c3f1e8a2-64d0-4b97-8a15-9d7e2b50f433"},
}
"""An administrator with every right, and an ordinary user."""

_STATUSES: Final = (
    "Created", "Approved", "In Progress", "Completed", "Closed", "Not Accepted", "On Hold", "Vendor-Accepted",
    "Vendor-Rejected", "Rejected",
)  # fmt: skip


def empty(tx: Tx) -> None:
    """Nothing but the users, and the lists of the product itself: topics, priorities, statuses."""
    people = (
        ("default", "Robin", "Archer", "robin@riverside.example.com", ["Admin"], ADMINISTRATOR),
        ("user", "Sam", "Teller", "sam@riverside.example.com", ["User"], USER),
    )
    for name, first, last, email, roles, role in people:
        user = tx.create("users", {"FirstName": first, "LastName": last, "Email": email, "Roles": roles})
        tx.put("_principals", {"name": name, "tenant": "riverside", "role": role, "data": {"user_id": user["Id"]}})
        key = {"token": CREDENTIALS[name]["api_key"], "kind": "api_key", "principal": name, "user_id": user["Id"]}
        tx.put("_tokens", {**key, "expires_at": None, "revoked": False})
    create_all(tx, "webhook_topics", "Name", *((topic,) for topic in TOPICS))
    colors = (("Urgent", 1, "#B00020"), ("High", 2, "#E65100"), ("Medium", 3, "#F9A825"), ("Low", 4, "#2E7D32"))
    create_all(tx, "work_order_priorities", "Name SortOrder ColorCode", *colors, TextColor="#FFFFFF")
    create_all(tx, "work_order_statuses", "SortOrder Name", *enumerate(_STATUSES, 1))


def default(tx: Tx) -> None:
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


def busy_year(tx: Tx, events: int = 1500, work_orders: int = 400) -> None:
    """A year of a busy organisation: events on every day, more of them than one list can hold, and plenty of work."""
    default(tx)
    rooms = column(tx.rows("items", ItemType="Space", IsSchedulable=True), "ItemId")
    statuses = ("Approved", "Approved", "Approved", "Pending", "Draft", "Canceled")
    for number in range(events):
        hour, days = 7 + number % 14, number * 365 // max(1, events)
        _event(
            tx,
            f"Booking {number:04d}",
            days,
            (f"{hour:02d}:00:00", f"{hour + 1:02d}:30:00"),
            status=statuses[tx.random.randrange(len(statuses))],
            items=[(rooms[number % len(rooms)], None)],
            extra=[days + 7, days + 14] if number % 5 == 0 else [],
            Categories=[1 + number % 4],
            Locations=[1 + number % 2],
            IsPublic=number % 3 == 0,
        )
    for number in range(work_orders):
        _order(tx, f"Round {number:04d}: look after room {rooms[number % len(rooms)]}", 1 + number % 10, number % 90)


def _places(tx: Tx) -> None:
    create_all(tx, "locations", "Name LocationCode", ("Main Campus", "MAIN"), ("North Campus", "NORTH"))
    public = (("Worship", True), ("Youth", True), ("Meetings", False), ("Community", True))
    create_all(tx, "categories", "Name IsPublic", *public)
    trades = (("Plumbing", None), ("Electrical", None), ("Grounds", None), ("Motor Pool", "Vehicle"))
    create_all(tx, "service_categories", "Name SystemSpecification", *trades)
    create_all(tx, "vendors", "Name", ("Harbor Heating",), ("Brightline Electric",))
    create_all(tx, "departments", "Name", ("Facilities",), ("Hospitality",))


def _items(tx: Tx) -> None:
    """Two buildings with six rooms, five resources of which two are counted, three services."""
    for place, building, rooms in (
        (1, "Main Building", (("Sanctuary", 400), ("Hall A", 120), ("Room 101", 20), ("Room 102", 20))),
        (2, "North House", (("Chapel", 90), ("Classroom N1", 25))),
    ):
        space = {"ItemType": "Space", "LocationId": place}
        whole = tx.create("items", {**space, "Name": building, "IsSchedulable": False})
        create_all(tx, "items", "Name MaxCapacity", *rooms, **space, Parent_id=whole["ItemId"])
    resources = (
        ("Round tables", 1, 24), ("Folding chairs", 1, 300), ("Projector", 1, None), ("Sound system", 1, None),
        ("Piano", 2, None),
    )  # fmt: skip
    create_all(tx, "items", "Name LocationId _quantity", *resources, ItemType="Resource")
    services = (("Catering", 1), ("Sound technician", 1), ("Child care", 2))
    create_all(tx, "items", "Name LocationId", *services, ItemType="Service")


def _people(tx: Tx) -> None:
    people = (("Kim", "Osei", "kim", ["Sub-Admin"]), ("Lee", "Marsh", "lee", ["Calendar View Only"]))
    for first, last, name, roles in people:
        user = {"FirstName": first, "LastName": last, "Email": f"{name}@riverside.example.com", "Roles": roles}
        tx.create("users", user)


def _events(tx: Tx) -> None:
    """Events in every state, with about thirty occurrences; Sunday worship and its staff meeting share no room."""
    contact = {"Id": 1, "FirstName": "Ada", "LastName": "Quill", "Email": "ada@example.com", "Phone": None}
    _event(
        tx, "Sunday Worship", 0, ("10:00:00", "11:30:00"), status="Approved", items=[(2, None), (16, None)],
        extra=[7 * week for week in range(1, 8)], PublicNotes="All are welcome",
        PublicLink="https://riverside.example.com", Contacts=[{**contact, "Company": None, "ContactId": 1}],
        SetupStartTime="08:30:00", TearDownEndTime="12:00:00", Categories=[1], Locations=[1], PublicLocations=[1],
        IsPublic=True, NumOfPeople=250,
    )  # fmt: skip
    _event(
        tx, "Youth Night", 4, ("18:00:00", "20:00:00"), status="Pending", items=[(3, None), (9, 10)], extra=[11, 18],
        Categories=[2], Locations=[1], EditorIds=[3], OwnerId=2,
    )  # fmt: skip
    _event(tx, "Board Meeting", 9, ("19:00:00", "21:00:00"), status="Draft", Categories=[3], Locations=[1])
    _event(
        tx, "Community Dinner", 12, ("17:00:00", "20:30:00"), status="ApprovedWithShortage", items=[(3, None), (9, 30)],
        Categories=[4], Locations=[1], IsPublic=True,
    )  # fmt: skip
    _event(
        tx, "Chapel Concert", 20, ("19:30:00", "21:30:00"), status="Canceled", items=[(7, None)], Categories=[4],
        Locations=[2],
    )  # fmt: skip
    _event(
        tx, "Retreat", 30, None, status="Declined", IsOffSite=True, OffsiteLocation="Lakeside Camp", nights=2, OwnerId=2
    )
    _event(
        tx, "Bible Study", 2, ("19:00:00", "20:30:00"), status="Approved", items=[(5, None)], extra=[9, 16, 23, 30],
        Locations=[1],
    )  # fmt: skip
    _event(
        tx, "Winter Bazaar", -20, ("09:00:00", "16:00:00"), status="Approved", items=[(3, None)], Categories=[4],
        IsPublic=True,
    )  # fmt: skip


def _event(
    tx: Tx,
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


# Work: equipment, work orders, maintenance, stock


def _equipment(tx: Tx) -> None:
    """Four pieces of equipment, and a vehicle with its mileage."""
    names = "Name LocationId SpaceId ServiceCategoryIds Barcode Model WarrantyPartExpDate WarrantyLaborExpDate"
    pieces = (("Boiler", 1, 1, [1]), ("Air handler", 1, 1, [2]), ("Dishwasher", 1, 3, [1]), ("Mower", 2, None, [3]))
    rows = (
        (*piece, f"EQ-{number:03d}", f"N{number}00", _day(tx, 100 * number), _day(tx, 50 * number))
        for number, piece in enumerate(pieces, 1)
    )
    create_all(tx, "equipment", names, *rows, Manfacturer="Northwind", DateInService=_day(tx, -700))
    van = {"Name": "Church van", "Type": 2, "TrackingMetricType": 1, "LocationId": 1, "ServiceCategoryIds": [4]}
    readings = {"CurrentMileage": 48210.5, "LastMetricsUpdate": _day(tx, -60), "UpdateFrequencyType": 3}
    tx.create("equipment", {**van, **readings, "UpdateFrequencyValue": 1, "Barcode": "VAN-1", "Manfacturer": "Roadway"})


def _work_orders(tx: Tx) -> None:
    """Work orders in several states; one has a document, another costs and a task."""
    texts = (
        "Tap in the kitchen drips", "Replace lights in Hall A", "Mow the north lawn", "Boiler makes a noise",
        "Door of Room 101 sticks", "Paint the chapel", "Gutter is loose", "Service the van",
    )  # fmt: skip
    for number, text in enumerate(texts):
        _order(tx, text, (1, 2, 3, 4, 5, 7, 1, 2)[number], 3 * number)
    photo = {"Title": "Photo of the tap", "FileName": "tap.jpg", "Uri": "https://files.example.com/tap.jpg"}
    tx.create("documents", {**photo, "WorkOrderId": 1})
    part = {"CostTypeDisplay": "Equipment", "EquipmentId": 1, "WorkOrderEquipmentId": tx.next("work_order_equipment")}
    amounts = {"ItemName": "Boiler", "EstimatedLaborCost": 120.0, "ActualMaterialsCosts": 35.5}
    tx.create("work_order_costs", {**part, **amounts, "WorkOrderId": 4})
    work = {"CostTypeDisplay": "Labor", "MemberId": 3, "DateOfWork": _day(tx, -1), "HourlyRate": 30.0}
    done = {"TotalCompletedMinutes": 90, "ActualLaborCost": 45.0, "ItemName": "Bleed the valves"}
    tx.create("work_order_costs", {**work, **done, "WorkOrderId": 4})
    task = {"WorkOrderId": 4, "Description": "Check the pressure", "DueDate": _day(tx, 2), "TotalMinutes": 30}
    tx.create("work_order_tasks", {**task, "AssignedToUserId": 3})


def _order(tx: Tx, text: str, status: int, days: int) -> None:
    """One work order, due in so many days."""
    number = len(tx.table("work_orders"))
    assigned = {"AssignedId": 1 + number % 3} if status > 1 else {}
    place = {"LocationId": 1 + number % 2, "ServiceCategoryId": 1 + number % 3, "PriorityId": 1 + number % 4}
    spaces = {"SpaceIds": [(2, 7)[number % 2]] if number % 3 else []}
    values = {"FullDescription": text, "StatusId": status, "Eta": f"{_day(tx, days)[:10]}T12:00:00"}
    tx.create("work_orders", {**values, **assigned, **place, **spaces, "_by": "default"})


def _maintenance(tx: Tx) -> None:
    """Maintenance plans with their tasks and task groups."""
    create_all(tx, "task_groups", "Name", ("Opening",), ("Closing",), CreatedOn=_day(tx, -90))
    create_all(
        tx,
        "task_templates",
        "Description Minutes TaskOrderIndex GroupIds ServiceCategoryIds",
        ("Unlock the doors", 5, 1, [1], [2]),
        ("Check the boiler", 15, 2, [1], [3]),
        ("Lock the doors", 5, 3, [2], [1]),
        ("Empty the bins", 20, 4, [], [2]),
    )
    create_all(
        tx,
        "maintenance",
        "Description ServiceCategoryId FrequencyTypeId EquipmentIds",
        ("Change the filters", 2, 4, [2]),
        ("Inspect the boiler", 1, 6, [1]),
        ("Mow", 3, 2, []),
        **{"FrequencyUnits": 1, "LocationId": 1, "StartDate": _day(tx, -200), "SpaceIds": [2], "AssignedId": 3},
        **{"ReminderType": 3, "ReminderDaysLeadTime": 2},
    )
    task = {"Description": "Write the log", "AssignedToUserId": 3, "AssignedById": 1}
    create_all(tx, "maintenance_tasks", "MaintenanceId", (1,), (2,), (3,), **task)
    manual = {"Title": "Boiler manual", "FileName": "boiler.pdf", "Uri": "https://files.example.com/boiler.pdf"}
    tx.create("documents", {**manual, "MaintenanceId": 2})
    tx.update("work_orders", 4, {"MaintenanceId": 2})


def _inventory(tx: Tx) -> None:
    """Stock, and requests for it."""
    create_all(tx, "inventory_types", "Name", ("Lamps",), ("Filters",), ("Paper",))
    kinds = (("LED lamp", 1), ("Air filter", 2), ("Copy paper", 3), ("Paper towels", 3), ("Flood lamp", 1))
    for number, (name, kind) in enumerate(kinds):
        item = {"Id": 501 + number, "Name": name, "ItemTypeId": kind, "Price": 4.25 * (number + 1)}
        place = {"VendorId": 1 + number % 2, "Aisle": str(1 + number), "ReorderThreshold": 5}
        rows = ((1, 12 * number, "B1"), (2, number, "B2"))
        create_all(tx, "inventory", "LocationId QtyOnHand Bin", *rows, **item, **place, Barcode=f"INV-{number + 1}")
    group = {"Name": "Lighting", "Description": "Everything that shines", "CreatedById": 1, "UpdatedOn": _day(tx, -1)}
    tx.create("inventory_groups", {**group, "CreatedOn": _day(tx, -30), "ItemIds": [501, 505], "EquipmentIds": [2]})
    _request(tx, 1, "Submitted", _day(tx, -3), None)
    _request(tx, 2, "Completed", _day(tx, -12), _day(tx, -10))
    _request(tx, 3, "InProgress", _day(tx, -1), None)


def _request(tx: Tx, number: int, status: str, requested: str, completed: str | None) -> None:
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
    dates = {"RequestedDate": requested, **dict.fromkeys(words("ApprovedDate StartedDate CompletedDate"), completed)}
    rest = {"RequestNumber": 1000 + number, "Comments": "For the north classroom", "Status": status, "WorkTime": None}
    tx.create("inventory_requests", {**people, **dates, **rest, "RequestedItems": [item]})


def _day(tx: Tx, days: int) -> str:
    """The beginning of the day so many days from today."""
    return (date.fromisoformat(today(tx)) + timedelta(days=days)).isoformat() + "T00:00:00"


SEEDS = {"default": default, "empty": empty, "busy_year": busy_year}
