"""A line that moves on the terminal of a person who waits for a long walk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, TextIO

EVERY: Final = 100
"""Rows between two signs of life."""


def counted(rows: Iterable[Any], err: TextIO) -> Iterator[Any]:
    """The rows, counted on one line of a terminal; the line is gone before anything else is written there."""
    shown = ""
    try:
        for count, row in enumerate(rows, 1):
            yield row
            if count % EVERY == 0:
                shown = f"{count} rows"
                err.write(f"\r{shown}")
                err.flush()
    finally:
        if shown:
            err.write(f"\r{' ' * len(shown)}\r")
            err.flush()
