"""Data sets of the Dime.Scheduler sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from accordant_sandbox.model.several import column, create_all
from accordant_sandbox.ports import Tx
from accordant_sandbox.vendors.dime_scheduler.planning import geocode

__all__ = ["CREDENTIALS", "SEEDS"]

CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "default": {"api_key": "DS-SANDBOX-ADMIN-0000-0001"},
    "password": {"username": "admin@example.com", "password": "admin-password"},
    "planner": {"api_key": "DS-SANDBOX-PLANNER-0000-0002"},
}
"""An administrator by key and by password, and the key of a planner, who may not administer."""

_BC = {"sourceApp": "BC1", "sourceType": "SERVICE"}
_PROJECT = {"sourceApp": "BC1", "sourceType": "PROJECT"}
_CITIES = ("Leuven", "Ghent", "Antwerp", "Bruges", "Namur", "Mechelen")
_SKILLS = ("Electricity", "Plumbing", "Cooling", "Gas")
_KEY_LIFE = timedelta(days=365)


def empty(tx: Tx) -> None:
    """Nothing but the tenant's users and keys."""
    for name, role in (("default", "administrator"), ("planner", "planner")):
        tx.put("_principals", {"name": name, "tenant": "tenant", "role": role})
        tx.put(
            "_tokens",
            {
                "token": CREDENTIALS[name]["api_key"],
                "kind": "api_key",
                "principal": name,
                "expires_at": (tx.now + _KEY_LIFE).isoformat(),
                "revoked": False,
            },
        )
    login = CREDENTIALS["password"]
    admin = {"email": login["username"], "password": login["password"], "name": "Administrator", "type": 1}
    tx.create("users", {**admin, "_role": "administrator"})
    tx.create("users", {"email": "planner@example.com", "name": "Planner", "type": 2})


def default(tx: Tx) -> None:
    """Some of everything: jobs SVC001 to SVC003 and PRJ001, resources R001 to R006, a week of appointments."""
    empty(tx)
    _reference(tx)
    _resources(tx, 6)
    _jobs(tx)
    _appointments(tx)
    _odds(tx)


def busy_week(tx: Tx, jobs: int = 200, resources: int = 30, appointments: int = 1500) -> None:
    """The week of a large dispatch desk."""
    empty(tx)
    _reference(tx)
    _resources(tx, max(1, resources))
    monday = _monday(tx)
    for number in range(max(1, jobs)):
        job = {**_BC, "jobNo": f"SVC{number:05d}"}
        city = _CITIES[number % len(_CITIES)]
        tx.create(
            "jobs",
            {**job, "shortDescription": f"Visit {number}", "siteCity": city, "customerName": f"Customer {number}"},
        )
        tx.create(
            "tasks", {**job, "taskNo": "10", "shortDescription": "Visit", "durationInSeconds": 3600 * (1 + number % 4)}
        )
        tx.create("tasks", {**job, "taskNo": "20", "shortDescription": "Report", "isComplete": number % 3 == 0})
    for number in range(appointments):
        day, slot = number % 5, number // 5 % 16
        start = monday + timedelta(days=day, hours=7, minutes=30 * slot)
        row = tx.create(
            "appointments",
            {
                **_BC, "jobNo": f"SVC{number % max(1, jobs):05d}", "taskNo": "10", "subject": f"Visit {number}",
                "startDate": start.isoformat(), "endDate": (start + timedelta(minutes=90)).isoformat(),
                "importance": number % 3,
            },
        )  # fmt: skip
        resource = f"R{1 + number // 80 % max(1, resources):03d}"
        tx.create("assignments", {"appointmentNo": row["appointmentNo"], "resourceNo": resource})


