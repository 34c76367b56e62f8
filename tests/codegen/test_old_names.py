"""An old name that an overlay states lives on: it does what the new one does, warns, and type checkers say so."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import accordant_generated
from accordant_codegen.drift.api import compare_packages
from accordant_codegen.drift.lines import Impact
from accordant_codegen.drift.report import DriftReport, as_text, ordered
from accordant_codegen.drift.surface import Texts
from accordant_codegen.drift.versions import read_package
from tests.codegen.checkouts import Checkout, refused
from tests.codegen.type_checks import Complaint
from tests.codegen.typed_packages import OLD_NAMES, RENAMED, RENAMED_OVERLAY

ROOT = Path(__file__).parents[2]


class Caller:
    """Returns what it is called with."""

    def call(self, _: Any, arguments: dict[str, Any], options: Any) -> Any:
        """The arguments of the call."""
        return {**arguments, "options": options}


class AsyncCaller:
    """Returns what it is called with, asynchronously."""

    async def call(self, _: Any, arguments: dict[str, Any], options: Any) -> Any:
        """The arguments of the call."""
        return {**arguments, "options": options}


@pytest.fixture(scope="module")
def generated(typed_checkout: Checkout) -> Iterator[Path]:
    """The folder of a package with old names, which can be imported."""
    place = str(typed_checkout.generated / "accordant_generated")
    accordant_generated.__path__.append(place)
    yield typed_checkout.generated
    accordant_generated.__path__.remove(place)
    for name in [name for name in sys.modules if name.startswith("accordant_generated.renamed")]:
        del sys.modules[name]


@pytest.fixture
def toys(generated: Path) -> Any:
    """The blocking resource."""
    assert generated
    return importlib.import_module("accordant_generated.renamed.toys").Toys(Caller())


@pytest.fixture
def models(generated: Path) -> Any:
    """The models."""
    assert generated
    return importlib.import_module("accordant_generated.renamed.models")


def test_an_old_method_name_calls_the_new_one(toys: Any) -> None:
    """A method that was renamed can be called by each of its old names, and the warning at the caller's line says the
    new one."""
    for name in ("list", "all_of_them"):
        with pytest.warns(DeprecationWarning, match="is the old name of") as said:
            given = getattr(toys, name)(size=3, options="o")
        assert [str(each.message) for each in said] == [f"toys.{name} is the old name of toys.search"]
        assert said[0].filename == __file__
        assert (given["size"], given["options"]) == (3, "o")


def test_an_old_argument_name_is_the_new_one(toys: Any) -> None:
    """An argument that was renamed can be given by its old name, also by the old name of the method, also one of the
    path, and one that is a property of the body."""
    with pytest.warns(DeprecationWarning, match=r"^toys\.search: `width` is the old name of `size`$") as said:
        assert toys.search(width=3)["size"] == 3
    assert said[0].filename == __file__
    with pytest.warns(DeprecationWarning, match="is the old name of") as said:
        assert toys.list(width=3)["size"] == 3
    assert {str(each.message) for each in said} == {
        "toys.list is the old name of toys.search",
        "toys.list: `width` is the old name of `size`",
    }
    assert [each.filename for each in said] == [__file__, __file__]
    with pytest.warns(DeprecationWarning, match="`number` is the old name of `id`"):
        assert toys.get(number=7, part="a")["id"] == 7
    with pytest.warns(DeprecationWarning, match="`title` is the old name of `name`"):
        assert toys.make(title="Bear")["name"] == "Bear"


def test_both_names_are_refused(toys: Any, models: Any) -> None:
    """Whoever gives an argument or a field by both its names gets a TypeError that names them."""
    with (
        pytest.warns(DeprecationWarning, match="old name"),
        pytest.raises(TypeError, match="`width` is the old name of `size`; give one"),
    ):
        toys.search(size=1, width=2)
    with (
        pytest.warns(DeprecationWarning, match="old name"),
        pytest.raises(TypeError, match="NewToy: `title` is the old name of `name`"),
    ):
        models.NewToy(name="a", title="b")
    with (
        pytest.warns(DeprecationWarning, match="old name"),
        pytest.raises(TypeError, match="multiple values for argument 'id'"),
    ):
        toys.get(1, number=1, part="a")


def test_asynchronous_methods_have_the_same_old_names(generated: Path) -> None:
    """Old names of methods and arguments work in the asynchronous client as well."""
    assert generated
    toys = importlib.import_module("accordant_generated.renamed.aio.toys").AsyncToys(AsyncCaller())
    with pytest.warns(DeprecationWarning, match=r"toys\.list is the old name of toys\.search") as said:
        assert asyncio.run(toys.list(size=3))["size"] == 3
    assert said[0].filename == __file__
    with pytest.warns(DeprecationWarning, match="`width` is the old name of `size`") as said:
        assert asyncio.run(toys.search(width=3))["size"] == 3
    assert said[0].filename == __file__


def test_an_old_field_name_is_the_new_one(models: Any) -> None:
    """A field that was renamed can be read, set and given by its old name; JSON has the new one alone."""
    with pytest.warns(DeprecationWarning, match=r"NewToy: `title` is the old name of `name`") as said:
        toy = models.NewToy(title="Bear")
    assert said[0].filename == __file__
    assert toy.to_dict() == {"name": "Bear"}
    with pytest.warns(DeprecationWarning, match=r"NewToy\.title is the old name of NewToy\.name") as said:
        assert toy.title == "Bear"
    assert said[0].filename == __file__
    with pytest.warns(DeprecationWarning, match=r"NewToy\.title"):
        toy.title = "Doll"
    assert toy == models.NewToy(name="Doll")
    with pytest.raises(TypeError, match="titel"):
        models.NewToy(titel="a")


def test_a_model_with_old_names_reads_as_before(models: Any) -> None:
    """Responses fill the new name, whatever they hold beside, and copies and pickles are equal."""
    import copy
    import pickle

    toy = models.Toy.from_dict({"name": "Bear", "state": "used", "more": 1})
    assert toy.state is models.State.USED
    assert toy.to_dict() == {"name": "Bear", "state": "used", "more": 1}
    assert copy.deepcopy(toy) == toy == pickle.loads(pickle.dumps(toy))
    with pytest.warns(DeprecationWarning, match=r"Toy\.condition is the old name of Toy\.state"):
        assert toy.condition is models.State.USED


def test_an_old_class_name_is_the_new_class(models: Any) -> None:
    """A class that was renamed can be imported by its old name; a star import does not mention it."""
    with pytest.warns(DeprecationWarning, match=r"models\.Plaything is the old name of models\.Toy") as said:
        assert models.Plaything is models.Toy
    assert said[0].filename == __file__
    with pytest.warns(DeprecationWarning, match=r"models\.Condition is the old name of models\.State") as said:
        from accordant_generated.renamed.models import Condition  # type: ignore[import-not-found,import-untyped,unused-ignore] # made by the test
    assert Condition is models.State
    assert {each.filename for each in said} == {__file__}
    assert "Plaything" not in models.__all__


def test_an_old_member_is_the_new_one(models: Any) -> None:
    """A value of an enum that was renamed can be named as before; it is no member of its own."""
    with pytest.warns(DeprecationWarning, match=r"State\.WORN is the old name of State\.USED") as said:
        assert models.State.WORN is models.State.USED
    assert said[0].filename == __file__
    assert list(models.State) == ["new", "used"]
    assert "WORN" not in models.State.__members__


def test_new_names_do_not_warn(toys: Any, models: Any) -> None:
    """Whoever uses the new names sees no warning, and signatures show the new names alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        toys.search(size=1)
        toys.get(1, part="a")
        toys.make(name="a")
        assert models.NewToy(name="a").name == "a"
        assert models.State.USED == "used"
    assert list(inspect.signature(toys.search).parameters) == ["size", "state", "options"]


