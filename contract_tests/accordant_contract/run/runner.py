"""One run: a vendor, a target, a profile, a seed; first the probes, then the fuzzer, then what the whole run shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from typing import Final

from attrs import define, field, frozen

from ..corpus.file import Corpus, KeptCase
from ..corpus.keeping import Keeper
from ..document.document import Document, Operation
from ..document.document import load as load_document
from ..document.policy import Allowance, property_names
from ..document.possible import impossible
from ..document.values import Finding
from ..errors import ContractError, NotJudgedError, SilentTargetError
from ..evidence.results import CaughtError, Listener, ResultCollector
from ..fuzz.expected_rejections import ExpectedRejections
from ..judges.hollow import judged_enough, succeeded_once
from ..judges.limits import remaining_honest, states_limit
from ..probes import Probe
from ..probes.context import ProbeContext
from ..records.journal import RunJournal
from ..records.ownership import Ownership
from ..target.clients import generated_operations
from ..target.commands import switch, typed
from ..target.session import TargetSession
from ..target.targets import Target
from ..target.vendor import TargetVendor
from .cleanup import LeftBehind, clean
from .plan import plan
from .profiles import Profile
from .shards import Shard

MOST_LIMITED: Final = 0.01
"""The share of answers 429 from which a run counts as hollow."""
_SOME: Final = 25
_MANY: Final = 300


@frozen
class Settings:
    """What a run is about.

    ``focus`` are the operations to probe and to fuzz, all by default; findings elsewhere are left out. ``only`` is the
    one check whose findings count, all by default. ``wanted`` is the check whose first finding ends the run.
    ``journal`` names the records that the run makes at an account; a run that may write there needs one.
    """

    profile: Profile
    seed: int = 7
    focus: Collection[str] | None = None
    wanted: str | None = None
    fuzz: bool = True
    listeners: Sequence[Listener] = ()
    journal: RunJournal | None = None
    only: str | None = None
    strict: bool = False
    """Whether a response field that the document does not know is a finding."""
    shard: Shard | None = None
    """The part of a whole run whose operations the focus is: each of them has to succeed once, as in a whole run."""
    part: Shard | None = None
    """The share of the run that this process does: the focus, where findings of the whole ``scope`` count."""
    scope: Collection[str] | None = None
    corpus: Corpus = field(factory=Corpus, repr=False)
    """The kept cases, for a sandbox: at an account nothing is sent that an earlier run made up."""
    keep: bool = False
    """Whether to collect what is worth keeping."""
    timer: Callable[[], float] = time.monotonic
    spent: Callable[[], float] | None = None
    """What the profile's seconds are measured by; see :attr:`Run.spent`."""

    @property
    def about(self) -> Collection[str] | None:
        """The operations whose findings count; ``None`` for all."""
        return self.focus if self.part is None else self.scope

    @property
    def reached(self) -> Collection[str] | None:
        """The operations that have to succeed once: ``None`` for all, none for a replay of a single one."""
        whole = self.focus is None or self.shard is not None or self.part is not None
        return self.focus if whole else ()


