"""The records of Dime.Scheduler: natural keys, owners, deletions, lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accordant_sandbox import Sandbox
from tests.sandbox.dime_scheduler_caller import JOB, TASK, Api


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


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_post_and_put_create_or_update(api: Api, dime: Sandbox, method: str) -> None:
    """POST and PUT both make a record, or change the one with the same natural key, in any letter case."""
    job = {**JOB, "jobNo": "J7", "shortDescription": "Seven"}
    api.ok(method, "/job", job)
    api.ok(method, "/job", {**job, "jobNo": "j7", "shortDescription": "Still seven"})
    assert dime.state.jobs.one(shortDescription="Still seven")["sourceApp"] == "BC1"
    assert len(dime.state.jobs) == 5


def test_omitted_and_null_keep_what_is_stored(api: Api) -> None:
    """A field that is left out or null keeps its value: a pin without a colour keeps its colour."""
    api.ok("POST", "/pin", {"name": "Depot"})
    api.ok("POST", "/pin", {"name": "Depot", "color": None})
    assert {pin["name"]: pin["color"] for pin in api("GET", "/pin").body}["Depot"] == "#aa5500"


def test_one_or_many(api: Api, dime: Sandbox) -> None:
    """A body is one record or an array of them, for writing and for deleting."""
    api.ok("POST", "/pin", [{"name": "A"}, {"name": "B"}])
    assert len(dime.state.pins) == 5
    api.ok("DELETE", "/pin", [{"name": "A"}, {"name": "B"}])
    assert len(dime.state.pins) == 3
    api.ok("POST", "/pin", [])
    api.ok("DELETE", "/pin", [])


def test_an_array_is_one_after_another(api: Api, dime: Sandbox) -> None:
    """Records of an array are written in order; the first failure ends it and says which it was; earlier ones stay."""
    tasks = [{**TASK, "taskNo": number, "shortDescription": "x"} for number in ("A", "B", "C")]
    tasks[1]["jobNo"] = "NOPE"
    assert "record 2 of 3" in api.refused("POST", "/task", tasks)
    assert [row["taskNo"] for row in dime.state.tasks.all(shortDescription="x")] == ["A"]


def test_empty_keys_are_named(api: Api) -> None:
    """An empty key is refused by name."""
    assert "name" in api.refused("POST", "/pin", {"name": ""})
    assert "jobNo" in api.refused("POST", "/job", {**JOB, "jobNo": "", "shortDescription": "x"})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/task", {**TASK, "jobNo": "NOPE", "shortDescription": "x"}),
        ("/taskUri", {**TASK, "taskNo": "NOPE", "uri": "https://example.com", "description": "x"}),
        ("/taskLocked", {**TASK, "taskNo": "NOPE"}),
        ("/taskContainer", {**TASK, "name": "NOPE"}),
        ("/taskAssignment", {**TASK, "resourceNo": "NOPE"}),
        ("/resourceCapacity", {"resourceNo": "NOPE", "date": "2026-04-01T00:00:00"}),
        ("/resourceFilterValue", {"resourceNo": "NOPE", "filterGroup": "Skill", "filterValue": "Gas"}),
        ("/resourceCalendar", {"code": "X", "resourceNo": "R001", "calendarCode": "NOPE", "startDate": "2026-01-01",
                               "endDate": "2026-12-31"}),
    ],
)  # fmt: skip
def test_owners_are_needed(api: Api, path: str, body: Any) -> None:
    """A record needs the job, task, resource, calendar or container that it belongs to."""
    api.refused("POST", path, body)


def test_create_job(api: Api, dime: Sandbox) -> None:
    """A task with `createJob` makes the job that it lacks."""
    task = {**TASK, "jobNo": "J8", "shortDescription": "First", "createJob": True}
    api.ok("POST", "/task", task)
    assert dime.state.jobs.one(jobNo="J8")["shortDescription"] == "First"


def test_constraint_date_of_the_connector(api: Api, dime: Sandbox) -> None:
    """The connector's `constraintDatetime` is read as `constraintDate`."""
    api.ok("POST", "/task", {**TASK, "shortDescription": "x", "constraintDatetime": "2026-04-01T00:00:00"})
    assert dime.state.tasks[("bc1", "service", "svc001", "20")]["constraintDate"] == "2026-04-01T00:00:00"


def test_names_are_not_checked(api: Api) -> None:
    """Names of categories, time markers and pins on a job are kept as they are."""
    api.ok("POST", "/job", {**JOB, "shortDescription": "x", "category": "No such category", "pin": "No such pin"})
    assert api("GET", "/job/SVC001").body["category"] == "No such category"


