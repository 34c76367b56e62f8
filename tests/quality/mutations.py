"""Small faults that can be put into a module: where, of which kind, and the module's text with one of them in it."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from attrs import frozen

Change: TypeAlias = Callable[[ast.AST], "ast.AST | None"]

_COMPARED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_RECKONED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip


@frozen(order=True)
class Mutation:
    """One fault: ``kind`` of change to the ``number``-th place with this ``text`` in a function (or class, or module).

    Lines are not counted, so that a mutation outlives changes elsewhere in its file.
    """

    file: str
    within: str
    kind: str
    text: str
    number: int

    @property
    def name(self) -> str:
        """What a person reads."""
        again = f" (place {self.number + 1})" if self.number else ""
        return f"{self.file}: {self.within}: {self.kind}: {self.text}{again}"


def compare(node: ast.AST) -> ast.AST | None:
    """A comparison has the opposite or the next operator."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARED:
        node.ops = [_COMPARED[type(node.ops[0])](), *node.ops[1:]]
        return node
    return None


def combine(node: ast.AST) -> ast.AST | None:
    """``and`` is ``or``, and the other way round."""
    if isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return node
    return None


def negate(node: ast.AST) -> ast.AST | None:
    """``not`` is left out."""
    return node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) else None


def reckon(node: ast.AST) -> ast.AST | None:
    """An arithmetical operator is its opposite."""
    if isinstance(node, ast.BinOp) and type(node.op) in _RECKONED:
        node.op = _RECKONED[type(node.op)]()
        return node
    return None


def number(node: ast.AST) -> ast.AST | None:
    """A number is one more, a truth value the other one."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
        return node
    return None


def nothing(node: ast.AST) -> ast.AST | None:
    """A function returns nothing."""
    if isinstance(node, ast.Return) and node.value is not None and not _is_nothing(node.value):
        node.value = ast.Constant(None)
        return node
    return None


def leave_out(node: ast.AST) -> ast.AST | None:
    """A call whose result nobody uses, a ``raise``, or an assignment with an operator is left out."""
    called = isinstance(node, ast.Expr) and isinstance(node.value, (ast.Call, ast.Await))
    return ast.copy_location(ast.Pass(), node) if called or isinstance(node, (ast.Raise, ast.AugAssign)) else None


KINDS: Final[dict[str, Change]] = {
    each.__name__.replace("_", " "): each for each in (compare, combine, negate, reckon, number, nothing, leave_out)
}
"""The kinds of change by name; each changes a shallow copy of a node and returns what stands in its place, or None."""


def mutations(file: str, source: str) -> Iterator[Mutation]:
    """Every mutation of a module. Annotations, docstrings, constants and what a type checker reads are left alone."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for within, node in _places(ast.parse(source)):
        for kind, change in KINDS.items():
            if change(copy.copy(node)) is not None:
                text = _shown(node)
                yield Mutation(file, within, kind, text, seen[within, kind, text])
                seen[within, kind, text] += 1


def mutated(mutation: Mutation, source: str) -> str | None:
    """The module with the fault in it, or None where its place is gone."""
    tree = ast.parse(source)
    found = place(mutation, tree)
    return None if found is None else ast.unparse(_Replace(*found).visit(tree))


def place(mutation: Mutation, tree: ast.Module) -> tuple[ast.AST, ast.AST] | None:
    """The node of a module that a mutation changes, and what it becomes; None where its place is gone."""
    wanted = KINDS[mutation.kind]
    left = mutation.number
    for within, node in _places(tree, only=mutation.within):
        changed = wanted(copy.copy(node)) if within == mutation.within else None
        if changed is None or _shown(node) != mutation.text:
            continue
        if left == 0:
            return node, changed
        left -= 1
    return None


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """The new node in the place of the old one."""
        return self._new if node is self._old else super().generic_visit(node)


def _places(tree: ast.AST, within: str = "", *, only: str = "module") -> Iterator[tuple[str, ast.AST]]:
    """Every node that can be changed, with the dotted name of the function or class that it is in.

    Functions and classes beside ``only`` are passed over.
    """
    for child in ast.iter_child_nodes(tree):
        if _for_types(child) or (isinstance(child, ast.expr) and child in _types_of(tree)):
            continue
        inner = within
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inner = f"{within}.{child.name}".strip(".")
            if only != "module" and not f"{only}.".startswith(f"{inner}."):
                continue
            if any("overload" in ast.unparse(each) for each in child.decorator_list):
                continue
        elif within or not isinstance(child, ast.expr):
            yield inner or "module", child
        yield from _places(child, inner, only=only)


def _shown(node: ast.AST) -> str:
    return ast.unparse(node).splitlines()[0][:120]


def _for_types(node: ast.AST) -> bool:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return True
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return True
    named = isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(base) for base in node.bases)
    shown = isinstance(node, (ast.Assign, ast.AnnAssign)) and "TypeAlias" in ast.unparse(node).partition("=")[0]
    return named or shown


def _types_of(node: ast.AST) -> list[ast.expr]:
    held = [getattr(node, name, None) for name in ("annotation", "returns")]
    marks = getattr(node, "decorator_list", [])
    return [each for each in (*held, *marks) if isinstance(each, ast.expr)]


def _is_nothing(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (node.value is None or node.value is False)
