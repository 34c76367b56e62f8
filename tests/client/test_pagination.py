"""Walks over lists: every row once, in order, and an error instead of a loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from accordant import CallOptions
from accordant._paging.styles import OffsetWalker, Position, Rows
from accordant.errors import (
    ConfigurationError,
    DeadlineExceededError,
    InternalServerError,
    PaginationError,
    RequestError,
    ResponseDecodeError,
    ResumeTokenError,
)
from accordant.testing import FakeClock, Script, SentRequest
from accordant_runtime import Operation
from tests.client.support import (
    LIST,
    LIST_BARE,
    LIST_CURSOR,
    LIST_NUMBERED,
    LIST_UNCOUNTED,
    LIST_WINDOW,
    VENDOR,
    AsyncTiny,
    Player,
    Tiny,
)


class Shelf:
    """A vendor with ``count`` things in lists of every style; ``most`` is the largest page that it serves."""

    def __init__(self, count: int, most: int = 100, default: int = 10) -> None:
        self.things = [{"id": number} for number in range(1, count + 1)]
        self.most = most
        self.default = default
        self.asked: list[dict[str, str]] = []
        self.total: Callable[[int], int] = lambda count: count

    def __call__(self, sent: SentRequest) -> Any:
        query = dict(sent.query)
        self.asked.append(query)
        if sent.path.endswith("/cursor"):
            return self.by_cursor(query)
        if sent.path.endswith(("/numbered", "/bare")):
            size = min(int(query.get("size", self.default)), self.most)
            start = (int(query.get("page", 1)) - 1) * size
        else:
            size = min(int(query.get("limit", self.default)), self.most)
            start = int(query.get("offset", 0))
        rows, total = self.things[start : start + size], self.total(len(self.things))
        if sent.path.endswith("/bare"):
            return 200, rows
        if sent.path.endswith("/numbered"):
            return 200, {"items": rows, "total": total}
        return 200, {"things": rows, "meta": {"total": total, "limit": size, "offset": start}}

    def by_cursor(self, query: dict[str, str]) -> Any:
        start = int(query.get("after", "c0")[1:])
        size = min(int(query.get("limit", self.default)), self.most)
        end = start + size
        more = f"c{end}" if end < len(self.things) else None
        return 200, {"items": self.things[start:end], "next": more}


STYLES = [LIST, LIST_UNCOUNTED, LIST_NUMBERED, LIST_BARE, LIST_CURSOR]


def ids(rows: Any) -> list[int]:
    return [row.id for row in rows]


def scripted(*pages: Any) -> Script:
    """A list that answers these pages, each ``(ids, total)``."""
    return Script(*((200, {"things": [{"id": id} for id in rows], "meta": {"total": total}}) for rows, total in pages))


@pytest.mark.parametrize("operation", STYLES, ids=lambda operation: operation.id)
@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 25])
def test_every_row_once(play: Player, operation: Operation[Any], count: int) -> None:
    """A walk gives every row once, in the vendor's order, whatever the style of paging."""
    api = play.client(Script(Shelf(count), repeat=True))
    assert ids(play.all(lambda: api.things.walk(operation))) == list(range(1, count + 1))


@settings(deadline=None)  # a busy machine is no failure
@given(
    count=st.integers(0, 60), most=st.integers(1, 20), limit=st.none() | st.integers(1, 30), window=st.integers(1, 5)
)
def test_clamped_pages_lose_nothing(count: int, most: int, limit: int | None, window: int) -> None:
    """When a vendor serves smaller pages than were asked for, no row is lost or repeated, with prefetch or without."""
    given: dict[str, Any] = {} if limit is None else {"limit": limit}
    api = Tiny(transport=Script(Shelf(count, most), repeat=True))
    for operation in (LIST, LIST_UNCOUNTED, LIST_CURSOR):
        pages = api.things.walk(operation, **given).prefetch(window)
        assert ids(pages) == list(range(1, count + 1))