def _reference(tx: Tx) -> None:
    kinds = (
        ("INSTALLATION", "Installation", "#3366cc"), ("REPAIR", "Repair", "#cc3333"),
        ("MAINTENANCE", "Maintenance", "#33aa55"), ("MEETING", "Meeting", "#999999"),
    )  # fmt: skip
    create_all(tx, "categories", "name displayName color", *kinds)
    create_all(tx, "time_markers", "name color", ("Draft", "#0088cc"), ("Confirmed", "#1188cc"), ("Done", "#2288cc"))
    create_all(tx, "pins", "name color", ("Depot", "#aa5500"), ("Customer", "#0055aa"), ("Urgent", "#ff0000"))
    create_all(tx, "containers", "name", ("Week plan",), ("Backlog",), handleDate=_monday(tx).isoformat())
    create_all(tx, "filter_groups", "name columnNo dataFilter", ("Skill", 0, True), ("Region", 1, False))
    create_all(tx, "filter_values", "value", *((value,) for value in _SKILLS), group="Skill")
    create_all(tx, "filter_values", "value", ("North",), ("South",), group="Region")
    types = (("PERSON", "Person"), ("VEHICLE", "Vehicle"), ("TOOL", "Tool"))
    create_all(tx, "resource_types", "name displayName", *types, enableResourceSelection=True)
    hours = (
        ("FULL", "Full time", 8.0, True), ("HALF", "Half time", 4.0, False), ("NIGHT", "Night shift", 8.0, False),
    )  # fmt: skip
    create_all(tx, "calendars", "code name hoursPerDay default", *hours)


def _resources(tx: Tx, count: int) -> None:
    today = _monday(tx)
    for number in range(1, count + 1):
        key = {"resourceNo": f"R{number:03d}"}
        city = _CITIES[number % len(_CITIES)]
        place = geocode(city, "BE")
        tx.create(
            "resources",
            {
                **key, **dict.fromkeys(("resourceName", "displayName"), f"Resource {number:03d}"),
                "resourceType": "VEHICLE" if number % 5 == 0 else "PERSON", "homeCity": city, "homeCountry": "BE",
                "department": "Service" if number % 2 else "Projects", "email": f"r{number:03d}@example.com",
                "homeAddressGeoLat": place.latitude, "homeAddressGeoLong": place.longitude, "pin": "Depot",
            },
        )  # fmt: skip
        tx.create("resource_filter_values", {**key, "filterGroup": "Skill", "filterValue": _SKILLS[number % 4]})
        days = (((today + timedelta(days=day)).isoformat(),) for day in range(5))
        shift: Any = {**key, "capacityInSeconds": 28800, "quantity": 8.0, "unitOfMeasure": "HOUR"}
        create_all(tx, "resource_capacities", "date", *days, **shift)
        if number <= 3:
            period = {"startDate": today.isoformat(), "endDate": (today + timedelta(days=365)).isoformat()}
            tx.create("resource_calendars", {**key, "code": f"CAL{number:03d}", "calendarCode": "FULL", **period})
            tx.create("resource_certificates", {**key, "no": "VCA", "score": "A", "validUntil": period["endDate"]})
            tx.create("resource_uris", {**key, "uri": f"https://example.com/r/{number}", "description": "Profile"})
            tx.create(
                "resource_gps_trackings", {**key, "latitude": place.latitude, "longitude": place.longitude, "speed": 50}
            )


def _jobs(tx: Tx) -> None:
    for number, (city, category) in enumerate(zip(_CITIES, ("REPAIR", "MAINTENANCE", "REPAIR"), strict=False), 1):
        place = geocode(city, "BE")
        job = {**_BC, "jobNo": f"SVC{number:03d}"}
        tx.create(
            "jobs",
            {
                **job, "shortDescription": f"Service {number}", "description": f"Service order in {city}",
                "category": category, "customerNo": f"C{number:03d}", "customerName": f"Customer {number}",
                "siteCity": city, "siteCountry": "BE", "siteAddressGeoLat": place.latitude,
                "siteAddressGeoLong": place.longitude, "freeDecimal1": 12.5 * number,
            },
        )  # fmt: skip
        steps = (("10", "Diagnosis", 3600, True), ("20", "Repair", 7200, False), ("30", "Invoice", 10800, False))
        whole: Any = {**job, "requestedStartDate": _monday(tx).isoformat(), "category": category}
        create_all(tx, "tasks", "taskNo shortDescription durationInSeconds isComplete", *steps, **whole)
    project = {**_PROJECT, "jobNo": "PRJ001"}
    tx.create("jobs", {**project, "shortDescription": "New plant", "customerNo": "C100", "availableInGantt": True})
    tx.create("tasks", {**project, "taskNo": "1000", "taskType": 1, "shortDescription": "Design", "percentDone": 40})
    task = {**_BC, "jobNo": "SVC001", "taskNo": "20"}
    tx.create("task_containers", {**task, "name": "Backlog", "index": 1})
    tx.create("task_filter_values", {**task, "filterGroup": "Skill", "filterValue": "Gas"})
    tx.create("task_uris", {**task, "uri": "https://example.com/svc001", "description": "Order"})
    tx.create("task_assignments", {**task, "resourceNo": "R001"})
    tx.create(
        "task_budget_entries", {**task, "date": _monday(tx).isoformat(), "quantity": 16.0, "description": "Budget"}
    )


