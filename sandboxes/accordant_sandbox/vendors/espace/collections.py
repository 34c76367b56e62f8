"""The records that eSPACE keeps; those of work and stock are in `work`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accordant_sandbox.model.collections import Collection, Ref
from accordant_sandbox.model.factories import make_row, parent
from accordant_sandbox.model.own_collections import OWN_COLLECTIONS
from accordant_sandbox.ports import Tx
from accordant_sandbox.vendors.espace import views
from accordant_sandbox.vendors.espace.local_time import moved, now_text, today
from accordant_sandbox.vendors.espace.rules import guard_event
from accordant_sandbox.vendors.espace.schedules import SCHEDULE_LIFE, dated
from accordant_sandbox.vendors.espace.schema_work import WORK_COLLECTIONS, fields, nulls

__all__ = ["COLLECTIONS"]


def _make_schedule(tx: Tx, number: int) -> Mapping[str, Any]:
    event = make_row(tx, _BY_NAME["events"], {"EventName": f"Event {number}"})
    return {"EventId": event["EventId"], "EventDate": f"{today(tx)}T00:00:00", "StartTime": "18:00:00"}


def _make_occurrence(tx: Tx, number: int) -> Mapping[str, Any]:
    """One more occurrence of a schedule, on a later day."""
    schedule = tx.table("schedules")[parent(tx, "schedules")]
    ids = {name: schedule[name] for name in ("EventId", "ScheduleId")}
    last = tx.rows("occurrences", ScheduleId=schedule["ScheduleId"])[-1]
    times = ("SetUpStart", "EventStart", "EventEnd", "TearDownEnd")
    later = {name: None if last[name] is None else moved(last[name], number) for name in times}
    return {**ids, **later, "OccurrenceStatus": schedule["Status"]}


def _make_event(tx: Tx, number: int) -> Mapping[str, Any]:
    owner = parent(tx, "users")
    return {"EventName": f"Event {number}", "OwnerId": owner}


_PARTS = [
    Collection(
        name="locations", key="Id", stamps=(), make=lambda _, n: {"Name": f"Campus {n}", "LocationCode": f"C{n}"}
    ),
    Collection(name="categories", key="Id", stamps=(), make=lambda _, n: {"Name": f"Category {n}", "IsPublic": True}),
    Collection(
        name="users",
        key="Id",
        stamps=(),
        defaults={"Roles": lambda: ["User"], "_password": 1},
        make=lambda _, n: {"FirstName": "Toni", "LastName": f"Tester {n}", "Email": f"toni{n}@example.com"},
    ),
    Collection(name="vendors", key="Id", stamps=(), make=lambda _, n: {"Name": f"Contractor {n}"}),
    Collection(name="departments", key="Id", stamps=(), make=lambda _, n: {"Name": f"Department {n}"}),
    Collection(
        name="items",
        key="ItemId",
        stamps=(),
        defaults={"Parent_id": None, "IsSchedulable": True, "MaxCapacity": None, "_quantity": None},
        refs=(Ref("LocationId", "locations"), Ref("Parent_id", "items", "refuse", "ids_in_body")),
        view=views.item,
        refusal="invalid",
        make=lambda tx, n: {"ItemType": "Space", "Name": f"Room {n}", "LocationId": parent(tx, "locations")},
    ),
    Collection(
        name="documents",
        key="Id",
        stamps=(),
        defaults=nulls("WorkOrderId MaintenanceId Uri"),
        view=views.document,
        make=lambda _, n: {"Title": f"Document {n}", "FileName": f"document{n}.pdf"},
    ),
    Collection(
        name="service_categories",
        key="Id",
        stamps=(),
        defaults={"MinistryId": views.MINISTRY_ID, "SystemSpecification": None, "IsDeleted": False},
        make=lambda _, n: {"Name": f"Trade {n}"},
    ),
    Collection(
        name="task_templates",
        key="Id",
        stamps=(),
        defaults={"ServiceCategoryIds": list, "GroupIds": list, "TaskOrderIndex": None, "Minutes": None},
        view=views.task_template,
        make=lambda _, n: {"Description": f"Task {n}"},
    ),
    Collection(
        name="task_groups", key="Id", stamps=(), make=lambda tx, n: {"Name": f"Group {n}", "CreatedOn": now_text(tx)}
    ),
    Collection(
        name="webhooks",
        key="Id",
        stamps=(),
        fields=fields("Url Notes EventIds"),
        defaults={"Notes": None, "EventIds": list},
        soft_delete=True,
        view=views.webhook,
        make=lambda _, n: {"Url": f"http://127.0.0.1:9/hook{n}", "EventIds": [1]},
    ),
    Collection(name="webhook_topics", key="Id", stamps=(), make=lambda _, n: {"Name": f"topic{n}"}),
]  # fmt: skip

_EVENTS = [
    Collection(
        name="events",
        key="EventId",
        stamps=(),
        fields=fields(
            "EventName Description IsPublic NumOfPeople Categories AutoApprove OwnerId PublicNotes PublicLink "
            "Locations PublicLocations IsOffSite OffsiteLocation EditorIds"
        ),
        defaults={
            **nulls("Description NumOfPeople PublicNotes PublicLink OffsiteLocation PublicCalendarImageUrl"),
            **dict.fromkeys(("IsPublic", "AutoApprove", "IsOffSite"), False),
            **dict.fromkeys(("Categories", "Locations", "PublicLocations", "EditorIds", "Contacts"), list),
        },
        unkept=fields(
            "AdditionalDates EventDate EventEndDate IsAllDayEvent IsMultiDayEvent ScheduleId SetupStartDate "
            "SetupStartTime StartTime EndTime TeardownEndDate TearDownEndTime"
        ),
        refs=(Ref("OwnerId", "users", rule="ids_in_body"),),
        guard=guard_event,
        soft_delete=True,
        view=views.event,
        make=_make_event,
    ),
    Collection(
        name="schedules",
        key="ScheduleId",
        stamps=(),
        defaults={
            **nulls("SetupStartDate SetupStartTime StartTime EventEndDate EndTime TeardownEndDate TearDownEndTime"),
            **dict.fromkeys(("IsAllDayEvent", "IsMultiDayEvent", "IsFinalApproved"), False),
            **dict.fromkeys(("AdditionalDates", "Items"), list),
            "ScheduleName": "Main",
            "Status": "Draft",
        },
        refs=(Ref("EventId", "events"),),
        lifecycle=SCHEDULE_LIFE,
        derive=dated,
        make=_make_schedule,
    ),
    Collection(name="occurrences", key="OccurrenceId", stamps=(), view=views.occurrence, make=_make_occurrence),
]

_ALL = [*_PARTS, *_EVENTS, *WORK_COLLECTIONS]
_BY_NAME: Mapping[str, Collection] = {each.name: each for each in _ALL}

COLLECTIONS: Mapping[str, Collection] = {**OWN_COLLECTIONS, **_BY_NAME}
