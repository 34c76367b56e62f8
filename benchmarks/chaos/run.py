"""One client in the storm: its calls, what each came to, and the verdict."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from attrs import define, field, frozen

from accordant import RetryPolicy
from accordant.errors import AccordantError, APIStatusError, DecodeError, TransportError

from ..lab.clients import LAB_VENDORS, LabVendor
from .model import FIRST_TAG, ROWS, row_text
from .server import Books, Running

THREADS: Final = 16
TASKS: Final = 100
TIMEOUT: Final = 0.8
DEADLINE: Final = 2.5
SLACK: Final = 1.0
"""Seconds by which a call may outlast its deadline on a busy machine."""

TEXTS: Final = {"dispatch": "title", "dibop": "name", "dime_scheduler": "description", "espace": "full_description"}
COUNTED: Final = frozenset({"dispatch", "dibop"})
"""Vendors whose lists have pages and a total."""

Serve = Callable[[str, int], AbstractContextManager[Running]]


@frozen
class Call:
    """One call: ``get``, ``create`` or ``list``, and its number."""

    kind: str
    number: int


@define
class Outcome:
    """What a call came to: ``done``, or the class of its error; ``certain`` where that says that nothing was done."""

    call: Call
    text: str
    seconds: float
    right: bool = True
    typed: bool = True
    certain: bool = False


@define
class Verdict:
    """Everything that was judged; all of these counts must be 0."""

    late: int = 0
    untyped: int = 0
    wrong_records: int = 0
    lies: int = 0
    hidden: int = 0
    twice: int = 0
    descriptors: int = 0
    threads: int = 0
    warnings: list[str] = field(factory=list[str])
    lost: int = 0

    @property
    def good(self) -> bool:
        """Whether nothing was wrong."""
        counts = (self.late, self.untyped, self.wrong_records, self.lies, self.hidden, self.twice)
        return not any((*counts, self.descriptors, self.threads, self.warnings, self.lost))


@frozen
class Report:
    """One client's run."""

    vendor: str
    twin: str
    outcomes: Counter[str]
    books: Books
    slowest: float
    seconds: float
    processor: float
    verdict: Verdict

    @property
    def _cost(self) -> str:
        each = 1000 * self.processor / max(1, sum(self.outcomes.values()))
        return f"{self.seconds:.0f} s in all, {each:.1f} ms of processor time a call"

    def text(self) -> str:
        """The run in a few lines."""
        verdict = self.verdict
        title = LAB_VENDORS[self.vendor].title
        calls = sum(self.outcomes.values())
        faults = sum(self.books.faults.values())
        ends = ", ".join(f"{count} {name}" for name, count in self.outcomes.most_common())
        judged = (
            f"late {verdict.late}, untyped {verdict.untyped}, wrong records {verdict.wrong_records}, "
            f"reported done and not done {verdict.lies}, reported not done and done {verdict.hidden}, "
            f"done twice {verdict.twice}, descriptors left {verdict.descriptors}, threads left {verdict.threads}, "
            f"calls lost {verdict.lost}, warnings {len(verdict.warnings)}"
        )
        head = (
            f"{'ok  ' if verdict.good else 'FAIL'} {title} {self.twin}: {calls} calls, {self.books.requests} requests"
        )
        speed = f"{faults} faults, slowest {self.slowest:.2f} s of {DEADLINE} s, {self._cost}"
        more = [f"     {text}" for text in verdict.warnings[:5]]
        return "\n".join((f"{head}, {speed}", f"     {judged}", f"     {ends}", *more))


def calls(vendor: str, count: int, seed: int) -> list[Call]:
    """The calls of a run, the same for the same seed: mostly reads, a third writes, a few walks."""
    chance = random.Random(seed)
    made: list[Call] = []
    for index in range(count):
        what = chance.random()
        if what < 0.02 and vendor in COUNTED:
            made.append(Call("list", 0))
        elif what < 0.35:
            made.append(Call("create", FIRST_TAG + index))
        else:
            made.append(Call("get", chance.randrange(1, 1_000_000)))
    return made


def storm(vendor: str, twin: str, count: int, seed: int, serve: Serve, *, pace: float = 1.0) -> Report:
    """Send calls through the storm and judge them by the server's books; ``pace`` stretches the client's patience."""
    begun, processor = time.monotonic(), time.process_time()
    with serve(vendor, seed) as server, _listening() as told:
        before, threads = _descriptors(), threading.active_count()
        planned = calls(vendor, count, seed)
        driver = _tasks if twin == "async" else _threads
        outcomes = driver(LAB_VENDORS[vendor], _client(LAB_VENDORS[vendor], twin, server.url, pace), planned)
        gc.collect()
        # What the server has not closed yet is on its side of the same process.
        deadline = time.monotonic() + 3
        while _descriptors() > before and time.monotonic() < deadline:
            time.sleep(0.05)
        verdict = Verdict(
            descriptors=max(0, _descriptors() - before), threads=max(0, threading.active_count() - threads)
        )
        books = server.end()
    verdict.lost = count - len(outcomes)
    verdict.warnings = told
    judge(verdict, outcomes, books)
    ends = Counter(outcome.text for outcome in outcomes)
    slowest = max(outcome.seconds for outcome in outcomes)
    seconds, processor = time.monotonic() - begun, time.process_time() - processor
    return Report(vendor, twin, ends, books, slowest, seconds, processor, verdict)


