"""The table of a model is what the types of its fields say."""

from __future__ import annotations

import collections.abc
import datetime
import sys
from types import ModuleType
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from attrs import define, evolve, field, fields

from accordant_runtime import (
    UNSET,
    Lazy,
    ListOf,
    MapOf,
    Model,
    Notes,
    OneOf,
    OpenStrEnum,
    RequestModel,
    Unset,
    boolean,
    day,
    identifier,
    instant,
    integer,
    null,
    number,
    string,
    untyped,
)
from accordant_runtime._decoders import Nullable


class Colour(OpenStrEnum):
    RED = "red"


ColourInput = Colour | Literal["red"]


def loud(value: Any, notes: Notes) -> str:
    """A decoder of a user's own."""
    return string(value, notes).upper()


@define(kw_only=True)
class Part(Model):
    """A part of a thing."""

    name: str
    part: Part | Unset | None = UNSET
    additional_properties: dict[str, list[int]] = field(factory=dict[str, Any])


@define(kw_only=True)
class Thing(RequestModel):
    """A field of every type."""

    text: str
    whole: int
    fraction: float | None
    truth: bool | Unset = UNSET
    nothing: Unset | None = UNSET
    anything: Any = UNSET
    content: bytes | Unset = UNSET
    moment: datetime.datetime | Unset | None = UNSET
    date: datetime.date | Unset = UNSET
    id: UUID | Unset = UNSET
    id_or_text: UUID | str | Unset | None = UNSET
    colour: Colour | Unset = UNSET
    colour_or_text: ColourInput | Unset | None = UNSET
    colours: collections.abc.Sequence[ColourInput] | Unset = UNSET
    part: Part | Unset | None = UNSET
    parts: list[Part | None] | Unset = UNSET
    by_name: dict[str, list[Part]] | Unset = UNSET
    prices: collections.abc.Mapping[str, float] | Unset = UNSET
    kind: Literal["thing"] | Unset = UNSET
    either: int | str | Unset | None = UNSET
    other_name: Annotated[str | Unset | None, 'other"Name\\'] = UNSET
    other_reading: Annotated[str | Unset, loud] = UNSET
    both: Annotated[list[str] | Unset, "$both", ListOf(loud)] = UNSET
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])


def choices_of(decode: Any) -> tuple[Any, ...]:
    """The alternatives that a decoder tries."""
    return tuple(decode.choices)


def said(decode: Any) -> Any:
    """A decoder as something that can be compared."""
    if type(decode) in (ListOf, MapOf, Nullable):
        return (type(decode).__name__, said(decode.inner))
    if isinstance(decode, OneOf):
        return ("OneOf", *map(said, choices_of(decode)))
    owner = getattr(decode, "__self__", None)
    return decode if owner is None else owner


def test_types() -> None:
    """A type says how its values are read: scalars, moments, ids, enums, models, lists, maps, null and alternatives."""
    assert {name: said(decode) for name, (_, decode) in Thing.WIRE.items() if name != "kind"} == {
        **{"text": string, "whole": integer, "fraction": ("Nullable", number), "truth": boolean, "nothing": null},
        **{"anything": untyped, "content": untyped, "moment": ("Nullable", instant), "date": day, "id": identifier},
        **{"id_or_text": ("Nullable", identifier), "colour": Colour, "colour_or_text": ("Nullable", Colour)},
        **{"colours": ("ListOf", Colour), "part": ("Nullable", Part), "parts": ("ListOf", ("Nullable", Part))},
        **{"by_name": ("MapOf", ("ListOf", Part)), "prices": ("MapOf", number)},
        **{"either": ("Nullable", ("OneOf", integer, string)), "other_name": ("Nullable", string)},
        **{"other_reading": loud, "both": ("ListOf", loud)},
    }


def test_names_on_the_wire() -> None:
    """The name on the wire is the attribute, or what the annotation says; the order is that of the fields."""
    others = {"other_name": 'other"Name\\', "both": "$both"}
    names = [item.name for item in fields(Thing) if item.name != "additional_properties"]
    assert [*Thing.WIRE] == names
    assert [wire for wire, _ in Thing.WIRE.values()] == [others.get(name, name) for name in names]


def test_a_constant() -> None:
    """A literal is read as exactly that."""
    notes = Notes()
    decode = Thing.WIRE["kind"][1]
    assert (decode("thing", notes), notes.items) == ("thing", [])
    decode("other", notes)
    assert [note.expected for note in notes.items] == ["'thing'"]


def test_further_keys() -> None:
    """The values of further keys are read as the type of `additional_properties` says."""
    assert said(Part.REST) == ("ListOf", integer)
    assert Thing.REST is untyped
    assert Part.from_dict({"name": "a", "sizes": [1, 2]}).additional_properties == {"sizes": [1, 2]}


def test_a_model_that_holds_itself() -> None:
    """A model may be a part of itself; it is read and written to any depth."""
    sent = {"name": "a", "part": {"name": "b", "part": {"name": "c", "part": None}}}
    part = Part.from_dict(sent)
    assert isinstance(part.part, Part)
    assert part.to_dict() == sent
    assert evolve(part, name="z").to_dict() == {**sent, "name": "z"}