def test_page_sizes(play: Player) -> None:
    """The vendor's largest page is asked for, unless the call wants another."""
    shelf = Shelf(5)
    api = play.client(Script(shelf, repeat=True))
    play.all(lambda: api.things.list())
    play.all(lambda: api.things.list(limit=3))
    assert [query["limit"] for query in shelf.asked] == ["100", "3", "3"]


def test_nothing_is_sent_before_iteration(play: Player) -> None:
    """Making a list sends nothing, and every iteration starts anew."""
    shelf = Shelf(3)
    api = play.client(Script(shelf, repeat=True))
    pages = api.things.list()
    assert shelf.asked == []
    assert ids(play.all(lambda: pages)) == ids(play.all(lambda: pages)) == [1, 2, 3]
    assert len(shelf.asked) == 2


def test_start_in_the_middle(play: Player) -> None:
    """A walk begins at the offset or the page that the call names."""
    api = play.client(Script(Shelf(25), repeat=True))
    assert ids(play.all(lambda: api.things.list(offset=23))) == [24, 25]
    assert ids(play.all(lambda: api.things.walk(LIST_NUMBERED, page=3, size=10))) == [21, 22, 23, 24, 25]
    assert ids(play.all(lambda: api.things.walk(LIST_CURSOR, after="c24"))) == [25]
    assert ids(play.all(lambda: api.things.list(offset=99))) == []


def test_total(play: Player) -> None:
    """total is the vendor's count, fetched once with the smallest page; None where the vendor does not count."""
    shelf = Shelf(25)
    api = play.client(Script(shelf, repeat=True))
    pages = api.things.list(name_eq="x")
    assert play.do(lambda: pages.total) == 25
    assert play.do(lambda: pages.total) == 25
    assert shelf.asked == [{"filter[name_eq]": "x", "limit": "1", "offset": "0"}]
    assert play.do(lambda: api.things.walk(LIST_UNCOUNTED).total) is None
    assert len(shelf.asked) == 1


def test_first(play: Player) -> None:
    """first() fetches one row, where rows are counted one; it is None for an empty list."""
    shelf = Shelf(25)
    api = play.client(Script(shelf, repeat=True))
    assert play.do(lambda: api.things.list(limit=50).first()).id == 1
    assert shelf.asked[-1]["limit"] == "1"
    assert play.do(lambda: api.things.walk(LIST_NUMBERED, page=3, size=10).first()).id == 21
    empty = play.client(Script(Shelf(0), repeat=True))
    assert play.do(lambda: empty.things.list().first()) is None


def test_pages(play: Player) -> None:
    """pages() gives the vendor's pages with the total and a token to go on; the last page has none."""
    api = play.client(Script(Shelf(5), repeat=True))
    pages = play.all(lambda: api.things.list(limit=2).pages())
    assert [ids(page.items) for page in pages] == [[1, 2], [3, 4], [5]]
    assert [page.total for page in pages] == [5, 5, 5]
    assert [page.token is None for page in pages] == [False, False, True]


def test_collect(play: Player) -> None:
    """collect() gives all rows as a list, or the first so many, and fetches no page more than it needs."""
    shelf = Shelf(25)
    api = play.client(Script(shelf, repeat=True))
    assert len(play.do(lambda: api.things.list(limit=10).collect())) == 25
    shelf.asked.clear()
    assert ids(play.do(lambda: api.things.list(limit=10).collect(10))) == list(range(1, 11))
    assert play.do(lambda: api.things.list().collect(max_items=0)) == []
    assert len(shelf.asked) == 1
    with pytest.raises(RequestError, match="0 or more"):
        play.do(lambda: api.things.list().collect(-1))


@pytest.mark.parametrize("operation", STYLES, ids=lambda operation: operation.id)
def test_resume(play: Player, operation: Operation[Any]) -> None:
    """A walk that stopped behind a page goes on there, in another client if need be, and the rest is the same."""
    api = play.client(Script(Shelf(25), repeat=True))
    size = {"limit": 10} if operation in (LIST, LIST_UNCOUNTED, LIST_CURSOR) else {"size": 10}
    pages = api.things.walk(operation, **size)
    [first] = play.all(lambda: pages.pages(), most=1)
    other = play.client(Script(Shelf(25), repeat=True))
    assert ids(play.all(lambda: other.things.walk(operation, **size).resume(first.token))) == list(range(11, 26))


