"""The judges of walks: pages read one after the other, filters, writes with what was there before and after."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from accordant_contract.document.document import Document
from accordant_contract.document.values import ABSENT, Arguments, Exchange, Finding
from accordant_contract.judges import auth, conformance, filters, paging, writes
from accordant_contract.judges.filters import FilterTrial
from accordant_contract.judges.paging import PageWalk
from accordant_contract.judges.writes import CountTrial, RecordReading, WriteTrial

from .widget_api import DOCUMENT, JSON, exchange, operation, page, widget

LIST, GET, UPDATE = operation("listWidgets"), operation("getWidget"), operation("updateWidget")


def walk(size: int, *chunks: list[int], total: int) -> PageWalk:
    pages = [page([widget(n) for n in chunk], total, limit=size, offset=index) for index, chunk in enumerate(chunks)]
    return PageWalk(size, tuple(pages))


GOOD = walk(2, [1, 2], [3, 4], [5], total=5)


@pytest.mark.parametrize(
    ("other", "wrong"),
    [
        (walk(3, [1, 2, 3], [4, 5], total=5), False),
        (walk(3, [1, 2, 3], [3, 4, 5], total=5), True),
        (walk(3, [1, 2, 3], [5], total=5), True),
        (walk(3, [1, 3, 2], [4, 5], total=5), True),
        (walk(3, [1, 2, 3], [4], total=5), True),
        (walk(3, [1, 2, 3], [4, 5], total=6), True),
    ],
    ids=["same rows", "a row twice", "a row left out", "another order", "ends early", "total wrong"],
)
def test_walks_that_differ_are_found(other: PageWalk, wrong: bool) -> None:
    """Walks by two page sizes must see the same rows in the same order, each once, as many as the total."""
    assert bool(list(paging.page_walk(LIST, [GOOD, other]))) is wrong


def test_a_walk_that_was_cut_short_is_compared_as_far_as_it_went() -> None:
    """A walk over more pages than a run reads says nothing about the rows behind them."""
    short = PageWalk(2, GOOD.pages[:2], finished=False)
    assert not list(paging.page_walk(LIST, [GOOD, short]))


ROWS = [
    widget(1, made="2026-02-01T10:00:00Z", owner=7, tags=["new"]),
    widget(2, colour="green", made="2026-02-02T10:00:00Z", owner=None, tags=["old", "new"]),
    widget(3, colour="blue", made="2026-02-03T10:00:00Z", owner=None, tags=[]),
]


@pytest.mark.parametrize(
    ("name", "value", "due"),
    [
        ("colour_eq", "green", [2]),
        ("colour_in", ["red", "blue"], [1, 3]),
        ("made_gt", "2026-02-02T11:00:00+01:00", [3]),
        ("made_gteq", "2026-02-02T10:00:00Z", [2, 3]),
        ("owner_null", True, [2, 3]),
        ("owner_null", False, [1]),
        ("tags_contains", "new", [1, 2]),
        ("colour_eq", "mauve", []),
    ],
)
def test_a_filter_lets_through_exactly_what_fits(name: str, value: Any, due: list[int]) -> None:
    """For every predicate: the rows that fit pass the judge, one row less is found, and one row more is found."""
    parameter = LIST.parameter(name)
    assert parameter is not None

    def judged(numbers: list[int]) -> list[Finding]:
        rows = [row for row in ROWS if row["id"] in numbers]
        answer = page(rows, len(rows), limit=100)
        return list(filters.filter_truth(LIST, FilterTrial(parameter, value, ROWS, (answer,))))

    assert not judged(due)
    for number in due:
        assert judged([each for each in due if each != number])
    for number in {1, 2, 3} - set(due):
        assert judged([*due, number])


def test_an_incomplete_universe_proves_no_loss() -> None:
    """Where not all rows were read, a row that did not come is no finding, an unfit one still is."""
    parameter = LIST.parameter("colour_eq")
    assert parameter is not None
    nothing, unfit = page([], 0, limit=100), page([ROWS[0]], 1, limit=100)
    assert not list(filters.filter_truth(LIST, FilterTrial(parameter, "green", ROWS, (nothing,), complete=False)))
    assert list(filters.filter_truth(LIST, FilterTrial(parameter, "green", ROWS, (unfit,), complete=False)))


def created(sent: dict[str, Any], answer: dict[str, Any]) -> Exchange:
    return exchange("createWidget", 201, answer, headers=JSON, arguments=Arguments(body=sent))


def reading(record: Any, status: int = 200) -> RecordReading:
    return RecordReading(record, GET, (exchange("getWidget", status, record if record is not ABSENT else {}),))


def kinds(findings: Any) -> list[str]:
    return [each.check for each in findings]


SENT = {"name": "Tap", "colour": "red", "made": "2026-02-01T11:00:00+01:00", "price": 12.5}
STORED = widget(1, name="Tap", colour="red", made="2026-02-01T10:00:00Z", price=12.5)


def test_a_write_that_tells_the_truth_passes() -> None:
    """What was sent is in the answer and in the reading, times compared as instants, and nothing is found."""
    trial = WriteTrial(created(SENT, STORED), after=reading(STORED))
    assert not list(writes.read_after_write(operation("createWidget"), trial))


@pytest.mark.parametrize(
    ("answer", "stored", "check"),
    [
        ({**STORED, "name": "Ta"}, {**STORED, "name": "Ta"}, "read_after_write"),
        (STORED, {**STORED, "price": 12}, "read_after_write"),
        ({**STORED, "price": 13}, STORED, "read_after_write"),
        ({key: value for key, value in STORED.items() if key != "price"}, STORED, "read_after_write"),
        (STORED, ABSENT, "read_after_write"),
        ({**STORED, "made": "2026-02-01T15:00:00Z"}, {**STORED, "made": "2026-02-01T15:00:00Z"}, "date_truth"),
    ],
    ids=["mangled", "not stored", "stale answer", "dropped", "unreadable", "shifted"],
)
def test_a_write_that_lies_is_found(answer: Any, stored: Any, check: str) -> None:
    """A value that is changed, dropped or shifted on its way, in the answer or in the store, is found."""
    trial = WriteTrial(created(SENT, answer), after=reading(stored))
    assert check in kinds(writes.read_after_write(operation("createWidget"), trial))


def test_fields_that_were_not_sent_stay() -> None:
    """A change that moves another field is found; volatile fields may move, and so may what was sent, in any row."""
    change = exchange("updateWidget", 200, STORED, arguments=Arguments(body={"name": "Tap"}))
    before = reading({**STORED, "name": "Old", "seen_at": "2026-01-01T00:00:00Z"})
    after = reading({**STORED, "seen_at": "2026-03-01T00:00:00Z"})
    assert not list(writes.untouched_fields(UPDATE, WriteTrial(change, before, after)))
    reset = reading({**STORED, "colour": "blue"})
    assert kinds(writes.untouched_fields(UPDATE, WriteTrial(change, before, reset))) == ["untouched_fields"]
    rows = exchange("updateWidget", 200, STORED, arguments=Arguments(body=[{"name": "Tap"}, {"colour": "blue"}]))
    assert not list(writes.untouched_fields(UPDATE, WriteTrial(rows, before, reset)))
    assert list(writes.untouched_fields(UPDATE, WriteTrial(rows, before, reading({**STORED, "price": 1}))))


@pytest.mark.parametrize(
    ("name", "later", "found"),
    [
        ("updatedAt", "2026-03-01T00:00:01Z", False),
        ("date_updated", "2026-03-01T00:00:01Z", False),
        ("last_modified", "2026-03-01T00:00:00Z", False),
        ("updatedAt", "2026-02-01T00:00:00Z", True),
        ("updatedAt", "soon", True),
        ("due_at", "2026-03-01T00:00:01Z", True),
    ],
)
def test_a_change_moves_the_time_of_the_last_change(name: str, later: str, found: bool) -> None:
    """The time of a record's last change goes on when it is changed; it never goes back, and no other time moves."""
    change = exchange("updateWidget", 200, STORED, arguments=Arguments(body={"name": "Tap"}))
    before, after = reading({**STORED, name: "2026-03-01T00:00:00Z"}), reading({**STORED, name: later})
    assert bool(list(writes.untouched_fields(UPDATE, WriteTrial(change, before, after)))) is found


