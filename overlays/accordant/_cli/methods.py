"""The methods of a vendor's client as a command line sees them: found by name, with their arguments and types."""

from __future__ import annotations

import ast
import inspect
import sys
import typing
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from importlib import import_module
from importlib.util import resolve_name
from types import ModuleType, SimpleNamespace
from typing import Any, cast

from attrs import frozen

import accordant_documents
from accordant_runtime import ItemStream, Operation, Pages, is_old_name

from .._client.clients import Client
from .usage import UsageError, shell_name, unknown

LISTS = (Pages, ItemStream, list)
"""What a method returns that has rows."""


@frozen
class MethodArgument:
    """One argument of a method; ``kind`` is its type at run time."""

    name: str
    kind: Any
    required: bool
    by_position: bool
    repeated: bool

    @property
    def option(self) -> str:
        """The option that gives it."""
        return f"--{shell_name(self.name)}"


@frozen
class Method:
    """A method that can be called: ``resource`` and ``name`` lead to it from a client."""

    resource: str
    name: str
    function: Callable[..., Any]
    arguments: tuple[MethodArgument, ...]
    returns: Any

    @property
    def path(self) -> str:
        """How a command line names it."""
        return f"{self.resource}.{self.name}"

    @property
    def lists(self) -> bool:
        """Whether it returns rows."""
        return (typing.get_origin(self.returns) or self.returns) in LISTS

    @property
    def operation(self) -> Operation[Any] | None:
        """The operation that a generated method performs; ``None`` for methods that are more than one call."""
        values: list[Any] = list(vars(sys.modules[self.function.__module__]).values())
        operations: list[Operation[Any]] = [value for value in values if _is_operation(value)]
        return next((each for each in operations if (each.resource, each.name) == (self.resource, self.name)), None)


def vendor_names() -> tuple[str, ...]:
    """The vendors that have a document."""
    return accordant_documents.names()


def known_vendor(name: str) -> str:
    """A vendor's name, written with ``_`` or ``-``."""
    right = name.replace("-", "_")
    if right not in vendor_names():
        raise unknown("vendor", name, vendor_names(), accordant_documents.unfound())
    return right


def client_package(vendor: str) -> str:
    """The package of a vendor's client: accordant's, or that of a user's project."""
    name = known_vendor(vendor)
    return f"{accordant_documents.package(name)}.{name}"


def client_class(vendor: str) -> type[Client]:
    """The blocking client of a vendor."""
    package = import_module(client_package(vendor))
    found = [value for value in vars(package).values() if isinstance(value, type) and issubclass(value, Client)]
    if len(found) != 1:
        raise UsageError(f"{package.__name__} has no client")
    return found[0]


def resources(client: type[Client]) -> dict[str, type[Any]]:
    """The classes of a client's resources; no client is made for it."""
    nowhere: Any = SimpleNamespace(_caller=None)
    names = [name for name in dir(client) if not name.startswith("_")]
    found: dict[str, Any] = {name: inspect.getattr_static(client, name) for name in names}
    properties = {name: cast("cached_property[Any]", each) for name, each in found.items() if _is_resource(each)}
    return {name: type(each.func(nowhere)) for name, each in properties.items()}


def _is_operation(value: object) -> bool:
    return isinstance(value, Operation)


def _is_resource(value: object) -> bool:
    return isinstance(value, cached_property)


def method_names(resource: type[Any]) -> list[str]:
    """The names of a resource's methods; the old names of some are none of them."""
    return [name for name in _callables(resource) if not is_old_name(getattr(resource, name))]


def _callables(resource: type[Any]) -> list[str]:
    return [name for name in dir(resource) if not name.startswith("_") and callable(getattr(resource, name))]


def find_method(client: type[Client], path: str) -> Method:
    """The method that ``appointments.list`` names; raises ``UsageError`` with what was probably meant."""
    resource, dot, name = path.replace("-", "_").partition(".")
    known = resources(client)
    if resource not in known:
        raise unknown("resource", resource, known)
    methods = method_names(known[resource])
    if name not in methods and name not in _callables(known[resource]):
        paths = [f"{resource}.{each}" for each in methods]
        if not dot:
            raise UsageError(f"name a method of {resource}: {', '.join(paths)}")
        raise unknown("method", f"{resource}.{name}", paths)
    return described(resource, name, getattr(known[resource], name))


@cache
def described(resource: str, name: str, function: Callable[..., Any]) -> Method:
    """A method with its arguments and their types."""
    types = typing.get_type_hints(function, localns=names_for_types(sys.modules[function.__module__]))
    arguments = tuple(_arguments(inspect.signature(function), types))
    return Method(resource, name, function, arguments, types.get("return"))


def _arguments(signature: inspect.Signature, types: dict[str, Any]) -> Iterator[MethodArgument]:
    for each in signature.parameters.values():
        if each.name in ("self", "options"):
            continue
        by_position = each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD, each.VAR_POSITIONAL)
        repeated = each.kind is each.VAR_POSITIONAL
        required = each.default is each.empty and not repeated
        yield MethodArgument(each.name, types[each.name], required, by_position, repeated)


@cache
def names_for_types(module: ModuleType) -> dict[str, Any]:
    """What a module imports for type checkers alone: its signatures are written with these names."""
    names: dict[str, Any] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for each in node.body:
                names.update(_imported(each, module.__package__ or ""))
    return names


def _imported(node: ast.stmt, package: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, ast.Import):
        yield from ((each.asname or each.name, import_module(each.name)) for each in node.names)
    elif isinstance(node, ast.ImportFrom):
        source = import_module(resolve_name("." * node.level + (node.module or ""), package))
        yield from ((each.asname or each.name, getattr(source, each.name)) for each in node.names)
