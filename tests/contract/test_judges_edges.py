"""What judges do with responses that are no JSON, no record, not there, or not of the usual kind."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from attrs import evolve

from accordant_contract.document.document import Document, Operation
from accordant_contract.document.facts import Parameter
from accordant_contract.document.policy import PolicyStep, SideEffect
from accordant_contract.document.values import ABSENT, Arguments, Exchange
from accordant_contract.judges import auth, client, conformance, dates, filters, limits, paging, survival, writes
from accordant_contract.judges.filters import FilterTrial
from accordant_contract.judges.per_exchange import verdicts
from accordant_contract.judges.survival import ClientTurn
from accordant_contract.judges.writes import CountTrial, RecordReading, WriteTrial
from accordant_runtime import Answer, Entity, Notes, Pagination
from accordant_runtime import Operation as Generated

from .widget_api import DOCUMENT, JSON, exchange, operation, page, widget

GET, LIST, CREATE = operation("getWidget"), operation("listWidgets"), operation("createWidget")
UPDATE, DELETE = operation("updateWidget"), operation("deleteWidget")
SILENT = Exchange(GET.id, exchange(GET.id).request, None, failure="connection reset")
UPPER, LOWER = "0D1F4B0E-8A43-4C1E-9F3A-2B6F6A0C7D11", "0d1f4b0e-8a43-4c1e-9f3a-2b6f6a0c7d11"


def described(base: Operation, **facts: Any) -> Operation:
    """An operation whose document says something else; names are written with underscores."""
    return evolve(base, data={**base.data, **{f"x-accordant-{name.replace('_', '-')}": facts[name] for name in facts}})


def generated(answer: Answer[Any], pagination: Pagination | None = None) -> Generated[Any]:
    return Generated(
        *(GET.id, "GET", "/widgets/{id}", "widgets", "get", Entity("widget", "get")),
        answers=(answer,),
        pagination=pagination,
    )


def messages(findings: Any) -> list[str]:
    return [each.message for each in findings]


def test_silence_says_nothing_about_what_a_response_must_hold() -> None:
    """Where no response came, only the check for that speaks; tokens, headers and bodies are not judged."""
    assert not list(auth.token_lifecycle(GET, auth.TokenTrial(SILENT, "a fresh token", good=True)))
    assert not list(conformance.response_headers_conformance(GET, SILENT))
    assert not list(conformance.response_schema_conformance(GET, SILENT))
    assert not list(conformance.content_type_conformance(GET, SILENT))
    assert not list(limits.retry_after(GET, SILENT))


@pytest.mark.parametrize("status", [200, 404, 405])
def test_a_login_that_does_not_refuse_is_found(status: int) -> None:
    """A login with a wrong secret must be refused as a bad request or a bad credential: anything else is found."""
    assert list(auth.login_refused(GET, exchange(GET.id, status, {}), "password"))
    assert not list(auth.login_refused(GET, evolve(exchange(GET.id, status, {}), refused="no"), "password"))


@pytest.mark.parametrize("status", [400, 401, 403, 422, 429])
def test_a_login_may_refuse_in_several_ways(status: int) -> None:
    """A refusal of a wrong secret may be a 400 as RFC 6749 has it, a 422, or a limit."""
    assert not list(auth.login_refused(GET, exchange(GET.id, status, {}), "password"))


@pytest.mark.parametrize("credential", ["no credential", "an expired token"])
def test_who_may_log_in_again_is_told_so(credential: str) -> None:
    """Clients log in again at a 401 alone: where the document lists it, a 403 without a good credential is found."""
    listed = evolve(GET, data={**GET.data, "responses": {**GET.data["responses"], "401": {}, "403": {}}})
    assert messages(auth.auth_enforced(listed, exchange(GET.id, 403, {}), credential)) == [
        f"answered 403 to {credential}, where the document lists 401"
    ]
    assert not list(auth.auth_enforced(listed, exchange(GET.id, 401, {}), credential))
    assert not list(auth.auth_enforced(listed, exchange(GET.id, 403, {}), "the weaker reader"))
    unlisted = {key: value for key, value in GET.data["responses"].items() if key != "401"}
    assert not list(
        auth.auth_enforced(evolve(GET, data={**GET.data, "responses": unlisted}), exchange(GET.id, 403, {}), credential)
    )


def test_a_status_that_the_client_does_not_know_is_found() -> None:
    """A success for which the generated client has no answer is found, and named."""
    found = messages(client.client_truth(generated(Answer("200")), exchange(GET.id, 202, {})))
    assert found == ["the client knows no success with status 202"]


def test_a_redirect_needs_a_place() -> None:
    """A redirect is an answer to the client only with a Location."""
    one = generated(Answer("302", kind="redirect"))
    assert list(client.client_truth(one, exchange(GET.id, 302, headers=())))
    assert not list(client.client_truth(one, exchange(GET.id, 302, headers=(("Location", "https://files.test/1"),))))


def test_bytes_are_not_read_as_json() -> None:
    """Where the client hands out bytes, there is nothing to decode."""
    assert not list(client.client_truth(generated(Answer("200", kind="bytes")), exchange(GET.id, body=b"\x00")))


def test_rows_of_a_page_are_decoded_one_by_one() -> None:
    """What is wrong in one row of a page is found with its index; an answer without rows says nothing."""

    def forgetful(value: Any, _: Notes) -> Any:
        return {name: item for name, item in value.items() if name != "name" or item != "W2"}

    one = generated(Answer("200", forgetful), Pagination("offset", "widgets"))
    findings = list(client.client_truth(one, page([widget(1), widget(2)], 2)))
    assert [each.path for each in findings] == ["$.widgets[1].name"]
    assert not list(client.client_truth(one, exchange(LIST.id, 200, {"total": 0})))
    bare = generated(Answer("200", forgetful), Pagination("offset", ""))
    assert [each.path for each in client.client_truth(bare, exchange(LIST.id, 200, [widget(2)]))] == ["$[0].name"]


@pytest.mark.parametrize(
    ("came", "written", "same"),
    [
        ([1, [2]], [1, [2]], True),
        ([1, 2], [1, 3], False),
        ([1, 2], [1], False),
        (True, 1, False),
        (1, True, False),
        (UPPER, LOWER, True),
        ("Ann", "ann", False),
        (1, 1.0, True),
    ],
)
def test_what_the_client_writes_back_is_compared_by_value(came: Any, written: Any, same: bool) -> None:
    """Lists are compared item by item, truth values are no numbers, and a UUID is one in any case."""

    def reading(value: Any, _: Notes) -> Any:
        return {**value, "it": written}

    found = list(client.client_truth(generated(Answer("200", reading)), exchange(GET.id, 200, {"it": came})))
    assert bool(found) is not same


def test_a_body_that_is_not_documented_is_not_judged_by_media_type() -> None:
    """Where the document promises no body, any media type will do."""
    assert not list(conformance.content_type_conformance(DELETE, exchange(DELETE.id, 204, body=b"x", headers=())))


@pytest.mark.parametrize(
    ("base", "given", "says"),
    [
        (GET, exchange(GET.id, 200, widget(1)), True),
        (GET, exchange(GET.id, 200, {}), False),
        (GET, exchange(GET.id, 200, {"tags": [[], {}]}), False),
        (GET, exchange(GET.id, 200, {"tags": [[0]]}), True),
        (GET, exchange(GET.id, 404, {"a": 1}), False),
        (GET, exchange(GET.id, 418, {"a": 1}), False),
        (GET, exchange(GET.id, body=b"{"), False),
        (GET, exchange(GET.id, body=b"x", headers=(("Content-Type", "text/html"),)), False),
        (GET, SILENT, False),
        (LIST, page([widget(1)], 1), True),
        (LIST, page([], 0), False),
        (DELETE, exchange(DELETE.id, 204, headers=()), True),
        (DELETE, exchange(DELETE.id, 204, body=b"x", headers=()), False),
    ],
)
def test_only_content_proves_something(base: Operation, given: Exchange, says: bool) -> None:
    """An operation counts as covered by its schema only when its response holds something that a schema can judge."""
    assert conformance.judges_content(base, given) is says


@pytest.mark.parametrize(
    ("schema", "value", "fits"),
    [
        ({"type": "integer"}, "7", True),
        ({"type": "integer"}, "7.5", False),
        ({"type": "number"}, "7.5", True),
        ({"type": "number"}, "many", False),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "1", False),
        ({"type": "string"}, "7", True),
    ],
)
def test_headers_are_read_by_their_type(schema: Any, value: str, fits: bool) -> None:
    """A header is text on the way; it fits where it can be read as what its schema says."""
    responses = {"200": {"description": "Done.", "headers": {"X-Mark": {"schema": schema}}}}
    data: dict[str, Any] = {"openapi": "3.1.0", "paths": {"/x": {"get": {"operationId": "x", "responses": responses}}}}
    one = Document("marked", data, "0" * 64).operations["x"]
    given = exchange(GET.id, 200, headers=(("X-Mark", value),))
    assert (not list(conformance.response_headers_conformance(one, given))) is fits


def test_a_refused_request_is_quoted() -> None:
    """The message about a valid request that was refused quotes the response: JSON, or the beginning of its text."""
    judge = conformance.positive_data_acceptance
    assert '{"error": "no"}' in messages(judge(CREATE, exchange(CREATE.id, 422, {"error": "no"})))[0]
    assert "out of order" in messages(judge(CREATE, exchange(CREATE.id, 422, body=b"out of order")))[0]


def test_stamps_of_changes_are_held_against_the_clock() -> None:
    """A change is stamped now, and never before the record was made; a broken Date header says nothing."""

    def stamped(made: str, changed: str, *headers: tuple[str, str]) -> Exchange:
        record = widget(1, created_at=made, updated_at=changed)
        return exchange(UPDATE.id, 200, record, headers=(*JSON, *headers))

    right = stamped("2026-02-01T09:00:00Z", "2026-03-01T09:00:01Z", ("Date", "yesterday"))
    assert not list(dates.date_truth(UPDATE, right))
    assert (
        "was stamped at"
        in messages(dates.date_truth(UPDATE, stamped("2026-02-01T09:00:00Z", "2026-02-28T09:00:00Z")))[0]
    )
    before = messages(dates.date_truth(GET, stamped("2026-02-02T09:00:00Z", "2026-02-01T09:00:00Z")))
    assert [text for text in before if "before it was made" in text]
    assert not list(dates.date_truth(GET, exchange(GET.id, 404, {})))
    assert not list(dates.date_truth(GET, exchange(GET.id, 200, ["no record"])))


def test_a_list_of_a_create_that_found_something_is_not_new() -> None:
    """With 200 and 201 documented, a 200 found a record, whose stamp may be old."""
    found = described(CREATE)
    found = evolve(found, data={**found.data, "responses": {**found.data["responses"], "200": {}}})
    old = exchange(CREATE.id, 200, widget(1, created_at="2026-02-01T09:00:00Z"))
    assert not list(dates.date_truth(found, old))


def parameter(predicate: str, name: str = "colour", *, by_day: bool = False) -> Parameter:
    return Parameter(name, "query", False, {"type": "string"}, "form", False, (name, predicate), None, by_day)


def let_through(one: Parameter, value: Any, universe: list[Any], rows: list[Any], total: int) -> list[str]:
    trial = FilterTrial(one, value, universe, (page(rows, total, limit=100),))
    return messages(filters.filter_truth(LIST, trial))


def test_a_total_that_a_filter_does_not_change_is_found() -> None:
    """A filtered list says how many rows fit, not how many there are."""
    rows = [widget(1), widget(2, colour="green")]
    assert let_through(parameter("eq"), "green", rows, rows[1:], 2) == ["colour='green': total is 2, 1 rows came"]


def test_a_filter_that_filters_nothing_is_not_judged() -> None:
    """A parameter that is no filter has no rows to fit."""
    none = evolve(parameter("eq"), filter=None)
    assert let_through(none, "green", [], [widget(1)], 1) == []


@pytest.mark.parametrize(
    ("predicate", "have", "want", "fit"),
    [
        ("not_eq", "Red", "red", False),
        ("not_eq", "blue", "red", True),
        ("lt", 1, 2, True),
        ("lteq", 2, 2, True),
        ("lt", None, 2, False),
        ("gt", "one", 2, False),
        ("contains", "Bathroom", "BATH", True),
        ("contains", 7, "7", False),
        ("any_of", ["a", "b"], ["b", "c"], True),
        ("any_of", "a", "b", False),
        ("matches", "a", "a", None),
    ],
)
def test_each_predicate_fits_what_it_says(predicate: str, have: Any, want: Any, fit: bool | None) -> None:
    """Values that cannot be compared do not fit, and a predicate that is not known says nothing."""
    assert filters.fits({"it": have}, "it", predicate, want, {}) is fit


def test_fields_deep_in_a_row_can_be_filtered_by() -> None:
    """A dotted name leads through objects and lists; where there is no such field, the row shows nothing."""
    row = {"owner": {"name": "Ann"}, "tags": [{"name": "new"}, {"other": 1}, "plain"]}
    assert filters.inside(row, "owner.name") == "Ann"
    assert filters.inside(row, "tags.name") == ["new"]
    assert filters.inside(row, "owner.age") is ABSENT
    assert filters.fits(row, "owner.age", "eq", 7, {}) is None


def test_a_filter_by_day_compares_days() -> None:
    """Where only days are compared, the time of a row does not matter."""
    rows = [widget(1, made="2026-02-01T23:00:00Z"), widget(2, made="2026-02-02T01:00:00Z")]
    day = parameter("eq", "made", by_day=True)
    assert let_through(day, "2026-02-01", rows, rows[:1], 1) == []
    assert let_through(day, "2026-02-01", rows, [], 0)


def test_a_wait_without_a_response_is_not_stated() -> None:
    """How long to wait is not known where no response, or an unreadable one, came."""
    assert limits.stated_wait(SILENT) is None
    assert limits.stated_wait(exchange(GET.id, 429, headers=(("Retry-After", "soon"),))) is None
    assert not limits.states_limit(SILENT)


def counted(document: Any, style: str = "page", **query: Any) -> list[str]:
    base = described(
        LIST,
        pagination={"style": style, "items": "widgets", "limit": "size", "page": "page", "total": "total"},
    )
    given = exchange(LIST.id, 200, document, arguments=Arguments(query=query))
    return messages(paging.page_shape(base, given))


def test_numbered_pages_are_held_against_their_total() -> None:
    """The second page of numbered pages starts where the first ended; the stated number of pages must fit."""
    rows = [widget(1), widget(2)]
    assert counted({"widgets": rows, "total": 4, "total_pages": 2}, page=2, size=2) == []
    assert counted({"widgets": rows[:1], "total": 4}, page=2, size="2") == ["1 rows at offset 2 where total 4 leaves 2"]
    assert "it speaks of 3 pages" in counted({"widgets": rows, "total": 4, "total_pages": 3}, page=1, size=2)[0]
    assert counted({"widgets": rows, "total": 2}, size=2) == []
    assert counted({"widgets": rows, "total": 2}, page=7) == []
    assert counted({"widgets": rows}, "cursor", size=2) == []


def test_what_is_no_page_has_no_shape() -> None:
    """A refusal, and an answer without rows, are not judged as pages."""
    assert not list(paging.page_shape(LIST, exchange(LIST.id, 404, {})))
    assert not list(paging.page_shape(LIST, exchange(LIST.id, 200, {"total": 7})))


def test_rows_are_told_apart_by_several_fields_where_the_document_says_so() -> None:
    """Where a list names the fields that tell its rows apart, all of them count."""
    base = described(LIST, pagination={**LIST.data["x-accordant-pagination"], "identity": ["owner", "made"]})
    rows = [widget(1, owner=7), widget(1, owner=8), {"id": 3}]
    assert len(set(paging.identities(base, rows))) == 3


def test_a_total_that_moves_during_a_walk_is_found() -> None:
    """The total is the same on every page of a walk."""
    moved = paging.PageWalk(1, (page([widget(1)], 2, limit=1), page([widget(2)], 3, limit=1, offset=1)))
    assert any("the total changed from page to page" in text for text in messages(paging.page_walk(LIST, [moved])))


def test_a_client_that_fails_or_struggles_is_found() -> None:
    """An error of the client is found alone, trouble beside what it saw; of rows the first that differs is named."""
    judge = survival.client_survives
    assert messages(judge(GET, ClientTurn("the client", "TimeoutError: late", ["x"]))) == [
        "the client did not get through: TimeoutError: late"
    ]
    assert messages(judge(GET, ClientTurn("the client", trouble=["one retry", "another"]))) == [
        "the client got through, after one retry; another"
    ]
    assert not list(judge(GET, ClientTurn("the client", due=widget(1), seen=widget(1))))
    assert list(judge(GET, ClientTurn("the client", due=widget(1), seen=widget(2))))
    assert not list(judge(GET, ClientTurn("the client", due="text", seen="other")))
    assert list(judge(LIST, ClientTurn("the client", due=[widget(1)], seen=None)))
    rows = judge(LIST, ClientTurn("the client", due=[widget(1), widget(2)], seen=[widget(1), widget(3)]))
    assert messages(rows) == ["the client sees something else than what came: 3, not 2"]


def reading(record: Any, status: int = 200, base: Operation = GET) -> RecordReading:
    return RecordReading(record, base, (exchange(GET.id, status, {} if record is ABSENT else record),))


def test_a_write_that_nobody_can_look_at_is_not_judged() -> None:
    """Without a reading before or after there is nothing to compare."""
    change = exchange(UPDATE.id, 200, widget(1))
    assert not list(writes.untouched_fields(UPDATE, WriteTrial(change)))
    assert not list(writes.failed_write_no_trace(UPDATE, WriteTrial(change, reading(ABSENT), reading(ABSENT))))
    assert not list(writes.same_record(GET, 1, reading(["no record"])))
    assert not list(writes.failed_write_no_trace(UPDATE, CountTrial(change, 5, 5, 0)))


def test_an_instant_that_a_later_reading_shifts_is_found() -> None:
    """What was sent as one instant and reads as another is found as a matter of dates, wherever it shows."""
    sent = {"name": "Tap", "made": "2026-02-01T10:00:00Z"}
    created = exchange(CREATE.id, 201, None, arguments=Arguments(body=sent))
    trial = WriteTrial(created, after=reading(widget(1, name="Tap", made="2026-02-01T15:00:00Z")))
    assert {each.check for each in writes.read_after_write(CREATE, trial)} == {"date_truth"}


def moved_into(echo: Any) -> Operation:
    """An update whose body has a field ``label`` that the record shows as the document says."""
    schema = {"type": "object", "properties": {"label": {"type": "string", "x-accordant-echo": echo}}}
    data = copy.deepcopy(DOCUMENT)
    data["paths"]["/widgets/{id}"]["patch"]["requestBody"]["content"]["application/json"]["schema"] = schema
    return Document("widgets", data, "0" * 64).operations[UPDATE.id]


def test_what_a_record_shows_elsewhere_is_looked_for_there() -> None:
    """``x-accordant-echo`` names the place of a sent value in the record, or says that it is not shown at all."""
    change = exchange(UPDATE.id, 200, {"id": 1, "texts": {"label": "old"}}, arguments=Arguments(body={"label": "new"}))
    shown = writes.inner_lost({"label": "new"}, {"texts": {"label": "old"}}, {}, moved_into("texts.label"))
    assert [each.path for each in shown] == ["$.texts.label"]
    assert not writes.inner_lost({"label": "new"}, {"texts": {"label": "new"}}, {}, moved_into("texts.label"))
    assert not writes.inner_lost({"label": "new"}, {"label": "old"}, {}, moved_into(False))
    assert list(writes.read_after_write(moved_into("texts.label"), WriteTrial(change)))


def test_a_body_may_lie_in_a_member_of_the_record() -> None:
    """Where a record holds its body in one member, sent fields are looked for in it, and nothing else may change."""
    schema = {"properties": {"id": {}, "data": {"type": "object", "properties": {"name": {"type": "string"}}}}}
    assert not writes.inner_lost({"name": "Tap"}, {"id": 1, "data": {"name": "Tap"}}, schema, CREATE)
    lost = writes.inner_lost({"name": "Tap"}, {"id": 1, "data": {"name": "Ta"}}, schema, CREATE)
    assert [each.path for each in lost] == ["$.data.name"]


def test_repeating_what_may_be_repeated_adds_nothing() -> None:
    """The second time the same record answers, and the list has as many rows as before."""
    first = exchange(CREATE.id, 201, widget(1))
    judge = writes.idempotency
    assert not list(judge(GET, first, first, CountTrial(first, 5, 5, 0)))
    assert "it took the list from 5 to 6 rows" in messages(judge(GET, first, first, CountTrial(first, 5, 6, 0)))[0]
    assert "it made id 1 and 2" in messages(judge(GET, first, exchange(CREATE.id, 201, widget(2))))[0]


@pytest.mark.parametrize(
    ("expected", "record", "words"),
    [
        (ABSENT, ABSENT, ""),
        (ABSENT, widget(1), "is still there"),
        ("red", widget(1), ""),
        ("green", widget(1), "colour is 'red', not 'green'"),
        ("green", ABSENT, "is gone"),
    ],
)
def test_side_effects_are_as_the_vendor_says(expected: Any, record: Any, words: str) -> None:
    """Another record shows what the vendor says happens to it, or is gone where it should be."""
    effect = SideEffect((), PolicyStep(DELETE.id), "widget", "colour", expected, "the handbook says so", "docs")
    found = messages(writes.reference_effects(effect, 1, record, ()))
    assert bool(found) is bool(words)
    assert all(words in text and "the handbook says so" in text for text in found)


def test_each_exchange_is_judged_by_those_whom_it_concerns() -> None:
    """Forbidden requests, refusals for now, pages and what the client reads each bring their own judge."""

    def asked(given: Exchange, **known: Any) -> set[str]:
        return {check for check, _ in verdicts(operation(given.operation), given, known)}

    assert "negative_data_rejection" in asked(exchange(CREATE.id, 422, {}, intent="invalid"))
    assert "retry_after" in asked(exchange(GET.id, 429))
    assert "page_shape" in asked(page([], 0))
    assert "client_truth" in asked(exchange(GET.id, 200, widget(1)), getWidget=generated(Answer("200")))
    assert "client_truth" not in asked(exchange(GET.id, 200, widget(1)))