@define(eq=False)
class Run:
    """One run over one target."""

    target: Target
    settings: Settings
    document: Document = field(init=False)
    results: ResultCollector = field(init=False)
    session: TargetSession = field(init=False)
    context: ProbeContext = field(init=False)
    seconds: float = field(default=0.0, init=False)
    worth_continuing: bool = field(default=True, init=False)
    """Whether the probes went through, so that fuzzing makes sense."""
    kept: list[KeptCase] = field(factory=list[KeptCase], init=False, repr=False)
    """The cases that are worth keeping, those that were kept before among them."""
    left_behind: list[LeftBehind] = field(factory=list[LeftBehind], init=False)
    """What the run made at an account and could not delete."""

    def __attrs_post_init__(self) -> None:
        vendor = self.target.vendor
        self.document = load_document(vendor.name)
        self.results = ResultCollector(
            self.document, vendor.policy, tuple(self.settings.listeners), self.settings.wanted
        )
        self.results.strict = self.settings.strict
        self.results.only = self.settings.only
        if self.settings.wanted is None and self.settings.about:
            self.results.about = frozenset(self.settings.about)
        self.session = TargetSession(
            self.target, self.document, self.results, generated_operations(vendor.name), self._guard()
        )
        self.context = ProbeContext(self.session, vendor.policy, self.settings.seed, self.settings.profile.fields)

    @property
    def vendor(self) -> TargetVendor:
        """The vendor."""
        return self.target.vendor

    @property
    def spent(self) -> Callable[[], float]:
        """What the profile's seconds are measured by: how busy a machine is does not count where all happens here."""
        return self.settings.spent or (time.monotonic if self.target.sandbox is None else time.process_time)

    def _guard(self) -> Ownership | None:
        if not self.target.guarded:
            return None
        if self.settings.journal is None:
            raise ContractError("a run that writes at an account needs a journal of what it makes there")
        return Ownership(self.document, self.settings.journal, self.vendor.made, self.vendor.described)

    def execute(self) -> Finding | None:
        """Run to the end; with a wanted check, the finding that ended it, or ``None``."""
        begun = self.settings.timer()
        try:
            self._probe(self.spent())
            if self.settings.fuzz and self.worth_continuing:
                self._fuzz()
            self._conclude()
        except CaughtError as caught:
            return caught.finding
        finally:
            self.clean()
            self.context.clients.close()
            self.seconds = self.settings.timer() - begun
        return None

    def clean(self) -> None:
        """Delete what the run made at an account, as far as the account lets it."""
        journal = self.settings.journal
        if journal is not None:
            self.left_behind = clean(self.context, journal)

    def _probe(self, begun: float) -> None:
        focus = self.settings.focus
        operations: list[Operation] = [
            each for each in self.document.operations.values() if focus is None or each.id in focus
        ]
        may = self.session.forbidden
        steps = [
            step
            for step in plan(
                self.vendor, operations, self.settings.wanted or self.settings.only, writes=self.target.writes
            )
            if not may(step[1]) and not (self.target.guarded and step[0].name == "wrong method")
        ]
        self.results.phase("probes", len(steps))
        knocks = 0
        for number, (probe, operation) in enumerate(steps):
            try:
                self._run_probe(probe, operation)
            except SilentTargetError as silence:
                self._hollow(f"{silence}; {len(steps) - number - 1} of {len(steps)} probes were not run", "stopped")
                self.worth_continuing = False
                return
            self.results.step(f"{probe.name} {operation.id}")
            knocks = self.results.exchanges if probe.name == "knock" else knocks
            hopeless = self._hopeless(self.spent() - begun - self._waited(), knocks)
            if hopeless and number + 1 < len(steps):
                self._hollow(f"{hopeless}; {len(steps) - number - 1} of {len(steps)} probes were not run", "stopped")
                self.worth_continuing = False
                return

    def _run_probe(self, probe: Probe, operation: Operation) -> None:
        """Run a probe with an operation; once more, where it came to nothing through no fault of the API's."""
        for last in (False, True):
            try:
                probe.run(self.context, operation)
            except NotJudgedError as stopped:
                if stopped.again and not last:
                    continue
                self.results.skip(f"{operation.id}: {probe.name}: {stopped}")
            return

    def _waited(self) -> float:
        """Seconds that the run has really waited for the target's limits."""
        patience = self.target.patience
        return patience.waited if patience is not None and self.target.control is None else 0.0

    def _limited(self) -> int:
        """How many requests were refused with 429, and not served when they were sent again."""
        patience = self.target.patience
        return max(0, self.results.limited_times - (patience.ridden_out if patience is not None else 0))

    def _fuzz(self) -> None:
        from ..fuzz.engine import (
            Fuzzer,  # schemathesis takes over a second to load, and most fault runs need none of it
        )

        known = {entity: {str(each.key) for each in records} for entity, records in self.context.store.records.items()}
        rejections = ExpectedRejections(self.document, self.vendor.policy, known)
        for each in (record for records in self.context.store.records.values() for record in records):
            for kind, key in each.within.items():
                rejections.inside.setdefault((kind, str(key)), set()).add((each.entity, str(each.key)))
        settings = self.settings
        about = self.results.about if settings.part is None else frozenset(settings.focus or ())
        fuzzer = Fuzzer(self.session, settings.profile, settings.seed, rejections, about, self.spent)
        if self.target.sandbox is not None:
            fuzzer.corpus, fuzzer.records = settings.corpus, self.context.store.known
            if settings.keep:
                fuzzer.keeper = Keeper(property_names(self.document), tuple(self.session.secrets()))
            self._tell_of(settings.corpus)
        fuzzer.run()
        if fuzzer.keeper is not None:
            self.kept = [each for cases in fuzzer.keeper.cases.values() for each in cases]

    def _tell_of(self, corpus: Corpus) -> None:
        """Say where kept cases are of another document, for which they spare nothing."""
        if (corpus.cases or corpus.dropped) and not corpus.current:
            every = len(corpus.cases) + corpus.dropped
            self.results.skip(
                f"the kept cases are of another document: {corpus.dropped} of {every} no longer fit and were left out; "
                f"{typed('contract', self.vendor.name)} {switch('keep', self.vendor.name)} keeps anew"
            )

    def _conclude(self) -> None:
        """What only the whole run shows: reach, rate limits, policy that nothing needed."""
        reached = self.settings.reached
        for operation in [each for each in self.document.operations if reached is None or each in reached]:
            missing = self.session.missing(self.document.operations[operation])
            if missing:
                self.results.skip(f"{operation}: set {', '.join(missing)} in the environment")
                continue
            unset = self.session.without_login(self.document.operations[operation])
            if unset:
                self.results.skip(f"{operation}: set {unset} in the environment; the run used another credential")
                continue
            forbidden = self.session.forbidden(self.document.operations[operation])
            if forbidden:
                self.results.skip(f"{operation}: {forbidden}")
                continue
            never = impossible(self.document.operations[operation]) if operation not in self.results.covered else ""
            if never:
                self.results.skip(f"{operation}: {never}")
                continue
            needy = any(each.required for each in self.document.operations[operation].parameters)
            bound = self.target.guarded or not self.target.writes
            if bound and needy and operation not in self.results.covered:
                self.results.skip(f"{operation}: no record was found that it could be tried with")
                continue
            if self.target.guarded and not self.document.operations[operation].reads:
                continue
            found = succeeded_once(self.document.operations[operation], self.results.covered)
            self.results.judge("hollow_run", operation, found)
            checks = {
                check for (name, check), tally in self.results.tallies.items() if name == operation and tally.checked
            }
            enough = judged_enough(self.document.operations[operation], checks)
            self.results.judge("hollow_run", operation, enough)
        for note in self.target.patience.notes if self.target.patience is not None else ():
            self.results.skip(note)
        limited = self._limited()
        if self.results.exchanges >= _SOME and limited > MOST_LIMITED * self.results.exchanges:
            self._hollow(f"{limited} of {self.results.exchanges} calls were refused with 429", "rate limit")
        for operation in {each.operation for each in self.session.history}:
            own = [each for each in self.session.history if each.operation == operation]
            if any(states_limit(each) for each in own):
                self.results.judge("retry_after", operation, remaining_honest(self.document.operations[operation], own))
        free = self.target.writes and not self.target.guarded  # a run that may do less needs fewer allowances
        whole = self.settings.about is None and self.settings.fuzz and free
        if whole and self.settings.part is None and not self.results.findings:
            for allowance in self.results.unused_allowances:
                self.results.judge("hollow_run", "", [unused(allowance)])

    def _hopeless(self, seconds: float, knocks: int) -> str | None:
        """Why going on would prove nothing more, and might take for ever; ``knocks`` are calls that have to fail."""
        results, limited = self.results, self._limited()
        if results.exchanges >= _MANY and limited > results.exchanges / 2:
            return f"{limited} of {results.exchanges} calls were refused with 429"
        called = results.exchanges - knocks
        if called >= _MANY and not results.covered - set(self.vendor.logins):
            return f"none of {called} calls succeeded"
        most = self.settings.profile.probing(len(self.document.operations))
        if seconds > most:
            return f"probing took more than {most:.0f} s"
        return None

    def _hollow(self, text: str, kind: str) -> None:
        self.results.judge("hollow_run", "", [Finding("hollow_run", "", text, kind=kind)])


def unused(allowance: Allowance) -> Finding:
    """What is wrong with an allowance that a whole run did not need."""
    text = f"an allowance excused nothing, take it out: {allowance}"
    return Finding("hollow_run", "", text, kind=str(allowance))
