"""Dime.Scheduler's habits, as a user of its client meets them."""

from __future__ import annotations

import asyncio
import datetime
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from accordant.dime_scheduler import AsyncDimeScheduler, DimeScheduler, procedure
from accordant.dime_scheduler.imports import as_text
from accordant.errors import APIStatusError, ConfigurationError, InternalServerError, RequestError
from accordant.testing import Script
from accordant_generated.dime_scheduler import models
from accordant_generated.dime_scheduler.models import (
    CategoryWriteParam,
    DeleteCategory,
    Importance,
    UpdateAppointmentImportance,
    UpsertCategory,
    UpsertResource,
)
from accordant_sandbox import Sandbox

KEY = "invented-key"


def taken(status: int = 200, **content: Any) -> tuple[int, Any]:
    """A ContentResult, always behind HTTP 200."""
    return 200, {"content": json.dumps(content), "contentType": "application/json", "statusCode": status}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox that must not have broken its own document."""
    with Sandbox("dime_scheduler") as made:
        yield made
        assert not made.defects


def category(name: str) -> UpsertCategory:
    return UpsertCategory(name=name, display_name=name.title(), color="#112233")


def test_the_key_travels_in_its_own_header_and_shows_nowhere() -> None:
    """An API key goes into X-API-KEY, and is in neither the repr nor an error."""
    script = Script((401, {"Error": f"bad key {KEY}"}))
    with DimeScheduler(api_key=KEY, transport=script) as api, pytest.raises(APIStatusError) as caught:
        api.categories.list()
    assert script.requests[0].headers["x-api-key"] == KEY
    assert KEY not in repr(api) + str(caught.value) + repr(caught.value)


def test_a_user_name_and_password_get_a_token() -> None:
    """With a user name, the client signs in at /token and sends the token it gets."""
    script = Script((200, {"token": "invented.jwt.token"}), (200, []))
    with DimeScheduler(username="ann", password="invented", transport=script) as api:
        api.categories.list()
    assert [request.path for request in script.requests] == ["/token", "/category"]
    assert script.requests[1].headers["authorization"] == "Bearer invented.jwt.token"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "credentials are missing"),
        ({"username": "ann"}, "username needs password"),
        ({"api_key": KEY, "token": "t"}, "give one of these"),
    ],
)
def test_credentials_that_do_not_do_are_refused(given: dict[str, str], words: str) -> None:
    """Too few or too many credentials are an error that says which are needed."""
    with pytest.raises(ConfigurationError, match=words):
        DimeScheduler(**given)  # type: ignore[arg-type]


def test_from_env_names_the_variable_that_is_missing() -> None:
    """A missing environment variable is named."""
    with pytest.raises(ConfigurationError, match="DIME_SCHEDULER_API_KEY"):
        DimeScheduler.from_env({})


def test_a_failure_behind_http_200_raises_with_the_vendors_words() -> None:
    """HTTP 200 with another statusCode inside raises the error of that status, with the vendor's code and words."""
    script = Script(taken(500, Error="Not found", Description="There is no such category."))
    with DimeScheduler(api_key=KEY, transport=script) as api, pytest.raises(InternalServerError) as caught:
        api.categories.delete({"name": "X"})
    assert (caught.value.message, caught.value.code) == ("There is no such category.", "Not found")


def test_a_write_takes_one_record_or_many() -> None:
    """One record travels as an object, several as an array."""
    script = Script(taken(Success=True), repeat=True)
    one: CategoryWriteParam = {"name": "A", "displayName": "A", "color": "#ff0000"}
    other: CategoryWriteParam = {"name": "B", "displayName": "B", "color": "#00ff00"}
    with DimeScheduler(api_key=KEY, transport=script) as api:
        api.categories.upsert(one)
        api.categories.upsert([one, other])
    assert [request.json for request in script.requests] == [one, [one, other]]


def test_every_documented_procedure_has_a_class() -> None:
    """There is one class for each of the 63 documented procedures, with the procedure's name."""
    labels = [value.LABEL for name in dir(models) if hasattr(value := getattr(models, name), "LABEL")]
    assert len(labels) == len(set(labels)) == 63
    assert all(label.startswith("mboc_") for label in labels)


def test_values_of_an_import_travel_as_text() -> None:
    """Parameters are paired with values by position, every value as the text that the import wants."""
    script = Script(taken(Success=True))
    change = UpdateAppointmentImportance(importance=Importance.HIGH, appointment_id=7, sent_from_back_office=True)
    with DimeScheduler(api_key=KEY, transport=script) as api:
        api.imports.batch(change).raise_for_failures()
    (call,) = script.requests[0].json
    assert call["StoredProcedureName"] == "mboc_updateAppointmentImportance"
    assert dict(zip(call["ParameterNames"], call["ParameterValues"], strict=True)) == {
        "Importance": "1",
        "AppointmentId": "7",
        "SentFromBackOffice": "true",
    }


