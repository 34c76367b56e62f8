"""What a write must not do: to other records, to some of its items only, or to what it did not carry."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_contract.document.values import ABSENT, Arguments, Exchange
from accordant_contract.judges.bulk import BulkTrial, bulk_effect
from accordant_contract.judges.bystanders import bystander_untouched
from accordant_contract.judges.defaults import documented_default, unsent
from accordant_contract.judges.writes import RecordReading

from .widget_api import exchange, operation, widget

CREATE, GET, UPDATE = operation("createWidget"), operation("getWidget"), operation("updateWidget")


def reading(record: Any) -> RecordReading:
    return RecordReading(record, GET, (exchange(GET.id, 200, record if record is not ABSENT else {}),))


def parts(*ids: int) -> list[Exchange]:
    return [exchange(GET.id, 200, widget(1, tags=[{"PartId": each, "Count": 8} for each in ids]))]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ((), (7, 8), 0),
        ((7,), (7, 8), 0),
        ((7, 8), (), 0),
        ((), (), 0),
        ((), (7,), 1),
        ((7, 8), (8,), 1),
        ((9,), (9, 8), 1),
    ],
)
def test_items_are_treated_alike(before: tuple[int, ...], after: tuple[int, ...], found: int) -> None:
    """An action that takes effect for one of its items and not for the other is found, whether it adds or removes."""
    trial = BulkTrial(exchange(UPDATE.id, 200, {}), (7, 8), "PartId", parts(*before), parts(*after), 1)
    assert len(list(bulk_effect(UPDATE, trial))) == found


def test_counts_are_no_ids() -> None:
    """A number of another field that happens to equal the id of an item does not count as that item."""
    trial = BulkTrial(exchange(UPDATE.id, 200, {}), (7, 8), "PartId", parts(), parts(7), 1)
    (finding,) = bulk_effect(UPDATE, trial)
    assert finding.message == "of 2 items in one body, 7 is there, and 8 is not"


def test_a_bystander_that_is_gone_is_found() -> None:
    """A write after which another record cannot be read is found; one that was not there before is not judged."""
    written = exchange(UPDATE.id, 200, widget(1))
    gone = list(bystander_untouched(UPDATE, written, "widget 2", reading(widget(2)), reading(ABSENT)))
    assert [each.message for each in gone] == ["widget 2, which it does not concern, is gone"]
    assert not list(bystander_untouched(UPDATE, written, "widget 2", reading(ABSENT), reading(widget(2))))


def test_what_changes_by_itself_is_no_harm() -> None:
    """A field that is documented to change without a write may change in a bystander."""
    before, after = widget(2, seen_at="2026-02-01T10:00:00Z"), widget(2, seen_at="2026-02-01T10:00:01Z")
    written = exchange(UPDATE.id, 200, widget(1))
    assert not list(bystander_untouched(UPDATE, written, "widget 2", reading(before), reading(after)))


def test_a_default_in_the_answer_is_judged() -> None:
    """A wrong default is found in the response to the write and in a reading, each with what was expected and seen."""
    written = exchange(CREATE.id, 201, widget(1, stars=4), arguments=Arguments(body={"name": "Tap"}))
    found = list(documented_default(CREATE, written, reading(widget(1, stars=5))))
    assert [(each.expected, each.seen) for each in found] == [("3", "4"), ("3", "5")]


def test_what_was_sent_has_no_default() -> None:
    """A property that was sent is not judged by its default, inside of an object that was sent neither."""
    body = {"name": "Tap", "stars": 9, "parent": {"name": "Top", "stars": 1}}
    assert [each.path for each in unsent(CREATE, body)] == []
    assert [each.path for each in unsent(CREATE, {"parent": {}})] == ["parent.stars", "stars"]
