"""Contract runs over documents whose responses show, beside a record, those that it refers to (JSON:API)."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_contract.document.comparison import beside

from .derived_target import facts, findings, key, shows, takes, variable

TEXT = {"type": "string"}
USER: dict[str, Any] = {"type": "object", "properties": {"id": TEXT, "attributes": {"type": "object"}}}
NOTE: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": TEXT, "attributes": {"type": "object", "properties": {"text": TEXT}}},
}


def _shown(included: list[Any]) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {"data": NOTE, "included": {"type": "array", "items": USER}},
    }
    found = shows(schema)
    found["responses"]["200"]["content"]["application/json"]["example"] = {"data": {"id": "a"}, "included": included}
    return found


def test_records_beside_the_data_are_not_compared() -> None:
    """A change and a reading may show different records beside the one that they are about."""
    note = variable("id", "note")
    one = {"parameters": [note], **key("id")}
    body = {"type": "object", "properties": {"text": TEXT}}
    paths = {
        "/notes/{id}": {
            "get": facts("readNote", "get", "note", **_shown([{"id": "u"}]), **one),
            "patch": facts("changeNote", "update", "note", **takes(body), **_shown([]), **one),
        },
    }
    assert findings(paths) == []


@pytest.mark.parametrize(
    ("record", "around"),
    [
        ({"data": {}, "included": []}, {"included"}),
        ({"included": []}, set[str]()),
        ({"data": {}, "included": True}, set[str]()),
    ],
)
def test_what_is_beside_a_record(record: dict[str, Any], around: set[str]) -> None:
    """A list called `included` is none of the record's beside `data`; elsewhere it is one of its fields."""
    assert beside(record) == around