def test_resume_with_another_page_size(play: Player) -> None:
    """The page size may change between the parts of a walk by offset."""
    api = play.client(Script(Shelf(25), repeat=True))
    [page] = play.all(lambda: api.things.list(limit=10, name_eq="x").pages(), most=1)
    rest = api.things.list(limit=4, name_eq="x").resume(page.token)
    assert ids(play.all(lambda: rest)) == list(range(11, 26))


def test_foreign_tokens(play: Player) -> None:
    """A token of another list, of other arguments, or a damaged one is refused with the reason, and nothing is sent."""
    script = Script(Shelf(25), repeat=True)
    api = play.client(script)
    [page] = play.all(lambda: api.things.list(limit=10).pages(), most=1)
    token = page.token
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    script.requests.clear()
    with pytest.raises(ResumeTokenError, match="belongs to listThings"):
        api.things.walk(LIST_UNCOUNTED).resume(token)
    with pytest.raises(ResumeTokenError, match="other arguments"):
        api.things.list(name_eq="x").resume(token)
    with pytest.raises(ResumeTokenError, match="other arguments"):
        api.things.list(options=CallOptions(query={"x": "1"})).resume(token)
    for damaged in ("", "x", "ä", token[:-1], token[1:], "A" + token[1:], token + "A"):
        with pytest.raises(ResumeTokenError, match=r"damaged"):
            api.things.list().resume(damaged)
    assert script.requests == []


def test_repeated_page(play: Player) -> None:
    """A vendor that ignores the offset and repeats its page causes an error, not a loop."""
    api = play.client(Script(*scripted(([1, 2], 9)).steps, repeat=True))
    with pytest.raises(PaginationError, match="listThings: the same page of 2 rows came twice"):
        play.all(lambda: api.things.list())


def test_lookalike_rows_are_no_repetition(play: Player) -> None:
    """Single rows that carry no id may look alike."""
    row = {"items": [{"name": "same"}], "total": 3}
    api = play.client(Script((200, row), repeat=True))
    assert len(play.all(lambda: api.things.walk(LIST_NUMBERED))) == 3


def test_empty_page_too_early(play: Player) -> None:
    """An empty page although the total promises more rows is an error: rows would be lost silently."""
    api = play.client(scripted(([1, 2], 5), ([], 5)))
    with pytest.raises(PaginationError, match=r"offset 2 is empty, but the total is 5"):
        play.all(lambda: api.things.list())
    empty = play.client(Script((200, {"items": [], "total": 5})))
    with pytest.raises(PaginationError, match="page 1 is empty after 0 of 5 rows"):
        play.all(lambda: empty.things.walk(LIST_NUMBERED))


def test_total_that_shrinks(play: Player) -> None:
    """When rows are deleted during the walk, the newest total counts."""
    api = play.client(scripted(([1, 2], 5), ([3], 3)))
    assert ids(play.all(lambda: api.things.list())) == [1, 2, 3]


def test_total_that_is_too_small(play: Player) -> None:
    """A total below the rows that really came does not end the walk."""
    api = play.client(scripted(([1, 2], 1), ([3, 4], 1), ([], 1)))
    assert ids(play.all(lambda: api.things.list())) == [1, 2, 3, 4]


@pytest.mark.parametrize("operation", [LIST, LIST_NUMBERED], ids=lambda operation: operation.id)
def test_total_that_is_the_page_s_length(play: Player, operation: Operation[Any]) -> None:
    """When the total of a full first page equals its length, the walk looks once more; a short page ends it."""
    shelf = Shelf(25)
    shelf.total = lambda _count: 10
    api = play.client(Script(shelf, repeat=True))
    size = "limit" if operation is LIST else "size"
    assert len(play.all(lambda: api.things.walk(operation, **{size: 10}))) == 25
    shelf = Shelf(10)
    api = play.client(Script(shelf, repeat=True))
    assert len(play.all(lambda: api.things.walk(operation, **{size: 11}))) == 10
    assert len(shelf.asked) == 1


