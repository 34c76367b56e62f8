"""Showing a run as it goes: one line that moves on a terminal, a line for each phase elsewhere."""

from __future__ import annotations

import shutil
from typing import TextIO

from attrs import define, field

from ..evidence.results import Event, PhaseStarted, StepDone


@define
class Progress:
    """A listener that writes to a stream."""

    stream: TextIO
    live: bool
    _size: int | None = field(default=None, init=False)
    _done: int = field(default=0, init=False)

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, PhaseStarted):
            self._size, self._done = event.size, 0
            if not self.live:
                self._line(f"{event.vendor}: {event.phase}")
        elif isinstance(event, StepDone):
            self._done += 1
            if self.live:
                of = f"/{self._size}" if self._size and self._size >= self._done else ""
                self._over(f"{event.vendor}: {event.phase} {self._done}{of} {event.label}")
        elif event.allowance is None:
            finding = event.finding
            self._line(f"{event.vendor}: {finding.check} {finding.operation}: {finding.message}"[:240])

    def close(self) -> None:
        """Take the moving line away."""
        if self.live:
            self._over("")

    def _line(self, text: str) -> None:
        if self.live:
            self._over("")
        self.stream.write(text + "\n")
        self.stream.flush()

    def _over(self, text: str) -> None:
        width = max(20, shutil.get_terminal_size().columns - 1)
        self.stream.write("\r\x1b[2K" + text[:width])
        self.stream.flush()


def table(head: list[str], rows: list[list[str]], right: frozenset[int] = frozenset()) -> str:
    """Rows as aligned text; ``right`` are the columns whose cells are numbers."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [head, ["-" * width for width in widths], *rows]

    def cell(text: str, column: int) -> str:
        return text.rjust(widths[column]) if column in right else text.ljust(widths[column])

    return "\n".join("  ".join(cell(text, column) for column, text in enumerate(line)).rstrip() for line in lines)
