"""Whether one annotation takes everything that another one does."""

from __future__ import annotations

import ast

_ANYTHING = {"Any", "object"}
_WIDER = {("float", "int"), ("Sequence", "list"), ("Mapping", "dict"), ("datetime.date", "datetime.datetime")}


def covers(wide: str, narrow: str) -> bool:
    """Whether every value of ``narrow`` is one of ``wide``, as far as the texts show it."""
    if wide == narrow:
        return True
    try:
        return _covers(ast.parse(wide, mode="eval").body, ast.parse(narrow, mode="eval").body)
    except SyntaxError:
        return False


def _covers(wide: ast.expr, narrow: ast.expr) -> bool:
    return all(any(_one(part, item) for part in _parts(wide)) for item in _parts(narrow))


def _parts(node: ast.expr) -> list[ast.expr]:
    """The members of a union; each value of a ``Literal`` is one."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_parts(node.left), *_parts(node.right)]
    if isinstance(node, ast.Subscript) and _name(node.value) == "Literal" and isinstance(node.slice, ast.Tuple):
        return [ast.Subscript(node.value, item, ast.Load()) for item in node.slice.elts]
    return [node]


def _one(wide: ast.expr, narrow: ast.expr) -> bool:
    first, second = ast.unparse(wide), ast.unparse(narrow)
    if first == second or first in _ANYTHING or (first, second) in _WIDER:
        return True
    if not isinstance(wide, ast.Subscript) or not isinstance(narrow, ast.Subscript):
        return isinstance(narrow, ast.Subscript) and _name(narrow.value) == "Literal" and _literal_type(narrow) == first
    names = _name(wide.value), _name(narrow.value)
    if names[0] != names[1] and names not in _WIDER:
        return False
    inner = [node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice] for node in (wide, narrow)]
    return len(inner[0]) == len(inner[1]) and all(_covers(*pair) for pair in zip(*inner, strict=True))


def _name(node: ast.expr) -> str:
    return ast.unparse(node).removeprefix("builtins.").rpartition(".")[2]


def _literal_type(node: ast.Subscript) -> str:
    return type(node.slice.value).__name__ if isinstance(node.slice, ast.Constant) else ""
