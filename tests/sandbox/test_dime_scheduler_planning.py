"""Appointments at Dime.Scheduler, what is set on them, series, free slots, and who is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from accordant_sandbox import Sandbox, SandboxError
from tests.sandbox.dime_scheduler_caller import JOB, TASK, Api

TIME = {"start": "2026-04-01T08:00", "end": "2026-04-01T09:00"}
HOOK = {
    "sourceApp": "BC1",
    "notificationURL": "http://127.0.0.1:9/hook",
    "resource": "Appointments",
    "changeType": ["Create"],
}


@pytest.fixture
def dime() -> Iterator[Sandbox]:
    """A fresh sandbox that must not break its own document."""
    with Sandbox("dime_scheduler") as made:
        yield made
        made.raise_defects()


@pytest.fixture
def api(dime: Sandbox) -> Api:
    """An administrator, by key."""
    return Api(dime)


def test_number_id_and_guid_are_made(api: Api, dime: Sandbox) -> None:
    """A new appointment gets a number, an id and a GUID, unless it brings its number or GUID along."""
    number = api.appointment()
    made = dime.state.appointments[number]
    assert made["appointmentNo"]
    assert UUID(made["appointmentGuid"]).version == 4
    guid = "6F9619FF-8B86-D011-B42D-00C04FC964FF"
    number = api.appointment(
        appointmentNo="MINE", appointmentGuid=guid, start="2026-04-02T08:00", end="2026-04-02T09:00"
    )
    other = dime.state.appointments[number]
    assert (number, other["appointmentGuid"], other["id"]) == ("MINE", guid.lower(), made["id"] + 1)


@pytest.mark.parametrize("name", ["appointmentNo", "appointmentId", "appointmentGuid"])
def test_appointment_is_found_by_any_identity(api: Api, dime: Sandbox, name: str) -> None:
    """An appointment is found by its number, else its id, else its GUID, for reading, changing and deleting."""
    number = api.appointment()
    row = dime.state.appointments[number]
    value = {
        "appointmentNo": row["appointmentNo"],
        "appointmentId": row["id"],
        "appointmentGuid": row["appointmentGuid"],
    }[name]
    assert api("GET", f"/appointment/{value}").body["appointmentNo"] == row["appointmentNo"]
    api.ok("PUT", "/appointment", {**TASK, name: value, "subject": "Changed"})
    assert dime.state.appointments[row["appointmentNo"]]["subject"] == "Changed"
    api.ok("POST", "/appointmentLocked", {name: value, "locked": True})
    assert dime.state.appointments[row["appointmentNo"]]["locked"] is True
    api.ok("DELETE", "/appointment", {name: value})
    assert row["appointmentNo"] not in dime.state.appointments


def test_unknown_id_is_refused(api: Api) -> None:
    """An unknown internal id is refused; an id of 0 and an empty number are no identity."""
    api.refused("POST", "/appointment", {**TASK, **TIME, "appointmentId": 999999})
    api.ok("POST", "/appointment", {**TASK, **TIME, "appointmentId": 0, "appointmentNo": ""})


def test_same_task_and_time_adds_a_resource(api: Api, dime: Sandbox) -> None:
    """Without identity, a second write for the same task and time adds its resource to the appointment."""
    number = api.appointment()
    api.ok("POST", "/appointment", {**TASK, **TIME, "resourceNo": "R002"})
    assert {row["resourceNo"] for row in dime.state.assignments.all(appointmentNo=number)} == {"R001", "R002"}
    assert len(dime.state.appointments) == 13


def test_replace_resource(api: Api, dime: Sandbox) -> None:
    """A further resource is added; with `replaceResource` it takes the place of all others."""
    number = api.appointment()
    api.ok("PUT", "/appointment", {**TASK, "appointmentNo": number, "resourceNo": "R002"})
    assert len(dime.state.assignments.all(appointmentNo=number)) == 2
    api.ok("PUT", "/appointment", {**TASK, "appointmentNo": number, "resourceNo": "R003", "replaceResource": True})
    assert [row["resourceNo"] for row in dime.state.assignments.all(appointmentNo=number)] == ["R003"]


@pytest.mark.parametrize(
    "times", [{}, {"start": "2026-04-01T08:00"}, {"start": "2026-04-02T08:00", "end": "2026-04-01T08:00"}]
)
def test_new_appointment_needs_its_times(api: Api, times: Any) -> None:
    """A new appointment needs a start and an end that is no earlier."""
    assert "end" in api.refused("POST", "/appointment", {**TASK, **times})


@pytest.mark.parametrize("owner", [{"taskNo": "NOPE"}, {"resourceNo": "NOPE"}])
def test_new_appointment_needs_task_and_resource(api: Api, dime: Sandbox, owner: Any) -> None:
    """A new appointment needs its task, and a resource that is named must exist; a refusal leaves no trace."""
    assert "NOPE" in api.refused("POST", "/appointment", {**TASK, **TIME, **owner})
    assert len(dime.state.appointments) == 12


def test_category_and_time_marker_by_name_or_id(api: Api) -> None:
    """Category and time marker are given by name or, as the connector does, by id."""
    category = next(each for each in api("GET", "/category").body if each["name"] == "REPAIR")
    number = api.appointment(categoryId=category["id"], timeMarker="Done")
    shown = api("GET", f"/appointment/{number}").body
    assert shown["category"] == {"displayName": "Repair", "color": "#cc3333"}
    assert shown["timeMarker"]["name"] == "Done"
    api.refused("POST", "/appointment", {**TASK, "appointmentNo": number, "timeMarkerId": 999})


def test_appointment_is_shown_with_what_is_on_it(api: Api, dime: Sandbox) -> None:
    """An appointment is shown with its task, job, resources, containers, links, field values and notifications."""
    number = api.appointment(subject="All", planningQuantity=2.5, unitOfMeasure="HOUR")
    guid = dime.state.appointments[number]["appointmentGuid"]
    api.ok("POST", "/appointmentContainer", {"container": "Backlog", "appointment": guid})
    api.ok("POST", "/appointmentUri", {"appointmentNo": number, "uri": "https://example.com", "description": "Link"})
    api.ok("POST", "/appointmentFieldValue", {"appointmentNo": number, "fieldCode": "TRAVEL", "fieldValue": "30"})
    api.ok("POST", "/notification", {"appointmentNo": number, "text": "Late"})
    shown = api("GET", f"/appointment/{number}").body
    assert shown["task"] == {"taskNo": "20", "job": JOB}
    assert [each["resource"]["resourceNo"] for each in shown["assignments"]] == ["R001"]
    assert (shown["planningQty"], shown["planningUOM"]) == (2.5, "HOUR")
    assert shown["appointmentContainers"] == [{"container": "Backlog"}]
    assert shown["appointmentUrls"] == [{"uri": "https://example.com", "description": "Link"}]
    assert shown["appointmentFieldValues"] == [{"fieldCode": "TRAVEL", "fieldValue": "30"}]
    assert shown["notifications"][0]["text"] == "Late"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/appointmentLocked", {"locked": True}),
        ("POST", "/appointmentCategory", {"category": "REPAIR"}),
        ("DELETE", "/appointmentCategory", {"category": "REPAIR"}),
        ("POST", "/assignment", {"sourceApp": "A", "sourceType": "B", "resourceNo": "R001", "appointmentId": 0}),
        ("POST", "/appointmentUri", {"uri": "https://example.com", "description": "x"}),
        ("DELETE", "/appointment", {}),
    ],
)
def test_writes_that_name_no_appointment(api: Api, method: str, path: str, body: Any) -> None:
    """A write that names no appointment is refused with 400; one of an unknown appointment inside HTTP 200."""
    got = api(method, path, body)
    assert (got.status, got.headers["content-type"]) == (400, "application/problem+json")
    assert "appointmentNo" in got.body["detail"]
    assert "NOPE" in api.refused(method, path, {**body, "appointmentNo": "NOPE"})


def test_imports_that_name_no_appointment(api: Api) -> None:
    """An import that names no appointment is refused as every other import is, inside HTTP 200."""
    assert "appointment" in api.run("mboc_updateAppointmentLocked", Locked="1").said["Description"]


def test_deleting_a_resource_of_an_appointment(api: Api, dime: Sandbox) -> None:
    """Deleting with a resource removes that one; with the last one the appointment goes."""
    number = api.appointment()
    api.ok("PUT", "/appointment", {**TASK, "appointmentNo": number, "resourceNo": "R002"})
    api.ok("DELETE", "/appointment", {"appointmentNo": number, "resourceNo": "R001"})
    assert number in dime.state.appointments
    api.refused("DELETE", "/appointment", {"appointmentNo": number, "resourceNo": "R001"})
    api.ok("DELETE", "/appointment", {"appointmentNo": number, "resourceNo": "R002"})
    assert number not in dime.state.appointments


def test_assignment_leaves_the_appointment(api: Api, dime: Sandbox) -> None:
    """Deleting the last assignment by its own route leaves the appointment on the board."""
    number = api.appointment()
    api.ok("DELETE", "/assignment", {**JOB, "appointmentNo": number, "resourceNo": "R001"})
    assert number in dime.state.appointments


def test_satellites_go_with_their_appointment(api: Api, dime: Sandbox) -> None:
    """A deleted appointment leaves nothing behind."""
    number = dime.state.appointment_uris.all()[0]["appointmentNo"]
    api.ok("DELETE", "/appointment", {"appointmentNo": number})
    for name in ("assignments", "appointment_containers", "appointment_field_values", "appointment_uris"):
        assert getattr(dime.state, name).all(appointmentNo=number) == []


def test_period_and_resources(api: Api) -> None:
    """The appointments that reach into a period are listed, those of some resources only when they are named."""
    api.appointment(appointmentNo="A", start="2026-05-01T22:00", end="2026-05-02T02:00", resourceNo="R002")
    period = "startDate=2026-05-02T00:00&endDate=2026-05-02T12:00"
    assert [row["appointmentNo"] for row in api("GET", f"/appointment?{period}").body] == ["A"]
    assert len(api("GET", f"/appointment?{period}&resources=R001&resources=r002").body) == 1
    assert api("GET", f"/appointment?{period}&resources=R001").body == []
    assert api("GET", "/appointment?startDate=2026-05-02T02:01&endDate=2026-05-03T00:00").body == []


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;COUNT=3", ["04-01", "04-02", "04-03"]),
        ("FREQ=DAILY;INTERVAL=2;UNTIL=20260405", ["04-01", "04-03", "04-05"]),
        ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", ["04-01", "04-06", "04-08"]),
        ("RRULE:FREQ=WEEKLY;COUNT=2", ["04-01", "04-08"]),
        ("FREQ=MONTHLY;COUNT=2;", ["04-01", "05-01"]),
        ("FREQ=DAILY;BYDAY=SA,SU;COUNT=2", ["04-04", "04-05"]),
    ],
)
def test_series(api: Api, dime: Sandbox, rule: str, days: list[str]) -> None:
    """A series has an appointment for each occurrence of its rule."""
    body = {"startDate": "2026-04-01T08:00", "endDate": "2026-04-01T09:00", "resource": "R001", "subject": "S"}
    said = api.ok("POST", "/appointmentRecurring", {**body, "recurrenceRule": rule, "jobNo": "SVC001", "taskNo": "20"})
    made = dime.state.appointments.all(subject="S")
    assert [row["startDate"] for row in made] == [f"2026-{day}T08:00:00" for day in days]
    assert len(said["Appointments"]) == len(days)


def test_yearly_series_without_end(api: Api, dime: Sandbox) -> None:
    """A series without an end has 52 occurrences; one of a leap day leaves other years out."""
    body = {"startDate": "2028-02-29T08:00", "endDate": "2028-02-29T09:00", "resource": "R001", "subject": "S"}
    api.ok("POST", "/appointmentRecurring", {**body, "recurrenceRule": "FREQ=YEARLY"})
    made = dime.state.appointments.all(subject="S")
    assert (len(made), made[1]["startDate"]) == (52, "2032-02-29T08:00:00")


@pytest.mark.parametrize(
    "changes",
    [{"recurrenceRule": "sometimes"}, {"recurrenceRule": "COUNT=2"}, {"recurrenceRule": "FREQ=DAILY;UNTIL=20261399"},
     {"resource": "NOPE"}, {"taskNo": "NOPE"}, {"endDate": "2026-03-01T08:00"}, {"endDate": "2036-03-01T08:00"}],
)  # fmt: skip
def test_series_that_are_refused(api: Api, dime: Sandbox, changes: Any) -> None:
    """A rule that is not understood, an unknown resource or task, and impossible times are refused."""
    body = {**{name: f"2026-04-01T0{hour}:00" for name, hour in (("startDate", 8), ("endDate", 9))}, "resource": "R001"}
    api.refused("POST", "/appointmentRecurring", {**body, "recurrenceRule": "FREQ=DAILY;COUNT=2", **changes})
    assert len(dime.state.appointments) == 12


def test_series_end_and_exceptions(api: Api, dime: Sandbox) -> None:
    """A changed appointment of a series becomes an exception; deleting the series by any of its own removes all."""
    body = {"startDate": "2026-04-01T08:00", "endDate": "2026-04-01T09:00", "resource": "R001", "subject": "S"}
    owner = {"jobNo": "SVC001", "taskNo": "20"}
    api.ok("POST", "/appointmentRecurring", {**body, **owner, "recurrenceRule": "FREQ=DAILY;COUNT=3"})
    numbers = [row["appointmentNo"] for row in dime.state.appointments.all(subject="S")]
    api.ok("PUT", "/appointment", {**TASK, "appointmentNo": numbers[1], "start": "2026-04-02T08:30"})
    assert api("GET", f"/appointment/{numbers[1]}").body["isRecurrenceException"] is True
    api.ok("DELETE", "/appointmentRecurring", {"appointmentNo": numbers[2]})
    assert len(dime.state.appointments) == 12
    alone = dime.state.appointments.all()[0]["appointmentNo"]
    assert "series" in api.refused("DELETE", "/appointmentRecurring", {"appointmentNo": alone})


def test_slots_are_free_time(api: Api) -> None:
    """A slot is free time of a resource with the required filter values, on the grid asked for, the earliest first."""
    ask = {"startDate": "2026-04-01T08:00:00Z", "endDate": "2026-04-01T12:00:00Z", "duration": "PT1H"}
    api.appointment(resourceNo="R003", start="2026-04-01T08:30", end="2026-04-01T09:30")
    slots = api("POST", "/recommendation", {**ask, "requirements": ["gas"], "options": {"granularity": "PT30M"}}).body[
        "slots"
    ]
    assert [slot["start"][11:16] for slot in slots] == ["09:30", "10:00", "10:30", "11:00"]
    assert {slot["resourceNo"] for slot in slots} == {"R003"}
    assert api("POST", "/recommendation", {**ask, "requirements": ["Flying"]}).body == {"slots": []}


def test_slots_near_a_place(api: Api) -> None:
    """Given a place, slots tell the distance in kilometres, and none is further than asked for."""
    ask = {"startDate": "2026-04-01T08:00:00Z", "endDate": "2026-04-01T09:00:00Z", "duration": "PT1H"}
    place = {"location": {"address": "Ghent", "country": "BE"}}
    slots = api("POST", "/recommendation", {**ask, **place}).body["slots"]
    assert slots[0]["distance"] == 0
    near = api("POST", "/recommendation", {**ask, **place, "options": {"maxDistanceKm": 1}}).body["slots"]
    assert 0 < len(near) < len(slots)


def test_slots_of_no_duration(api: Api) -> None:
    """A duration of nothing is answered with 422."""
    ask = {"startDate": "2026-04-01T08:00:00Z", "endDate": "2026-04-01T09:00:00Z", "duration": "PT0S"}
    assert api("POST", "/recommendation", ask).status == 422


def test_optimisation_leaves_the_plan(api: Api, dime: Sandbox) -> None:
    """A request for optimisation is taken in and changes no appointment."""
    before = dime.state.appointments.all()
    assert api("POST", "/optimization/dailyRoute", {"day": "2026-04-01"}).body["appointments"] == []
    assert dime.state.appointments.all() == before


def _subscribe(api: Api, event: str, **changes: Any) -> str:
    got = api("POST", f"/webhooks/Appointment{event}", {**HOOK, **changes})
    assert (got.status, got.content) == (201, b"")
    return got.headers["location"].rsplit("/", 1)[1]


def test_webhooks_tell_of_appointments(api: Api, dime: Sandbox) -> None:
    """Each subscription gets its own event, in the documented PascalCase payload, until it is ended."""
    hooks = {event: _subscribe(api, event) for event in ("Created", "Updated", "Deleted")}
    number = api.appointment(category="REPAIR")
    api.ok("POST", "/appointmentImportance", {"appointmentNo": number, "importance": 1})
    assert api("DELETE", f"/webhooks/AppointmentUpdated/{hooks['Updated']}").status == 200
    api.ok("POST", "/appointmentImportance", {"appointmentNo": number, "importance": 2})
    api.ok("DELETE", "/appointment", {"appointmentNo": number})
    assert [each.topic for each in dime.outbox.deliveries] == [f"appointment{event}" for event in hooks]
    told = dime.outbox.deliveries[1].body
    schemas = dime.vendor.document.schemas
    assert schemas.violations("/components/schemas/AppointmentEvent", told) == []
    assert (told["appointmentNo"], told["Importance"], told["Task"]["Job"]["JobNo"]) == (number, 1, "SVC001")
    assert told["Category"] == {"DisplayName": "Repair", "Color": "#cc3333"}
    assert told["Assignments"][0]["Resource"]["ResourceNo"] == "R001"


def test_webhooks_of_another_source(api: Api, dime: Sandbox) -> None:
    """A subscription gets the appointments of its own source."""
    _subscribe(api, "Created", sourceApp="NAV")
    api.appointment()
    assert dime.outbox.deliveries == []


def test_webhook_ids_belong_to_their_event(api: Api) -> None:
    """A subscription is ended under its own event only, and once."""
    hook = _subscribe(api, "Created")
    assert api("DELETE", f"/webhooks/AppointmentDeleted/{hook}").status == 404
    assert [api("DELETE", f"/webhooks/AppointmentCreated/{hook}").status for _ in range(2)] == [200, 404]


def test_too_many_webhooks() -> None:
    """Beyond `max_webhooks` subscriptions the answer is 429."""
    with Sandbox("dime_scheduler", settings={"max_webhooks": 1}) as dime:
        api = Api(dime)
        _subscribe(api, "Created")
        assert api("POST", "/webhooks/AppointmentCreated", HOOK).status == 429


def test_planners_work_on_the_board(api: Api, dime: Sandbox) -> None:
    """What planners do on the board is told to webhooks like what the API does."""
    for event in ("Created", "Updated", "Deleted"):
        _subscribe(api, event)
    number = dime.act.plan_appointment(
        task_no="30", resource_no="R001", start="2026-04-01T08:00:00", end="2026-04-01T09:00:00"
    )
    dime.act.move_appointment(appointment_no=number, start="2026-04-01T10:00:00", end="2026-04-01T11:00:00")
    assert dime.state.appointments[number]["lastModifiedUser"] == "planning board"
    dime.act.cancel_appointment(appointment_no=number)
    assert [each.topic[11:] for each in dime.outbox.deliveries] == ["Created", "Updated", "Deleted"]
    with pytest.raises(SandboxError, match="no task NOPE"):
        dime.act.plan_appointment(task_no="NOPE", resource_no="R001", start="x", end="y")
    with pytest.raises(SandboxError, match="There is no appointment"):
        dime.act.cancel_appointment(appointment_no=number)


def test_time_is_booked_elsewhere(api: Api, dime: Sandbox) -> None:
    """Resources book time and start work outside the API; both lists show it."""
    dime.act.book_time(resource_no="R006", seconds=900)
    dime.act.start_work(resource_no="R006")
    day = "start=2026-03-01&end=2026-03-01"
    assert [row["durationInSeconds"] for row in api("GET", f"/timeEntry?{day}").body] == [900]
    assert api("GET", f"/timeSession?{day}").body[0]["end"] is None
    assert dime.act.expire_keys() == 2
    assert api("GET", "/pin").status == 401