def test_a_count_that_is_off_is_found() -> None:
    """A create that adds two rows and a delete that takes two are found."""
    write = exchange("createWidget", 201, STORED)
    assert list(writes.count_effect(operation("createWidget"), CountTrial(write, 5, 7, 1)))
    assert list(writes.count_effect(operation("deleteWidget"), CountTrial(write, 5, 3, -1)))
    assert not list(writes.count_effect(operation("createWidget"), CountTrial(write, 5, 6, 1)))


def test_a_refused_write_that_leaves_a_trace_is_found() -> None:
    """A 422 after which the list is longer, the record different or gone is found."""
    judge, refused = writes.failed_write_no_trace, exchange("updateWidget", 422, {})
    assert list(judge(UPDATE, CountTrial(refused, 5, 6, 0)))
    assert list(judge(UPDATE, WriteTrial(refused, reading(STORED), reading({**STORED, "name": "Trace"}))))
    assert list(judge(UPDATE, WriteTrial(refused, reading(STORED), reading(ABSENT, 404))))
    assert not list(judge(UPDATE, WriteTrial(refused, reading(STORED), reading(STORED))))


def test_a_deletion_that_is_none_is_found() -> None:
    """A record that is still there, or can be deleted again, was not deleted."""
    delete = operation("deleteWidget")
    gone, again, missing = exchange("deleteWidget", 204), exchange("deleteWidget", 204), exchange("deleteWidget", 404)
    assert list(writes.delete_is_final(delete, gone, reading(STORED), missing))
    assert list(writes.delete_is_final(delete, gone, reading(ABSENT, 404), again))
    assert list(writes.delete_is_final(delete, gone, reading(ABSENT, 403), missing))
    assert not list(writes.delete_is_final(delete, gone, reading(ABSENT, 404), missing))


