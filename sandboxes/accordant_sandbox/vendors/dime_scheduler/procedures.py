"""The stored procedures that an import may call: which record each writes, and what its parameters are called.

A procedure's name tells what it does (`mboc_upsertJob`). The document says which parameters it has. One is called
like the property of the JSON route, in any letter case; where the two differ, the table of names below says so. Values
travel as text and are read by the type of that property.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from accordant_sandbox.http.schemas import Schemas, Violation
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.several import delete_all, there
from accordant_sandbox.ports import Row, Tx
from accordant_sandbox.vendors.dime_scheduler.collections import EXCHANGE
from accordant_sandbox.vendors.dime_scheduler.dialect import wall_clock
from accordant_sandbox.vendors.dime_scheduler.kinds import KINDS
from accordant_sandbox.vendors.dime_scheduler.writing import Body, Kind, refused

__all__ = ["PROCEDURES", "Procedure", "run"]

Verb: TypeAlias = Literal["upsert", "delete", "clear"]

_TABLE = """
upsert delete: Job Task TaskContainer TaskFilterValue TaskUrl
upsert delete: Appointment AppointmentContainer AppointmentUrl
upsert delete: Resource ResourceCalendar ResourceCapacity ResourceCertificate ResourceFilterValue ResourceGpsTracking
upsert delete: ResourceUrl Category TimeMarker Pin Container FilterGroup FilterValue Caption
upsert delete: Notification Connector ExchangeAppointment
upsert: ActionUrl
add delete: AppointmentResource
update: TaskLocked AppointmentCategory AppointmentContent AppointmentFieldValues AppointmentImportance
update: AppointmentLocked AppointmentPlanningQty AppointmentTimeMarker
Clear: TaskFilterValue ResourceFilterValue
"""
_ENTITIES = {
    "AppointmentResource": "assignment",
    "AppointmentFieldValues": "appointment_field_value",
    "AppointmentPlanningQty": "appointment_planning_quantity",
}
"""Procedures whose names do not spell the entity; `Url` is `Uri` everywhere."""
_ALIASES = {
    "mboc_upsertAppointmentResource": "mboc_addAppointmentResource",
    "mboc_addConnector": "mboc_upsertConnector",
}
_URL = {"Url": "uri", "UrlDesc": "description"}
_NAMES: Mapping[str, Mapping[str, str]] = {
    "task": {f"urldesc{number}": f"urlDescription{number}" for number in (1, 2, 3)},
    "resource": {f"urldesc{number}": f"urlDescription{number}" for number in (1, 2, 3)},
    "task_container": {"ContainerName": "name"},
    "task_uri": _URL,
    "resource_uri": _URL,
    "appointment_uri": {
        **{f"p{name}": stored for name, stored in _URL.items()},
        "pSourceApp": "sourceApp",
        "pSourceType": "sourceType",
        "pAppointmentId": "appointmentId",
        "pAppointmentGuid": "appointmentGuid",
    },
    "action_uri": {**_URL, "UrlType": "uriType", "DefaultUrl": "default"},
    "appointment": {
        "IsAllDayEvent": "isAllDay",
        "PlanningUOM": "unitOfMeasure",
        "PlanningUOMConversion": "unitOfMeasureConversion",
        "PlanningQty": "planningQuantity",
        "UseFixPlanningQty": "useFixedPlanningQuantity",
        "RoundToUOM": "roundToUnitOfMeasure",
    },
    "appointment_planning_quantity": {"PlanningQty": "quantity"},
    "resource_calendar": {"ResourceCalendarCode": "code"},
    "resource_capacity": {
        "CapacityDate": "date",
        "CapacityQty": "quantity",
        "CapacityUOM": "unitOfMeasure",
        "CapacityUOMConversion": "unitOfMeasureConversion",
    },
    "resource_certificate": {"CertificateNo": "no"},
    "category": {"CategoryName": "name", "CategoryHexColor": "color"},
    "time_marker": {"TimeMarker": "name", "HexColor": "color"},
    "pin": {"HexColor": "color"},
    "filter_group": {"GroupName": "name"},
    "filter_value": {"FilterGroupName": "group", "FilterValue": "value"},
    "caption": {"Caption": "text"},
    "notification": {
        "mboc_id": "connectorId",
        "NotificationType": "type",
        "NotificationCode": "code",
        "NotificationText": "text",
        "NotificationDate": "date",
    },
    "connector": {"WebServiceAddress": "uri", "AuthType": "authenticationType"},
}
"""Parameters by entity that are not called like the property which they fill."""
_SPANS = frozenset({"duration", "requiredTotalDuration", "requestedStartTime", "requestedEndTime"})


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure: its name, what it does, and to what."""

    name: str
    verb: Verb
    kind: Kind

    def properties(self, schemas: Schemas) -> dict[str, Mapping[str, Any]]:
        """The schemas of the properties that it fills, by property."""
        if self.kind.entity == "exchange_appointment":
            return dict(EXCHANGE)
        return {
            name: node
            for ending in ("Write", "Delete")
            for name, node in schemas.at(f"/components/schemas/{self.kind.schema}{ending}")["properties"].items()
        }

    def parameters(self, schemas: Schemas) -> dict[str, str]:
        """The parameters that the document gives it, each with the property that it fills."""
        names = {name.casefold(): stored for name, stored in _NAMES.get(self.kind.entity, {}).items()}
        own = {name.casefold(): name for name in self.properties(schemas)}
        documented: Mapping[str, Mapping[str, Any]] = schemas.at("/components/schemas")
        schema = next(each for each in documented.values() if each.get("x-accordant-label") == self.name)
        return {
            parameter: names.get(parameter.casefold()) or own[parameter.casefold()]
            for parameter in schema["properties"]
        }


