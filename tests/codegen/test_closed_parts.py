"""`additionalProperties: false` beside `allOf`, and within it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from accordant_codegen.read.closed import open_whole

CLOSED: dict[str, Any] = {"additionalProperties": False, "properties": {"a": {}}}
MORE: dict[str, Any] = {"properties": {"b": {}}}
OPEN: dict[str, Any] = {"properties": {"a": {}}}


@pytest.mark.parametrize(
    ("schema", "opened"),
    [
        ({"additionalProperties": False, "allOf": [{"$ref": "#/A"}]}, {"allOf": [{"$ref": "#/A"}]}),
        ({**CLOSED, "allOf": [MORE]}, {**OPEN, "allOf": [MORE]}),
        ({"allOf": [{"$ref": "#/A"}, MORE]}, {"allOf": [OPEN, MORE]}),
        ({**MORE, "allOf": [CLOSED]}, {**MORE, "allOf": [OPEN]}),
        ({**MORE, "allOf": [{"allOf": [{"$ref": "#/A"}]}]}, {**MORE, "allOf": [{"allOf": [OPEN]}]}),
    ],
    ids=["around a reference", "around a part", "one of several", "a part", "a part of a part"],
)
def test_a_schema_allows_what_its_parts_have(schema: dict[str, Any], opened: dict[str, Any]) -> None:
    """An object may have the properties of all parts, and the schema that is referred to stays closed elsewhere."""
    target = copy.deepcopy(CLOSED)
    assert open_whole(schema, lambda _: target)
    assert schema == opened
    assert target == CLOSED


@pytest.mark.parametrize(
    "schema",
    [{**CLOSED, "allOf": [OPEN]}, {"allOf": [CLOSED]}, {"allOf": [CLOSED, {"required": ["a"]}]}, CLOSED, {"allOf": 7}],
)
def test_a_schema_that_objects_can_keep_to_stays(schema: dict[str, Any]) -> None:
    """What forbids nothing that a part has is left as it is."""
    before = copy.deepcopy(schema)
    assert not open_whole(schema, lambda reference: reference)
    assert schema == before
