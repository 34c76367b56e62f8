"""The fault matrix as a table: a line for each fault, and what became of it at other operations alone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final, TextIO

from ..evidence.marked import put
from . import fault_matrix
from .fault_matrix import NO_FAULT, FaultOutcome

MARK: Final = "faults"


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
    tenth, and those faults alone are tried. ``page`` gets what :func:`markdown` says of all.
    """
    every: list[FaultOutcome] = []
    alarms: dict[str, int] = {}
    for name in vendors:
        faults = fault_matrix.chosen(name, fault)
        if plain:
            faults = [each for number, each in enumerate(faults) if number % plain == 0 or each == NO_FAULT]
            alarms[name] = len(fault_matrix.plainly(name, NO_FAULT))
            print(
                f"{name}: plain schemathesis fails {alarms[name]} times without a fault; these do not count", file=out
            )
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
        every += outcomes
        print(f"{name}: {totals(outcomes)} in {time.monotonic() - begun:.1f} s", file=out)
    missed = sum(not each.well for each in every)
    well = "every fault was caught, wherever it had an occasion to act"
    print(f"{missed} of the runs did not go as they must" if missed else well, file=out)
    if page is not None:
        put(page, MARK, markdown(every, alarms))
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


def markdown(outcomes: Sequence[FaultOutcome], alarms: Mapping[str, int]) -> str:
    """Two tables of the docs: what became of the faults of each vendor, and of each class.

    ``alarms`` is how often plain schemathesis fails at a vendor's sandbox without a fault.
    """
    whole = [each for each in outcomes if not each.at and each.fault != NO_FAULT]
    names = list(dict.fromkeys(each.vendor for each in outcomes))
    found = {each.vendor: int(not each.well) for each in outcomes if each.fault == NO_FAULT}
    head = ("faults", "our checks", "plain schemathesis")
    by_vendor = [
        ("vendor", *head, "findings without a fault: ours", "plain", "alone at other operations", *_KINDS),
        *(
            (
                name,
                *_caught([each for each in whole if each.vendor == name]),
                str(found.get(name, "-")),
                str(alarms.get(name, "-")),
                *_placed([each for each in outcomes if each.vendor == name and each.at]),
            )
            for name in names
        ),
    ]
    classes = sorted({each.cls for each in whole})
    by_class = [
        ("class", *head),
        *((cls, *_caught([each for each in whole if each.cls == cls])) for cls in classes),
        ("all", *_caught(whole)),
    ]
    return f"{_table(by_vendor)}\n\n{_table(by_class)}"


def _caught(outcomes: Sequence[FaultOutcome]) -> tuple[str, ...]:
    tried = [each for each in outcomes if each.plain is not None]
    plain = f"{sum(bool(each.plain) for each in tried)}" + (f" of {len(tried)}" if len(tried) < len(outcomes) else "")
    return str(len(outcomes)), str(sum(each.well for each in outcomes)), plain if tried else "-"


def _placed(outcomes: Sequence[FaultOutcome]) -> tuple[str, ...]:
    by = Counter(_kind(each) for each in outcomes)
    return str(len(outcomes)), *(str(by[kind]) for kind in _KINDS)


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *others = rows
    return "\n".join(f"| {' | '.join(each)} |" for each in (head, ["---"] * len(head), *others))


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
