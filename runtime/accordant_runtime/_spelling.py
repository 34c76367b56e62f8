"""Names that are certainly misspelt, and those that were meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_LONG: Final = 8
"""Names from this length on may differ by two letters and still be taken for a misspelling."""


def misspelt(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` is certainly a misspelling of: a letter or two differ, or only case and ``_``."""
    for right in known:
        if bare_name(name) == bare_name(right) or _distance(name, right) <= (2 if len(right) >= _LONG else 1):
            return right
    return None


def bare_name(name: str) -> str:
    """A name without regard to case, ``_`` and ``-``."""
    return name.replace("_", "").replace("-", "").strip().lower()


def _distance(one: str, other: str) -> int:
    """Letters left out, added, replaced, or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        oldest, before, row = before, row, [i]
        for j, opposite in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != opposite))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == opposite:
                cost = min(cost, oldest[j - 2] + 1)
            row.append(cost)
    return row[-1]
