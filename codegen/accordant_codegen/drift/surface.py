"""What a generated package offers to code: resources, methods with their arguments, models with their fields, enums.

It is read from the text of the package, so that an old and a new one can be held against each other without importing
either. griffe does this for any package; it does not see that an annotation has changed, that a field of a model is an
argument of its constructor, or that a renamed method calls the operation that it called before.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache

from attrs import field, frozen

Texts = Mapping[str, str]
"""The modules of a package by their path in it."""
_UNSET = "UNSET"


@frozen
class ArgumentSurface:
    """One argument of a method."""

    name: str
    annotation: str
    required: bool
    position: int | None
    """Its place among those that may be given by position."""


@frozen
class OperationSurface:
    """What a method calls: its id, method and path, and how each argument is called on the wire."""

    id: str = ""
    calls: str = ""
    parameters: dict[str, str] = field(factory=dict[str, str])


@frozen
class MethodSurface:
    """One method of a resource."""

    name: str
    arguments: dict[str, ArgumentSurface]
    returns: str
    operation: OperationSurface

    @property
    def calls(self) -> str:
        """Method and path, by which a renamed method is found again."""
        return self.operation.calls


@frozen
class FieldSurface:
    """One field of a model."""

    name: str
    annotation: str
    required: bool
    wire: str


@frozen
class ClassSurface:
    """One public class, or alias, of a module."""

    name: str
    kind: str
    """``resource``, ``model``, ``request model``, ``enum`` or ``alias``."""
    methods: dict[str, MethodSurface] = field(factory=dict[str, MethodSurface])
    fields: dict[str, FieldSurface] = field(factory=dict[str, FieldSurface])
    members: dict[str, str] = field(factory=dict[str, str])
    annotation: str = ""


@lru_cache(maxsize=4096)
def surface(text: str) -> Mapping[str, ClassSurface]:
    """The public classes and aliases of one generated module. Two versions of a package have most of their modules in
    common, so what one text gives is remembered."""
    tree = ast.parse(text)
    calls = dict(_operations(tree))
    wires = dict(_wires(tree))
    found: dict[str, ClassSurface] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found[node.name] = _class(node, calls, wires.get(node.name, {}))
        elif isinstance(node, ast.AnnAssign):
            found.update({name: ClassSurface(name, "alias", annotation=_told(it)) for name, it in _aliases(node)})
    return found


def _aliases(node: ast.AnnAssign) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node.target, ast.Name) and node.value is not None and ast.unparse(node.annotation) == "TypeAlias":
        yield node.target.id, node.value


def _operations(tree: ast.Module) -> Iterator[tuple[str, OperationSurface]]:
    """The constants that hold operations."""
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and isinstance(node.value, ast.Call):
            given = {item.arg: item.value for item in node.value.keywords}
            if "method" in given and "path" in given:
                words = [_constant(given.get(name)) for name in ("id", "method", "path")]
                parameters = dict(_parameters(given.get("parameters")))
                yield node.target.id, OperationSurface(words[0], f"{words[1]} {words[2]}", parameters)


def _parameters(node: ast.expr | None) -> Iterator[tuple[str, str]]:
    for item in node.elts if isinstance(node, ast.Tuple) else ():
        if isinstance(item, ast.Call) and len(item.args) > 1:
            yield _constant(item.args[1]), " ".join(_constant(each) for each in item.args[::2])


def _told(node: ast.expr | None) -> str:
    """An annotation; a class that has a method ``list`` spells the type ``builtins.list``."""
    return ast.unparse(node).replace("builtins.", "") if node is not None else ""


def _constant(node: ast.expr | None) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def _wires(tree: ast.Module) -> Iterator[tuple[str, dict[str, str]]]:
    """The names on the wire of the fields of each model."""
    for node in tree.body:
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Dict):
            continue
        target = node.targets[0]
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.attr == "WIRE":
            yield target.value.id, dict(_named(node.value))


def _named(node: ast.Dict) -> Iterator[tuple[str, str]]:
    for name, value in zip(node.keys, node.values, strict=True):
        first = value.elts[0] if isinstance(value, ast.Tuple) and value.elts else value
        if isinstance(name, ast.Constant) and isinstance(first, ast.Constant):
            yield str(name.value), str(first.value)


def _class(node: ast.ClassDef, calls: Mapping[str, OperationSurface], wire: Mapping[str, str]) -> ClassSurface:
    bases = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
    if any(base.endswith("Enum") for base in bases):
        members = {
            target.id: ast.unparse(item.value)
            for item in node.body
            if isinstance(item, ast.Assign)
            for target in item.targets
            if isinstance(target, ast.Name) and not target.id.startswith("_")
        }
        return ClassSurface(node.name, "enum", members=members)
    methods = {
        item.name: _method(item, calls)
        for item in node.body
        if isinstance(item, ast.FunctionDef) and not item.name.startswith("_")
    }
    fields = {
        item.target.id: FieldSurface(
            item.target.id, _told(item.annotation), item.value is None, wire.get(item.target.id, item.target.id)
        )
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and not item.target.id.startswith("_")
    }
    fields.pop("additional_properties", None)
    is_model = bool(fields) or bool(wire) or any(base.endswith("Model") for base in bases)
    kind = "request model" if "RequestModel" in bases else "model" if is_model else "resource"
    return ClassSurface(node.name, kind, methods, fields if is_model else {})


def _method(node: ast.FunctionDef, calls: Mapping[str, OperationSurface]) -> MethodSurface:
    given = node.args
    arguments: dict[str, ArgumentSurface] = {}
    positional = [*given.posonlyargs, *given.args]
    optional = len(positional) - len(given.defaults)
    for index, item in enumerate(positional):
        if item.arg != "self":
            arguments[item.arg] = ArgumentSurface(item.arg, _annotation(item), index < optional, index)
    for item, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        arguments[item.arg] = ArgumentSurface(item.arg, _annotation(item), default is None, None)
    arguments.pop("options", None)
    names = {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}
    called = next((calls[name] for name in calls if name in names), OperationSurface())
    returns = _told(node.returns)
    return MethodSurface(node.name, arguments, returns, called)


def _annotation(item: ast.arg) -> str:
    return _told(item.annotation)
