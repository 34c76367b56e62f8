"""Schemas put together from others: intersections, unions, enums, and what arguments take of them."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_codegen.render.models import Catalogue, view_enum, view_model
from accordant_codegen.types.parser import parse
from accordant_codegen.types.schemas import DocumentSchemas
from tests.codegen.readings import CAT, DOG, NULL, Node, annotation, argument, document, field, ref


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
        kinds = {facts.wire: (catalogue.typed(prop).output.text, facts.doc) for _, facts, prop in catalogue.fields("X")}
        assert kinds == {"kind": ('Literal["a"]', ""), "size": ("int", "Big.")}

    @pytest.mark.parametrize(
        ("part", "place", "what"),
        [
            ({"oneOf": [DOG, {"enum": [dict[str, int]()]}]}, "$.components.schemas.X.allOf[1]", "its alternatives are"),
            ({"type": "array", "items": DOG}, "$.components.schemas.X.allOf[1]", "it is no object and"),
        ],
    )
    def test_not_typed(self, part: Node, place: str, what: str) -> None:
        """A part that cannot be put together with objects is reported with its place."""
        found, losses = self.fields({"allOf": [{"properties": {"id": {}}}, part]})
        assert found[-1] == ("id", False)
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
            ("VALUE_2FA", '"2fa"'),
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
        """Nor to what was given to tell two others apart."""
        names = [name for name, _ in self.members({"enum": ["a", "A", "a_upper"]})]
        assert names == ["A", "A_UPPER", "A_UPPER_LOWER"]

    def test_bases(self) -> None:
        """Enums are open; those whose document knows more values than it lists are growing."""

        def base(node: Node) -> str:
            return view_enum(Catalogue(parse(document(E=node), "test")), "E").base

        assert base({"enum": ["a"]}) == "OpenStrEnum"
        assert base({"enum": [1]}) == "OpenIntEnum"
        assert base({"type": "string", "x-accordant-known-values": ["a"]}) == "GrowingStrEnum"
        assert base({"type": "integer", "x-accordant-known-values": [1], "x-enum-varnames": ["A"]}) == "GrowingIntEnum"


class TestArguments:
    def test_looser(self) -> None:
        """Arguments take more than answers give: enums as text, ids as text, any sequence, a dict for a model."""
        assert argument({"enum": ["a"]}) == "XAInput | Unset"
        assert argument({"type": "string", "format": "uuid"}) == "UUID | str | Unset"
        assert argument({"type": "array", "items": ref("D")}, D=DOG) == "Sequence[D | DParam] | Unset"
        assert argument({"type": ["object", "null"]}) == "Mapping[str, Any] | None | Unset"
        assert argument({"type": "string", "format": "binary"}) == "FileInput | Unset"
        assert argument({"oneOf": [ref("D"), ref("C")]}, D=DOG, C=CAT) == "D | DParam | C | CParam | Unset"


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
    found = DocumentSchemas(document(A={"properties": {"b": {"properties": {"c": {"properties": {"d": {}}}}}}}), [])
    found.finish()
    assert set(found.definitions) == set(found.facts) == {"A", "AB", "ABC"}
    assert all(definition["properties"] for definition in found.definitions.values())
