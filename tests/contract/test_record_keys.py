"""What names a record: keys in bodies and headers, what they are unique within, and references to such records."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_contract.document.comparison import lost
from accordant_contract.document.document import Operation, load
from accordant_contract.document.values import ABSENT, Arguments, Exchange, Request, Response
from accordant_contract.judges.paging import identities
from accordant_contract.records import record_keys
from accordant_contract.records.examples import Recipe
from accordant_contract.records.record import Record
from accordant_contract.target.vendors.dime_scheduler import made, refusal
from accordant_runtime import dumps

DOCUMENT = load("dime_scheduler")
TASK = {"sourceApp": "BC", "sourceType": "S", "jobNo": "J1", "taskNo": "10"}


def _operation(name: str) -> Operation:
    return DOCUMENT.operations[name]


def _exchange(name: str, body: Any = ABSENT, headers: tuple[tuple[str, str], ...] = ()) -> Exchange:
    request = Request(_operation(name).method, "http://127.0.0.1/", ())
    return Exchange(name, request, Response(200, headers, dumps({})), Arguments(body=body))


def test_body_of_one_or_many() -> None:
    """Where a body may be one record or an array of them, it is described by one record."""
    assert _operation("upsertTask").takes_many
    assert "taskNo" in DOCUMENT.schemas.properties(_operation("upsertTask").body_schema)
    assert not _operation("upsertConnector").takes_many


def test_record_that_a_write_named() -> None:
    """A record whose write does not show it is known by its body; what the key is unique within belongs to it."""
    operation = _operation("upsertTask")
    found = record_keys.sent(operation, _exchange("upsertTask", {**TASK, "name": "n"}), lambda _: {})
    assert (found["taskNo"], found["name"]) == ("10", "n")
    assert record_keys.scope(operation, found) == {"sourceApp": "BC", "sourceType": "S", "jobNo": "J1"}


def test_record_that_a_header_named() -> None:
    """A record may be named by the last segment of a header."""
    exchange = _exchange("subscribeAppointmentCreated", {}, (("Location", "/webhooks/AppointmentCreated/h1"),))
    assert record_keys.sent(_operation("subscribeAppointmentCreated"), exchange, lambda _: {})["hook_id"] == "h1"


def test_record_that_a_deletion_named() -> None:
    """A deletion names its record in its body, with what the key is unique within."""
    kind, key, scope = record_keys.deleted(_operation("deleteTask"), _exchange("deleteTask", TASK))
    assert (kind, key, scope["jobNo"]) == ("task", "10", "J1")


def test_references_come_from_one_record() -> None:
    """A reference to a record that is unique only within others takes all its properties from one record."""
    task = Record("task", "10", {}, {name: TASK[name] for name in ("sourceApp", "sourceType", "jobNo")})
    found = record_keys.linked(_operation("upsertTaskUri"), Recipe(full=False), {"task": task}.get, DOCUMENT.scopes)
    assert found == TASK


def test_a_new_record_takes_its_owner_first() -> None:
    """A reference to a record of its own kind does not say whose a new record is."""
    known = {
        "task": Record("task", "10", {}, {**TASK, "jobNo": "OLD"}),
        "job": Record("job", "NEW", {}, {"sourceApp": "BC", "sourceType": "S"}),
    }
    found = record_keys.linked(_operation("upsertTask"), Recipe(), known.get, DOCUMENT.scopes)
    assert (found["jobNo"], found["parentTaskNo"]) == ("NEW", "10")


def test_what_may_stand_in_is_left_out() -> None:
    """A body names a record by its key alone, not by the properties that may stand in for it."""
    recipe = record_keys.named(_operation("upsertAppointment"), Recipe(), {"appointmentNo": "A1"})
    assert recipe.fixed["appointmentNo"] == "A1"
    assert recipe.fixed["appointmentId"] is ABSENT
    assert "appointmentNo" in recipe.required


def test_own_key_that_looks_like_a_reference() -> None:
    """A key that the document calls a reference to its own kind gets a new value in a new record."""
    assert "x-accordant-reference" not in (
        record_keys.unlinked(_operation("upsertNotification")) or {"x-accordant-reference": 1}
    )
    assert record_keys.unlinked(_operation("upsertTaskUri")) is None


def test_list_that_shows_a_record() -> None:
    """A list of a period is asked for the very time of the record that it must show."""
    value = {"date": "2026-05-01T00:00:00", "resourceNo": "R1"}
    found = record_keys.around(_operation("listResourceCapacities"), value, {})
    assert found is not None
    assert found.query == {"start": value["date"], "end": value["date"]}
    assert record_keys.around(_operation("listResourceCapacities"), {}, {}) is None


def test_rows_are_told_apart_with_their_scope() -> None:
    """Rows with one key in different scopes are different rows; rows without a key are told apart by all they hold."""
    rows = [TASK, {**TASK, "jobNo": "J2"}]
    assert len(set(identities(_operation("listTasks"), rows))) == 2
    entries = [{"a": 1, "b": 2}, {"b": 2, "a": 1}]
    assert len(set(identities(_operation("listTimeEntries"), entries))) == 1


def test_a_name_may_come_back_as_its_record() -> None:
    """What is sent as a name and shown as the record with that name is not lost."""
    schema = _operation("getAppointment").record_schema or {}
    sent = {"category": "REPAIR", "subject": "s"}
    found = {"category": {"displayName": "Repair"}, "subject": "other"}
    assert [each.path for each in lost(sent, found, schema, DOCUMENT.schemas)] == ["$.subject"]


def test_content_result_that_refuses() -> None:
    """A ContentResult with another inner status than 200 is a refusal, whatever its content is."""
    assert refusal({"statusCode": 200, "content": "{}"}) is None
    assert refusal({"statusCode": 500, "content": '{"Error": "E", "Description": "why"}'}) == "why"
    assert refusal({"statusCode": 500, "content": ""}) == "statusCode 500"
    assert refusal([]) is None


def test_content_result_that_made_something() -> None:
    """A ContentResult names the appointments that a write made."""
    assert made({"content": '{"Appointments": [{"Id": 7, "Guid": "g"}]}'}) == {"id": 7, "appointmentGuid": "g"}
    assert made({"content": '{"Appointments": []}'}) == {}
    assert made([]) == {}


@pytest.mark.parametrize(
    ("vendor", "name", "retires"),
    [
        ("dispatch", "deleteBrand", True),
        ("dispatch", "deactivateUser", True),
        ("dispatch", "restoreUser", False),
        ("espace", "EventV2_RemoveSpaces", False),
        ("dime_scheduler", "deleteTask", True),
    ],
)
def test_what_takes_a_record_out_of_use(vendor: str, name: str, retires: bool) -> None:
    """A DELETE at a record's own path takes it out of use, whatever it is called; one below that path does not."""
    assert load(vendor).operations[name].retires is retires
