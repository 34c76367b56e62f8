"""Properties that travel one way only: what requests and responses must hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accordant_contract.document.schemas import Schemas as JudgeSchemas
from accordant_sandbox.http.schemas import Schemas

REF = {"$ref": "#/components/schemas/Note"}
CONTENT = {"content": {"application/json": {"schema": REF}}}
DOCUMENT: dict[str, Any] = {
    "paths": {"/notes": {"post": {"requestBody": CONTENT, "responses": {"200": CONTENT}}}},
    "components": {
        "schemas": {
            "Id": {"type": "integer", "readOnly": True},
            "Note": {
                "allOf": [{"required": ["id"], "properties": {"id": {"$ref": "#/components/schemas/Id"}}}],
                "required": ["title", "secret"],
                "properties": {"title": {"type": "string"}, "secret": {"type": "string", "writeOnly": True}},
            },
        }
    },
}
REQUEST = "/paths/~1notes/post/requestBody/content/application~1json/schema"
RESPONSE = "/paths/~1notes/post/responses/200/content/application~1json/schema"


def sandbox_messages(pointer: str, value: Any) -> list[str]:
    return [each.message for each in Schemas("notes", DOCUMENT).violations(pointer, value)]


def judge_messages(pointer: str, value: Any) -> list[str]:
    return [each.message for each in JudgeSchemas("notes", DOCUMENT).violations(pointer, value)]


@pytest.mark.parametrize("messages", [sandbox_messages, judge_messages])
class TestDirections:
    def test_requests(self, messages: Callable[[str, Any], list[str]]) -> None:
        """A request need not hold what only the vendor sets; what only requests hold is required of it."""
        assert messages(REQUEST, {"title": "t", "secret": "s"}) == []
        assert messages(REQUEST, {"title": "t"}) == ['"secret" is a required property']

    def test_responses(self, messages: Callable[[str, Any], list[str]]) -> None:
        """A response need not hold what only requests hold; what only the vendor sets is required of it."""
        assert messages(RESPONSE, {"title": "t", "id": 1}) == []
        assert messages(RESPONSE, {"title": "t"}) == ['"id" is a required property']

    def test_elsewhere(self, messages: Callable[[str, Any], list[str]]) -> None:
        """Of a schema that belongs to neither everything is required."""
        assert len(messages("/components/schemas/Note", {"title": "t"})) == 2
