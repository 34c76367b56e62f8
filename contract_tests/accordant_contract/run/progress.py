"""Showing a run as it goes: one line that moves on a terminal, a line for each phase elsewhere."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import Final, TextIO

from attrs import define, field

from ..evidence.results import Event, Found, Listener, PhaseStarted, StepDone
from ..printable import printable

_TELLING: Final = 5
"""From so many steps on their pace says something."""
_LONG: Final = 100.0


@define
class _Phase:
    """One phase of one vendor; where several processes are in it, its steps are those of all of them."""

    size: int | None
    begun: float
    done: int = 0

    def left(self, now: float) -> str:
        """The time that its other steps take at the pace of those that are done; ``""`` before that can be told."""
        if not self.size or self.done < _TELLING or self.done >= self.size:
            return ""
        seconds = (now - self.begun) / self.done * (self.size - self.done)
        return f" ({seconds / 60:.0f} min left)" if seconds >= _LONG else f" ({seconds:.0f} s left)"


@define
class Progress:
    """A listener that writes to a stream."""

    stream: TextIO
    live: bool
    timer: Callable[[], float] = time.monotonic
    _phases: dict[tuple[str, str], _Phase] = field(factory=dict[tuple[str, str], _Phase], init=False)

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, PhaseStarted):
            self._begin(event)
        elif isinstance(event, StepDone):
            phase = self._phases.get((event.vendor, event.phase))
            if self.live and phase is not None:
                phase.done += 1
                of = f"/{phase.size}" if phase.size and phase.size >= phase.done else ""
                left = phase.left(self.timer())
                self._over(f"{event.vendor}: {event.phase} {phase.done}{of}{left} {event.label}")
        elif event.allowance is None:
            finding = event.finding
            self._line(f"{event.vendor}: {finding.check} {finding.operation}: {finding.message}"[:240])

    def _begin(self, event: PhaseStarted) -> None:
        known = self._phases.get((event.vendor, event.phase))
        if known is not None:  # another process of the same run is there too
            known.size = None if known.size is None or event.size is None else known.size + event.size
            return
        self._phases[event.vendor, event.phase] = _Phase(event.size, self.timer())
        if not self.live:
            self._line(f"{event.vendor}: {event.phase}")

    def close(self) -> None:
        """Take the moving line away."""
        if self.live:
            self._over("")

    def _line(self, text: str) -> None:
        if self.live:
            self._over("")
        self.stream.write(printable(text) + "\n")
        self.stream.flush()

    def _over(self, text: str) -> None:
        width = max(20, shutil.get_terminal_size().columns - 1)
        self.stream.write("\r\x1b[2K" + text[:width])
        self.stream.flush()


def once(listener: Listener) -> Listener:
    """A listener that tells another each finding once, however many processes have it."""
    seen: set[tuple[str, str]] = set()

    def tell(event: Event) -> None:
        if isinstance(event, Found):
            key = (event.vendor, event.finding.key)
            if key in seen:
                return
            seen.add(key)
        listener(event)

    return tell


def table(head: list[str], rows: list[list[str]], right: frozenset[int] = frozenset()) -> str:
    """Rows as aligned text; ``right`` are the columns whose cells are numbers."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [head, ["-" * width for width in widths], *rows]

    def cell(text: str, column: int) -> str:
        return text.rjust(widths[column]) if column in right else text.ljust(widths[column])

    return "\n".join("  ".join(cell(text, column) for column, text in enumerate(line)).rstrip() for line in lines)
