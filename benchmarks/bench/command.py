"""``make bench``: the table, as ratios in one run; ``BENCH_JSON=path`` also writes it as JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from . import call_rows, models_rows, process_rows
from .rows import Row, table
from .workers import WorkerError

SECTIONS = ("models", "calls", "imports", "codegen", "lines", "contract", "growth")


def main(options: argparse.Namespace) -> int:
    """Measure and print; 1 where a goal is not reached."""
    wanted = options.only.split(",") if options.only else list(SECTIONS)
    strange = [each for each in wanted if each not in SECTIONS]
    if strange:
        print(f"bench: there is no section {strange[0]!r}; there are: {', '.join(SECTIONS)}", file=sys.stderr)
        return 2
    found: list[Row] = []
    for section in wanted:
        try:
            for row in _section(section, options.rounds):
                print(f"{row.name}: {row.ours:.4g} {row.unit}", file=sys.stderr)
                found.append(row)
        except (WorkerError, subprocess.SubprocessError) as error:
            print(f"bench: {section} could not be measured: {error}", file=sys.stderr)
            return 2
    print(table(found))
    print(f"\n{_machine()}; {options.rounds} rounds, contenders in turn; +- is the distance of the quartiles.")
    if options.json:
        text = json.dumps({each.name: each.as_json() for each in found}, indent=1)
        place = Path(options.json)
        place.parent.mkdir(parents=True, exist_ok=True)
        scratch = place.with_name(f".{place.name}.new")
        scratch.write_text(text + "\n", encoding="utf-8")
        scratch.replace(place)
    missed = [each.name for each in found if each.met is False]
    if missed:
        print(f"\n{len(missed)} of {len(found)} rows do not reach their goal: {', '.join(missed)}")
    return 1 if missed else 0


def _section(name: str, rounds: int) -> Iterator[Row]:
    work: dict[str, Callable[[], Iterator[Row]]] = {
        "models": lambda: models_rows.rows(rounds),
        "calls": lambda: call_rows.rows(rounds),
        "imports": lambda: process_rows.imports(max(5, rounds // 2)),
        "codegen": lambda: _both(process_rows.unchanged(max(5, rounds // 2)), process_rows.generation()),
        "lines": process_rows.lines,
        "contract": process_rows.contract,
        "growth": lambda: _both(models_rows.growth(rounds), call_rows.growth(3)),
    }
    return work[name]()


def _both(*parts: Iterator[Row]) -> Iterator[Row]:
    for part in parts:
        yield from part


def _machine() -> str:
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg()) if hasattr(os, "getloadavg") else "?"
    return f"{os.cpu_count()} cores, load {load}, Python {platform.python_version()}"
