"""How much a document's intersections put together, and when that is too much."""

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
    """Counts the parts and properties that intersections put together."""

    document: dict[str, Any]
    _repeated: int = 0
    _allowed: int = _MOST_PARTS

    def add(self, number: int, place: str) -> None:
        """Count some more; refuse a document that repeats its parts beyond all measure."""
        self._repeated += number
        if self._repeated <= self._allowed:
            return
        declared = sum(1 + len(properties(node)) for _, node in walk(self.document))
        self._allowed = max(_MOST_PARTS, _MOST_REPEATS * declared)
        if self._repeated > self._allowed:
            problem = f"with it, allOf puts {self._repeated} parts and properties together out of {declared}"
            raise CodegenError(f"{place}: {problem}; refer to the common part instead of repeating it")
