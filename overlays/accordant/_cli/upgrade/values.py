"""What an expression of a caller's code is, as far as it is followed: clients, methods, models, lists of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from attrs import frozen

from .installed import InstalledVendor, classes_in

SAME: Final = {"list", "sorted", "tuple", "reversed", "iter", "aiter", "set"}
NEXT: Final = {"next", "anext", "min", "max"}
ANNOTATED_LISTS: Final = {"list", "List", "Sequence", "Iterable", "Iterator", "AsyncIterator", "tuple", "set", "Pages"}
"""Functions and types of Python that give what they are given, one of it, or hold several of it."""
_KEPT: Final = {"prefetch", "resume", "limit"}
"""Methods of pages that return pages."""
_ONE: Final = {"first", "one", "last"}


@frozen
class ModuleValue:
    """A module of accordant or of a vendor's package."""

    name: str


@frozen
class ClientValue:
    """A client, its class (``made`` is false), or what gives raw responses."""

    vendor: InstalledVendor
    made: bool = True
    raw: bool = False


@frozen
class ResourceValue:
    """A resource of a client."""

    vendor: InstalledVendor
    name: str


@frozen
class MethodValue:
    """A method of a resource that is not called yet."""

    vendor: InstalledVendor
    path: str


@frozen
class ModelValue:
    """A model or an enum, or its class (``made`` is false)."""

    vendor: InstalledVendor
    name: str
    made: bool = True


@frozen
class ListValue:
    """Several of something: a list, pages, a stream."""

    item: Value


@frozen
class RawValue:
    """The raw response of something."""

    value: Value


Value: TypeAlias = "ModuleValue | ClientValue | ResourceValue | MethodValue | ModelValue | ListValue | RawValue | None"
Names: TypeAlias = dict[str, Value]


def of_module(name: str, vendors: Mapping[str, InstalledVendor]) -> Value:
    """What a dotted name is: a module, a client's class, a model's class."""
    for vendor in vendors.values():
        for package in (vendor.package, f"{vendor.package}.client"):
            if name in {f"{package}.{each}" for each in vendor.clients}:
                return ClientValue(vendor, made=False)
        for package in (f"{vendor.package}.models", vendor.package):
            module, _, last = name.rpartition(".")
            if module == package and (last in vendor.model_names or last in vendor.old_models):
                return ModelValue(vendor, vendor.old_models.get(last, last), made=False)
        if f"{vendor.package}.models".startswith(f"{name}.") or name == f"{vendor.package}.models":
            return ModuleValue(name)
    return ModuleValue(name) if name.partition(".")[0] == "accordant" else None


def of_annotation(text: str, vendor: InstalledVendor) -> Value:
    """What a vendor's own annotation says: a model, or several of one."""
    several, names = classes_in(text)
    found = next((each for each in names if each in vendor.model_names), None)
    if found is None:
        return None
    return ListValue(ModelValue(vendor, found)) if several else ModelValue(vendor, found)


def item_of(value: Value) -> Value:
    """What a loop over something gives."""
    return value.item if isinstance(value, ListValue) else None


def called(value: Value, name: str) -> Value:
    """What a method of pages or of a raw response returns."""
    if isinstance(value, RawValue) and name == "parse":
        return value.value
    if isinstance(value, ListValue):
        return value.item if name in _ONE else value if name in _KEPT or name in ("collect", "copy") else None
    return None
