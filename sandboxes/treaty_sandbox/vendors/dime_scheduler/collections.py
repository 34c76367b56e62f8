"""The records that Dime.Scheduler keeps: some forty kinds, found by natural keys.

What a record can hold, and what it holds when nothing was said, is read from the document's schemas; keys, owners and
exceptions stand here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from treaty_sandbox.collections import Code, Collection, Int, KeyKind, Natural, Ref, Row, Uuid, uuid_text
from treaty_sandbox.document import Document
from treaty_sandbox.given import parent
from treaty_sandbox.transaction import Transaction
from treaty_sandbox.vendor import OWN_COLLECTIONS
from treaty_sandbox.vendors.dime_scheduler.views import appointment_view

__all__ = ["EXCHANGE", "JOB", "TASK", "collections", "local_now"]

EXCHANGE: Mapping[str, Mapping[str, Any]] = {
    **dict.fromkeys(
        ("exchangeId", "iCalUId", "appointmentGuid", "subject", "body", "resourceEmail", "categories"),
        {"type": "string"},
    ),
    **dict.fromkeys(("appointmentId", "importance", "showAs", "sensitivity"), {"type": "integer"}),
    **dict.fromkeys(("start", "end"), {"type": "string", "format": "local-date-time"}),
    "createdByExchange": {"type": "boolean"},
}
"""An appointment of a connected calendar: the only record without a JSON route, so no document has its schema."""
JOB = ("sourceApp", "sourceType", "jobNo")
TASK = (*JOB, "taskNo")
_FLAGS = frozenset({"sentFromBackOffice", "checkAppointments", "createJob", "replaceResource"})
"""Properties that say how to write, and are not part of the record."""
_OWNED = "needs_parent"
_APPOINTMENT: Mapping[str, Any] = {
    **dict.fromkeys(
        ("subject", "body", "startDate", "endDate", "category", "timeMarker", "planningUOM", "externalId",
         "unitOfMeasureConversion", "backOfficeId", "backOfficeParentId", "_series")
    ),
    **dict.fromkeys(("importance", "planningQty"), 0),
    **dict.fromkeys(
        ("locked", "useFixPlanningQty", "roundToUOM", "isAllDay", "isManualAppointment", "isRecurrenceException",
         "capacityIndicator"),
        False,
    ),
}  # fmt: skip
"""An appointment, by the names that it is shown with where it is shown."""


def local_now(tx: Transaction) -> str:
    """The present as the tenant's wall-clock time."""
    return tx.now.replace(tzinfo=None, microsecond=0).isoformat()


def numbered(name: str) -> Callable[[Transaction, Row], Mapping[str, Any]]:
    """Gives a new record the next internal id."""
    return lambda tx, row: {"id": row.get("id") or tx.next(f"{name}.id")}


def collections(document: Document) -> Mapping[str, Collection]:
    """Every collection by name."""
    return {**OWN_COLLECTIONS, **{each.name: each for each in _all(_Schemas(document))}}


class _Schemas:
    """What the schemas of the document say about a kind of record."""

    def __init__(self, document: Document) -> None:
        self._schemas = document.schemas
        self._named: Mapping[str, Any] = document.data["components"]["schemas"]

    def properties(self, *names: str) -> dict[str, Mapping[str, Any]]:
        """The properties of some schemas together, references followed, the first schema's first."""
        found: dict[str, Mapping[str, Any]] = {}
        for name in names:
            for field, node in self._named[name].get("properties", {}).items():
                found.setdefault(field, self._schemas.deref(node))
        return found

    def blanks(self, *names: str) -> dict[str, Any]:
        """What the fields hold when nothing was said: null, false, 0, or the first value of an enumeration."""
        return {
            field: blank
            for field, node in self.properties(*names).items()
            for blank in self._blank(node)
            if field not in _FLAGS
        }

    def _blank(self, node: Mapping[str, Any]) -> Iterator[Any]:
        for part in node.get("anyOf", ()):
            node = self._schemas.deref(part)
            break
        types = node.get("type", ())
        if "null" in types:
            yield None
        elif node.get("enum"):
            yield node["enum"][0]
        elif types in ("boolean", "integer", "number", "array"):
            yield {"boolean": False, "array": list}.get(types, 0)


