"""The storm, in short: 400 calls of every client through a server that misbehaves in a fifth of its responses."""

from __future__ import annotations

import gc
from collections import Counter
from functools import partial

import pytest

from benchmarks.chaos.command import chaos
from benchmarks.chaos.model import FAULTS, FIRST_TAG
from benchmarks.chaos.run import Call, Outcome, Report, Verdict, calls, judge, storm
from benchmarks.chaos.server import Books, in_thread
from benchmarks.lab.cases import TWINS, VENDORS

CALLS = 400
PACE = 0.25
"""Delays, timeouts and deadlines are as long beside each other as in `make chaos`, and over sooner."""


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("twin", TWINS)
def test_storm(vendor: str, twin: str) -> None:
    """No call is late, untyped or lost, no record wrong, no write a lie or done twice, and nothing is left behind."""
    gc.freeze()  # a storm looks for what it left behind: among its own objects, not among those of all tests before
    report = storm(vendor, twin, CALLS, 7, partial(in_thread, pace=PACE), pace=PACE)
    assert report.verdict.good, report.text()
    assert sum(report.outcomes.values()) == CALLS
    assert sum(report.books.faults.values()) > 0.15 * report.books.requests
    assert len(report.books.faults) > 0.7 * len(FAULTS)


def test_calls_are_the_same_for_the_same_seed() -> None:
    """A run can be repeated: its seed decides the calls, and every write has a number of its own."""
    assert calls("dispatch", 500, 3) == calls("dispatch", 500, 3) != calls("dispatch", 500, 4)
    writes = [call.number for call in calls("espace", 500, 3) if call.kind == "create"]
    assert len(set(writes)) == len(writes) > 100


WRITE = Call("create", FIRST_TAG)
READ = Call("get", 5)


@pytest.mark.parametrize(
    ("outcome", "applied", "complaint"),
    [
        (Outcome(READ, "done", 0.1), 0, None),
        (Outcome(READ, "done", 9.0), 0, "late"),
        (Outcome(READ, "KeyError", 0.1, typed=False), 0, "untyped"),
        (Outcome(READ, "done", 0.1, right=False), 0, "wrong_records"),
        (Outcome(WRITE, "done", 0.1), 1, None),
        (Outcome(WRITE, "done", 0.1), 0, "lies"),
        (Outcome(WRITE, "done", 0.1), 2, "twice"),
        (Outcome(WRITE, "ConnectError", 0.1, certain=True), 0, None),
        (Outcome(WRITE, "ConnectError", 0.1, certain=True), 1, "hidden"),
        (Outcome(WRITE, "AmbiguousOutcomeError", 0.1), 1, None),
        (Outcome(WRITE, "AmbiguousOutcomeError", 0.1), 0, None),
    ],
)
def test_judging(outcome: Outcome, applied: int, complaint: str | None) -> None:
    """Each kind of violation is found by the server's books, and nothing else is one."""
    verdict = Verdict()
    judge(verdict, [outcome], Books({FIRST_TAG: applied}, {}, 1))
    assert verdict.good == (complaint is None)
    if complaint is not None:
        assert getattr(verdict, complaint) == 1
        text = Report("dispatch", "sync", Counter({outcome.text: 1}), Books({}, {}, 1), 0.1, 1.0, 1.0, verdict).text()
        assert text.startswith("FAIL Dispatch sync")


def test_an_unknown_vendor() -> None:
    """A vendor that does not exist is an error that names those that do."""
    assert list(chaos("dispach", 1, 1)) == [(f"no vendor 'dispach'; there are {', '.join(VENDORS)}", False)]