EAST = datetime.timezone(datetime.timedelta(hours=2))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (Importance.HIGH, "1"),
        (datetime.datetime(2026, 3, 2, 9, 30), "2026-03-02T09:30:00"),
        (datetime.datetime(2026, 3, 2, 9, 30, tzinfo=EAST), "2026-03-02T09:30:00+02:00"),
        (datetime.datetime(2026, 3, 2, 9, 30, tzinfo=datetime.UTC), "2026-03-02T09:30:00Z"),
        (datetime.date(2026, 3, 2), "2026-03-02"),
        (datetime.time(9, 30), "09:30:00"),
        (datetime.timedelta(hours=26, minutes=5, seconds=7), "26:05:07"),
        (datetime.timedelta(milliseconds=500), "00:00:00.500000"),
        (0.00001, "0.00001"),
        (1e22, "10000000000000000000000"),
        (Decimal("1E+2"), "100"),
        (Decimal("0.10"), "0.10"),
        (["a", 1], "a,1"),
    ],
)
def test_every_value_of_an_import_has_its_text(value: Any, text: str) -> None:
    """Numbers never have an exponent, aware datetimes keep their offset, and spans are hours, minutes and seconds."""
    assert as_text(value) == text


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("-inf"),
        Decimal("NaN"),
        b"bytes",
        datetime.timedelta(seconds=-1),
        datetime.time(9, tzinfo=datetime.UTC),
    ],
)
def test_a_value_without_a_text_is_refused(value: Any) -> None:
    """What an import cannot say is a RequestError before anything is sent, in a class of procedures as well."""
    with pytest.raises(RequestError, match="cannot be"):
        as_text(value)
    with DimeScheduler(api_key=KEY, transport=Script()) as api, pytest.raises(RequestError):
        api.imports.batch(UpsertResource(resource_no="R", bulk_capacity=value))


def test_both_ways_into_an_import_store_the_same(sandbox: Sandbox) -> None:
    """A class and a procedure by name store the same moment and the same small number."""
    when = datetime.datetime(2026, 3, 2, 9, tzinfo=EAST)
    typed = UpsertResource(
        resource_no="R1", resource_name="One", display_name="One", bulk_capacity=0.00001, in_service_from=when
    )
    plain = procedure("mboc_upsertResource", {**typed.to_dict(), "ResourceNo": "R2", "InServiceFrom": when})
    with DimeScheduler(**sandbox.credentials) as api:
        api.imports.batch(typed, plain).raise_for_failures()
        found = {row.resource_no: row for row in api.resources.list()}
    assert found["R1"].bulk_capacity == found["R2"].bulk_capacity == 0.00001
    assert found["R1"].in_service_from == found["R2"].in_service_from == datetime.datetime(2026, 3, 2, 7)


def test_a_procedure_of_ones_own_needs_the_prefix() -> None:
    """Only procedures whose name begins with mboc_ can be called, and nothing is sent for others."""
    assert procedure("mboc_own", {"A": 1.5, "B": None}).to_dict() == {
        "StoredProcedureName": "mboc_own",
        "ParameterNames": ["A", "B"],
        "ParameterValues": ["1.5", None],
    }
    with pytest.raises(RequestError, match="mboc_"):
        procedure("own", {})


def test_a_batch_goes_in_order_and_stops_at_a_refusal(sandbox: Sandbox) -> None:
    """Items behind a refused one are not attempted, and each item says what became of it."""
    with DimeScheduler(**sandbox.credentials) as api:
        outcome = api.imports.batch(category("ONE"), procedure("mboc_nothing", {}), category("TWO"), size=1)
        names = [row.name for row in api.categories.list()]
    assert [(item.succeeded, item.attempted) for item in outcome.items] == [(True, True), (False, True), (False, False)]
    assert [item.applied for item in outcome.items] == [True, False, False]
    assert "ONE" in names
    assert "TWO" not in names
    with pytest.raises(APIStatusError):
        outcome.raise_for_failures()


def test_what_a_refused_request_of_several_applied_is_not_known(sandbox: Sandbox) -> None:
    """In a refused request of several items none is said to be applied or not; those that were not sent are not."""
    with DimeScheduler(**sandbox.credentials) as api:
        outcome = api.imports.batch(category("ONE"), procedure("mboc_nothing", {}), category("TWO"), size=2)
    assert [(item.succeeded, item.applied) for item in outcome.items] == [(False, None), (False, None), (False, False)]
    assert outcome.failures == outcome.items


