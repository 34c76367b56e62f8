"""Lists that change while they are walked: nothing is lost or doubled in silence, and no walk goes round for ever."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from threading import Condition
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from accordant import DeviationReport
from accordant._paging import list_watch as watch
from accordant.errors import PaginationError
from accordant.testing import Script, SentRequest
from accordant_runtime import Operation
from tests.client.support import (
    LIST,
    LIST_BARE,
    LIST_CURSOR,
    LIST_NUMBERED,
    LIST_UNCOUNTED,
    Player,
    Tiny,
)


def keyed(operation: Operation[Any], *fields: str) -> Operation[Any]:
    """The same list, of which it is known which fields are a row's key."""
    assert operation.pagination is not None
    return evolve(operation, pagination=evolve(operation.pagination, key=fields or ("id",)))


KEYED = keyed(LIST)
NUMBERED = keyed(LIST_NUMBERED)
CURSOR = keyed(LIST_CURSOR)
COUNTED = [KEYED, NUMBERED]
Change = Callable[[list[Any]], Any]


class Alive:
    """A vendor whose list changes: ``changes`` are done before the requests of those numbers, from 0 on."""

    def __init__(self, ids: Any, changes: dict[int, Change] | None = None) -> None:
        self.ids = list(ids)
        self.changes = changes or {}
        self.asked: list[dict[str, str]] = []
        self.total: Callable[[int], int] = lambda _rows: len(self.ids)

    def __call__(self, sent: SentRequest) -> Any:
        self.changes.get(len(self.asked), list)(self.ids)
        start, size = self.place(sent)
        self.asked.append(dict(sent.query))
        rows = [{"id": id} for id in self.ids[start : start + size]]
        total = self.total(len(rows))
        numbered = _numbered(sent)
        return 200, {"items": rows, "total": total} if numbered else {"things": rows, "meta": {"total": total}}

    def place(self, sent: SentRequest) -> tuple[int, int]:
        """Where the page begins that a request asks for, and how many rows it has."""
        query = dict(sent.query)
        if _numbered(sent):
            size = int(query["size"])
            return (int(query["page"]) - 1) * size, size
        return int(query["offset"]), int(query["limit"])


class InOrder(Alive):
    """The same vendor, where threads overtake each other: a request waits until those for the pages before it came."""

    def __init__(self, ids: Any, changes: dict[int, Change] | None = None) -> None:
        super().__init__(ids, changes)
        self.came = Condition()
        self.end = 0

    def __call__(self, sent: SentRequest) -> Any:
        start, size = self.place(sent)
        with self.came:
            assert self.came.wait_for(lambda: start <= self.end, timeout=30)
            self.end = max(self.end, start + size)
            self.came.notify_all()
            return super().__call__(sent)


def _numbered(sent: SentRequest) -> bool:
    return sent.path.endswith("/numbered")


def sized(operation: Operation[Any], size: int) -> dict[str, Any]:
    """The argument for the page size."""
    return {"size" if operation.pagination and operation.pagination.limit == "size" else "limit": size}


def walked(play: Player, api: Any, operation: Operation[Any], size: int = 2, window: int = 1) -> list[int]:
    """The ids that a walk gives."""
    rows = play.all(lambda: api.things.walk(operation, **sized(operation, size)).prefetch(window))
    return [row.id for row in rows]


def told(api: Any) -> list[tuple[str, str, str]]:
    """What the client was told: kind, path and words."""
    return [(item.kind, item.path, str(item)) for report in api.deviations for item in report.deviations]


def kinds(api: Any) -> list[str]:
    return [kind for kind, _, _ in told(api)]


@pytest.mark.parametrize("window", [1, 4])
@pytest.mark.parametrize("operation", COUNTED, ids=lambda operation: operation.id)
@pytest.mark.parametrize("gone", [1, 2, 3])
def test_deleted_row(play: Player, operation: Operation[Any], gone: int, window: int) -> None:
    """Rows that are deleted between two pages cost no other row: the border is read again, in order, and it is told."""

    def delete(ids: list[int]) -> None:
        del ids[:gone]

    vendor = InOrder(range(1, 11), {2: delete})
    api = play.client(Script(vendor, repeat=True))
    assert walked(play, api, operation, window=window) == list(range(1, 11))
    assert set(kinds(api)) == {"total"}
    assert told(api)[0][2].endswith(f"total: expected 10 as on the page before, found {10 - gone}")


def test_deleted_row_costs_one_page(play: Player) -> None:
    """A row that is deleted costs one request more, not a second walk."""
    vendor = Alive(range(1, 11), {2: lambda ids: ids.remove(1)})
    api = play.client(Script(vendor, repeat=True))
    walked(play, api, KEYED)
    assert [query["offset"] for query in vendor.asked] == ["0", "2", "4", "3", "5", "7"]


