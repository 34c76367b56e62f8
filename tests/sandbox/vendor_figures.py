"""How much of a sandbox vendor is hand-made: lines, loops over rows, refusals made by hand.

Run it with `python -m tests.sandbox.vendor_figures`. The engine has concepts for what most of them did (see "What a
vendor states" in docs/sandbox.md); `test_vendor_figures.py` holds the sums.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["VENDORS", "Figures", "figures", "loops", "problems", "whole"]

VENDORS = Path(__file__).resolve().parents[2] / "sandboxes" / "accordant_sandbox" / "vendors"

_ROWS = {"rows", "matching", "part_rows", "keyed"}
"""Methods that return rows; so do `values` and `items` of a table."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted in some modules."""

    lines: int = 0
    loops: int = 0
    problems: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(self.lines + other.lines, self.loops + other.loops, self.problems + other.problems)


def loops(tree: ast.AST) -> Iterator[int]:
    """The lines of loops over rows: `for` statements and the `for` parts of comprehensions.

    A loop is over rows when its variable is called `row`, or when what it runs through holds rows: a call of a method
    that returns rows, a parameter that is annotated as rows, or a variable that was given either.
    """
    for function, names in _scopes(tree, frozenset()):
        for node in _own(function):
            if isinstance(node, ast.For | ast.comprehension) and (_is_row(node.target) or _holds(node.iter, names)):
                yield node.iter.lineno


def problems(tree: ast.AST) -> Iterator[int]:
    """The lines on which a `Problem` is made."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and "Problem" in (_last(node.func), _last(getattr(node.func, "value", None))):
            yield node.lineno


def figures(path: Path) -> Figures:
    """What one module or folder holds."""
    if path.is_dir():
        return sum((figures(each) for each in sorted(path.rglob("*.py"))), Figures())
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    return Figures(len(text.splitlines()), len(list(loops(tree))), len(list(problems(tree))))


@cache
def whole() -> dict[str, Figures]:
    """The figures of each vendor, and their sum under `all`."""
    found = {path.name: figures(path) for path in sorted(VENDORS.iterdir()) if (path / "__init__.py").exists()}
    return {**found, "all": sum(found.values(), Figures())}


def _scopes(node: ast.AST, outer: frozenset[str]) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """Every function (and the module) with the names that hold rows in it."""
    names = outer
    if isinstance(node, ast.FunctionDef):
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        names |= {each.arg for each in arguments if each.annotation and _annotated(each.annotation)}
    for each in _own(node):
        if isinstance(each, ast.Assign) and _holds(each.value, names):
            names |= {target.id for target in each.targets if isinstance(target, ast.Name)}
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and _annotated(each.annotation):
            names |= {each.target.id}
    yield node, names
    for each in _own(node):
        if isinstance(each, ast.FunctionDef):
            yield from _scopes(each, names)


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below one in the order of the text, the insides of nested functions left out."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef):
            yield from _own(child)


def _annotated(annotation: ast.expr) -> bool:
    text = ast.unparse(annotation)
    return any(f"{kind}[Row]" in text for kind in ("Sequence", "Iterable", "list", "Iterator"))


def _is_row(target: ast.expr) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "row" for each in ast.walk(target))


def _holds(value: ast.expr, names: frozenset[str]) -> bool:
    """Whether an expression holds rows rather than one row or a fact about rows."""
    if isinstance(value, ast.Name):
        return value.id in names
    if isinstance(value, ast.Subscript):
        return isinstance(value.slice, ast.Slice) and _holds(value.value, names)
    if isinstance(value, ast.IfExp):
        return _holds(value.body, names) or _holds(value.orelse, names)
    if isinstance(value, ast.ListComp | ast.GeneratorExp):
        return _is_row(value.elt)
    if not isinstance(value, ast.Call):
        return False
    if _last(value.func) in {"sorted", "list", "reversed", "enumerate", "filter", "within", "tuple"}:
        return any(_holds(each, names) for each in value.args)
    if isinstance(value.func, ast.Attribute) and value.func.attr in ("values", "items"):
        table = value.func.value
        return isinstance(table, ast.Call) and _last(table.func) == "table"
    return isinstance(value.func, ast.Attribute) and value.func.attr in _ROWS


def _last(node: ast.expr | None) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def main() -> None:
    """Print a table."""
    out = sys.stdout.write
    out(f"{'vendor':16} {'lines':>6} {'loops over rows':>16} {'Problem(...)':>13}\n")
    for name, each in whole().items():
        out(f"{name:16} {each.lines:6} {each.loops:16} {each.problems:13}\n")


if __name__ == "__main__":
    main()
