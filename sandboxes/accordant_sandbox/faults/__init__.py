"""The fault catalogue: every module of this package that defines `FAULTS` contributes to it."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from weakref import WeakKeyDictionary

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.model.faults import Fault
from accordant_sandbox.model.vendor import Vendor

__all__ = ["all_faults", "catalogue"]


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


def catalogue(vendor: Vendor) -> tuple[Fault, ...]:
    """The faults that apply to at least one operation of a vendor, each with the ids of those operations."""
    found = _catalogues.get(vendor)
    if found is None:
        operations = [vendor.document.operations[name] for name in vendor.operations.served]
        placed = [fault.at(operations, vendor) for fault in (*all_faults(), *vendor.faults)]
        found = _catalogues[vendor] = tuple(fault for fault in placed if fault.operations)
    return found


_catalogues: WeakKeyDictionary[Vendor, tuple[Fault, ...]] = WeakKeyDictionary()
"""Made once for each vendor: asking every fault about every operation takes a while."""
