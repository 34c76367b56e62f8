"""Schemas that require themselves, and wrappers that wrap themselves: a client can be made all the same."""

from __future__ import annotations

from typing import Any

from accordant_codegen.guess.guess import guess
from accordant_codegen.read.rules.endless import no_endless_requirement

from .ruled import ruled


def document(**schemas: Any) -> dict[str, Any]:
    """A document with these schemas."""
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}, "components": {"schemas": schemas}}


def test_what_requires_itself_for_ever_may_be_left_out() -> None:
    """A property that no finite value could have is no longer required, which is reported with its place."""
    again = {"oneOf": [{"$ref": "#/components/schemas/Answer"}]}
    answer = {"type": "object", "required": ["status", "data"], "properties": {"status": {}, "data": again}}
    found, losses = ruled(no_endless_requirement, document(Answer=answer))
    assert found["components"]["schemas"]["Answer"]["required"] == ["status"]
    assert losses == [
        "$.components.schemas.Answer: no finite value has `data`, which requires itself; it may be left out"
    ]


def test_a_tree_is_not_endless() -> None:
    """A schema that refers to itself, and that a finite value fits, stays as it is."""
    child = {"$ref": "#/components/schemas/Tree"}
    trees: list[Any] = [
        {"type": "object", "required": ["next"], "properties": {"next": {"anyOf": [child, {"type": "null"}]}}},
        {"type": "object", "required": ["inner"], "properties": {"inner": {"type": "array", "items": child}}},
        {"type": "object", "properties": {"next": child}},
    ]
    for tree in trees:
        assert ruled(no_endless_requirement, document(Tree=tree))[1] == []


def test_a_wrapper_that_wraps_itself_is_unwrapped_once() -> None:
    """A response whose `data` is the response again has no envelope of `data.data.data`."""
    again = {"$ref": "#/components/schemas/Answer"}
    answer = {"type": "object", "properties": {"status": {"type": "string"}, "data": again}}
    get = {
        "operationId": "getSlot",
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": again}}}},
    }
    whole = {**document(Answer=answer), "paths": {"/slots/{id}": {"get": get}}}
    assert [each for each in guess(whole).made if each.kind == "envelope"] == []
