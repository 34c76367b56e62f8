"""What a page says of the next: addresses, headers, the last row, and flags that end the walk."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from accordant._paging.next_page import next_cursor
from accordant.testing import Script, SentRequest
from accordant_runtime import Operation, Pagination
from tests.client.support import LIST_CURSOR, LIST_NUMBERED, LIST_UNCOUNTED, Player

THINGS = [{"id": f"t{number}"} for number in range(1, 6)]


def paged(operation: Operation[Any], **changes: Any) -> Operation[Any]:
    """The list, whose pages say of the next what the changes name."""
    assert operation.pagination is not None
    return evolve(operation, pagination=evolve(operation.pagination, **changes))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"next": "next"}, {"next": "https://api.test/v1/things/cursor?limit=2&after={}"}),
        ({"next": "links.next.href"}, {"links": {"next": {"href": "/things/cursor?after={}&limit=2"}}}),
        ({"next": "next", "more": "has_more"}, {"next": "{}", "has_more": True}),
        ({"next": "next", "last": "done"}, {"next": "{}", "done": False}),
        ({"next": None, "next_row": "id", "more": "has_more"}, {"has_more": True}),
        ({"next": None, "next_header": "X-Next-Cursor"}, {"X-Next-Cursor": "{}"}),
        (
            {"next": None, "next_header": "Link"},
            {"Link": '<https://api.test/?after={}>; rel="next", </?x=1>; rel=prev'},
        ),
    ],
    ids=["address", "link", "flag", "done", "last row", "header", "Link header"],
)
def test_walks_by_what_pages_say(play: Player, changes: dict[str, Any], told: dict[str, Any]) -> None:
    """A walk reads the next cursor from an address, a link, a header or the last row, and ends where it says so."""

    def serve(sent: SentRequest) -> Any:
        start = int(dict(sent.query).get("after", "t0")[1:])
        rows, more = THINGS[start : start + 2], start + 2 < len(THINGS)
        body: dict[str, Any] = {"items": rows}
        headers: dict[str, str] = {}
        for name, value in told.items():
            if name[:1].isupper():
                headers |= {name: value.format(rows[-1]["id"])} if more else {}
            elif name in ("has_more", "done"):
                body[name] = more is value
            elif name == "links":
                body[name] = {"next": {"href": value["next"]["href"].format(rows[-1]["id"])}} if more else {}
            else:
                body[name] = value.format(rows[-1]["id"]) if more or "more" in changes or "last" in changes else None
        return 200, body, headers

    api = play.client(Script(serve, repeat=True))
    found = play.all(lambda: api.things.walk(paged(LIST_CURSOR, **changes)))
    assert [row.id for row in found] == [thing["id"] for thing in THINGS]


@pytest.mark.parametrize("operation", [LIST_NUMBERED, LIST_UNCOUNTED], ids=["page", "offset"])
def test_a_flag_saves_the_empty_page(play: Player, operation: Operation[Any]) -> None:
    """Where a page says that it is the last, no further one is asked for."""
    asked: list[Any] = []

    def serve(sent: SentRequest) -> Any:
        asked.append(dict(sent.query))
        rows = THINGS[:2] if len(asked) == 1 else THINGS[2:4]
        return 200, {"items": rows, "things": rows, "more": len(asked) == 1}

    api = play.client(Script(serve, repeat=True))
    found = play.all(lambda: api.things.walk(paged(operation, total=None, more="more")))
    assert [row.id for row in found] == ["t1", "t2", "t3", "t4"]
    assert len(asked) == 2


def test_a_cursor_that_looks_like_an_address() -> None:
    """A cursor with a question mark in it, which names no parameter, is sent as it came."""
    pagination = Pagination("cursor", "items", position="after", next="next")
    assert next_cursor(pagination, {"next": "a?b"}, [], {}) == "a?b"
    assert next_cursor(pagination, {"next": "https://[::1?after=c"}, [], {}) == "https://[::1?after=c"  # no address
    assert next_cursor(pagination, {"next": 7}, [], {}) == 7
    assert next_cursor(pagination, {}, [], {}) is None


@pytest.mark.parametrize(
    "header", [None, "", '<https://api.test/?after=c1>; rel="prev"', '<https://a.test/>; rel="nextish"']
)
def test_headers_without_a_next_page(header: str | None) -> None:
    """A header that is missing, is empty or links only elsewhere ends the walk."""
    pagination = Pagination("cursor", "items", position="after", next_header="Link")
    assert next_cursor(pagination, {}, [], {} if header is None else {"Link": header}) is None
