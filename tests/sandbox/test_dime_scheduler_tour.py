"""One walk through the whole Dime.Scheduler sandbox: every rule takes part, and says how sure it is."""

from __future__ import annotations

from typing import Any

from accordant_sandbox import Sandbox
from tests.sandbox.dime_scheduler_caller import JOB, TASK, Api

TIME = {"start": "2026-04-01T08:00", "end": "2026-04-01T09:00"}
HOOK = {
    "sourceApp": "BC1",
    "notificationURL": "http://127.0.0.1:9/",
    "resource": "Appointments",
    "changeType": ["Create"],
}
SERIES = {"startDate": "2026-04-01T08:00", "endDate": "2026-04-01T09:00", "resource": "R001", "subject": "S"}
ASK = {"startDate": "2026-04-06T08:00:00Z", "endDate": "2026-04-06T09:00:00Z", "duration": "PT1H"}
WALK: list[tuple[str, str, Any]] = [
    ("GET", "/TASK?isOpen=true", None),
    ("GET", "/categories", None),
    ("GET", "/job/SVC001", None),
    ("GET", "/job/NOPE", None),
    ("GET", "/appointmentField", None),
    ("GET", "/notification?page=1&limit=1&sort=date:desc", None),
    ("GET", "/appointment?startDate=2026-03-01T00:00&endDate=2026-03-31T00:00", None),
    ("GET", "/geocode?address=Ghent&country=BE", None),
    ("POST", "/job", {}),
    ("PUT", "/job", [{**JOB, "shortDescription": "x", "siteAddressGeoLat": "50.5"}]),
    ("POST", "/pin", {"name": ""}),
    (
        "POST",
        "/task",
        {**TASK, "jobNo": "J1", "shortDescription": "x", "createJob": True, "constraintDatetime": "2026-04-01"},
    ),
    ("POST", "/task", {**TASK, "jobNo": "NOPE", "shortDescription": "x"}),
    ("POST", "/filterValue", {"group": "New", "value": "x"}),
    ("POST", "/taskAssignment", {**TASK, "resourceNo": "R001"}),
    ("POST", "/taskBudgetEntry", {**TASK, "quantity": 1}),
    ("DELETE", "/taskBudgetEntry", {**TASK, "quantity": 1}),
    ("DELETE", "/category", {"name": "NOPE"}),
    ("DELETE", "/container", {"name": "Backlog"}),
    ("DELETE", "/task", TASK),
    ("POST", "/appointment", {**TASK, **TIME, "resourceNo": "R001", "categoryId": 1}),
    ("POST", "/appointment", {**TASK, **TIME, "resourceNo": "R002", "replaceResource": True}),
    ("POST", "/appointment", TASK),
    ("POST", "/appointment", {**TASK, **TIME, "appointmentNo": "A1", "resourceNo": "R002"}),
    ("GET", "/appointment/A1", None),
    ("DELETE", "/appointmentLocked", {"appointmentNo": "A1"}),
    ("DELETE", "/appointmentLocked", {}),
    ("DELETE", "/appointment", {"appointmentNo": "A1", "resourceNo": "R002"}),
    (
        "POST",
        "/appointmentRecurring",
        {**SERIES, "recurrenceRule": "FREQ=DAILY;COUNT=2", "jobNo": "SVC001", "taskNo": "20"},
    ),
    ("POST", "/notification", {"connectorId": "N001", "text": "x"}),
    ("DELETE", "/notification", {"connectorId": "N001"}),
    ("POST", "/message", {"text": "x"}),
    ("POST", "/user", {"name": "A", "type": 1, "email": "a@example.com"}),
    ("POST", "/recommendation", ASK),
    ("POST", "/optimization/dailyRoute", {}),
    ("POST", "/import/setup", {}),
    ("POST", "/webhooks/AppointmentCreated", HOOK),
    ("POST", "/webhooks/AppointmentCreated", HOOK),
]
IMPORTS: list[tuple[str, dict[str, Any]]] = [
    ("sp_who", {}),
    ("mboc_own", {}),
    ("mboc_upsertPin", {"Name": "x", "Shape": "round"}),
    ("mboc_ClearResourceFilterValue", {"ResourceNo": "R001"}),
    ("mboc_addConnector", {"Name": "x", "SourceApp": "x", "WebServiceAddress": "https://example.com"}),
    (
        "mboc_upsertTask",
        {**{name.upper(): value for name, value in TASK.items()}, "ShortDescription": "x", "Duration": "1"},
    ),
]


def test_every_rule_takes_part() -> None:
    """Every rule of the sandbox is one that some request meets, and the assumed ones can be listed after it."""
    unused: set[str] = set()
    for refusals in ("envelope", "status"):
        settings = {"refusals": refusals, "max_webhooks": 1, "procedures": "mboc_own"}
        with Sandbox("dime_scheduler", settings=settings) as dime:
            _walk(dime)
            dime.raise_defects()
            names = {rule.name for rule in dime.vendor.rules} - {rule.name for rule in dime.rules}
            unused = names & unused if unused else names
            assert {rule.evidence for rule in dime.assumptions} == {"assumed"}
    assert unused == set()


def _walk(dime: Sandbox) -> None:
    api = Api(dime)
    token = api("POST", "/token", dime.vendor.credentials["password"]).body["token"]
    api("GET", "/pin", headers={"Authorization": f"Bearer {token}", "Origin": "https://board.example.com"})
    Api(dime, "planner")("POST", "/user", {})
    for method, target, body in WALK:
        api(method, target, body)
    numbers = [row["appointmentNo"] for row in dime.state.appointments.all(subject="S")]
    api("PUT", "/appointment", {**TASK, "appointmentNo": numbers[0], "subject": "T"})
    api("DELETE", "/appointmentRecurring", {"appointmentNo": numbers[0]})
    for procedure, parameters in IMPORTS:
        api.run(procedure, **parameters)
    item = {"StoredProcedureName": "mboc_upsertPin", "ParameterNames": ["Name"], "ParameterValues": []}
    api("POST", "/import", [item, item])