@pytest.mark.parametrize("operation", COUNTED, ids=lambda operation: operation.id)
def test_row_deleted_before_it_came(play: Player, operation: Operation[Any]) -> None:
    """A row that is deleted before its page came is missing, and how many of how many came is told."""
    api = play.client(Script(Alive(range(1, 11), {1: lambda ids: ids.remove(9)}), repeat=True))
    assert walked(play, api, operation) == [1, 2, 3, 4, 5, 6, 7, 8, 10]
    assert kinds(api) == ["total", "incomplete"]
    assert told(api)[1][2].endswith("total: expected 10 rows, found the end after 9 of 10 rows")


@pytest.mark.parametrize("operation", COUNTED, ids=lambda operation: operation.id)
def test_inserted_row(play: Player, operation: Operation[Any]) -> None:
    """A row that is inserted before the walk doubles none; what repeats, moved and is missing is told."""
    api = play.client(Script(Alive(range(1, 11), {1: lambda ids: ids.insert(0, 99)}), repeat=True))
    assert walked(play, api, operation) == list(range(1, 11))
    assert kinds(api) == ["total", "repeated", "incomplete"]
    path = "things" if operation is KEYED else "items"
    assert told(api)[1][1:] == (
        f"$.{path}[0]",
        f"$.{path}[0]: expected a row that did not come before, found key 2 again",
    )
    assert told(api)[2][2].endswith("found the end after 10 of 11 rows")


@pytest.mark.parametrize("operation", COUNTED, ids=lambda operation: operation.id)
def test_many_inserted_rows(play: Player, operation: Operation[Any]) -> None:
    """A whole page of inserted rows pushes a page down by one: that is no vendor that repeats its page for ever."""

    def insert(ids: list[int]) -> None:
        ids[:0] = [97, 98, 99, 100]

    api = play.client(Script(Alive(range(1, 11), {1: insert}), repeat=True))
    assert walked(play, api, operation) == [1, 2, 99, 100, *range(3, 11)]


def delete_first(ids: list[int]) -> None:
    del ids[0]


def insert_first(ids: list[int]) -> None:
    ids.insert(0, 99)


@pytest.mark.parametrize("change", [delete_first, insert_first], ids=["deleted", "inserted"])
def test_strict(play: Player, change: Change) -> None:
    """With deviations="strict" a total that moves is a PaginationError, after the rows before it were given."""
    api = play.client(Script(Alive(range(1, 11), {1: change}), repeat=True), deviations="strict")
    assert [row.id for row in play.all(lambda: api.things.walk(KEYED, limit=2), most=2)] == [1, 2]
    api = play.client(Script(Alive(range(1, 11), {1: change}), repeat=True), deviations="strict")
    with pytest.raises(PaginationError, match=r"listThings: \$\.meta\.total: expected 10 as on the page before"):
        walked(play, api, KEYED)


def test_callback(play: Player) -> None:
    """A function as policy is told of what a walk notices, with operation and status."""
    reports: list[DeviationReport] = []
    api = play.client(
        Script(Alive(range(1, 5), {1: lambda ids: ids.remove(1)}), repeat=True), deviations=reports.append
    )
    assert walked(play, api, KEYED) == [1, 2, 3, 4]
    assert [(report.operation, report.status) for report in reports] == [("listThings", 200)]


class Pages:
    """A vendor that sends these pages in turn for ever, whatever it is asked; ``total`` rows, it says."""

    def __init__(self, *pages: list[Any], total: int = 1000) -> None:
        self.pages, self.total, self.sent = pages, total, 0

    def __call__(self, _sent: SentRequest) -> Any:
        rows = self.pages[self.sent % len(self.pages)]
        self.sent += 1
        assert self.sent < 1100, "the walk goes on for ever"
        return 200, {
            "things": rows,
            "items": rows,
            "total": self.total,
            "meta": {"total": self.total},
            "next": f"c{self.sent}",
        }