def _all(schemas: _Schemas) -> Iterator[Collection]:
    def kind(name: str, keys: KeyKind, write: str, read: str = "", **more: Any) -> Collection:
        shown = (read,) if read else ()
        blanks = schemas.blanks(*shown, write)
        keyed = keys.fields if isinstance(keys, Natural) else ()
        own = more.pop("defaults", {})
        defaults = {field: value for field, value in {**blanks, **own}.items() if field not in (*keyed, "id")}
        fields = frozenset(schemas.properties(write)) - _FLAGS
        return Collection(name=name, kind=keys, fields=fields, defaults=defaults, stamps=(), **more)

    yield from _work(kind)
    yield from _planning(kind)
    yield from _resources(kind)
    yield from _reference(kind)
    yield from _others(kind)


_Kind = Callable[..., Collection]
_Make = Callable[[Transaction, int], Mapping[str, Any]]


def _work(kind: _Kind) -> Iterator[Collection]:
    job = Ref("jobNo", "jobs", "cascade", _OWNED, fields=JOB)
    task = Ref("taskNo", "tasks", "cascade", _OWNED, fields=TASK)
    resource = Ref("resourceNo", "resources", "cascade", _OWNED)
    yield kind(
        "jobs", Natural(JOB), "JobWrite", "Job", derive=numbered("jobs"), defaults={"allowDependencies": True},
        make=lambda _, n: {**_source(n), "jobNo": f"JOB{n:05d}", "shortDescription": f"Job {n}"},
    )  # fmt: skip
    yield kind(
        "tasks", Natural(TASK), "TaskWrite", "Task", refs=(job,), derive=_task,
        make=lambda tx, n: {**_owner(tx, "jobs", JOB), "taskNo": f"{n:05d}", "shortDescription": f"Task {n}"},
    )  # fmt: skip
    yield kind(
        "task_containers", Natural((*TASK, "name")), "TaskContainerWrite",
        refs=(task, Ref("name", "containers", "cascade", "container_members")),
        make=lambda tx, n: {**_owner(tx, "tasks", TASK), **_member(tx, "name"), "index": n},
    )  # fmt: skip
    yield kind(
        "task_filter_values", Natural((*TASK, "filterGroup", "filterValue")), "TaskFilterValueWrite", refs=(task,)
    )
    yield kind("task_uris", Natural((*TASK, "uri")), "TaskUriWrite", refs=(task,))
    yield kind(
        "task_assignments", Natural((*TASK, "resourceNo")), "TaskAssignmentCreate", refs=(task, resource),
        make=lambda tx, _: {**_owner(tx, "tasks", TASK), **_owner(tx, "resources", ("resourceNo",))},
    )  # fmt: skip
    yield kind(
        "task_budget_entries", Int(), "TaskBudgetEntryCreate", refs=(task,),
        make=lambda tx, n: {**_owner(tx, "tasks", TASK), "quantity": n, "description": f"Movement {n}"},
    )  # fmt: skip


def _planning(kind: _Kind) -> Iterator[Collection]:
    yield Collection(
        name="appointments",
        kind=Code(),
        key="appointmentNo",
        fields=frozenset({*_APPOINTMENT, *TASK, "appointmentNo"}) - {"_series"},
        defaults=_APPOINTMENT,
        refs=(Ref("taskNo", "tasks", "cascade", _OWNED, fields=TASK),),
        derive=_appointment,
        view=appointment_view,
        stamps=(),
        make=_make_appointment,
    )
    appointment = Ref("appointmentNo", "appointments", "cascade", _OWNED)
    resource = Ref("resourceNo", "resources", "cascade", _OWNED)
    container = Ref("container", "containers", "cascade", "container_members")

    def satellite(name: str, key: str, *refs: Ref, more: tuple[str, ...] = (), make: _Make | None = None) -> Collection:
        keys = ("appointmentNo", key)
        owned = (appointment, *refs)
        return Collection(
            name=name, kind=Natural(keys), fields=frozenset((*keys, *more)), refs=owned, stamps=(), make=make
        )

    yield satellite("assignments", "resourceNo", resource, make=_make_assignment)
    yield satellite("appointment_containers", "container", container)
    yield satellite("appointment_field_values", "fieldCode", more=("fieldValue",))
    yield satellite("appointment_uris", "uri", more=("description",))
    yield kind("recurring_appointments", Int(), "RecurringAppointmentCreate")
    yield Collection(
        name="exchange_appointments", kind=Natural(("exchangeId",)), fields=frozenset(EXCHANGE), stamps=()
    )


