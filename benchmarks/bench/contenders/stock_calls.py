"""The stock generator's client, and the HTTP library that it is made on."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import httpx

from .common import in_flight, measured, serve

sys.path.insert(0, sys.argv[2])  # where it was generated a moment ago
AuthenticatedClient: Any = import_module("stock_dispatch").AuthenticatedClient
get_appointment: Any = import_module("stock_dispatch.api.appointments.get_appointment")
list_appointments: Any = import_module("stock_dispatch.api.appointments.list_appointments")

URL = sys.argv[1]
CLIENT: Any = AuthenticatedClient(base_url=URL, token="bench", timeout=httpx.Timeout(60))
BARE = httpx.Client(base_url=URL, headers={"Authorization": "Bearer bench"})
ASYNC: list[Any] = []


def sync(count: int) -> dict[str, float]:
    """Calls one after the other."""
    return measured(lambda: get_appointment.sync(client=CLIENT, id=7), count)


def bare(count: int) -> dict[str, float]:
    """The library alone: no model, no retry."""
    return measured(lambda: BARE.get("/v3/appointments/7").content, count)


async def concurrent(count: int, tasks: int) -> dict[str, float]:
    """Calls on an event loop."""
    if not ASYNC:
        ASYNC.append(AuthenticatedClient(base_url=URL, token="bench", timeout=httpx.Timeout(60)))
        limits = httpx.Limits(max_connections=None)
        library = httpx.AsyncClient(base_url=URL, headers={"Authorization": "Bearer bench"}, limits=limits, timeout=60)
        ASYNC[0].set_async_httpx_client(library)
    return await in_flight(lambda _: get_appointment.asyncio(client=ASYNC[0], id=7), count, tasks)


def page(offset: int) -> list[Any]:
    """One page."""
    rows: list[Any] = list_appointments.sync(client=CLIENT, limit=100, offset=offset).appointments
    return rows


def walk(window: int) -> dict[str, float]:
    """A walk over all pages: one after the other, or with a pool of threads written by hand."""
    begun = time.perf_counter()
    offsets = range(0, 10_000, 100)
    if window > 1:
        with ThreadPoolExecutor(window) as pool:
            found = [each for rows in pool.map(page, offsets) for each in rows]
    else:
        found = [each for offset in offsets for each in page(offset)]
    return {"wall": time.perf_counter() - begun, "rows": len(found)}


serve({"sync": sync, "bare": bare, "async": concurrent, "walk": walk})
