"""Clients that are made from documents alone, importable while a test needs them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Generator
from contextlib import contextmanager
from types import ModuleType

import accordant
import accordant_generated
from tests.codegen.checkouts import Checkout


@contextmanager
def importable(checkout: Checkout, name: str) -> Generator[ModuleType]:
    """The package of a vendor's client, whose generated code can be imported as well."""
    places = [
        (accordant, str(checkout.root / "overlays" / "accordant")),
        (accordant_generated, str(checkout.generated / "accordant_generated")),
    ]
    for package, place in places:
        package.__path__.append(place)
    try:
        yield importlib.import_module(f"accordant.{name}")
    finally:
        for package, place in places:
            package.__path__.remove(place)
            own = f"{package.__name__}.{name}"
            for module in [each for each in sys.modules if each == own or each.startswith(f"{own}.")]:
                del sys.modules[module]
            if hasattr(package, name):
                delattr(package, name)
