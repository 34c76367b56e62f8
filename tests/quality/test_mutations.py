"""Mutations: each kind changes what it says, is found again in changed code, and is tried with the right tests."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.quality import mutants
from tests.quality.mutations import KINDS, Mutation, mutated, mutations, place

SOURCE = '''
"""A module."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from nowhere import Nothing

MOST: int = 3

class Shape(Protocol):
    def area(self) -> int: return 1

def area(width: int, height: int = 2, *, strict: bool = False) -> int:
    """The area."""
    if not width and strict or width < 0:
        raise ValueError(width)
    note(width)
    return width * height

def area_of_none(width: int) -> int:
    return None if width == 1 else 1
'''


@pytest.mark.parametrize(
    ("kind", "text", "after"),
    [
        ("compare", "width < 0", "width <= 0"),
        ("combine", "not width and strict", "not width or strict"),
        ("negate", "not width", "if width and strict"),
        ("reckon", "width * height", "width // height"),
        ("number", "False", "strict: bool=True"),
        ("nothing", "return width * height", "return None"),
        ("leave out", "raise ValueError(width)", "        pass"),
        ("leave out", "note(width)", "    pass\n    return"),
    ],
)
def test_each_kind_of_mutation(kind: str, text: str, after: str) -> None:
    """Each kind of fault changes one place as it says, and nothing else."""
    found = [each for each in mutations("a.py", SOURCE) if (each.kind, each.text) == (kind, text)]
    assert len(found) == 1
    changed = mutated(found[0], SOURCE)
    assert changed is not None
    assert after in changed
    before = ast.unparse(ast.parse(SOURCE)).splitlines()
    assert len(set(changed.splitlines()) - set(before)) <= 1


def test_what_no_test_could_notice_is_left_alone() -> None:
    """Imports, constants, types, protocols and docstrings are not changed: no run need show it."""
    found = list(mutations("a.py", SOURCE))
    assert {each.within for each in found} == {"area", "area_of_none"}
    assert not any("Nothing" in each.text or "The area" in each.text for each in found)
    assert {each.kind for each in found} == set(KINDS)


def test_a_mutation_is_found_again() -> None:
    """A mutation outlives changes elsewhere in its file, and says so when its own place is gone."""
    mutation = Mutation("a.py", "area", "compare", "width < 0", 0)
    assert mutated(mutation, "import os\n\n\n" + SOURCE.replace("note(width)", "note(height)")) is not None
    assert mutated(mutation, SOURCE.replace("width < 0", "width < 1")) is None
    assert mutated(mutation, SOURCE.replace("def area(", "def surface(")) is None
    second = Mutation("a.py", "f", "compare", "a < b", 1)
    assert mutated(second, "def f():\n    x = a < b\n    y = a < b\n") == "def f():\n    x = a < b\n    y = a <= b"


def test_the_list_is_the_right_size_and_lives() -> None:
    """The list holds 200 different mutations, and nearly all of their places are still in the code."""
    chosen, floor = mutants.load()
    assert len(set(chosen)) == len(chosen) == mutants.HOW_MANY
    assert 0 < floor < 100
    sources = {each.file: (mutants.ROOT / each.file) for each in chosen}
    texts = {file: path.read_text(encoding="utf-8") if path.is_file() else "" for file, path in sources.items()}
    trees = {file: ast.parse(text) for file, text in texts.items()}
    gone = [each.name for each in chosen if place(each, trees[each.file]) is None]
    assert len(gone) <= mutants.HOW_MANY // 4, "make mutants REFRESH=1 chooses others"


def test_every_file_has_tests_that_concern_it() -> None:
    """Each module of the runtime and of the clients, one of a new vendor too, has tests, and each of them is there."""
    files = [
        path.relative_to(mutants.ROOT).as_posix()
        for room in mutants.ROOMS
        for path in (mutants.ROOT / room).rglob("*.py")
    ]
    assert len(files) > 100
    assert [file for file in files if not mutants.tests_for(file)] == []
    for patterns in mutants.TESTS.values():
        for pattern in patterns:
            assert list(mutants.ROOT.glob(pattern)), pattern


def test_the_score_counts_what_was_tried() -> None:
    """What is gone from the code counts neither way, and the sentence says how many those are."""
    one = Mutation("a.py", "f", "compare", "a < b", 0)
    outcomes = [mutants.Outcome(one, result) for result in ("noticed", "noticed", "noticed", "survived", "gone")]
    assert mutants.score(outcomes) == 75
    assert mutants.sentence(outcomes).startswith("The tests notice 3 of 4 mutations: 75.0 %; 1 are gone")
    assert mutants.score([]) == 0


def test_the_score_goes_into_the_docs(tmp_path: Path) -> None:
    """The score replaces the one before, between its marks, and nothing else."""
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- mutants -->\nold\n<!-- /mutants -->\nafter\n")
    mutants.write_score(page, "new")
    assert page.read_text() == "before\n<!-- mutants -->\nnew\n<!-- /mutants -->\nafter\n"


def test_a_fault_that_a_test_notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mutation is put in, tried and taken out again: it is noticed where a test fails, and survives elsewhere."""
    (tmp_path / "runtime").mkdir()
    (tmp_path / "overlays").mkdir()
    code = tmp_path / "runtime" / "shapes_of_a_test.py"
    code.write_text("def big(size):\n    return size > 7\n\n\ndef unused(size):\n    return size > 7\n")
    test = tmp_path / "test_shapes.py"
    test.write_text("from shapes_of_a_test import big\n\n\ndef test_big():\n    assert not big(7)\n")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # these tests need none, and loading them takes longest
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    monkeypatch.setattr(mutants, "TESTS", {"runtime/*": ("test_*.py",)})
    chosen = [
        Mutation("runtime/shapes_of_a_test.py", name, "compare", "size > 7", 0) for name in ("big", "unused", "no")
    ]
    assert [each.result for each in mutants.run(chosen, 1)] == ["noticed", "survived", "gone"]
    test.write_text("def test_ill():\n    assert False\n")
    with pytest.raises(SystemExit, match="fail without any mutation"):
        list(mutants.run(chosen, 1))
