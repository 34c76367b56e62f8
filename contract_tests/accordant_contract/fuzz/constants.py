"""The fuzzer makes up values from its seed alone, not from the code that happens to be loaded."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from hypothesis.internal.conjecture import providers

_NAMES = ("_get_local_constants", "CONSTANTS_CACHE", "GLOBAL_CONSTANTS")
_kept: dict[str, Any] = {}
"""What replaces hypothesis's own names, with the constants that were sorted out: one store for all runs."""


@contextmanager
def no_constants_of_the_code() -> Generator[None]:
    """While this lasts, hypothesis takes no constants from the source of the modules that are loaded.

    It would read every module of ours and of our user's, try each of their texts against each schema, and make up other
    cases of the same seed wherever another module is loaded.
    """
    module: Any = providers
    if not all(hasattr(module, name) for name in _NAMES):  # a hypothesis that has no such constants
        yield
        return
    if not _kept:
        nothing = type(module.GLOBAL_CONSTANTS)()
        _kept.update(_get_local_constants=lambda: nothing, CONSTANTS_CACHE=type(module.CONSTANTS_CACHE)(1024))
    before = {name: getattr(module, name) for name in _kept}
    _put(_kept)
    try:
        yield
    finally:
        _put(before)


def _put(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(providers, name, value)