def test_type_checkers_say_it(complaints: Callable[[str], list[Complaint]]) -> None:
    """Type checkers report each use of an old method, argument, field and enum member, and accept everything else."""
    said = [each for each in complaints("basedpyright") if each.file == "uses_renamed.py"]
    assert sorted({each.line for each in said}) == OLD_NAMES, said
    assert all("is the old name of" in each.message for each in said)


def test_generated_code_with_old_names_is_strictly_typed(complaints: Callable[[str], list[Complaint]]) -> None:
    """mypy --strict accepts the package, and reports the same uses of old names as deprecated, but the reading of a
    field."""
    said = [each for each in complaints("mypy") if "renamed" in each.file]
    assert all("is the old name of" in each.message and each.file == "uses_renamed.py" for each in said), said
    read = 16  # mypy says it of an old field that is set, and not of one that is read
    assert sorted({each.line for each in said} | {read}) == OLD_NAMES, said


def action(target: str, value: str) -> str:
    """An overlay that states one old name."""
    head = RENAMED_OVERLAY.partition("  - target")[0]
    update = f"    update: {{x-accordant-deprecated-name: {value}}}\n"
    return f'{head}  - target: {target}\n    description: "[docs] x"\n{update}'


@pytest.mark.parametrize(
    ("target", "value", "place", "said"),
    [
        ("$.paths['/toys'].get", "make", "$.paths['/toys'].get", "'make' is the name of another method"),
        ("$.paths['/toys'].get", "find it", "$.paths['/toys'].get", "'find it' is no name that Python code could use"),
        ("$.paths['/toys'].get", "class", "$.paths['/toys'].get", "'class' is no name"),
        ("$.paths['/toys'].get", "[]", "$.paths['/toys'].get", "[] is no name"),
        ("$.paths['/toys'].get", "Find", "$.paths['/toys'].get", "'Find' does nothing here"),
        ("$.paths['/toys'].get.parameters[0]", "state", "$.paths['/toys'].get.parameters[0]", "another argument"),
        ("$.paths['/toys'].post.requestBody", "a", "$.paths['/toys'].post.requestBody", "it belongs on operation"),
        ("$.components.schemas.Toy", "State", "$.components.schemas.Toy", "'State' is the name of another class"),
        ("$.components.schemas.Toy", "toy", "$.components.schemas.Toy", "'toy' does nothing here"),
        ("$.components.schemas.Toy", "{OLD: used}", "$.components.schemas.Toy", "'OLD' does nothing here"),
        ("$.components.schemas.State", "{OLD: gone}", "$.components.schemas.State", "'gone', which is no value"),
        (
            "$.components.schemas.State",
            "{NEW: used}",
            "$.components.schemas.State",
            "'NEW' is the name of another member",
        ),
        (
            "$.components.schemas.Toy.properties.name",
            "state",
            "$.components.schemas.Toy.properties.name",
            "another field",
        ),
        ("$.components.schemas.Toy.properties.name", "to_dict", "$.components.schemas.Toy.properties.name", "another"),
        (
            "$.components.schemas.Toy.properties.name",
            "Name",
            "$.components.schemas.Toy.properties.name",
            "does nothing",
        ),
    ],
)
def test_wrong_old_names_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str, value: str, place: str, said: str
) -> None:
    """An old name that is another one's, that Python cannot use, or that stands where it does nothing is refused with
    the document, its overlay and the place."""
    checkout = Checkout(tmp_path)
    checkout.add("renamed", RENAMED, action(target, value))
    message = refused(checkout, capsys)
    assert message.startswith(f"specs/renamed/openapi.yaml with its overlay: {place}['x-accordant-deprecated-name']: ")
    assert said in message


