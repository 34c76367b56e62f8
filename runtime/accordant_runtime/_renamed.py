"""Old names that live on: each does what the new one does, with a ``DeprecationWarning`` that says the new one.

The document's overlay states them (``x-accordant-deprecated-name``). Generated code uses this module only where
there are old names.
"""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from types import FrameType
from typing import Any, Final, TypeVar

from ._unset import UNSET

R = TypeVar("R")
OLD: Final = " is the old name of "
"""What each of these warnings says between the old name and the new one."""
OLD_ARGUMENTS: Final = "__old_arguments__"
"""The attribute of a method that has the new names of arguments by the old ones."""
_BETWEEN: Final = frozenset(
    getattr(sys.modules.get(name), "__file__", "")
    for name in (__name__, "accordant_runtime._deprecated", "warnings", "_py_warnings")
)
"""The files whose functions lie between a use of an old name and its warning."""


def is_old_name(method: object) -> bool:
    """Whether a method of a resource is another one under its old name."""
    return OLD in str(getattr(method, "__deprecated__", ""))


def renamed_arguments(place: str, /, **names: str) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """A decorator of a method whose arguments may be given by their old names too: ``names`` has the new ones by those.

    A call that gives both names of one argument raises ``TypeError``.
    """

    def mark(function: Callable[..., R]) -> Callable[..., R]:
        @functools.wraps(function)
        def renaming(*arguments: Any, **options: Any) -> R:
            return function(*arguments, **_with_new_names(place, names, options))

        setattr(renaming, OLD_ARGUMENTS, names)
        if sys.version_info >= (3, 12) and inspect.iscoroutinefunction(function):
            return inspect.markcoroutinefunction(renaming)
        return renaming

    return mark


def construct(model: Any, names: Mapping[str, str], fields: dict[str, Any]) -> None:
    """Set the fields of a new model; some may be given by their old names.

    Raises ``TypeError`` for both names of one field, and for what is no field.
    """
    model.__attrs_init__(**_with_new_names(type(model).__name__, names, fields, constructors=1))


def renamed_class(package: str, old: str, new: str, module: str) -> Any:
    """The class that was called ``old``."""
    _warn(f"models.{old}{OLD}models.{new}")
    return getattr(import_module(f"{package}.{module}"), new)


def _with_new_names(
    place: str, names: Mapping[str, str], given: dict[str, Any], constructors: int = 0
) -> dict[str, Any]:
    for old in [name for name in given if name in names]:
        new, value = names[old], given.pop(old)
        _warn(f"{place}: `{old}`{OLD}`{new}`", constructors)
        if value is not UNSET and given.get(new, UNSET) is not UNSET:
            raise TypeError(f"{place}: `{old}`{OLD}`{new}`; give one of the two")
        if value is not UNSET:
            given[new] = value
    return given


def _warn(message: str, constructors: int = 0) -> None:
    """Warn about the line that used an old name: not one of those in between, of which imports have some that differ
    among Pythons. Generated ``constructors`` lie between too."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage] - the only way to the caller's line
    while frame.f_back is not None and (_lies_between(frame) or constructors):
        constructors -= not _lies_between(frame)
        frame = frame.f_back
    registry = frame.f_globals.setdefault("__warningregistry__", {})
    module = str(frame.f_globals.get("__name__", ""))
    warnings.warn_explicit(
        message, DeprecationWarning, frame.f_code.co_filename, frame.f_lineno, module, registry=registry
    )


def _lies_between(frame: FrameType) -> bool:
    code, file = frame.f_code, frame.f_code.co_filename
    passes_on = file in _BETWEEN or code.co_name == "__getattr__" or frame.f_globals.get("PASSES_CALLS_ON") is True
    return passes_on or file.startswith("<frozen importlib")