def test_what_a_failing_server_applied_is_not_known() -> None:
    """A server that fails over one item may have applied it."""
    with DimeScheduler(api_key=KEY, transport=Script((500, None)), retries=0) as api:
        (item,) = api.imports.batch(category("ONE")).items
    assert (item.succeeded, item.applied) == (False, None)


def test_a_batch_can_go_on_behind_a_refusal(sandbox: Sandbox) -> None:
    """With keep_going every item is attempted, in the asynchronous client as well."""

    async def run() -> list[bool]:
        async with AsyncDimeScheduler(**sandbox.credentials) as api:
            outcome = await api.imports.batch(
                procedure("mboc_nothing", {}), category("ONE"), DeleteCategory(name="ONE"), size=1, keep_going=True
            )
            return [item.succeeded for item in outcome.items]

    assert asyncio.run(run()) == [False, True, True]


def test_wrong_credentials_stop_a_batch_at_once() -> None:
    """A refusal that is about the caller raises: no item is to blame."""
    with DimeScheduler(api_key=KEY, transport=Script((401, {}))) as api, pytest.raises(APIStatusError) as caught:
        api.imports.batch(category("ONE"))
    assert caught.value.status == 401


def test_lists_page_where_the_vendor_pages(sandbox: Sandbox) -> None:
    """Tasks are walked page by page, and the walk finds all of them."""
    with DimeScheduler(**sandbox.credentials) as api:
        pages = api.tasks.list()
        assert len(pages.collect()) == len(sandbox.state.tasks.all()) > 0


FAILURES = [
    (taken(204, Success=True), "", 204),
    (taken(0, Message="Nothing done."), "Nothing done.", 200),
    (taken(Success=False, Message="Not applied."), "Not applied.", 200),
    (taken(Success=False, Message="Not applied.", Status=500), "Not applied.", 500),
    (taken(Error="Refused", Description="No such job."), "No such job.", 200),
    ((200, {"content": "plain words", "contentType": "text/plain", "statusCode": 500}), "plain words", 500),
    ((200, {"content": '"a JSON text"', "contentType": "application/json", "statusCode": 500}), "a JSON text", 500),
    ((200, {"success": False, "message": "flat", "status": 500}), "flat", 500),
    ((200, {"Success": False, "Message": "flat"}), "flat", 200),
    ((200, {"SUCCESS": True, "Status": 500, "Message": "flat"}), "flat", 500),
    ((200, {"error": "flat"}), "flat", 200),
    ((200, {"content": "quoted", "contentType": "text/plain", "statusCode": "500"}), "quoted", 500),
]


@pytest.mark.parametrize(("answer", "words", "status"), FAILURES)
def test_no_failure_behind_http_200_passes_for_success(answer: Any, words: str, status: int) -> None:
    """A failure raises with the vendor's words, whether the answer, its content or a flat outcome says it."""
    with DimeScheduler(api_key=KEY, transport=Script(answer)) as api, pytest.raises(APIStatusError) as caught:
        api.categories.delete({"name": "X"})
    assert (caught.value.message, caught.value.status) == (words, status)


@pytest.mark.parametrize(
    "answer",
    [
        taken(Success=True, Message=None, Error=""),
        taken(Success=True, Status=200, Error=None),
        taken(),
        (200, {"content": "", "contentType": "text/plain", "statusCode": 200}),
        (200, {"content": "done", "contentType": "text/plain", "statusCode": 200}),
        (200, {"success": True, "status": 200}),
        (200, {"success": True, "status": 1}),
        (200, {}),
    ],
)
def test_success_stays_success(answer: Any) -> None:
    """An answer that says nothing of a failure is a success, with words in it or without."""
    with DimeScheduler(api_key=KEY, transport=Script(answer)) as api:
        assert api.categories.delete({"name": "X"})


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (400, b"some text", "text/plain; charset=utf-8", "some text"),
        (500, b"\xef\xbb\xbf" + b"long " * 200, "text/plain", "long " * 100 + "..."),
        (500, f"bad key {KEY}".encode(), "text/plain", "bad key ***"),
        (400, b'"a JSON text"', "application/json", "a JSON text"),
        (500, b"<html></html>", "text/html", ""),
    ],
)
def test_an_error_of_plain_text_keeps_its_words(status: int, body: bytes, kind: str, words: str) -> None:
    """The text of an error that is no JSON object is its message, short enough for a log and without secrets."""
    script = Script((status, body, {"Content-Type": kind}))
    with DimeScheduler(api_key=KEY, transport=script, retries=0) as api, pytest.raises(APIStatusError) as caught:
        api.categories.list()
    assert caught.value.message == words


def test_notifications_are_listed_without_arguments(sandbox: Sandbox) -> None:
    """The page size that the vendor requires is sent where the caller gives none."""
    with DimeScheduler(**sandbox.credentials) as api:
        assert len(api.notifications.list().collect()) == len(sandbox.state.notifications.all())
