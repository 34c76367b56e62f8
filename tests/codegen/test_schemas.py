"""What the generator is shown of schemas, and what each becomes in Python."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_codegen.render.models import Catalogue, view_model
from accordant_codegen.types.parser import parse
from tests.codegen.readings import CAT, DOG, NULL, Node, annotation, document, field, ref


@pytest.mark.parametrize(
    ("node", "expected", "decoded"),
    [
        ({"type": "string"}, "str", "string"),
        ({"type": "integer", "format": "int64"}, "int", "integer"),
        ({"type": "number"}, "float", "number"),
        ({"type": "boolean"}, "bool", "boolean"),
        ({"type": "null"}, "None", "null"),
        ({"type": "string", "format": "date-time"}, "datetime.datetime", "instant"),
        ({"type": "string", "format": "local-date-time"}, "datetime.datetime", "instant"),
        ({"type": "string", "format": "date"}, "datetime.date", "day"),
        ({"type": "string", "format": "uuid"}, "UUID", "identifier"),
        ({"type": "string", "format": "email"}, "str", "string"),
        ({"type": "integer", "format": "date-time"}, "int", "integer"),
        ({}, "Any", "untyped"),
        (True, "Any", "untyped"),
        ({"description": "Anything."}, "Any", "untyped"),
        ({"type": ["string", "null"]}, "str | None", "nullable(string)"),
        ({"type": ["string", "integer"]}, "str | int", 'OneOf["str | int"](string, integer)'),
        ({"type": "array", "items": {"type": "string"}}, "list[str]", "ListOf(string)"),
        ({"type": "array"}, "list[Any]", "ListOf(untyped)"),
        ({"items": {"type": "integer"}}, "list[int]", "ListOf(integer)"),
        (
            {"type": "array", "items": {"type": ["integer", "null"]}},
            "list[int | None]",
            "ListOf(nullable(integer))",
        ),
        ({"type": "object"}, "dict[str, Any]", "MapOf(untyped)"),
        ({"type": "object", "additionalProperties": True}, "dict[str, Any]", "MapOf(untyped)"),
        ({"additionalProperties": {"type": "integer"}}, "dict[str, int]", "MapOf(integer)"),
        (
            {"type": ["object", "null"], "additionalProperties": {"type": ["string", "null"]}},
            "dict[str, str | None] | None",
            "nullable(MapOf(nullable(string)))",
        ),
        ({"const": "a"}, 'Literal["a"]', 'exactly("a")'),
        ({"const": 5}, "Literal[5]", "exactly(5)"),
        ({"const": True}, "Literal[True]", "exactly(True)"),
        ({"const": None}, "None", "null"),
        ({"enum": [True]}, "Literal[True]", "exactly(True)"),
        ({"enum": [True, False]}, "bool", "boolean"),
        ({"enum": [None]}, "None", "null"),
        (
            {"oneOf": [{"const": "a"}, {"const": 'b"'}, NULL]},
            'Literal["a"] | Literal["b\\""] | None',
            'nullable(OneOf["Literal[\\"a\\"] | Literal[\\"b\\\\\\"\\"]"](exactly("a"), exactly("b\\"")))',
        ),
        ({"anyOf": [{"type": "string"}, NULL]}, "str | None", "nullable(string)"),
        ({"anyOf": [{"type": "string"}, {}]}, "Any", "untyped"),
        ({"anyOf": [{"oneOf": [{"type": "string"}, NULL]}, {"type": "string"}]}, "str | None", "nullable(string)"),
        ({"allOf": [{"type": "string"}, {"minLength": 2}]}, "str", "string"),
        ({"allOf": [{"type": "string"}, {"format": "date"}]}, "datetime.date", "day"),
        ({"type": "string", "pattern": "^a"}, "str", "string"),
        ({"not": {"type": "string"}}, "Any", "untyped"),
        ({"type": "string", "default": 3}, "str", "string"),
    ],
)
def test_plain(node: Any, expected: str, decoded: str) -> None:
    """Scalars, arrays, maps, constants and unions have the type that JSON Schema means, and lose nothing."""
    assert field(node) == (expected, decoded, [])


@pytest.mark.parametrize(
    ("node", "expected", "loss"),
    [
        ({"enum": ["a", 1]}, "int | str", "its values ['a', 1] make no enum of one type, and are not listed"),
        ({"enum": [1.5, 2]}, "int | float", "its values [1.5, 2] make no enum of one type, and are not listed"),
        ({"enum": list[str]()}, "Any", "its values [] make no enum of one type, and are not listed"),
        ({"enum": [{"a": 1}]}, "Any", "its values [{'a': 1}] make no enum of one type, and are not listed"),
        (
            {"type": "string", "enum": [1, 2]},
            "str",
            "its values [1, 2] make no enum of one type, and are not listed",
        ),
        ({"const": 1.5}, "Any", "the constant 1.5 has no literal type; it is any JSON value"),
        ({"type": "strange"}, "Any", "type 'strange' is none of JSON Schema's; it is any JSON value"),
        (False, "Any", "False stands where a schema should, and is any JSON value"),
        (
            {"prefixItems": [{"type": "string"}, {"type": "integer"}], "items": {"type": "boolean"}},
            "list[str | int | bool]",
            "the order of the types in it is not typed",
        ),
        (
            {
                "type": "object",
                "properties": {"x": True},
                "oneOf": [{"patternProperties": {"y": True}}, {"enum": [dict[str, int]()]}],
            },
            "XA",
            "the alternatives beside its properties are not typed",
        ),
        (
            {"properties": {"x": True}, "discriminator": {"propertyName": "x"}},
            "XA",
            "a discriminator without alternatives: answers are read as this object, whatever it says",
        ),
    ],
)
def test_what_types_cannot_say(node: Any, expected: str, loss: str) -> None:
    """What a type cannot say becomes a wider type, and is reported with its place, never silently."""
    text, _, losses = field(node)
    assert text == expected
    assert losses == [f"$.components.schemas.X.properties.a: {loss}"]


class TestComponents:
    def test_scalar_and_array(self) -> None:
        """A component that is no object or enum has no class: what refers to it is what it is."""
        assert annotation(ref("S"), S={"type": "string", "format": "date-time"}) == "datetime.datetime"
        assert annotation(ref("L"), L={"type": "array", "items": ref("D")}, D=DOG) == "list[D]"
        assert annotation(ref("U"), U={"oneOf": [ref("D"), {"type": "string"}]}, D=DOG) == "D | str"

    def test_alias(self) -> None:
        """A component that only refers to another is the other."""
        assert annotation(ref("A"), A=ref("B"), B={"allOf": [ref("D")], "description": "d"}, D=DOG) == "D"

    def test_nullable_object(self) -> None:
        """A nullable component is one class, and null where it is used."""
        nullable = {**DOG, "type": ["object", "null"]}
        assert annotation(ref("D"), D=nullable) == "D | None"
        assert annotation({"type": "array", "items": ref("D")}, D=nullable) == "list[D | None]"
        assert annotation(ref("D"), D={"anyOf": [DOG, NULL]}) == "D | None"

    def test_nullable_enum(self) -> None:
        """So is a nullable enum, whichever way it says so."""
        for node in (
            {"type": ["string", "null"], "enum": ["a", "b", None]},
            {"enum": ["a", "b", None]},
            {"anyOf": [{"type": "string", "enum": ["a", "b"]}, NULL]},
        ):
            assert annotation(ref("E"), E=node) == "E | None"

    def test_map(self) -> None:
        """A component that is a map stays a class, whose other keys have the type; a map in place is a dict."""
        parsed = parse(document(M={"type": "object", "additionalProperties": ref("D")}, D=DOG), "test")
        view = view_model(Catalogue(parsed), "M", request_only=False)
        assert view.fields == ()
        assert view.extra == "D"
        assert annotation({"type": "object", "additionalProperties": ref("D")}, D=DOG) == "dict[str, D]"

    def test_deep_reference(self) -> None:
        """A reference into a schema leads to what stands there, once."""
        owner: Node = {"type": "object", "properties": {"inner": {"type": "object", "properties": {"x": {}}}}}
        deep = {"$ref": "#/components/schemas/O/properties/inner"}
        assert annotation({"type": "array", "items": deep}, O=owner) == "list[OInner]"
        parsed = parse(document(O=owner, X={"type": "object", "properties": {"a": deep, "b": deep}}), "test")
        assert sum("nner" in name for name in parsed.schemas.facts) == 1

    def test_inline_classes(self) -> None:
        """Objects and enums in place become classes named after where they stand."""
        inner = {"type": "object", "properties": {"color": {"enum": ["red"]}}}
        parsed = parse(document(Job={"type": "object", "properties": {"first_part": inner}}), "test")
        assert set(parsed.schemas.facts) == {"Job", "JobFirstPart", "JobFirstPartColor"}
        assert parsed.schemas.facts["JobFirstPart"].place == "$.components.schemas.Job.properties.first_part"

    def test_names_collide(self) -> None:
        """An inline class never takes the name of a component."""
        parsed = parse(
            document(
                Job={"type": "object", "properties": {"part": {"type": "object", "properties": {"x": {}}}}},
                JobPart={"type": "object", "properties": {"y": {"type": "string"}}},
            ),
            "test",
        )
        catalogue = Catalogue(parsed)
        assert [facts.wire for _, facts, _ in catalogue.fields("JobPart")] == ["y"]
        assert [facts.wire for _, facts, _ in catalogue.fields("JobPartType")] == ["x"]

    @pytest.mark.parametrize("name", ["Model", "Notes", "Any", "UNSET", "Mapping", "Unset", "Operation"])
    def test_reserved_names(self, name: str) -> None:
        """A component that is called like something the templates import gets another class name, and that is said."""
        text, _, losses = field(ref(name), **{name: DOG})
        assert text == f"{name}Type"
        assert len(losses) == 1
        assert losses[0].startswith(f"$.components.schemas.{name}: its class is called {text}")

    def test_enum_input_collision(self) -> None:
        """An enum beside a component that is called like its input gives way, and that is said."""
        text, _, losses = field(ref("E"), E={"enum": ["a"]}, EInput=DOG)
        assert text == "EType"
        assert losses == ["$.components.schemas.E: its class is called EType, since E is taken"]

    def test_titles_mean_nothing(self) -> None:
        """Equal titles name nothing: the components' keys do."""
        same = {"title": "Same"}
        assert annotation({"oneOf": [ref("D"), ref("C")]}, D={**DOG, **same}, C={**CAT, **same}) == "D | C"

    def test_swagger_style_names(self) -> None:
        """Keys that are no class names become some."""
        assert annotation(ref("Api.Model[Int32]_x"), **{"Api.Model[Int32]_x": DOG}).isidentifier()
