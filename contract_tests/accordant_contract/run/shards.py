"""A part of a run: the operations of one of several machines, or of one of several processes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import frozen

from ..document.document import Operation
from ..errors import ContractError


@frozen
class Shard:
    """The first, second, ... of so many parts."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @property
    def folder(self) -> str:
        """Where the evidence of the part lies, below that of whole runs."""
        return f"shard-{self.number}-of-{self.of}"

    def operations(self, every: Mapping[str, Operation]) -> set[str]:
        """The operations of the part.

        Those of one kind of record stay together, as they work on the same records; the kinds are dealt out, the
        largest first, to the part that has the fewest operations so far. Together the parts have every operation once.
        """
        kinds: dict[str, list[str]] = {}
        for name, operation in every.items():
            kinds.setdefault(operation.entity, []).append(name)
        parts: list[list[str]] = [[] for _ in range(self.of)]
        for kind in sorted(kinds, key=lambda each: (-len(kinds[each]), each)):
            min(parts, key=len).extend(kinds[kind])
        return set(parts[self.number - 1])


def shard(text: str) -> Shard:
    """A part by its text, such as ``1/4``."""
    match = re.fullmatch(r"([0-9]{1,3})/([0-9]{1,3})", text)
    number, of = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= number <= of:
        raise ContractError(f"SHARD={text} names no part of a run: write 1/4 for the first of four")
    return Shard(number, of)
