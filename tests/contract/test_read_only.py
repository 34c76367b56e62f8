"""A run against somebody's real account: it changes nothing unless it is told to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from accordant_contract import __main__ as command
from accordant_contract.document.document import load
from accordant_contract.document.values import Arguments
from accordant_contract.errors import ContractError
from accordant_contract.run.live_rows import rows, unshown
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets, vendor
from accordant_contract.target.patience import Patience
from accordant_sandbox import Sandbox

SHORT = evolve(PROFILES["quick"], examples=2, chains=2)
OVER_HTTP = ("dispatch",)
"""The vendor that a whole run reaches over HTTP; for the others, server and sockets would cost more than the run."""


def account(sandbox: Sandbox, name: str) -> targets.Target:
    """A sandbox as if it were somebody's account: no clock that may be moved, and other people who use it too.

    Nor is there a limit to wait for: waiting would let the sandbox's own work go on.
    """
    target = targets.remote(vendor.load(name), sandbox.url, sandbox.env())
    patience = Patience((), target.now, target.wait)
    return evolve(target, control=None, writes=False, exclusive=False, patience=patience)


def reached(sandbox: Sandbox, name: str) -> targets.Target:
    """The same account, without sockets where there are many operations."""
    target = account(sandbox, name)
    if name in OVER_HTTP:
        return target
    within = sandbox.credentials
    return evolve(
        target,
        base=str(within["base_url"]).rstrip("/"),
        send=sandbox.transport,
        client_arguments=within,
        fuzzed_in_process=True,
    )


@pytest.mark.parametrize("name", vendor.names())
def test_a_run_that_only_reads_changes_nothing(name: str) -> None:
    """Before and after such a run, fuzzer included, every record of the account is the same, and nothing is found."""
    with Sandbox(name, **vendor.load(name).sandbox) as sandbox:
        before, hidden = rows(sandbox), unshown(sandbox)
        with reached(sandbox, name) as target:
            run = Run(target, Settings(SHORT))
            run.execute()
        assert (rows(sandbox), unshown(sandbox)) == (before, hidden)
        operations = load(name).operations
        called = {entry.operation for entry in sandbox.journal if entry.operation}
        assert called
        assert all(operations[each].reads or each in target.vendor.logins for each in called)
        # The sandbox's calendar stands still, which an account's does not.
        others = [seen.finding for seen in run.results.findings.values() if seen.finding.check != "date_truth"]
        assert not others, [each.message for each in others]
        assert run.results.covered >= {
            each.id for each in operations.values() if each.action == "list" and each.secured
        }
        assert any("this run only reads (WRITE=1 allows it)" in reason for reason in run.results.skipped)


@pytest.mark.parametrize("name", vendor.names())
def test_an_account_without_records_is_green(name: str) -> None:
    """Where the lists are empty, what needs a record is listed as not judged: no made-up id is held against the API."""
    with Sandbox(name, seed="empty", **vendor.load(name).sandbox) as sandbox, reached(sandbox, name) as target:
        run = Run(target, Settings(SHORT, fuzz=False))
        run.execute()
    others = [seen.finding for seen in run.results.findings.values() if seen.finding.check != "date_truth"]
    assert not others, [each.message for each in others]
    assert any("a record that it needs cannot be had" in reason for reason in run.results.skipped)


def test_nothing_that_writes_leaves_a_run_that_only_reads() -> None:
    """Whatever asks for it, a request that may change a record is not sent."""
    with Sandbox("dispatch") as sandbox, account(sandbox, "dispatch") as target:
        session = Run(target, Settings(PROFILES["quick"])).session
        with pytest.raises(ContractError, match="POST /v3/jobs may change records, and this run only reads"):
            session.call("createJob", Arguments(body={}))
        listing = session.document.operations["listJobs"]
        with pytest.raises(ContractError, match="DELETE"):
            session.unjudged(listing, "DELETE", Arguments())


def test_a_sandbox_of_this_machine_is_tested_whole() -> None:
    """Its control plane on a loopback address tells a sandbox from an account; any other address is only read."""
    with Sandbox("dispatch") as sandbox:
        with targets.remote(vendor.load("dispatch"), sandbox.url, sandbox.env()) as target:
            assert target.writes
        with targets.remote(vendor.load("dispatch"), sandbox.url, sandbox.env(), write=True) as target:
            assert target.writes


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The jobs that a command would do; none is done."""
    seen: list[Any] = []

    def keep(jobs: list[Any], _listener: Any, _workers: int) -> Iterator[tuple[Any, Mapping[str, Any]]]:
        seen.extend(jobs)
        yield from ()

    monkeypatch.setattr(command, "do_all", keep)
    return seen


def test_the_command_says_first_what_it_will_do(jobs: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is sent the command names the address, and says whether it reads or writes there."""
    arguments = ["run", "--vendor", "dispatch", "--target", "https://api.dispatch.test"]
    command.main(arguments, {})
    assert (
        "dispatch at https://api.dispatch.test: this run only reads, with 18 of 49 operations"
        in capsys.readouterr().err
    )
    command.main([*arguments, "--write"], {})
    assert "WRITE=1, this run creates records there, changes and deletes those alone" in capsys.readouterr().err
    assert [job.write for job in jobs] == [False, True]
    command.main([*arguments[:3], "--target", "http://127.0.0.1:9"], {})
    assert "a sandbox on this machine is tested whole; any other server is only read" in capsys.readouterr().err
    del jobs[2:]
    assert json.dumps([job.url for job in jobs]) == json.dumps(["https://api.dispatch.test"] * 2)


def test_the_demo_runs_what_a_run_runs(jobs: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The demo makes the jobs of a quick run over every vendor's sandbox, and needs no option of its own for that."""

    def nothing(*_: object) -> None:
        pass

    monkeypatch.setattr("accordant_contract.run.demo.verify_generated", nothing)
    monkeypatch.setattr("accordant_contract.run.demo.sessions", nothing)
    monkeypatch.setattr("accordant_contract.run.demo.show_a_fault", nothing)
    command.main(["demo", "--out", str(tmp_path)], {})
    assert sorted(job.vendor for job in jobs) == sorted(vendor.names())
    assert {(job.profile, job.url, job.write) for job in jobs} == {("quick", None, False)}
