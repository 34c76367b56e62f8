"""Requests and bodies: how they are made, and that they are what the documents allow."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from accordant_contract.document.document import Operation
from accordant_contract.document.facts import Parameter
from accordant_contract.document.schemas import Schemas
from accordant_contract.document.values import ABSENT, Arguments, Part
from accordant_contract.records.examples import Examples, Recipe, from_pattern
from accordant_contract.records.near_misses import near_misses
from accordant_contract.target.reproduction import curl, masked
from accordant_contract.target.request_builder import build
from accordant_runtime import is_object

from .widget_api import NOW, WIDGETS, exchange, operation


def examples(schemas: Schemas, seed: int = 7, **hints: Callable[[int], Any]) -> Examples:
    return Examples(schemas, _first, hints, seed, NOW)


def _first(_: str) -> int:
    """The record that every reference leads to."""
    return 1


def test_texts_are_never_the_same_twice() -> None:
    """Two bodies of one run differ in their texts, and two runs with one seed are equal."""
    schema = operation("createWidget").body_schema
    assert schema is not None
    one = examples(WIDGETS.schemas)
    first, second = one.body(schema, Recipe()), one.body(schema, Recipe())
    assert first["name"] != second["name"]
    assert examples(WIDGETS.schemas).body(schema, Recipe()) == first


def test_a_body_carries_what_a_client_sets_and_nothing_else() -> None:
    """The record's own id and read-only fields are left out, fixed and hinted values are taken, references are ids."""
    schema = operation("createWidget").body_schema
    assert schema is not None
    made = examples(WIDGETS.schemas, code=lambda _: "AB-123").body(schema, Recipe(fixed={"colour": "green"}))
    assert "id" not in made
    assert "stamp" not in made
    assert (made["colour"], made["owner"], made["code"]) == ("green", 1, "AB-123")


def test_without_a_record_to_refer_to_there_is_no_body() -> None:
    """A required reference that cannot be filled makes the whole body impossible; an optional one becomes null."""
    schema = operation("createWidget").body_schema
    assert schema is not None
    nobody = Examples(WIDGETS.schemas, lambda _: ABSENT, {}, 7, NOW)
    assert nobody.body(schema, Recipe())["owner"] is None
    assert nobody.body({**schema, "required": ["owner"], "properties": {"owner": _PERSON}}, Recipe()) is ABSENT


_PERSON = {"type": "integer", "x-accordant-reference": "person"}


def test_near_misses_are_forbidden() -> None:
    """Bodies one step from a good one break the schema: a field missing, of another type, outside its enum."""
    create = operation("createWidget")
    assert create.body_schema is not None
    good = examples(WIDGETS.schemas).body(create.body_schema, Recipe())
    pointer = create.body["application/json"]
    assert WIDGETS.schemas.valid(pointer, good)
    misses = list(near_misses(create.body_schema, WIDGETS.schemas, good))
    assert len(misses) >= 4
    assert not [what for what, body in misses if WIDGETS.schemas.valid(pointer, body)]


@pytest.mark.parametrize(
    "pattern",
    [
        *("^[a-zA-Z0-9\\-_.]{9}$", "^[\\w.]{7}$", "^(?!x)[a-z]{3}$", "^(a|b){2}c$"),
        "^[A-Z]{2}-\\d{3}$",
        "^[a-z0-9]+(-[a-z0-9]+)*$",
        "^\\+[1-9]\\d{6,14}$",
        "^(red|blue)$",
    ],
)
def test_a_text_fits_a_pattern(pattern: str) -> None:
    """Texts for patterns match them: of classes, counts and choices each time another one."""
    for seed in range(20):
        assert re.search(pattern, from_pattern(pattern, random.Random(seed)))


def _sent(parameter: Parameter, value: Any) -> str:
    which: Operation = evolve(operation("listWidgets"), parameters=(parameter,))
    return build(which, Arguments(query={parameter.name: value}), "http://x").url.partition("?")[2]


@pytest.mark.parametrize(
    ("style", "explode", "value", "query"),
    [
        ("form", True, [1, 2], "q=1&q=2"),
        ("form", False, [1, 2], "q=1%2C2"),
        ("pipeDelimited", False, ["a", "b"], "q=a%7Cb"),
        ("deepObject", True, {"a": True}, "q%5Ba%5D=true"),
        ("form", True, "a b", "q=a+b"),
    ],
)
def test_query_values_travel_in_their_style(style: str, explode: bool, value: Any, query: str) -> None:
    """Arrays and objects in a query are written as OpenAPI's style and explode say."""
    assert _sent(Parameter("q", "query", False, {}, style, explode, None, None), value) == query


def test_paths_are_escaped_and_files_travel_in_parts() -> None:
    """A path value cannot leave its segment; a multipart body has the file with its name and type."""
    assert (
        build(operation("getWidget"), Arguments(path={"id": "../a b"}), "http://x").url == "http://x/widgets/..%2Fa%20b"
    )
    part = Part("a.txt", "text/plain", b"hello")
    request = build(
        operation("createWidget"), Arguments(body={"file": part}, media_type="multipart/form-data"), "http://x"
    )
    assert b'name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n' in request.body


def test_a_command_line_shows_no_secret() -> None:
    """The curl line of a request masks its credential header and every secret, wherever it stands."""
    line = curl(exchange("getWidget"), ["secret-token-1"])
    assert "secret-token-1" not in line
    assert line.startswith("curl -i -H 'Authorization: ***'")
    assert masked('{"client_secret": "s3cret-value"}', ["s3cret-value"]) == '{"client_secret": "***"}'


def test_references_are_followed_to_the_schema() -> None:
    """A nullable reference is the schema behind it, marked nullable, with the keywords beside it kept."""
    node = {"anyOf": [{"$ref": "#/components/schemas/Colour"}, {"type": "null"}], "description": "Paint."}
    found = WIDGETS.schemas.schema(node)
    assert (found["nullable"], found["description"], found["enum"]) == (True, "Paint.", ["red", "green", "blue"])
    assert is_object(WIDGETS.schemas.properties({"$ref": "#/components/schemas/Widget"})["colour"])
