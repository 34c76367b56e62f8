"""Kept cases sent again, straight through the session's sender, and judged as the fuzzer's own are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from attrs import evolve, frozen

from ..document.values import Exchange
from ..judges.conformance import positive_data_acceptance
from ..records.record import Record
from ..target.request_builder import build
from ..target.session import TargetSession
from .file import Corpus, KeptCase, with_present_records

OPEN: Final = frozenset({401, 403, 404, 408, 409, 429})
"""Refusals that the fuzzer expects of a request that the document allows: it does not say what exists."""


@frozen(eq=False)
class Replayer:
    """Sends the kept cases of some operations.

    ``look`` judges an exchange as one of the fuzzer, and returns the checks that it excuses; ``records`` are the known
    records of a kind; ``told`` is given each case with its exchange.
    """

    session: TargetSession
    look: Callable[[Exchange], Collection[str]]
    records: Callable[[str], Sequence[Record]]
    told: Callable[[KeptCase, Exchange], None] | None = None

    def run(self, corpus: Corpus, operations: Collection[str]) -> int:
        """Send every case of these operations in the file's order; returns how many there were."""
        cases = [each for each in corpus.cases if each.operation in operations]
        results = self.session.results
        results.phase("kept cases", len(cases))
        for case in cases:
            exchange = self._again(case)
            if self.told is not None:
                self.told(case, exchange)
            results.step(case.operation)
        return len(cases)

    def _again(self, case: KeptCase) -> Exchange:
        session = self.session
        operation = session.document.operations[case.operation]
        arguments = with_present_records(operation, case, self._instead(case))
        request = build(operation, arguments, session.target.base, session.opening(operation))
        exchange = Exchange(operation.id, request, None, arguments, "unknown", at=session.target.now())
        try:
            status, pairs, body = session.target.send(
                request.method, request.url, request.headers, request.body, session.target.timeout
            )
            exchange = evolve(exchange, response=session.bodies.response(status, tuple(pairs), body))
        except (ConnectionError, TimeoutError) as error:
            exchange = evolve(exchange, failure=str(error) or type(error).__name__)
        excused = "positive_data_acceptance" in self.look(exchange) or exchange.status in OPEN
        valid = evolve(exchange, intent="valid")
        found = [] if excused else list(positive_data_acceptance(operation, valid))
        session.results.judge("positive_data_acceptance", operation.id, found)
        return exchange

    def _instead(self, case: KeptCase) -> dict[tuple[str, str], Any]:
        """For each record of a case that is not there the first of its kind that is."""
        found: dict[tuple[str, str], Any] = {}
        for entity, value in case.references:
            known = [each.key for each in self.records(entity)]
            if known and str(value) not in map(str, known):
                found[entity, str(value)] = known[0]
        return found
