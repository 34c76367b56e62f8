"""Cases that need a separate process: `python -m benchmarks.lab.processes NAME VENDOR TWIN URL`."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from .clients import LAB_VENDORS

CALLS = 60
CHILDREN = 3
CHILD_BOUND, BOUND = 8, 40
"""Seconds after which a process ends whatever it is doing."""


class Process:
    """One client in this process."""

    def __init__(self, vendor: str, twin: str, url: str) -> None:
        self.vendor, self.twin = LAB_VENDORS[vendor], twin
        self._settings = {"timeout": 5.0, "deadline": 10.0, "base_url": url, **self.vendor.more, **self.vendor.direct}
        self.runner = asyncio.Runner() if twin == "async" else None
        self.api = self.made()

    def made(self) -> Any:
        """A client."""
        return self.vendor.client(self.twin)(**self._settings)

    def right(self, numbers: Sequence[int]) -> bool:
        """Whether every record is the one that was asked for."""
        return all(self.got(number) == str(number) for number in numbers)

    def got(self, number: int) -> str:
        """The id of one record."""
        verb = self.vendor.verb(f"get {number}")
        return verb.show(self.value(verb.start))

    def value(self, start: Callable[[Any], Any]) -> Any:
        """The result of a call."""
        if self.runner is None:
            return start(self.api)

        async def run() -> Any:
            return await start(self.api)

        return self.runner.run(run())

    def close(self) -> None:
        """Close the client."""
        self.value(lambda api: api.close())
        if self.runner is not None:
            self.runner.close()


def _said(good: bool) -> str:
    return "right" if good else "wrong"


def _ended(children: Sequence[int]) -> str:
    """What became of children: right, wrong, or stuck until their alarm rang."""
    codes = {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children}
    return "stuck" if -signal.SIGALRM in codes else _said(codes == {0})


def fork(process: Process) -> str:
    """Use the client, fork, and read in the parent and its children at a time."""
    process.got(1)
    children = [_child(process, index) for index in range(CHILDREN)]
    parent = process.right(range(1000, 1000 + CALLS))
    return f"parent {_said(parent)}, children {_ended(children)}"


def _child(process: Process, index: int) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    signal.alarm(CHILD_BOUND)  # a child that is stuck must not stay behind
    try:
        if process.runner is not None:  # a loop does not survive a fork; a child runs its own
            process.runner = asyncio.Runner()
        status = 0 if process.right(range(2000 * (index + 1), 2000 * (index + 1) + CALLS)) else 1
    finally:
        os._exit(status)


class SlowModels:
    """Lets the import of a generated model take a while, as on a slow disk, and tells when one has begun."""

    def __init__(self) -> None:
        self.begun = threading.Event()

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        """Find nothing, slowly."""
        if "_generated." in name and ".models." in name:
            self.begun.set()
            time.sleep(0.2)


def fork_first(process: Process) -> str:
    """Fork while another thread makes the first call of all, for which it imports a model."""
    models = SlowModels()
    sys.meta_path.insert(0, models)
    return _fork_among_threads(process, models.begun, 5.0)


def fork_busy(process: Process) -> str:
    """Fork while other threads are in the middle of calls."""
    process.got(1)
    return _fork_among_threads(process, threading.Event(), 0.05)


def _fork_among_threads(process: Process, moment: threading.Event, wait: float) -> str:
    """Fork at a moment, or after a little while, in which four threads make calls."""
    ending, found = threading.Event(), list[bool]()

    def work() -> None:
        number = 100
        while not ending.is_set():
            number += 1
            found.append(process.got(number) == str(number))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    moment.wait(wait)
    child = _ended([_child(process, 1)])
    ending.set()
    for thread in threads:
        thread.join()
    return f"parent {_said(all(found))}, child {child}"


def spawn(process: Process) -> str:
    """Processes that make their own clients."""
    url = str(process.api.base_url)
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        found = pool.starmap(_worker, [(process.vendor.name, url, 100 * index) for index in (1, 2)])
    return f"children {_said(all(found))}"


def _worker(vendor: str, url: str, first: int) -> bool:
    process = Process(vendor, "sync", url)
    try:
        return process.right(range(first, first + 10))
    finally:
        process.close()


def interrupt(process: Process) -> str:
    """Interrupt a call that hangs, as Ctrl-C does, and make another."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a program in the background ignores Ctrl-C
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    try:
        process.got(1)
    except KeyboardInterrupt:
        return f"KeyboardInterrupt, {process.got(2)}"
    return "no interrupt"


def dropped(process: Process) -> str:
    """Let go of a client without closing it."""
    process.got(1)
    process.api = None
    gc.collect()
    return "no warning"


def descriptors(process: Process) -> str:
    """Count the descriptors before a client is made and after it is closed."""
    process.close()
    here = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
    before = len(os.listdir(here))
    if process.twin == "async":
        process.runner = asyncio.Runner()
    process.api = process.made()
    process.right(range(1, 201))
    process.close()
    gc.collect()
    left = len(os.listdir(here)) - before
    return "none left" if left <= 0 else f"{left} left"


CASES: dict[str, Callable[[Process], str]] = {
    **{"fork": fork, "fork_busy": fork_busy, "fork_first": fork_first, "spawn": spawn},
    **{"interrupt": interrupt, "dropped": dropped, "descriptors": descriptors},
}


def main(arguments: Sequence[str]) -> None:
    """Play one case."""
    name, vendor, twin, url = arguments
    signal.alarm(BOUND)
    process = Process(vendor, twin, url)
    sys.stdout.write(CASES[name](process) + "\n")
    if name not in ("descriptors", "dropped"):
        process.close()


if __name__ == "__main__":
    main(sys.argv[1:])
