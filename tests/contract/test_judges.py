"""Every judge of a single exchange: what it must find, and what it must let pass."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from accordant_contract.document.values import Arguments, Exchange
from accordant_contract.judges import client, conformance, dates, limits, paging
from accordant_contract.judges.per_exchange import Judge, verdicts
from accordant_runtime import Answer, Entity, Notes, Operation, is_object

from .widget_api import JSON, NOW, exchange, operation, page, widget

GET = "getWidget"


def found(judge: Judge, given: Exchange) -> list[str]:
    return [each.message for each in judge(operation(given.operation), given)]


def test_an_undocumented_status_is_found() -> None:
    """A status that the document does not list for the operation is found, a listed one is not."""
    assert found(conformance.status_code_conformance, exchange(GET, 418, {}))
    assert not found(conformance.status_code_conformance, exchange(GET, 404, {}))


def test_a_server_error_is_found() -> None:
    """A 500 is found, and so is a call that nobody answered; a 404 is not."""
    silent = Exchange(GET, exchange(GET).request, None, failure="connection reset")
    assert found(conformance.not_a_server_error, exchange(GET, 500, {}))
    assert "connection reset" in found(conformance.not_a_server_error, silent)[0]
    assert not found(conformance.not_a_server_error, exchange(GET, 404, {}))


@pytest.mark.parametrize(
    ("headers", "body", "wrong"),
    [
        ((("Content-Type", "text/html"),), b"{}", True),
        ((), b"{}", True),
        ((("content-type", "Application/JSON; charset=utf-8"),), b"{}", False),
        ((("Content-Type", "text/html"), ("Content-Type", "application/json")), b"{}", True),
    ],
)
def test_a_wrong_media_type_is_found(headers: Any, body: bytes, wrong: bool) -> None:
    """A body that comes as another media type than the documented, or without any, is found."""
    assert bool(found(conformance.content_type_conformance, exchange(GET, body=body, headers=headers))) is wrong


@pytest.mark.parametrize(("came", "wrong"), [("application/rows+json", False), ("application/row+json", True)])
def test_a_media_type_is_the_same_whatever_its_parameters_are(came: str, wrong: bool) -> None:
    """What is documented with a parameter may come with and without it; another media type may not."""
    content: dict[str, Any] = {"Application/rows+json; type=collection": {}}
    known = operation(GET)
    rows = evolve(known, data={**known.data, "responses": {"200": {"description": "", "content": content}}})
    for sent in (came, f"{came}; type=collection"):
        got = exchange(GET, body=b"[]", headers=(("Content-Type", sent),))
        assert bool(list(conformance.content_type_conformance(rows, got))) is wrong


def test_a_documented_body_that_is_missing_is_found() -> None:
    """An empty body where JSON is documented is found by the schema check."""
    assert found(conformance.response_schema_conformance, exchange(GET, 200))
    assert not found(conformance.response_schema_conformance, exchange("deleteWidget", 204))


@pytest.mark.parametrize(
    "body",
    [
        b'{"id": 1',
        b'\xef\xbb\xbf{"id": 1}',
        b'{"id": NaN}',
        b'{"id": 1, "id": 2, "name": "a", "colour": "red", "made": "2026-02-01T10:00:00Z"}',
        b'{"id": 1} trailing',
        b'{"name": "\xe9"}',
    ],
    ids=["cut off", "byte-order mark", "NaN", "key twice", "trailing", "Latin-1"],
)
def test_what_is_not_json_is_found(body: bytes) -> None:
    """A body that is no clean JSON document is found, whatever lenient readers make of it."""
    assert found(conformance.response_schema_conformance, exchange(GET, body=body))


def test_a_false_content_encoding_is_found() -> None:
    """A body that says it is gzip and is not is found."""
    headers = (*JSON, ("Content-Encoding", "gzip"))
    assert found(conformance.response_schema_conformance, exchange(GET, 200, widget(1), headers=headers))


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"id": "1"}, "$.id"),
        ({"colour": "mauve"}, "$.colour"),
        ({"made": "2026-02-01 10:00:00Z"}, "$.made"),
        ({"name": None}, "$.name"),
    ],
)
def test_a_schema_violation_is_found_with_its_path(change: dict[str, Any], path: str) -> None:
    """Wrong types, unlisted enum values, bad formats and null are found, each with its JSON path."""
    given = exchange(GET, 200, {**widget(1), **change})
    findings = list(conformance.response_schema_conformance(operation(GET), given))
    assert [each.path for each in findings] == [path]
    assert not found(conformance.response_schema_conformance, exchange(GET, 200, widget(1)))


def test_the_same_violation_in_two_rows_is_one_finding() -> None:
    """Two rows of a list that break the same rule in the same field have the same key."""
    rows = [widget(1, name=1), widget(2, name=2)]
    findings = list(conformance.response_schema_conformance(operation("listWidgets"), page(rows, 2)))
    assert len(findings) == 2
    assert len({each.key for each in findings}) == 1


def test_a_missing_or_contradicting_header_is_found() -> None:
    """A required header that is missing, of the wrong form, or there twice with different values is found."""
    judge = conformance.response_headers_conformance
    assert found(judge, exchange("createWidget", 201, widget(1)))
    assert not found(judge, exchange("createWidget", 201, widget(1), headers=(*JSON, ("Location", "/widgets/1"))))
    assert found(judge, exchange(GET, 429, headers=(("Retry-After", "soon"),)))
    assert found(judge, exchange(GET, 200, widget(1), headers=(*JSON, ("ETag", "a"), ("ETag", "b"))))
    assert not found(judge, exchange(GET, 200, widget(1), headers=(*JSON, ("Set-Cookie", "a"), ("Set-Cookie", "b"))))


def test_refusing_what_is_right_and_taking_what_is_wrong_is_found() -> None:
    """A valid request that is refused and an invalid one that is accepted are found, and not the other way round."""
    refused, taken = exchange("createWidget", 422, {}), exchange("createWidget", 201, widget(1))
    assert found(conformance.positive_data_acceptance, refused)
    assert not found(conformance.positive_data_acceptance, taken)
    wrong = exchange("createWidget", 201, widget(1), intent="invalid")
    assert found(conformance.negative_data_rejection, wrong)
    assert not found(conformance.negative_data_rejection, exchange("createWidget", 422, {}, intent="invalid"))


def test_nothing_has_to_be_refused_where_no_failure_is_documented() -> None:
    """A document that has failures about the caller alone does not say that a wrong request is refused."""
    created = operation("createWidget")
    accepted = exchange("createWidget", 201, {}, intent="invalid")
    assert created.refuses_requests
    few = {"201": created.data["responses"]["201"], "401": {"description": "no"}, "429": {"description": "later"}}
    quiet = evolve(created, data={**created.data, "responses": few})
    assert not quiet.refuses_requests
    assert not list(conformance.negative_data_rejection(quiet, accepted))
    assert evolve(created, data={**created.data, "responses": {**few, "default": {}}}).refuses_requests


def test_a_page_with_the_wrong_rows_is_found() -> None:
    """Too many rows, a row twice, too few for the total, and a total below what was shown are found."""
    rows = [widget(1), widget(2), widget(3)]
    assert found(paging.page_shape, page(rows, 3))
    assert found(paging.page_shape, page([widget(1), widget(1)], 5))
    assert found(paging.page_shape, page([widget(1)], 5))
    assert found(paging.page_shape, page([widget(1), widget(2)], 1))
    assert found(paging.page_shape, page([], 7, offset=4))
    assert not found(paging.page_shape, page([widget(1), widget(2)], 5))
    nowhere = Arguments(query={"limit": 2, "offset": "5e218"})  # a number that begins no page
    assert not found(paging.page_shape, evolve(page([widget(1)], 5), arguments=nowhere))
    assert not found(paging.page_shape, page([widget(5)], 5, offset=4))
    assert not found(paging.page_shape, page([], 5, offset=50))


def test_a_limit_above_the_maximum_may_be_lowered() -> None:
    """A page that was asked for with more than the maximum may hold the maximum, and no more."""
    full = [widget(number) for number in range(100)]
    assert not found(paging.page_shape, page(full, 150, limit=1000))
    assert found(paging.page_shape, page([*full, widget(100)], 150, limit=1000))


@pytest.mark.parametrize(
    ("status", "value", "wrong"),
    [
        (429, None, True),
        (429, "soon", True),
        (429, "0", False),
        (429, "7200", True),
        (429, "2", False),
        (503, None, False),
    ],
)
def test_a_retry_after_that_helps_nobody_is_found(status: int, value: str | None, wrong: bool) -> None:
    """A 429 must say readably how long to wait, less than an hour (0 is at once); a 503 may be silent."""
    headers = () if value is None else (("Retry-After", value),)
    assert bool(found(limits.retry_after, exchange(GET, status, headers=headers))) is wrong


def test_a_retry_after_may_be_a_date() -> None:
    """An HTTP date within the hour is a good Retry-After."""
    headers = (("Retry-After", "Sun, 01 Mar 2026 09:00:30 GMT"),)
    assert not found(limits.retry_after, exchange(GET, 429, headers=headers))


def test_a_refusal_that_outlasts_its_own_word_is_found() -> None:
    """A call that is still refused after the stated wait is found."""
    refused, served = exchange(GET, 429), exchange(GET, 200, widget(1))
    assert list(limits.limit_honest(operation(GET), refused, refused))
    assert not list(limits.limit_honest(operation(GET), refused, served))


def test_a_dishonest_remaining_count_is_found() -> None:
    """A remaining count below zero, or one that rises within a window, is found; a new window may start high."""

    def counted(left: int, window: int) -> Exchange:
        headers = (*JSON, ("X-RateLimit-Remaining", str(left)), ("X-RateLimit-Reset", str(window)))
        return exchange(GET, 200, widget(1), headers=headers)

    judge = limits.remaining_honest
    assert list(judge(operation(GET), [counted(-1, 60)]))
    assert list(judge(operation(GET), [counted(3, 60), counted(5, 60)]))
    assert not list(judge(operation(GET), [counted(5, 60), counted(4, 60), counted(9, 120)]))


def test_a_false_stamp_is_found() -> None:
    """A stamp or a Date header that is not the present is found, and an instant without an offset."""
    headers = (*JSON, ("Location", "/widgets/1"), ("Date", "Sun, 01 Mar 2026 09:00:02 GMT"))
    skewed = (*JSON, ("Location", "/widgets/1"), ("Date", "Sun, 01 Mar 2026 09:10:00 GMT"))
    late = exchange("createWidget", 201, widget(1, created_at="2026-03-01T09:20:00Z"), headers=headers)
    right = exchange("createWidget", 201, widget(1, created_at="2026-03-01T09:00:01Z"), headers=headers)
    assert found(dates.date_truth, late)
    assert found(dates.date_truth, exchange("createWidget", 201, widget(1), headers=skewed))
    assert found(dates.date_truth, exchange(GET, 200, widget(1, made="2026-02-01T10:00:00")))
    assert not found(dates.date_truth, right)


def _generated(name: str, answer: Answer[Any]) -> Operation[Any]:
    return Operation(name, "GET", "/widgets/{id}", "widgets", "get", Entity("widget", "get"), answers=(answer,))


def test_what_the_client_cannot_read_is_found() -> None:
    """A success that the generated client notes something about is found, with the place."""

    def strict(value: Any, notes: Notes) -> Any:
        return {**value, "id": notes.mismatch(value["id"], "id", "integer")} if value["id"] == 7.5 else value

    given = exchange(GET, body=b'{"id": 7.5}')
    findings = list(client.client_truth(_generated(GET, Answer("200", strict)), given))
    assert [each.path for each in findings] == ["$.id"]
    assert not list(client.client_truth(_generated(GET, Answer("200")), exchange(GET, 200, widget(1))))


def test_what_the_client_loses_is_found() -> None:
    """A field that the client does not write back, or writes back differently, is found; dates count as instants."""

    def forgetful(value: Any, _: Notes) -> Any:
        return {name: item for name, item in value.items() if name != "name"} if is_object(value) else value

    def moving(value: Any, _: Notes) -> Any:
        return {**value, "made": "2026-02-01T11:00:00+01:00"}

    given = exchange(GET, 200, widget(1))
    assert [each.path for each in client.client_truth(_generated(GET, Answer("200", forgetful)), given)] == ["$.name"]
    assert not list(client.client_truth(_generated(GET, Answer("200", moving)), given))


def test_every_exchange_is_judged_by_all_who_have_a_say() -> None:
    """A success is judged for status, headers, type, schema, acceptance and dates; a silent call as a server error."""
    checks = [check for check, _ in verdicts(operation(GET), exchange(GET, 200, widget(1)), {})]
    assert set(checks) >= {
        *("status_code_conformance", "response_schema_conformance", "content_type_conformance"),
        *("response_headers_conformance", "not_a_server_error", "positive_data_acceptance", "date_truth"),
    }
    silent = Exchange(GET, exchange(GET).request, None, Arguments(), failure="reset", at=NOW)
    assert [check for check, findings in verdicts(operation(GET), silent, {}) if findings] == ["not_a_server_error"]