def _resources(kind: _Kind) -> Iterator[Collection]:
    resource = Ref("resourceNo", "resources", "cascade", _OWNED)
    yield kind(
        "resources", Natural(("resourceNo",)), "ResourceWrite", "Resource", derive=numbered("resources"),
        make=lambda _, n: {"resourceNo": f"R{n:05d}", "resourceName": f"Resource {n}", "displayName": f"Resource {n}"},
    )  # fmt: skip
    yield kind("resource_types", Natural(("name",)), "ResourceType", derive=numbered("resource_types"))
    yield kind("calendars", Natural(("code",)), "Calendar", derive=numbered("calendars"))
    yield kind(
        "resource_calendars", Natural(("code",)), "ResourceCalendarWrite",
        refs=(resource, Ref("calendarCode", "calendars", "refuse", _OWNED)),
    )  # fmt: skip
    yield kind(
        "resource_capacities", Natural(("resourceNo", "date")), "ResourceCapacityWrite", "ResourceCapacity",
        refs=(resource,), derive=numbered("resource_capacities"),
        make=lambda tx, n: {**_owner(tx, "resources", ("resourceNo",)), "date": f"2026-03-{1 + n % 28:02d}T00:00:00"},
    )  # fmt: skip
    yield kind("resource_certificates", Natural(("resourceNo", "no")), "ResourceCertificateWrite", refs=(resource,))
    yield kind(
        "resource_filter_values", Natural(("resourceNo", "filterGroup", "filterValue")), "ResourceFilterValueWrite",
        refs=(resource,),
    )  # fmt: skip
    yield kind("resource_gps_trackings", Natural(("resourceNo",)), "ResourceGpsTrackingWrite", refs=(resource,))
    yield kind("resource_uris", Natural(("resourceNo", "uri")), "ResourceUriWrite", refs=(resource,))


def _reference(kind: _Kind) -> Iterator[Collection]:
    named = Natural(("name",))
    colour = "#3366cc"
    yield kind(
        "categories", named, "CategoryWrite", "Category", derive=numbered("categories"),
        make=lambda _, n: {"name": f"CATEGORY{n}", "displayName": f"Category {n}", "color": colour},
    )  # fmt: skip
    yield kind(
        "time_markers", named, "TimeMarkerWrite", "TimeMarker", derive=numbered("time_markers"),
        make=lambda _, n: {"name": f"Time marker {n}", "color": colour},
    )  # fmt: skip
    yield kind(
        "pins", named, "PinWrite", "Pin", derive=numbered("pins"),
        make=lambda _, n: {"name": f"Pin {n}", "color": colour},
    )  # fmt: skip
    yield kind(
        "containers", named, "ContainerWrite", "Container", derive=numbered("containers"),
        defaults={"handleLocked": True}, make=lambda _, n: {"name": f"Container {n}"},
    )  # fmt: skip
    yield kind(
        "filter_groups", named, "FilterGroupWrite", "FilterGroup", derive=numbered("filter_groups"),
        make=lambda _, n: {"name": f"Group {n}"},
    )  # fmt: skip
    yield kind(
        "filter_values", Natural(("group", "value")), "FilterValueWrite", "FilterValue",
        refs=(Ref("group", "filter_groups", "cascade", "cascade"),),
        make=lambda tx, n: {"group": _owner(tx, "filter_groups", ("name",))["name"], "value": f"Value {n}"},
    )  # fmt: skip
    yield kind("captions", Natural(("context", "sourceTable", "fieldName", "language")), "CaptionWrite")
    yield kind("action_uris", Natural(("sourceApp", "sourceType", "uriType", "uri")), "ActionUriWrite")


