"""POST /import at Dime.Scheduler: stored procedures by name, parameters as text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import accordant_documents
from accordant_sandbox import Sandbox
from accordant_sandbox.vendors.dime_scheduler.procedures import PROCEDURES
from tests.sandbox.dime_scheduler_caller import JOB, TASK, Api

SCHEMAS: Mapping[str, Any] = accordant_documents.load("dime_scheduler")["components"]["schemas"]
DOCUMENTED = {each["x-accordant-label"]: each for each in SCHEMAS.values() if "x-accordant-label" in each}
"""The document's schema of each procedure's parameters, by the procedure's name."""
KEY = {name[:1].upper() + name[1:]: value for name, value in TASK.items()}


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


def _item(procedure: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"StoredProcedureName": procedure, "ParameterNames": [*values], "ParameterValues": [*values.values()]}


def test_every_documented_procedure_is_known() -> None:
    """All 63 documented procedures and both aliases are known by name, each with what it does."""
    names = {name.casefold() for name, each in DOCUMENTED.items() for name in (name, *each.get("x-aliases", ()))}
    assert PROCEDURES.keys() == names
    assert len(DOCUMENTED) == 63
    for name in DOCUMENTED:
        procedure = PROCEDURES[name.casefold()]
        assert procedure.name == name
        assert (procedure.verb == "delete") == name.startswith("mboc_delete")
        assert (procedure.verb == "clear") == name.startswith("mboc_Clear")


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_documented_parameter_fills_its_property(name: str, dime: Sandbox) -> None:
    """Every documented parameter fills the property of the JSON route that has its meaning."""
    procedure = PROCEDURES[name.casefold()]
    known = procedure.parameters(dime.vendor.document.schemas)
    assert known.keys() == DOCUMENTED[name]["properties"].keys()
    for parameter, schema in DOCUMENTED[name]["properties"].items():
        meant = schema.get("x-accordant-name", parameter).replace("_", "").casefold()
        assert known[parameter].casefold() == meant, parameter


@pytest.mark.parametrize("name", DOCUMENTED)
def test_procedures_require_what_the_sandbox_demands(name: str, dime: Sandbox) -> None:
    """What an import cannot do without is a required parameter of its procedure, so no builder leaves it out."""
    procedure, schemas = PROCEDURES[name.casefold()], dime.vendor.document.schemas
    if procedure.verb == "clear" or procedure.kind.entity == "exchange_appointment":
        return
    parameters = {stored: parameter for parameter, stored in procedure.parameters(schemas).items()}
    route = schemas.at(
        f"/components/schemas/{procedure.kind.schema}{'Delete' if procedure.verb == 'delete' else 'Write'}"
    )
    demanded = {parameters[each] for each in route.get("required", ())}
    assert demanded <= set(DOCUMENTED[name].get("required", ()))