def run(tx: Tx, item: Mapping[str, Any]) -> Row:
    """Run one procedure of an import; returns the row that it wrote, or deleted.

    Raises:
        Problem: The procedure does not exist, or it refuses.
    """
    name, parameters, values = item["StoredProcedureName"], item["ParameterNames"], item["ParameterValues"]
    if not name.casefold().startswith("mboc_"):
        raise refused(f"{name} cannot be called: only procedures that begin with mboc_ can.", "import_prefix")
    if len(parameters) != len(values):
        counts = f"{len(parameters)} parameter names and {len(values)} values"
        raise refused(f"{name} has {counts}: they are paired by position.", "import_pairs")
    own = [each.strip() for each in str(tx.settings["procedures"]).split(",") if each.strip()]
    if name in own:
        tx.rule("import_own")
        return tx.create("procedure_calls", {"name": name, "parameters": dict(zip(parameters, values, strict=True))})
    procedure = PROCEDURES.get(name.casefold())
    if procedure is None:
        raise refused(f"There is no procedure {name}.", "import_own")
    if procedure.name.casefold() != name.casefold():
        tx.rule("import_alias")
    known = procedure.parameters(tx.document.schemas)
    body = _body(tx, procedure, known, list(zip(parameters, values, strict=True)))
    write = {"clear": _clear, "delete": procedure.kind.delete}.get(procedure.verb, procedure.kind.upsert)
    try:
        return write(tx, procedure.kind, body)
    except Problem as problem:
        _respell(problem, known)
        # The route itself was used well: what a procedure lacks is the procedure's own error.
        problem.kind = "invalid" if problem.kind == "bad_request" else problem.kind
        raise


def _respell(problem: Problem, known: Mapping[str, str]) -> None:
    """Tell a write's problem in the parameters of the import instead of the properties of the JSON route."""
    spelt = {stored: parameter for parameter, stored in known.items()}
    for name, _ in problem.details:
        problem.message = re.sub(rf"\b{re.escape(name)}\b", spelt.get(name, name), problem.message)
    problem.details = tuple((spelt.get(name, name), problem.message) for name, _ in problem.details)


