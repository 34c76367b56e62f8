"""Corners of walks, of waiting and of the reading of answers, where a plain way once lost something."""

from __future__ import annotations

import asyncio
import datetime
import re
import runpy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from accordant.dispatch import Dispatch
from accordant.errors import PaginationError, RequestError, ResponseDecodeError
from accordant.espace import AsyncEspace, Espace
from accordant.testing import Script
from accordant_runtime import Operation
from accordant_sandbox import Sandbox
from tests.client.support import CREATE, DELETE, LIST, LIST_BARE, LIST_CURSOR, LIST_NUMBERED, LIST_UNCOUNTED, Player

FIRST, LAST = datetime.date(2025, 1, 1), datetime.date(2027, 12, 31)

DOCS = Path(__file__).parents[2] / "docs"


def test_window_lists_can_be_fetched_ahead() -> None:
    """prefetch of a list without pages gives the very rows of the plain walk, sync and async."""
    with Sandbox("espace") as sandbox:

        async def gather() -> list[Any]:
            async with AsyncEspace(**sandbox.credentials) as api:
                pages = api.occurrences.list(start_date=FIRST, end_date=LAST, limit=4)
                return await pages.prefetch(4).collect()

        with Espace(**sandbox.credentials) as api:
            pages = api.occurrences.list(start_date=FIRST, end_date=LAST, limit=4)
            plain = [row.occurrence_id for row in pages]
            ahead = [row.occurrence_id for row in pages.prefetch(4)]
        assert not sandbox.defects
    assert len(plain) > 8
    assert ahead == plain
    assert [row.occurrence_id for row in asyncio.run(gather())] == plain


def test_the_first_example_of_dime_scheduler_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The example at the top of the page does what it says when it is pasted into a file."""
    found = re.search(r"```python\n(.*?)```", (DOCS / "dime_scheduler.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    (tmp_path / "example.py").write_text(found[1], encoding="utf-8")
    with Sandbox("dime_scheduler", real_time=True) as sandbox:
        for name, value in sandbox.env().items():
            monkeypatch.setenv(name, value)
        outcome = runpy.run_path(str(tmp_path / "example.py"))["outcome"]
        assert not sandbox.defects
    assert [item.applied for item in outcome.items] == [True, True]


def test_decimals_travel_as_numbers(play: Player) -> None:
    """A Decimal in a body is a JSON number."""
    script = Script((201, {"thing": {"id": 1}}))
    api = play.client(script)
    play.do(lambda: api.things.create({"amount": Decimal("10.50"), "rates": [Decimal("0.1")]}))
    assert script.requests[0].body == b'{"amount":10.5,"rates":[0.1]}'


@pytest.mark.parametrize("wrong", ["0.12345678901234567890", "NaN", "Infinity"])
def test_decimals_that_are_no_json_numbers_are_refused(play: Player, wrong: str) -> None:
    """A Decimal with more digits than a JSON number keeps, or without any, is not sent."""
    script = Script()
    api = play.client(script)
    with pytest.raises(RequestError, match=f"{CREATE.id}: the body cannot be sent"):
        play.do(lambda: api.things.create({"amount": Decimal(wrong)}))
    assert not script.requests


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"<html><title>Sign in</title>", {"Content-Type": "text/html"}),
        (b"Bad gateway", {"Content-Type": "text/plain"}),
        (b'{"id": 7}', {"Content-Type": "application/json", "Content-Length": "99"}),
        (b"", {"Content-Length": "99"}),
    ],
)
def test_a_foreign_page_is_no_success(play: Player, content: bytes, headers: dict[str, str]) -> None:
    """Where no content is promised, a page of a gateway or a cut body is an error and not a success."""
    api = play.client(Script((200, content, headers), repeat=True), retries=0)
    with pytest.raises(ResponseDecodeError, match=r"not JSON|cut short"):
        play.do(lambda: api.things.run(DELETE, id=7))


@pytest.mark.parametrize("content", [b"", b" \n", b"\xef\xbb\xbf", b'{"id": 7}', b"[]", b"null"])
def test_json_where_nothing_is_promised(play: Player, content: bytes) -> None:
    """Where no content is promised, an empty body is a success and JSON as well."""
    api = play.client(Script((200, content)))
    assert play.do(lambda: api.things.run(DELETE, id=7)) is None


@pytest.mark.parametrize("operation", [LIST_UNCOUNTED, LIST_BARE], ids=lambda operation: operation.id)
@pytest.mark.parametrize("window", [1, 4])
def test_a_list_that_is_not_paged_at_all(play: Player, operation: Operation[Any], window: int) -> None:
    """Where no total is promised and the second page is the first again, each row comes once and that is noted."""
    rows = [{"id": 1}, {"id": 2}]
    script = Script((200, rows if operation is LIST_BARE else {"things": rows}), repeat=True)
    api = play.client(script)
    assert [row.id for row in play.all(lambda: api.things.walk(operation).prefetch(window))] == [1, 2]
    assert len(script.requests) == 2
    assert ["first page again" in str(report) for report in api.deviations] == [True]
    strict = play.client(script, deviations="strict")
    with pytest.raises(ResponseDecodeError, match="first page again"):
        play.all(lambda: strict.things.walk(operation))


def test_a_later_page_that_comes_twice_is_an_error(play: Player) -> None:
    """A list that pages and then sticks has lost rows, with a total or without."""
    api = play.client(Script(*((200, {"things": [{"id": id}]}) for id in (1, 2, 2))))
    with pytest.raises(PaginationError, match="came twice"):
        play.all(lambda: api.things.walk(LIST_UNCOUNTED))


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        (LIST, {"limit": 0}),
        (LIST, {"limit": -1}),
        (LIST, {"limit": "10"}),
        (LIST, {"limit": True}),
        (LIST, {"offset": -1}),
        (LIST_NUMBERED, {"size": 0}),
        (LIST_NUMBERED, {"page": 0}),
        (LIST_CURSOR, {"limit": 0}),
    ],
)
def test_pages_that_there_cannot_be(play: Player, operation: Operation[Any], arguments: dict[str, Any]) -> None:
    """A page size below 1, an offset below 0 or a page before the first is refused by name, and nothing is sent."""
    api = play.client(Script())
    [name] = arguments
    pages = api.things.walk(operation, **arguments)
    for use in (pages.collect, pages.first):
        with pytest.raises(RequestError, match=f"{operation.id}: argument '{name}' must be a whole number"):
            play.do(use)


def test_a_naive_datetime_is_not_sent_where_instants_have_an_offset() -> None:
    """Nobody could say which instant it means, wherever in the arguments it stands; a vendor's wall clock is free."""
    naive = datetime.datetime(2026, 3, 1, 9)
    script = Script()
    with Dispatch(token="t", transport=script) as api:
        with pytest.raises(RequestError, match=r"time_gt: 2026-03-01T09:00:00 has no offset"):
            api.appointments.list(time_gt=naive).first()
        with pytest.raises(RequestError, match=r"^time: "):
            api.appointments.create(job_id=1, status="draft", time=naive)
    assert not script.requests
    with Sandbox("espace") as sandbox, Espace(**sandbox.credentials) as wall:
        assert wall.events.create(event_name="Choir", event_date=naive).event_id
