"""Pieces of generated code that know which names they need, so that imports come from what was written."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

Need = tuple[str, str]
"""A module and a name in it; without a name it is the module itself that is needed."""
CLASS = "class"
INPUT = "input"
LAZY = "lazy"
"""In the place of a module: a generated class, what arguments take for an enum, the late decoder of a class."""
RUNTIME = "accordant_runtime"


@frozen
class Code:
    """A text, and what it needs."""

    text: str
    needs: frozenset[Need] = field(default=frozenset())

    def __str__(self) -> str:
        return self.text


def code(*parts: Code | str) -> Code:
    """Pieces one after the other."""
    needs = [part.needs for part in parts if isinstance(part, Code)]
    return Code("".join(map(str, parts)), frozenset[Need]().union(*needs))


def joined(separator: str, parts: Iterable[Code | str]) -> Code:
    """Pieces with a separator between them."""
    every = list(parts)
    return Code(separator.join(map(str, every)), code(*every).needs)


def named(module: str, name: str) -> Code:
    """A name that comes from a module."""
    return Code(name, frozenset({(module, name)}))
