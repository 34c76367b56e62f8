"""What a run asks before it writes at a target that is not its own."""

from __future__ import annotations

from typing import Any, Protocol

from ..document.document import Operation
from ..document.values import Arguments, Exchange


class WriteGuard(Protocol):
    """What a run may change at a target that is not its own, and what it has made there (see ``records.ownership``)."""

    def admits(self, operation: Operation) -> str:
        """Why no request at all may go to an operation; ``""`` where some may."""
        ...

    def refusal(self, operation: Operation, arguments: Arguments, method: str) -> str:
        """Why a request may not be sent; ``""`` where it may."""
        ...

    def allows(self, entity: str, key: Any) -> bool:
        """Whether a write may name a record."""
        ...

    def met(self, entity: str, key: Any) -> None:
        """Remember a record that the target showed and that the run did not make."""
        ...

    def tells(self, operation: Operation) -> bool:
        """Whether the typed result of a creation tells which record it made."""
        ...

    def begin(self, operation: Operation, arguments: Arguments) -> int | None:
        """Note a write that may make a record, before it is sent; returns its number."""
        ...

    def end(self, number: int | None, operation: Operation, exchange: Exchange) -> None:
        """Note what a write came to."""
        ...
