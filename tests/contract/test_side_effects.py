"""What a write must not do: to other records, to some of its items only, or to what it did not carry."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_contract.document.comparison import lost
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


def test_one_of_two_rows_is_marked() -> None:
    """Where a list shows all things and marks those that are taken, an action that marks one of its two is found."""

    def listed(*taken: int) -> list[Exchange]:
        rows = [{"PartId": each, "Taken": each in taken} for each in (7, 8, 9)]
        return [exchange(GET.id, 200, widget(1, tags=rows))]

    def found(before: list[Exchange], after: list[Exchange]) -> list[str]:
        trial = BulkTrial(exchange(UPDATE.id, 200, {}), (7, 8), "PartId", before, after, 1)
        return [each.message for each in bulk_effect(UPDATE, trial)]

    assert found(listed(), listed(7, 8)) == found(listed(8), listed(7, 8)) == found(listed(), listed()) == []
    assert found(listed(), listed(7)) == ["of 2 items in one body, Taken of 7 became True, and that of 8 did not"]


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


def test_null_for_a_time_is_no_shift() -> None:
    """A time that was to be emptied and is still there was not stored (``read_after_write``); no clock is accused."""
    schema = {"properties": {"made": {"type": ["string", "null"], "format": "date-time"}}}
    (difference,) = lost({"made": None}, widget(1), schema, GET.schemas)
    assert not difference.instant


def test_objects_of_several_kinds_are_compared() -> None:
    """Objects that the schema does not describe property by property are compared in what both of them have."""
    anything = {"type": "object"}
    found = lost({"a": 1, "b": [1, 2], "c": 3}, {"a": 1, "b": [2, 1]}, anything, GET.schemas)
    assert [each.path for each in found] == ["$.b[0]", "$.b[1]"]


def test_what_a_response_may_not_show_is_not_missed() -> None:
    """What the response's schema forbids by its pattern, bounds or values cannot come back; what it allows must."""
    tag = {"type": "string", "pattern": "^[a-z]{1,9}$"}
    schema = {"properties": {"tags": {"type": "array", "items": tag}, "level": {"type": "integer", "maximum": 9}}}
    assert not [*lost({"tags": ["two words"], "level": 10}, {"tags": ["a"], "level": 9}, schema, GET.schemas)]
    found = lost({"tags": ["word"], "level": 8}, {"tags": ["a"], "level": 9}, schema, GET.schemas)
    assert [each.path for each in found] == ["$.tags[0]", "$.level"]


def test_the_values_of_a_map_are_compared_as_its_schema_shows_them() -> None:
    """A map that takes texts and shows objects shows no text that was sent; one that shows texts shows it."""
    sent, shown = {"size": "small"}, {"size": "large"}
    objects = {"additionalProperties": {"type": "object"}}
    assert not [*lost(sent, {"size": {"name": "size"}}, objects, GET.schemas)]
    texts = {"additionalProperties": {"type": "string"}}
    assert [each.path for each in lost(sent, shown, texts, GET.schemas)] == ["$.size"]
