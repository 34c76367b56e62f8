"""Evidence over runs: what is new, what is gone, a live run beside the sandbox, and how much a run proves."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from accordant_contract.document.document import load
from accordant_contract.document.policy import Policy
from accordant_contract.evidence import store
from accordant_contract.evidence.page import page
from accordant_contract.evidence.record import reach
from accordant_contract.evidence.results import ResultCollector
from accordant_contract.evidence.stateless import stateless

from .test_evidence_of_run import passed
from .widget_api import WIDGETS, exchange, operation


def failed(started: str, *names: str, **more: Any) -> dict[str, Any]:
    """Evidence of a run that found something at these operations."""
    findings: list[dict[str, Any]] = [
        {
            **{"check": "page_walk", "operation": name, "path": "$.name", "key": f"page_walk {name}", "times": 1},
            **{"message": f"a row of {name} is missing", "exchanges": [], "token": ""},
        }
        for name in names
    ]
    return passed(started=started, passed=not names, findings=findings, **more)


def test_what_is_new_and_what_is_gone_since_the_last_run(tmp_path: Path) -> None:
    """A run is compared with the last one of its target and profile: new findings are marked, gone ones are listed."""
    store.save(tmp_path, failed("2026-03-01T09:00:00", "listJobs", "listUsers"))
    store.save(tmp_path, failed("2026-03-02T09:00:00", "listBrands", profile="full"))
    store.save(tmp_path, failed("2026-03-03T09:00:00", "listUsers", "listSources"))
    record = store.load(tmp_path, "dispatch") or {}
    history = record["history"]
    assert history["since"] == "2026-03-01T09:00:00"
    assert history["new"] == ["page_walk listSources"]
    assert [each["operation"] for each in history["gone"]] == ["listJobs"]
    assert [each["findings"] for each in history["runs"]] == [2, 2]
    text = page([record])
    assert text.count('<span class="badge fail">new</span>') == 1
    assert "Gone since the last run" in text
    assert "a row of listJobs is missing" in text
    assert "The last runs" in text


def test_the_first_run_has_nothing_new(tmp_path: Path) -> None:
    """Without an earlier run nothing is called new, and a broken history counts as none."""
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / "dispatch.json").write_text("{")
    store.save(tmp_path, failed("2026-03-01T09:00:00", "listJobs"))
    history = (store.load(tmp_path, "dispatch") or {})["history"]
    assert (history["since"], history["new"], history["gone"]) == ("", [], [])


def test_a_live_run_lies_beside_the_sandbox(tmp_path: Path) -> None:
    """Evidence of a live run has a file of its own, and one page shows both."""
    store.save(tmp_path, passed())
    store.save(tmp_path, failed("2026-03-02T09:00:00", "listJobs", live=True, target="https://api.example.com"))
    assert (store.load(tmp_path, "dispatch") or {})["passed"] is True
    assert (store.load(tmp_path, "dispatch.live") or {})["passed"] is False
    text = store.publish(tmp_path, ["dispatch.live"]).read_text(encoding="utf-8")
    assert '<section class="vendor" id="dispatch">' in text
    assert '<section class="vendor" id="dispatch-live">' in text
    assert "listJobs" in (tmp_path / "junit.xml").read_text(encoding="utf-8")
    assert (tmp_path / "junit.xml").read_text(encoding="utf-8").count("<testsuite ") == 1


@pytest.mark.parametrize(
    ("name", "judged", "skipped", "reason"),
    [
        ("createJob", ["read_after_write"], [], ""),
        ("createToken", ["token_lifecycle"], [], "it hands out a credential; token_lifecycle judges what that opens"),
        ("updateJob", [], ["updateJob: change: no record"], "change: no record"),
        ("updateJob", ["header_truth"], [], "what it takes and what can be read of it have nothing in common"),
        ("getJob", [], [], "it only reads, and nothing that was written here is shown by it"),
    ],
)
def test_an_operation_without_a_check_of_state_says_why(
    name: str, judged: list[str], skipped: list[str], reason: str
) -> None:
    """An operation that no check holds against another exchange is listed with the reason."""
    document = load("dispatch")
    assert stateless(document, document.operations[name], judged, ["createToken"], skipped) == reason


def test_how_much_a_run_proves() -> None:
    """The evidence says the fewest checks of an operation, the share of 429, the links and what was not checked."""
    results = ResultCollector(WIDGETS, Policy())
    get = operation("getWidget").id
    for check in ("header_truth", "read_after_write", "hollow_run"):
        results.judge(check, get, [])
    results.note(exchange(get, 200, {}))
    results.note(exchange(get, 429))
    results.skip("expired tokens: the clock cannot be moved")
    results.links = Counter({"create -> get": 3, "create -> delete": 1})
    assert reach(results, [get]) == {
        **{"fewest_checks": 2, "limited": 1, "limited_share": 0.5},
        **{"not_checked": 1, "links": 2, "links_followed": 4},
    }
