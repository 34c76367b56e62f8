"""Evidence is of this run, this document and these tests; nothing older speaks for a run without a result."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from attrs import evolve

from accordant_contract import __main__ as command
from accordant_contract.__main__ import main
from accordant_contract.document.document import load
from accordant_contract.document.policy import Policy
from accordant_contract.document.values import Finding
from accordant_contract.evidence import store
from accordant_contract.evidence.identity import tests_digest as digest_of_tests
from accordant_contract.evidence.record import FORMAT, unfinished
from accordant_contract.evidence.results import ResultCollector
from accordant_contract.run import parts, profiles
from accordant_contract.run import report as reports
from accordant_contract.run.profiles import PROFILES
from accordant_sandbox import Sandbox

from .widget_api import JSON, WIDGETS, exchange, page, widget

YESTERDAY = datetime(2026, 3, 1, 9, tzinfo=UTC)


def passed(**more: Any) -> dict[str, Any]:
    """Yesterday's evidence of a run that passed, about the present document and by the present tests."""
    document = load("dispatch")
    whole = {
        "format": FORMAT,
        "vendor": "dispatch",
        "title": "Dispatch",
        "document": {"version": "v3", "sha256": document.digest},
        "tests": {"sha256": digest_of_tests()},
        "target": "sandbox",
        "profile": "quick",
        "seed": 7,
        "started": YESTERDAY.isoformat(),
        "seconds": 1.0,
        "exchanges": 1000,
        "passed": True,
        "covered": list(document.operations)[:40],
        "operations": [],
        "findings": [],
        "excused": [],
        "skipped": [],
        "environment": {"python": "", "system": ""},
        "versions": {},
    }
    return {**whole, **more}


@pytest.fixture
def unmade(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The vendors whose runs a report asks for; none is made, each fails to start."""
    asked: list[str] = []

    def refuse(jobs: list[Any], _listener: Any, _workers: int) -> Iterator[tuple[Any, str]]:
        for job in jobs:
            asked.append(job.vendor)
            yield job, "it did not start"

    monkeypatch.setattr(reports, "do_all", refuse)
    return asked


def covered(folder: Path, capsys: pytest.CaptureFixture[str]) -> int:
    """What ``make report`` says is covered."""
    assert main(["report", "--vendor", "dispatch", "--out", str(folder)]) == 0
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    counts = json.loads(printed)["vendors"]["dispatch"]
    assert (counts["document"], counts["generated"], counts["sandbox"]) == (49, 49, 49)
    return int(counts["covered"])


def test_the_report_counts_what_a_passed_run_of_these_tests_covered(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, unmade: list[str]
) -> None:
    """The report is one JSON object; it takes what was covered from a result about this document by these tests."""
    store.save(tmp_path, passed())
    assert covered(tmp_path, capsys) == 40
    assert not unmade


@pytest.mark.parametrize(
    ("change", "run_again"),
    [
        ({"passed": False}, False),
        ({"tests": {"sha256": "0" * 64}}, True),
        ({"document": {"version": "v3", "sha256": "0" * 64}}, True),
        ({"format": FORMAT - 1}, True),
        ({"not_finished": "the run did not finish"}, True),
        ({"not_run": "set DISPATCH_CLIENT_ID in the environment"}, True),
    ],
)
def test_nothing_else_counts_as_covered(
    change: dict[str, Any], run_again: bool, capsys: pytest.CaptureFixture[str], tmp_path: Path, unmade: list[str]
) -> None:
    """A failed run covers nothing; without a result about this document by these tests a run is made first."""
    store.save(tmp_path, passed(**change))
    assert covered(tmp_path, capsys) == 0
    assert bool(unmade) is run_again
    assert "passed" not in (store.load(tmp_path, "dispatch") or {}) or not run_again


def test_the_hash_of_the_tests_changes_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more check, or a changed sandbox, is another hash."""
    from accordant_contract.evidence import identity

    class Room:
        __name__ = "room"
        __path__ = (str(tmp_path),)

    monkeypatch.setattr(identity, "_ROOTS", (Room(),))
    (tmp_path / "one.py").write_text("1")
    first = identity.tests_digest.__wrapped__()
    (tmp_path / "notes.txt").write_text("no code")
    assert identity.tests_digest.__wrapped__() == first
    (tmp_path / "one.py").write_text("2")
    assert identity.tests_digest.__wrapped__() != first


def test_a_run_that_fails_to_start_leaves_no_older_evidence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, unmade: list[str]
) -> None:
    """After a run against an address where nobody listens, the folder says that there is no result, and why."""
    store.save(tmp_path, passed())
    store.save(tmp_path, passed(live=True))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    variables = {"DISPATCH_CLIENT_ID": "invented", "DISPATCH_CLIENT_SECRET": "also-invented"}
    assert main(["run", "--vendor", "dispatch", "--target", url, "--out", str(tmp_path)], variables) == 2
    evidence = store.load(tmp_path, "dispatch.live") or {}
    assert f"nothing responds at {url}" in evidence["not_finished"]
    assert "passed" not in evidence
    suite = ET.fromstring((tmp_path / "junit.xml").read_text()).find("testsuite")
    assert suite is not None
    assert suite.get("errors") == "1"
    assert "NO RESULT" in (tmp_path / "index.html").read_text()
    capsys.readouterr()
    assert covered(tmp_path, capsys) == 40, "evidence of a live run lies beside that of the sandbox, never over it"
    assert not unmade


