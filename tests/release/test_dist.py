"""What keeps a repository from being released."""

from __future__ import annotations

from pathlib import Path

import pytest

from release import dist


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository that is ready for v1.2.3."""
    (tmp_path / "changes" / "dispatch").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "accordant"\nversion = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.3 (2026-11-28)\n\n- One.\n\n## 1.2.2 (2026-11-01)\n")
    (tmp_path / "overlays" / "accordant" / "_upgrades").mkdir(parents=True)
    (tmp_path / "overlays" / "accordant" / "_upgrades" / "1.2.3.json").write_text("{}")
    return tmp_path


def test_what_is_ready_is_released(repository: Path) -> None:
    """Nothing is wrong where tag, version and changelog agree."""
    assert dist.differences(repository, "v1.2.3") == []


def test_a_wrong_tag_is_named(repository: Path) -> None:
    """A tag of another version is refused, and the right one is named."""
    assert dist.differences(repository, "v1.2.4") == [
        "the tag is v1.2.4, and pyproject.toml says version 1.2.3: the tag must be v1.2.3"
    ]
    assert "the tag is missing" in dist.differences(repository, "")[0]


@pytest.mark.parametrize("heading", ["## 1.2.3 (unreleased)", "## 1.2.2 (2026-11-28)", "no heading"])
def test_a_changelog_that_is_not_ready_is_named(repository: Path, heading: str) -> None:
    """A changelog that begins with another version, or with one without a date, is refused with what to do."""
    (repository / "CHANGELOG.md").write_text(f"# Changelog\n\n{heading}\n")
    (found,) = dist.differences(repository, "v1.2.3")
    assert found.startswith("CHANGELOG.md begins with ")
    assert found.endswith("run make changelog VERSION=1.2.3")


def test_fragments_that_are_left_are_named(repository: Path) -> None:
    """A fragment that is in no version is refused: it would be missing from the release notes."""
    (repository / "changes" / "dispatch" / "7.new.md").write_text("A thing.\n")
    assert dist.differences(repository, "v1.2.3") == [
        "fragments are left: changes/dispatch/7.new.md: run make changelog VERSION=1.2.3"
    ]


def test_missing_data_of_the_upgrade_check_is_named(repository: Path) -> None:
    """A version whose changes `accordant upgrade-check` would not know is refused with the command that writes them."""
    (repository / "overlays" / "accordant" / "_upgrades" / "1.2.3.json").unlink()
    assert dist.differences(repository, "v1.2.3") == [
        "accordant upgrade-check knows nothing of 1.2.3: run make upgrades VERSION=1.2.3"
    ]


def test_a_refusal_builds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """The command exits with 1 and a line for each difference."""
    assert dist.main(["--tag", "v0.0.0"]) == 1
    assert "dist: the tag is v0.0.0" in capsys.readouterr().err