@pytest.mark.parametrize(("sent", "shown"), [("50.5", 50.5), (4, 4), ("-0.25", -0.25)])
def test_coordinates_as_text(api: Api, sent: Any, shown: Any) -> None:
    """A job's coordinates are read as numbers or numeric text, and shown as numbers."""
    api.ok("POST", "/job", {**JOB, "shortDescription": "x", "siteAddressGeoLat": sent})
    assert api("GET", "/job/SVC001").body["siteAddressGeoLat"] == shown
    assert "siteAddressGeoLat" in api.refused(
        "POST", "/job", {**JOB, "shortDescription": "x", "siteAddressGeoLat": "N50"}
    )


@pytest.mark.parametrize("path", ["/job", "/task"])
def test_check_appointments(api: Api, dime: Sandbox, path: str) -> None:
    """What has appointments is deleted only with `checkAppointments` false, and then with them."""
    said = api.refused("DELETE", path, TASK)
    assert "SVC001" in said or "Task 20" in said
    assert "checkAppointments" in said
    api.ok("DELETE", path, {**TASK, "checkAppointments": False})
    assert dime.state.appointments.all(jobNo="SVC001") == []
    assert dime.state.tasks.all(jobNo="SVC001", taskNo="20") == []


def test_a_job_takes_its_tasks_along(api: Api, dime: Sandbox) -> None:
    """A deleted job takes its tasks and everything on them along."""
    api.ok("DELETE", "/job", {**JOB, "checkAppointments": False})
    for name in (
        "tasks",
        "task_uris",
        "task_containers",
        "task_filter_values",
        "task_assignments",
        "task_budget_entries",
    ):
        assert getattr(dime.state, name).all(jobNo="SVC001") == []


def test_a_container_takes_its_members_along(api: Api, dime: Sandbox) -> None:
    """A deleted container takes its memberships along, not its members."""
    api.ok("DELETE", "/container", {"name": "Backlog"})
    assert dime.state.task_containers.all() == []
    assert ("bc1", "service", "svc001", "20") in dime.state.tasks


def test_a_resource_takes_what_it_owns_along(api: Api, dime: Sandbox) -> None:
    """A deleted resource leaves no capacity, calendar, filter value or assignment; appointments stay."""
    api.ok("DELETE", "/resource", {"resourceNo": "R001"})
    for name in ("resource_capacities", "resource_calendars", "resource_filter_values", "assignments"):
        assert getattr(dime.state, name).all(resourceNo="R001") == []
    assert len(dime.state.appointments) == 12


def test_deleting_what_is_not_there(api: Api) -> None:
    """Deleting a record that does not exist is refused."""
    assert "NOPE" in api.refused("DELETE", "/category", {"name": "NOPE"})
    api.refused("DELETE", "/taskBudgetEntry", {**TASK, "quantity": 99})


def test_filter_value_makes_its_group(api: Api) -> None:
    """A filter value makes its group when there is none."""
    api.ok("POST", "/filterValue", {"group": "Language", "value": "Dutch"})
    assert "Language" in {group["name"] for group in api("GET", "/filterGroup").body}


def test_a_resource_is_assigned_to_a_task_once(api: Api, dime: Sandbox) -> None:
    """A second assignment of one resource to one task changes nothing."""
    api.ok("POST", "/taskAssignment", {**TASK, "resourceNo": "R001"})
    assert len(dime.state.task_assignments) == 1


def test_budget_is_a_ledger(api: Api, dime: Sandbox) -> None:
    """Budget entries are added; deleting removes those that hold all given values."""
    entry = {**TASK, "quantity": 1.5, "description": "Spent"}
    api.ok("POST", "/taskBudgetEntry", [entry, entry, {**entry, "quantity": 2.5}])
    api.ok("DELETE", "/taskBudgetEntry", entry)
    assert [row["quantity"] for row in dime.state.task_budget_entries.all(description="Spent")] == [2.5]


def test_job_by_number_alone(api: Api) -> None:
    """A job is read by its number alone; of several with one number the first is shown."""
    api.ok("POST", "/job", {**JOB, "sourceApp": "NAV", "shortDescription": "Other"})
    assert api("GET", "/job/svc001").body["sourceApp"] == "BC1"