def test_cursor_that_repeats(play: Player) -> None:
    """A cursor that comes twice is an error, also after a while; one that is no text or number as well."""
    pages = [(200, {"items": [{"id": id}], "next": cursor}) for id, cursor in ((1, "a"), (2, "b"), (3, "a"))]
    api = play.client(Script(*pages))
    with pytest.raises(PaginationError, match="cursor came twice"):
        play.all(lambda: api.things.walk(LIST_CURSOR))
    api = play.client(Script((200, {"items": [], "next": {"a": 1}})))
    with pytest.raises(PaginationError, match="neither text nor a number"):
        play.all(lambda: api.things.walk(LIST_CURSOR))


def test_error_in_the_middle(play: Player) -> None:
    """The rows before an error are given, then the error is raised; a walk can be resumed behind them."""
    steps = scripted(([1, 2], 4)).steps
    api = play.client(Script(*steps, (500, None), *scripted(([3, 4], 4)).steps), retries=0)
    seen: list[Any] = []

    def remember() -> Any:
        return play.all(lambda: api.things.list().pages(), most=1)

    seen.extend(remember())
    with pytest.raises(InternalServerError):
        play.all(lambda: api.things.list().resume(seen[0].token))
    rest = play.all(lambda: api.things.list().resume(seen[0].token))
    assert ids(rest) == [3, 4]


def test_own_styles() -> None:
    """A style that nobody knows is named; a vendor can bring a walker for it."""
    api = Tiny(transport=Script())
    with pytest.raises(ConfigurationError, match="listWindow: there is no walker for the paging style 'window'"):
        api.things.walk(LIST_WINDOW).collect()

    class Windows(OffsetWalker):
        def arguments(self, position: Position) -> dict[str, Any]:
            return {"from": position.value} if position.value else {}

        def after(self, position: Position, rows: Rows) -> Position | None:
            return None if position.value else Position(1, len(rows.items))

    vendor = evolve(VENDOR, walkers={"window": Windows})
    api = Tiny(vendor=vendor, transport=Script((200, {"items": [{"id": 1}]}), (200, {"items": [{"id": 2}]})))
    assert ids(api.things.walk(LIST_WINDOW)) == [1, 2]


def test_what_is_wrong_with_rows_is_told_first() -> None:
    """A page whose rows cannot be read says so, also where the walk could not go on after it. What decides how it goes
    on sees the rows as they came."""
    seen: list[Any] = []

    class Stuck(OffsetWalker):
        def after(self, position: Position, rows: Rows) -> Position | None:  # noqa: ARG002
            seen.extend(rows.items)
            raise self.stuck("nowhere to go")

    vendor = evolve(VENDOR, walkers={"window": Stuck})
    api = Tiny(vendor=vendor, transport=Script((200, {"items": [{"id": 1}]}), (200, {"items": [{"id": 2}, 7]})))
    with pytest.raises(PaginationError, match="nowhere to go"):
        api.things.walk(LIST_WINDOW).collect()
    with pytest.raises(ResponseDecodeError, match=r"\$\.items\[1\]: expected object, found integer"):
        api.things.walk(LIST_WINDOW).collect()
    assert seen == [{"id": 1}, {"id": 2}, 7]


def test_deadline_over_a_walk(play: Player) -> None:
    """A deadline that the call gives covers the whole walk; the client's own covers each page."""
    shelf = Shelf(5)

    def slow(sent: SentRequest) -> Any:
        play.clock.advance(4)
        return shelf(sent)

    api = play.client(Script(slow, repeat=True), deadline=5)
    assert len(play.all(lambda: api.things.list(limit=1))) == 5
    with pytest.raises(DeadlineExceededError):
        play.all(lambda: api.things.list(limit=1, options=CallOptions(deadline=10)))


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("accordant-pages")]


