"""What a document does not let an API say is not held against it; what it does let it say, is."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from accordant_contract.document.document import Document, Operation
from accordant_contract.document.pages import tells_next
from accordant_contract.document.values import ABSENT, Exchange
from accordant_contract.judges.conformance import status_code_conformance
from accordant_contract.judges.exposure import secret_leak
from accordant_contract.judges.paging import page_shape
from accordant_contract.judges.writes import RecordReading, delete_is_final, same_record
from accordant_contract.records import record_keys
from accordant_contract.records.record import Record

from .widget_api import DOCUMENT, exchange, page, widget


def changed(name: str, **parts: Any) -> Operation:
    """An operation of the widgets with other parts."""
    data = copy.deepcopy(DOCUMENT)
    for item in data["paths"].values():
        for each in item.values():
            if each["operationId"] == name:
                each.update(parts)
    return Document("widgets", data, "").operations[name]


def without_failures(name: str) -> Operation:
    """An operation that documents its successes alone."""
    every = Document("widgets", DOCUMENT, "").operations[name].data["responses"]
    return changed(name, responses={code: each for code, each in every.items() if code.startswith("2")})


@pytest.mark.parametrize("documented", [True, False])
def test_what_was_deleted_may_be_read_where_no_failure_could_say_so(documented: bool) -> None:
    """A deleted record that is still read is found where the document has a failure for it, and only there."""
    get = Document("widgets", DOCUMENT, "").operations["getWidget"] if documented else without_failures("getWidget")
    read = exchange("getWidget", 200, widget(1))
    found = list(delete_is_final(get, exchange("deleteWidget", 204), RecordReading(widget(1), get, (read,)), None))
    assert bool(found) is documented


@pytest.mark.parametrize("least", [0, 1])
def test_a_page_past_the_end_may_hold_rows_where_it_may_not_be_empty(least: int) -> None:
    """Rows past the total are found, unless the document allows no list without a row."""
    data = copy.deepcopy(DOCUMENT)
    listing = Document("widgets", data, "").operations["listWidgets"]
    way = listing.paging.items if listing.paging is not None else ""
    schema = data["paths"]["/widgets"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    schema["properties"][way]["minItems"] = least
    operation = Document("widgets", data, "").operations["listWidgets"]
    found = [each.kind for each in page_shape(operation, page([widget(1)], 3, offset=10))]
    assert ("total" in found) is (least == 0)


def test_a_documented_password_may_be_shown_where_nobody_said_otherwise() -> None:
    """A response that shows the password which was sent is found; of a vendor that only its document describes, where
    that does not name the field."""
    sent = "correct horse battery"

    def shown(documented: bool) -> tuple[Operation, Exchange]:
        names = ("name", "password") if documented else ("name",)
        schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
        content = {"application/json": {"schema": schema}}
        operation = changed("getWidget", responses={"200": {"description": "", "content": content}})
        return operation, exchange("getWidget", 200, {"name": "W", "password": sent})

    for documented in (True, False):
        assert list(secret_leak(*shown(documented), (sent,)))
        assert bool(list(secret_leak(*shown(documented), (sent,), documented_shows=True))) is not documented


def test_a_body_is_allowed_if_the_document_says_so() -> None:
    """A body that breaks its schema is not one that the document allows; no body, and one that is no JSON, may be."""
    create = Document("widgets", DOCUMENT, "").operations["createWidget"]
    assert create.allows({"name": "Wheel", "colour": "red"})
    assert create.allows(ABSENT)
    assert not create.allows({"name": "Wheel", "colour": 7})


@pytest.mark.parametrize(("member", "told"), [("page.next", True), ("page.other", False), ("elsewhere", False)])
def test_a_walk_is_at_its_end_only_if_a_page_could_have_led_on(member: str, told: bool) -> None:
    """A page without a cursor ends a walk where the document has the member that would hold one."""
    inner = {"type": "object", "properties": {"next": {"type": "string"}}}
    rows = {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "integer"}}}}
    schema = {"type": "object", "properties": {"rows": rows, "page": inner}}
    paging = {"style": "cursor", "items": "rows", "cursor": "after", "limit": "limit", "next": member}
    responses = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    listing = changed("listWidgets", responses=responses, **{"x-accordant-pagination": paging})
    assert tells_next(listing) is told


def test_an_operation_leads_to_a_record_by_what_is_known_around_it() -> None:
    """A path that names something beside the record leads to it only if the record is known to be inside of that."""
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "integer"}} for name in ("id", "shelf")
    ]
    get = changed("getWidget", parameters=parameters)
    assert record_keys.leads_to(get, Record("widget", 1, {}, {"shelf": 7}))
    assert not record_keys.leads_to(get, Record("widget", 1, {}))


def test_a_record_that_lies_deeper_is_of_a_collection_if_it_shows_its_key() -> None:
    """Records inside of others may be called like those of a collection: without its key they are none of it."""
    get = changed("getWidget")
    assert record_keys.leads_to(get, Record("widget", 1, {"id": 1}, {"user": 7}))
    assert not record_keys.leads_to(get, Record("widget", 1, {"number": 1}, {"user": 7}))


@pytest.mark.parametrize(("required", "found"), [(["id"], ["read_after_write"]), ([], [])])
def test_a_record_may_leave_out_what_it_need_not_show(required: list[str], found: list[str]) -> None:
    """A reading without its key is a finding where responses must have it."""
    schema = {"type": "object", "required": required, "properties": {"id": {"type": "integer"}}}
    content = {"application/json": {"schema": schema}}
    bare = changed("getWidget", responses={"200": {"description": "", "content": content}})
    assert [each.check for each in same_record(bare, 7, RecordReading({"name": "Tap"}, bare))] == found


@pytest.mark.parametrize(("codes", "allowed"), [(("200", "500", "429"), True), (("200", "404"), False)])
def test_a_caller_may_be_refused_where_the_document_has_no_refusal(codes: tuple[str, ...], allowed: bool) -> None:
    """401 is allowed where the document lists no failure of the caller's, although it lists one of the server's, or a
    limit."""
    read = changed("getWidget", responses={code: {"description": ""} for code in codes})
    assert (not list(status_code_conformance(read, exchange("getWidget", 401, {})))) is allowed


@pytest.mark.parametrize(("asked", "allowed"), [("grant_type", True), ("name", False)])
def test_a_grant_may_be_refused_where_the_document_has_no_refusal(asked: str, allowed: bool) -> None:
    """An operation that gives a token for a grant refuses callers as RFC 6749 says, needing no credential itself."""
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {asked: {"type": "string"}}}}}}
    token = changed("createWidget", requestBody=body, security=[], responses={"200": {"description": ""}})
    for status in (400, 401):
        assert (not list(status_code_conformance(token, exchange("createWidget", status, {})))) is allowed
    assert list(status_code_conformance(token, exchange("createWidget", 403, {})))
