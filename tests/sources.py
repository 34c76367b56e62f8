"""What the tests of the house look at in a Python file, which is parsed once for all of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

__all__ = ["documented", "public_definitions", "statements", "texts"]

_BELOW: Final = ("body", "handlers", "orelse", "finalbody", "cases")
"""Where a statement, a handler or a case holds others."""


Definition: TypeAlias = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class _Looked(NamedTuple):
    statements: tuple[ast.stmt, ...]
    texts: tuple[tuple[int, str], ...]
    documented: tuple[tuple[str, str | None], ...]


def statements(path: Path) -> tuple[ast.stmt, ...]:
    """The imports, classes and functions of a module, wherever they stand in it.

    What a function does is taken out of it, so that what is remembered of a file stays small.
    """
    return _looked(path).statements


def texts(path: Path) -> tuple[tuple[int, str], ...]:
    """Docstrings of a module, and the texts of what it raises, with their lines."""
    return _looked(path).texts


def documented(path: Path) -> tuple[tuple[str, str | None], ...]:
    """A module by the name of its file, and what it offers by name, each with its docstring."""
    return _looked(path).documented


def public_definitions(inside: ast.Module | ast.ClassDef, within: str = "") -> Iterator[tuple[str, Definition]]:
    """The public classes, functions, methods and properties of a module, but no setters and no overloads."""
    for node in inside.body:
        if not isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) or node.name.startswith("_"):
            continue
        marks = {ast.unparse(each).rpartition(".")[2] for each in node.decorator_list}
        if not marks & {"overload", "setter"}:
            yield f"{within}{node.name}", node
        if isinstance(node, ast.ClassDef):
            yield from public_definitions(node, f"{within}{node.name}.")


@cache
def _looked(path: Path) -> _Looked:
    found: list[ast.stmt] = []
    written: list[tuple[int, str]] = []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    offered = [(path.stem, ast.get_docstring(tree))]
    offered += [(name, ast.get_docstring(node)) for name, node in public_definitions(tree)]
    open_ends: list[ast.AST] = [tree]
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
    return _Looked(tuple(found), tuple(written), tuple(offered))


def _constants(expression: ast.expr) -> Iterator[tuple[int, str]]:
    for part in ast.walk(expression):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and " " in part.value:
            yield part.lineno, part.value