@pytest.mark.parametrize("end", [KeyboardInterrupt, MemoryError])
def test_a_run_that_is_killed_leaves_did_not_finish(
    end: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the moment when a run starts the older evidence is gone, so that a crash leaves "did not finish"."""
    store.save(tmp_path, passed())

    def crash(*_: Any) -> Iterator[Any]:
        assert (store.load(tmp_path, "dispatch") or {})["not_finished"] == "the run did not finish"
        raise end

    monkeypatch.setattr(command, "do_all", crash)
    arguments = ["run", "--vendor", "dispatch", "--out", str(tmp_path)]
    if end is KeyboardInterrupt:
        assert main(arguments, {}) == 130
    else:
        with pytest.raises(end):
            main(arguments, {})
    assert store.load(tmp_path, "dispatch") == unfinished(
        "dispatch", datetime.fromisoformat((store.load(tmp_path, "dispatch") or {})["started"])
    )
    assert "did not finish" in (tmp_path / "junit.xml").read_text()
    assert "did not finish" in (tmp_path / "index.html").read_text()


def book() -> ResultCollector:
    return ResultCollector(WIDGETS, Policy())


@pytest.mark.parametrize(
    ("made", "judged"),
    [
        (lambda: exchange("getWidget", 200, widget(1)), True),
        (lambda: page([widget(1)], 1), True),
        (lambda: page([], 0), False),
        (lambda: exchange("getWidget", 200, {}), False),
        (lambda: exchange("getWidget", 200, body=b"<html>", headers=(("Content-Type", "text/html"),)), False),
        (lambda: exchange("getWidget", 200, body=b"<html>", headers=JSON), False),
        (lambda: exchange("getWidget", 200, widget(1), intent="unauthorised"), False),
    ],
)
def test_a_success_counts_when_its_content_was_judged(made: Callable[[], Any], judged: bool) -> None:
    """HTML, an empty object and an empty list prove nothing of an operation; a record that its schema judged does."""
    results = book()
    one = made()
    results.note(one)
    assert results.proven == ({one.operation} if judged else set())


def test_a_check_of_state_judges_content_too() -> None:
    """A success without a body counts when a check has looked at what it did; a check without a success does not."""
    results = book()
    found: list[Finding] = []
    results.judge("delete_is_final", "deleteWidget", found)
    assert not results.proven
    results.note(exchange("deleteWidget", 200, {}))
    assert results.proven == {"deleteWidget"}
    results.judge("status_code_conformance", "listWidgets", found)
    results.note(page([], 0))
    assert results.proven == {"deleteWidget"}


def test_the_report_makes_the_run_that_is_missing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without evidence a quick run over the sandbox is made, and what it proves is counted."""
    few = evolve(PROFILES["quick"], fields=2, examples=1, chains=1, steps=2)
    monkeypatch.setattr(profiles, "PROFILES", {"quick": few})
    monkeypatch.setattr(parts, "_SMALL", 1000)  # one part, which is run in this process
    with Sandbox("dibop") as sandbox:
        whole = len(sandbox.operations)
    assert main(["report", "--vendor", "dibop", "--out", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)["vendors"]["dibop"]["covered"] == whole
