"""Making a function from lines: what the straight-line functions of models have in common."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from typing import Any

from ._decoders import ListOf, Nullable, boolean, integer, string
from ._enums import OpenIntEnum, OpenStrEnum

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
