"""Every model of every vendor: the straight-line functions do what their tables say, and JSON comes back as it came."""

from __future__ import annotations

import json
import math
import pkgutil
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from random import Random
from typing import Any

import pytest

import accordant_generated
from accordant_runtime import (
    Lazy,
    ListOf,
    MapOf,
    Notes,
    OneOf,
    RequestModel,
    Tagged,
    boolean,
    day,
    identifier,
    instant,
    integer,
    loads,
    null,
    number,
    string,
    untyped,
)
from accordant_runtime._decoders import Nullable
from accordant_runtime._plain import optional_fields, read, write

VENDORS = [item.name for item in pkgutil.iter_modules(accordant_generated.__path__) if item.ispkg]
ROUNDS = 12
MOMENTS = (
    *("2026-03-01T09:00:00Z", "2026-03-01T09:00:00.125Z", "2026-03-01T09:00:00.1234567Z", "2026-03-01T09:00:00+02:00"),
    *("2016-12-31T23:59:60Z", "2026-03-01t09:00:00z", "2026-03-01T09:00:00", "2026-03-01T09:00:00.500000+00:00"),
)
DAYS = ("2026-03-01", "0001-01-01", "9999-12-31")
IDS = ("0d1f4b0e-8a43-4c1e-9f3a-2b6f6a0c7d11", "0D1F4B0E-8A43-4C1E-9F3A-2B6F6A0C7D11")
WORDS = ("", "a", "Größe", "null", "2026-13-45T99:00:00Z", "\U0001f600", 'a"b\\')
ANYTHING: tuple[Any, ...] = (None, True, 0, -1, 2**53, 1.5, 1.0, "x", "2026-03-01", [], [1], {}, {"a": [None]})
MADE: dict[Any, Callable[[Random], Any]] = {
    string: lambda chance: chance.choice(WORDS),
    integer: lambda chance: chance.choice((0, -5, 7, 2**53, 3.0)),
    number: lambda chance: chance.choice((0, 1.5, -2.0, 1e300)),
    boolean: lambda chance: chance.random() < 0.5,
    instant: lambda chance: chance.choice(MOMENTS),
    day: lambda chance: chance.choice(DAYS),
    identifier: lambda chance: chance.choice(IDS),
    null: lambda _: None,
    untyped: lambda chance: chance.choice(ANYTHING),
}


def models(vendor: str) -> Iterator[type[Any]]:
    """All models of a vendor."""
    package = import_module(f"accordant_generated.{vendor}.models")
    for name in package.__all__:
        found = getattr(package, name)
        if issubclass(found, RequestModel):
            yield found


def value_for(decode: Any, chance: Random, depth: int = 0) -> Any:
    """JSON that a decoder takes without a note."""
    if decode in MADE:
        return MADE[decode](chance)
    part = partial(getattr, decode)
    if isinstance(decode, Nullable):
        return None if chance.random() < 0.3 else value_for(part("inner"), chance, depth)
    if isinstance(decode, Lazy):
        return value_for(part("target").decode, chance, depth)
    if isinstance(decode, (ListOf, MapOf)):
        many = chance.randint(0, 0 if depth > 3 else 2)
        items = [value_for(part("inner"), chance, depth + 1) for _ in range(many)]
        return items if isinstance(decode, ListOf) else {f"k{index}": item for index, item in enumerate(items)}
    if isinstance(decode, OneOf):
        return value_for(chance.choice(part("choices")), chance, depth)
    if isinstance(decode, Tagged):
        name = chance.choice(list(part("choices")))
        return {**value_for(part("choices")[name], chance, depth), part("name"): name}
    owner: Any = getattr(decode, "__self__", None)
    if owner is None:  # one constant
        return next(cell.cell_contents for cell in decode.__closure__)
    return value_of(owner, chance, depth + 1) if issubclass(owner, RequestModel) else chance.choice(list(owner)).value


def value_of(model: type[Any], chance: Random, depth: int = 0) -> dict[str, Any]:
    """An object that the document allows; deep in an object that holds itself, only what it must have."""
    optional = optional_fields(model)
    return {
        wire: value_for(decode, chance, depth)
        for attribute, (wire, decode) in model.WIRE.items()
        if attribute not in optional or (depth < 4 and chance.random() < 0.6)
    }


def as_sent(value: dict[str, Any], chance: Random) -> dict[str, Any]:
    """The object as vendors may send it: with null, something else, less or more than is documented."""
    changed = dict(value)
    for name in [name for name in changed if chance.random() < 0.25]:
        changed[name] = chance.choice(ANYTHING)
    for name in [name for name in changed if chance.random() < 0.1]:
        del changed[name]
    if chance.random() < 0.5:
        changed["xUnknown"] = chance.choice(ANYTHING)
    return dict(sorted(changed.items(), key=lambda _: chance.random()))


def both(model: type[Any], value: dict[str, Any], *, wall_clock: bool) -> tuple[Any, Notes]:
    """An object read by its straight-line function and field by field: they are equal, to the types in them, and what
    they note is the same."""
    notes, careful = Notes(wall_clock), Notes(wall_clock)
    found, expected = model.decode(value, notes), read(model, value, careful)
    assert [str(item) for item in notes.items] == [str(item) for item in careful.items]
    assert notes.items == careful.items
    assert found == expected
    assert repr(found) == repr(expected)
    return found, notes


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_the_document_allows(vendor: str) -> None:
    """What the document allows is read without a note, by both ways alike, and comes back as it was."""
    for model in models(vendor):
        chance = Random(model.__name__)
        for _ in range(ROUNDS):
            value = value_of(model, chance)
            found, notes = both(model, value, wall_clock=True)
            assert not notes.items
            _comes_back(found, value)


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_vendors_send(vendor: str) -> None:
    """Null, other types, unknown keys and enum values, missing fields: both ways note the same, and all comes back."""
    noted = 0
    for model in models(vendor):
        chance = Random(model.__name__)
        for _ in range(ROUNDS):
            value = as_sent(value_of(model, chance), chance)
            found, notes = both(model, value, wall_clock=False)
            noted += len(notes.items)
            _comes_back(found, value)
    assert noted > 100


def _comes_back(found: Any, value: dict[str, Any]) -> None:
    written = found.to_dict()
    assert written == value
    assert _told(written) == _told(write(found))
    assert loads(found.to_json()) == value


def _told(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_tables_are_the_fields(vendor: str) -> None:
    """Every attribute of a model is in its table once, under a name on the wire that no other attribute has."""
    for model in models(vendor):
        names = [item.name for item in model.__attrs_attrs__]
        assert [*model.WIRE, "additional_properties"] == names
        assert len({wire for wire, _ in model.WIRE.values()}) == len(model.WIRE)


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_has_no_json_form(vendor: str) -> None:
    """NaN in any field is refused with its path when an object is written, and never becomes null."""
    for model in models(vendor):
        found = model.decode(value_of(model, Random(1)), Notes())
        for attribute, (wire, _) in model.WIRE.items():
            before = getattr(found, attribute)
            setattr(found, attribute, math.nan)
            with pytest.raises(TypeError, match="has no JSON form") as caught:
                found.to_json()
            assert str(caught.value).startswith(f"$.{wire}")
            setattr(found, attribute, before)
