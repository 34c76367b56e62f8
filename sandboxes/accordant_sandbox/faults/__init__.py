"""The fault catalogue: every module of this package that defines `FAULTS` contributes to it."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from accordant_sandbox.errors import SandboxError

if TYPE_CHECKING:
    from accordant_sandbox.faults.base import Fault

__all__ = ["all_faults"]


@cache
def all_faults() -> tuple[Fault, ...]:
    """Every fault of the catalogue, for any vendor, ordered by name.

    Raises:
        SandboxError: Two faults share a name.
    """
    found: dict[str, Fault] = {}
    for module in pkgutil.iter_modules(__path__):
        faults: tuple[Fault, ...] = getattr(import_module(f"{__name__}.{module.name}"), "FAULTS", ())
        for fault in faults:
            if fault.name in found:
                raise SandboxError(f"two faults are named {fault.name!r}; the second is in {module.name}")
            found[fault.name] = fault
    return tuple(found[name] for name in sorted(found))
