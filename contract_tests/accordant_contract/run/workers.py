"""Runs as jobs, whose parts can be done in other processes, their events coming back through a queue."""

from __future__ import annotations

import gc
import json
import logging
import multiprocessing
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from attrs import evolve, field, frozen

from ..baseline.file import Baseline
from ..baseline.settling import settle
from ..corpus.file import FOLDER, Corpus, case_of, content, path_in, read
from ..document.document import Operation
from ..document.document import load as load_document
from ..errors import ContractError, MissingSecretError
from ..evidence import store
from ..evidence.record import record, shown_finding, skipped
from ..evidence.results import Event, FindingEntry, Found, Listener
from ..records.journal import JOURNALS, RunJournal, earlier
from ..target import targets as targets
from ..target import vendor as vendors
from ..target.recognition import recognise
from ..traffic import export
from .cleanup import LeftBehind
from .parts import PartResult, merged, parts
from .plan import PROBED
from .profiles import profile
from .progress import once
from .runner import Run, Settings, unused
from .shards import Shard

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

_Result = TypeVar("_Result")
_PRELOADED: Final = (
    *("accordant_contract.run.workers", "accordant_contract.fuzz.engine", "accordant_sandbox.server.serve"),
    *("accordant._client.clients", "accordant._flow.async_driver", "accordant._http.network_transport"),
    *("httpcore", "anyio", "uvicorn", "uvicorn.protocols.http.h11_impl", "schemathesis.engine.core"),
    *("schemathesis.engine.run.unit._pool", "schemathesis.engine.run.stateful", "schemathesis.transport.requests"),
    *("schemathesis.specs.openapi.schemas", "schemathesis.specs.openapi.checks", "schemathesis.specs.openapi.stateful"),
)
"""What every part needs, imported once for all of them; a name that there is not (any more) is passed over."""
_GLANCE = 0.1
_MANY_OBJECTS: Final = 50_000
"""New objects after which a worker looks for circles among them."""
_queue: SimpleQueue[Event] | None = None


@frozen
class Job:
    """What to run: a whole run, or the ``part`` of it that one process does.

    ``url`` is the target's address, ``None`` for a sandbox of our own; ``missing`` says why there is none although one
    was asked for. ``write`` allows changes at that address, ``journals`` is the folder where those are noted.
    ``strict`` makes an undocumented response field a finding. ``operation`` and ``check`` narrow the run to one,
    ``shard`` to the operations of a part. ``har_out`` is the file that the run is recorded in, ``baseline`` has the
    deviations that are known. ``corpus`` is the folder of kept cases, ``keep`` writes what is worth keeping there.
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
    corpus: Path = FOLDER
    keep: bool = False
    part: Shard | None = None


def do(job: Job, listeners: Sequence[Listener] = ()) -> dict[str, Any]:
    """Run a job in this process, its parts one after the other, and return its evidence.

    A vendor whose address or credentials are missing is skipped.
    """
    return _together(job, [do_part(part, listeners) for part in split(job)])


def _together(job: Job, results: Sequence[PartResult]) -> dict[str, Any]:
    """The evidence of all parts; what they found worth keeping goes to the vendor's file."""
    document = load_document(job.vendor)
    if job.keep and all("operations" in each.record for each in results):
        file = path_in(job.corpus, job.vendor)
        new = [case_of(case) for each in results for case in json.loads(each.kept)]
        about = {case.operation for case in new}
        others = [each for each in read(file, document).cases if each.operation not in about]
        store.write(file, content(document, [*others, *new]))
    return merged(results)


def split(job: Job) -> list[Job]:
    """The parts of a job, which can be run side by side.

    One alone where a single account, journal, recording or list of known deviations belongs to all of it, and for a
    replay.
    """
    alone = (job.url, job.missing, job.operation, job.check, job.har_out, job.baseline)
    if any(each is not None for each in alone):
        return [job]
    found = parts(_scope(job) or load_document(job.vendor).operations)
    return [evolve(job, part=part) for part in found] if len(found) > 1 else [job]


def _scope(job: Job) -> dict[str, Operation] | None:
    """The operations that a job is about; ``None`` for all."""
    every = load_document(job.vendor).operations
    if job.shard is None:
        return None if job.operation is None else {job.operation: every[job.operation]}
    chosen = job.shard.operations(every)
    return {name: each for name, each in every.items() if name in chosen}


def do_part(job: Job, listeners: Sequence[Listener] = ()) -> PartResult:
    """Run a part of a job, or a job that is one part."""
    quiet()
    begun = time.time()
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
        return PartResult(skipped(job.vendor, str(missing), started, live=True))
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
        return PartResult(
            record(run, started),
            frozenset(run.settings.focus or ()),
            _unused(run) if job.part is not None and job.shard is None else {},
            begun,
            time.time(),
            json.dumps([each.data() for each in run.kept]),
        )


