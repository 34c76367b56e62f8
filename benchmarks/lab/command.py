"""`make lab`: play the cases, show the table, exit 1 when something is not as promised."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .cases import Case
from .peer_runs import run_peers
from .registry import chosen, registry
from .running import run_apart, run_here
from .table import Table


def table_of(cases: Sequence[Case], *, apart: bool = True, peers: bool = True) -> Table:
    """Play cases; ``apart`` in separate processes, which know the cases of the registry only."""
    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(run_peers, cases) if peers else None
        rows = run_apart(cases) if apart else run_here(cases)
        return Table(cases, rows, beside.result() if beside is not None else {})


def lab(
    pattern: str | None = None,
    *,
    json_path: str | None = None,
    page: str | None = None,
    peers: bool = True,
    cases: Sequence[Case] | None = None,
) -> tuple[int, str]:
    """The exit code and the text to show."""
    playing = chosen(pattern) if cases is None else cases
    if not playing:
        return 2, f"no case of {len(registry())} has {pattern!r} in its id or its group"
    table = table_of(playing, apart=cases is None and len(playing) > 3, peers=peers)
    path = json_path or os.environ.get("LAB_JSON")
    if path:
        table.write_json(Path(path))
    if page and pattern:
        return 2, "a page shows every case: leave CASE out"
    if page:
        Path(page).write_text(table.page(), encoding="utf-8")
    return (1 if table.missed else 0), table.text()
