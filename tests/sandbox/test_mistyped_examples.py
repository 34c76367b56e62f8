"""Sandboxes of documents whose examples or paths are odd."""

from __future__ import annotations

import uuid
from typing import Any

from .test_made_up_records import UUID, call, operation, served, variable


def test_an_example_that_is_no_uuid_is_no_key() -> None:
    """A mistyped example of a UUID is not used: the keys that a list shows are UUIDs, by which each record is read."""
    task: dict[str, Any] = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {**UUID, "example": "00000000-0000-0000-000-000000000000"}, "name": {"type": "string"}},
    }
    own = {"parameters": [variable("id", UUID)], "x-accordant-key": {"parameter": "id", "field": "id"}}
    paths = {
        "/tasks": {"get": operation("list", "list", "task", {"type": "array", "items": task})},
        "/tasks/{id}": {"get": operation("read", "get", "task", task, **own)},
    }
    with served(paths) as sandbox:
        _, rows = call(sandbox, "/tasks")
        keys = [row["id"] for row in rows]
        assert len({str(uuid.UUID(key)) for key in keys}) == len(keys) > 1
        assert [call(sandbox, f"/tasks/{key}")[0] for key in keys] == [200] * len(keys)


def test_an_object_is_no_key() -> None:
    """A path that ends with an object reads what the document says: the sandbox starts, and returns a success."""
    node: dict[str, Any] = {"type": "object", "properties": {"name": {"type": "string"}}}
    shown = {"type": "object", "properties": {"filter": node}}
    read = operation("read", "custom", "thing", shown, parameters=[variable("filter", node)])
    stated = {**read, "operationId": "stated", "x-accordant-action": "get"}
    stated["x-accordant-key"] = {"parameter": "filter", "field": "filter"}
    with served({"/things/{filter}": {"get": read}, "/others/{filter}": {"get": stated}}) as sandbox:
        assert call(sandbox, "/things/name,a")[0] == 200
