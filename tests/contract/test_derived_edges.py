"""Contract runs over derived sandboxes: stamps that clients set, parts that are called like keys, sizes of pages."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
from attrs import evolve

from accordant_contract.document.values import Arguments, Part
from accordant_contract.judges.dates import date_truth
from accordant_contract.judges.defaults import replaced_wholly
from accordant_contract.judges.writes import RecordReading
from accordant_contract.probes.authorization import knock
from accordant_contract.probes.lists import try_filters, walk_pages
from accordant_contract.records.record_keys import was_there
from accordant_contract.target.request_builder import build

from .derived_target import facts, findings, key, probing, shows, takes, variable
from .test_derived_records import NUMBER, TEXT, document_of, record, record_paths, shown

BINARY = {"type": "string", "format": "binary"}
WHEN = {"type": "string", "format": "date-time"}
NOW = datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC)
LONG_AGO = "2020-01-01T00:00:00Z"


@pytest.mark.parametrize(("sets", "count"), [(True, 0), (False, 1)])
def test_what_clients_may_set_is_no_stamp(sets: bool, count: int) -> None:
    """The creation's time in a new record is the present, unless a body of its kind may say it."""
    body = record("name", name=TEXT, **({"created_at": WHEN} if sets else {}))
    paths = record_paths("order", body, record("id", "name", id=NUMBER, name=TEXT, created_at=WHEN))
    assert findings(paths) == []
    operation = document_of(paths).operations["make_order"]
    made = shown("make_order", {"id": 1, "name": "a", "created_at": LONG_AGO}, {"name": "a"}, "POST")
    assert len(list(date_truth(operation, evolve(made, at=NOW)))) == count


def test_a_replacement_keeps_when_a_record_was_made() -> None:
    """A record that is replaced wholly was made when it was made, though the body could have said otherwise."""
    body = record("name", name=TEXT, CreatedDateUtc=TEXT, colour=TEXT)
    row = record("id", id=NUMBER, name=TEXT, CreatedDateUtc=TEXT, colour=TEXT)
    operation = document_of(record_paths("file", body, row)).operations["write_file"]
    kept = RecordReading({"id": 1, "name": "a", "CreatedDateUtc": LONG_AGO, "colour": "red"}, operation)
    written = shown("write_file", kept.record, {"name": "a"}, "PUT")
    assert [each.path for each in replaced_wholly(operation, written, kept, kept)] == ["$.colour"]


def test_a_part_that_is_called_like_a_key_names_nothing() -> None:
    """An object under the name of a path's variable is no key: no address is made of it, and none held against it."""
    step = record("index", index=NUMBER, rules={"type": "array", "items": record(kind=TEXT)})
    one = {"parameters": [variable("step", "policy", {"type": "number"})], **key("step", "step")}
    paths: dict[str, Any] = {
        "/policies/{step}": {"get": facts("read", "get", "policy", **one, **shows(record(step=step)))}
    }
    assert findings(paths) == []


def test_the_largest_page_may_be_asked_for() -> None:
    """A list is asked for more rows than its document allows, however many that are."""
    numbers = {"limit": {**NUMBER, "minimum": 1, "maximum": 1000}, "offset": {**NUMBER, "minimum": 0}}
    asked = [{"name": name, "in": "query", "schema": schema} for name, schema in numbers.items()]
    paging = {"style": "offset", "items": "", "offset": "offset", "limit": "limit", "max-limit": 1000}
    rows = shows({"type": "array", "items": record("id", id=NUMBER, name=TEXT)})
    rows["responses"]["400"] = {"description": ""}
    more = {"parameters": asked, "x-accordant-pagination": paging, **key(None)}
    assert findings({"/things": {"get": facts("list", "list", "thing", **rows, **more)}}) == []


def test_a_door_is_not_knocked_at_under_another_path() -> None:
    """An operation whose path would lose a part to an empty value is not asked without a credential: it would be
    another one."""
    dataset = {"name": "dataset", "in": "path", "required": True, "schema": {**TEXT, "enum": [""]}}
    read = facts("read", "custom", "company", parameters=[dataset], security=[{"key": []}], **shows(record(id=NUMBER)))
    with probing({"/company/{dataset}": {"get": read}}) as context:
        knock(context, context.session.document.operations["read"])
        assert not context.session.history