def judge(verdict: Verdict, outcomes: list[Outcome], books: Books) -> None:
    """Count what is wrong with outcomes, by the books of the server."""
    for outcome in outcomes:
        verdict.late += outcome.seconds > DEADLINE + SLACK
        verdict.untyped += not outcome.typed
        verdict.wrong_records += not outcome.right
        if outcome.call.kind == "create":
            times = books.applied.get(outcome.call.number, 0)
            done = outcome.text == "done"
            verdict.lies += done and times == 0
            verdict.hidden += outcome.certain and times > 0
            verdict.twice += times > 1 and (done or outcome.certain)


def _client(vendor: LabVendor, twin: str, url: str, pace: float) -> Any:
    made = {**vendor.login, **vendor.more, "base_url": url, "deviations": "strict"}
    retries = RetryPolicy(2, base=0.02 * pace, cap=0.1 * pace)
    return vendor.client(twin)(**made, timeout=TIMEOUT * pace, deadline=DEADLINE * pace, retries=retries)


def _start(vendor: LabVendor, api: Any, call: Call) -> Any:
    """The value, or what is to be awaited."""
    tag = call.number
    if call.kind == "get":
        return vendor.get(api, call.number)
    if call.kind == "list":
        return vendor.rows(api)
    if vendor.name == "dispatch":
        return api.appointments.create(job_id=tag, status="draft", duration=60)
    if vendor.name == "dibop":
        return api.orchestrations.create(name=str(tag))
    if vendor.name == "dime_scheduler":
        return api.appointments.upsert({"appointmentNo": str(tag)})
    return api.work_orders.create(full_description=str(tag), location_id=1, service_category_id=1, priority_id=1)


def _right(vendor: LabVendor, call: Call, got: Any) -> bool:
    """Whether a result is the one that was asked for."""
    if call.kind == "create":
        return str(vendor.made(got)) == str(call.number)
    if call.kind == "list":
        return [int(getattr(row, vendor.row_key)) for row in got] == list(range(1, ROWS + 1))
    return str(getattr(got, vendor.key)) == str(call.number) and getattr(got, TEXTS[vendor.name]) == row_text(
        call.number
    )


def _failed(call: Call, error: BaseException, seconds: float) -> Outcome:
    typed = isinstance(error, AccordantError)
    certain = (isinstance(error, TransportError) and not error.sent) or (
        isinstance(error, APIStatusError) and not error.may_have_been_applied
    )
    # A success whose body is broken says nothing about a write that was not done.
    certain = certain and not isinstance(error, DecodeError)
    return Outcome(call, type(error).__name__, seconds, typed=typed, certain=certain)


def _threads(vendor: LabVendor, client: Any, planned: list[Call]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    waiting = iter(planned)
    lock = threading.Lock()

    def work(api: Any) -> None:
        while True:
            with lock:
                call = next(waiting, None)
            if call is None:
                return
            begun = time.monotonic()
            try:
                got = _start(vendor, api, call)
            except Exception as error:  # whatever comes is judged
                outcomes.append(_failed(call, error, time.monotonic() - begun))
            else:
                outcomes.append(Outcome(call, "done", time.monotonic() - begun, _right(vendor, call, got)))

    with client as api:
        threads = [threading.Thread(target=work, args=(api,)) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return outcomes


def _tasks(vendor: LabVendor, client: Any, planned: list[Call]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    waiting = iter(planned)

    async def work(api: Any) -> None:
        for call in waiting:
            begun = time.monotonic()
            try:
                got = await _start(vendor, api, call)
            except Exception as error:  # whatever comes is judged
                outcomes.append(_failed(call, error, time.monotonic() - begun))
            else:
                outcomes.append(Outcome(call, "done", time.monotonic() - begun, _right(vendor, call, got)))

    async def run() -> None:
        async with client as api:
            await asyncio.gather(*(work(api) for _ in range(TASKS)))

    asyncio.run(run())
    return outcomes


def _descriptors() -> int:
    place = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
    return len(os.listdir(place))


@contextmanager
def _listening() -> Generator[list[str]]:
    """Collect warnings and what nobody could raise."""
    told: list[str] = []
    unraisable, threads = sys.unraisablehook, threading.excepthook
    sys.unraisablehook = lambda event: told.append(f"unraisable: {event.exc_value!r} in {event.object!r}")
    threading.excepthook = lambda event: told.append(f"in a thread: {event.exc_value!r}")
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield told
            gc.collect()
        told += [f"warning: {warning.message}" for warning in caught]
    finally:
        sys.unraisablehook, threading.excepthook = unraisable, threads
