"""Addresses that a document states."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

__all__ = ["parts_of"]


def parts_of(url: str) -> SplitResult:
    """The parts of an address; those of nothing where nobody can read it."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
