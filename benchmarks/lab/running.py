"""Every case for every client: many at a time, in a few processes, each with a bound."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context

from .cases import TWINS, Case, Row, Seen, judge
from .registry import registry
from .resolver import install
from .stage import Stage

BOUND = 90.0
"""Seconds after which a case that does not end is left alone."""
THREADS = 10

Task = tuple[str, str, str]
"""Case, vendor and twin."""


def tasks(cases: Sequence[Case]) -> list[Task]:
    """Everything that is to be played."""
    return [
        (case.id, vendor, twin) for case in cases for vendor in case.vendors for twin in TWINS if twin in case.twins
    ]


def play(case: Case, vendor: str, twin: str) -> Row:
    """Play one case in a separate thread; one that does not end is reported."""
    found: list[Seen] = []

    def run() -> None:
        try:
            found.append(Stage(case, vendor, twin).play())
        except BaseException as error:  # a case that breaks is a row like any other
            found.append(Seen((f"{type(error).__name__}: {error}"[:120],)))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(BOUND)
    return judge(case, vendor, twin, found[0] if found else Seen(("does not end",)))


def _play(by_id: Mapping[str, Case], task: Task) -> Row:
    name, vendor, twin = task
    return play(by_id[name], vendor, twin)


def run_here(cases: Sequence[Case]) -> list[Row]:
    """All rows, played in this process."""
    install()
    by_id = {case.id: case for case in cases}
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(partial(_play, by_id), tasks(cases)))


def run_apart(cases: Sequence[Case]) -> list[Row]:
    """All rows of cases of the registry, played in as many processes as there are processors."""
    every = tasks(cases)
    count = max(1, min(os.cpu_count() or 1, 4, len(every)))
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        parts = list(pool.map(_part, [every[index::count] for index in range(count)]))
    rows = {(row.case, row.vendor, row.twin): row for part in parts for row in part}
    return [rows[task] for task in every]


def _part(part: Sequence[Task]) -> list[Row]:
    install()
    by_id: Mapping[str, Case] = {case.id: case for case in registry()}
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(partial(_play, by_id), part))