@pytest.mark.parametrize("policy", ["lenient", "strict"])
@pytest.mark.parametrize("period", [1, 2, 3, 7])
@pytest.mark.parametrize(
    "operation",
    [KEYED, NUMBERED, CURSOR, LIST, LIST_NUMBERED, LIST_UNCOUNTED, LIST_CURSOR],
    ids=lambda operation: operation.id + ("" if operation.pagination.key else "-keyless"),
)
def test_pages_in_turn(play: Player, operation: Operation[Any], period: int, policy: Any) -> None:
    """Pages that come in turn for ever are a PaginationError when each came twice, however many they are."""
    pages = [[{"id": number * 2}, {"id": number * 2 + 1}] for number in range(period)]
    vendor = Pages(*pages)
    api = play.client(Script(vendor, repeat=True), deviations=policy)
    # A vendor that sends its first page again and promises no total does not page this list at all.
    unpaged = operation is LIST_UNCOUNTED and period == 1
    if unpaged and policy == "lenient":
        assert walked(play, api, operation) == [0, 1]
    else:
        error = Exception if unpaged else PaginationError
        with pytest.raises(error):
            walked(play, api, operation)
    assert vendor.sent <= 2 * period


def test_pages_in_turn_are_named(play: Player) -> None:
    """The error says how many pages come in turn; a walk that begins before them finds them as well."""
    first: list[Any] = [{"id": 100}, {"id": 101}]
    vendor = Pages(first, *[[{"id": 1}, {"id": 2}], [{"id": 3}, {"id": 4}]] * 50)
    api = play.client(Script(vendor, repeat=True))
    with pytest.raises(PaginationError, match="listThings: the same 2 pages came twice in turn"):
        walked(play, api, KEYED)
    assert vendor.sent == 5


def test_list_that_grows_as_fast_as_it_is_walked(play: Player) -> None:
    """A list that outruns the walk for ever ends in an error, not never."""

    def growing(sent: SentRequest) -> Any:
        offset = int(dict(sent.query)["offset"])
        assert offset < 1000, "the walk goes on for ever"
        return 200, {"things": [{"id": 1}, {"id": 2}], "meta": {"total": 1000 + offset}}

    api = play.client(Script(growing, repeat=True))
    with pytest.raises(PaginationError, match="100 pages in a row had no new row"):
        walked(play, api, KEYED)


def test_known_rows_in_ever_new_order(play: Player) -> None:
    """Known rows in ever new order end in an error as well."""
    orders = [[{"id": number} for number in order] for order in permutations(range(5))]
    api = play.client(Script(Pages(*orders), repeat=True))
    with pytest.raises(PaginationError, match="10 pages in a row had no new row"):
        walked(play, api, KEYED)


@pytest.mark.parametrize("operation", COUNTED, ids=lambda operation: operation.id)
@pytest.mark.parametrize("total", [0, 1, 2, 3])
def test_total_that_is_too_low(play: Player, operation: Operation[Any], total: int) -> None:
    """A total below the rows that come ends no walk, and is told once; strict: a PaginationError."""
    vendor = Alive(range(1, 11))
    vendor.total = lambda _rows: total
    api = play.client(Script(vendor, repeat=True))
    assert walked(play, api, operation) == list(range(1, 11))
    assert kinds(api) == ["total"]
    assert told(api)[0][2].endswith(f" or more, found {total}")
    strict = play.client(Script(vendor, repeat=True), deviations="strict")
    with pytest.raises(PaginationError, match="or more, found"):
        walked(play, strict, operation)


@pytest.mark.parametrize("operation", COUNTED, ids=lambda operation: operation.id)
def test_total_that_is_the_length_of_each_page(play: Player, operation: Operation[Any]) -> None:
    """Where the total is the length of the page that it stands on, every row comes once all the same."""
    vendor = Alive(range(1, 26))
    vendor.total = lambda rows: rows
    api = play.client(Script(vendor, repeat=True))
    assert walked(play, api, operation, size=10) == list(range(1, 26))
    assert kinds(api) == ["total"]


@pytest.mark.parametrize("operation", COUNTED, ids=lambda operation: operation.id)
def test_total_that_goes_up_and_down(play: Player, operation: Operation[Any]) -> None:
    """A total that goes up and down, as from two replicas, costs a walk of 100 pages less than 100 requests more."""
    vendor = Alive(range(1, 301))
    vendor.total = lambda _rows: 299 + len(vendor.asked) % 2
    api = play.client(Script(vendor, repeat=True))
    assert walked(play, api, operation, size=3) == list(range(1, 301))
    assert len(vendor.asked) < 200
    assert set(kinds(api)) == {"total"}


def test_total_that_falls_to_the_end(play: Player) -> None:
    """When the total falls to the rows that came and the page is full, the walk looks once more before it ends."""
    vendor = Alive(range(1, 8))
    vendor.total = lambda _rows: 7 if len(vendor.asked) == 1 else 4
    api = play.client(Script(vendor, repeat=True))
    assert walked(play, api, LIST) == [1, 2, 3, 4, 5, 6, 7]
    assert kinds(api) == ["total"]