def test_answers_have_every_field(api: Api) -> None:
    """A job is answered with every documented field: null, false or 0 where nothing was said."""
    shown = api("GET", "/job/PRJ001").body
    documented = api.sandbox.vendor.document.schemas.at("/components/schemas/Job")["properties"]
    assert shown.keys() == documented.keys()
    assert (shown["freeText1"], shown["freeDecimal1"], shown["freeBit1"]) == (None, 0, False)


def test_open_tasks(api: Api) -> None:
    """`isOpen`, true or false in any letter case, chooses open tasks or complete ones; without it all are listed."""
    counts = [len(api("GET", f"/task{query}").body) for query in ("", "?isOpen=True", "?isOpen=FALSE")]
    assert counts[1:] == [len(api("GET", f"/task?isOpen={each}").body) for each in ("true", "false")]
    assert api("GET", "/task?isOpen=yes").status == 400
    assert counts == [10, 7, 3]


def test_task_pages(api: Api) -> None:
    """Tasks come in pages of `pageSize`, from page 1, in one order; past the end there are none."""
    whole = [task["taskNo"] for task in api("GET", "/task").body]
    pages = [api("GET", f"/task?page={number}&pageSize=4").body for number in (1, 2, 3, 4)]
    assert [task["taskNo"] for page in pages for task in page] == whole
    assert [len(page) for page in pages] == [4, 4, 2, 0]


def test_notification_pages(api: Api) -> None:
    """Notifications come in pages of `limit`."""
    pages = [api("GET", f"/notification?page={number}&limit=3").body for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [3, 3, 2]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("sort=date:desc", "N008"),
        ("sort=[{'direction':'DESC','property':'ConnectorId'}]", "N008"),
        ('sort=[{"direction":"ASC","property":"text"}]', "N001"),
        ("sort=type:desc,date:asc", "N002"),
        ("group=type:asc&sort=date:desc", "N006"),
        ("filter=[{'operator':'like','value':'tion 5','property':'Text'}]", "N005"),
        ("filter=[{'operator':'==','value':'2','property':'type'}]&sort=connectorId:desc", "N008"),
    ],
)
def test_notification_texts(api: Api, query: str, first: str) -> None:
    """`sort`, `group` and `filter` are read in both documented forms."""
    assert api("GET", f"/notification?page=1&limit=20&{query}").body[0]["connectorId"] == first


def test_notifications_without_id_are_new(api: Api, dime: Sandbox) -> None:
    """A notification with a connectorId is found by it; one without is always a new one."""
    api.ok("POST", "/notification", {"connectorId": "N001", "text": "Changed"})
    assert (len(dime.state.notifications), dime.state.notifications[1]["text"]) == (8, "Changed")
    api.ok("POST", "/notification", {"text": "One"})
    api.ok("POST", "/notification", {"text": "One"})
    assert len(dime.state.notifications.all(text="One")) == 2
    assert dime.state.notifications[9]["createdAt"] == "2026-03-01T09:00:00"


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ({"connectorId": "N001", "jobNo": "SVC001"}, 7),
        ({"jobNo": "SVC001", "taskNo": "20"}, 6),
        ({"jobNo": "SVC002"}, 5),
    ],
)
def test_notification_deletion(api: Api, dime: Sandbox, body: Any, left: int) -> None:
    """Deleting names one by connectorId; else job and task delete all of the task, a job all of the job."""
    api.ok("DELETE", "/notification", body)
    assert len(dime.state.notifications) == left


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ({"sourceApp": "nav", "sourceType": "Service", "jobNo": "svc001", "taskNo": "20"}, {"BC1"}),
        ({"sourceApp": "NAV", "jobNo": "SVC001"}, {"BC1"}),
        ({"sourceApp": "BC1", "jobNo": "SVC001", "taskNo": "20"}, {"NAV"}),
        ({"jobNo": "SVC001"}, set[str]()),
    ],
)
def test_notification_deletion_stays_in_its_back_office(api: Api, dime: Sandbox, body: Any, left: set[str]) -> None:
    """Two back offices may use one job number; naming the source, in any letter case, spares the other's."""
    api.ok("POST", "/notification", {**TASK, "sourceApp": "NAV", "text": "Other"})
    api.ok("DELETE", "/notification", body)
    assert {row["sourceApp"] for row in dime.state.notifications.all(jobNo="SVC001")} == left


