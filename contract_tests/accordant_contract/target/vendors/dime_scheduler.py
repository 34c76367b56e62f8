"""Dime.Scheduler: how to log in, and what its document cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accordant_runtime import is_array, is_object, loads

from ...document.policy import Allowance, Policy, PolicyStep, Refusal, SideEffect, Situation
from ...document.values import ABSENT, Arguments, Exchange
from ..vendor import Call, Credential, Secrets, TargetVendor, bearer

_LIFE = 3600.0
"""Seconds that a token lives; no source says it, the sandbox holds it so."""


def login(call: Call, secrets: Secrets) -> Credential | Exchange:
    """An API key as it is, else a token for user name and password."""
    if "api_key" in secrets:
        return Credential((("X-API-KEY", secrets["api_key"]),))
    found = bearer(call("issueToken", Arguments(body=dict(secrets))), "token")
    return Credential(found.headers, _LIFE) if isinstance(found, Credential) else found


def refusal(document: Any) -> str | None:
    """What a ContentResult says that is not a success."""
    if not is_object(document) or document.get("statusCode", 200) == 200:
        return None
    content = document.get("content")
    inner: Any = loads(content.encode()) if isinstance(content, str) and content else {}
    said = (inner.get("Description") or inner.get("Error")) if is_object(inner) else ""
    return said or f"statusCode {document['statusCode']}"


def made(document: Any) -> Mapping[str, Any]:
    """The id and GUID of the first appointment that a ContentResult speaks of."""
    content = document.get("content") if is_object(document) else None
    inner: Any = loads(content.encode()) if isinstance(content, str) and content else {}
    appointments = inner.get("Appointments") if is_object(inner) else None
    if not is_array(appointments) or not appointments:
        return {}
    return {"id": appointments[0]["Id"], "appointmentGuid": appointments[0]["Guid"]}


def _time(number: int, day: str) -> str:
    return f"{day}T{number // 60 % 24:02d}:{number % 60:02d}:00"


def _asks_oddly(exchange: Exchange) -> bool:
    return any(name in exchange.arguments.query for name in ("sort", "group", "filter"))


def _names_none(exchange: Exchange) -> bool:
    """Whether a write, or one of several in it, says of no appointment which one it is."""
    body = exchange.arguments.body
    for record in body if is_array(body) else [body]:
        given = {name.casefold(): value for name, value in record.items()} if is_object(record) else {}
        values = [given.get(name) for name in ("appointmentno", "appointmentid", "appointmentguid")]
        if all(value in (None, "", 0, "0") for value in values):
            return True
    return False


_PERIODS = (("listAppointments", "startDate", "endDate"), ("listResourceCapacities", "start", "end"))
"""Lists of a period of time, with the parameters that bound it."""

POLICY = Policy(
    hints={
        "start": lambda n: _time(n, "2026-05-04"),
        "end": lambda n: _time(n, "2026-05-05"),
        "deleteAppointment.resourceNo": lambda _: ABSENT,
        **{f"{name}.{first}": lambda _: "2026-01-01T00:00:00" for name, first, _ in _PERIODS},
        **{f"{name}.{last}": lambda _: "2027-12-31T00:00:00" for name, _, last in _PERIODS},
        **{f"{name}.start": lambda _: "2026-01-01" for name in ("listTimeEntries", "listTimeSessions")},
        **{f"{name}.end": lambda _: "2027-12-31" for name in ("listTimeEntries", "listTimeSessions")},
        "createRecurringAppointment.startDate": lambda n: _time(n, "2026-05-04"),
        "createRecurringAppointment.endDate": lambda n: _time(n, "2026-05-05"),
        "createRecurringAppointment.recurrenceRule": lambda _: "FREQ=WEEKLY;COUNT=3",
        "runImport.StoredProcedureName": lambda _: "mboc_upsertPin",
        "runImport.ParameterNames": lambda _: ["Name"],
        "runImport.ParameterValues": lambda n: [f"pin {n}"],
        "duration": lambda n: f"PT{1 + n % 3}H",
        "granularity": lambda _: "PT30M",
    },
    allowances=(
        Allowance(
            *("read_after_write", "update*", "a property that is null in a change keeps its value", "assumed"),
            when=lambda finding: finding.expected == "None",
        ),
    ),
    refusals=(
        Refusal(
            "listNotifications", 400, "sort, group and filter have two forms, which no schema says", "sdk", _asks_oddly
        ),
        *(
            Refusal(each, 400, "a write on an appointment names it by number, id or GUID", "assumed", _names_none)
            for each in ("*Appointment*", "*Assignment")
        ),
    ),
    effects=(
        SideEffect(
            (PolicyStep("upsertJob"), PolicyStep("upsertTask")),
            PolicyStep("deleteJob", {"checkAppointments": False}),
            *("task", "", ABSENT, "a job is deleted with its tasks", "docs"),
        ),
        SideEffect(
            (PolicyStep("upsertJob"), PolicyStep("upsertTask"), PolicyStep("upsertAppointment")),
            PolicyStep("deleteTask", {"checkAppointments": False}),
            *("appointment", "", ABSENT, "a task is deleted with its appointments when that is said", "docs"),
        ),
        SideEffect(
            (PolicyStep("upsertFilterGroup"), PolicyStep("upsertFilterValue")),
            PolicyStep("deleteFilterGroup"),
            *("filter_value", "", ABSENT, "a filter group is deleted with its values", "assumed"),
        ),
    ),
    situations=(
        Situation("upsertAppointment", "a new appointment needs its times", "assumed", required=("start", "end")),
        Situation(
            "deleteRecurringAppointment",
            "only an appointment of a series names one",
            "assumed",
            (PolicyStep("createRecurringAppointment"),),
        ),
    ),
)

VENDOR = TargetVendor(
    name="dime_scheduler",
    secrets=("username", "password"),
    instead=("api_key",),
    principal="password",
    login=login,
    logins=("issueToken",),
    malformed={
        "a key that nobody issued": (("X-API-KEY", "DS-ACCORDANT-NOBODY-ISSUED-THIS"),),
        "a token that nobody issued": (("Authorization", "Bearer accordant-nobody-issued-this"),),
        "another scheme": (("Authorization", "Basic dHJlYXR5OnRyZWF0eQ=="),),
    },
    client="accordant.dime_scheduler:DimeScheduler",
    weaker={"planner": ("*User", "*Connector", "importSetup")},
    refusal=refusal,
    made=made,
    policy=POLICY,
    sandbox={"settings": {"max_webhooks": 1_000_000}},
)