def _others(kind: _Kind) -> Iterator[Collection]:
    yield kind(
        "notifications", Int(), "NotificationWrite", "Notification", derive=_notification,
        make=lambda _, n: {"text": f"Notification {n}", "connectorId": f"N{n:05d}", "code": "INFO"},
    )  # fmt: skip
    yield kind("connectors", Natural(("sourceApp",)), "ConnectorWrite", defaults={"crudTypes": lambda: [0, 2, 3]})
    yield kind(
        "users", Natural(("email",)), "UserWrite", defaults={"_role": "planner"},
        make=lambda _, n: {"email": f"user{n}@example.com", "name": f"User {n}", "type": 1},
    )  # fmt: skip
    yield kind(
        "time_entries", Int(), "TimeEntry", key="_id",
        make=lambda tx, _: {
            **_owner(tx, "resources", ("resourceNo",)), "date": tx.now.date().isoformat(), "durationInSeconds": 3600,
        },
    )  # fmt: skip
    yield kind(
        "time_sessions", Int(), "TimeSession", key="_id", derive=lambda _, row: {"_day": row["start"][:10]},
        make=lambda tx, _: {**_owner(tx, "resources", ("resourceNo",)), "start": local_now(tx)},
    )  # fmt: skip
    for name in (
        "appointment_dependencies",
        "appointment_fields",
        "scorers",
        "setups",
        "optimizations",
        "procedure_calls",
    ):
        yield Collection(name=name, stamps=())
    yield Collection(
        name="webhooks", kind=Uuid(), stamps=(),
        fields=frozenset({"sourceApp", "notificationURL", "resource", "changeType", "name"}),
    )  # fmt: skip


def _task(tx: Transaction, row: Row) -> Mapping[str, Any]:
    return {**numbered("tasks")(tx, row), "_open": not row["isComplete"]}


def _appointment(tx: Transaction, row: Row) -> Mapping[str, Any]:
    """Internal id, GUID, and who made and changed it when."""
    who = tx.principal.name if tx.principal else "planning board"
    return {
        "id": row.get("id") or tx.next("appointments.id"),
        "appointmentGuid": row.get("appointmentGuid") or uuid_text(tx.random),
        "createdDate": row.get("createdDate") or local_now(tx),
        "createdUser": row.get("createdUser") or who,
        "lastModifiedDate": local_now(tx),
        "lastModifiedUser": who,
    }


def _notification(tx: Transaction, row: Row) -> Mapping[str, Any]:
    now = local_now(tx)
    return {"createdAt": row.get("createdAt") or now, "date": row.get("date") or now}


def _source(number: int) -> dict[str, str]:
    return {"sourceApp": "BC1", "sourceType": ("SERVICE", "PROJECT")[number % 2]}


def _owner(tx: Transaction, collection: str, fields: tuple[str, ...]) -> dict[str, Any]:
    """The key fields of a row to belong to: the first, else a made-up one."""
    row = tx.table(collection)[parent(tx, collection)]
    return {name: row[name] for name in fields}


def _member(tx: Transaction, field: str) -> dict[str, Any]:
    return {field: _owner(tx, "containers", ("name",))["name"]}


def _make_assignment(tx: Transaction, _: int) -> Mapping[str, Any]:
    return {"appointmentNo": parent(tx, "appointments"), **_owner(tx, "resources", ("resourceNo",))}


def _make_appointment(tx: Transaction, number: int) -> Mapping[str, Any]:
    hour = 7 + number % 10
    day = local_now(tx)[:10]
    return {
        **_owner(tx, "tasks", TASK),
        "subject": f"Appointment {number}",
        "startDate": f"{day}T{hour:02d}:00:00",
        "endDate": f"{day}T{hour + 1:02d}:00:00",
    }
