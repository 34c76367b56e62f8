"""What a release says of itself to `accordant upgrade-check`: two versions of the repository compared."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from accordant._cli.upgrade.changes import shipped
from release import upgrades

ERRORS = '__all__ = ["AError", "BError"]\nclass AError(Exception): ...\nclass BError(Exception): ...\n'
SETTINGS = "class Settings:\n    def __init__(self, *, old: int = 0, kept: int = 0) -> None: ...\n"
CALLS = """\
class Appointments(SyncResource):
    def find(self, *, state: str, options: CallOptions | None = None) -> Appointment:
        return self._caller.call(FIND, {"state": state}, options)

FIND: Final[Operation[Appointment]] = Operation(
    id="findAppointments", method="GET", path="/appointments", parameters=(Parameter("state", "state", "query"),)
)
"""
CLIENT = "class Resources:\n    def appointments(self) -> Appointments: ...\n"
OLD = {
    "overlays/accordant/errors.py": ERRORS,
    "overlays/accordant/settings.py": SETTINGS,
    "overlays/accordant/gone.py": "",
    "overlays/accordant/_private.py": "def secret(): ...\n",
    "overlays/accordant/dispatch/auth.py": "def internal(): ...\n",
    "generated/accordant_generated/dispatch/client.py": CLIENT,
    "generated/accordant_generated/dispatch/appointments.py": CALLS,
}
NEW = {
    "overlays/accordant/errors.py": '__all__ = ["AError"]\nclass AError(Exception): ...\n',
    "overlays/accordant/settings.py": SETTINGS.replace("old: int = 0", "fresh: int"),
    "generated/accordant_generated/dispatch/client.py": CLIENT,
    "generated/accordant_generated/dispatch/appointments.py": CALLS.replace("def find", "def list")
    .replace('"state", "query"', '"status", "query"')
    .replace("state: str", "status: str"),
}


def test_two_versions_are_compared() -> None:
    """Methods, arguments, modules, public names and settings that are gone, renamed or required now are written down;
    what is private is not."""
    found = {(each["vendor"], each["kind"], each["place"], each.get("name", "")) for each in upgrades.changes(OLD, NEW)}
    assert found == {
        ("dispatch", "method-renamed", "appointments.find", ""),
        ("dispatch", "argument-renamed", "appointments.list", "state"),
        ("", "module-removed", "accordant.gone", ""),
        ("", "name-removed", "accordant.errors", "BError"),
        ("", "argument-removed", "accordant.settings.Settings", "old"),
        ("", "required-argument-added", "accordant.settings.Settings", "fresh"),
    }
    renamed = next(each for each in upgrades.changes(OLD, NEW) if each["kind"] == "method-renamed")
    assert renamed["now"] == "appointments.list"


def test_a_version_under_another_name_is_compared_too() -> None:
    """What is left of a version of a project with another name is compared as if it had been called the same."""
    former = {path.replace("accordant", "entente"): text for path, text in OLD.items()}
    assert upgrades.changes(former, NEW, "entente") == upgrades.changes(OLD, NEW)


def _repository(root: Path, texts: dict[str, str]) -> None:
    for path, text in texts.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


def test_the_command_writes_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file has what differs from the newest tag; what somebody has written into it by hand stays, and replaces
    what is about the same. Without a tag the command says what to name."""
    _repository(tmp_path, OLD)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "init", "-q"], cwd=tmp_path, check=True)
    monkeypatch.setattr(upgrades, "ROOT", tmp_path)
    monkeypatch.setattr(upgrades, "FOLDER", tmp_path / "upgrades")
    assert upgrades.main(["--version", "0.2.0"]) == 1
    assert "there is no tag to compare with: name one with --since" in capsys.readouterr().err
    for command in (["add", "."], ["commit", "-qm", "One"], ["tag", "v0.1.0"]):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)
    for path in set(OLD) - set(NEW):
        (tmp_path / path).unlink()
    _repository(tmp_path, NEW)
    own = {"vendor": "", "kind": "module-renamed", "place": "accordant.gone", "now": "accordant.here", "text": "moved"}
    (tmp_path / "upgrades").mkdir()
    file = tmp_path / "upgrades" / "0.2.0.json"
    file.write_text(json.dumps({"from": "0.0.1", "by_hand": [own], "changes": []}))
    assert upgrades.main(["--version", "0.2.0"]) == 0
    assert "6 changes since 0.1.0" in capsys.readouterr().out
    written = json.loads(file.read_text())
    assert (written["from"], written["by_hand"], len(written["changes"])) == ("0.1.0", [own], 5)
    assert upgrades.main(["--version", "0.2.0", "--since", "v9"]) == 1
    assert "v9" in capsys.readouterr().err


def test_the_version_of_this_tree_has_its_data() -> None:
    """The version that pyproject.toml names has a file, so that a release of it can be upgraded to."""
    assert "0.1.0" in shipped()
