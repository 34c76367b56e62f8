"""What the generator is shown of schemas, and what each becomes in Python."""

from __future__ import annotations

from typing import Any

import pytest

from codegen.models import Catalogue, view_enum, view_model
from codegen.parser import parse
from codegen.schemas import Schemas
from codegen.typed import decoder, input_text, output_text

Node = dict[str, Any]


def document(**components: Any) -> dict[str, Any]:
    """An effective document with these component schemas, all of them mentioned."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "A", "version": "1"},
        "paths": {},
        "x-treaty-models": list(components),
        "components": {"schemas": components},
    }


def field(node: Any, **components: Any) -> tuple[str, str, list[str]]:
    """What a property of class X becomes: its annotation, its decoder, and the losses."""
    parsed = parse(document(X={"type": "object", "properties": {"a": node}}, **components), "test")
    catalogue = Catalogue(parsed)
    [(_, _, prop)] = catalogue.fields("X")
    kind = catalogue.typed(prop)
    return output_text(kind, optional=False), decoder(kind), parsed.schemas.losses


def annotation(node: Any, **components: Any) -> str:
    """The annotation alone, where nothing is lost."""
    text, _, losses = field(node, **components)
    assert losses == []
    return text


def argument(node: Any, **components: Any) -> str:
    """What an argument of this type takes."""
    parsed = parse(document(X={"type": "object", "properties": {"a": node}}, **components), "test")
    catalogue = Catalogue(parsed)
    [(_, _, prop)] = catalogue.fields("X")
    return input_text(catalogue.typed(prop), optional=True)


def ref(name: str) -> Node:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


NULL: Node = {"type": "null"}
DOG: Node = {"type": "object", "properties": {"kind": {"type": "string"}, "bark": {"type": "boolean"}}}
CAT: Node = {"type": "object", "properties": {"kind": {"type": "string"}, "meow": {"type": "boolean"}}}


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
            {"type": "object", "properties": {"x": True}, "oneOf": [{"properties": {"y": True}}]},
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


class TestIntersections:
    def fields(self, node: Node, **components: Any) -> tuple[list[tuple[str, bool]], list[str]]:
        parsed = parse(document(X=node, **components), "test")
        found = Catalogue(parsed).fields("X")
        return [(facts.wire, prop.required) for _, facts, prop in found], parsed.schemas.losses

    def test_objects(self) -> None:
        """Objects are put together: all properties, all that is required, through several levels."""
        base = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
        middle = {"allOf": [ref("Base"), {"type": "object", "properties": {"name": {"type": "string"}}}]}
        top = {"allOf": [ref("Middle")], "required": ["name"], "properties": {"size": {"type": "integer"}}}
        found, losses = self.fields(top, Middle=middle, Base=base)
        assert found == [("id", True), ("name", True), ("size", False)]
        assert losses == []

    def test_only_required(self) -> None:
        """An object that only requires more is a class of its own; one that adds nothing is the same class."""
        more = {"allOf": [ref("Dog"), {"required": ["bark"]}]}
        assert annotation(more, Dog=DOG) == "XA"
        assert annotation({"allOf": [ref("Dog"), {"description": "d"}]}, Dog=DOG) == "Dog"
        assert annotation({"allOf": [ref("Dog"), {"type": "object"}]}, Dog=DOG) == "Dog"
        assert annotation({"allOf": [ref("Dog")], "type": ["object", "null"]}, Dog=DOG) == "Dog | None"

    def test_no_objects(self) -> None:
        """Intersections of scalars and enums are read: the telling part wins, listed values are those of both."""
        color = {"type": "string", "enum": ["red", "blue"]}
        assert annotation({"allOf": [ref("E")], "description": "d"}, E=color) == "E"
        assert annotation({"allOf": [ref("E"), {"type": "string"}]}, E=color) == "E"
        assert annotation({"allOf": [ref("S"), {"minLength": 1}]}, S={"type": "string"}) == "str"
        parsed = parse(
            document(X={"type": "object", "properties": {"a": {"allOf": [ref("E"), {"enum": ["red"]}]}}}, E=color),
            "test",
        )
        assert parsed.schemas.definitions["XA"]["enum"] == ["red"]

    def test_refined_property(self) -> None:
        """A property that two parts describe is what both say."""
        first = {"type": "object", "properties": {"kind": {"type": "string"}, "size": {"type": "integer"}}}
        second = {"type": "object", "properties": {"kind": {"const": "a"}, "size": {"description": "Big."}}}
        parsed = parse(document(X={"allOf": [first, second]}), "test")
        catalogue = Catalogue(parsed)
        kinds = {facts.wire: (catalogue.typed(prop).output, facts.doc) for _, facts, prop in catalogue.fields("X")}
        assert kinds == {"kind": ('Literal["a"]', ""), "size": ("int", "Big.")}

    @pytest.mark.parametrize(
        ("part", "place", "what"),
        [
            ({"oneOf": [DOG, CAT]}, "$.components.schemas.X.allOf[1]", "its alternatives are"),
            ({"type": "array", "items": DOG}, "$.components.schemas.X.allOf[1]", "it is no object and"),
        ],
    )
    def test_not_typed(self, part: Node, place: str, what: str) -> None:
        """A part that cannot be put together with objects is reported with its place."""
        found, losses = self.fields({"allOf": [{"properties": {"id": {}}}, part]})
        assert found == [("id", False)]
        assert losses == [f"{place}: {what} not typed where $.components.schemas.X puts it together with others"]

    def test_circle(self) -> None:
        """An intersection with itself ends."""
        found, _ = self.fields({"allOf": [ref("X"), {"properties": {"a": {}}}]})
        assert found == [("a", False)]


class TestUnions:
    def test_discriminator(self) -> None:
        """A discriminator decides by its property: stated values, and component names where nothing is stated."""
        node = {
            "oneOf": [ref("Dog"), ref("Cat")],
            "discriminator": {"propertyName": "kind", "mapping": {"dog": "#/components/schemas/Dog"}},
        }
        text, decode, losses = field(node, Dog=DOG, Cat=CAT)
        assert text == "Dog | Cat"
        assert decode == (
            'Tagged["Dog | Cat"]("kind", {"dog": Dog.decode, "Cat": Cat.decode}, '
            'OneOf["Dog | Cat"](Dog.decode, Cat.decode))'
        )
        assert losses == []

    def test_discriminator_by_name(self) -> None:
        """A mapping may name components, several values one of them; null is still allowed."""
        mapping = {"d": "Dog", "puppy": "Dog", "c": "Cat"}
        node = {"anyOf": [ref("Dog"), ref("Cat"), NULL], "discriminator": {"propertyName": "kind", "mapping": mapping}}
        text, decode, _ = field(node, Dog=DOG, Cat=CAT)
        assert text == "Dog | Cat | None"
        assert '{"d": Dog.decode, "puppy": Dog.decode, "c": Cat.decode}' in decode

    def test_conflicting_discriminators(self) -> None:
        """Two discriminators over the same classes cannot both be kept, and that is said."""

        def union(name: str) -> Node:
            return {"oneOf": [ref("Dog"), ref("Cat")], "discriminator": {"propertyName": name}}

        node = {"type": "array", "items": union("kind")}
        _, _, losses = field(node, Dog=DOG, Cat=CAT, Other={"properties": {"b": union("type")}})
        place = "$.components.schemas.Other.properties.b"
        assert losses == [f"{place}: its classes have another discriminator elsewhere, which is used here too"]

    def test_constraints_only(self) -> None:
        """Alternatives that only require something are no types."""
        node: Node = {"properties": {"a": {}, "b": {}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}
        assert annotation(node) == "XA"

    def test_recursive(self) -> None:
        """A union that holds itself through arrays or maps alone is cut, with its place; through objects it is not."""
        value = {"oneOf": [{"type": "string"}, {"type": "array", "items": ref("V")}]}
        text, _, losses = field(ref("V"), V=value)
        assert text == "str | list[Any]"
        assert losses == ["$.components.schemas.V: it holds itself with no object between, and is any JSON value there"]
        tree = {"type": "object", "properties": {"sub": {"anyOf": [ref("T"), {"type": "string"}]}}}
        assert annotation(ref("T"), T=tree) == "T"

    def test_circle_of_references(self) -> None:
        """References in a circle are any value, and that is said."""
        text, _, losses = field(ref("A"), A=ref("B"), B=ref("A"))
        assert text == "Any"
        assert losses


class TestEnums:
    def members(self, node: Node) -> list[tuple[str, str]]:
        parsed = parse(document(E=node), "test")
        return list(view_enum(Catalogue(parsed), "E").members)

    def test_members(self) -> None:
        """Values become members: texts by their words, numbers by their value, documented names first."""
        assert self.members({"enum": ["in progress", "done", "2fa"]}) == [
            ("IN_PROGRESS", '"in progress"'),
            ("DONE", '"done"'),
            ("VALUE_2", '"2fa"'),
        ]
        assert self.members({"enum": [1, -1]}) == [("VALUE_1", "1"), ("VALUE_NEGATIVE_1", "-1")]
        assert self.members({"type": "integer", "enum": [1, 2], "x-enum-varnames": ["low", "High one"]}) == [
            ("LOW", "1"),
            ("HIGH_ONE", "2"),
        ]

    def test_collisions(self) -> None:
        """No value is lost to another whose name is the same."""
        values = ["ASC", "asc", "foo_bar", "foo-bar", "", "+", "-"]
        found = self.members({"type": "string", "enum": values})
        assert [value for _, value in found] == ['"ASC"', '"asc"', '"foo_bar"', '"foo-bar"', '""', '"+"', '"-"']
        assert len({name for name, _ in found}) == len(values)

    def test_numbers_collide(self) -> None:
        """Nor to a number that was given to tell two others apart."""
        assert [name for name, _ in self.members({"enum": ["a", "A", "a_1"]})] == ["A_2", "A_3", "A_1"]

    def test_bases(self) -> None:
        """Enums are open; those whose document knows more values than it lists are growing."""

        def base(node: Node) -> str:
            return view_enum(Catalogue(parse(document(E=node), "test")), "E").base

        assert base({"enum": ["a"]}) == "OpenStrEnum"
        assert base({"enum": [1]}) == "OpenIntEnum"
        assert base({"type": "string", "x-treaty-known-values": ["a"]}) == "GrowingStrEnum"
        assert base({"type": "integer", "x-treaty-known-values": [1], "x-enum-varnames": ["A"]}) == "GrowingIntEnum"


class TestArguments:
    def test_looser(self) -> None:
        """Arguments take more than answers give: enums as text, ids as text, any sequence, any mapping."""
        assert argument({"enum": ["a"]}) == "XAInput | Unset"
        assert argument({"type": "string", "format": "uuid"}) == "UUID | str | Unset"
        assert argument({"type": "array", "items": ref("D")}, D=DOG) == "Sequence[D | Mapping[str, Any]] | Unset"
        assert argument({"type": ["object", "null"]}) == "Mapping[str, Any] | None | Unset"
        assert argument({"type": "string", "format": "binary"}) == "FileInput | Unset"
        assert argument({"oneOf": [ref("D"), ref("C")]}, D=DOG, C=CAT) == "D | C | Mapping[str, Any] | Unset"


class TestDescriptions:
    def test_nearest(self) -> None:
        """A property says what its own place says, else what the one thing says that it refers to."""
        parsed = parse(
            document(
                D={**DOG, "description": "A dog."},
                X={
                    "properties": {
                        "a": {**ref("D"), "description": "The leader."},
                        "b": ref("D"),
                        "c": {"anyOf": [ref("D"), NULL]},
                        "d": {"oneOf": [ref("D"), {"type": "string"}]},
                    }
                },
            ),
            "test",
        )
        docs = {facts.wire: facts.doc for _, facts, _ in Catalogue(parsed).fields("X")}
        assert docs == {"a": "The leader.", "b": "A dog.", "c": "A dog.", "d": ""}

    def test_secret(self) -> None:
        """A password never shows in a repr."""
        parsed = parse(document(X={"properties": {"pin": {"type": "string", "format": "password"}}}), "test")
        [field] = view_model(Catalogue(parsed), "X", request_only=True).fields
        assert field.declaration == "pin: str | Unset = field(default=UNSET, repr=False)"


def test_every_class_is_described() -> None:
    """Every class that is hoisted, however late, is described."""
    found = Schemas(document(A={"properties": {"b": {"properties": {"c": {"properties": {"d": {}}}}}}}), [])
    found.finish()
    assert set(found.definitions) == set(found.facts) == {"A", "AB", "ABC"}
    assert all(definition["properties"] for definition in found.definitions.values())