def test_incomplete_in_strict(play: Player) -> None:
    """With deviations="strict" the end after too few rows is a PaginationError, when all that came was given."""
    steps = [
        (200, {"items": [{"id": 1}], "total": 3, "next": "c1"}),
        (200, {"items": [{"id": 2}], "total": 3, "next": None}),
    ]
    assert CURSOR.pagination is not None
    counted = evolve(CURSOR, pagination=evolve(CURSOR.pagination, total="total"))
    api = play.client(Script(*steps), deviations="strict")
    assert [row.id for row in play.all(lambda: api.things.walk(counted), most=2)] == [1, 2]
    api = play.client(Script(*steps), deviations="strict")
    with pytest.raises(PaginationError, match=r"\$\.total: expected 3 rows, found the end after 2 of 3 rows"):
        walked(play, api, counted)
    lenient = play.client(Script(*steps))
    assert walked(play, lenient, counted) == [1, 2]
    assert kinds(lenient) == ["incomplete"]


def test_part_of_a_list_is_not_incomplete(play: Player) -> None:
    """Who begins in the middle or stops early hears nothing of rows that are missing."""
    api = play.client(Script(Alive(range(1, 11)), repeat=True))
    assert [row.id for row in play.all(lambda: api.things.walk(KEYED, limit=2, offset=7))] == [8, 9, 10]
    assert [row.id for row in play.all(lambda: api.things.walk(NUMBERED, size=4, page=3))] == [9, 10]
    assert [row.id for row in play.do(lambda: api.things.walk(KEYED, limit=2).collect(3))] == [1, 2, 3]
    assert play.all(lambda: api.things.walk(KEYED, limit=2, offset=99)) == []
    assert len(api.deviations) == 0


def test_rows_without_a_key(play: Player) -> None:
    """Where no key is known, rows may be equal: none is dropped and nothing is told, whole pages of them included."""
    rows = [{"id": 1, "name": "a"}, {"id": 1, "name": "a"}]
    api = play.client(Script(Pages(rows, [{"id": 1, "name": "a"}, {"id": 2}], rows, total=6), repeat=True))
    assert walked(play, api, LIST) == [1, 1, 1, 2, 1, 1]
    assert len(api.deviations) == 0
    nameless = [{"name": "same"}, {"name": "same"}]
    api = play.client(Script(Pages(nameless, total=20), repeat=True))
    assert len(walked(play, api, LIST)) == 20
    assert "repeated" not in kinds(api)


def test_key_that_is_none(play: Player) -> None:
    """Two different rows of one page with the same key show that it is no key: from there on no row is dropped."""
    first: list[Any] = [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]
    api = play.client(Script(Pages(first, [{"id": 1}, {"id": 2}], [{"id": 2}, {"id": 3}], total=6), repeat=True))
    assert walked(play, api, KEYED) == [1, 1, 1, 2, 2, 3]
    assert [words for _, _, words in told(api)] == ["$.things[1]: expected a key of its own, found key 1 on two rows"]


def test_rows_that_lack_their_key(play: Player) -> None:
    """A row whose key is missing, null or no number or text is never taken for another one."""
    rows: list[Any] = [{"id": None}, {"id": None}, {"name": "x"}, {"name": "x"}, {"id": [1]}, {"id": True}, {"id": 1}]
    api = play.client(Script(Pages(rows, total=7), repeat=True))
    assert len(play.all(lambda: api.things.walk(KEYED, limit=10))) == 7
    assert "repeated" not in kinds(api)


def test_joint_keys(play: Player) -> None:
    """A key of several fields tells rows apart by all of them."""
    one, two, three = {"id": 1, "name": "a"}, {"id": 1, "name": "b"}, {"id": 2, "name": "a"}
    pages: list[list[Any]] = [[one, two], [two, three], []]
    api = play.client(Script(*((200, {"things": rows, "meta": {"total": 4}}) for rows in pages)))
    assert walked(play, api, keyed(LIST, "id", "name")) == [1, 1, 2]
    assert told(api)[0][2] == "$.things[0]: expected a row that did not come before, found key (1, 'b') again"


def test_repeated_row_on_one_page(play: Player) -> None:
    """A row that stands twice on one page comes once, and how often it was dropped is told."""
    api = play.client(Script(Pages([{"id": 1}, {"id": 1}, {"id": 2}, {"id": 1}], [], total=4), repeat=True))
    assert [row.id for row in play.all(lambda: api.things.walk(KEYED, limit=9))] == [1, 2]
    assert told(api)[0][2].endswith("found key 1 again (and 1 more)")
    assert kinds(api) == ["repeated", "incomplete"]


