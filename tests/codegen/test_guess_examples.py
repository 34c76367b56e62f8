"""Schemas that are guessed from examples, where a document shows nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accordant_codegen.guess.guess import guess
from accordant_codegen.guess.overlay import as_overlay
from accordant_codegen.read.overlay import apply, read_overlay
from tests.codegen.ruled import document

JOB = {"id": 7, "price": 5, "startedAt": "2026-01-02T03:04:05Z", "tags": ["a"], "owner": None, "done": False}
SHAPE = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "price": {"type": "number"},
        "startedAt": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "owner": {},
        "done": {"type": "boolean"},
    },
}


def jobs(media: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A document of one list whose response has this content."""
    response = {"description": "", "content": {"application/json": media}}
    return document({"/jobs": {"get": {"operationId": "jobs", "responses": {"200": response}, **more}}})


def overlaid(tmp_path: Path, found: dict[str, Any]) -> dict[str, Any]:
    """The content of the list after the guesses about it were applied."""
    file = tmp_path / "spec.overlay.yaml"
    file.write_text(as_overlay(guess(found), title="A", document="a.yaml"))
    applied = apply(found, read_overlay(file)).document
    content: dict[str, Any] = applied["paths"]["/jobs"]["get"]["responses"]["200"]["content"]["application/json"]
    return content


def test_an_example_gives_the_schema(tmp_path: Path) -> None:
    """A response of an example alone gets a schema of the example's shape: names, types, instants, nothing required."""
    assert overlaid(tmp_path, jobs({"example": JOB}))["schema"] == SHAPE


def test_several_examples_give_one_schema(tmp_path: Path) -> None:
    """Every property that one of several examples has is in the schema; where they contradict each other, anything."""
    one, other = {"a": 1, "b": {"c": "x"}}, {"a": "1", "b": {"d": True}}
    examples = {"one": {"value": [one, other]}, "two": {"value": [{"e": "2026"}]}}
    properties = {
        "a": {},
        "b": {"type": "object", "properties": {"c": {"type": "string"}, "d": {"type": "boolean"}}},
        "e": {"type": "string"},
    }
    found = overlaid(tmp_path, jobs({"examples": examples}))["schema"]
    assert found == {"type": "array", "items": {"type": "object", "properties": properties}}


def test_an_object_of_keys_is_a_map(tmp_path: Path) -> None:
    """An object whose names are numbers or dates maps them to values of one shape."""
    found = overlaid(tmp_path, jobs({"example": {"2026-01-01": {"sum": 1.5}, "2026-01-02": {"sum": 2}}}))
    inner = {"type": "object", "properties": {"sum": {"type": "number"}}}
    assert found["schema"] == {"type": "object", "additionalProperties": inner}


def test_an_example_that_is_a_text_of_json(tmp_path: Path) -> None:
    """An example that was pasted as a text is read, and takes the place of the text."""
    found = overlaid(tmp_path, jobs({"example": '{"done": true}'}))
    assert found == {
        "example": {"done": True},
        "schema": {"type": "object", "properties": {"done": {"type": "boolean"}}},
    }


@pytest.mark.parametrize(
    "media", [{"example": "plain text"}, {"example": None}, {"schema": {}, "example": {"a": 1}}, {}, {"examples": {}}]
)
def test_what_shows_nothing_is_not_guessed(media: dict[str, Any]) -> None:
    """A schema that is there, or an example that is no JSON object or array, gives no guess."""
    assert not [each for each in guess(jobs(media)).made if each.kind == "schema"]


def test_other_guesses_build_on_it(tmp_path: Path) -> None:
    """A list that only an example shows pages like any other."""
    pages = [{"name": name, "in": "query", "schema": {"type": "integer"}} for name in ("page", "per_page")]
    found = jobs({"example": {"rows": [JOB], "total": 1}}, parameters=pages)
    paged = next(each for each in guess(found).made if each.kind == "paging")
    assert paged.update["x-accordant-pagination"]["items"] == "rows"
    assert overlaid(tmp_path, found)["schema"]["properties"]["rows"] == {"type": "array", "items": SHAPE}


def test_guesses_are_about_the_json_that_is_spoken() -> None:
    """Where a response comes as several kinds of JSON, the rows of a page are those of the kind that the client asks
    for."""
    pages = [{"name": name, "in": "query", "schema": {"type": "integer"}} for name in ("page", "per_page")]
    record = {"type": "object", "properties": {"id": {"type": "integer"}}}
    found = jobs(
        {"schema": {"type": "object", "properties": {"data": {"type": "array", "items": record}}}}, parameters=pages
    )
    content = found["paths"]["/jobs"]["get"]["responses"]["200"]["content"]
    geo = {"schema": {"type": "object", "properties": {"features": {"type": "array", "items": record}}}}
    found["paths"]["/jobs"]["get"]["responses"]["200"]["content"] = {"application/geo+json": geo, **content}
    paged = next(each for each in guess(found).made if each.kind == "paging")
    assert paged.update["x-accordant-pagination"]["items"] == "data"
