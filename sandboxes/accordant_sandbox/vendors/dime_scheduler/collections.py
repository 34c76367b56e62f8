"""The records that Dime.Scheduler keeps: some forty kinds, found by natural keys.

What a record can hold, how it is keyed, and what it holds when nothing was said, is read from the document; owners and
exceptions are here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Unpack

from accordant_sandbox.derive.differences import CollectionDifferences
from accordant_sandbox.derive.tables import Tables
from accordant_sandbox.http.document import Document
from accordant_sandbox.model.collections import Code, Collection, Int, Natural, Ref, Uuid, uuid_text
from accordant_sandbox.model.own_collections import OWN_COLLECTIONS
from accordant_sandbox.ports import Row, Tx
from accordant_sandbox.vendors.dime_scheduler import makers
from accordant_sandbox.vendors.dime_scheduler.keys import local_now
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
_RENAMED = (
    "appointmentId", "appointmentGuid", "start", "end", "unitOfMeasure", "planningQuantity", "quantity",
    "useFixedPlanningQuantity", "roundToUnitOfMeasure", "categoryId", "timeMarkerId", "resourceNo",
)  # fmt: skip
"""Properties of appointments that are kept under another name, or name another record."""
_FINDING = ("appointment", "appointmentId", "appointmentGuid", "sourceApp", "sourceType")
"""Properties by which the appointment of an assignment, a container, a field value or a link is found."""
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
    kept = _Kept(document)
    parts = (_work(kept), _planning(kept), _resources(kept), _reference(kept), _others(kept))
    return {**OWN_COLLECTIONS, **{each.name: each for part in parts for each in part}}


class _Kept:
    """Collections as the document describes them, with what differs.

    Of the references only those are enforced that say whom a record belongs to: it goes with its owner.
    """

    def __init__(self, document: Document) -> None:
        self._tables = Tables(document)

    def __call__(
        self,
        name: str,
        owned: str = "",
        *,
        rules: Mapping[str, str] | None = None,
        **differences: Unpack[CollectionDifferences],
    ) -> Collection:
        refs = [
            replace(ref, on_delete="cascade", rule=(rules or {}).get(ref.field, _OWNED))
            for ref in self._tables.collection(name).refs
            if ref.field in owned.split()
        ]
        unkept = _FLAGS | frozenset(differences.pop("unkept", ()))
        stated = [*refs, *differences.pop("refs", ())]
        whole: CollectionDifferences = {**differences, "refs": stated, "loose": "*", "unkept": unkept, "stamps": ()}
        return self._tables.collection(name, **whole)


def _numbered(name: str) -> Callable[[Tx, Row], Mapping[str, Any]]:
    """Gives a new record the next internal id."""
    return lambda tx, row: {"id": row.get("id") or tx.next(f"{name}.id")}


def _work(kept: _Kept) -> Iterator[Collection]:
    yield kept("jobs", defaults={"allowDependencies": True}, derive=_numbered("jobs"), make=makers.job)
    yield kept(
        "tasks",
        "jobNo",
        unkept=("locked",),
        defaults={"locked": False},
        derive=_task,
        view=task_view,
        make=makers.task,
    )
    yield kept("task_containers", "taskNo name", rules={"name": "container_members"}, make=makers.task_container)
    yield kept("task_filter_values", "taskNo")
    yield kept("task_uris", "taskNo")
    yield kept("task_assignments", "taskNo resourceNo", make=makers.task_assignment)
    yield kept("task_budget_entries", "taskNo", key="id", make=makers.budget_entry)


def _planning(kept: _Kept) -> Iterator[Collection]:
    yield kept(
        "appointments",
        "taskNo",
        kind=Code(),
        unkept=_RENAMED,
        more=_APPOINTMENT.keys() - {"_series"},
        defaults=_APPOINTMENT,
        derive=_appointment,
        view=appointment_view,
        make=makers.appointment,
    )
    appointment = Ref("appointmentNo", "appointments", "cascade", _OWNED)
    yield kept("assignments", "appointmentNo resourceNo", unkept=_FINDING, make=makers.assignment)
    yield kept(
        "appointment_containers",
        "container",
        kind=Natural(("appointmentNo", "container")),
        rules={"container": "container_members"},
        refs=[appointment],
        unkept=_FINDING,
    )
    yield kept("appointment_field_values", "appointmentNo", unkept=_FINDING)
    yield kept("appointment_uris", "appointmentNo", unkept=_FINDING)
    yield kept("recurring_appointments", key="id")
    key = Natural(("exchangeId",))
    yield Collection(name="exchange_appointments", kind=key, fields=frozenset(EXCHANGE), stamps=())


def _resources(kept: _Kept) -> Iterator[Collection]:
    yield kept("resources", derive=_numbered("resources"), make=makers.resource)
    yield kept("resource_types", kind=Natural(("name",)), derive=_numbered("resource_types"))
    yield kept("calendars", kind=Natural(("code",)), derive=_numbered("calendars"))
    yield kept("resource_calendars", "resourceNo", refs=[Ref("calendarCode", "calendars", "refuse", _OWNED)])
    yield kept("resource_capacities", "resourceNo", derive=_numbered("resource_capacities"), make=makers.capacity)
    for name in ("resource_certificates", "resource_filter_values", "resource_gps_trackings", "resource_uris"):
        yield kept(name, "resourceNo")


def _reference(kept: _Kept) -> Iterator[Collection]:
    for name, made in (
        ("categories", makers.category),
        ("time_markers", makers.time_marker),
        ("pins", makers.pin),
        ("filter_groups", makers.filter_group),
    ):
        yield kept(name, derive=_numbered(name), make=made)
    yield kept("containers", defaults={"handleLocked": True}, derive=_numbered("containers"), make=makers.container)
    yield kept("filter_values", "group", rules={"group": "cascade"}, make=makers.filter_value)
    yield kept("captions")
    yield kept("action_uris")


def _others(kept: _Kept) -> Iterator[Collection]:
    yield kept(
        "notifications",
        kind=Int(),
        key="id",
        defaults={"connectorId": None},
        derive=_notification,
        make=makers.notification,
    )
    yield kept("connectors", defaults={"crudTypes": lambda: [0, 2, 3]})
    yield kept("users", defaults={"_role": "planner"}, make=makers.user)
    yield kept("time_entries", make=makers.time_entry)
    yield kept("time_sessions", derive=_session, make=makers.time_session)
    for name in ("appointment_dependencies", "appointment_fields", "scorers"):
        yield kept(name, key="id")
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
