"""A run in parts that several processes share: the same evidence whatever their number, and no result with a hole."""

from __future__ import annotations

import multiprocessing
from typing import Any

import pytest
from attrs import evolve

from accordant_contract.document.document import load
from accordant_contract.document.values import Finding
from accordant_contract.evidence.results import Event, Found, PhaseStarted
from accordant_contract.run import parts as sharing
from accordant_contract.run.parts import PartResult, merged, parts
from accordant_contract.run.progress import once
from accordant_contract.run.shards import Shard
from accordant_contract.run.workers import Job, do_all, split
from accordant_contract.target import vendor

JOB = Job("dibop", "quick", 7, shard=Shard(2, 5))
"""A small run, which is one part until a test says that few operations are enough for two."""


@pytest.fixture
def two_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a few operations are two parts."""
    monkeypatch.setattr(sharing, "_SMALL", 1)


def _outcome(workers: int, seen: list[Event]) -> Any:
    [(_, outcome)] = do_all([JOB], seen.append, workers)
    return outcome


@pytest.mark.usefixtures("two_parts")
def test_two_processes_give_the_evidence_of_one() -> None:
    """Two processes side by side and one after the other give the same evidence but for the time, and one progress."""
    assert len(split(JOB)) == 2
    side_by_side: list[Event] = []
    first, second = _outcome(2, side_by_side), _outcome(1, [])
    assert first["passed"], first["findings"]
    assert {each["id"] for each in first["operations"]} == Shard(2, 5).operations(load("dibop").operations)
    times = ("started", "seconds")
    assert {k: v for k, v in first.items() if k not in times} == {k: v for k, v in second.items() if k not in times}
    assert {each.vendor for each in side_by_side} == {"dibop"}
    assert [each.phase for each in side_by_side if isinstance(each, PhaseStarted)].count("probes") == 2


@pytest.mark.usefixtures("two_parts")
def test_a_killed_process_leaves_a_sentence_and_no_result() -> None:
    """Where a part's process dies the run has no evidence, and says that a process was killed."""

    def kill(_: Event) -> None:
        for process in multiprocessing.active_children():
            process.kill()

    [(_, outcome)] = do_all([JOB], kill, 2)
    assert isinstance(outcome, str)
    assert "was killed" in outcome


@pytest.mark.parametrize("name", vendor.names())
def test_the_parts_of_a_run_have_every_operation_once(name: str) -> None:
    """Each operation is in one of the parts, which the document alone decides; a vendor of ours has two at least."""
    every = load(name).operations
    found = parts(every)
    assert len(found) >= 2
    assert sorted(each for part in found for each in part.operations(every)) == sorted(every)


@pytest.mark.parametrize(
    "changed",
    [{"url": "http://127.0.0.1:1"}, {"operation": "login"}, {"check": "page_walk"}, {"missing": "set DIBOP_EMAIL"}],
    ids=str,
)
def test_an_account_and_a_replay_are_not_shared(changed: dict[str, Any]) -> None:
    """What has one account, one journal or one check is done by one process."""
    whole = Job("dibop", "quick", 7)
    assert len(split(whole)) == 2
    assert split(evolve(whole, **changed)) == [evolve(whole, **changed)]


def _part(operation: str, **changed: Any) -> PartResult:
    finding = {"key": "a|listSystems|", "check": "a", "operation": "listSystems", "message": "wrong", "times": 1}
    line = {"id": "listSystems", "covered": False, "statuses": {"200": 2}, "stateless": "it only reads"}
    checks = {"a": {"checked": 3, "failed": 1}}
    record: dict[str, Any] = {
        **{"vendor": "dibop", "started": "2026-01-01T00:00:00+00:00", "exchanges": 2, "passed": False, "covered": []},
        **{"reach": {"limited": 1, "links": 0, "links_followed": 0}, "operations": [{**line, "checks": checks}]},
        **{"findings": [finding], "excused": [], "stale": [], "undocumented": [], "skipped": ["x"], **changed},
    }
    return PartResult(record, frozenset({operation}), {"rule": {"key": "hollow_run||rule", "times": 1}}, 1.0, 3.0)


def test_a_cause_that_two_parts_see_is_one_finding() -> None:
    """Counts are sums, times are one span, and a finding of both parts is one, seen twice."""
    whole = merged([_part("listSystems"), evolve(_part("other"), begun=2.0, ended=4.5)])
    assert [(each["key"], each["times"]) for each in whole["findings"]] == [("a|listSystems|", 2)]
    assert (whole["exchanges"], whole["seconds"], whole["passed"], whole["skipped"]) == (4, 3.5, False, ["x"])
    [line] = whole["operations"]
    assert (line["statuses"], line["checks"]) == ({"200": 4}, {"a": {"checked": 6, "failed": 2}})
    assert whole["reach"]["limited_share"] == 0.5


def test_an_allowance_is_superfluous_only_if_no_part_needed_it() -> None:
    """What one part found unused is no finding where another part used it."""
    clean: dict[str, Any] = {"findings": [], "passed": True}
    idle = [_part("listSystems", **clean), _part("other", **clean)]
    assert [each["key"] for each in merged(idle)["findings"]] == ["hollow_run||rule"]
    used = merged([idle[0], evolve(idle[1], unused={})])
    assert used["passed"]


def test_whoever_listens_is_told_a_finding_once() -> None:
    """The same finding of two processes is one line."""
    seen: list[Event] = []
    told = once(seen.append)
    for _ in range(2):
        told(Found("dibop", Finding("page_walk", "listSystems", "a row is missing")))
    assert len(seen) == 1
