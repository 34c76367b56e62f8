"""The fault matrix as a table: a line for each fault, and what became of it at other operations alone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TextIO

from ..evidence.marked import marked_page, put
from . import fault_matrix
from .fault_matrix import NO_FAULT, FaultOutcome


def run_faults(
    vendors: Sequence[str],
    fault: str | None,
    workers: int,
    *,
    more: bool,
    out: TextIO,
    plain: int = 0,
    page: Path | None = None,
) -> int:
    """Try each fault of each vendor, and print the table; returns how many runs did not go as they must.

    ``plain`` lets plain schemathesis loose on the same sandboxes, in the same table: 1 with every fault, 10 with every
    tenth, and those faults alone are tried. ``page`` gets what :func:`markdown` says of each vendor.
    """
    if page is not None:
        for name in vendors:
            marked_page(page, f"faults {name}")
    missed = 0
    for name in vendors:
        faults = fault_matrix.chosen(name, fault)
        if plain:
            faults = [each for number, each in enumerate(faults) if number % plain == 0 or each == NO_FAULT]
        width = max(len(each) for each in faults)
        begun = time.monotonic()
        print(f"{name}: {len(faults)} faults", file=out)
        outcomes: list[FaultOutcome] = []
        for _, group in groupby(
            fault_matrix.try_all(name, faults, workers, more=more, beside=plain > 0), lambda each: each.fault
        ):
            of_one = list(group)
            outcomes += of_one
            for line in lines(of_one, width):
                print(line, file=out, flush=True)
        missed += sum(not each.well for each in outcomes)
        print(f"{name}: {totals(outcomes)} in {time.monotonic() - begun:.1f} s", file=out, flush=True)
        if page is not None:
            put(page, f"faults {name}", markdown(outcomes))
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
    if tried:
        text += f"; plain schemathesis {sum(bool(each.plain) for each in tried)} of {len(tried)}"
        text += f" (without a fault it fails {_alarms(tried)} times; these do not count)"
    return f"{text}; alone at {len(alone)} other operations: {_counts(alone)}" if alone else text


def markdown(outcomes: Sequence[FaultOutcome]) -> str:
    """What became of a vendor's faults, for the docs: in a few sentences, and as a table of their classes."""
    whole = [each for each in outcomes if not each.at and each.fault != NO_FAULT]
    alone = [each for each in outcomes if each.at]
    said = [f"{sum(not each.well for each in outcomes if each.fault == NO_FAULT)} by our checks"]
    said += [f"{_alarms(whole)} by plain schemathesis"] if any(each.plain is not None for each in whole) else []
    text = f"Findings without a fault: {', '.join(said)}."
    if alone:
        by = Counter(_kind(each) for each in alone)
        text += f"\nAlone at {len(alone)} other operations: {', '.join(f'{by[kind]} {kind}' for kind in _KINDS)}."
    rows = [
        ("class", "faults", "our checks", "plain schemathesis"),
        *((cls, *_caught([each for each in whole if each.cls == cls])) for cls in sorted({each.cls for each in whole})),
        ("all", *_caught(whole)),
    ]
    lines = [f"| {' | '.join(each)} |" for each in (rows[0], ["---"] * len(rows[0]), *rows[1:])]
    return "\n".join([text, "", *lines])


def _alarms(outcomes: Iterable[FaultOutcome]) -> int:
    """How much plain schemathesis reports without a fault, at the operations where it was tried."""
    return len(frozenset[object]().union(*(each.alarms for each in outcomes)))


def _caught(outcomes: Sequence[FaultOutcome]) -> tuple[str, ...]:
    tried = [each for each in outcomes if each.plain is not None]
    plain = f"{sum(bool(each.plain) for each in tried)}" + (f" of {len(tried)}" if len(tried) < len(outcomes) else "")
    return str(len(outcomes)), str(sum(each.well for each in outcomes)), plain if tried else "-"


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