def test_another_record_than_the_one_asked_for_is_found() -> None:
    """RecordReading under one id and getting the record with another is found."""
    assert list(writes.same_record(GET, 1, reading(widget(2))))
    assert not list(writes.same_record(GET, 1, reading(widget(1))))


def test_an_open_door_is_found() -> None:
    """Without a good credential only 401 and 403 are right: a success is found, and so is a 404."""
    assert list(auth.auth_enforced(GET, exchange("getWidget", 200, widget(1)), "no credential"))
    assert list(auth.auth_enforced(GET, exchange("getWidget", 404, {}), "no credential"))
    assert not list(auth.auth_enforced(GET, exchange("getWidget", 401, {}), "no credential"))


def test_an_api_that_hides_what_it_has() -> None:
    """Where the document knows neither 401 nor 403, another 4xx keeps a caller out as well; a success never does."""
    data = copy.deepcopy(DOCUMENT)
    for status in ("401", "403"):
        data["paths"]["/widgets/{id}"]["get"]["responses"].pop(status, None)
    hiding = Document("widgets", data, "").operations["getWidget"]
    assert not list(auth.auth_enforced(hiding, exchange("getWidget", 404, {}), "no credential"))
    assert list(auth.auth_enforced(hiding, exchange("getWidget", 200, widget(1)), "no credential"))


