"""How a run walks a list whose pages say where the next one is."""

from __future__ import annotations

import copy
import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
from attrs import evolve

from accordant_contract.document.document import Document, Operation
from accordant_contract.document.values import Arguments, Exchange, Request, Response
from accordant_contract.records.next_page import next_cursor
from accordant_contract.records.reading import RecordReader
from accordant_contract.records.store import RecordStore
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import clients, targets, vendor

from .widget_api import DOCUMENT, widget

ROWS = [widget(number) for number in range(1, 6)]


def paged(**pagination: Any) -> Operation:
    """The list of widgets, paged in another way."""
    data = copy.deepcopy(DOCUMENT)
    found = data["paths"]["/widgets"]["get"]
    found["x-accordant-pagination"] = {"items": "widgets", "limit": "limit", **pagination}
    found["parameters"].append({"name": "after", "in": "query", "schema": {"type": "string"}})
    return Document("widgets", data, "").operations["listWidgets"]


class Pages:
    """A target that holds five rows, and says of the next page what the list is documented to say."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.asked: list[dict[str, Any]] = []

    def call(self, operation: Operation, arguments: Arguments) -> Exchange:
        """One page."""
        query = dict(arguments.query)
        self.asked.append(query)
        start = int(query.get("after", query.get("offset", 0)))
        end = start + int(query["limit"])
        body: dict[str, Any] = {"widgets": ROWS[start:end]}
        headers = [("Content-Type", "application/json")]
        paging = operation.paging
        assert paging is not None
        more, leads = end < len(ROWS), paging.leads
        if "next" in leads and more:
            body["next"] = str(end) if leads["next"] == "next" else None
            body["links"] = {"next": f"https://a.test/widgets?limit=2&after={end}"}
        if "next-header" in leads and more:
            headers.append(
                ("link", f'<https://a.test/?after={end}>; rel="next", <https://a.test/?after=0>; rel="first"')
            )
        body |= {"more": more} if "more" in leads else {}
        body |= {"done": not more} if "last" in leads else {}
        response = Response(200, tuple(headers), _json(body))
        return Exchange(operation.id, Request("GET", "http://a.test", (), b""), response, arguments, "valid")


def _json(value: Any) -> bytes:
    from accordant_runtime import dumps

    return dumps(value)


def nothing(*_: Any) -> None:
    """Fill no request."""


def walked(operation: Operation, size: int = 2) -> tuple[list[int], Pages, bool]:
    """The ids of a walk, what was asked for, and whether it came to an end."""
    target = Pages(operation)

    walk = RecordReader(cast(RecordStore, target), nothing).walk(operation, Arguments(), size)
    rows = [row["id"] for page in walk.pages for row in operation.rows(page.document) or []]
    return rows, target, walk.finished


@pytest.mark.parametrize(
    "leads",
    [
        {"next": "next"},
        {"next": "links.next"},
        {"next-header": "Link"},
        {"next-row": "id", "more": "more"},
        {"next": "next", "last": "done"},
    ],
    ids=["a cursor", "an address", "a Link header", "the last row", "a flag"],
)
def test_walks_by_cursor(leads: dict[str, str]) -> None:
    """A walk by cursor sees every row once, whatever of a page leads to the next one."""
    operation = paged(style="cursor", cursor="after", **leads)
    rows, target, finished = walked(operation)
    assert rows == [1, 2, 3, 4, 5]
    assert finished
    assert [query.get("after") for query in target.asked] in ([None, "2", "4"], [None, 2, 4])


def test_a_walk_that_never_ends_is_cut() -> None:
    """A cursor that leads on for ever ends the walk after so many pages, and the walk says so."""
    operation = paged(style="cursor", cursor="after", next="next")
    target = Pages(operation)
    reader = RecordReader(cast(RecordStore, target), nothing)
    assert not reader.walk(operation, Arguments(), 1, pages=3).finished
    assert len(target.asked) == 3


def test_a_flag_ends_a_walk_by_offset() -> None:
    """A page that says it is the last ends the walk, though it is full."""
    operation = paged(style="offset", offset="offset", more="more")
    rows, target, _ = walked(operation, size=5)
    assert rows == [1, 2, 3, 4, 5]
    assert len(target.asked) == 1


def test_pages_from_zero() -> None:
    """Where the first page has the number 0, a walk begins there."""
    operation = paged(style="page", page="offset", start=0)
    assert operation.paging is not None
    assert walked(operation)[1].asked[0]["offset"] == 0


def test_a_list_whose_page_must_be_named_is_read_from_its_first() -> None:
    """Where the number of the page is required, the probes and both clients begin at the first, and see its rows: a
    made-up number shows nothing, or, where it is small, other rows in pages of another size."""
    with targets.local(vendor.load("dime_scheduler"), way="process") as target:
        run = Run(target, Settings(PROFILES["quick"], focus={"listNotifications"}, fuzz=False))
        filled = [run.context.filler.arguments(run.document.operations["listNotifications"]) for _ in range(20)]
        assert {each.query["page"] for each in filled if each is not None} == {1}
        run.execute()
        assert target.sandbox is not None
        asked = [entry for entry in target.sandbox.journal if entry.operation == "listNotifications"]
    assert not run.results.findings
    assert [each for each in run.session.history if each.arguments.query.get("limit") == clients.ROWS and each.document]
    assert len(asked) > 10


def test_an_offset_begins_at_zero() -> None:
    """A list that is paged by an offset begins at 0, one by pages at the number of its first."""
    first = [paged(**how).paging for how in ({"style": "offset", "offset": "o"}, {"style": "page", "page": "p"})]
    assert [each.first for each in first if each is not None] == [0, 1]


@pytest.mark.parametrize(("required", "asked"), [(True, {"offset": 1, "limit": 1}), (False, {"limit": 1})])
def test_a_total_is_asked_for_with_what_a_list_needs(required: bool, asked: dict[str, int]) -> None:
    """A list that has to be told the page is asked for its first one when its rows are counted."""
    operation = paged(style="page", page="offset", total="total")
    page = operation.parameter("offset")
    assert page is not None
    parameters = tuple(evolve(each, required=required) if each is page else each for each in operation.parameters)
    target = Pages(operation)

    def call(_: str, given: Arguments) -> Exchange:
        return target.call(operation, given)

    session = SimpleNamespace(call=call)
    store = cast(RecordStore, SimpleNamespace(session=session))
    RecordReader(store, nothing).total(evolve(operation, parameters=parameters), Arguments())
    assert target.asked == [asked]


def test_a_cursor_that_only_looks_like_an_address() -> None:
    """What cannot be read as an address is the cursor itself."""
    operation = paged(style="cursor", cursor="after", next="next")
    body = json.dumps({"widgets": ROWS, "next": "https://[::1?after=c"}).encode()
    response = Response(200, (("Content-Type", "application/json"),), body)
    exchange = Exchange(operation.id, Request("GET", "https://a.test/widgets", ()), response, Arguments())
    assert operation.paging is not None
    assert next_cursor(operation.paging, exchange, ROWS) == "https://[::1?after=c"
