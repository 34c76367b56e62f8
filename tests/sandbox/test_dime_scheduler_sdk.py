"""The vendor's own Python SDK against the sandbox, over loopback: an independent reading of the same API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias

import orjson
import pytest

from accordant_sandbox import Sandbox
from accordant_sandbox.engine.state_view import TableView
from tests.sandbox.dime_scheduler_caller import JOB, TASK, sdk

Act: TypeAlias = Callable[[Any, Sandbox], None]
SOURCE = {"sourceApp": "BC1", "sourceType": "SERVICE"}
PERIOD = {"startDate": "2026-04-01T00:00:00", "endDate": "2026-04-30T00:00:00"}


@dataclass(frozen=True)
class Crud:
    """One accessor with the four generic methods: a key, a body and a change of it."""

    accessor: str
    collection: str
    key: Mapping[str, Any]
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])
    change: Mapping[str, Any] = field(default_factory=dict[str, Any])
    lists: bool = False
    updates: bool = True

    def __call__(self, client: Any, sandbox: Sandbox) -> None:
        api, table = getattr(client, self.accessor), _table(sandbox, self.collection)
        _good(api.create({**self.key, **self.body}))
        assert _shows(_table(sandbox, self.collection).one(**self.key), self.body)
        assert len(_table(sandbox, self.collection)) == len(table) + 1
        if self.lists:
            assert [row for row in _listed(api.get_all()) if _shows(row, {**self.key, **self.body})]
        if self.updates:
            _good(api.update([{**self.key, **self.body, **self.change}]))
            assert _shows(_table(sandbox, self.collection).one(**self.key), {**self.body, **self.change})
        _good(api.delete({**self.key, **self.body}))
        assert _table(sandbox, self.collection).all(**self.key) == []


CRUD = [
    Crud(
        "jobs", "jobs", {**SOURCE, "jobNo": "NEW1"}, {"shortDescription": "New", "freeDecimal1": 1.5},
        {"shortDescription": "Newer", "siteCity": "Leuven"},
    ),
    Crud(
        "tasks", "tasks", {**JOB, "taskNo": "99"}, {"shortDescription": "New", "duration": "01:30:00"},
        {"percentDone": 50},
    ),
    Crud("task_containers", "task_containers", {**TASK, "name": "Week plan"}, {"index": 3}, {"index": 4}),
    Crud(
        "task_filter_values", "task_filter_values", {**TASK, "filterGroup": "Skill", "filterValue": "Cooling"},
        change={"transferToTemp": True},
    ),
    Crud(
        "task_uris", "task_uris", {**TASK, "uri": "https://example.com/t"}, {"description": "Task"},
        {"description": "The task"},
    ),
    Crud("resources", "resources", {"resourceNo": "N1"}, {"displayName": "N1"}, {"department": "Service"}, lists=True),
    Crud(
        "resource_calendars", "resource_calendars", {"code": "CAL9"},
        {"resourceNo": "R001", "calendarCode": "HALF", **PERIOD}, {"calendarCode": "FULL"},
    ),
    Crud(
        "resource_certificates", "resource_certificates", {"resourceNo": "R004", "no": "VCA"}, {"score": "B"},
        updates=False,
    ),
    Crud(
        "resource_filter_values", "resource_filter_values",
        {"resourceNo": "R001", "filterGroup": "Region", "filterValue": "North"}, change={"transferToTemp": True},
    ),
    Crud(
        "resource_gps_trackings", "resource_gps_trackings", {"resourceNo": "R004"},
        {"latitude": 50.5, "longitude": 4.5}, {"latitude": 50.75},
    ),
    Crud(
        "resource_uris", "resource_uris", {"resourceNo": "R001", "uri": "https://example.com/r"},
        {"description": "A"}, {"description": "B"},
    ),
    Crud(
        "resource_capacities", "resource_capacities", {"resourceNo": "R001", "date": "2026-05-01T00:00:00"},
        {"quantity": 8.0}, {"quantity": 4.0},
    ),
    Crud(
        "categories", "categories", {"name": "NEW"}, {"displayName": "New", "color": "#112233"}, {"color": "#445566"},
        lists=True,
    ),
    Crud("time_markers", "time_markers", {"name": "New"}, {"color": "#112233"}, {"color": "#445566"}, lists=True),
    Crud("pins", "pins", {"name": "New"}, {"color": "#112233"}, {"color": "#445566"}, lists=True),
    Crud("containers", "containers", {"name": "New"}, {"handleLocked": True}, {"handleLocked": False}, lists=True),
    Crud("filter_groups", "filter_groups", {"name": "New"}, {"columnNo": 3}, {"columnNo": 4}, lists=True),
    Crud("filter_values", "filter_values", {"group": "Skill", "value": "Welding"}, lists=True),
    Crud(
        "captions", "captions", {"context": 13, "sourceTable": "Task", "fieldName": "FreeText1", "language": "nl"},
        {"text": "Poort"}, {"text": "Deur"},
    ),
    Crud(
        "action_uris", "action_uris", {**SOURCE, "uriType": 1, "uri": "https://example.com/a"},
        {"description": "A"}, {"description": "B", "requestType": 2},
    ),
    Crud(
        "notifications", "notifications", {"connectorId": "NEW1"}, {"text": "New", "type": 1}, {"text": "Newer"},
    ),
]  # fmt: skip


def appointments(client: Any, sandbox: Sandbox) -> None:
    """An appointment is made, changed, read in both ways, and deleted."""
    before = len(sandbox.state.appointments)
    body = {**TASK, "appointmentNo": "A1", "resourceNo": "R002", "subject": "Sdk"}
    _good(client.appointments.create({**body, "start": "2026-04-01T08:00", "end": "2026-04-01T09:00"}))
    _good(client.appointments.update({**body, "subject": "Sdk 2", "end": "2026-04-01T10:00"}))
    found = _listed(client.appointments.get(datetime(2026, 4, 1), datetime(2026, 4, 2), ["R002"]))
    assert [(row["appointmentNo"], row["subject"], row["endDate"]) for row in found] == [
        ("A1", "Sdk 2", "2026-04-01T10:00:00")
    ]
    assert client.appointments.get_by_id("A1").data["task"] == {"taskNo": "20", "job": JOB}
    _good(client.appointments.delete({"appointmentNo": "A1"}))
    assert client.appointments.get_by_id("A1").response.status_code == 404
    assert len(sandbox.state.appointments) == before


def assignments(client: Any, sandbox: Sandbox) -> None:
    """A resource joins an appointment and leaves it."""
    number = sandbox.given("appointments")[0]["appointmentNo"]
    link = {**SOURCE, "appointmentNo": number, "resourceNo": "R003"}
    _good(client.assignments.create(link))
    _good(client.assignments.update(link))
    assert sandbox.state.assignments.one(appointmentNo=number)["resourceNo"] == "R003"
    _good(client.assignments.delete(link))
    assert sandbox.state.assignments.all(appointmentNo=number) == []


def sub_setters(client: Any, sandbox: Sandbox) -> None:
    """Each sub-route sets its field of an appointment, and a delete resets it."""
    number = sandbox.given("appointments")[0]["appointmentNo"]
    for accessor, body, field_, value, reset in (
        (client.appointment_categories, {"category": "REPAIR"}, "category", "REPAIR", None),
        (client.appointment_contents, {"subject": "S", "body": "B"}, "subject", "S", None),
        (client.appointment_importances, {"importance": 2}, "importance", 2, 0),
        (client.appointment_locked, {"locked": True}, "locked", True, False),
        (client.appointment_planning_quantities, {"quantity": 2.5}, "planningQty", 2.5, 0),
        (client.appointment_time_markers, {"timeMarker": "Done"}, "timeMarker", "Done", None),
    ):
        _good(accessor.create({"appointmentNo": number, **body}))
        assert sandbox.state.appointments[number][field_] == value
        _good(accessor.delete({"appointmentNo": number, **body}))
        assert sandbox.state.appointments[number][field_] == reset
    _good(client.appointment_time_markers.update({"appointmentNo": number, "timeMarker": "Draft"}))
    assert sandbox.state.appointments[number]["timeMarker"] == "Draft"


def satellites(client: Any, sandbox: Sandbox) -> None:
    """Containers, field values and links are put on an appointment and taken off."""
    row = sandbox.given("appointments")[0]
    number = row["appointmentNo"]
    member = {"container": "Backlog", "appointment": row["appointmentGuid"]}
    _good(client.appointment_containers.create(member))
    _good(client.appointment_containers.update(member))
    assert sandbox.state.appointment_containers.one(appointmentNo=number)["container"] == "Backlog"
    _good(client.appointment_containers.delete(member))
    value = {"appointmentNo": number, "fieldCode": "PARTS", "fieldValue": "3"}
    _good(client.appointment_field_values.create(value))
    assert sandbox.state.appointment_field_values.one(appointmentNo=number)["fieldValue"] == "3"
    _good(client.appointment_field_values.delete(value))
    link = {"appointmentNo": number, "uri": "https://example.com/x", "description": "X"}
    _good(client.appointment_uris.create(link))
    _good(client.appointment_uris.update({**link, "description": "Y"}))
    assert sandbox.state.appointment_uris.one(appointmentNo=number)["description"] == "Y"
    _good(client.appointment_uris.delete(link))
    for name in ("appointment_containers", "appointment_field_values", "appointment_uris"):
        assert _table(sandbox, name).all(appointmentNo=number) == []


def series(client: Any, sandbox: Sandbox) -> None:
    """A series makes its appointments, and goes with them."""
    before = len(sandbox.state.appointments)
    rule = {"recurrenceRule": "FREQ=WEEKLY;COUNT=3", "startDate": "2026-04-06T08:00", "endDate": "2026-04-06T09:00"}
    _good(client.recurring_appointments.create({**rule, "resource": "R001", "subject": "Standup"}))
    made = sandbox.state.appointments.all(subject="Standup")
    assert [row["startDate"][:10] for row in made] == ["2026-04-06", "2026-04-13", "2026-04-20"]
    _good(client.recurring_appointments.delete({"appointmentNo": made[1]["appointmentNo"]}))
    assert len(sandbox.state.appointments) == before


def task_satellites(client: Any, sandbox: Sandbox) -> None:
    """A task is locked and unlocked, gets a resource, and a budget."""
    key = ("bc1", "service", "svc001", "20")
    _good(client.task_locked.create({**TASK, "locked": True}))
    assert sandbox.state.tasks[key]["locked"] is True
    _good(client.task_locked.delete(TASK))
    assert sandbox.state.tasks[key]["locked"] is False
    _good(client.task_assignments.create({**TASK, "resourceNo": "R004"}))
    assert len(sandbox.state.task_assignments.all(resourceNo="R004")) == 1
    _good(client.task_assignments.delete({**TASK, "resourceNo": "R004"}))
    assert sandbox.state.task_assignments.all(resourceNo="R004") == []
    entry = {**TASK, "quantity": -2.0, "description": "Spent"}
    _good(client.task_budget_entries.create([entry, {**entry, "quantity": -3.0}]))
    assert [row["quantity"] for row in sandbox.state.task_budget_entries.all(description="Spent")] == [-2.0, -3.0]
    _good(client.task_budget_entries.delete({**TASK, "description": "Spent"}))
    assert sandbox.state.task_budget_entries.all(description="Spent") == []


def lists(client: Any, sandbox: Sandbox) -> None:
    """Lists show what is there, and page and filter as the SDK asks."""
    for accessor, name in (
        (client.calendars, "calendars"),
        (client.resource_types, "resource_types"),
        (client.appointment_fields, "appointment_fields"),
        (client.appointment_dependencies, "appointment_dependencies"),
    ):
        assert len(_listed(accessor.get_all())) == len(_table(sandbox, name)) > 0
    assert client.jobs.get("SVC002").data["siteCity"] == "Ghent"
    tasks = [_listed(client.tasks.get(page=page, page_size=4)) for page in (1, 2, 3)]
    assert [len(page) for page in tasks] == [4, 4, 2]
    assert all(not row["isComplete"] for row in _listed(client.tasks.get(is_open=True)))
    newest = _listed(
        client.notifications.get(1, 3, sort="date:desc", filter="[{'operator':'==','value':'LATE','property':'Code'}]")
    )
    assert [row["connectorId"] for row in newest] == ["N007", "N005", "N003"]
    assert len(_listed(client.time_entries.get(date(2026, 3, 2), date(2026, 3, 3)))) == 4
    assert len(_listed(client.time_sessions.get(datetime(2026, 3, 2), datetime(2026, 3, 6)))) == 10
    capacities = _listed(client.resource_capacities.get(datetime(2026, 3, 2), datetime(2026, 3, 2)))
    assert {row["date"] for row in capacities} == {"2026-03-02T00:00:00"}


def planner(client: Any, sandbox: Sandbox) -> None:
    """Places, free slots, scorers and the three optimisations are answered."""
    place = client.geocoding.geocode_text("Bondgenotenlaan 1, Leuven", "BE").data
    assert place.keys() == {"latitude", "longitude"}
    assert client.geocoding.geocode({"city": "Leuven", "country": "BE"}).ok
    wanted = {"startDate": "2026-04-06T08:00:00Z", "endDate": "2026-04-06T18:00:00Z", "duration": "PT2H"}
    slots = client.recommendation.get({**wanted, "requirements": ["Gas"]}).data["slots"]
    assert {slot["resourceNo"] for slot in slots} == {"R003"}
    assert len(_listed(client.recommendation.scorers())) == 3
    for call in (
        client.optimization.field_service,
        client.optimization.professional_services,
        client.optimization.daily_route,
    ):
        assert call({"from": "2026-04-06"}).ok
    assert [row["kind"] for row in sandbox.state.optimizations.all()] == [
        "fieldService",
        "professionalServices",
        "dailyRoute",
    ]


def administration(client: Any, sandbox: Sandbox) -> None:
    """Connectors, users, messages, set-ups and imports do what they say."""
    _good(client.connectors.create({"name": "NAV", "sourceApp": "NAV", "uri": "https://example.com/nav", "type": 2}))
    assert sandbox.state.connectors.one(sourceApp="NAV")["type"] == 2
    _good(client.users.create({"name": "New", "type": 1, "email": "new@example.com"}))
    assert sandbox.state.users.one(email="new@example.com")["name"] == "New"
    _good(client.messages.send({"text": "Hello", "severity": "Warning"}))
    assert sandbox.outbox.events[-1].payload == {"text": "Hello", "severity": "Warning"}
    _good(client.imports.setup({"categories": []}))
    assert len(sandbox.state.setups) == 1
    _good(
        client.imports.run(
            {
                "StoredProcedureName": "mboc_upsertJob",
                "ParameterNames": ["SourceApp", "SourceType", "JobNo", "ShortDescription", "SiteCountry"],
                "ParameterValues": ["BC1", "SERVICE", "SVC900", "Service 1", "USA"],
            }
        )
    )
    assert sandbox.state.jobs.one(jobNo="SVC900")["siteCountry"] == "USA"


ACTS: Mapping[str, Act] = {
    **{crud.accessor: crud for crud in CRUD},
    **{
        act.__name__: act
        for act in (
            appointments, assignments, sub_setters, satellites, series, task_satellites, lists, planner, administration,
        )
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    """One sandbox behind a port."""
    with Sandbox("dime_scheduler") as made:
        yield made


@pytest.fixture
def dime(served: Sandbox) -> Sandbox:
    """That sandbox as at its start."""
    served.reset()
    return served


@pytest.fixture(autouse=True)
def _honest(served: Sandbox) -> Iterator[None]:
    """No answer may break the document."""
    yield
    served.raise_defects()


@pytest.mark.parametrize("name", ACTS)
def test_the_vendors_sdk_does_its_work(name: str, dime: Sandbox) -> None:
    """What the vendor's own SDK writes is what the sandbox then holds, and what it reads is what the sandbox holds."""
    with sdk(dime) as client:
        ACTS[name](client, dime)


