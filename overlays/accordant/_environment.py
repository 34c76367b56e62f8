"""The environment variables of this process; no other module asks for them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping


def process_variables() -> Mapping[str, str]:
    """All of them."""
    return os.environ


def variable_that_says(value: str, names: Iterable[str]) -> str | None:
    """The first of these environment variables that has the value."""
    return next((name for name in names if os.environ.get(name) == value), None)