def test_the_order_of_alternatives() -> None:
    """Alternatives are tried in the order in which they are written, whatever another model says before."""

    @define(kw_only=True)
    class One(Model):
        value: Annotated[int | str, "Value"]
        word: Annotated[Literal["a"] | Literal["b"] | None, "Word"]
        additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @define(kw_only=True)
    class Other(Model):
        value: Annotated[str | int, "Value"]
        word: Annotated[Literal["b"] | Literal["a"] | None, "Word"]
        additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    assert said(One.WIRE["value"][1]) == ("OneOf", integer, string)
    assert said(Other.WIRE["value"][1]) == ("OneOf", string, integer)
    for kind, first in ((One, "'a'"), (Other, "'b'")):
        notes = Notes()
        kind.WIRE["word"][1]("c", notes)
        assert notes.items[0].expected == first


def test_a_table_is_made_once() -> None:
    """Every access gives the same table, and a class that a user derives has that of its model."""

    @define(kw_only=True)
    class Mine(Part):
        seen: bool = False

    table = Part.WIRE
    assert Part.WIRE is table
    assert Mine.WIRE is table
    mine = Mine.from_dict({"name": "a", "sizes": [1]})
    assert (mine.name, mine.seen, mine.to_dict()) == ("a", False, {"name": "a", "sizes": [1]})


def test_no_fields() -> None:
    """The bases of models have an empty table, which their subclasses do not inherit."""
    assert (dict(Model.WIRE), dict(RequestModel.WIRE), Model.REST) == ({}, {}, untyped)

    @define(kw_only=True)
    class Small(Model):
        name: str
        additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    assert [*Small.WIRE] == ["name"]


def test_a_table_of_ones_own() -> None:
    """A table that a class is given by hand counts."""

    @define(kw_only=True)
    class Odd(Model):
        name: object
        additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    Odd.WIRE = {"name": ("Name", loud)}
    assert Odd.from_dict({"Name": "a"}).name == "A"


def test_annotations_that_are_no_texts() -> None:
    """A module that does not defer its annotations says the same."""
    source = (
        "from typing import Annotated, Any, Literal\n"
        "from attrs import define, field\n"
        "from accordant_runtime import UNSET, Model, Unset\n"
        "@define(kw_only=True)\n"
        "class Now(Model):\n"
        "    name: Annotated[str | None | Unset, 'Name'] = UNSET\n"
        "    kind: Literal['a', 'b'] | Unset = UNSET\n"
        "    additional_properties: dict[str, Any] = field(factory=dict[str, Any])\n"
    )
    module = ModuleType("annotations_at_once")
    sys.modules[module.__name__] = module
    try:
        exec(compile(source, module.__name__, "exec", dont_inherit=True), vars(module))  # noqa: S102 - the text above
        assert vars(module)["Now"].from_dict({"Name": "a", "kind": "b"}).to_dict() == {"Name": "a", "kind": "b"}
    finally:
        del sys.modules[module.__name__]


@pytest.fixture
def package() -> collections.abc.Iterator[ModuleType]:
    """A package of models whose one module names a class that only type checkers import."""
    source = (
        "from __future__ import annotations\n"
        "from typing import Annotated, Any\n"
        "from attrs import define, field\n"
        "from accordant_runtime import UNSET, Model, Unset\n"
        "@define(kw_only=True)\n"
        "class Holder(Model):\n"
        "    late: Annotated[Late | None | Unset, 'Late'] = UNSET\n"
        "    many: list[Late | int] | Unset = UNSET\n"
        "    additional_properties: dict[str, Any] = field(factory=dict[str, Any])\n"
        "@define(kw_only=True)\n"
        "class Lost(Model):\n"
        "    name: Missing | Unset = UNSET\n"
        "    additional_properties: dict[str, Any] = field(factory=dict[str, Any])\n"
    )
    whole = ModuleType("late_models")
    vars(whole)["__all__"] = ["Holder", "Late"]
    module = ModuleType("late_models.holder")
    sys.modules |= {"late_models": whole, "late_models.holder": module}
    exec(compile(source, module.__name__, "exec", dont_inherit=True), vars(module))  # noqa: S102 - the text above
    yield module
    del sys.modules["late_models"], sys.modules["late_models.holder"]


def test_late_classes(package: ModuleType) -> None:
    """A class that the module does not import is that of its package, and is looked up when a value of it comes."""
    holder = vars(package)["Holder"]
    late = holder.WIRE["late"][1].inner
    assert isinstance(late, Lazy)
    assert holder.from_dict({"Late": None}).late is None
    vars(sys.modules["late_models"])["Late"] = Part
    assert holder.from_dict({"Late": {"name": "a"}}).late == Part(name="a")
    assert holder.from_dict({"many": [1, {"name": "a"}]}).many == [1, Part(name="a")]


def test_unknown_names(package: ModuleType) -> None:
    """A name that nobody knows is an error, and so is a type that does not say how its values are read."""
    with pytest.raises(NameError, match="name 'Missing' is not defined"):
        _ = vars(package)["Lost"].WIRE

    @define(kw_only=True)
    class Odd(Model):
        value: complex
        additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    with pytest.raises(TypeError, match=r"Odd\.value: the type <class 'complex'> does not say how its values are read"):
        _ = Odd.WIRE