def test_the_vendors_sdk_reaches_its_operations(dime: Sandbox) -> None:
    """Of the 139 documented operations, all 128 that the SDK offers are served to it with success."""
    start = dime.snapshot()
    for act in ACTS.values():
        with sdk(dime) as client:
            act(client, dime)
        dime.restore(start)
    done = {entry.operation for entry in dime.journal if entry.status < 300 and entry.problem is None}
    elsewhere = {
        "issueToken", "updateConnector", "deleteConnector", "updateUser", "deleteUser",
        *(name for name in dime.operations if name.startswith(("subscribe", "unsubscribe"))),
    }  # fmt: skip
    assert dime.operations - done == elsewhere
    assert len(done) == 128


def test_the_vendors_sdk_takes_a_refusal_for_success(dime: Sandbox) -> None:
    """A refused write looks good to the SDK: HTTP 200; the failure stands in its body only."""
    with sdk(dime) as client:
        result = client.tasks.create({**JOB, "jobNo": "NOPE", "taskNo": "1", "shortDescription": "Orphan"})
    assert result.ok
    assert result.data["statusCode"] == 500
    assert orjson.loads(result.data["content"]).keys() == {"Error", "Description"}


def test_the_vendors_sdk_reads_problem_details(dime: Sandbox) -> None:
    """An error that has a real status is one that the SDK can read."""
    with sdk(dime) as client:
        missing = client.categories.create({"name": "No colour"}).to_error()
        unknown = client.jobs.get("NOPE").to_error()
    assert (type(missing).__name__, type(unknown).__name__) == ("ValidationError", "NotFoundError")


