"""The fault matrix: a sandbox is switched into each of its faults, and the check that is named for it must notice."""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from difflib import get_close_matches
from functools import cache
from typing import Any, Final

from attrs import evolve, frozen

from accordant_sandbox import Sandbox
from accordant_sandbox.model.faults import Fault

from ..corpus.file import FOLDER, Corpus, path_in, read
from ..document.checks import Failure
from ..document.document import load as load_document
from ..errors import ContractError
from ..target import targets as targets
from ..target import vendor as vendors
from .profiles import PROFILES
from .runner import Run, Settings
from .workers import quiet

NO_FAULT: Final = "(none)"
_FUZZ_ONLY: Final = frozenset(
    {"ignored_auth", "use_after_free", "ensure_resource_availability", "missing_required_header"}
)
"""Checks that only the fuzzer has."""
_AT_THE_END: Final = frozenset({"hollow_run", "retry_after"})
"""Checks that may have to wait for the end of a run: a run about some of the operations comes to its end sooner."""
_ENOUGH: Final = 12
"""At how many operations a run is about those."""
_OTHERS: Final = 8
"""At how many other operations a fault is tried."""
HIDDEN: Final[Mapping[tuple[str, str, str], str]] = {
    ("dibop", "accepts_invalid", "createCanonicalRecord"): "the domain's own schema still refuses the mended body",
    ("dibop", "page_overlap", "listSystemApis"): "the system has one operation, so that no page has a next one",
    ("dibop", "page_skip", "listSystemApis"): "the system has one operation, so that no page has a next one",
    ("dime_scheduler", "limit_429", "getJob"): "the one call beyond the limit has no good credential",
    ("dime_scheduler", "limit_429", "listAppointmentFields"): "the one call beyond the limit has no good credential",
    ("dime_scheduler", "partial_batch", "updateFilterValue"): "a filter value is nothing but its key: nothing changes",
    ("dispatch", "connection_broken.dribble", "deactivateUser"): "its success has no body that could come slowly",
}
"""Vendor, fault and operation where the fault acts, and why no caller could notice it there."""
_PAIRED: Final = frozenset({"read_lag"})
"""Faults that one operation begins and another of the same kind of record shows: they are armed at all of the kind."""
_ALONE: Final[Mapping[str, Mapping[str, Any]]] = {"token_early_expiry": {"uses": 4}}
"""Options of faults that count calls, as one operation alone gets only some of a run's."""


@frozen
class FaultOutcome:
    """What became of one fault: the check that had to notice, the one that did (``None``: none), what it said.

    ``at`` is the one operation that the fault was armed at (``""``: wherever it applies), ``operation`` the one at
    which it was noticed. ``acted`` says whether it did anything; where it did not, ``message`` says why.
    """

    vendor: str
    fault: str
    expected: str
    caught: str | None
    message: str
    calls: int
    seconds: float
    at: str = ""
    operation: str = ""
    acted: bool = True
    plain: str | None = None
    """The check by which plain schemathesis caught it, ``""`` where none did; ``None`` where it was not tried."""
    alarms: frozenset[Failure] = frozenset()
    """What plain schemathesis reports at the same operations without the fault."""
    cls: str = ""
    """The fault's class."""
    hidden: str = ""
    """Why nothing can show the fault at that operation alone."""

    @property
    def well(self) -> bool:
        """Whether the right check noticed; at one operation alone, whether any did; without a fault, whether none did.

        A fault that had no occasion to act at one operation alone, or that nothing can show there, proves nothing.
        """
        if self.fault == NO_FAULT:
            return self.caught is None
        if self.at:
            return self.caught is not None or not self.acted or bool(self.hidden)
        return self.caught == self.expected

    @property
    def verdict(self) -> str:
        """What became of it, in a few words."""
        if self.caught is None:
            return self.hidden or ("nothing found" if self.acted else self.message)
        return f"caught by {self.caught}" + ("" if self.caught == self.expected else ", not by the named check")


def names(vendor: str) -> list[str]:
    """The faults that apply to a vendor."""
    return [fault.name for fault in Sandbox.catalogue(vendor)]


