"""What the hand-written packages offer says what it is."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from tests.sources import documented, public_definitions


@pytest.mark.parametrize(
    "package", ["accordant", "accordant_runtime", "accordant_sandbox", "accordant_codegen", "accordant_contract"]
)
def test_everything_public_is_documented(package: str) -> None:
    """Every public module, class, function, method and property has a docstring that is a sentence."""
    silent: list[str] = []
    for path in sorted(Path(importlib.import_module(package).__path__[0]).rglob("*.py")):
        silent += [f"{path}: {name}" for name, text in documented(path) if not is_sentence(text)]
    assert not silent


def is_sentence(text: str | None) -> bool:
    """Whether a docstring begins as a sentence does, and its first paragraph ends as one."""
    first = (text or "").partition("\n\n")[0].strip()
    begins = any(letter.isupper() for letter in first.partition(" ")[0]) or not first[:1].isalpha()
    return bool(first) and begins and first[-1] in ".:?!)`"


def test_a_missing_docstring_is_found() -> None:
    """A function, a method and a property without a docstring are each found; private ones and overloads are not."""
    source = [
        "class A:",
        "  @property",
        "  def b(self): ...",
        "  def _c(self): ...",
        "  @overload",
        "  def d(self): ...",
    ]
    tree = ast.parse("\n".join([*source, "async def e(): ..."]))
    found = dict(public_definitions(tree))
    assert set(found) == {"A", "A.b", "e"}
    assert not any(is_sentence(ast.get_docstring(node)) for node in found.values())
    assert not is_sentence("of something")
    assert is_sentence("Something is here.\n\nMore")
