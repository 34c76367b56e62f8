"""What is sent although a document forbids it: which mistakes, in which order, and nearly good credentials."""

from __future__ import annotations

import random
from typing import Any

import pytest

from accordant_contract.judges.auth import tampered
from accordant_contract.judges.dates import date_truth
from accordant_contract.judges.unknown import unknown_is_refused
from accordant_contract.probes.refusals import by_kind
from accordant_contract.records.near_misses import near_misses

from .widget_api import WIDGETS, exchange, operation, widget

TEXT = {"type": "string"}


def misses(schema: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    return dict(near_misses(schema, WIDGETS.schemas, body))


@pytest.mark.parametrize(
    ("part", "good", "said"),
    [
        ({**TEXT, "minLength": 3}, "abc", "'a' shorter than its minLength"),
        ({**TEXT, "format": "uuid"}, "0", "'a' not in its format"),
        ({**TEXT, "pattern": "^[A-Z]{2}$"}, "AB", "'a' not in its pattern"),
        (
            {"properties": {"b": TEXT}, "required": ["b"]},
            {"b": "c"},
            "'a' where, inside of it, without the required 'b'",
        ),
        (
            {"type": "array", "items": {"required": ["b"]}},
            [{"b": 1}],
            "'a' where, inside of it, without the required 'b'",
        ),
    ],
)
def test_every_sort_of_rule_is_broken(part: dict[str, Any], good: Any, said: str) -> None:
    """A text that is too short, in no format or pattern, and an object inside of another that lacks something."""
    assert said in misses({"properties": {"a": part}}, {"a": good})


def test_a_pattern_that_lets_all_through_is_not_broken() -> None:
    """No body is made for a pattern that fits every text, nor for one of another dialect."""
    for pattern in (".*", "(?>x)(?P>y)"):
        assert not [
            each for each in misses({"properties": {"a": {**TEXT, "pattern": pattern}}}, {}) if "pattern" in each
        ]


def test_each_missing_property_comes_early() -> None:
    """Of several fields with the same mistake one comes in each round, but every required one in the first."""
    said = [
        ("without the required 'a'", 1),
        ("without the required 'b'", 2),
        ("'a' as a number", 3),
        ("'b' as a number", 4),
    ]
    order = by_kind(said, random.Random(1))
    assert set(order[:2]) == {1, 2}
    assert {*order[2:]} == {3, 4}
    assert {by_kind(said, random.Random(seed))[2] for seed in range(9)} == {3, 4}


def test_a_name_and_a_password_are_not_tampered_with() -> None:
    """What comes after an encoded password means nothing; a token with anything else about it is another one."""
    assert list(tampered((("Authorization", "Basic dTpw"),))) == []
    found = dict(tampered((("Authorization", "Bearer abCdefghijklmnop"),)))
    assert found["a credential with something added"] == (("Authorization", "Bearer abCdefghijklmnopx"),)
    assert found["a credential without its end"] == (("Authorization", "Bearer abCdefghijkl"),)
    assert found["a credential in other letter case"] == (("Authorization", "Bearer ABcDEFGHIJKLMNOP"),)
    assert len({*found.values(), (("Authorization", "Bearer abCdefghijklmnop"),)}) == 5


def test_a_token_of_one_letter_case_may_be_told_in_the_other() -> None:
    """Numbers and UUIDs are the same in capitals: their case is left alone."""
    assert "a credential in other letter case" not in dict(tampered((("X-Key", "0a1b2c3d4e5f6a7b8c"),)))


def test_stamps_out_of_order_are_found_in_rows() -> None:
    """The order of a vendor's own stamps counts in the rows of a list too."""
    for first, then in (("created_at", "updated_at"), ("started_at", "completed_at")):
        stamps = {first: "2026-02-01T10:00:00Z", then: "2026-02-01T09:00:00Z"}
        listed = exchange("listWidgets", 200, {"widgets": [widget(1, **stamps)], "total": 1})
        assert [each.path for each in date_truth(operation("listWidgets"), listed)] == [f"$.{then}"]


def test_nobody_is_acted_on() -> None:
    """Success for an id that nobody gave out is found; a replacement that says that it made the record is not."""
    update, put = operation("updateWidget"), operation("createWidget")
    assert [each.check for each in unknown_is_refused(update, exchange(update.id, 200, {}))] == ["read_after_write"]
    assert not list(unknown_is_refused(put, exchange(put.id, 201, {})))
