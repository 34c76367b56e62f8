"""What was checked and what was found: counts, findings, and events for whoever watches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeAlias

from attrs import define, evolve, field, frozen

from ..baseline.file import KnownDeviation
from ..document.checks import CONTENT
from ..document.document import Document
from ..document.policy import Allowance, Policy, Used
from ..document.values import Exchange, Finding
from ..judges.conformance import judges_content


@frozen
class PhaseStarted:
    """A phase of a run begins; ``size`` is how many steps it has, where that is known."""

    vendor: str
    phase: str
    size: int | None = None


@frozen
class StepDone:
    """One step of the current phase is done."""

    vendor: str
    phase: str
    label: str


@frozen
class Found:
    """A new finding, or one that an allowance rejections."""

    vendor: str
    finding: Finding
    allowance: Allowance | None = None


Event: TypeAlias = PhaseStarted | StepDone | Found
Listener: TypeAlias = Callable[[Event], None]


class CaughtError(Exception):
    """The finding that a run was looking for; it ends the run at once."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@define
class Tally:
    """How often a check judged an operation, and how often it found something."""

    checked: int = 0
    failed: int = 0


@define
class FindingEntry:
    """One finding and how often it came up."""

    finding: Finding
    times: int = 1
    allowance: Allowance | None = None


@define(eq=False)
class ResultCollector:
    """Collects the outcome of one run.

    ``wanted`` is the check that the run waits for: its first finding raises :class:`CaughtError`.
    """

    document: Document
    policy: Policy
    listeners: tuple[Listener, ...] = ()
    wanted: str | None = None
    tallies: dict[tuple[str, str], Tally] = field(factory=dict[tuple[str, str], Tally])
    statuses: dict[str, Counter[int]] = field(factory=dict[str, Counter[int]])
    findings: dict[str, FindingEntry] = field(factory=dict[str, FindingEntry])
    excused: dict[str, FindingEntry] = field(factory=dict[str, FindingEntry])
    known: dict[str, tuple[FindingEntry, KnownDeviation]] = field(
        factory=dict[str, "tuple[FindingEntry, KnownDeviation]"]
    )
    """The findings that are known deviations, each with the entry that says so."""
    skipped: list[str] = field(factory=list[str])
    covered: set[str] = field(factory=set[str])
    """The operations that succeeded."""
    judged: set[str] = field(factory=set[str])
    """The operations of which a check has judged what they did or what they showed."""
    undocumented: dict[tuple[str, str], str] = field(factory=dict[tuple[str, str], str])
    """The type of each response field that the document does not know, by operation and path without indexes."""
    about: frozenset[str] | None = None
    """The operations whose findings count; all where there is none given."""
    only: str | None = None
    """The check whose findings count, likewise."""
    strict: bool = False
    """Whether such a field is a finding."""
    links: Counter[str] = field(factory=Counter[str])
    """The links between operations that the fuzzer's chains followed, and how often."""
    exchanges: int = 0
    limited_times: int = 0
    """How many of them were refused with 429."""
    recorded: list[tuple[str, Exchange]] | None = None
    """Each exchange with the phase that sent it, where a recording of the run is wanted."""
    every: Callable[[Finding, Allowance | None], None] | None = None
    """Is told each finding every time that it comes up, where the listeners are told once."""
    shown: Callable[[str], str] = str
    """Makes a text fit to be shown to the listeners: without secrets."""
    _phase: str = ""
    _used: Used = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._used = Used(self.policy)

    def phase(self, name: str, size: int | None = None) -> None:
        """Begin a phase."""
        self._phase = name
        self._tell(PhaseStarted(self.document.name, name, size))

    def step(self, label: str) -> None:
        """One step of the phase is done."""
        self._tell(StepDone(self.document.name, self._phase, label))

    def note(self, exchange: Exchange) -> None:
        """Count an exchange; a success covers its operation."""
        self.exchanges += 1
        if self.recorded is not None:
            self.recorded.append((self._phase, exchange))
        seen = self.statuses.get(exchange.operation)
        if seen is None:
            seen = self.statuses[exchange.operation] = Counter()
        seen[exchange.status] += 1
        self.limited_times += exchange.status == 429
        if exchange.success and exchange.intent in ("valid", "unknown"):
            self.covered.add(exchange.operation)
            if judges_content(self.document.operations[exchange.operation], exchange):
                self.judged.add(exchange.operation)

    def limited(self, operation: str) -> None:
        """Count a request of an operation that was refused with 429 and is sent again."""
        self.exchanges += 1
        self.limited_times += 1
        self.statuses.setdefault(operation, Counter())[429] += 1

    @property
    def proven(self) -> set[str]:
        """The operations that succeeded, and of which at least one check of content judged a success."""
        return self.covered & self.judged

    def skip(self, reason: str) -> None:
        """Something that could not be checked, and why."""
        if reason not in self.skipped:
            self.skipped.append(reason)

    def judge(self, check: str, operation: str, found: Iterable[Finding], times: int = 1) -> bool:
        """Count a judgement and its findings; returns whether all was well."""
        tally = self.tallies.get((operation, check))
        if tally is None:
            tally = self.tallies[operation, check] = Tally()
        tally.checked += times
        if check in CONTENT:
            self.judged.add(operation)
        well = True
        for finding in found:
            well = self._add(finding) and well
        return well

    def _counts(self, finding: Finding) -> bool:
        """Whether a finding is what the run is about; one of the run as a whole names no operation."""
        here = self.about is None or finding.operation in self.about or not finding.operation
        return here and self.only in (None, finding.check)

    def _add(self, finding: Finding) -> bool:
        if not self._counts(finding):
            self.skip("findings of other operations or checks were left out, as this run is about a part")
            return True
        allowance = self._used.excuse(finding)
        if self.every is not None:
            self.every(finding, allowance)
        book = self.findings if allowance is None else self.excused
        seen = book.get(finding.key)
        if seen is not None:
            seen.times += 1
        else:
            book[finding.key] = FindingEntry(finding, allowance=allowance)
            told = evolve(finding, message=self.shown(finding.message), path=self.shown(finding.path))
            self._tell(Found(self.document.name, told, allowance))
        if allowance is not None:
            return True
        self.tallies.setdefault((finding.operation, finding.check), Tally()).failed += 1
        if finding.check == self.wanted:
            raise CaughtError(finding)
        return False

    @property
    def unused_allowances(self) -> list[Allowance]:
        """Allowances that excused nothing."""
        return self._used.unused

    def _tell(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)