def test_a_stranger_who_sees_a_record_is_found() -> None:
    """A record of this tenant in another one's answer is found, a record of the other's own is not."""
    assert list(auth.stranger_sees_nothing(GET, [1], exchange("getWidget", 200, widget(1))))
    assert list(auth.stranger_sees_nothing(LIST, [1], page([widget(1)], 1)))
    assert not list(auth.stranger_sees_nothing(LIST, [1], page([widget(9)], 1)))
    assert not list(auth.stranger_sees_nothing(GET, [1], exchange("getWidget", 404, {})))


def test_a_token_that_dies_early_or_lives_on_is_found() -> None:
    """A good token that is refused, and a dead one that is served, are found."""
    refused, served = exchange("getWidget", 401, {}), exchange("getWidget", 200, widget(1))
    assert list(auth.token_lifecycle(GET, auth.TokenTrial(refused, "a fresh token", good=True)))
    assert list(auth.token_lifecycle(GET, auth.TokenTrial(served, "an expired token", good=False)))
    assert not list(auth.token_lifecycle(GET, auth.TokenTrial(served, "a fresh token", good=True)))
    assert not list(auth.token_lifecycle(GET, auth.TokenTrial(refused, "an expired token", good=False)))


def test_rows_without_a_key_are_told_by_all_that_they_hold() -> None:
    """An empty key names nothing: rows that share it are different rows."""
    rows = [{**widget(1), "id": ""}, {**widget(2), "id": ""}, {**widget(3), "id": None}]
    assert len(set(paging.identities(LIST, rows))) == 3


def test_rows_without_a_key_may_be_equal() -> None:
    """Rows that have no key may look alike on a page and on two; with a key the same row twice is found."""
    alike = page([{"colour": "red"}, {"colour": "red"}], 4, limit=2, offset=0)
    assert not list(paging.page_shape(LIST, alike))
    again = page([{"colour": "red"}, {"colour": "red"}], 4, limit=2, offset=2)
    assert not list(paging.page_walk(LIST, [PageWalk(2, (alike, again))]))
    assert list(paging.page_shape(LIST, page([widget(1), widget(1)], 2, limit=2, offset=0)))


@pytest.mark.parametrize("size", [0, -5])
def test_a_size_that_is_none_bounds_nothing(size: int) -> None:
    """A page size of 0 or less asks for no number of rows in particular."""
    found = paging.page_shape(LIST, page([widget(1), widget(2)], 2, limit=size, offset=0))
    assert not [each for each in found if each.kind == "too many"]


@pytest.mark.parametrize(("size", "wrong"), [(-5, False), (5, True)])
def test_a_page_of_fewer_than_no_rows_begins_nowhere(size: int, wrong: bool) -> None:
    """Where a page is numbered, a negative size says nothing of the rows before it, and a positive one does."""
    data = copy.deepcopy(DOCUMENT)
    pages = data["paths"]["/widgets"]["get"]["x-accordant-pagination"]
    pages |= {"style": "page", "page": pages.pop("offset"), "start": 0}
    numbered = Document("widgets", data, "").operations["listWidgets"]
    found = paging.page_shape(numbered, page([widget(1)], 1, limit=size, offset=-9 if size < 0 else 9))
    assert any(each.kind == "total" for each in found) is wrong


def test_a_refusal_that_no_document_lists() -> None:
    """Where the document lists no failure at all, a caller may be kept out with 401; else that is found."""
    data = copy.deepcopy(DOCUMENT)
    get = data["paths"]["/widgets/{id}"]["get"]
    get["responses"] = {"200": get["responses"]["200"]}
    silent = Document("widgets", data, "").operations["getWidget"]
    assert not list(conformance.status_code_conformance(silent, exchange("getWidget", 401, {})))
    assert list(conformance.status_code_conformance(silent, exchange("getWidget", 404, {})))
    get["responses"]["404"] = {"description": ""}
    telling = Document("widgets", data, "").operations["getWidget"]
    assert list(conformance.status_code_conformance(telling, exchange("getWidget", 401, {})))
