"""The fuzzer says so when it proved nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import target as targets
from . import vendor
from .fuzz import engine
from .fuzz.engine import Fuzzer
from .fuzz.excuses import Excuses
from .profiles import PROFILES
from .run import Run, Settings


class _Silent:
    """An engine that ends well without a single request."""

    def __init__(self, _schema: object) -> None:
        """It needs no schema."""

    def execute(self) -> Iterator[object]:
        """No event."""
        return iter(())


def test_a_fuzzer_that_sent_nothing_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation that the fuzzer never called is a hollow run, not a success; a spared one is named as skipped."""
    monkeypatch.setattr(engine, "from_schema", _Silent)
    with targets.local(vendor.load("dispatch"), way="process") as target:
        run = Run(target, Settings(PROFILES["quick"], focus=()))
        Fuzzer(run.session, PROFILES["quick"], 1, Excuses(run.document, target.vendor.policy, {})).run()
    spared = {each.operation for each in target.vendor.policy.spared}
    found = {each.finding.operation for each in run.ledger.findings.values() if each.finding.check == "hollow_run"}
    assert found == set(run.document.operations) - spared
