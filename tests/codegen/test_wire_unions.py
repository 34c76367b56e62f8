"""Which class an object of a response becomes where the document allows several."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from accordant.testing import Script
from tests.codegen.wired import client, generated, importable


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the generated package."""
    with importable(generated(tmp_path_factory.mktemp("wire"), "unions"), "unions") as name:
        yield name


def read(package: str, resource: str, method: str, answer: Any, *arguments: Any) -> Any:
    """What a call returns for a body; a deviation is an error."""
    with client(package, False, transport=Script((200, answer)), deviations="strict") as api:
        return getattr(getattr(api, resource), method)(*arguments)


class TestFamilies:
    def test_subtypes(self, package: str) -> None:
        """Where the document says a base with a discriminator, an object is read as the subtype that it names."""
        sent = [{"kind": "cat", "lives": 9}, {"kind": "dog"}, {"kind": "Puppy", "teeth": 1}, {"kind": "eel", "x": 1}]
        pets = read(package, "pets", "list_pets", sent)
        assert [type(pet).__name__ for pet in pets] == ["Cat", "Dog", "Puppy", "Pet"]
        assert (pets[0].lives, pets[2].teeth) == (9, 1)
        assert [pet.to_dict() for pet in pets] == sent

    def test_within(self, package: str) -> None:
        """The same holds for a property, and a subtype that is named itself is only that."""
        owner = import_module(f"{package}.models").Owner
        made = owner.from_dict({"pet": {"kind": "cat"}, "favourite": {"kind": "cat"}})
        assert [type(item).__name__ for item in (made.pet, made.favourite)] == ["Cat", "Cat"]

    def test_sent(self, package: str) -> None:
        """A request takes any of the subtypes, and sends it whole."""
        models = import_module(f"{package}.models")
        script = Script((200, {"kind": "dog"}))
        with client(package, False, transport=script) as api:
            made = api.pets.create(models.Cat(kind="cat", lives=9))
        assert script.requests[0].json == {"kind": "cat", "lives": 9}
        assert type(made).__name__ == "Dog"

    def test_parents_discriminator(self, package: str) -> None:
        """Alternatives without a discriminator of their own are told apart by that of their parent."""
        for kind, name in (("cat", "Cat"), ("dog", "Dog")):
            found = read(package, "pets", "get_cat_or_dog", {"kind": kind, "lives": 1})
            assert type(found).__name__ == name


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("required", {"id": 1}, "Plain"),
        ("required", {"id": 1, "stamp": "s"}, "Stamped"),
        ("distinct", {"bark": "b"}, "Barks"),
        ("distinct", {"id": 1, "meow": "m"}, "Meows"),
        ("const", {"v": "one", "x": 1}, "One"),
        ("const", {"v": "two", "x": 1}, "Two"),
        ("enum", {"v": "orange"}, "Warm"),
        ("enum", {"v": "blue"}, "Cold"),
        ("types", {"v": "text"}, "Texts"),
        ("types", {"v": 7}, "Numbers"),
        ("types", "text", "str"),
        ("nested", {"data": {"id": 1, "meow": "m"}}, "HoldsMeows"),
        ("guess", {"id": 1}, "Little"),
        ("guess", {"id": 1, "more": "m"}, "Much"),
    ],
)
def test_told_apart(package: str, field: str, value: Any, name: str) -> None:
    """Alternatives are told apart by what they require, by properties of their own, by constants, enums and types."""
    unions = read(package, "unions", "get_unions", {field: value})
    found = getattr(unions, field)
    assert type(found).__name__ == name
    assert unions.to_dict() == {field: value}


@pytest.mark.parametrize(
    "body",
    [{"slug": "a", "id": "7"}, {"slug": "a", "external": "x", "at": "2026-01-02T03:04:05Z"}],
)
def test_alternatives_beside_properties(package: str, body: dict[str, Any]) -> None:
    """Each variant of an object that is one of several beside its own properties is sent and read by name, in a body
    and in a query."""
    given = {**body, "at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)} if "at" in body else body
    script = Script((200, body))
    with client(package, False, transport=script, deviations="strict") as api:
        made = api.checks.create(**given, near={"r": 5, "spot": "here"})
    assert script.requests[0].json == body
    assert sorted(script.requests[0].query) == [("near[r]", "5"), ("near[spot]", "here")]
    assert {name: getattr(made, name) for name in given} == given


def test_guesses_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The report names the classes that nothing in the document tells apart, and no others."""
    generated(tmp_path, "unions")
    told = capsys.readouterr().out.splitlines()
    lines = sorted(line for line in told if "nothing tells" in line or "discriminator" in line)
    assert [line.partition("normalised: ")[2] for line in lines] == [
        "$.components.schemas.Unions.properties.guess: nothing tells Little from Much: "
        "which of them an object is read as is a guess",
        "$.components.schemas.Unions.properties.nested: nothing tells HoldsBarks from HoldsMeows: "
        "which of them an object is read as is a guess",
    ]
