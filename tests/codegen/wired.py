"""Clients of small documents of the tests' own: generated, constructed, and driven over a script or a real socket."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import accordant_generated
from accordant._auth.flows import HeaderAuth
from accordant._client.clients import AsyncClient, Client
from accordant._problems import Problem
from accordant._vendor import Vendor
from accordant.testing import FakeClock
from tests.codegen.checkouts import HERE, Checkout

ADDRESSES = {"production": "https://api.wire.test/v1", "staging": "https://staging.wire.test/v1"}
KEY = "key-wire-canary"


def generated(folder: Path, name: str) -> Checkout:
    """A checkout in which the document ``wire/NAME.yaml`` is generated as ``wire_NAME``."""
    checkout = Checkout(folder)
    checkout.add(f"wire_{name}", (HERE / "wire" / f"{name}.yaml").read_text(encoding="utf-8"))
    assert checkout.run("regenerate") == 0
    return checkout


@contextmanager
def importable(checkout: Checkout, name: str) -> Generator[str]:
    """The generated package of ``wire/NAME.yaml`` can be imported; gives its name."""
    package = f"accordant_generated.wire_{name}"
    place = str(checkout.generated / "accordant_generated")
    accordant_generated.__path__.append(place)
    yield package
    accordant_generated.__path__.remove(place)
    for loaded in [loaded for loaded in sys.modules if loaded.startswith(package)]:
        del sys.modules[loaded]
    if hasattr(accordant_generated, package.rsplit(".", 1)[1]):
        delattr(accordant_generated, package.rsplit(".", 1)[1])


def client(package: str, asynchronous: bool, **settings: Any) -> Any:
    """A client of a generated package: blocking or asynchronous."""
    module = import_module(f"{package}.client")
    bases = (AsyncClient, module.AsyncResources) if asynchronous else (Client, module.Resources)
    vendor = Vendor(
        name="wire", title="Wire", variable_prefix="WIRE", environments=ADDRESSES, problem=lambda _: Problem("no")
    )
    return type("Wire", bases, {})(vendor, HeaderAuth("X-Key", KEY), {"clock": FakeClock(), **settings})