def _table(sandbox: Sandbox, name: str) -> TableView:
    table: TableView = getattr(sandbox.state, name)
    return table


def _good(result: Any) -> None:
    """Demand success, outside and inside."""
    assert result.ok, result.error
    assert result.data["statusCode"] == 200, result.data["content"]


def _listed(result: Any) -> list[dict[str, Any]]:
    assert result.ok, result.error
    rows: list[dict[str, Any]] = result.data
    assert type(rows) is list
    return rows


def _shows(row: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return all(row[name] == value for name, value in values.items())


UNCONFIRMED = {"project_members", "tags", "task_dependencies"}
UNLISTED = {
    *("action_uris", "assignments", "captions", "jobs"),
    *(f"appointment_{part}" for part in ("categories", "containers", "contents", "field_values", "importances")),
    *(f"appointment_{part}" for part in ("locked", "planning_quantities", "time_markers", "uris")),
    *(f"resource_{part}" for part in ("calendars", "certificates", "filter_values", "gps_trackings", "uris")),
    *(f"task_{part}" for part in ("containers", "filter_values", "locked", "uris")),
}


def test_what_the_generic_class_has_beyond_the_document() -> None:
    """The methods of the SDK that no source confirms are refused, and the documentation names each of them."""
    refused: dict[int, set[str]] = {}
    with Sandbox("dime_scheduler") as sandbox, sdk(sandbox) as client:
        for name in (each for each in dir(client) if hasattr(getattr(client, each), "get_all")):
            status = getattr(client, name).get_all().response.status_code
            refused.setdefault(status, set()).add(name)
    assert (refused[404], refused[405]) == (UNCONFIRMED, UNLISTED)
    assert refused.keys() == {200, 400, 404, 405}  # 400: a list that wants parameters
