"""The vendors' clients as they are found in the package, so that a new vendor is tested without a line changed here."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import combinations
from types import ModuleType
from typing import Any

import accordant
from accordant._client.clients import AsyncClient, Client
from accordant.errors import ConfigurationError

OWN: dict[str, dict[str, Any]] = {"dibop": {"rate_limits": None}}
"""Settings without which a vendor's client does more than the call that a test makes."""


def modules() -> list[ModuleType]:
    """Every module of the package, imported."""
    return [importlib.import_module(item.name) for item in pkgutil.walk_packages(accordant.__path__, "accordant.")]


def classes() -> Iterator[type[Any]]:
    """Every class that a module of the package defines."""
    for module in modules():
        yield from (
            item for item in vars(module).values() if inspect.isclass(item) and item.__module__ == module.__name__
        )


@cache
def vendors() -> dict[str, tuple[type[Any], type[Any]]]:
    """Each vendor's package by its name, with its blocking and its asynchronous client."""
    found: dict[str, tuple[type[Any], type[Any]]] = {}
    for item in pkgutil.iter_modules(accordant.__path__):
        if not item.ispkg or item.name.startswith("_"):
            continue
        module = importlib.import_module(f"accordant.{item.name}")
        offered = [getattr(module, name) for name in module.__all__]
        pair = [
            next(kind for kind in offered if inspect.isclass(kind) and issubclass(kind, base))
            for base in (Client, AsyncClient)
        ]
        found[item.name] = pair[0], pair[1]
    return found


def made(kind: type[Any], vendor: str, **settings: Any) -> Any:
    """A client with an invented token, and with an invented text for what else it cannot do without."""
    given: dict[str, Any] = {"token": "invented", **OWN.get(vendor, {}), **settings}
    every = [item.name for item in inspect.signature(kind).parameters.values() if item.kind is item.KEYWORD_ONLY]
    others = [name for name in every if name not in given]
    for size in range(len(others) + 1):
        for names in combinations(others, size):
            with suppress(ConfigurationError):
                return kind(**given, **dict.fromkeys(names, "invented"))
    raise AssertionError(f"{kind.__name__} cannot be made with a token and any choice of {', '.join(others)}")
