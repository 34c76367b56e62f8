"""The router of a vendor: nothing changes it, so all engines of the vendor share one."""

from __future__ import annotations

from typing import Final
from weakref import WeakKeyDictionary

from accordant_sandbox.http.routing import Router
from accordant_sandbox.model.vendor import Vendor

__all__ = ["router_of"]

_made: Final[WeakKeyDictionary[Vendor, Router]] = WeakKeyDictionary()


def router_of(vendor: Vendor) -> Router:
    """From a method and a path to the vendor's operations; made once for each vendor."""
    found = _made.get(vendor)
    if found is None:
        found = _made[vendor] = Router(
            vendor.document.operations.values(),
            base_path=vendor.document.base_path,
            any_case=vendor.dialect.any_case_paths,
            aliases=vendor.dialect.path_aliases,
        )
    return found
