"""Did a run prove anything about an operation?"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from ..document.document import Operation
from ..document.values import Finding, Findings

_ENOUGH: Final = 3


def succeeded_once(operation: Operation, covered: Collection[str]) -> Findings:
    """The operation is one of those that had a success in this run."""
    if operation.id not in covered:
        yield Finding("hollow_run", operation.id, "it never succeeded, so nothing is proven", kind="reach")


def judged_enough(operation: Operation, checks: Collection[str]) -> Findings:
    """At least three checks judged the operation; ``checks`` are those that did."""
    judged = {each for each in checks if each != "hollow_run"}
    if len(judged) < _ENOUGH:
        text = (
            f"only {len(judged)} checks judged it ({', '.join(sorted(judged)) or 'none'}), so hardly anything is proven"
        )
        yield Finding("hollow_run", operation.id, text, kind="few checks")


def was_fuzzed(operation: Operation, sent: Collection[str]) -> Findings:
    """The operation is one of those that the fuzzer sent a request."""
    if operation.id not in sent:
        yield Finding("hollow_run", operation.id, "the fuzzer sent it no request", kind="unsent")


def let_in(operation: Operation, statuses: Collection[int]) -> Findings:
    """A good credential met something else than refusals of credentials; ``statuses`` are all that came."""
    if statuses and set(statuses) <= {401, 403}:
        text = f"the fuzzer met nothing but {', '.join(map(str, sorted(statuses)))}: it lacks the right"
        yield Finding("hollow_run", operation.id, text, kind="missing_auth")
