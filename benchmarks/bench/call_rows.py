"""Calls over loopback: one after the other, many at a time, and walks over pages."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from . import environments
from .rows import Goal, Row, compared
from .workers import Worker, module

SYNC = 300
"""Calls in a round, one after the other."""
TASKS = (1, 10, 50)
MANY = 1000
TRANSPORTS: Final[Mapping[str, tuple[float, float]]] = {
    "ours": (0.95, 0.85),
    "httpx2": (0.75, 0.45),
    "fast": (0.40, 0.12),
}
"""By transport (``ours`` is httpx) the goals: blocking over httpx, asynchronous over the stock client."""


def _on(transport: str) -> str:
    return "" if transport == "ours" else f" on {transport}"


def _ours(transport: str, command: list[str]) -> Worker:
    named = "httpx" if transport == "ours" else transport
    return Worker(f"accordant on {named}", command, {**os.environ, "ACCORDANT_TRANSPORT": named})


@contextmanager
def contenders(delay: float = 0.0) -> Generator[dict[str, Worker]]:
    """The server and, at work against it, everybody who is compared."""
    command = [sys.executable, str(Path(__file__).parent / "server.py"), str(delay)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert server.stdin is not None
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="accordant-bench-") as scratch:
        stack.callback(server.wait, 10)
        stack.callback(server.stdin.close)
        environments.stock_dispatch(Path(scratch))
        here, peers = Path(sys.executable), environments.peers()
        made = {
            **{name: _ours(name, module(here, "ours_calls", url)) for name in TRANSPORTS},
            "stock": Worker("stock", module(here, "stock_calls", url, scratch)),
        }
        if peers is not None:
            made["peers"] = Worker("peers", module(peers, "peer_calls", url))
        for worker in made.values():
            stack.enter_context(worker)
        yield made


def rows(rounds: int) -> Iterator[Row]:
    """The rows of calls: CPU seconds of the client's process, rounds in turn."""
    with contenders() as made:
        figures = _rounds(made, rounds, "sync", SYNC, [("bare", "httpx"), ("urllib3", ""), ("pyreqwest", "")])
        for name, (goal, _) in TRANSPORTS.items():
            yield compared(
                f"sync typed call{_on(name)}",
                "us CPU",
                figures,
                Goal(goal, "bare"),
                ours=name,
                peer=("urllib3", "pyreqwest"),
                limit="pyreqwest",
                note="base httpx.Client.get without decoding",
            )
        for tasks in (*TASKS, MANY):
            count, turns = max(SYNC, tasks), 3 if tasks == MANY else max(3, rounds // 2)
            peers = [("aiohttp", ""), ("pyreqwest_async", "")]
            figures = _rounds(made, turns, "async", count, peers, tasks=tasks)
            for name, (_, goal) in TRANSPORTS.items():
                yield compared(
                    f"async, {tasks:,} in flight{_on(name)}",
                    "us CPU",
                    figures,
                    # The goals of the others are those with 50 in flight.
                    Goal(goal if tasks == 50 else 0.85),
                    ours=name,
                    peer=("aiohttp", "pyreqwest_async"),
                    limit="pyreqwest_async",
                )
        if "peers" in made:
            made["peers"].ask("close")
    with contenders(0.02) as made:
        yield from _walks(made, max(3, rounds // 5))


def growth(rounds: int) -> Iterator[Row]:
    """What a call costs with 1, 16, 100 and 1,000 of them in flight."""
    with contenders() as made:
        base = 0.0
        for tasks in (1, 16, 100, 1000):
            found = [made["ours"].ask("async", count=max(SYNC, 3 * tasks), tasks=tasks)["cpu"] for _ in range(rounds)]
            figure = sorted(found)[len(found) // 2] * 1e6
            base = base or figure
            yield Row(f"growth: async, {tasks:,} in flight", "us CPU", figure, ratio=figure / base, note="over 1")


def _rounds(
    made: dict[str, Worker], rounds: int, task: str, count: int, others: list[tuple[str, str]], **arguments: Any
) -> dict[str, list[float]]:
    """Microseconds of CPU a call; the first round warms up and does not count."""
    figures: dict[str, list[float]] = {}
    for number in range(rounds + 1):
        work = [(name, made[name], task) for name in (*TRANSPORTS, "stock")]
        work += [
            (name, made["stock" if name == "bare" else "peers"], name)
            for name, _ in others
            if name == "bare" or "peers" in made
        ]
        for name, worker, what in work[number % len(work) :] + work[: number % len(work)]:
            found = worker.ask(what, count=count, **arguments)["cpu"] * 1e6
            if number:
                figures.setdefault(name, []).append(found)
    return figures


def _walks(made: dict[str, Worker], rounds: int) -> Iterator[Row]:
    base: list[float] = []
    pool: list[float] = []
    ours: dict[str, list[float]] = {"walk": [], "walk_async": []}
    for _ in range(rounds):
        base.append(made["stock"].ask("walk", window=1)["wall"])
        pool.append(made["stock"].ask("walk", window=8)["wall"])
        for task, found in ours.items():
            found.append(made["ours"].ask(task, window=8)["wall"])
    for task, name in (("walk", "sync"), ("walk_async", "async")):
        yield compared(
            f"walk 100 pages at 20 ms, 8 in flight, {name}",
            "s wall",
            {"stock": base, "pool": pool, "ours": ours[task]},
            Goal(6.0, better="higher"),
            peer=("pool",),
            note="stock walks one page after the other; peer: a pool of threads",
        )