SCRIPT = """
mboc_upsertJob(TASK, JobNo=J1, ShortDescription=A, FreeDecimal1=1.5) -> jobs(jobNo=J1, freeDecimal1=1.5)
mboc_upsertTask(TASK, TaskNo=T1, ShortDescription=A, IsComplete=True, url1=https://a)
 -> tasks(isComplete=True, url1=https://a)
mboc_upsertTaskContainer(TASK, ContainerName=Week plan, Index=2) -> task_containers(name=Week plan, index=2)
mboc_upsertTaskFilterValue(TASK, FilterGroup=Skill, FilterValue=Gas 2) -> task_filter_values(filterValue=Gas 2)
mboc_updateTaskLocked(TASK, Locked=1) -> tasks(locked=True)
mboc_upsertTaskUrl(TASK, url=https://t, urldesc=T) -> task_uris(uri=https://t, description=T)
mboc_upsertResource(ResourceNo=N1, TeamSort=3, urldesc2=Two) -> resources(teamSort=3, urlDescription2=Two)
mboc_upsertResourceCalendar(ResourceCalendarCode=C1, ResourceNo=R001, CalendarCode=FULL, StartDate=2026-01-01 00:00:00Z,
 EndDate=2026-12-31) -> resource_calendars(code=C1, startDate=2026-01-01T00:00:00)
mboc_upsertResourceCapacity(ResourceNo=R001, CapacityDate=2027-01-01, CapacityQty=4.5, CapacityUOM=HOUR)
 -> resource_capacities(quantity=4.5, unitOfMeasure=HOUR)
mboc_upsertResourceCertificate(ResourceNo=R001, CertificateNo=ISO) -> resource_certificates(no=ISO)
mboc_upsertResourceFilterValue(ResourceNo=R001, FilterGroup=Region, FilterValue=North)
 -> resource_filter_values(filterValue=North)
mboc_upsertResourceGpsTracking(ResourceNo=R005, Latitude=50.5, Longitude=4.5) -> resource_gps_trackings(latitude=50.5)
mboc_upsertResourceUrl(ResourceNo=R001, Url=https://r, UrlDesc=R) -> resource_uris(uri=https://r)
mboc_upsertCategory(CategoryName=N, DisplayName=New, CategoryHexColor=#000000) -> categories(name=N, color=#000000)
mboc_upsertTimeMarker(TimeMarker=N, HexColor=#000000) -> time_markers(name=N, color=#000000)
mboc_upsertPin(Name=N, HexColor=#000000) -> pins(name=N, color=#000000)
mboc_upsertContainer(Name=N, HandleLocked=false) -> containers(name=N, handleLocked=False)
mboc_upsertFilterGroup(GroupName=N, ColumnNo=7, Id=70) -> filter_groups(name=N, columnNo=7, id=70)
mboc_upsertFilterValue(FilterGroupName=Skill, FilterValue=N) -> filter_values(value=N)
mboc_upsertCaption(Context=13, SourceTable=Task, FieldName=F, Language=en, Caption=Gate 2) -> captions(text=Gate 2)
mboc_upsertActionUrl(UrlType=2, Url=https://a, DefaultUrl=true, RequestType=2) -> action_uris(uriType=2, default=True)
mboc_upsertNotification(mboc_id=X1, NotificationType=2, NotificationText=Late, JobNo=SVC001)
 -> notifications(connectorId=X1, type=2, text=Late)
mboc_addConnector(Name=NAV, SourceApp=NAV, WebServiceAddress=https://n, AuthType=1)
 -> connectors(uri=https://n, authenticationType=1)
mboc_upsertExchangeAppointment(ExchangeId=E1, Start=2026-04-01T08:00:00, Categories=A;B, ShowAs=2)
 -> exchange_appointments(start=2026-04-01T08:00:00, categories=A;B, showAs=2)
"""
"""Procedures with their parameters, and the collection with the values that it must then hold."""
LINE = re.compile(r"(\w+)\((.*)\) ?-> (\w+)\((.*)\)")


def _script() -> Iterator[tuple[str, dict[str, str], str, dict[str, str]]]:
    for line in SCRIPT.strip().replace("\n ", " ").splitlines():
        found = LINE.fullmatch(line)
        assert found is not None, line
        yield found[1], _values(found[2]), found[3], _values(found[4])


def _values(text: str) -> dict[str, str]:
    values: dict[str, str] = dict(KEY) if text.startswith("TASK") else {}
    pairs = (part.split("=", 1) for part in text.removeprefix("TASK, ").split(", "))
    return {**values, **{name.strip(): value for name, value in pairs}}


