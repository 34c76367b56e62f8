"""The table of rows before and after runs at an address."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from accordant_contract.errors import ContractError
from accordant_contract.evidence.marked import put
from accordant_contract.run import live_table
from accordant_contract.run.live_rows import LiveRun, RowDifference, account, kill_in_the_middle, rows
from accordant_contract.target import targets, vendor

SAME = RowDifference(3, 3, (), (), ())
GOOD = LiveRun("dispatch", "WRITE=1", SAME, 90, 0, ())
KILLED = evolve(GOOD, mode="SIGKILL", killed=9, unshown=2)
HARM = evolve(
    GOOD,
    rows=RowDifference(3, 3, ("jobs 1",), ("jobs 2",), ("jobs 3",)),
    findings=("page_walk listJobs: a row is missing",),
    left_behind=("job 3: the API has no operation that deletes it",),
    code=1,
)


def test_every_row_that_differs_is_named() -> None:
    """A changed row, one that is gone and one that is new show by their table and key."""
    before = {("jobs", "1"): "a", ("jobs", "2"): "b", ("brands", "1"): "c"}
    after = {("jobs", "1"): "x", ("brands", "1"): "c", ("brands", "9"): "d"}
    difference = RowDifference.between(before, after)
    assert difference == RowDifference(3, 3, ("jobs 1",), ("jobs 2",), ("brands 9",))
    assert not difference.none
    assert RowDifference.between(before, before).none


def test_a_run_takes_the_sandbox_for_an_account(tmp_path: Path) -> None:
    """A run only reads there, writes to its own records with WRITE=1, and each row of the sandbox counts."""
    with account("dispatch", tmp_path) as there:
        sandbox, secrets = there.sandbox, there.credentials(("client_id", "client_secret"))
        assert sorted(secrets) == ["DISPATCH_CLIENT_ID", "DISPATCH_CLIENT_SECRET"]
        for write in (False, True):
            with targets.remote(vendor.load("dispatch"), sandbox.url, secrets, write=write) as target:
                assert (target.writes, target.guarded, target.control) == (write, write, None)
        made = sandbox.given("brands")[0]
        assert RowDifference.between(there.before, rows(sandbox)).left == (f"brands {made['id']}",)


def test_a_killed_run_is_cleaned_up_by_the_commands(tmp_path: Path) -> None:
    """The commands that a user types leave each row as it was, after SIGKILL in the middle of a run with WRITE=1."""
    with account("dispatch", tmp_path) as there:
        seen = there.killed_run("killed", 150)
    assert seen.well, live_table.told(seen)
    assert seen.killed is not None
    assert seen.killed != seen.rows.before
    assert seen.requests > 150


def test_a_process_that_ends_before_proves_nothing() -> None:
    """What ended before it could be killed is no killed run; what is killed has done what it was killed for."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        with pytest.raises(ContractError, match="ended before it could be killed"):
            kill_in_the_middle(process.pid, lambda: process.poll() is None, lambda: 1)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        seen = iter([0, 4, 0, 5, 6])
        assert kill_in_the_middle(process.pid, lambda: process.poll() is None, lambda: next(seen)) == 6
        assert process.wait() == -9


def test_the_table_says_what_was_done_to_an_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line each run: rows, what differs, what is left and why; harm is told in words, and counts."""

    def runs(name: str, folder: Path) -> Iterator[LiveRun]:
        del name, folder
        yield from (GOOD, KILLED, HARM)

    monkeypatch.setattr(live_table, "live_runs", runs)
    page, out = tmp_path / "page.md", io.StringIO()
    page.write_text("before\n<!-- live-rows -->\nold\n<!-- /live-rows -->\nafter\n", encoding="utf-8")
    assert live_table.run_live_rows(["dispatch"], page, out) == 1
    said, shown = out.getvalue(), page.read_text(encoding="utf-8")
    assert "BAD  dispatch, WRITE=1: 3 rows, then 3; 90 requests" in said
    assert "       removed: jobs 2" in said
    assert "       finding: page_walk listJobs: a row is missing" in said
    assert "| dispatch | WRITE=1 | 3 | 3 | 0 | 0 | 0 | 90 | 0 | 0 |" in shown
    assert "| dispatch | SIGKILL | 3 | 3 (9 when it was killed) | 0 | 0 | 0 (2 that no operation shows) |" in shown
    assert "| 1 | 1 | 1: job 3: the API has no operation that deletes it | 90 | 0 | 1 |" in shown
    assert (shown.startswith("before\n"), shown.endswith("after\n"), "old" in shown) == (True, True, False)


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    """Figures go between two marks; a page without them is refused with what it lacks, and so is no page."""
    page = tmp_path / "page.md"
    page.write_text("text\n", encoding="utf-8")
    with pytest.raises(ContractError, match="has no lines <!-- faults -->"):
        put(page, "faults", "figures")
    assert page.read_text(encoding="utf-8") == "text\n"
    with pytest.raises(ContractError, match="cannot read"):
        put(tmp_path / "none.md", "faults", "figures")
