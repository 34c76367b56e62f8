"""Which calls the generated client is driven through, and which it is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accordant_contract.document.document import Operation
from accordant_contract.document.values import Arguments
from accordant_contract.probes import client_replay
from accordant_contract.probes.context import ProbeContext
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets, vendor
from accordant_contract.target.clients import Clients
from accordant_contract.target.session import TargetSession


@pytest.fixture
def run() -> Iterator[Run]:
    """A run over a sandbox of Dispatch."""
    with targets.local(vendor.load("dispatch"), way="process") as target:
        run = Run(target, Settings(PROFILES["quick"], focus=()))
        yield run
        run.context.clients.close()


def test_an_operation_of_another_credential_is_not_driven_without_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a scheme of its own opens an operation, the run names the variable that is not set, and finds nothing."""

    def missing(_: TargetSession, __: Operation) -> list[str]:
        return ["DISPATCH_OTHER_KEY"]

    monkeypatch.setattr(TargetSession, "missing", missing)
    client_replay.drive(run.context, run.document.operations["listUsers"])
    assert not run.results.findings
    assert any("set DISPATCH_OTHER_KEY in the environment" in each for each in run.results.skipped)


def test_what_a_deletion_named_is_not_deleted_once_more(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client deletes a record once: where no other can be had, its second deletion would rightly fail."""
    calls: list[Operation] = []

    def the_same(_: ProbeContext, __: Operation, ___: int) -> Arguments:
        return Arguments(path={"id": 1})

    def called(_: Clients, operation: Operation, __: Any, **___: Any) -> None:
        calls.append(operation)

    monkeypatch.setattr(client_replay, "_fresh", the_same)
    monkeypatch.setattr(Clients, "call", called)
    client_replay.drive(run.context, run.document.operations["deleteBrand"])
    assert len(calls) == 1