def test_a_path_is_asked_with_a_value() -> None:
    """Of a few values of a path's variable an empty one is not sent: the path would be another one."""
    dataset = {"name": "dataset", "in": "path", "required": True, "schema": {**TEXT, "enum": ["", "full"]}}
    paths = {"/company/{dataset}": {"get": facts("read", "custom", "company", parameters=[dataset], **shows(NUMBER))}}
    assert findings(paths) == []
    with probing(paths) as context:
        arguments = context.filler.arguments(context.session.document.operations["read"])
        assert arguments is not None
        assert arguments.path == {"dataset": "full"}


@pytest.mark.parametrize(("number", "there"), [("R1", True), ("R2", False)])
def test_an_upsert_of_a_record_that_is_there_adds_none(number: str, there: bool) -> None:
    """Where a list shows the record that an upsert names, by its key and what that is unique within, no row is due."""
    row = record("day", number=TEXT, day=TEXT)
    named = {"x-accordant-key": {"body": "day", "field": "day", "scope": ["number"]}}
    paths = {
        "/capacities": {
            "get": facts("list", "list", "capacity", **shows({"type": "array", "items": row}), **named),
            "post": facts("put", "upsert", "capacity", **takes(row), **named),
        }
    }
    operations = document_of(paths).operations
    before = shown("list", [{"number": "R1", "day": "2026-03-22"}, {"number": "R3", "day": "2026-03-22"}])
    body = {"number": number, "day": "2026-03-22"}
    assert was_there(operations["put"], body, operations["list"], [before]) is there


@pytest.mark.parametrize("stated", [{"max-limit": 50}, {}], ids=["with the largest page", "with its parameter alone"])
@pytest.mark.parametrize("style", ["page", "cursor"])
def test_a_list_is_asked_for_no_page_that_the_document_forbids(stated: dict[str, Any], style: str) -> None:
    """A list whose pages hold ten to fifty rows is walked, counted and filtered by such pages alone: only what is
    meant to be refused is refused."""
    place = {"page": "page"} if style == "page" else {"cursor": "after", "next": "next"}
    size = {"name": "limit", "in": "query", "schema": {**NUMBER, "minimum": 10, "maximum": 50}}
    after = {"name": "after" if style == "cursor" else "page", "in": "query", "schema": TEXT}
    kind = {"name": "kind", "in": "query", "schema": TEXT, "x-accordant-filter": {"field": "kind", "predicate": "eq"}}
    rows = {"type": "array", "items": record("id", id=TEXT, kind={**TEXT, "enum": ["a", "b"]})}
    page = {"type": "object", "properties": {"rows": rows, "next": TEXT, "total": NUMBER}}
    listed = facts("listTeams", "list", "team", parameters=[size, after, kind], **shows(page), **key(None))
    listed["x-accordant-pagination"] = {"style": style, "items": "rows", "limit": "limit", **place, **stated}
    if style == "page":
        after["schema"] = NUMBER
        listed["x-accordant-pagination"]["total"] = "total"
    listed["responses"]["400"] = {"description": ""}
    with probing({"/teams": {"get": listed}}) as context:
        operation = context.session.document.operations["listTeams"]
        walk_pages(context, operation)
        try_filters(context, operation)
        context.reader.total(operation, Arguments())
        history = [each for each in context.session.history if each.arguments.query.get("limit") is not None]
        meant = [each for each in history if each.intent == "valid"]
        assert {each.status for each in meant} == {200}
        assert {each.arguments.query["limit"] for each in meant} <= {*range(10, 51)}
        assert len(meant) > 2


def test_a_form_without_files_holds_what_a_file_would_hold() -> None:
    """A field of a urlencoded form that is said to be binary is sent as text; what is wrong with others is refused."""
    stamp = record("clientid", "ts", clientid=TEXT, hmac=BINARY, ts=NUMBER)
    form = {"content": {"application/x-www-form-urlencoded": {"schema": stamp}}, "required": True}
    refused = {"200": {"description": ""}, "400": {"description": ""}}
    paths = {"/issuers": {"post": {**facts("pull", "custom", "issuer", requestBody=form), "responses": refused}}}
    assert findings(paths) == []
    with probing(paths) as context:
        operation = context.session.document.operations["pull"]
        arguments = context.filler.arguments(operation)
        assert arguments is not None
        sent = build(operation, arguments, "http://a.test").body.decode()
        hmac = arguments.body["hmac"]
        assert isinstance(hmac, Part)
        assert parse_qs(sent)["hmac"] == [hmac.content.decode()]
