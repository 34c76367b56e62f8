"""A body that is too wide for the fuzzer's coverage phase is known as one, however it is written."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_contract.document.document import Document
from accordant_contract.fuzz.width import wider

TEXT = {"type": "string"}
NAME = {"type": "object", "properties": {"first": TEXT, "last": TEXT}}
TREE = {"type": "object", "properties": {"label": TEXT, "left": {"$ref": "#/components/schemas/Tree"}}}


@pytest.mark.parametrize(
    ("body", "width"),
    [
        (None, 0),
        (TEXT, 0),
        (NAME, 2),
        ({"type": "object", "properties": {"one": NAME, "two": NAME}}, 6),
        ({"type": "array", "items": NAME}, 2),
        ({"type": "object", "properties": {"all": {"type": "array", "items": NAME}}}, 3),
        ({"oneOf": [NAME, {"type": "object", "properties": {"id": TEXT}}]}, 3),
        ({"allOf": [NAME, {"type": "object", "properties": {"id": TEXT}}]}, 3),
        ({"$ref": "#/components/schemas/Tree"}, 2),
        ({"type": "object", "properties": {"one": {"$ref": "#/components/schemas/Tree"}, "two": TEXT}}, 4),
    ],
)
def test_the_properties_of_inner_objects_count(body: dict[str, Any] | None, width: int) -> None:
    """Each property counts at each place where it can be filled, those of inner objects too; a schema that holds itself
    counts once, so that the count ends."""
    content = {"requestBody": {"content": {"application/json": {"schema": body}}}} if body else {}
    put = {"operationId": "put", "responses": {"204": {"description": ""}}, **content}
    data = {"openapi": "3.1.0", "paths": {"/": {"put": put}}, "components": {"schemas": {"Tree": TREE}}}
    operation = Document("made", data).operations["put"]
    assert not wider(operation, width)
    assert width == 0 or wider(operation, width - 1)
