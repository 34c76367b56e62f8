"""The records that Dime.Scheduler keeps: some forty kinds, found by natural keys.

What a record can hold, and what it holds when nothing was said, is read from the document's schemas; keys, owners and
exceptions are here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypedDict

from accordant_sandbox.http.document import Document
from accordant_sandbox.model.collections import Code, Collection, Int, KeyKind, Natural, Ref, Uuid, uuid_text
from accordant_sandbox.model.own_collections import OWN_COLLECTIONS
from accordant_sandbox.ports import Row, Tx
from accordant_sandbox.vendors.dime_scheduler import makers
from accordant_sandbox.vendors.dime_scheduler.keys import JOB, TASK, local_now
from accordant_sandbox.vendors.dime_scheduler.views import appointment_view, task_view

__all__ = ["EXCHANGE", "collections"]

_TEXTS = ("exchangeId", "iCalUId", "appointmentGuid", "subject", "body", "resourceEmail", "categories")
EXCHANGE: Mapping[str, Mapping[str, Any]] = {
    **{name: {"type": "string"} for name in _TEXTS},
    **{name: {"type": "integer"} for name in ("appointmentId", "importance", "showAs", "sensitivity")},
    **{name: {"type": "string", "format": "local-date-time"} for name in ("start", "end")},
    "createdByExchange": {"type": "boolean"},
}
"""An appointment of a connected calendar: the only record without a JSON route, so no document has its schema."""
_FLAGS = frozenset({"sentFromBackOffice", "checkAppointments", "createJob", "replaceResource"})
"""Properties that say how to write, and are not part of the record."""
_OWNED = "needs_parent"
_NULL = (
    "subject", "body", "startDate", "endDate", "category", "timeMarker", "planningUOM", "unitOfMeasureConversion",
    "externalId", "backOfficeId", "backOfficeParentId", "_series",
)  # fmt: skip
_FALSE = (
    "locked", "useFixPlanningQty", "roundToUOM", "isAllDay", "isManualAppointment", "isRecurrenceException",
    "capacityIndicator",
)  # fmt: skip
_APPOINTMENT: Mapping[str, Any] = {
    **dict.fromkeys(_NULL),
    **dict.fromkeys(_FALSE, False),
    **dict.fromkeys(("importance", "planningQty"), 0),
}
"""An appointment, by the names that it is shown with where it is shown."""


def collections(document: Document) -> Mapping[str, Collection]:
    """Every collection by name."""
    shapes = _Shapes(document)
    parts = (_work(shapes), _planning(shapes), _resources(shapes), _reference(shapes), _others(shapes))
    return {**OWN_COLLECTIONS, **{each.name: each for part in parts for each in part}}


class _Shape(TypedDict):
    """How a collection is keyed, what a body may set, and what a record holds when nothing was said."""

    kind: KeyKind
    fields: frozenset[str]
    defaults: Mapping[str, Any]
    stamps: tuple[str, ...]


class _Shapes:
    """What the schemas of the document say about kinds of record."""

    def __init__(self, document: Document) -> None:
        self._schemas = document.schemas
        self._named: Mapping[str, Any] = document.data["components"]["schemas"]

    def __call__(self, kind: KeyKind, write: str, read: str = "", **defaults: Any) -> _Shape:
        """The shape of what one schema writes and another reads; null, false, 0 or the first of an enumeration."""
        keys = (*kind.fields, "id") if isinstance(kind, Natural) else ("id",)
        blanks = {
            field: blank
            for name in (write, *([read] if read else []))
            for field, node in self._properties(name).items()
            for blank in self._blank(node)
            if field not in _FLAGS and field not in keys
        }
        fields = frozenset(self._properties(write)) - _FLAGS
        return _Shape(kind=kind, fields=fields, defaults={**blanks, **defaults}, stamps=())

    def _properties(self, name: str) -> dict[str, Mapping[str, Any]]:
        nodes: Mapping[str, Any] = self._named[name].get("properties", {})
        return {field: self._schemas.deref(node) for field, node in nodes.items()}

    def _blank(self, node: Mapping[str, Any]) -> Iterator[Any]:
        if "anyOf" in node:
            node = self._schemas.deref(node["anyOf"][0])
        types = node.get("type", ())
        if "null" in types:
            yield None
        elif node.get("enum"):
            yield node["enum"][0]
        elif types in ("boolean", "integer", "number"):
            yield False if types == "boolean" else 0


def _numbered(name: str) -> Callable[[Tx, Row], Mapping[str, Any]]:
    """Gives a new record the next internal id."""
    return lambda tx, row: {"id": row.get("id") or tx.next(f"{name}.id")}


def _work(shape: _Shapes) -> Iterator[Collection]:
    task = Ref("taskNo", "tasks", "cascade", _OWNED, fields=TASK)
    resource = Ref("resourceNo", "resources", "cascade", _OWNED)
    container = Ref("name", "containers", "cascade", "container_members")
    yield Collection(
        name="jobs",
        **shape(Natural(JOB), "JobWrite", "Job", allowDependencies=True),
        derive=_numbered("jobs"),
        make=makers.job,
    )
    yield Collection(
        name="tasks",
        **shape(Natural(TASK), "TaskWrite", "Task", locked=False),
        refs=(Ref("jobNo", "jobs", "cascade", _OWNED, fields=JOB),),
        derive=_task,
        view=task_view,
        make=makers.task,
    )
    yield Collection(
        name="task_containers",
        **shape(Natural((*TASK, "name")), "TaskContainerWrite"),
        refs=(task, container),
        make=makers.task_container,
    )
    key = Natural((*TASK, "filterGroup", "filterValue"))
    yield Collection(name="task_filter_values", **shape(key, "TaskFilterValueWrite"), refs=(task,))
    yield Collection(name="task_uris", **shape(Natural((*TASK, "uri")), "TaskUriWrite"), refs=(task,))
    key = Natural((*TASK, "resourceNo"))
    yield Collection(
        name="task_assignments",
        **shape(key, "TaskAssignmentCreate"),
        refs=(task, resource),
        make=makers.task_assignment,
    )
    yield Collection(
        name="task_budget_entries", **shape(Int(), "TaskBudgetEntryCreate"), refs=(task,), make=makers.budget_entry
    )


def _planning(shape: _Shapes) -> Iterator[Collection]:
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
        make=makers.appointment,
    )
    yield _satellite("assignments", "resourceNo", Ref("resourceNo", "resources", "cascade", _OWNED))
    yield _satellite(
        "appointment_containers", "container", Ref("container", "containers", "cascade", "container_members")
    )
    yield _satellite("appointment_field_values", "fieldCode", more="fieldValue")
    yield _satellite("appointment_uris", "uri", more="description")
    yield Collection(name="recurring_appointments", **shape(Int(), "RecurringAppointmentCreate"))
    key = Natural(("exchangeId",))
    yield Collection(name="exchange_appointments", kind=key, fields=frozenset(EXCHANGE), stamps=())


def _satellite(name: str, key: str, *refs: Ref, more: str = "") -> Collection:
    """What is put on an appointment: told apart by one field."""
    keys = ("appointmentNo", key)
    appointment = Ref("appointmentNo", "appointments", "cascade", _OWNED)
    return Collection(
        name=name,
        kind=Natural(keys),
        fields=frozenset((*keys, *more.split())),
        refs=(appointment, *refs),
        stamps=(),
        make=makers.assignment if name == "assignments" else None,
    )


def _resources(shape: _Shapes) -> Iterator[Collection]:
    owned = (Ref("resourceNo", "resources", "cascade", _OWNED),)
    key, code = Natural(("resourceNo",)), Natural(("code",))
    yield Collection(
        name="resources",
        **shape(key, "ResourceWrite", "Resource"),
        derive=_numbered("resources"),
        make=makers.resource,
    )
    yield Collection(
        name="resource_types", **shape(Natural(("name",)), "ResourceType"), derive=_numbered("resource_types")
    )
    yield Collection(name="calendars", **shape(code, "Calendar"), derive=_numbered("calendars"))
    yield Collection(
        name="resource_calendars",
        **shape(code, "ResourceCalendarWrite"),
        refs=(*owned, Ref("calendarCode", "calendars", "refuse", _OWNED)),
    )
    yield Collection(
        name="resource_capacities",
        **shape(Natural(("resourceNo", "date")), "ResourceCapacityWrite", "ResourceCapacity"),
        refs=owned,
        derive=_numbered("resource_capacities"),
        make=makers.capacity,
    )
    for name, keys, write in (
        ("resource_certificates", ("resourceNo", "no"), "ResourceCertificateWrite"),
        ("resource_filter_values", ("resourceNo", "filterGroup", "filterValue"), "ResourceFilterValueWrite"),
        ("resource_gps_trackings", ("resourceNo",), "ResourceGpsTrackingWrite"),
        ("resource_uris", ("resourceNo", "uri"), "ResourceUriWrite"),
    ):
        yield Collection(name=name, **shape(Natural(keys), write), refs=owned)


def _reference(shape: _Shapes) -> Iterator[Collection]:
    named = Natural(("name",))
    for name, kind, made in (
        ("categories", "Category", makers.category),
        ("time_markers", "TimeMarker", makers.time_marker),
        ("pins", "Pin", makers.pin),
        ("filter_groups", "FilterGroup", makers.filter_group),
    ):
        yield Collection(name=name, **shape(named, f"{kind}Write", kind), derive=_numbered(name), make=made)
    yield Collection(
        name="containers",
        **shape(named, "ContainerWrite", "Container", handleLocked=True),
        derive=_numbered("containers"),
        make=makers.container,
    )
    yield Collection(
        name="filter_values",
        **shape(Natural(("group", "value")), "FilterValueWrite", "FilterValue"),
        refs=(Ref("group", "filter_groups", "cascade", "cascade"),),
        make=makers.filter_value,
    )
    key = Natural(("context", "sourceTable", "fieldName", "language"))
    yield Collection(name="captions", **shape(key, "CaptionWrite"))
    key = Natural(("sourceApp", "sourceType", "uriType", "uri"))
    yield Collection(name="action_uris", **shape(key, "ActionUriWrite"))


def _others(shape: _Shapes) -> Iterator[Collection]:
    yield Collection(
        name="notifications",
        **shape(Int(), "NotificationWrite", "Notification"),
        derive=_notification,
        make=makers.notification,
    )
    yield Collection(name="connectors", **shape(Natural(("sourceApp",)), "ConnectorWrite", crudTypes=lambda: [0, 2, 3]))
    yield Collection(name="users", **shape(Natural(("email",)), "UserWrite", _role="planner"), make=makers.user)
    yield Collection(name="time_entries", **shape(Int(), "TimeEntry"), key="_id", make=makers.time_entry)
    yield Collection(
        name="time_sessions", **shape(Int(), "TimeSession"), key="_id", derive=_session, make=makers.time_session
    )
    for name in ("appointment_dependencies", "appointment_fields", "scorers"):
        yield Collection(name=name, stamps=())
    for name in ("setups", "optimizations", "procedure_calls"):
        yield Collection(name=name, stamps=())
    yield Collection(
        name="webhooks",
        kind=Uuid(),
        fields=frozenset({"sourceApp", "notificationURL", "resource", "changeType", "name"}),
        stamps=(),
    )


def _task(tx: Tx, row: Row) -> Mapping[str, Any]:
    return {**_numbered("tasks")(tx, row), "_open": not row["isComplete"]}


def _session(_: Tx, row: Row) -> Mapping[str, Any]:
    return {"_day": row["start"][:10]}


def _appointment(tx: Tx, row: Row) -> Mapping[str, Any]:
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


def _notification(tx: Tx, row: Row) -> Mapping[str, Any]:
    now = local_now(tx)
    return {"createdAt": row.get("createdAt") or now, "date": row.get("date") or now}
