"""Sends the kept cases, then runs schemathesis's engine in this process, with a fixed seed."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final, cast

import schemathesis
from attrs import define, evolve, field
from hypothesis import strategies
from hypothesis.configuration import set_hypothesis_home_dir
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import StopReason, events, from_schema

from accordant_runtime import dumps, is_object, loads

from ..corpus.file import Corpus
from ..corpus.keeping import Keeper
from ..corpus.replaying import Replayer
from ..document.checks import CHECKS
from ..document.document import Operation
from ..document.possible import impossible
from ..document.values import Exchange, Finding
from ..judges.hollow import let_in, was_fuzzed
from ..records.record import Record
from ..run.profiles import Profile
from ..target.schemes import known_schemes
from ..target.session import TargetSession
from . import traffic
from .adapted import adapted
from .excuses import excuses
from .expected_rejections import ExpectedRejections, forbidden, leads_elsewhere
from .readable import make_readable
from .width import wider

schemathesis.openapi.format(
    "local-date-time",
    strategies.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(lambda time: f"{time:%Y-%m-%dT%H:%M:%S}"),
)
TABLES: Final = Path(__file__).parents[3] / ".hypothesis"
"""Where hypothesis keeps what it computes once for all runs (seconds for its tables of Unicode); no cases are kept."""
_RANDOM_METHODS: Final = ["get", "put", "post", "delete", "options", "patch", "trace"]


@define(eq=False)
class Fuzzer:
    """One fuzz run over a session's target."""

    session: TargetSession
    profile: Profile
    seed: int
    rejections: ExpectedRejections
    about: frozenset[str] | None = None
    """The operations to fuzz; all where there is none given."""
    timer: Callable[[], float] = time.monotonic
    corpus: Corpus = field(factory=Corpus)
    """What is sent before anything is made up."""
    records: Callable[[str], Sequence[Record]] = lambda _kind: ()
    """The known records of a kind."""
    keeper: Keeper | None = None
    """Collects what is worth keeping; then as much is made up as without kept cases."""
    statuses: dict[str, Counter[int]] = field(factory=dict[str, "Counter[int]"], init=False)
    stopped: bool = field(default=False, init=False)
    """Whether the time of the profile was over before everything was fuzzed."""
    given_up: set[str] = field(factory=set[str], init=False)
    """Operations whose requests the fuzzer could not make."""

    def run(self) -> None:
        """All phases, one after the other; findings go to the results."""
        results, document = self.session.results, self.session.document
        self._replay()
        with tempfile.TemporaryDirectory(prefix="accordant-fuzz-") as folder:
            set_hypothesis_home_dir(TABLES)
            config = config_from_dict(self.configuration(folder))
            schema = schemathesis.openapi.from_dict(self._document(), config=config)
            phase = ""
            with adapted(schema, self.session):
                begun = self.timer()
                for event in (stream := from_schema(schema).execute()):
                    if self.timer() - begun > self.profile.fuzzing and not self.stopped:
                        stream.stop()
                        self.stopped = True
                    if isinstance(event, events.ScenarioFinished) and event.phase.value != phase:
                        phase = event.phase.value
                        results.phase(f"fuzz: {phase.lower()}", len(document.operations))
                    self._event(event)
        self._left_out({_id(each) for item in schema.raw_schema["paths"].values() for each in item.values()})
        self._locked_out()

    def _replay(self) -> None:
        spared = {each.operation for each in self.session.target.vendor.policy.spared}
        about = set(self.session.document.operations) if self.about is None else set(self.about)
        if self.corpus.cases:
            told = self.keeper.replayed if self.keeper is not None else None
            about -= {*spared, *self.session.target.vendor.logins}
            Replayer(self.session, self.excused, self.records, told).run(self.corpus, about)

    def _relied_on(self) -> list[str]:
        """The operations of which less is made up, since cases of the present document are kept of them."""
        if self.keeper is not None or not self.corpus.current or self.profile.fewer is None:
            return []
        return sorted({each.operation for each in self.corpus.cases})

    def _event(self, event: events.EngineEvent) -> None:
        if isinstance(event, events.ScenarioFinished):
            self._scenario(event)
        elif isinstance(event, events.NonFatalError):
            self._not_fuzzed(event)
        elif isinstance(event, events.FatalError):
            self._trouble(str(event.exception))
        elif isinstance(event, events.EngineFinished) and self.stopped:
            self._out_of_time()
        elif isinstance(event, events.EngineFinished) and event.stop_reason != StopReason.COMPLETED:
            self._trouble(f"it stopped early: {event.stop_reason.value}")

    def configuration(self, folder: str) -> dict[str, Any]:
        """The configuration: what the profile allows, a fixed seed, its reports in ``folder``."""
        profile = self.profile
        wide = [each.id for each in self.session.document.operations.values() if wider(each, profile.widest)]
        kept = self._relied_on()
        fewer = {"coverage": {"enabled": False}, "fuzzing": {"generation": {"max-examples": profile.fewer}}}
        alone = {"coverage": {"enabled": False}}
        generation = {"max-examples": profile.examples, "database": "none", "with-security-parameters": False}
        return {
            "seed": self.seed,
            "base-url": self._base_url,
            "workers": 1,
            "continue-on-failure": True,
            "request-timeout": self.session.target.timeout,
            "headers": self.headers(),
            **({"auth": {"openapi": keys}} if (keys := self.keys()) else {}),
            "generation": generation,
            "cache": {"enabled": False, "directory": folder},
            # How fast requests are made says nothing of a vendor, and hangs on what else the machine does; where a
            # document alone describes one, its bodies may be too large to be made at all.
            "suppress-health-check": [] if self.session.target.vendor.described else ["too_slow"],
            "output": {"truncation": {"max-recorded-payload-size": 0}},  # the judges read whole responses
            "phases": {
                "examples": {"enabled": True},
                "coverage": {
                    "generation": {"mode": "all" if profile.negative else "positive"},
                    "unexpected-methods": _RANDOM_METHODS if profile.methods and self._changes else [],
                    "generate-duplicate-query-parameters": profile.negative,
                },
                "fuzzing": {"generation": {"max-examples": profile.examples}},
                "stateful": {"max-steps": profile.steps, "generation": {"max-examples": profile.chains}},
            },
            "operations": [
                {"include-operation-id": name, "phases": fewer if name in kept else alone}
                for name in dict.fromkeys([*wide, *kept])
            ],
        }

    @property
    def _base_url(self) -> str:
        target = self.session.target
        return target.base if target.fuzzed_in_process else target.url

    @property
    def _changes(self) -> bool:
        return self.session.target.writes and self.session.guard is None

    def headers(self) -> dict[str, str]:
        """Everything that opens an operation, sent with each request: the document says which of it counts."""
        every = [self.session.own_headers(each) for each in self.session.document.operations.values()]
        headers: dict[str, str] = {}
        cookies = any(each.get("in") == "cookie" for each in self.session.document.schemes.values())
        for name, value in (pair for pairs in (self.session.credential.headers, *every) for pair in pairs):
            if not name.startswith("?") and not (name == "Cookie" and cookies):
                headers.setdefault(name, value)  # two schemes may share a field: the login's own opens most
        return headers

    @cached_property
    def _shut(self) -> frozenset[str]:
        """Operations whose credential has the same field as another, which is sent in its place."""
        sent, session = self.headers(), self.session
        own = {each.id: session.own_headers(each) for each in session.document.operations.values()}
        return frozenset(name for name, pairs in own.items() if any(sent.get(each, to) != to for each, to in pairs))

    def keys(self) -> dict[str, dict[str, str]]:
        """The keys that travel in the query or in a cookie, by their schemes: the fuzzer puts them there itself."""
        secrets = self.session.target.secrets
        known = known_schemes(self.session.document.schemes) if self.session.target.vendor.described else {}
        return {
            name: {"api_key": secrets[scheme.secrets[0]]}
            for name, scheme in known.items()
            if scheme.kind == "key" and scheme.where != "header" and scheme.secrets[0] in secrets
        }

    def _document(self) -> dict[str, Any]:
        """The effective document without what the vendor's policy spares and what the run may not call."""
        document: dict[str, Any] = loads(dumps(self.session.document.data))
        make_readable(document, self.keys())
        spared = {each.operation: each.reason for each in self.session.target.vendor.policy.spared}
        # A login may be called with good credentials only: a fuzzer that guesses passwords locks accounts. At an
        # account the fuzzer only reads, WRITE=1 or not: it takes ids from any response, and marks nothing.
        reads = not self._changes
        every = self.session.document.operations
        for name, item in list(document["paths"].items()):
            for method in [each for each in item if reads and _id(item[each]) in every]:
                if not every[_id(item[method])].reads:
                    del item[method]
            if not any(_id(each) in every for each in item.values()):
                del document["paths"][name]
        others = set[str]() if self.about is None else set(every) - self.about
        for item in document["paths"].values():
            for method in [name for name, each in item.items() if _id(each) in others]:
                del item[method]
        for item in document["paths"].values():
            for method in [name for name, each in item.items() if _id(each) in spared]:
                self.session.results.skip(f"{_id(item[method])} is not fuzzed: {spared[_id(item[method])]}")
                del item[method]
        return document

    def _scenario(self, event: events.ScenarioFinished) -> None:
        results = self.session.results
        known = traffic.exchanges(event.recorder, self.session.bodies)
        results.links.update(traffic.links(event.recorder))
        excused: set[tuple[str, int]] = set()
        for case_id, exchange in known.items():
            if traffic.positive(event.recorder, case_id):
                self._offer(exchange)
            excused |= {(check, id(exchange)) for check in self.excused(exchange)}
        for verdict in traffic.verdicts(event.recorder, known):
            if verdict.check not in CHECKS:
                continue
            finding = verdict.finding
            if finding is not None and finding.exchanges and (finding.check, id(finding.exchanges[-1])) in excused:
                finding = None
            if finding is not None and finding.exchanges and self._still_limited(finding.exchanges[-1]):
                finding = None
            if finding is not None and self.rejections.misread(self._marked(finding)):
                finding = None
            if finding is not None and finding.exchanges:
                self._offer(finding.exchanges[-1], finding.check)
            results.judge(verdict.check, verdict.operation, [] if finding is None else [finding])
        results.step(event.label or "")

    def _marked(self, finding: Finding) -> Finding:
        return evolve(finding, exchanges=tuple(map(self.session.with_refusal, finding.exchanges)))

    def _offer(self, exchange: Exchange, finding: str = "") -> None:
        """Offer a case to the keeper; a login's is none, as whether it succeeds hangs on credentials alone."""
        if self.keeper is not None and exchange.operation not in self.session.target.vendor.logins:
            operation = self.session.document.operations[exchange.operation]
            self.keeper.offer(operation, exchange, self.rejections.known, finding)

    def excused(self, exchange: Exchange) -> list[str]:
        """Judge one exchange; returns the checks of the fuzzer whose finding in it would be none.

        The fuzzer knows neither what exists at the target, nor that a body may refuse what its status accepts, nor what
        a list looks like on the way. A success of a forbidden request, which the document has no failure for, says
        nothing; nor does the response to a path that has lost a part.
        """
        session, operation = self.session, self.session.document.operations[exchange.operation]
        away = leads_elsewhere(operation, exchange) or exchange.operation in self._shut
        if away or (not operation.refuses_requests and forbidden(operation, exchange)):
            self.statuses.setdefault(exchange.operation, Counter())[exchange.status] += 1
            return list(CHECKS)
        at = session.target.now() if session.target.control else exchange.at
        marked = session.with_refusal(evolve(exchange, at=at))
        refused = not marked.success and self.rejections.refusal(marked) is not None
        self.rejections.learn(marked)
        self.statuses.setdefault(exchange.operation, Counter())[marked.status] += 1
        if self._still_limited(marked):
            session.note_limited(marked)
            return []
        session.results.note(marked)
        session.look(operation, marked)
        accepted = bool(marked.refused) or self.rejections.acceptance(marked)
        return list(excuses(operation, marked, refused=refused, accepted=accepted))

    def _still_limited(self, exchange: Exchange) -> bool:
        """Whether a response is a 429 of a target that others use too, which says nothing of the operation."""
        return exchange.status == 429 and self.session.target.patience is not None

    def _trouble(self, text: str) -> None:
        finding = Finding("hollow_run", "", f"the fuzzer: {' '.join(text.split())[:400]}", kind=text[:80])
        self.session.results.judge("hollow_run", "", [finding])

    def _not_fuzzed(self, event: events.NonFatalError) -> None:
        """An operation that the fuzzer gave up: no trouble where its requests are only too large to be made at random,
        the probes had a success of it, and nobody but its document says how to fill them."""
        results = self.session.results
        known = {each.id for each in self.session.document.operations.values() if event.label == _label(each)}
        never = {each for each in known if impossible(self.session.document.operations[each])}
        if known and known == never:
            self.given_up |= known  # the run says why when it concludes
            return
        told = str(event.value)
        wide = "exceed size limits" in told or "Data generation is too slow" in told
        described = self.session.target.vendor.described
        large = wide and described
        if described and "invalid link definitions" in told:
            results.skip(f"the fuzzer follows no links: {' '.join(told.partition('definitions:')[2].split())[:300]}")
            return
        if described and "No supported serializers" in told and known <= results.covered:
            self.given_up |= known
            results.skip(f"{', '.join(known)}: not fuzzed, as nothing can write its media types at random")
            return
        if large and known and known <= results.covered:
            self.given_up |= known
            results.skip(f"{', '.join(known)}: not fuzzed, as its requests are too large to be made at random")
        else:
            self._trouble(f"{event.label}: {event.value}")

    def _out_of_time(self) -> None:
        """Say that the time was over: of a vendor that a document alone describes the probes have then to be enough."""
        said = f"it was stopped after {self.profile.fuzzing:.0f} s, as the profile says"
        if self.session.target.vendor.described:
            self.session.results.skip(f"the fuzzer: {said}; what it did not reach was probed only")
        else:
            self._trouble(said)

    def _left_out(self, offered: set[str]) -> None:
        """Operations that were to be fuzzed and were not sent a single request."""
        every = self.session.document.operations
        described = self.session.target.vendor.described
        reached = self.session.results.covered if self.stopped and described else set[str]()
        for operation in sorted((offered & set(every)) - reached - self.given_up):
            self.session.results.judge("hollow_run", operation, was_fuzzed(every[operation], self.statuses))

    def _locked_out(self) -> None:
        """Operations whose every response to a good credential was that it is none."""
        for operation, seen in self.statuses.items():
            known = self.session.document.operations[operation]
            if operation in self._shut:
                self.session.results.skip(f"{operation}: another credential has its field; it was probed only")
            elif known.secured and not self.session.missing(known):
                self.session.results.judge("hollow_run", operation, let_in(known, seen))


config_from_dict: Callable[[dict[str, Any]], SchemathesisConfig] = cast(Any, SchemathesisConfig).from_dict


def _label(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def _id(operation: Any) -> str:
    return str(operation.get("operationId", "")) if is_object(operation) else ""
