"""What happens when a response differs from the document without being useless."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal, TypeAlias

from attrs import frozen

from accordant_runtime import Deviation

from ._http.secrets import Redactor

_KEPT: Final = 1000


@frozen
class DeviationReport:
    """The places where one response differs from the document."""

    operation: str
    status: int
    deviations: tuple[Deviation, ...]

    def __str__(self) -> str:
        return f"{self.operation} {self.status}: " + "; ".join(str(item) for item in self.deviations)


DeviationPolicy: TypeAlias = Literal["lenient", "strict"] | Callable[[DeviationReport], None]
"""``"lenient"`` collects reports, ``"strict"`` raises ``DecodeError``, a function is called with each report."""


def scrubbed_deviations(redactor: Redactor, deviations: Iterable[Deviation]) -> list[Deviation]:
    """The deviations without this client's secrets: some vendors echo what they were sent."""
    return [
        Deviation(redactor.text(each.path), each.kind, redactor.text(each.expected), redactor.text(each.found))
        for each in deviations
    ]


class DeviationLog:
    """The last 1000 reports of a client, oldest first; ``dropped`` counts those that made room."""

    def __init__(self) -> None:
        self._reports: deque[DeviationReport] = deque(maxlen=_KEPT)
        self.dropped = 0

    def add(self, report: DeviationReport) -> None:
        """Keep a report."""
        if len(self._reports) == _KEPT:
            self.dropped += 1
        self._reports.append(report)

    def clear(self) -> None:
        """Forget all reports."""
        self._reports.clear()
        self.dropped = 0

    def __iter__(self) -> Iterator[DeviationReport]:
        return iter(tuple(self._reports))

    def __len__(self) -> int:
        return len(self._reports)

    def __getitem__(self, index: int) -> DeviationReport:
        return self._reports[index]

    def __repr__(self) -> str:
        return f"DeviationLog({len(self._reports)} reports)"
