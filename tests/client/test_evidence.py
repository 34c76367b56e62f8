"""Evidence of contract runs in an installation, and the command that shows it."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import accordant.evidence as room
from accordant import dibop, dime_scheduler, dispatch, espace
from accordant._cli.main import main

RECORD: dict[str, Any] = {
    "vendor": "dispatch",
    "target": "the local sandbox",
    "profile": "quick",
    "seed": 7,
    "started": "2026-11-28T10:00:00+00:00",
    "passed": True,
    "findings": [],
    "excused": [{"times": 2}, {"times": 1}],
    "exchanges": 900,
    "covered": ["getJob"],
    "operations": [
        {"id": "getJob", "checks": {"page_walk": {"checked": 3, "failed": 0}}},
        {"id": "listJobs", "checks": {"page_walk": {"checked": 4, "failed": 0}, "status": {"checked": 1, "failed": 0}}},
    ],
    "document": {"sha256": "0" * 64},
}


@pytest.fixture
def packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation that holds one record."""
    (tmp_path / room.PLACE).mkdir()
    (tmp_path / room.PLACE / "dispatch.json").write_text(json.dumps(RECORD))

    def files(package: str) -> Path:
        del package
        return tmp_path

    monkeypatch.setattr("accordant.evidence.resources.files", files)
    return tmp_path


def test_evidence_of_a_vendor(packed: Path) -> None:
    """What is packed is read as values: the run, what it covered, how often each check judged."""
    found = dispatch.evidence()
    assert found is not None
    assert (found.profile, found.seed, found.at) == ("quick", 7, datetime(2026, 11, 28, 10, tzinfo=UTC))
    assert (found.passed, found.findings, found.allowed, found.calls) == (True, (), 3, 900)
    assert (found.operations, found.covered) == (("getJob", "listJobs"), ("getJob",))
    assert found.checks == {"page_walk": 7, "status": 1}
    (packed / "dispatch.json").write_text("{}")
    assert not found.current


@pytest.mark.parametrize("package", [dispatch, dibop, dime_scheduler, espace])
def test_an_installation_without_evidence(package: Any) -> None:
    """A development installation has none, and says so with None."""
    assert package.evidence() is None


def _printed(*words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    return main(["evidence", *words], out, err), out.getvalue(), err.getvalue()


@pytest.mark.usefixtures("packed")
def test_the_command_shows_it(packed: Path) -> None:
    """`accordant evidence` prints a line for each vendor, and for one vendor every check."""
    (packed / "dispatch.json").write_text("{}")
    code, out, _ = _printed()
    line = "dispatch: passed, 1 of 2 operations covered, 900 calls, quick profile, seed 7, 2026-11-28"
    assert (code, out) == (0, f"{line}, of another document\n")
    code, out, _ = _printed("dispatch")
    assert code == 0
    assert out.splitlines()[3:] == [
        "not covered: listJobs",
        "allowed, each with its reason: 3",
        "  page_walk  7",
        "  status     1",
    ]


def test_the_command_without_evidence() -> None:
    """Without evidence, with two vendors or an unknown one the command says in one line what is wrong."""
    assert _printed()[::2] == (
        2,
        "accordant: this installation holds no evidence: releases do, and wheels that make dist has built\n",
    )
    assert _printed("dispatch", "dibop")[2] == "accordant: accordant evidence takes one vendor; it got 2\n"
    assert "did you mean" in _printed("dispach")[2]