@pytest.mark.parametrize("operation", STYLES, ids=lambda operation: operation.id)
def test_prefetch(play: Player, operation: Operation[Any]) -> None:
    """prefetch gives the same rows in the same order, and leaves no thread behind."""
    api = play.client(Script(Shelf(95), repeat=True))
    arguments = {"size": 10} if operation in (LIST_NUMBERED, LIST_BARE) else {"limit": 10}
    pages = api.things.walk(operation, **arguments).prefetch(4)
    assert ids(play.all(lambda: pages)) == list(range(1, 96))
    assert threads() == []


def test_prefetch_window() -> None:
    """prefetch keeps as many requests in flight as the window is wide, and no more."""
    shelf = Shelf(100)
    in_flight = most = 0
    lock = threading.Lock()
    gate = threading.Barrier(4)

    def transport(*request: Any) -> Any:
        nonlocal in_flight, most
        with lock:
            in_flight += 1
            most = max(most, in_flight)
        if "offset=0" not in request[1] and in_flight:
            gate.wait(5)
        with lock:
            in_flight -= 1
        return Script(shelf)(*request)

    api = Tiny(transport=transport)
    # One page alone, because nobody knows the total before it, and then twelve more in groups of four.
    assert ids(api.things.list(limit=8).prefetch(4)) == list(range(1, 101))
    assert most == 4


def test_requests_go_out_before_a_page_is_looked_at() -> None:
    """On an event loop, the requests for the pages ahead are under way before a page comes."""
    shelf = Shelf(100)
    script = Script(shelf, repeat=True)

    async def walk() -> list[int]:
        async with AsyncTiny(transport=script) as api:
            return [len(shelf.asked) async for _ in api.things.list(limit=10).prefetch(4).pages()]

    assert asyncio.run(walk()) == [5, 6, 7, 8, 9, 10, 10, 10, 10, 10]


def test_prefetch_of_few_pages(play: Player) -> None:
    """prefetch asks for no page beyond the total."""
    shelf = Shelf(25)
    api = play.client(Script(shelf, repeat=True))
    assert len(play.all(lambda: api.things.list(limit=10).prefetch(8))) == 25
    assert sorted(query["offset"] for query in shelf.asked) == ["0", "10", "20"]


def test_prefetch_with_shrinking_pages(play: Player) -> None:
    """When a page has fewer rows than the one before, what was fetched ahead is dropped and nothing is lost."""
    shelf = Shelf(60)

    def uneven(sent: SentRequest) -> Any:
        shelf.most = 7 if dict(sent.query).get("offset") == "10" else 10
        return shelf(sent)

    api = play.client(Script(uneven, repeat=True))
    assert ids(play.all(lambda: api.things.list().prefetch(2))) == list(range(1, 61))


def test_prefetch_errors(play: Player) -> None:
    """An error of a page that was fetched ahead is raised at its place, after the rows before it."""
    shelf = Shelf(50)

    def failing(sent: SentRequest) -> Any:
        return (500, None) if dict(sent.query).get("offset") == "30" else shelf(sent)

    api = play.client(Script(failing, repeat=True), retries=0)
    pages = api.things.list(limit=10).prefetch(5)
    assert ids(play.all(lambda: pages, most=30)) == list(range(1, 31))
    with pytest.raises(InternalServerError):
        play.all(lambda: pages)
    assert threads() == []


def test_prefetch_that_is_left(play: Player) -> None:
    """Leaving a walk early ends its threads and tasks."""
    api = play.client(Script(Shelf(500), repeat=True))
    assert ids(play.all(lambda: api.things.list(limit=10).prefetch(4), most=3)) == [1, 2, 3]
    assert threads() == []


def test_prefetch_window_of_nothing(play: Player) -> None:
    """A window below 1 is refused."""
    api = play.client(Script())
    with pytest.raises(RequestError, match="must be 1 or more, not 0"):
        api.things.list().prefetch(0)


def test_tasks_end_with_the_walk() -> None:
    """An asynchronous walk that is left early leaves no task behind."""

    async def run() -> int:
        async with AsyncTiny(transport=Script(Shelf(500), repeat=True), clock=FakeClock()) as api:
            pages: Any = api.things.list(limit=10).prefetch(4).pages()
            await anext(pages)
            await pages.aclose()
            return len(asyncio.all_tasks())

    assert asyncio.run(run()) == 1
