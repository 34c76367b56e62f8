"""Texts in responses that look like addresses and are none: the fuzzer passes over them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import Any

from schemathesis.engine import observations
from schemathesis.specs.openapi.stateful import inference


@contextmanager
def past_bad_addresses() -> Generator[None]:
    """While this lasts, schemathesis follows no text such as ``https://[YOUR ID].example.com``, on which it stops:
    in bodies, and in the ``Location`` of responses."""
    with ExitStack() as stack:
        for module in (observations, inference):
            stack.enter_context(_lenient(module))
        yield


@contextmanager
def _lenient(module: Any) -> Generator[None]:
    original: Callable[[str], Any] = module.urlsplit

    def split(text: str) -> Any:
        try:
            return original(text)
        except ValueError:
            return original("")

    module.urlsplit = split
    try:
        yield
    finally:
        module.urlsplit = original
