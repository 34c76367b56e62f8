"""Names of a package that live in its modules, each imported when its name is first used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from ._renamed import renamed_class

PASSES_CALLS_ON = True  # a warning about an old name is about the line that asks for it


def imported_when_used(
    package: str, modules: Mapping[str, str], renamed: Mapping[str, tuple[str, str]] | None = None
) -> tuple[list[str], Callable[[str], Any], Callable[[], list[str]]]:
    """The ``__all__``, the ``__getattr__`` and the ``__dir__`` of a package.

    ``modules`` says in which of its modules each name is, ``renamed`` of each old name the new one and its module.
    """
    old = renamed or {}

    def get(name: str) -> Any:
        if name in old:
            return renamed_class(package, name, *old[name])
        module = modules.get(name)
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{module}"), name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *modules})

    return [*modules], get, names