def chosen(vendor: str, fault: str | None) -> list[str]:
    """One fault by name, or all of them with the run without any; raises :class:`ContractError` for an unknown name."""
    known = names(vendor)
    if fault is None:
        return [NO_FAULT, *known]
    if fault not in known:
        near = get_close_matches(fault, known, 5, 0)
        raise ContractError(f"{vendor} has no fault {fault!r}; the closest of its {len(known)}: {', '.join(near)}")
    return [fault]


def try_fault(vendor: str, fault: str, seed: int = 7, at: str = "") -> FaultOutcome:
    """Run one vendor with one fault armed, at one operation or wherever it applies, until the named check notices."""
    quiet()
    if fault == NO_FAULT:
        return _clean(vendor, seed)
    about = _about(vendor, fault)
    fuzz = about.oracle in _FUZZ_ONLY
    way: targets.Way = "mixed" if fuzz else "process"
    with targets.local(vendors.load(vendor), seed=seed, faults=[] if at else [fault], way=way) as target:
        focus = _places(vendor, about, at) if at else _focus(about)
        corpus = read(path_in(FOLDER, vendor), load_document(vendor)) if fuzz else Corpus()
        run = Run(target, Settings(PROFILES["quick"], seed, focus, about.oracle, fuzz, strict=True, corpus=corpus))
        if at and target.sandbox is not None:
            target.sandbox.engine.faults.arm(fault, on=focus, **_ALONE.get(fault, {}))
        trouble = ""
        try:
            caught = run.execute()
        except ContractError as error:
            caught, trouble = None, str(error)
        if caught is None and at:
            caught = next((seen.finding for seen in run.results.findings.values()), None)
        message = caught.message if caught else trouble or _others(run)
        return FaultOutcome(
            *(vendor, fault, about.oracle, caught.check if caught else None, message),
            *(run.results.exchanges, run.seconds, at, caught.operation if caught else "", _acted(run)),
            cls=about.cls,
            hidden=HIDDEN.get((vendor, fault, at), "") if caught is None else "",
        )


def elsewhere(vendor: str, fault: str, known: str, seed: int = 7) -> Iterator[FaultOutcome]:
    """Run one vendor with a fault at one operation alone, at up to eight others than ``known``, where it was noticed.

    They are of other actions or kinds of record if possible, and the same in every run: a check must not fit one place
    only. Any check that finds something there will do: what the named one looks at may not be there.
    """
    about = _about(vendor, fault)
    others = [each for each in about.operations if each not in (known, *vendors.load(vendor).logins)]
    for other in sorted(others, key=lambda name: _likeness(vendor, fault, known, name))[:_OTHERS]:
        yield try_fault(vendor, fault, seed, other)


