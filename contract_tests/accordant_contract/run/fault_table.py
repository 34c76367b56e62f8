"""The fault matrix as a table: a line for each fault, and what became of it at other operations alone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TextIO

from . import fault_matrix
from .fault_matrix import NO_FAULT, FaultOutcome


def run_faults(
    vendors: Sequence[str], fault: str | None, workers: int, *, more: bool, out: TextIO, plain: int = 0
) -> int:
    """Try each fault of each vendor, and print the table; returns how many runs did not go as they must.

    ``plain`` lets plain schemathesis loose on the same sandboxes, in the same table: 1 with every fault, 10 with every
    tenth, and those faults alone are tried.
    """
    missed = 0
    for name in vendors:
        faults = fault_matrix.chosen(name, fault)
        known = None
        if plain:
            faults = [each for number, each in enumerate(faults) if number % plain == 0 or each == NO_FAULT]
            known = fault_matrix.plainly(name, NO_FAULT, None)
            print(f"{name}: plain schemathesis fails {len(known)} times without a fault; these do not count", file=out)
        width = max(len(each) for each in faults)
        begun = time.monotonic()
        print(f"{name}: {len(faults)} faults", file=out)
        outcomes: list[FaultOutcome] = []
        for _, group in groupby(
            fault_matrix.try_all(name, faults, workers, more=more, known=known), lambda each: each.fault
        ):
            of_one = list(group)
            outcomes += of_one
            for line in lines(of_one, width):
                print(line, file=out, flush=True)
        missed += sum(not each.well for each in outcomes)
        print(f"{name}: {totals(outcomes)} in {time.monotonic() - begun:.1f} s", file=out)
    well = "every fault was caught, wherever it had an occasion to act"
    print(f"{missed} of the runs did not go as they must" if missed else well, file=out)
    return missed


def lines(outcomes: Sequence[FaultOutcome], width: int = 0) -> Iterator[str]:
    """What became of one fault: wherever it applies first, then at other operations alone."""
    first, *others = outcomes
    named = f"{first.fault.ljust(width)} -> {first.expected}"
    by = "nothing" if first.plain == "" else first.plain
    beside = "" if first.plain is None else f"; plain schemathesis: {by}"
    yield f"{_mark(first)} {named}: {first.verdict} ({first.calls} calls){beside}"
    yield from _trouble(first)
    if others:
        yield f"       alone at {len(others)} other operations: {_counts(others)}"
    for each in others:
        if not each.well:
            yield f"MISS   at {each.at}: {each.verdict}"
            yield from _trouble(each)
        elif each.caught is None:
            yield f"--     at {each.at}: {each.verdict}"[:200]


def totals(outcomes: Iterable[FaultOutcome]) -> str:
    """How many faults were caught by their check, and what became of them at other operations alone."""
    every = [each for each in outcomes if each.fault != NO_FAULT]
    alone = [each for each in every if each.at]
    whole = [each for each in every if not each.at]
    text = f"{sum(each.well for each in whole)} of {len(whole)} faults caught by their check"
    tried = [each for each in whole if each.plain is not None]
    text += f"; plain schemathesis {sum(bool(each.plain) for each in tried)} of {len(tried)}" if tried else ""
    return f"{text}; alone at {len(alone)} other operations: {_counts(alone)}" if alone else text


def _counts(outcomes: Sequence[FaultOutcome]) -> str:
    by = Counter(_kind(each) for each in outcomes)
    return ", ".join(f"{by[kind]} {kind}" for kind in _KINDS if by[kind])


_KINDS = ("caught by the named check", "by another", "where nothing can show it", "missed")


def _kind(outcome: FaultOutcome) -> str:
    if outcome.caught is None:
        return _KINDS[2] if outcome.well else _KINDS[3]
    return _KINDS[0] if outcome.caught == outcome.expected else _KINDS[1]


def _mark(outcome: FaultOutcome) -> str:
    return "ok  " if outcome.well else "MISS"


def _trouble(outcome: FaultOutcome) -> Iterator[str]:
    if not outcome.well:
        yield f"       {outcome.message}"[:300]
