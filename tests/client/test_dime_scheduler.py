"""Dime.Scheduler's habits, as a user of its client meets them."""

from __future__ import annotations

import asyncio
import datetime
import json
from collections.abc import Iterator
from typing import Any

import pytest

from treaty.dime_scheduler import AsyncDimeScheduler, DimeScheduler, procedure
from treaty.dime_scheduler.imports import as_text
from treaty.errors import APIStatusError, ConfigurationError, InternalServerError, RequestError
from treaty.testing import Script
from treaty_generated.dime_scheduler import models
from treaty_generated.dime_scheduler.models import (
    DeleteCategory,
    Importance,
    UpdateAppointmentImportance,
    UpsertCategory,
)
from treaty_sandbox import Sandbox

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
    with DimeScheduler(api_key=KEY, transport=script) as api:
        api.categories.upsert({"name": "A"})
        api.categories.upsert([{"name": "A"}, {"name": "B"}])
    assert [request.json for request in script.requests] == [{"name": "A"}, [{"name": "A"}, {"name": "B"}]]


def test_every_documented_procedure_has_a_class() -> None:
    """There is one class for each of the 63 documented procedures, with the procedure's name."""
    labels = [value.LABEL for name in models.__all__ if hasattr(value := getattr(models, name), "LABEL")]
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


def test_instants_lose_their_offset_in_an_import() -> None:
    """An instant is the tenant's wall clock: no offset, no fractions."""
    assert as_text(datetime.datetime(2026, 3, 2, 9, 30, 0, 5)) == "2026-03-02T09:30:00"


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
    assert "ONE" in names
    assert "TWO" not in names
    with pytest.raises(APIStatusError):
        outcome.raise_for_failures()


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
