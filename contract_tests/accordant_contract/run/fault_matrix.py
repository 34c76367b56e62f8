"""The fault matrix: a sandbox is switched into each of its faults, and the check that is named for it must notice."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from difflib import get_close_matches
from typing import Final

from attrs import frozen

from accordant_sandbox import Sandbox

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


@frozen
class FaultOutcome:
    """What became of one fault: the check that had to notice, the one that did (``None``: none), what it said."""

    vendor: str
    fault: str
    expected: str
    caught: str | None
    message: str
    calls: int
    seconds: float

    @property
    def well(self) -> bool:
        """Whether the right check noticed; without a fault, whether none did."""
        return self.caught is None if self.fault == NO_FAULT else self.caught == self.expected


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


def try_fault(vendor: str, fault: str, seed: int = 7) -> FaultOutcome:
    """Run one vendor with one fault armed, until the named check notices."""
    quiet()
    if fault == NO_FAULT:
        return _clean(vendor, seed)
    about = next(each for each in Sandbox.catalogue(vendor) if each.name == fault)
    fuzz = about.oracle in _FUZZ_ONLY
    with targets.local(vendors.load(vendor), seed=seed, faults=[fault], way="mixed" if fuzz else "process") as target:
        settings = Settings(PROFILES["quick"], seed, about.operations, about.oracle, fuzz, strict=True)
        run = Run(target, settings)
        try:
            caught = run.execute()
        except ContractError as error:
            return FaultOutcome(vendor, fault, about.oracle, None, str(error), run.results.exchanges, run.seconds)
        message = caught.message if caught else _others(run)
        check = caught.check if caught else None
        return FaultOutcome(vendor, fault, about.oracle, check, message, run.results.exchanges, run.seconds)


def try_all(vendor: str, faults: Sequence[str], workers: int) -> Iterator[FaultOutcome]:
    """Try several faults, some at a time, in their order."""
    if workers < 2 or len(faults) < 2:
        yield from (try_fault(vendor, fault) for fault in faults)
        return
    with ProcessPoolExecutor(min(workers, len(faults)), multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(try_fault, [vendor] * len(faults), faults, chunksize=4)


def _clean(vendor: str, seed: int) -> FaultOutcome:
    """The run without a fault, which must find nothing at all."""
    with targets.local(vendors.load(vendor), seed=seed, way="process") as target:
        run = Run(target, Settings(PROFILES["quick"], seed, fuzz=False, strict=True))
        run.execute()
        seen = next(iter(run.results.findings.values()), None)
        check = seen.finding.check if seen else None
        message = f"{seen.finding.operation}: {seen.finding.message}" if seen else ""
        return FaultOutcome(vendor, NO_FAULT, "nothing", check, message, run.results.exchanges, run.seconds)


def _others(run: Run) -> str:
    armed = run.target.sandbox.engine.faults.armed if run.target.sandbox else []
    if not any(each.acted for each in armed):
        return "the fault never acted"
    others = {seen.finding.check for seen in run.results.findings.values()}
    return f"only {', '.join(sorted(others))} noticed" if others else "nobody noticed"
