"""Made-up records, for tests that ask for some: `sandbox.given("tasks", 20)`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accordant_sandbox.model.factories import parent
from accordant_sandbox.ports import Tx
from accordant_sandbox.vendors.dime_scheduler.keys import JOB, TASK, local_now

__all__ = [
    "appointment",
    "assignment",
    "budget_entry",
    "capacity",
    "category",
    "container",
    "filter_group",
    "filter_value",
    "job",
    "notification",
    "pin",
    "resource",
    "task",
    "task_assignment",
    "task_container",
    "time_entry",
    "time_marker",
    "time_session",
    "user",
]

_RESOURCE = ("resourceNo",)
_COLOUR = "#3366cc"


def job(_: Tx, number: int) -> Mapping[str, Any]:
    """A job of one of the two source types."""
    kind = ("SERVICE", "PROJECT")[number % 2]
    return {"sourceApp": "BC1", "sourceType": kind, "jobNo": f"JOB{number:05d}", "shortDescription": f"Job {number}"}


def task(tx: Tx, number: int) -> Mapping[str, Any]:
    """A task of a job."""
    return {**_owner(tx, "jobs", JOB), "taskNo": f"{number:05d}", "shortDescription": f"Task {number}"}


def task_container(tx: Tx, number: int) -> Mapping[str, Any]:
    """A task's place in a container."""
    return {**_owner(tx, "tasks", TASK), **_owner(tx, "containers", ("name",)), "index": number}


def task_assignment(tx: Tx, _: int) -> Mapping[str, Any]:
    """A task that is given to a resource."""
    return {**_owner(tx, "tasks", TASK), **_owner(tx, "resources", _RESOURCE)}


def budget_entry(tx: Tx, number: int) -> Mapping[str, Any]:
    """A movement in the budget of a task."""
    return {**_owner(tx, "tasks", TASK), "quantity": float(number), "description": f"Movement {number}"}


def appointment(tx: Tx, number: int) -> Mapping[str, Any]:
    """An appointment of one hour, today, for a task."""
    day, hour = local_now(tx)[:10], 7 + number % 10
    return {
        **_owner(tx, "tasks", TASK),
        "subject": f"Appointment {number}",
        "startDate": f"{day}T{hour:02d}:00:00",
        "endDate": f"{day}T{hour + 1:02d}:00:00",
    }


def assignment(tx: Tx, _: int) -> Mapping[str, Any]:
    """A resource at an appointment."""
    return {"appointmentNo": parent(tx, "appointments"), **_owner(tx, "resources", _RESOURCE)}


def resource(_: Tx, number: int) -> Mapping[str, Any]:
    """A resource with a separate number."""
    return {"resourceNo": f"X{number:05d}", "resourceName": f"Extra {number}", "displayName": f"Extra {number}"}


def capacity(tx: Tx, number: int) -> Mapping[str, Any]:
    """Eight hours of a resource on a day of January 2027."""
    return {**_owner(tx, "resources", _RESOURCE), "date": f"2027-01-{1 + number % 28:02d}T00:00:00", "quantity": 8.0}


def category(_: Tx, number: int) -> Mapping[str, Any]:
    """A category with a colour."""
    return {"name": f"CATEGORY{number}", "displayName": f"Category {number}", "color": _COLOUR}


def time_marker(_: Tx, number: int) -> Mapping[str, Any]:
    """A time marker with a colour."""
    return {"name": f"Time marker {number}", "color": _COLOUR}


def pin(_: Tx, number: int) -> Mapping[str, Any]:
    """A pin with a colour."""
    return {"name": f"Pin {number}", "color": _COLOUR}


def container(_: Tx, number: int) -> Mapping[str, Any]:
    """A container without tasks."""
    return {"name": f"Container {number}"}


def filter_group(_: Tx, number: int) -> Mapping[str, Any]:
    """A filter group without values."""
    return {"name": f"Group {number}"}


def filter_value(tx: Tx, number: int) -> Mapping[str, Any]:
    """A value of a filter group."""
    return {"group": _owner(tx, "filter_groups", ("name",))["name"], "value": f"Value {number}"}


def notification(_: Tx, number: int) -> Mapping[str, Any]:
    """A notification that informs."""
    return {"text": f"Notification {number}", "connectorId": f"X{number:05d}", "code": "INFO"}


def user(_: Tx, number: int) -> Mapping[str, Any]:
    """A user with an e-mail address."""
    return {"email": f"user{number}@example.com", "name": f"User {number}", "type": 1}


def time_entry(tx: Tx, _: int) -> Mapping[str, Any]:
    """One hour that a resource worked today."""
    return {**_owner(tx, "resources", _RESOURCE), "date": local_now(tx)[:10], "durationInSeconds": 3600}


def time_session(tx: Tx, _: int) -> Mapping[str, Any]:
    """The work of a resource that has begun now and not ended."""
    return {**_owner(tx, "resources", _RESOURCE), "start": local_now(tx), "end": None, "durationInSeconds": 0}


def _owner(tx: Tx, collection: str, fields: tuple[str, ...]) -> dict[str, Any]:
    """The key fields of a row to belong to: the first, else a made-up one."""
    row = tx.table(collection)[parent(tx, collection)]
    return {name: row[name] for name in fields}
