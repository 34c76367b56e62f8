"""Threads, tasks, loops, processes, and clients that are closed."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from ..cases import Case, Expect
from ..replies import asked_number, hang
from ..server import Act, Connection, LabServer
from ..shapes import Shapes
from ..stage import Player, Stage

ROOT = Path(__file__).resolve().parents[3]
_TURN = threading.Semaphore(1)
"""Programs take their turn: starting many at a time makes all of them late."""


def life() -> Iterator[Case]:
    """Every way to share a client works, or is one clear error."""
    both, sync, later = ("sync", "async"), ("sync",), ("async",)
    cases: tuple[tuple[str, str, Callable[[Stage], str], str, tuple[str, ...]], ...] = (
        ("crowd", "20 callers at a time, 10 calls each: every record its own", _crowd, "200 right", both),
        ("fork", "a fork after use: every record its own", _outside("fork"), "parent right, children right", both),
        ("fork-busy", "a fork while a call is under way", _outside("fork_busy"), "parent right, child right", sync),
        (
            "fork-first",
            "a fork during the first call of another thread",
            _outside("fork_first"),
            "parent right, child right",
            sync,
        ),
        ("spawn", "multiprocessing with a client for each process", _outside("spawn"), "children right", sync),
        ("second-run", "a second and a third asyncio.run()", _second_run, "1, 2, 3", later),
        ("two-loops", "two event loops at a time", _two_loops, "right", later),
        ("in-loop", "a blocking client inside of a running loop", _in_loop, "1", sync),
        ("closed", "a call on a closed client", _closed, "ConfigurationError", both),
        ("twice-closed", "a client that is closed twice", _twice_closed, "closed", both),
        ("closed-copy", "a call on a copy of a closed client", _closed_copy, "ConfigurationError", both),
        ("cancelled", "a task that is cancelled, then another call", _cancelled, "CancelledError, 2", later),
        (
            "cancelled-token",
            "the task that fetches the token is cancelled",
            _cancelled_token,
            "CancelledError, 1",
            later,
        ),
        ("own-timeout", "asyncio.timeout around a call", _own_timeout, "TimeoutError, 2", later),
        (
            "interrupt",
            "a KeyboardInterrupt during a call, then another",
            _outside("interrupt"),
            "KeyboardInterrupt, 2",
            sync,
        ),
        ("dropped", "a client that nobody closes", _dropped, "no warning", both),
        ("descriptors", "200 calls and a close leave no descriptor", _outside("descriptors"), "none left", both),
    )
    for slug, title, run, expected, twins in cases:
        yield Case(
            id=f"life/{slug}", group="life", title=title, run=run, expect=Expect((expected,), within=120.0), twins=twins
        )


def by_path(v: Shapes) -> Callable[[Connection, bytes], None]:
    """A server that returns the record that is asked for."""

    def act(connection: Connection, request: bytes) -> None:
        connection.send(v.record(asked_number(request)))

    return act


@contextlib.contextmanager
def _reached(stage: Stage, **changes: Any) -> Generator[tuple[Player, LabServer]]:
    with LabServer([by_path(stage.shapes)]) as server, stage.player(base_url=server.url, **changes) as player:
        yield player, server


def _crowd(stage: Stage) -> str:
    wanted = [str(number) for number in range(1, 201)]
    with _reached(stage, timeout=10.0, deadline=25.0) as (player, _):
        if stage.twin == "async":
            found = player.value(lambda api: _gathered(stage, api, range(1, 201)))
        else:
            from concurrent.futures import ThreadPoolExecutor

            with ThreadPoolExecutor(20) as pool:
                found = list(pool.map(partial(_outcome, stage, player), range(1, 201)))
    return f"{sum(a == b for a, b in zip(found, wanted, strict=True))} right"


def _outcome(stage: Stage, player: Player, number: int) -> str:
    return player.outcome(stage.vendor.verb(f"get {number}"))


def _run_gathered(stage: Stage, api: Any, numbers: range) -> list[str]:
    return asyncio.run(_gathered(stage, api, numbers))


async def _gathered(stage: Stage, api: Any, numbers: Any) -> list[str]:
    gate = asyncio.Semaphore(20)

    async def one(number: int) -> str:
        verb = stage.vendor.verb(f"get {number}")
        async with gate:
            return verb.show(await verb.start(api))

    return list(await asyncio.gather(*(one(number) for number in numbers)))


def _outside(name: str) -> Callable[[Stage], str]:
    """A case that needs a separate process."""

    def run(stage: Stage) -> str:
        with LabServer([by_path(stage.shapes)] if name != "interrupt" else [hang(), by_path(stage.shapes)]) as server:
            command = [
                sys.executable,
                "-W",
                "error",
                "-m",
                "benchmarks.lab.processes",
                name,
                stage.vendor.name,
                stage.twin,
                server.url,
            ]
            with _TURN:
                done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        return done.stdout.strip() or f"failed: {done.stderr.strip().splitlines()[-1:]}"

    return run


def _second_run(stage: Stage) -> str:
    with LabServer([by_path(stage.shapes)]) as server:
        api = stage.vendor.client("async")(**stage.settings(base_url=server.url))
        found = [asyncio.run(_one(stage, api, number)) for number in (1, 2, 3)]
        asyncio.run(api.close())
    return ", ".join(found)


async def _one(stage: Stage, api: Any, number: int) -> str:
    verb = stage.vendor.verb(f"get {number}")
    try:
        return verb.show(await verb.start(api))
    except Exception as error:  # whatever comes is what is to be seen
        return type(error).__name__


def _two_loops(stage: Stage) -> str:
    from concurrent.futures import ThreadPoolExecutor

    with LabServer([by_path(stage.shapes)]) as server:
        api = stage.vendor.client("async")(**stage.settings(base_url=server.url))
        with ThreadPoolExecutor(2) as pool:
            halves = list(pool.map(partial(_run_gathered, stage, api), (range(1, 51), range(51, 101))))
        asyncio.run(api.close())
    return "right" if halves[0] + halves[1] == [str(number) for number in range(1, 101)] else "wrong"


def _in_loop(stage: Stage) -> str:
    with _reached(stage) as (player, _):

        async def run() -> str:
            return player.outcome(stage.vendor.verb("get 1"))

        return asyncio.run(run())


def _closed(stage: Stage) -> str:
    with _reached(stage) as (player, _):
        player.value(lambda api: api.close())
        return player.outcome(stage.vendor.verb("get 1"))


def _twice_closed(stage: Stage) -> str:
    with _reached(stage) as (player, _):
        player.outcome(stage.vendor.verb("get 1"))
        player.value(lambda api: api.close())
        player.value(lambda api: api.close())
    return "closed"


def _closed_copy(stage: Stage) -> str:
    with _reached(stage) as (player, _):
        copy = player.api.with_options(timeout=1)
        player.value(lambda api: api.close())
        verb = stage.vendor.verb("get 1")
        try:
            return verb.show(player.value(lambda _: verb.start(copy)))
        except Exception as error:  # whatever comes is what is to be seen
            return type(error).__name__


async def _ended(task: asyncio.Task[Any]) -> str:
    try:
        await task
    except BaseException as error:  # cancellation included
        return type(error).__name__
    return "no error"


def _cancelled(stage: Stage) -> str:
    arrived: list[bytes] = []

    def first(connection: Connection, request: bytes) -> None:
        arrived.append(request)
        connection.hang()

    with LabServer([first, by_path(stage.shapes)]) as server, stage.player(base_url=server.url) as player:
        return str(player.value(lambda api: _cancel_and_call(stage, api, arrived)))


async def _cancel_and_call(stage: Stage, api: Any, arrived: list[bytes]) -> str:
    task = asyncio.ensure_future(stage.vendor.verb("get 1").start(api))
    while not arrived:
        await asyncio.sleep(0.005)
    task.cancel()
    return f"{await _ended(task)}, {await _one(stage, api, 2)}"


def _cancelled_token(stage: Stage) -> str:
    arrived: list[bytes] = []

    def first(connection: Connection, request: bytes) -> None:
        arrived.append(request)
        connection.hang()

    async def run(api: Any) -> str:
        one = asyncio.ensure_future(stage.vendor.verb("get 1").start(api))
        while not arrived:
            await asyncio.sleep(0.005)
        other = asyncio.ensure_future(_one(stage, api, 1))
        await asyncio.sleep(0.02)
        one.cancel()
        return f"{await _ended(one)}, {await other}"

    tokens: list[Act] = [first, stage.shapes.token()]
    login = dict.fromkeys(stage.vendor.direct) | dict(stage.vendor.login)
    with (
        LabServer([by_path(stage.shapes)], tokens=tokens, token_path=stage.shapes.token_path) as server,
        stage.player(base_url=server.url, **login) as player,
    ):
        return str(player.value(run))


def _own_timeout(stage: Stage) -> str:
    async def run(api: Any) -> str:
        try:
            async with asyncio.timeout(0.1):
                await stage.vendor.verb("get 1").start(api)
        except TimeoutError as error:
            return f"{type(error).__name__}, {await _one(stage, api, 2)}"
        return "no error"

    with LabServer([hang(), by_path(stage.shapes)]) as server, stage.player(base_url=server.url) as player:
        return str(player.value(run))


def _dropped(stage: Stage) -> str:
    if stage.twin == "async":
        return _outside("dropped")(stage)
    with LabServer([by_path(stage.shapes)]) as server, warnings.catch_warnings(record=True) as told:
        api = stage.vendor.client("sync")(**stage.settings(base_url=server.url))
        stage.vendor.verb("get 1").start(api)
        del api
        gc.collect()
    ours = [str(warning.message) for warning in told if "accordant" in str(warning.message)]
    return "no warning" if not ours else ours[0]
