"""Floors of coverage: 95 % at least, and they only rise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.quality import coverage_floor
from tests.quality.coverage_floor import LEAST, ROOMS, Reach, below, floors, raised, reaches


def report(lines: int, branches: int) -> dict[str, Any]:
    """A report in which each room has 100 lines and 100 branches."""
    summary = {"num_statements": 100, "covered_lines": lines, "num_branches": 100, "covered_branches": branches}
    missing = {"missing_lines": [3], "missing_branches": [[3, 4]]}
    files = {f"{room.folder}a.py": {"summary": summary, **missing} for room in ROOMS.values()}
    return {"files": {**files, "elsewhere.py": {"summary": {**summary, "covered_lines": 0}, **missing}}}


def test_no_floor_is_below_95() -> None:
    """Lines and branches of each room have a floor of 95 % at least."""
    assert set(floors()) == set(ROOMS)
    assert all(min(each.lines, each.branches) >= LEAST for each in floors().values())


def test_rooms_are_there() -> None:
    """What is measured, and the tests that are about it, exist."""
    for room in ROOMS.values():
        assert (coverage_floor.ROOT / room.folder).is_dir()
        assert all((coverage_floor.ROOT / each).exists() for each in room.tests)


def test_a_room_below_its_floor_is_named() -> None:
    """A room that reaches less than its floor, in lines or in branches, is named with both figures."""
    least = dict.fromkeys(ROOMS, Reach(96.0, 95.0))
    assert below(reaches(report(96, 95)), least) == []
    assert "judges: lines are at 95.0 %, the floor is 96.0 %" in below(reaches(report(95, 99)), least)
    assert "engine: branches are at 94.0 %, the floor is 95.0 %" in below(reaches(report(99, 94)), least)


def test_floors_only_rise() -> None:
    """A floor goes up to what is reached, and stays where less is reached or nothing was measured."""
    old = {"runtime": Reach(97.0, 95.0), "engine": Reach(96.0, 96.0)}
    assert raised(old, {"runtime": Reach(96.0, 98.7)}) == {"runtime": Reach(97.0, 98.5), "engine": Reach(96.0, 96.0)}


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The command shows each room, fails below a floor, raises floors when asked, and shows the gaps of one room."""
    monkeypatch.setattr(coverage_floor, "FLOORS", tmp_path / "floors.json")
    coverage_floor.FLOORS.write_text(json.dumps({name: {"lines": 95.0, "branches": 95.0} for name in ROOMS}))

    def measured(_: object) -> dict[str, Any]:
        return report(97, 94)

    monkeypatch.setattr(coverage_floor, "measure", measured)
    assert coverage_floor.main([]) == 1
    shown = capsys.readouterr()
    assert "judges    lines  97.0 % (floor 95.0)  branches  94.0 % (floor 95.0)" in shown.out
    assert "make coverage: judges: branches are at 94.0 %" in shown.err
    assert coverage_floor.main(["--raise"]) == 0
    assert floors()["judges"] == Reach(97.0, 95.0)
    capsys.readouterr()
    assert coverage_floor.main(["--room", "judges"]) == 1
    shown = capsys.readouterr()
    assert "contract_tests/accordant_contract/judges/a.py: lines 3; branches 3->4" in shown.out
    assert "runtime" not in shown.out