def _body(
    tx: Tx, procedure: Procedure, known: Mapping[str, str], given: Sequence[tuple[str, str | None]]
) -> dict[str, Any]:
    """The body that the JSON route would have got, held against its schema."""
    schemas = tx.document.schemas
    properties = procedure.properties(schemas)
    filled = {parameter.casefold(): name for parameter, name in known.items()}
    body: dict[str, Any] = {}
    for parameter, text in given:
        name = filled.get(parameter.casefold())
        if name is None:
            tx.rule("import_unknown")
        elif text is not None:
            value = _typed(tx, parameter, name, schemas, properties[name], text)
            if value is not None:
                body[name] = value
    if procedure.kind.entity == "exchange_appointment":
        return {"exchangeId": "", **body}
    if procedure.verb != "clear":
        ending = "Delete" if procedure.verb == "delete" else "Write"
        for violation in schemas.violations(f"/components/schemas/{procedure.kind.schema}{ending}", body):
            raise refused(f"{procedure.name}: {_finding(violation, known)}", "empty_key")
    return body


def _finding(violation: Violation, known: Mapping[str, str]) -> str:
    """What does not fit, under the name of the parameter."""
    spelt = {stored: parameter for parameter, stored in known.items()}
    if violation.path == "$":
        return re.sub(r'^"(\w+)"', lambda found: f'"{spelt.get(found[1], found[1])}"', violation.message)
    name = violation.path.removeprefix("$.")
    return f"{spelt.get(name, name)}: {violation.message}"


def _typed(tx: Tx, parameter: str, name: str, schemas: Schemas, node: Any, text: str) -> Any:
    """A parameter's text as the type of its property; None for a blank that is no text."""
    schema = next(_alternatives(schemas, node))
    types = schema.get("type", "string")
    wanted = {types} if isinstance(types, str) else set(types)
    try:
        if name in _SPANS and text.isdigit():
            tx.rule("import_ticks")
            return str(timedelta(microseconds=int(text) // 10)).zfill(8)
        if "string" in wanted and schema.get("format") != "local-date-time":
            return text
        if not text.strip():
            return None
        if schema.get("format") == "local-date-time":
            return wall_clock(text)
        if "boolean" in wanted:
            return _BOOLEANS[text.strip().casefold()]
        return _NUMBERS[next(each for each in ("integer", "number") if each in wanted)](text)
    except (ValueError, KeyError, OverflowError) as problem:
        raise refused(
            f"{parameter}: {text!r} cannot be read as {schema.get('format', types)}.", "import_pairs"
        ) from problem


def _alternatives(schemas: Schemas, node: Any) -> Iterator[Mapping[str, Any]]:
    """The schemas that a value may fit, null left out."""
    schema = schemas.deref(node)
    for part in schema.get("anyOf", ()):
        yield from _alternatives(schemas, part)
    if "anyOf" not in schema and schema.get("type") != "null":
        yield schema


def _clear(tx: Tx, kind: Kind, body: Body) -> Row:
    """Remove all filter values of a task or resource."""
    tx.rule("import_clear")
    owner = "tasks" if kind.entity == "task_filter_value" else "resources"
    key = tx.key_of(owner, body)
    row = there(tx.find(owner, key), f"{owner} has no record with the key {' '.join(key)}.", "needs_parent")
    delete_all(tx, kind.collection, tx.matching(kind.collection, tx.key_fields(owner), body))
    return row


def _whole(text: str) -> int:
    if not re.fullmatch(r"\s*[+-]?\d{1,18}\s*", text):
        raise ValueError(text)
    return int(text)


def _decimal(text: str) -> float:
    if not re.fullmatch(r"\s*[+-]?\d{1,18}(\.\d{0,18})?\s*", text):
        raise ValueError(text)
    return float(text)


_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_NUMBERS = {"integer": _whole, "number": _decimal}


def _procedures() -> Iterator[Procedure]:
    for line in _TABLE.strip().splitlines():
        verbs, _, names = line.partition(":")
        for word in verbs.split():
            verb: Verb = "delete" if word == "delete" else "clear" if word == "Clear" else "upsert"
            for name in names.split():
                snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name.replace("Url", "Uri")).lower()
                yield Procedure(f"mboc_{word}{name}", verb, KINDS[_ENTITIES.get(name, snake)])


_BY_NAME = {each.name: each for each in _procedures()}
PROCEDURES: Mapping[str, Procedure] = {
    **{name.casefold(): procedure for name, procedure in _BY_NAME.items()},
    **{alias.casefold(): _BY_NAME[name] for alias, name in _ALIASES.items()},
}
"""Every documented procedure, and the two aliases, by name in lower case."""