def test_drift_counts_a_living_old_name_as_no_break(tmp_path: Path) -> None:
    """Where every old name lives on, nothing breaks: each renaming is told as additive. Without them the same document
    breaks, and the text of the comparison names the extension."""
    before = RENAMED
    for new, old in (
        ("x-accordant-name: search", "x-accordant-name: list"),
        ("- {name: size,", "- {name: size, x-accordant-name: width,"),
        ("- {name: id, in: path,", "- {name: id, x-accordant-name: number, in: path,"),
        ("x-accordant-name: get\n", "x-accordant-name: fetch\n"),
        ("    Toy:\n", "    Toy:\n      x-accordant-name: Plaything\n"),
        ("    State: {", "    State: {x-accordant-name: Condition, x-enum-varnames: [NEW, WORN], "),
        ("properties: {name: {type: string}, c", "properties: {name: {type: string, x-accordant-name: title}, c"),
    ):
        assert new in before
        before = before.replace(new, old)
    packages: list[Texts] = []
    for name, document, overlay in (("a", before, None), ("b", RENAMED, RENAMED_OVERLAY), ("c", RENAMED, None)):
        checkout = Checkout(tmp_path / name)
        checkout.add("renamed", document, overlay)
        assert checkout.run("regenerate") == 0
        packages.append(read_package(checkout.package("renamed")))
    first, kept, broken = packages
    lines = compare_packages(first, kept)
    assert [line.sentence for line in lines if line.impact is Impact.BREAKING] == []
    assert {line.kind for line in lines if line.kind.endswith("-deprecated")} == {
        f"{what}-deprecated" for what in ("method", "argument", "class", "enum-member", "field")
    }
    assert {(line.place, line.name, line.now) for line in lines if line.kind == "argument-deprecated"} == {
        ("toys.list", "width", "size"),
        ("toys.fetch", "number", "id"),
        ("toys.make", "title", "name"),
    }
    worse = compare_packages(first, broken)
    assert {"method-renamed", "argument-renamed", "field-renamed"} <= {line.kind for line in worse}
    reports = [as_text(DriftReport("renamed", ordered(each), changed=True)) for each in (lines, worse)]
    assert ["x-accordant-deprecated-name" in each for each in reports] == [False, True]
