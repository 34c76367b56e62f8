"""Data sets of the eSPACE sandbox: a church with two campuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accordant_sandbox.ports import Tx
from accordant_sandbox.vendors.espace.dialect import ADMINISTRATOR, USER
from accordant_sandbox.vendors.espace.webhooks import TOPICS
from accordant_sandbox.vendors.espace.work_seeds import day, equipment, inventory, maintenance, order, work_orders

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


def default(tx: Tx) -> None:
    """Some of everything: events in every state around the present day, open and closed work, stock, one webhook."""
    empty(tx)
    _places(tx)
    _items(tx)
    _people(tx)
    _events(tx)
    equipment(tx)
    work_orders(tx)
    maintenance(tx)
    inventory(tx)
    tx.create("webhooks", {"Url": "http://127.0.0.1:8099/espace", "Notes": "Door displays", "EventIds": [1, 2, 7]})


def busy_year(tx: Tx, events: int = 1500, work_orders: int = 400) -> None:
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
        order(tx, f"Round {number:04d}: look after room {rooms[number % len(rooms)]}", 1 + number % 10, number % 90)


def _places(tx: Tx) -> None:
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


def _items(tx: Tx) -> None:
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


def _people(tx: Tx) -> None:
    third = {"FirstName": "Kim", "LastName": "Osei", "Email": "kim@riverside.example.com", "Roles": ["Sub-Admin"]}
    tx.create("users", third)
    viewer = {"FirstName": "Lee", "LastName": "Marsh", "Email": "lee@riverside.example.com"}
    tx.create("users", {**viewer, "Roles": ["Calendar View Only"]})


def _events(tx: Tx) -> None:
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
            "EventDate": day(tx, days),
            "EventEndDate": day(tx, days + nights),
            "IsMultiDayEvent": nights > 0,
            "AdditionalDates": [day(tx, each) for each in extra or ()],
            "Status": status,
            "IsFinalApproved": status.startswith("Approved"),
            "Items": [{"ItemId": item, "Quantity": quantity} for item, quantity in items or ()],
        },
    )


SEEDS = {"default": default, "empty": empty, "busy_year": busy_year}
