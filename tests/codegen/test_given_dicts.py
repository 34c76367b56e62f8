"""What a dict may hold that is given in place of a model: the TypedDicts of generated code."""

from __future__ import annotations

from typing import Any

from accordant_codegen.render.models import Catalogue
from accordant_codegen.render.params import ParamView, view_params
from accordant_codegen.types.code import PARAM
from accordant_codegen.types.parser import parse
from tests.codegen.readings import CAT, DOG, argument, document, ref

TEXT = {"type": "string"}


def params(name: str, **components: Any) -> dict[str, ParamView]:
    """The TypedDicts that an argument of one needs, by name."""
    catalogue = Catalogue(parse(document(**components), "test"))
    return {item.name: item for item in view_params(catalogue, [(PARAM, name)]).params}


def keys(node: Any, **components: Any) -> dict[str, str]:
    """The keys of the TypedDict of a schema, with their types."""
    return {key.name: key.type for key in params("XParam", X=node, **components)["XParam"].keys}


def given(node: Any, **components: Any) -> str:
    """What an argument of a schema takes beside the model."""
    return argument(ref("S"), S=node, **components)


def test_keys_are_those_of_json_and_say_which_are_required() -> None:
    """The keys are the names on the wire, not those of Python; those that a request must hold are Required."""
    node = {"type": "object", "properties": {"startDate": TEXT, "note": TEXT}, "required": ["startDate"]}
    assert keys(node) == {"startDate": "Required[str]", "note": "str"}


def test_values_are_what_arguments_take_and_dates_may_be_text() -> None:
    """A value is what an argument takes: an enum's literals, a nested model or its dict; a date also as its text."""
    properties = {
        "kind": {"enum": ["a", "b"]},
        "pet": ref("D"),
        "pets": {"type": "array", "items": {"oneOf": [ref("D"), ref("C")]}},
        "at": {"type": "string", "format": "date-time"},
        "gone": {"type": ["string", "null"], "format": "date"},
    }
    assert keys({"type": "object", "properties": properties}, D=DOG, C=CAT) == {
        "kind": "XKindInput",
        "pet": "D | DParam",
        "pets": "Sequence[D | DParam | C | CParam]",
        "at": "datetime.datetime | str",
        "gone": "datetime.date | str | None",
    }


def test_what_is_inside_is_there_too_and_nothing_else() -> None:
    """The TypedDicts that others hold come with them, one that holds itself too; what no argument takes does not."""
    nodes: dict[str, Any] = {
        "A": {"type": "object", "properties": {"b": ref("B")}},
        "B": {"type": "object", "properties": {"b": {"type": "array", "items": ref("B")}}},
        "Other": DOG,
    }
    assert sorted(params("AParam", **nodes)) == ["AParam", "BParam"]


def test_what_only_the_vendor_sends_is_no_key() -> None:
    """A property that is readOnly cannot be given, and a model that has no other property takes any mapping."""
    read = {**TEXT, "readOnly": True}
    assert keys({"type": "object", "properties": {"id": read, "a": TEXT}, "required": ["id"]}) == {"a": "str"}
    assert given({"type": "object", "properties": {"id": read}}) == "S | Mapping[str, Any] | Unset"


def test_a_document_that_speaks_of_further_keys_keeps_the_mapping() -> None:
    """Where further keys are described, a TypedDict would refuse what the document allows: any mapping is taken."""
    base = {"type": "object", "properties": {"a": TEXT}}
    mapping = "S | Mapping[str, Any] | Unset"
    assert given(base) == "S | SParam | Unset"
    assert given({**base, "additionalProperties": False}) == "S | SParam | Unset"
    described: list[dict[str, Any]] = [
        {"additionalProperties": True},
        {"additionalProperties": {}},
        {"additionalProperties": TEXT},
        {"patternProperties": {"^x-": TEXT}, "additionalProperties": False},
        {"oneOf": [DOG, {"additionalProperties": TEXT}]},
        {"if": {"required": ["a"]}, "then": {"properties": {"b": TEXT}}},
    ]
    for more in described:
        assert given({**base, **more}) == mapping, more
    assert given({"allOf": [base, {"oneOf": [DOG, {"patternProperties": {"^x-": TEXT}}]}]}) == mapping
    assert given({"allOf": [base, {"oneOf": [DOG, CAT]}]}) == "S | SParam | Unset"
    assert given({**base, "anyOf": [{"required": ["a"]}]}) == "S | SParam | Unset"
    assert given({"type": "object"}) == mapping


def test_keys_that_are_no_names_are_written_as_texts() -> None:
    """A key that is no identifier, a word of Python, private to a class, or the name of a type makes no class body."""
    for key in ("x-note", "from", "__private", "str", "Required", "DParam"):
        [made] = [
            item
            for item in params("XParam", X={"type": "object", "properties": {key: TEXT, "d": ref("D")}}, D=DOG).values()
            if item.name == "XParam"
        ]
        assert not made.as_class, key
    [plain] = params("XParam", X=DOG).values()
    assert plain.as_class


def test_a_name_that_is_taken_is_not_taken_twice() -> None:
    """A TypedDict is called after its model; where a schema has that name already, a number is added."""
    assert argument(ref("D"), D=DOG, DParam=CAT) == "D | DParam2 | Unset"


def test_the_module_is_none_of_a_model() -> None:
    """The module of the TypedDicts is called params, also where a schema has a module of that name."""
    assert Catalogue(parse(document(D=DOG), "test")).params_module == "params"
    assert Catalogue(parse(document(Params=DOG), "test")).params_module == "params_"