def _unused(run: Run) -> dict[str, dict[str, Any]]:
    """What would be found for the allowances that a part did not need, if no other part needs them either."""
    secrets = run.session.secrets()
    return {
        str(each): shown_finding(FindingEntry(unused(each)), run, secrets) for each in run.results.unused_allowances
    }


def _settings(job: Job, listeners: Sequence[Listener], journal: RunJournal | None) -> Settings:
    scope = _scope(job)
    focus = scope if job.part is None else job.part.operations(scope or load_document(job.vendor).operations)
    return Settings(
        profile(job.profile),
        job.seed,
        focus=focus,
        shard=job.shard,
        part=job.part,
        scope=scope,
        corpus=read(path_in(job.corpus, job.vendor), load_document(job.vendor)) if job.url is None else Corpus(),
        keep=job.keep,
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
    """Run jobs, whose parts share the processes; each returns its evidence, or the sentence that stopped it.

    Every part of a job in parts runs in a fresh process, also where one runs at a time: nothing that another left in
    its memory can change what it finds. Their order, the largest first, leaves no process idle at the end.
    """
    shares = [split(job) for job in jobs]
    if sum(map(len, shares)) == 1 or (workers < 2 and all(len(each) == 1 for each in shares)):
        for each in jobs:
            yield each, _sentence(partial(do, each, [listener]))
        return
    context = processes()
    queue: SimpleQueue[Event] = context.SimpleQueue()
    told = once(listener)
    places = [(job, part) for job, share in enumerate(shares) for part in range(len(share))]
    places.sort(key=lambda place: -_size(shares[place[0]][place[1]]))
    outcomes: list[dict[int, PartResult | str]] = [{} for _ in jobs]
    pool = ProcessPoolExecutor(max(1, workers), context, _begin, (queue,), max_tasks_per_child=1)
    try:
        waiting = {pool.submit(_do_there, shares[job][part]): (job, part) for job, part in places}
        while waiting:
            done, _ = wait(waiting, timeout=_GLANCE, return_when=FIRST_COMPLETED)
            while not queue.empty():
                told(queue.get())
            for future in done:
                job, part = waiting.pop(future)
                outcomes[job][part] = _sentence(future.result)
                if len(outcomes[job]) == len(shares[job]):
                    yield jobs[job], _whole(jobs[job], outcomes[job])
    finally:  # after Ctrl-C, or where whoever listens fails, what has not begun does not begin any more
        pool.shutdown(wait=True, cancel_futures=True)


def _whole(job: Job, outcomes: Mapping[int, PartResult | str]) -> dict[str, Any] | str:
    """The evidence of all parts, or the sentence of the first that has none: a whole with a hole in it is no result."""
    ordered = [outcomes[each] for each in sorted(outcomes)]
    found = [each for each in ordered if isinstance(each, PartResult)]
    if len(found) < len(ordered):
        return next(each for each in ordered if isinstance(each, str))
    return _sentence(partial(_together, job, found))


def _size(job: Job) -> int:
    """How many operations a part has."""
    every = _scope(job) or load_document(job.vendor).operations
    return len(every if job.part is None else job.part.operations(every))


def processes() -> ForkServerContext | SpawnContext:
    """How processes begin: as copies of one that has imported everything, where the system can do that."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    return context


def quiet() -> None:
    """Keep servers and libraries from writing into the display: a fuzzer makes them complain all the time."""
    for name in ("uvicorn", "uvicorn.error", "urllib3", "asyncio", "python_multipart"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _sentence(call: Callable[[], _Result]) -> _Result | str:
    try:
        return call()
    except ContractError as error:
        return str(error)
    except BrokenProcessPool:
        return "a process of the run was killed (out of memory?), so that there is no result; run it again"
    except Exception as error:  # a fault of ours: told in a sentence, and the other vendors are still judged
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{place.filename.rsplit('/', 1)[-1]}:{place.lineno}"
        return f"the contract tests themselves failed, please report it: {type(error).__name__} at {where}: {error}"


def _begin(queue: SimpleQueue[Event]) -> None:
    global _queue
    _queue = queue
    # What a part has sent and seen stays until its end: looking among it for circles takes a tenth of the time.
    gc.set_threshold(_MANY_OBJECTS, 20, 50)


def _do_there(job: Job) -> PartResult | str:
    return _sentence(partial(do_part, job, [_tell]))  # here, as not every exception can travel


def _tell(event: Event) -> None:
    """Send an event home, without what does not travel: allowances hold functions, exchanges are large."""
    if _queue is None or (isinstance(event, Found) and event.allowance is not None):
        return
    if isinstance(event, Found):
        event = Found(event.vendor, evolve(event.finding, exchanges=()))
    _queue.put(event)
