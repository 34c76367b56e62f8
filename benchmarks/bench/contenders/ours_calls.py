"""accordant's client, called as a user calls it: a token, the default retries, typed results."""

from __future__ import annotations

import sys
import time
from typing import Any

from accordant.dispatch import AsyncDispatch, Dispatch

from .common import in_flight, measured, serve

URL = sys.argv[1]
API = Dispatch(token="bench", base_url=URL, timeout=30)
ASYNC: list[AsyncDispatch] = []


def sync(count: int) -> dict[str, float]:
    """Calls one after the other."""
    return measured(lambda: API.appointments.get(7), count)


async def concurrent(count: int, tasks: int) -> dict[str, float]:
    """Calls on an event loop."""
    if not ASYNC:
        ASYNC.append(AsyncDispatch(token="bench", base_url=URL, timeout=60))
    return await in_flight(lambda _: ASYNC[0].appointments.get(7), count, tasks)


def walk(window: int) -> dict[str, float]:
    """A walk over all pages, in order."""
    begun = time.perf_counter()
    pages: Any = API.appointments.list(limit=100)
    found = [each.id for each in (pages.prefetch(window) if window > 1 else pages)]
    assert found == list(range(len(found)))
    return {"wall": time.perf_counter() - begun, "rows": len(found)}


async def walk_async(window: int) -> dict[str, float]:
    """The same on an event loop."""
    if not ASYNC:
        ASYNC.append(AsyncDispatch(token="bench", base_url=URL, timeout=60))
    begun = time.perf_counter()
    pages: Any = ASYNC[0].appointments.list(limit=100)
    found = [each.id async for each in (pages.prefetch(window) if window > 1 else pages)]
    assert found == list(range(len(found)))
    return {"wall": time.perf_counter() - begun, "rows": len(found)}


serve({"sync": sync, "async": concurrent, "walk": walk, "walk_async": walk_async})
