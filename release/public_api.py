"""The public modules that are written by hand, read without importing them, and what two versions of them differ in."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from attrs import field, frozen


@frozen
class Change:
    """One change: ``place`` is a module, or a class, function or method of one."""

    kind: str
    place: str
    text: str
    name: str = ""


@frozen
class _Callable:
    arguments: dict[str, bool] = field(factory=dict[str, bool])
    """Whether each must be given."""
    open_ended: bool = False


def changes_of_modules(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    """Modules, names and arguments that are gone, and arguments that must be given now."""
    for module, text in old.items():
        if module not in new:
            yield Change("module-removed", module, "the module is gone")
            continue
        before, after = _names(text), _names(new[module])
        for name in sorted(before - after):
            yield Change("name-removed", module, f"{name} is gone", name)
        yield from _changes_of_calls(module, _calls(text), _calls(new[module]))


def _names(text: str) -> set[str]:
    """What a module says that it offers, or else what it defines."""
    tree = ast.parse(text)
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return {str(each.value) for each in ast.walk(node.value) if isinstance(each, ast.Constant)}
    defined = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, defined) and not node.name.startswith("_")}


def _calls(text: str) -> dict[str, _Callable]:
    """The arguments of public functions, classes and methods of classes by their names in the module."""
    found: dict[str, _Callable] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            found[node.name] = _callable(node)
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for item in node.body:
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
                    if item.name == "__init__":
                        found[node.name] = _callable(item)
                    elif not item.name.startswith("_"):
                        found[f"{node.name}.{item.name}"] = _callable(item)
    return found


def _callable(node: ast.FunctionDef | ast.AsyncFunctionDef) -> _Callable:
    given = node.args
    positional = [*given.posonlyargs, *given.args]
    required = len(positional) - len(given.defaults)
    arguments = {each.arg: index < required for index, each in enumerate(positional)}
    arguments |= {each.arg: default is None for each, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)}
    arguments.pop("self", None)
    return _Callable(arguments, given.kwarg is not None)


def _changes_of_calls(module: str, old: Mapping[str, _Callable], new: Mapping[str, _Callable]) -> Iterator[Change]:
    for name, before in old.items():
        after = new.get(name)
        if after is None:
            continue
        for argument in before.arguments:
            if argument not in after.arguments and not after.open_ended:
                yield Change("argument-removed", f"{module}.{name}", f"argument `{argument}` is gone", argument)
        for argument, required in after.arguments.items():
            if required and argument not in before.arguments:
                text = f"argument `{argument}` is new and required"
                yield Change("required-argument-added", f"{module}.{name}", text, argument)
