"""What the installed version offers: clients, methods with their arguments, models with their fields, old names."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from functools import cache, cached_property
from importlib import import_module
from typing import Any, Final

from attrs import field, frozen

import accordant_documents
from accordant_runtime import OLD, OLD_ARGUMENTS, RequestModel

from ..methods import client_class, client_package, resources, vendor_names

LISTS: Final = ("Pages", "AsyncPages", "ItemStream", "AsyncItemStream", "list", "Sequence", "Iterable")


@frozen
class InstalledMethod:
    """A method: its arguments in order, how many of them may be given by position, and what it returns."""

    arguments: Mapping[str, str]
    """The annotation of each."""
    positional: int
    required: frozenset[str]
    returns: str
    old_arguments: Mapping[str, str]
    warning: str
    """What a call warns of: a method that the vendor calls deprecated, or an old name."""

    @property
    def new_name(self) -> str:
        """The name of the method that this one is an old name of."""
        return self.warning.partition(OLD)[2]


@frozen
class InstalledModel:
    """A model or an enum: the annotation of each field, members by name, and the new names of old ones."""

    fields: Mapping[str, str] = field(factory=dict[str, str])
    members: Mapping[str, str] = field(factory=dict[str, str])
    old: Mapping[str, str] = field(factory=dict[str, str])
    required: frozenset[str] = frozenset()


class InstalledVendor:
    """One vendor of the installation; what is not asked for is not imported."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.package = client_package(name)
        self._methods: dict[str, dict[str, InstalledMethod]] = {}
        self._models: dict[str, InstalledModel | None] = {}

    @cached_property
    def clients(self) -> tuple[str, str]:
        """The names of its clients."""
        name = client_class(self.name).__name__
        return name, f"Async{name}"

    @property
    def resources(self) -> Mapping[str, type[Any]]:
        """Its resources with their classes."""
        return _resources(self.name)

    def method(self, path: str) -> InstalledMethod | None:
        """The method at ``resource.method``."""
        resource, _, name = path.partition(".")
        kind = self.resources.get(resource)
        if resource not in self._methods:
            self._methods[resource] = {} if kind is None else _methods(kind)
        return self._methods[resource].get(name)

    def model(self, name: str) -> InstalledModel | None:
        """The model of that name."""
        if name not in self._models:
            found = getattr(self._generated, name, None) if name in self.model_names else None
            self._models[name] = _model(found) if isinstance(found, type) else None
        return self._models[name]

    @cached_property
    def old_models(self) -> Mapping[str, str]:
        """The new names of classes by their old ones."""
        renamed: Mapping[str, tuple[str, str]] = getattr(self._generated, "RENAMED", {})
        return {old: new for old, (new, _) in renamed.items()}

    @cached_property
    def model_names(self) -> frozenset[str]:
        """The names of its models and enums."""
        return frozenset(getattr(self._generated, "__all__", ()))

    @property
    def _generated(self) -> Any:
        try:
            return import_module(f"{accordant_documents.generated(self.name)}.models")
        except ImportError:  # a client that somebody has written by hand has none
            return None


@cache
def _resources(vendor: str) -> Mapping[str, type[Any]]:
    return resources(client_class(vendor))


def vendors() -> dict[str, InstalledVendor]:
    """The vendors of the installation, and of the project that the command runs in."""
    return {name: InstalledVendor(name) for name in vendor_names()}


def exists(module: str, name: str = "") -> bool:
    """Whether a public module of accordant, or a name in it, is there."""
    try:
        found = import_module(module)
    except ImportError:
        return False
    return not name or hasattr(found, name)


def _methods(kind: type[Any]) -> dict[str, InstalledMethod]:
    names = [name for name in dir(kind) if not name.startswith("_")]
    return {name: _method(each) for name in names if inspect.isfunction(each := inspect.getattr_static(kind, name))}


def _method(function: Any) -> InstalledMethod:
    given = [each for each in inspect.signature(function).parameters.values() if each.name not in ("self", "options")]
    return InstalledMethod(
        arguments={each.name: str(each.annotation) for each in given},
        positional=sum(each.kind is each.POSITIONAL_OR_KEYWORD for each in given),
        required=frozenset(each.name for each in given if each.default is each.empty),
        returns=str(inspect.signature(function).return_annotation),
        old_arguments=getattr(function, OLD_ARGUMENTS, {}),
        warning=str(getattr(function, "__deprecated__", "")),
    )


def _model(kind: type[Any]) -> InstalledModel:
    if not issubclass(kind, RequestModel):
        members = {name: str(each.value) for name, each in getattr(kind, "__members__", {}).items()}
        marks = {name: str(getattr(_getter(each), "__deprecated__", "")) for name, each in vars(kind).items()}
        return InstalledModel(members=members, old=_new_names(marks))
    properties = {name: each.fget for name, each in vars(kind).items() if isinstance(each, property)}
    marks = {name: getattr(each, "__deprecated__", "") for name, each in properties.items()}
    made: tuple[Any, ...] = getattr(kind, "__attrs_attrs__", ())
    fields = {each.name: str(kind.__annotations__.get(each.name, "")) for each in made}
    required = frozenset(each.name for each in made if repr(each.default) == "NOTHING")
    return InstalledModel(fields, old=_new_names(marks), required=required)


def _getter(value: object) -> object:
    """What a descriptor is read with: that of an old member says the new one."""
    kind: type[object] = type(value)
    return getattr(kind, "__get__", None)


def _new_names(marks: Mapping[str, str]) -> dict[str, str]:
    found = {name: text.partition(OLD)[2].rpartition(".")[2] for name, text in marks.items()}
    return {name: new for name, new in found.items() if new}


def classes_in(annotation: str) -> tuple[bool, tuple[str, ...]]:
    """Whether an annotation is of several values, and the class names in it."""
    try:
        node = ast.parse(annotation.strip("'\" "), mode="eval").body
    except SyntaxError:
        return False, ()
    names = [_name(each) for each in ast.walk(node) if isinstance(each, ast.Name | ast.Attribute)]
    several = any(
        isinstance(each, ast.Subscript) and ast.unparse(each.value).rpartition(".")[2] in LISTS
        for each in ast.walk(node)
    )
    return several, tuple(names)


def _name(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr
