"""The rows of four accounts before and after runs at their addresses, as a table of the docs."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TextIO

from ..evidence.marked import marked_page, put
from .live_rows import LiveRun, live_runs

MARK: Final = "live-rows"
_HEAD: Final = (
    "vendor", "run", "rows before", "rows after", "changed", "removed", "left", "requests", "429", "findings",
)  # fmt: skip


def run_live_rows(names: Sequence[str], page: Path | None, out: TextIO) -> int:
    """Run each vendor's live runs, print the table, put it into a page; returns how many runs did harm or are red."""
    if page is not None:
        marked_page(page, MARK)
    done: list[LiveRun] = []
    with tempfile.TemporaryDirectory(prefix="accordant-live-") as folder:
        for name in names:
            for each in live_runs(name, Path(folder) / name):
                done.append(each)
                print("\n".join(told(each)), file=out, flush=True)
    table = markdown(done)
    print(f"\n{table}", file=out)
    if page is not None:
        put(page, MARK, table)
        print(f"\n{page}: the table is written", file=out)
    return sum(not each.well for each in done)


def told(run: LiveRun) -> list[str]:
    """One run in a line, and what was not as it must be, a line each."""
    rows, state = run.rows, "ok  " if run.well else "BAD "
    lines = [f"{state} {run.vendor}, {run.mode}: {rows.before} rows, then {rows.after}; {run.requests} requests"]
    for what, which in (
        ("changed", rows.changed),
        ("removed", rows.removed),
        ("left", rows.left),
        ("left behind", run.left_behind),
        ("finding", run.findings),
    ):
        lines += [f"       {what}: {each}"[:300] for each in which]
    if run.code and not run.findings:
        lines.append(f"       exit code {run.code}")
    return lines


def markdown(runs: Sequence[LiveRun]) -> str:
    """The table."""
    lines = [_line(_HEAD), _line(["---"] * len(_HEAD))]
    return "\n".join([*lines, *(_line(_cells(each)) for each in runs)])


def _cells(run: LiveRun) -> list[str]:
    rows = run.rows
    there = "" if run.killed is None else f" ({run.killed} when it was killed)"
    counted = [rows.before, f"{rows.after}{there}", len(rows.changed), len(rows.removed), _left(run)]
    found = "-" if run.killed is not None else len(run.findings)
    return [run.vendor, run.mode, *map(str, counted), str(run.requests), str(run.limited), str(found)]


def _left(run: LiveRun) -> str:
    """How many rows are left, and why."""
    why = f": {'; '.join(run.left_behind)}" if run.left_behind else ""
    more = f" ({run.unshown} that no operation shows)" if run.unshown > 0 else ""
    return f"{len(run.rows.left)}{why}{more}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(each.replace('|', '/') for each in cells)} |"