@pytest.mark.parametrize("given", ["appointmentNo", "appointmentId", "appointmentGuid"])
@pytest.mark.parametrize("deleted", ["appointmentNo", "appointmentId", "appointmentGuid"])
def test_notifications_belong_to_their_appointment(api: Api, dime: Sandbox, given: str, deleted: str) -> None:
    """A notification names its appointment by number, id or GUID: it is shown there and deleted by any of the three."""
    number = api.appointment()
    row = dime.state.appointments[number]
    names = {
        "appointmentNo": row["appointmentNo"],
        "appointmentId": row["id"],
        "appointmentGuid": row["appointmentGuid"].upper(),
    }
    api.ok("POST", "/notification", {given: names[given], "text": "Late"})
    assert [each["text"] for each in api("GET", f"/appointment/{number}").body["notifications"]] == ["Late"]
    made = dime.state.notifications.one(text="Late")
    assert {name: str(made[name]).casefold() for name in names} == {
        name: str(value).casefold() for name, value in names.items()
    }
    api.ok("DELETE", "/notification", {deleted: names[deleted]})
    assert dime.state.notifications.all(text="Late") == []


def test_a_notification_may_move_to_another_appointment(api: Api, dime: Sandbox) -> None:
    """Naming another appointment moves a known notification there, whole; naming none leaves it where it is."""
    numbers = [api.appointment(start=f"2026-04-01T0{hour}:00") for hour in (7, 8)]
    first, second = (dime.state.appointments[number] for number in numbers)
    api.ok("POST", "/notification", {"connectorId": "X", "appointmentId": first["id"]})
    api.ok("POST", "/notification", {"connectorId": "X", "appointmentGuid": second["appointmentGuid"]})
    api.ok("POST", "/notification", {"connectorId": "X", "appointmentId": 0, "appointmentNo": ""})
    made = dime.state.notifications.one(connectorId="X")
    assert (made["appointmentNo"], made["appointmentId"]) == (second["appointmentNo"], second["id"])


def test_notification_deletion_needs_a_name(api: Api) -> None:
    """Deleting notifications without saying which is refused."""
    api.refused("DELETE", "/notification", {"sourceApp": "BC1"})
    api.refused("DELETE", "/notification", {"connectorId": "NOPE"})


def test_days_are_inclusive(api: Api) -> None:
    """Time entries and sessions of a period include its first and its last day."""
    period = "start=2026-03-03&end=2026-03-04"
    assert {row["date"] for row in api("GET", f"/timeEntry?{period}").body} == {"2026-03-03", "2026-03-04"}
    assert {row["start"][:10] for row in api("GET", f"/timeSession?{period}").body} == {"2026-03-03", "2026-03-04"}


@pytest.mark.parametrize(
    "sent",
    ["2026-04-01T00:00", "2026-04-01T00:00:00", "2026-04-01", "2026-04-01 00:00:00Z", "2026-04-01T02:00:00+02:00",
     "2026-04-01T00:00:00.000Z"],
)  # fmt: skip
def test_times_in_every_official_form(api: Api, dime: Sandbox, sent: str) -> None:
    """Times are read without seconds, as a bare date, with a blank, with Z or an offset; shown as wall-clock time."""
    api.ok("POST", "/container", {"name": "New", "handleDate": sent})
    assert dime.state.containers.one(name="New")["handleDate"] == "2026-04-01T00:00:00"
    assert len(api("GET", f"/resourceCapacity?start={sent.replace('+', '%2B')}&end=2026-12-31").body) == 0


@pytest.mark.parametrize("sent", ["yesterday", "2026-13-01T00:00", "0001-01-01T00:00:00+05:00", "20260401"])
def test_times_that_are_none(api: Api, sent: str) -> None:
    """What is no time is refused with 400."""
    assert api("POST", "/container", {"name": "New", "handleDate": sent}).status == 400


def test_messages_are_sent_and_not_kept(api: Api, dime: Sandbox) -> None:
    """A message goes to the screen of its user or of everyone, severity as name or number; no record is kept."""
    before = dime.state.counts()
    api.ok("POST", "/message", {"text": "Hello", "user": "a@example.com", "severity": 3})
    api.ok("POST", "/message", {"text": "Hello", "severity": "Fatal"})
    assert [event.topic for event in dime.outbox.events] == ["Message", "Message"]
    assert [(each.channel, each.to) for each in dime.outbox.notices] == [("app", "a@example.com"), ("app", "*")]
    assert dime.outbox.deliveries == []
    assert dime.state.counts() == before


def test_geocoding_is_repeatable(api: Api) -> None:
    """An address has coordinates, the same ones every time, whether asked for as text or in parts."""
    text = api("GET", "/geocode?address=Leuven&country=BE").body
    assert api("POST", "/geocode", {"city": "Leuven", "country": "be"}).body == text
    assert api("GET", "/geocode?address=Ghent&country=BE").body != text
