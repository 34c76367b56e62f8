"""One vendor's run as a job that can be done in another process, its events coming back through a queue."""

from __future__ import annotations

import logging
import multiprocessing
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from ..baseline.file import Baseline
from ..baseline.settling import settle
from ..document.document import load as load_document
from ..errors import ContractError, MissingSecretError
from ..evidence.record import record, skipped
from ..evidence.results import Event, Found, Listener
from ..records.journal import JOURNALS, RunJournal, earlier
from ..target import targets as targets
from ..target import vendor as vendors
from ..target.recognition import recognise
from ..traffic import export
from .cleanup import LeftBehind
from .plan import PROBED
from .profiles import profile
from .runner import Run, Settings
from .shards import Shard

_GLANCE = 0.1
_queue: SimpleQueue[Event] | None = None


@frozen
class Job:
    """What to run.

    ``url`` is the target's address, ``None`` for a sandbox of our own; ``missing`` says why there is none although one
    was asked for. ``write`` allows changes at that address, ``journals`` is the folder where those are noted.
    ``strict`` makes an undocumented response field a finding. ``operation`` and ``check`` narrow the run to one,
    ``shard`` to the operations of a part. ``har_out`` is the file that the run is recorded in, ``baseline`` has the
    deviations that are known.
    """

    vendor: str
    profile: str
    seed: int
    url: str | None = None
    write: bool = False
    journals: Path = JOURNALS
    environment: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    missing: str | None = None
    strict: bool = False
    operation: str | None = None
    check: str | None = None
    shard: Shard | None = None
    har_out: Path | None = None
    baseline: Baseline | None = None


def do(job: Job, listeners: Sequence[Listener] = ()) -> dict[str, Any]:
    """Run a job and return its evidence; a vendor whose address or credentials are missing is skipped."""
    quiet()
    started = datetime.now(UTC).astimezone()
    vendor = vendors.load(job.vendor)
    try:
        if job.missing is not None:
            raise MissingSecretError(job.missing)
        if job.url is None:
            way: targets.Way = "mixed" if job.profile == "quick" else "http"
            target = targets.local(vendor, seed=job.seed, way=way)
        else:
            target = targets.remote(vendor, job.url, job.environment, write=job.write)
    except MissingSecretError as missing:
        return skipped(job.vendor, str(missing), started, live=True)
    with target, ExitStack() as stack:
        if job.url is not None:
            recognise(target, load_document(job.vendor))
        journal: RunJournal | None = None
        older: list[LeftBehind] = []
        if target.guarded and job.url is not None:
            found = clean_up(earlier(job.journals, job.vendor, job.url), target).values()
            older = [each for left in found for each in left or ()]
            journal = stack.enter_context(RunJournal.begin(job.journals, job.vendor, job.url, started))
        run = Run(target, _settings(job, listeners, journal))
        if job.har_out is not None:
            run.results.recorded = []
        run.execute()
        run.left_behind += older
        if job.baseline is not None:
            settle(run.results, job.baseline, started.date())
        if job.har_out is not None:
            title = f"{job.vendor}, {job.profile}, seed {job.seed}"
            export.write(job.har_out, run.results.recorded or (), run.session.secrets(), title)
        return record(run, started)


def _settings(job: Job, listeners: Sequence[Listener], journal: RunJournal | None) -> Settings:
    focus = None if job.operation is None else {job.operation}
    if job.shard is not None:
        focus = job.shard.operations(load_document(job.vendor).operations)
    return Settings(
        profile(job.profile),
        job.seed,
        focus=focus,
        shard=job.shard,
        only=job.check,
        fuzz=job.check is None or job.check not in PROBED,
        listeners=listeners,
        journal=journal,
        strict=job.strict or job.check == "undocumented_field",
    )


def clean_up(files: Sequence[Path], target: targets.Target) -> dict[Path, list[LeftBehind] | None]:
    """Delete what earlier runs left at a target; returns what is still there, ``None`` for a run that goes on."""
    outcome: dict[Path, list[LeftBehind] | None] = {}
    for file in files:
        journal = RunJournal.resume(file)
        if journal is None:
            outcome[file] = None
            continue
        with journal:
            run = Run(target, Settings(profile("quick"), journal=journal))
            try:
                run.clean()
            finally:
                run.context.clients.close()
            outcome[file] = run.left_behind
    return outcome


def do_all(jobs: Sequence[Job], listener: Listener, workers: int) -> Iterator[tuple[Job, dict[str, Any] | str]]:
    """Run jobs, several at a time; each returns its evidence, or the sentence that stopped it."""
    if len(jobs) == 1 or workers < 2:
        for job in jobs:
            yield job, _sentence(partial(do, job, [listener]))
        return
    context = multiprocessing.get_context("spawn")
    queue: SimpleQueue[Event] = context.SimpleQueue()
    with ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(queue,)) as pool:
        waiting: dict[Future[dict[str, Any]], Job] = {pool.submit(_do_there, job): job for job in jobs}
        while waiting:
            done, _ = wait(waiting, timeout=_GLANCE, return_when=FIRST_COMPLETED)
            while not queue.empty():
                listener(queue.get())
            for future in done:
                yield waiting.pop(future), _sentence(future.result)


def quiet() -> None:
    """Keep servers and libraries from writing into the display: a fuzzer makes them complain all the time."""
    for name in ("uvicorn", "uvicorn.error", "urllib3", "asyncio", "python_multipart"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _sentence(call: Callable[[], dict[str, Any]]) -> dict[str, Any] | str:
    try:
        return call()
    except ContractError as error:
        return str(error)
    except Exception as error:  # a fault of ours: told in a sentence, and the other vendors are still judged
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{place.filename.rsplit('/', 1)[-1]}:{place.lineno}"
        return f"the contract tests themselves failed, please report it: {type(error).__name__} at {where}: {error}"


def _begin(queue: SimpleQueue[Event]) -> None:
    global _queue
    _queue = queue


def _do_there(job: Job) -> dict[str, Any]:
    return do(job, [_tell])


def _tell(event: Event) -> None:
    """Send an event home, without what does not travel: allowances hold functions, exchanges are large."""
    if _queue is None or (isinstance(event, Found) and event.allowance is not None):
        return
    if isinstance(event, Found):
        event = Found(event.vendor, evolve(event.finding, exchanges=()))
    _queue.put(event)
