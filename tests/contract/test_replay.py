"""One operation and one check of a run, played again."""

from __future__ import annotations

from pathlib import Path

import pytest

from accordant_contract.__main__ import main
from accordant_contract.evidence import store
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets, vendor


def replay(operation: str, check: str | None) -> Run:
    settings = Settings(PROFILES["quick"], focus={operation}, only=check, fuzz=False)
    with targets.local(vendor.load("dispatch"), faults=["create_dup"], way="process") as target:
        run = Run(target, settings)
        run.execute()
    return run


def test_a_replay_finds_what_the_whole_run_found_with_few_calls() -> None:
    """The same operation and check are red again, for a small part of the calls, and nothing else is listed."""
    run = replay("createJob", "count_effect")
    found = {(each.finding.operation, each.finding.check) for each in run.results.findings.values()}
    assert found == {("createJob", "count_effect")}
    assert run.results.exchanges < 200


def test_a_replay_of_another_check_is_green_and_says_what_it_left_out() -> None:
    """Findings of other checks do not make a replay red; that there were some is said."""
    run = replay("createJob", "auth_enforced")
    assert not run.results.findings
    assert any("left out" in each for each in run.results.skipped)


def test_a_replay_leaves_the_evidence_of_whole_runs_alone(tmp_path: Path) -> None:
    """Its evidence goes to a folder of its own: a part covers nothing."""
    words = ["run", "--vendor", "dibop", "--operation", "listSystems", "--check", "page_walk", "--out", str(tmp_path)]
    assert main(words) == 0
    assert store.load(tmp_path, "dibop") is None
    record = store.load(tmp_path / "replay", "dibop")
    assert record is not None
    assert record["passed"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--vendor", "dibop", "--operation", "listSystem"], "listSystems"),
        (["--operation", "listSystems"], "VENDOR"),
        (["--check", "read_after_writes"], "read_after_write"),
    ],
)
def test_an_unknown_operation_or_check_is_named_with_the_closest(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A wrong name ends the run with exit code 2 before anything is sent."""
    assert main(["run", *words, "--out", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err