def _holding(dime: Sandbox, collection: str, shown: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows that hold some values, compared as text."""
    rows: list[dict[str, Any]] = getattr(dime.state, collection).all()
    return [row for row in rows if all(str(row[name]) == value for name, value in shown.items())]


@pytest.mark.parametrize(("procedure", "values", "collection", "shown"), list(_script()))
def test_procedures_write_and_delete(
    api: Api, dime: Sandbox, procedure: str, values: dict[str, str], collection: str, shown: dict[str, str]
) -> None:
    """A procedure writes its record, values in their types, and writes the same one again; its twin deletes it."""
    assert api.run(procedure, **values).inner == 200
    assert api.run(procedure, **values).inner == 200
    assert len(_holding(dime, collection, shown)) == 1
    twin = procedure.replace("upsert", "delete").replace("add", "delete")
    if twin.casefold() in PROCEDURES and twin != procedure:
        assert api.run(twin, **values).inner == 200
        assert _holding(dime, collection, shown) == []


def test_procedures_of_appointments(api: Api, dime: Sandbox) -> None:
    """The procedures of appointments make one, set everything on it, take it off again, and delete it."""
    start = {**KEY, "Start": "2026-04-01T08:00", "End": "2026-04-01T09:00", "PlanningQty": "1.5", "IsAllDayEvent": "0"}
    made = api.run("mboc_upsertAppointment", **start, AppointmentNo="A1", ResourceNo="R001", PlanningUOM="HOUR").said
    [touched] = made["Appointments"]
    identity: dict[str, str | None] = {"AppointmentId": str(touched["Id"]), "AppointmentGuid": None}
    guid = {"Appointment": touched["Guid"]}
    for procedure, values, field, value in (
        ("mboc_updateAppointmentCategory", {"Category": "REPAIR"}, "category", "REPAIR"),
        ("mboc_updateAppointmentContent", {"Subject": "S", "Body": "B"}, "body", "B"),
        ("mboc_updateAppointmentImportance", {"Importance": "2"}, "importance", 2),
        ("mboc_updateAppointmentLocked", {"Locked": "True"}, "locked", True),
        ("mboc_updateAppointmentPlanningQty", {"PlanningQty": "3.25"}, "planningQty", 3.25),
        ("mboc_updateAppointmentTimeMarker", {"TimeMarker": "Done"}, "timeMarker", "Done"),
    ):
        assert api.run(procedure, **identity, **values).inner == 200, procedure
        assert dime.state.appointments["A1"][field] == value
    resource: dict[str, str | None] = {"SourceApp": "BC1", "SourceType": "SERVICE", **identity, "ResourceNo": "R002"}
    link: dict[str, str | None] = {"pAppointmentId": str(touched["Id"]), "pUrl": "https://a", "pUrlDesc": "A"}
    for action, thing, given, collection in (
        ("add", "Resource", resource, "assignments"),
        ("upsert", "Resource", {**resource, "ResourceNo": "R003"}, "assignments"),
        ("upsert", "Container", {**guid, "Container": "Backlog"}, "appointment_containers"),
        ("upsert", "Url", link, "appointment_uris"),
    ):
        before = len(getattr(dime.state, collection).all(appointmentNo="A1"))
        assert api.run(f"mboc_{action}Appointment{thing}", **given).inner == 200, thing
        assert len(getattr(dime.state, collection).all(appointmentNo="A1")) == before + 1
        assert api.run(f"mboc_deleteAppointment{thing}", **given).inner == 200, thing
        assert len(getattr(dime.state, collection).all(appointmentNo="A1")) == before
    assert api.run("mboc_updateAppointmentFieldValues", **identity, FieldCode="PARTS", FieldValue="2").inner == 200
    assert dime.state.appointment_field_values.one(appointmentNo="A1")["fieldValue"] == "2"
    assert api.run("mboc_deleteAppointment", **identity).inner == 200
    assert "A1" not in dime.state.appointments


def test_clear_filter_values(api: Api, dime: Sandbox) -> None:
    """The Clear procedures remove every filter value of a task or a resource, and of no other."""
    assert api.run("mboc_ClearTaskFilterValue", **KEY).inner == 200
    assert dime.state.task_filter_values.all() == []
    assert api.run("mboc_ClearResourceFilterValue", ResourceNo="r001").inner == 200
    assert len(dime.state.resource_filter_values) == 5
    assert (
        "NOPE".casefold() in api.run("mboc_ClearResourceFilterValue", ResourceNo="NOPE").said["Description"].casefold()
    )


def test_items_run_in_order(api: Api) -> None:
    """Items run in order: a job, its task and its appointment in one import."""
    key = {**KEY, "JobNo": "J1"}
    items = [
        _item("mboc_upsertJob", {**key, "ShortDescription": "Job"}),
        _item("mboc_upsertTask", {**key, "ShortDescription": "Task"}),
        _item("mboc_upsertAppointment", {**key, "Start": "2026-04-01T08:00", "End": "2026-04-01T09:00"}),
    ]
    assert len(api.ok("POST", "/import", items)["Appointments"]) == 1
    assert "record 1 of 3" in api.refused(
        "POST", "/import", [_item(each["StoredProcedureName"], {}) for each in items[::-1]]
    )


def test_the_first_failure_ends_an_import(api: Api, dime: Sandbox) -> None:
    """An import ends with its first failing item, which is named; what ran before stays, what follows does not run."""
    items = [_item("mboc_upsertPin", {"Name": name}) for name in ("A", "", "C")]
    assert "record 2 of 3" in api.refused("POST", "/import", items)
    assert {row["name"] for row in dime.state.pins.all()} & {"A", "C"} == {"A"}


def test_one_item_without_an_array(api: Api, dime: Sandbox) -> None:
    """One item may stand without an array, and its names in camelCase."""
    item = {"storedProcedureName": "mboc_upsertpin", "parameterNames": ["name"], "parameterValues": ["A"]}
    api.ok("POST", "/import", item)
    assert len(dime.state.pins.all(name="A")) == 1


def test_unknown_parameters_and_nulls(api: Api, dime: Sandbox) -> None:
    """Parameters that a procedure does not know are ignored; a null leaves the stored value."""
    assert api.run("mboc_upsertPin", Name="Depot", HexColor=None, ColorR="1", Shape="round").inner == 200
    assert dime.state.pins.one(name="Depot")["color"] == "#aa5500"


@pytest.mark.parametrize(
    ("procedure", "values", "said"),
    [
        ("mboc_upsertNothing", {}, "no procedure mboc_upsertNothing"),
        ("sp_who", {}, "mboc_"),
        ("mboc_upsertPin", {"Name": ""}, "Name is empty"),
        ("mboc_upsertPin", {}, '"Name" is a required'),
        ("mboc_upsertPin", {"Name": "x" * 101}, "Name"),
        ("mboc_upsertJob", {**KEY, "ShortDescription": "x", "Importance": "High"}, "Importance"),
        ("mboc_upsertJob", {**KEY, "ShortDescription": "x", "Importance": "9"}, "Importance"),
        ("mboc_upsertJob", {**KEY, "ShortDescription": "x", "FreeDecimal1": "1,5"}, "FreeDecimal1"),
        ("mboc_upsertJob", {**KEY, "ShortDescription": "x", "FreeDate1": "tomorrow"}, "FreeDate1"),
        ("mboc_upsertJob", {**KEY, "ShortDescription": "x", "ReadOnly": "yes"}, "ReadOnly"),
        ("mboc_deleteJob", {**KEY, "CheckAppointments": "1"}, "checkAppointments"),
        ("mboc_deletePin", {"Name": "NOPE"}, "NOPE"),
        ("mboc_upsertExchangeAppointment", {"Subject": "x"}, "ExchangeId"),
        ("mboc_upsertCategory", {"CategoryName": "x", "DisplayName": "y"}, '"CategoryHexColor" is a required'),
        ("mboc_upsertCategory", {"CategoryName": "", "DisplayName": "y", "CategoryHexColor": "#000"}, "CategoryName"),
        ("mboc_upsertFilterValue", {"FilterGroupName": "x" * 51, "FilterValue": "y"}, "FilterGroupName"),
        ("mboc_upsertJob", {**KEY, "ShortDescription": "x", "SiteAddressGeoLat": "north"}, "SiteAddressGeoLat"),
        ("mboc_addAppointmentResource", {"SourceApp": "A", "SourceType": "B", "ResourceNo": ""}, "ResourceNo"),
    ],
)
def test_refused_items(api: Api, procedure: str, values: dict[str, Any], said: str) -> None:
    """An item that cannot run is refused inside HTTP 200, and the reason is named."""
    assert said in api.run(procedure, **values).said["Description"]


def test_errors_of_an_import_name_its_parameters() -> None:
    """Where refusals have a status, the errors of an import are listed under the parameter, not the JSON property."""
    with Sandbox("dime_scheduler", settings={"refusals": "status"}) as dime:
        got = Api(dime).run("mboc_upsertCategory", CategoryName="", DisplayName="y", CategoryHexColor="#000")
        assert (got.status, [*got.body["errors"]]) == (422, ["CategoryName"])


@pytest.mark.parametrize(
    ("procedure", "values", "unknown"),
    [
        ("mboc_upsertCategory", {"CategoryName": "N", "DisplayName": "D", "CategoryHexColor": "#000"}, {"Name": "M"}),
        ("mboc_upsertPin", {"Name": "N", "HexColor": "#000"}, {"Color": "#fff", "Id": "many"}),
        ("mboc_deletePin", {"Name": "Depot"}, {"HexColor": "no color at all"}),
        ("mboc_upsertConnector", {"Name": "N", "SourceApp": "A", "WebServiceAddress": "b"}, {"CrudTypes": "x"}),
    ],
)
def test_other_names_are_ignored(api: Api, procedure: str, values: Any, unknown: Any) -> None:
    """A parameter that a procedure does not have is ignored, also one that the JSON route would take."""
    if "Depot" in values.values():
        api.ok("POST", "/pin", {"name": "Depot"})
    assert api.run(procedure, **values, **unknown).inner == 200
    assert "import_unknown" in [rule.name for rule in api.sandbox.rules]
    for collection in ("categories", "pins"):
        for row in _holding(api.sandbox, collection, {"name": "N"}):
            assert row["color"] == "#000"


def test_no_import_makes_the_job_of_a_task(api: Api, dime: Sandbox) -> None:
    """`createJob` is of the JSON route: no procedure has it, so a task without its job is refused."""
    key = {**KEY, "JobNo": "J1", "ShortDescription": "x"}
    assert api.run("mboc_upsertTask", **key, CreateJob="1").inner == 500
    assert dime.state.jobs.all(jobNo="J1") == []


def test_names_and_values_are_paired(api: Api) -> None:
    """As many values as names are needed."""
    item = {"StoredProcedureName": "mboc_upsertPin", "ParameterNames": ["Name"], "ParameterValues": []}
    assert "paired" in api.refused("POST", "/import", [item])


def test_time_spans_as_ticks(api: Api, dime: Sandbox) -> None:
    """A time span is read as text or as ticks of 100 ns."""
    for sent in ("01:30:00", str(90 * 60 * 10**7)):
        assert api.run("mboc_upsertTask", **KEY, ShortDescription="x", Duration=sent).inner == 200
        assert dime.state.tasks[("bc1", "service", "svc001", "20")]["duration"] == "01:30:00"


def test_delete_with_flag(api: Api, dime: Sandbox) -> None:
    """`CheckAppointments` 0 deletes a job with its appointments."""
    assert (
        api.run("mboc_deleteJob", **{name: KEY[name] for name in KEY if name != "TaskNo"}, CheckAppointments="0").inner
        == 200
    )
    assert dime.state.jobs.all(jobNo=JOB["jobNo"]) == []


def test_procedures_of_the_tenant() -> None:
    """A tenant's own procedures are those that the setting `procedures` names; their calls are kept."""
    with Sandbox("dime_scheduler", settings={"procedures": "mboc_mine, mboc_other"}) as dime:
        api = Api(dime)
        assert api.run("mboc_mine", A="1", B=None).inner == 200
        assert dime.state.procedure_calls.one()["parameters"] == {"A": "1", "B": None}


def test_setup_is_kept(api: Api, dime: Sandbox) -> None:
    """A tenant set-up is taken in as it is."""
    api.ok("POST", "/import/setup", {"anything": [1, 2]})
    assert dime.state.setups.one()["content"] == {"anything": [1, 2]}
