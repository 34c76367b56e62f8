"""A bound for what intersections make of a document: parts that repeat each other multiply."""

from __future__ import annotations

from typing import Any

from attrs import define

from ..errors import CodegenError
from ..read.document import walk
from .subschemas import properties

_MOST_PARTS = 30_000
_MOST_REPEATS = 20
"""How often all parts of a document may be put together again, where there are many."""


@define
class Growth:
    """Counts what intersections put together; refuses a document that repeats its parts beyond all measure."""

    document: dict[str, Any]
    repeated: int = 0
    allowed: int = _MOST_PARTS

    def count(self, number: int, place: str) -> None:
        """Count parts and properties that are put together at a place."""
        self.repeated += number
        if self.repeated <= self.allowed:
            return
        declared = sum(1 + len(properties(node)) for _, node in walk(self.document))
        self.allowed = max(_MOST_PARTS, _MOST_REPEATS * declared)
        if self.repeated > self.allowed:
            problem = f"with it, allOf puts {self.repeated} parts and properties together out of {declared}"
            raise CodegenError(f"{place}: {problem}; refer to the common part instead of repeating it")