def _focus(about: Fault) -> Sequence[str]:
    """The operations that a run is about which looks for a fault wherever it applies."""
    every = about.operations
    return every[:: -(-len(every) // _ENOUGH)] if about.oracle in _AT_THE_END else every


def _places(vendor: str, about: Fault, at: str) -> list[str]:
    """The operations to arm a fault at, for it to act at one alone."""
    if about.name not in _PAIRED:
        return [at]
    operations = load_document(vendor).operations
    return [each for each in about.operations if operations[each].entity == operations[at].entity]


def _likeness(vendor: str, fault: str, known: str, name: str) -> tuple[int, str]:
    """How much of action and kind two operations share, and then an order that is the same in every run."""
    operations = load_document(vendor).operations
    here, there = operations.get(known), operations[name]
    shared = 0 if here is None else (there.action == here.action) + (there.entity == here.entity)
    return shared, hashlib.sha256(f"{fault}/{name}".encode()).hexdigest()


def _about(vendor: str, fault: str) -> Fault:
    return next(each for each in Sandbox.catalogue(vendor) if each.name == fault)


def plainly(vendor: str, fault: str, operations: frozenset[str], seed: int = 7) -> frozenset[Failure]:
    """What plain schemathesis finds over HTTP in the same sandbox, beyond what it finds there without a fault.

    It gets some operations, a credential, and as many examples of each as the quick profile has. Faults
    of the network and of time are tried in process.
    """
    from ..fuzz import plain  # schemathesis takes over a second to load

    quiet()
    known = None if fault == NO_FAULT else _plainly_clean(vendor, operations, seed)
    faults = [] if fault == NO_FAULT else [fault]
    way: targets.Way = "process" if _waits(vendor, fault) else "http"
    with targets.local(vendors.load(vendor), seed=seed, faults=faults, way=way) as target:
        try:
            return frozenset(plain.failures(target, seed, operations, known))
        except ContractError:
            return frozenset({("the login is refused", "")})  # a user of it sees that before it begins


def _waits(vendor: str, fault: str) -> bool:
    """Whether a caller over HTTP may have to wait for a fault: in process that takes no time."""
    return fault != NO_FAULT and _about(vendor, fault).cls in ("network", "time")


@cache
def _plainly_clean(vendor: str, operations: frozenset[str], seed: int) -> frozenset[Failure]:
    return plainly(vendor, NO_FAULT, operations, seed)


def _kin(vendor: str, operation: str) -> frozenset[str]:
    """An operation with those about the same kind of record: what a check of several calls needs."""
    operations = load_document(vendor).operations
    here = operations.get(operation)
    if here is None or not here.entity:
        return frozenset({operation} & set(operations))
    return frozenset(each.id for each in operations.values() if each.entity == here.entity)


def _try_everywhere(vendor: str, fault: str, more: bool, beside: bool) -> list[FaultOutcome]:
    first = try_fault(vendor, fault)
    if beside and fault != NO_FAULT:
        operation = first.operation if first.operation in load_document(vendor).operations else ""
        where = _kin(vendor, operation or _about(vendor, fault).operations[0])
        found = next((check for check, _ in sorted(plainly(vendor, fault, where))), "")
        first = evolve(first, plain=found, alarms=_plainly_clean(vendor, where, 7))
    if not more or fault == NO_FAULT or not first.well:
        return [first]
    return [first, *elsewhere(vendor, fault, first.operation)]


def try_all(
    vendor: str, faults: Sequence[str], workers: int, *, more: bool = False, beside: bool = False
) -> Iterator[FaultOutcome]:
    """Try several faults, some at a time, in their order; ``more`` tries each at other operations alone as well.

    ``beside`` lets plain schemathesis loose on each fault too.
    """
    if workers < 2 or len(faults) < 2:
        for fault in faults:
            yield from _try_everywhere(vendor, fault, more, beside)
        return
    with ProcessPoolExecutor(min(workers, len(faults)), multiprocessing.get_context("spawn")) as pool:
        many = len(faults)
        for outcomes in pool.map(_try_everywhere, [vendor] * many, faults, [more] * many, [beside] * many):
            yield from outcomes


def _clean(vendor: str, seed: int) -> FaultOutcome:
    """The run without a fault, which must find nothing at all."""
    with targets.local(vendors.load(vendor), seed=seed, way="process") as target:
        run = Run(target, Settings(PROFILES["quick"], seed, fuzz=False, strict=True))
        run.execute()
        seen = next(iter(run.results.findings.values()), None)
        check = seen.finding.check if seen else None
        message = f"{seen.finding.operation}: {seen.finding.message}" if seen else ""
        return FaultOutcome(vendor, NO_FAULT, "nothing", check, message, run.results.exchanges, run.seconds)


def _acted(run: Run) -> bool:
    armed = run.target.sandbox.engine.faults.armed if run.target.sandbox else []
    return any(each.acted for each in armed)


def _others(run: Run) -> str:
    """What became of a fault that the named check did not find."""
    if not _acted(run):
        armed = run.target.sandbox.engine.faults.armed if run.target.sandbox else []
        calls = sum(each.seen for each in armed)
        if not calls:
            why = next(iter(run.results.skipped), "no probe is for it")
            return f"no call was made there: {why}"
        return f"no occasion to act: none of {calls} calls there had what it spoils"
    others = {seen.finding.check for seen in run.results.findings.values()}
    return f"only {', '.join(sorted(others))} noticed" if others else "nobody noticed"
