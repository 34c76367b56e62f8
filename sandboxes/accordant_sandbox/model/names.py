"""Names of fields, written as one text: `words("Id Name")`."""

from __future__ import annotations

from typing import Any

__all__ = ["names", "nulls", "words"]


def words(text: str) -> tuple[str, ...]:
    """The names in a text, which blanks separate, in their order."""
    return tuple(text.split())


def names(text: str) -> frozenset[str]:
    """The names in a text, which blanks separate, as a set."""
    return frozenset(text.split())


def nulls(text: str) -> dict[str, Any]:
    """The names in a text, each with null."""
    return dict.fromkeys(text.split())
