"""What the tests of the house look at in a Python file, which is parsed once for all of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["statements", "texts"]

_BELOW: Final = ("body", "handlers", "orelse", "finalbody", "cases")
"""Where a statement, a handler or a case holds others."""


class _Looked(NamedTuple):
    statements: tuple[ast.stmt, ...]
    texts: tuple[tuple[int, str], ...]


def statements(path: Path) -> tuple[ast.stmt, ...]:
    """The imports, classes and functions of a module, wherever they stand in it.

    What a function does is taken out of it, so that what is remembered of a file stays small.
    """
    return _looked(path).statements


def texts(path: Path) -> tuple[tuple[int, str], ...]:
    """Docstrings of a module, and the texts of what it raises, with their lines."""
    return _looked(path).texts


@cache
def _looked(path: Path) -> _Looked:
    found: list[ast.stmt] = []
    written: list[tuple[int, str]] = []
    open_ends: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while open_ends:
        node = open_ends.pop()
        open_ends += reversed([each for name in _BELOW for each in getattr(node, name, ())])
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            said = ast.get_docstring(node)
            if said:
                written.append((node.body[0].lineno, said))
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            found.append(node)
        elif isinstance(node, ast.Raise) and node.exc is not None:
            written += _constants(node.exc)
    for node in found:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            del node.body[1:]
    return _Looked(tuple(found), tuple(written))


def _constants(expression: ast.expr) -> Iterator[tuple[int, str]]:
    for part in ast.walk(expression):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and " " in part.value:
            yield part.lineno, part.value
