"""Objects that are one of several beside what all of them hold: alternatives inside `allOf` and beside properties."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_codegen import gates
from accordant_codegen.errors import CodegenError
from accordant_codegen.render.models import Catalogue
from accordant_codegen.types.parser import parse
from accordant_codegen.types.typed import output_text
from tests.codegen.readings import CAT, DOG, NULL, Node, document, ref

BASE: Node = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
BY_KEY: Node = {"type": "object", "required": ["key"], "properties": {"key": {"type": "string"}}}
BY_PLACE: Node = {
    "type": "object",
    "required": ["row", "place"],
    "properties": {"row": {"type": "integer"}, "place": {"type": "object", "properties": {"x": {"type": "number"}}}},
    "not": {"required": ["key"]},
}
EITHER: Node = {"oneOf": [BY_KEY, BY_PLACE]}


def held(node: Any, **components: Any) -> tuple[dict[str, tuple[str, bool]], list[str]]:
    """The properties of class X, each with its type and whether it is required; and the losses."""
    parsed = parse(document(X=node, **components), "test")
    catalogue = Catalogue(parsed)
    found = {
        facts.wire: (output_text(catalogue.typed(prop), optional=False).text, bool(prop.required))
        for _, facts, prop in catalogue.fields("X")
    }
    return found, parsed.schemas.losses


@pytest.mark.parametrize(
    "node",
    [
        {"allOf": [BASE, EITHER]},
        {"allOf": [BASE, {"anyOf": [BY_KEY, BY_PLACE]}]},
        {**BASE, **EITHER},
        {**BASE, "anyOf": [BY_KEY, BY_PLACE]},
        {"allOf": [BASE], **EITHER},
        {"allOf": [BASE, ref("Either")]},
        {"allOf": [ref("Base"), {"oneOf": [ref("ByKey"), ref("ByPlace")]}]},
        {"allOf": [BASE, {"oneOf": [{"allOf": [BY_KEY, {"description": "d"}]}, {"anyOf": [BY_PLACE, NULL]}]}]},
        {"allOf": [BASE, EITHER, {"anyOf": [BY_PLACE, BY_KEY]}]},
    ],
)
def test_every_variant_can_be_said(node: Node) -> None:
    """What any alternative holds is a typed property, however the alternatives are put beside the rest, and none of it
    is required."""
    found, losses = held(node, Either=EITHER, Base=BASE, ByKey=BY_KEY, ByPlace=BY_PLACE)
    assert {name: kind for name, (kind, _) in found.items() if name != "place"} == {
        "id": "int",
        "key": "str",
        "row": "int",
    }
    assert found["place"][0] in ("XPlace", "ByPlacePlace")
    assert [name for name, (_, required) in found.items() if required] == ["id"]
    assert losses == []


def test_two_choices_of_objects() -> None:
    """Several choices with nothing beside them are one object with what all of them hold."""
    found, losses = held({"allOf": [{"oneOf": [DOG, CAT]}, {"oneOf": [BY_KEY, BY_PLACE]}]})
    assert {*found} == {"kind", "bark", "meow", "key", "row", "place"}
    assert losses == []


def test_required_by_all() -> None:
    """What every alternative requires is required."""
    ways = [{"required": ["a", "b"]}, {"required": ["a"], "properties": {"c": {"type": "string"}}}]
    node = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "anyOf": ways}
    found, _ = held(node)
    assert {name for name, (_, required) in found.items() if required} == {"a"}


def test_what_alternatives_say_differently() -> None:
    """A property is of any type that an alternative gives it, unless all objects say what it is; listed values are
    those of all."""
    one = {"properties": {"size": {"type": "integer"}, "kind": {"enum": ["a", "b"]}, "id": {"const": 1}}}
    other = {"properties": {"size": {"type": "string"}, "kind": {"enum": ["b", "c"]}, "id": {"const": 2}}}
    parsed = parse(document(X={"allOf": [BASE, {"oneOf": [one, other]}]}), "test")
    found, losses = held({"allOf": [BASE, {"oneOf": [one, other]}]})
    assert (found["size"][0], found["id"][0]) == ("int | str", "int")
    assert parsed.schemas.definitions[found["kind"][0]]["enum"] == ["a", "b", "c"]
    assert losses == []


def test_a_subtype_that_its_base_names() -> None:
    """A schema that extends one of the alternatives of its base holds nothing of the others."""
    base = {**BASE, "oneOf": [ref("X"), ref("Y")]}
    mine = {"allOf": [ref("B"), {"properties": {"mine": {"type": "string"}}}]}
    yours = {"allOf": [ref("B"), {"properties": {"yours": {"type": "string"}}}]}
    found, _ = held(mine, B=base, Y=yours)
    assert {*found} == {"id", "mine"}


def test_what_has_no_type() -> None:
    """What an alternative says under keys of a pattern has no type, and is reported; the object takes further keys."""
    node = {"allOf": [BASE, {"oneOf": [BY_KEY, {"patternProperties": {"^x-": {"type": "string"}}}]}]}
    found, losses = held(node)
    assert {*found} == {"id", "key"}
    assert losses == [
        "$.components.schemas.X.allOf[1]: its alternatives are not typed where $.components.schemas.X puts it together "
        "with others"
    ]
    assert parse(document(X=node), "test").schemas.facts["X"].others == "some"


def test_one_value_of_each_alternative_makes_an_enum() -> None:
    """A property that is another single value in each alternative is an enum of all of them, which the gate that
    compares enums with the document lets pass; one with a value of nobody it does not."""
    kinds: list[Node] = [
        {"type": "object", "properties": {"kind": {"type": "string", "enum": [value]}}} for value in ("a", "b", "c")
    ]
    whole = document(X={"allOf": [BASE, {"oneOf": kinds}]})
    parsed = parse(whole, "test")
    assert parsed.schemas.definitions["XKind"]["enum"] == ["a", "b", "c"]
    gates.same_enums("test", whole, {"XKind": ["a", "b", "c"]}, parsed.schemas.narrowed)
    for wrong in (["a", "b", "d"], ["a", "b", "c", "d"]):
        with pytest.raises(CodegenError, match="which no enum of the document does"):
            gates.same_enums("test", whole, {"XKind": wrong}, parsed.schemas.narrowed)
