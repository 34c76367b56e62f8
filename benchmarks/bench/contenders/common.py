"""What every contender's process does: read a task, do it, print what it took."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any


def measured(work: Callable[[], object], count: int) -> dict[str, float]:
    """CPU and wall seconds for each of ``count`` repetitions."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(count):
        work()
    return {"cpu": (time.process_time() - cpu) / count, "wall": (time.perf_counter() - wall) / count}


async def in_flight(call: Callable[[int], Awaitable[object]], count: int, tasks: int) -> dict[str, float]:
    """CPU and wall seconds a call, ``tasks`` at a time."""
    numbers = iter(range(1, count + 1))

    async def one() -> None:
        for number in numbers:
            await call(number)

    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one() for _ in range(tasks)))
    return {"cpu": (time.process_time() - cpu) / count, "wall": (time.perf_counter() - wall) / count}


def serve(tasks: dict[str, Callable[..., Any]]) -> None:
    """Do what standard input asks for until it ends; a coroutine runs on one loop that lives as long as the process."""
    with asyncio.Runner() as runner:
        for line in sys.stdin:
            asked = json.loads(line)
            found = tasks[asked.pop("task")](**asked)
            if asyncio.iscoroutine(found):
                found = runner.run(found)
            print(json.dumps(found), flush=True)  # noqa: T201 - the parent reads it
