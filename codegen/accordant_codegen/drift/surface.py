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

from accordant_runtime import OLD

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
    old_arguments: dict[str, str] = field(factory=dict[str, str])
    """The old names of arguments that live on, with the new ones."""
    new_name: str = ""
    """The method that this one is an old name of."""

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
    old: dict[str, str] = field(factory=dict[str, str])
    """The old names of fields or members that live on, with the new ones."""


@lru_cache(maxsize=4096)
def surface(text: str) -> Mapping[str, ClassSurface]:
    """The public classes and aliases of one generated module. Two versions of a package have most of their modules in
    common, so what one text gives is remembered."""
    tree = ast.parse(text)
    calls = dict(_operations(tree))
    wires = dict(_wires(tree))
    found: dict[str, ClassSurface] = {}
    private = {each.name: each for each in tree.body if isinstance(each, ast.ClassDef) and each.name.startswith("_")}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found[node.name] = _class(node, calls, wires.get(node.name, {}), private)
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
            given = {str(item.arg): item.value for item in node.value.keywords}
            said = [_constant(each) for each in node.value.args]
            if "method" in given and "path" in given:  # as packages have it that were generated before
                said = [_constant(given.get(name)) for name in ("id", "name", "method", "path")]
                said[2:] = [" ".join(said[2:])]
            if ast.unparse(node.value.func) in ("operation", "Operation") and len(said) > 2:
                yield node.target.id, OperationSurface(said[0], said[2], dict(_parameters(given.get("parameters"))))


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
    """The names on the wire of the fields of each model that says them in a table below it."""
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


def _class(
    node: ast.ClassDef,
    calls: Mapping[str, OperationSurface],
    wire: Mapping[str, str],
    private: Mapping[str, ast.ClassDef],
) -> ClassSurface:
    bases = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
    if any(base.endswith("Enum") for base in bases):
        members = {
            target.id: ast.unparse(item.value)
            for item in node.body
            if isinstance(item, ast.Assign)
            for target in item.targets
            if isinstance(target, ast.Name) and not target.id.startswith("_")
        }
        return ClassSurface(node.name, "enum", members=members, old=dict(_old_members(node, private)))
    methods = {
        item.name: _method(item, calls)
        for item in node.body
        if isinstance(item, ast.FunctionDef) and not item.name.startswith("_")
    }
    fields = {item.name: item for item in _fields(node, wire)}
    fields.pop("additional_properties", None)
    is_model = bool(fields) or bool(wire) or any(base.endswith("Model") for base in bases)
    kind = "request model" if "RequestModel" in bases else "model" if is_model else "resource"
    old = {name: each.new_name for name, each in methods.items() if each.new_name} if is_model else {}
    return ClassSurface(node.name, kind, methods, fields if is_model else {}, old=old)


def _fields(node: ast.ClassDef, wire: Mapping[str, str]) -> Iterator[FieldSurface]:
    """The fields of a model; ``wire`` has their names on the wire where a table below the class says them, as packages
    have it that were generated before annotations said them."""
    for item in node.body:
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
            continue
        name, said = item.target.id, item.annotation
        if name.startswith("_") or ast.unparse(said).startswith("ClassVar"):
            continue
        on_wire = wire.get(name, name)
        if isinstance(said, ast.Subscript) and ast.unparse(said.value) == "Annotated":
            said, *others = said.slice.elts if isinstance(said.slice, ast.Tuple) else [said.slice]
            on_wire = next((_constant(each) for each in others if isinstance(each, ast.Constant)), on_wire)
        yield FieldSurface(name, _told(said), item.value is None, on_wire)


def old_classes(text: str) -> dict[str, str]:
    """The old names of classes that live on, with the new ones, from the text of ``models/__init__.py``."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "RENAMED":
            renamed: dict[str, tuple[str, str]] = ast.literal_eval(node.value)
            return {old: new for old, (new, _) in renamed.items()}
    return {}


def _old_members(node: ast.ClassDef, private: Mapping[str, ast.ClassDef]) -> Iterator[tuple[str, str]]:
    """Old members are descriptors, which the branch that no type checker sees assigns."""
    for item in node.body:
        for each in item.orelse if isinstance(item, ast.If) else ():
            if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call):
                made = private.get(ast.unparse(each.value.func))
                if made is not None:
                    yield ast.unparse(each.targets[0]), _handed_on(made)


def _handed_on(node: ast.AST) -> str:
    """The attribute that a function of one line returns or sets."""
    lines = (each for each in ast.walk(node) if isinstance(each, ast.Return | ast.Assign))
    returned = next((each.targets[0] if isinstance(each, ast.Assign) else each.value for each in lines), None)
    while isinstance(returned, ast.Await | ast.Call):
        returned = returned.value if isinstance(returned, ast.Await) else returned.func
    return returned.attr if isinstance(returned, ast.Attribute) else ""


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
    marks = [each for each in node.decorator_list if isinstance(each, ast.Call)]
    renamed = next((each for each in marks if ast.unparse(each.func) == "renamed_arguments"), None)
    old = {str(each.arg): _constant(each.value) for each in renamed.keywords} if renamed else {}
    is_old = any(ast.unparse(each.func) == "deprecated" and OLD in _constant(each.args[0]) for each in marks)
    new_name = _handed_on(node) if is_old else ""
    return MethodSurface(node.name, arguments, _told(node.returns), called, old, new_name)


def _annotation(item: ast.arg) -> str:
    return _told(item.annotation)