def test_empty_page_in_the_middle(play: Player) -> None:
    """An empty page with a cursor to the next one is not the end; a thousand of them in a row are an error."""
    steps: list[Any] = [
        (200, {"items": [{"id": 1}], "next": "a"}),
        (200, {"items": [], "next": "b"}),
        (200, {"items": [{"id": 2}], "next": None}),
    ]
    api = play.client(Script(*steps))
    assert walked(play, api, CURSOR) == [1, 2]
    assert len(api.deviations) == 0
    api = play.client(Script(Pages([]), repeat=True))
    with pytest.raises(PaginationError, match="1000 pages in a row were empty"):
        walked(play, api, CURSOR)


def test_token_remembers_the_total(play: Player) -> None:
    """A walk that goes on with a token notices a total that moved since, and counts the rows before it."""
    vendor = Alive(range(1, 11))
    api = play.client(Script(vendor, repeat=True))
    [page] = play.all(lambda: api.things.walk(KEYED, limit=4).pages(), most=1)
    vendor.ids.remove(1)
    other = play.client(Script(vendor, repeat=True))
    rest = play.all(lambda: other.things.walk(KEYED, limit=4).resume(page.token))
    assert [row.id for row in rest] == [6, 7, 8, 9, 10]
    assert kinds(other) == ["total", "incomplete"]
    assert told(other)[1][2].endswith("the end after 9 of 10 rows")


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A walk keeps a bounded number of keys, and still knows the rows that came lately."""
    monkeypatch.setattr(watch, "_KEPT", 10)
    api = Tiny(transport=Script(Alive([*range(1, 101), *range(96, 106)]), repeat=True))
    assert [row.id for row in api.things.walk(KEYED, limit=10)] == list(range(1, 106))
    api = Tiny(transport=Script(Alive([*range(1, 101), 1]), repeat=True))
    assert [row.id for row in api.things.walk(KEYED, limit=10)] == [*range(1, 101), 1]


_CHANGES = st.dictionaries(st.integers(1, 30), st.lists(st.integers(0, 60), min_size=1, max_size=3), max_size=30)


@settings(deadline=None)  # a busy machine is no failure
@given(
    count=st.integers(0, 40),
    changes=_CHANGES,
    size=st.integers(1, 7),
    operation=st.sampled_from(COUNTED),
    window=st.integers(1, 4),
)
def test_deletions_lose_nothing(
    count: int, changes: dict[int, list[int]], size: int, operation: Operation[Any], window: int
) -> None:
    """Whatever is deleted between which pages, every row that stays comes, once, in order, with prefetch or without."""

    def deleting(places: list[int]) -> Change:
        return lambda ids: [ids.pop(place % len(ids)) for place in places if ids]

    vendor = Alive(range(count), {number: deleting(places) for number, places in changes.items()})
    api = Tiny(transport=Script(vendor, repeat=True))
    found = [row.id for row in api.things.walk(operation, **sized(operation, size)).prefetch(window)]
    assert found == sorted(set(found))
    assert set(vendor.ids) <= set(found)


@settings(deadline=None)  # a busy machine is no failure
@given(count=st.integers(0, 40), changes=_CHANGES, size=st.integers(1, 7), operation=st.sampled_from(COUNTED))
def test_insertions_double_nothing(
    count: int, changes: dict[int, list[int]], size: int, operation: Operation[Any]
) -> None:
    """Whatever is inserted between which pages, every row that was there comes once."""

    def inserting(number: int, places: list[int]) -> Change:
        def insert(ids: list[int]) -> None:
            for index, place in enumerate(places):
                ids.insert(place % (len(ids) + 1), 1000 + number * 10 + index)

        return insert

    vendor = Alive(range(count), {number: inserting(number, places) for number, places in changes.items()})
    api = Tiny(transport=Script(vendor, repeat=True))
    found = [row.id for row in api.things.walk(operation, **sized(operation, size))]
    assert len(found) == len(set(found))
    assert set(range(count)) <= set(found)


def test_list_that_stays(play: Player) -> None:
    """A list that does not change costs no request more and tells nothing, in any style of paging."""
    for operation, size in ((KEYED, 5), (NUMBERED, 5), (KEYED, 7)):
        vendor = Alive(range(1, 26))
        api = play.client(Script(vendor, repeat=True), deviations="strict")
        assert walked(play, api, operation, size=size) == list(range(1, 26))
        assert len(vendor.asked) == -(-25 // size)
    bare = play.client(Script((200, [{"id": 1}]), (200, [])), deviations="strict")
    assert walked(play, bare, keyed(LIST_BARE)) == [1]
