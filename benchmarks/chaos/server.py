"""The model as a server: in a thread for short runs, in a separate process for long ones."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeAlias

from attrs import frozen

from .model import Model

Pipe: TypeAlias = Any  # multiprocessing.connection.Connection, whose type says nothing of what travels


@frozen
class Books:
    """What the server did: how often each write was applied, how many faults of which kind, how many requests."""

    applied: Mapping[int, int]
    faults: Mapping[str, int]
    requests: int


class Running:
    """A server that runs; ``end`` gives its books."""

    def __init__(self, port: int, books: Any) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._books = books

    def end(self) -> Books:
        """End the server and get its books."""
        books: Books = self._books()
        return books


async def _serve(model: Model, started: Any, ending: asyncio.Event) -> None:
    server = await asyncio.start_server(model.serve, "127.0.0.1", 0, backlog=512)
    started(server.sockets[0].getsockname()[1])
    await ending.wait()
    server.close()
    open_tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in open_tasks:
        task.cancel()
    await asyncio.gather(*open_tasks, return_exceptions=True)


def _books(model: Model) -> Books:
    return Books(dict(model.applied), dict(model.faults), model.requests)


@contextmanager
def in_thread(vendor: str, seed: int, *, pace: float = 1.0) -> Generator[Running]:
    """The server in a thread of this process; ``pace`` stretches its delays."""
    model, ready = Model(vendor, seed, pace=pace), threading.Event()
    port: list[int] = []
    loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def started(number: int) -> None:
        port.append(number)
        ready.set()

    async def main() -> None:
        ending = asyncio.Event()
        loops.append((asyncio.get_running_loop(), ending))
        await _serve(model, started, ending)

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    ready.wait(10)

    def end() -> Books:
        loop, ending = loops[0]
        if thread.is_alive():
            loop.call_soon_threadsafe(ending.set)
            thread.join(10)
        return _books(model)

    try:
        yield Running(port[0], end)
    finally:
        end()


@contextmanager
def in_process(vendor: str, seed: int) -> Generator[Running]:
    """The server in a separate process."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_main, args=(vendor, seed, there), daemon=True)
    process.start()
    there.close()
    kept: list[Books] = []

    def end() -> Books:
        if not kept:
            here.send("end")
            kept.append(here.recv())
        return kept[0]

    try:
        yield Running(here.recv(), end)
    finally:
        if process.is_alive():
            process.terminate()
        process.join()
        here.close()


def _main(vendor: str, seed: int, pipe: Pipe) -> None:
    model = Model(vendor, seed)

    async def main() -> None:
        ending = asyncio.Event()
        asyncio.get_running_loop().add_reader(pipe.fileno(), ending.set)
        await _serve(model, pipe.send, ending)

    asyncio.run(main())
    pipe.send(_books(model))
