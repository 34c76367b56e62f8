"""Bare HTTP libraries: what a call costs without a typed client on top of it."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from .common import in_flight, measured, serve

URL = sys.argv[1] + "/v3/appointments/7"
HEADERS = {"Authorization": "Bearer bench"}
MADE: dict[str, Any] = {}


def urllib3(count: int) -> dict[str, float]:
    """urllib3, one connection."""
    library: Any = import_module("urllib3")

    pool = MADE.setdefault("urllib3", library.PoolManager())
    return measured(lambda: pool.request("GET", URL, headers=HEADERS).data, count)


def pyreqwest(count: int) -> dict[str, float]:
    """pyreqwest, one connection."""
    builder: Any = import_module("pyreqwest.client").SyncClientBuilder

    client = MADE.get("pyreqwest") or MADE.setdefault("pyreqwest", builder().default_headers(HEADERS).build())
    return measured(lambda: client.get(URL).build().send().bytes(), count)


async def aiohttp(count: int, tasks: int) -> dict[str, float]:
    """aiohttp, as many connections as tasks."""
    library: Any = import_module("aiohttp")

    if "aiohttp" not in MADE:
        MADE["aiohttp"] = library.ClientSession(headers=HEADERS, connector=library.TCPConnector(limit=0))

    async def call(_: int) -> bytes:
        async with MADE["aiohttp"].get(URL) as response:
            return bytes(await response.read())

    return await in_flight(call, count, tasks)


async def pyreqwest_async(count: int, tasks: int) -> dict[str, float]:
    """pyreqwest on an event loop."""
    builder: Any = import_module("pyreqwest.client").ClientBuilder

    client = MADE.get("reqwest async") or MADE.setdefault("reqwest async", builder().default_headers(HEADERS).build())

    async def call(_: int) -> Any:
        return await (await client.get(URL).build().send()).bytes()

    return await in_flight(call, count, tasks)


async def close() -> None:
    """Close what is open on the loop."""
    if "aiohttp" in MADE:
        await MADE["aiohttp"].close()


serve(
    {"urllib3": urllib3, "pyreqwest": pyreqwest, "aiohttp": aiohttp, "pyreqwest_async": pyreqwest_async, "close": close}
)