def _appointments(tx: Tx) -> None:
    monday = _monday(tx)
    for number in range(12):
        start = monday + timedelta(days=number % 5, hours=8 + 2 * (number % 3))
        row = tx.create(
            "appointments",
            {
                **_BC, "jobNo": f"SVC{1 + number % 3:03d}", "taskNo": "20", "subject": f"Visit {number + 1}",
                "startDate": start.isoformat(), "endDate": (start + timedelta(hours=1, minutes=30)).isoformat(),
                "category": ("REPAIR", "MAINTENANCE")[number % 2], "importance": number % 3, "planningUOM": "HOUR",
                "timeMarker": ("Draft", "Confirmed", "Done")[number % 3], "planningQty": 1.5,
            },
        )  # fmt: skip
        key = {"appointmentNo": row["appointmentNo"]}
        tx.create("assignments", {**key, "resourceNo": f"R{1 + number % 4:03d}"})
        if number % 6 == 0:
            tx.create("assignments", {**key, "resourceNo": "R005"})
            tx.create("appointment_containers", {**key, "container": "Week plan"})
            tx.create("appointment_field_values", {**key, "fieldCode": "TRAVEL", "fieldValue": "30"})
            tx.create("appointment_uris", {**key, "uri": "https://example.com/visit", "description": "Visit"})


def _odds(tx: Tx) -> None:
    monday = _monday(tx)
    for number in range(1, 9):
        tx.create(
            "notifications",
            {
                **_BC, "jobNo": f"SVC{1 + number % 3:03d}", "taskNo": "20", "connectorId": f"N{number:03d}",
                "type": number % 3, "code": ("INFO", "LATE")[number % 2], "text": f"Notification {number}",
                "date": (monday + timedelta(hours=number)).isoformat(),
            },
        )  # fmt: skip
    for number in range(10):
        resource, day = {"resourceNo": f"R{1 + number % 4:03d}"}, monday + timedelta(days=number % 5)
        owner = {"jobNo": "SVC001", "taskNo": "20"}
        tx.create("time_entries", {**resource, **owner, "date": day.date().isoformat(), "durationInSeconds": 5400})
        start = day + timedelta(hours=8)
        times = {"start": start.isoformat(), "end": (start + timedelta(hours=4)).isoformat()}
        tx.create("time_sessions", {**resource, **times, "durationInSeconds": 14400})
    tx.create(
        "captions", {"context": 14, "sourceTable": "Job", "fieldName": "FreeText1", "language": "en", "text": "Gate"}
    )
    tx.create("action_uris", {"uriType": 3, "uri": "https://example.com/map", "description": "Map", "default": True})
    tx.create("connectors", {"sourceApp": "BC1", "name": "Back office", "uri": "https://example.com/ds"})
    create_all(tx, "appointment_fields", "code displayName", ("TRAVEL", "Travel time"), ("PARTS", "Parts used"))
    numbers = column(tx.rows("appointments")[:2], "appointmentNo")
    tx.create("appointment_dependencies", {"from": numbers[0], "to": numbers[1], "type": 2, "lag": 0})
    create_all(tx, "scorers", "name", ("distance",), ("skills",), ("earliest",), weight=1.0)


def _monday(tx: Tx) -> Any:
    """Midnight of the Monday that comes, as wall-clock time."""
    today = tx.now.replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=7 - today.weekday())


SEEDS = {"default": default, "empty": empty, "busy_week": busy_week}
