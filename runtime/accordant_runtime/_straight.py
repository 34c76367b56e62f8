"""Making a function from lines: what the straight-line functions of models have in common."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from types import MemberDescriptorType
from typing import Any

from attrs import fields

from ._decoders import ListOf, Nullable, boolean, integer, string
from ._enums import OpenIntEnum, OpenStrEnum
from ._json import key_as_read

EXACT: Mapping[Any, type] = {string: str, integer: int, boolean: bool}
"""The decoders whose values JSON and Python have in common, with the one type of them."""


def made(owner: type[Any], name: str, lines: list[str], names: Mapping[str, Any]) -> Callable[..., Any]:
    """The function that the lines define. Its source is kept where tracebacks and debuggers look for it."""
    source = "\n".join(lines) + "\n"
    place = f"<{name} of {owner.__module__}.{owner.__qualname__}>"
    scope: dict[str, Any] = dict(names)
    # The lines consist of attribute names, of literals and of words of the two modules that write them.
    exec(compile(source, place, "exec"), scope)  # noqa: S102 - as attrs makes its constructors
    linecache.cache[place] = (len(source), None, source.splitlines(keepends=True), place)
    function: Callable[..., Any] = scope[name]
    function.__module__ = owner.__module__
    function.__qualname__ = f"{owner.__qualname__}.{name}"
    return function


def key_named(names: dict[str, Any], attribute: str, wire: str) -> str:
    """The name under which the lines of a function have the key of an attribute, which is put among its names."""
    name = f"key_{attribute}"
    names[name] = key_as_read(wire)
    return name


class Rest(property):
    """What an object holds beside its fields. Most objects that were read hold nothing: instead of a separate dict,
    each has None in its slot, and gets a dict when somebody asks for it."""

    def __init__(self, slot: Any) -> None:
        self.stored: Any = slot.__get__
        self.store: Any = slot.__set__
        super().__init__(self._asked, slot.__set__)

    def _asked(self, model: Any) -> dict[str, Any]:
        rest: dict[str, Any] | None = self.stored(model)
        if rest is not None:
            return rest
        own: dict[str, Any] = {}
        self.store(model, own)
        return own


def rest_of(owner: type[Any]) -> Rest | None:
    """The place for what objects of a model hold beside their fields; None for a class without slots."""
    found = vars(owner).get("additional_properties")
    if isinstance(found, MemberDescriptorType):
        setattr(owner, "_rest", found)  # noqa: B010 - the slot itself, under the name by which the functions use it
        found = Rest(found)
        setattr(owner, "additional_properties", found)  # noqa: B010 - no type checker knows a type's attributes
    return found if isinstance(found, Rest) else None


def only_sets_fields(owner: type[Any]) -> bool:
    """Whether a model's constructor and its attributes do nothing but keep values."""
    if "__attrs_attrs__" not in vars(owner) or hasattr(owner, "__attrs_post_init__"):
        return False
    kept = getattr(owner, "__setattr__", None) is getattr(object, "__setattr__", None)
    return kept and all(item.validator is None and item.converter is None for item in fields(owner))


def bare(decode: Any) -> tuple[Any, bool]:
    """A decoder without its ``nullable``, and whether it had one."""
    return (_inner(decode), True) if isinstance(decode, Nullable) else (decode, False)


def class_of(decode: Any, base: type[Any]) -> type[Any] | None:
    """The subclass of ``base`` whose ``decode`` this is; None for any other decoder."""
    owner = getattr(decode, "__self__", None)
    return owner if isinstance(owner, type) and issubclass(owner, base) else None


def enum_of(decode: Any) -> type[Any] | None:
    """The enum that a decoder reads."""
    return class_of(decode, OpenStrEnum) or class_of(decode, OpenIntEnum)


def item_of(decode: Any) -> Any:
    """The decoder of a list's items; None for what is no list."""
    return _inner(decode) if isinstance(decode, ListOf) else None


def _inner(decode: Any) -> Any:
    return decode.inner
