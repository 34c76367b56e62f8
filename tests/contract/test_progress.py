"""What a run shows as it goes."""

from __future__ import annotations

from io import StringIO

import pytest

from accordant_contract.evidence.results import PhaseStarted, StepDone
from accordant_contract.run.progress import Progress


class Clock:
    """A clock that the test moves."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def lines(stream: StringIO) -> list[str]:
    """What stood on the moving line, one after the other."""
    return [each for each in stream.getvalue().split("\r\x1b[2K") if each]


def test_a_terminal_shows_how_much_of_a_phase_is_done_and_the_time_that_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After some steps the pace so far gives the time left; a vendor that runs beside another has its own counts."""
    monkeypatch.setenv("COLUMNS", "80")
    stream, clock = StringIO(), Clock()
    progress = Progress(stream, live=True, timer=clock)
    progress(PhaseStarted("dispatch", "probes", 100))
    progress(PhaseStarted("dibop", "probes", 7))
    for number in range(10):
        clock.seconds += 3
        progress(StepDone("dispatch", "probes", f"get {number}"))
    progress(StepDone("dibop", "probes", "list"))
    shown = lines(stream)
    assert shown[0] == "dispatch: probes 1/100 get 0"
    assert shown[9] == "dispatch: probes 10/100 (4 min left) get 9"
    assert shown[10] == "dibop: probes 1/7 list"


def test_elsewhere_each_phase_is_a_line_and_no_time_is_told() -> None:
    """In a log there is a line for each phase, and nothing that moves."""
    stream = StringIO()
    progress = Progress(stream, live=False)
    progress(PhaseStarted("dispatch", "probes", 100))
    for number in range(20):
        progress(StepDone("dispatch", "probes", f"get {number}"))
    assert stream.getvalue() == "dispatch: probes\n"
