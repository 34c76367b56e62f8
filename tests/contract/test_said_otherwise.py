"""Contract runs over derived sandboxes of documents that leave things open: what nobody can know is not judged."""

from __future__ import annotations

import re
from typing import Any

import pytest

from accordant_contract.document.values import Arguments
from accordant_contract.judges.writes import RecordReading, WriteTrial, read_after_write
from accordant_contract.probes.refusals import refused_writes
from accordant_contract.records.examples import Recipe

from .derived_target import facts, findings, key, probing, shows, takes, variable
from .test_derived_records import NUMBER, TEXT, document_of, record, shown


@pytest.mark.parametrize(("read", "found"), [(True, 0), (False, 1), ("1", 0), ("0", 1)])
def test_true_is_one(read: Any, found: int) -> None:
    """Where one response shows a number and another true or false, 1 is true, and nothing else is."""
    kinds = {bool: {"type": "boolean"}, str: TEXT}
    paths = {
        "/payments": {
            "post": facts("pay", "create", "payment", **takes(record(sum=NUMBER)), **shows(record(approved=NUMBER)))
        },
        "/payments/{id}": {"get": facts("read", "get", "payment", **shows(record(approved=kinds[type(read)])))},
    }
    operations = document_of(paths).operations
    after = RecordReading({"approved": read}, operations["read"])
    trial = WriteTrial(shown("pay", {"approved": 1}, {"sum": 3}, "POST"), None, after)
    assert len(list(read_after_write(operations["pay"], trial))) == found


@pytest.mark.parametrize(("kind", "sent"), [("application/x-yaml", False), ("application/json", True)])
def test_what_is_wrong_is_sent_in_forms_that_are_known(kind: str, sent: bool) -> None:
    """Bodies that the document forbids are sent as JSON or forms: what a text of another kind says nobody knows."""
    taken = {"requestBody": {"required": True, "content": {kind: {"schema": record("sum", sum=NUMBER)}}}}
    with probing({"/queries": {"post": facts("ask", "custom", "query", **taken, **shows(record(id=TEXT)))}}) as context:
        refused_writes(context, context.session.document.operations["ask"])
        assert bool(context.session.history) is sent


def test_a_record_is_made_with_what_it_can_show() -> None:
    """Where records show a name only if it fits a pattern, they are made with a name that does, although bodies may
    have any: they are found by it."""
    plain = {**TEXT, "pattern": "^[a-z0-9]*$"}
    one = {"parameters": [variable("name", "box")], **key("name", "name")}
    row = record("name", name=plain, size=NUMBER)
    paths: dict[str, Any] = {
        "/boxes": {"post": facts("make", "create", "box", **takes(record("name", name=TEXT)), **shows(row))},
        "/boxes/{name}": {"get": facts("read", "get", "box", **one, **shows(row))},
    }
    with probing(paths) as context:
        arguments = context.filler.arguments(context.session.document.operations["make"])
        assert arguments is not None
        assert re.fullmatch("[a-z0-9]+", arguments.body["name"])


def test_a_path_does_not_call_a_record_by_what_it_does_not_show() -> None:
    """A variable that is called like a field of bodies alone takes the key that records show."""
    one = {"parameters": [variable("group_key", "group")], **key("group_key", "group_key")}
    row = record("id", id=NUMBER, name=TEXT)
    paths = {
        "/groups": {
            "get": facts("list", "list", "group", **shows({"type": "array", "items": row})),
            "post": facts("make", "create", "group", **takes(record(key=TEXT, name=TEXT)), **shows(row)),
        },
        "/groups/{group_key}": {
            "get": facts("read", "get", "group", **one, **shows(row)),
            "delete": facts("drop", "delete", "group", **one),
        },
    }
    assert findings(paths) == []


def test_a_new_record_is_not_called_like_another_one() -> None:
    """A creation whose body may hold the id of the record itself leaves it to the vendor."""
    own = {**TEXT, "x-accordant-reference": "client"}
    made = facts("make", "create", "client", **takes(record(client_id=own, name=TEXT)), **shows(record(client_id=TEXT)))
    row = {"type": "array", "items": record(client_id=TEXT, name=TEXT)}
    paths = {
        "/clients": {"get": facts("list", "list", "client", **shows(row), **key(None, "client_id")), "post": made},
    }
    with probing(paths) as context:
        operations = context.session.document.operations
        context.store.call(operations["list"], Arguments())
        assert context.store.known("client")
        arguments = context.filler.arguments(operations["make"], recipe=Recipe(full=True))
        assert arguments is not None
        assert "client_id" not in arguments.body
