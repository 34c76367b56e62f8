"""Pieces of generated code that know which names they need, so that imports come from what was written."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

Need = tuple[str, str]
"""A module and a name in it; without a name it is the module itself that is needed."""
CLASS = "class"
INPUT = "input"
PARAM = "param"
"""In the place of a module: a generated class, what arguments take for an enum, the ``TypedDict`` that arguments
take for a model."""
RUNTIME = "accordant_runtime"


@frozen
class CodeText:
    """A text, and what it needs."""

    text: str
    needs: frozenset[Need] = field(default=frozenset())

    def __str__(self) -> str:
        return self.text


def code(*parts: CodeText | str) -> CodeText:
    """Pieces one after the other."""
    needs = [part.needs for part in parts if isinstance(part, CodeText)]
    return CodeText("".join(map(str, parts)), frozenset[Need]().union(*needs))


def joined(separator: str, parts: Iterable[CodeText | str]) -> CodeText:
    """Pieces with a separator between them."""
    every = list(parts)
    return CodeText(separator.join(map(str, every)), code(*every).needs)


def named(module: str, name: str) -> CodeText:
    """A name that comes from a module."""
    return CodeText(name, frozenset({(module, name)}))
