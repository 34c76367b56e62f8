"""What the bodies of errors hold: which decoder reads them, by status."""

from __future__ import annotations

from typing import Any, Self

from ._notes import Decode


class ErrorStatuses(tuple[str, ...]):
    """The statuses that an operation documents as errors, such as ``"404"``, ``"4XX"`` or ``"default"``."""

    table: ErrorTable

    @classmethod
    def of(cls, table: ErrorTable, statuses: tuple[str, ...]) -> Self:
        """These statuses, whose bodies are what a table says."""
        made = cls(statuses)
        made.table = table
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return ErrorStatuses.of, (self.table, tuple(self))

    def decoder(self, status: int) -> Decode[Any] | None:
        """What reads the body of an error; exact statuses win over ranges, those over ``default``."""
        text = str(status)
        for key in (text, f"{text[0]}XX", f"{text[0]}xx", "default"):
            if key in self:
                return self.table.decoders.get(key)
        return None


class ErrorTable:
    """What reads the bodies of errors: a decoder with the statuses that it is for, and the next.

    Operations share it; each lists its own statuses with :meth:`of`.
    """

    def __init__(self, *entries: tuple[Decode[Any], tuple[str, ...]]) -> None:
        self.decoders = {status: decode for decode, statuses in entries for status in statuses}

    def of(self, *statuses: str) -> ErrorStatuses:
        """The errors of one operation."""
        return ErrorStatuses.of(self, statuses)
