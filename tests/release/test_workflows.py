"""The workflows of the repository, as far as they can be judged without running them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
_PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def _jobs(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_hash(path: Path) -> None:
    """Each foreign action is named by its commit, with the version beside it: a moved tag changes nothing here."""
    used = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))
    assert used
    assert [each for each in used if not each.startswith("$/") and not _PINNED.fullmatch(each)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_make_commands_exist(path: Path) -> None:
    """Each `make` command that a workflow runs is a target of the Makefile."""
    targets = set(re.findall(r"^([\w./-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    used = set(re.findall(r"run: make ([\w-]+)", path.read_text(encoding="utf-8")))
    assert used <= targets


def test_ci_runs_the_tests_on_every_python() -> None:
    """CI runs `.ci/run` on each supported Python, and `.ci/run` calls `make test` and nothing less: with it,
    pyright looks at the tests too."""
    test = _jobs(ROOT / ".github" / "workflows" / "ci.yml")["test"]
    assert test["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert "bash .ci/run" in [step.get("run") for step in test["steps"]]
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith("\nexec make test TYPES=all")


def test_every_vendor_is_looked_at_each_night() -> None:
    """Each vendor has a job of its own, live and on its sandbox, so that none is left out because another failed."""
    jobs = _jobs(ROOT / ".github" / "workflows" / "nightly.yml")
    vendors = {path.parent.name for path in (ROOT / "specs").glob("*/source.toml")}
    assert {job["with"]["vendor"] for job in jobs.values() if "with" in job} == vendors
    assert set(jobs["sandboxes"]["strategy"]["matrix"]["vendor"]) == vendors
    assert jobs["sandboxes"]["strategy"]["fail-fast"] is False
    assert not any("needs" in job for job in jobs.values())


def test_evidence_of_one_job_is_never_under_the_name_of_another() -> None:
    """Artifacts of a matrix carry the name of their member: one run never replaces the evidence of another."""
    for path in WORKFLOWS:
        for job in _jobs(path).values():
            steps = job.get("steps", [])
            uploads = [step["with"]["name"] for step in steps if "upload-artifact" in step.get("uses", "")]
            if "strategy" in job:
                assert all("matrix." in name for name in uploads)
            assert len(uploads) == len(set(uploads))
