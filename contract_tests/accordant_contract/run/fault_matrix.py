"""The fault matrix: a sandbox is switched into each of its faults, and the check that is named for it must notice."""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from difflib import get_close_matches
from typing import Final

from attrs import frozen

from accordant_sandbox import Sandbox
from accordant_sandbox.model.faults import Fault

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
_OTHERS: Final = 8
"""At how many other operations a fault is tried."""


@frozen
class FaultOutcome:
    """What became of one fault: the check that had to notice, the one that did (``None``: none), what it said.

    ``at`` is the one operation that the fault was armed at (``""``: wherever it applies), ``operation`` the one at
    which it was noticed. ``acted`` says whether it did anything.
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

    @property
    def well(self) -> bool:
        """Whether the right check noticed; without a fault, whether none did.

        A fault that had no occasion to act at one operation alone proves nothing.
        """
        if self.fault == NO_FAULT:
            return self.caught is None
        return self.caught == self.expected or (bool(self.at) and not self.acted)


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
        focus = (at,) if at else about.operations
        run = Run(target, Settings(PROFILES["quick"], seed, focus, about.oracle, fuzz, strict=True))
        if at and target.sandbox is not None:
            target.sandbox.engine.faults.arm(fault, on=at)
        try:
            caught = run.execute()
        except ContractError as error:
            caught, message = None, str(error)
        else:
            message = caught.message if caught else _others(run)
        return FaultOutcome(
            *(vendor, fault, about.oracle, caught.check if caught else None, message),
            *(run.results.exchanges, run.seconds, at, caught.operation if caught else "", _acted(run)),
        )


def elsewhere(vendor: str, fault: str, known: str, seed: int = 7) -> FaultOutcome | None:
    """Run one vendor with a fault at one operation alone, another than ``known``, where it was noticed before.

    It is one of another action or kind of record if possible, and the same in every run: a check must not fit
    one place only. Where the fault cannot be noticed there, as nothing that it touches can be read again, others are
    tried. ``None`` where the fault applies nowhere else.
    """
    about = _about(vendor, fault)
    others = [each for each in about.operations if each not in (known, *vendors.load(vendor).logins)]
    outcome: FaultOutcome | None = None
    for other in sorted(others, key=lambda name: _likeness(vendor, fault, known, name))[:_OTHERS]:
        outcome = try_fault(vendor, fault, seed, other)
        if outcome.acted and outcome.well:
            break
    return outcome


def _likeness(vendor: str, fault: str, known: str, name: str) -> tuple[int, str]:
    """How much of action and kind two operations share, and then an order that is the same in every run."""
    operations = load_document(vendor).operations
    here, there = operations.get(known), operations[name]
    shared = 0 if here is None else (there.action == here.action) + (there.entity == here.entity)
    return shared, hashlib.sha256(f"{fault}/{name}".encode()).hexdigest()


def _about(vendor: str, fault: str) -> Fault:
    return next(each for each in Sandbox.catalogue(vendor) if each.name == fault)


def _try_both(vendor: str, fault: str, twice: bool) -> list[FaultOutcome]:
    first = try_fault(vendor, fault)
    if not twice or fault == NO_FAULT or not first.well:
        return [first]
    second = elsewhere(vendor, fault, first.operation)
    return [first] if second is None else [first, second]


def try_all(vendor: str, faults: Sequence[str], workers: int, *, twice: bool = False) -> Iterator[FaultOutcome]:
    """Try several faults, some at a time, in their order; ``twice`` tries each at one other operation as well."""
    if workers < 2 or len(faults) < 2:
        for fault in faults:
            yield from _try_both(vendor, fault, twice)
        return
    with ProcessPoolExecutor(min(workers, len(faults)), multiprocessing.get_context("spawn")) as pool:
        many = len(faults)
        for outcomes in pool.map(_try_both, [vendor] * many, faults, [twice] * many, chunksize=4):
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
    if not _acted(run):
        return "the fault never acted"
    others = {seen.finding.check for seen in run.results.findings.values()}
    return f"only {', '.join(sorted(others))} noticed" if others else "nobody noticed"
