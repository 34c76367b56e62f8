"""``make coverage``: how much of the code that users rely on the tests reach, held by floors that only rise."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import frozen

ROOT: Final = Path(__file__).resolve().parent.parent.parent
FLOORS: Final = Path(__file__).with_name("coverage_floors.json")
FOLDER: Final = ROOT / "build" / "coverage"
LEAST: Final = 95.0
"""No floor is below this."""


@frozen
class Room:
    """A part of the code that is measured, and the tests that are about it."""

    folder: str
    tests: Sequence[str]


ROOMS: Final[Mapping[str, Room]] = {
    "runtime": Room("runtime/", ("tests/runtime", "tests/client")),
    "overlays": Room("overlays/", ("tests/client",)),
    "codegen": Room("codegen/", ("tests/codegen",)),
    "engine": Room("sandboxes/accordant_sandbox/engine/", ("tests/sandbox",)),
    "judges": Room(
        "contract_tests/accordant_contract/judges/",
        [f"tests/contract/test_{name}.py" for name in ("judges", "judges_edges", "walks", "every_judge")],
    ),
}


@frozen
class Reach:
    """What part of a room's lines and branches was reached, in per cent, and where lines were not."""

    lines: float
    branches: float
    missed: Sequence[str] = ()


def reaches(report: Mapping[str, Any]) -> dict[str, Reach]:
    """What each room has in a JSON report of coverage.py."""
    return {name: _reach(report["files"], room) for name, room in ROOMS.items()}


def _reach(files: Mapping[str, Any], room: Room) -> Reach:
    held = {path: each for path, each in files.items() if path.startswith(room.folder)}
    total = {
        key: sum(each["summary"][key] for each in held.values())
        for key in ("num_statements", "covered_lines", "num_branches", "covered_branches")
    }
    missed = [
        f"{path}: lines {', '.join(map(str, each['missing_lines'])) or 'none'}; "
        f"branches {', '.join(f'{start}->{end}' for start, end in each['missing_branches']) or 'none'}"
        for path, each in held.items()
        if each["missing_lines"] or each["missing_branches"]
    ]
    return Reach(
        _part(total["covered_lines"], total["num_statements"]),
        _part(total["covered_branches"], total["num_branches"]),
        missed,
    )


def _part(reached: int, whole: int) -> float:
    return 100 * reached / whole if whole else 100.0


def floors() -> dict[str, Reach]:
    """The floor of each room."""
    held: dict[str, dict[str, float]] = json.loads(FLOORS.read_text(encoding="utf-8"))
    return {name: Reach(each["lines"], each["branches"]) for name, each in held.items()}


def raised(old: Mapping[str, Reach], found: Mapping[str, Reach]) -> dict[str, Reach]:
    """Floors that are as high as what was found, rounded down to a half, and never lower than they were."""
    return {
        name: Reach(
            max(floor.lines, LEAST, int(found[name].lines * 2) / 2 if name in found else 0.0),
            max(floor.branches, LEAST, int(found[name].branches * 2) / 2 if name in found else 0.0),
        )
        for name, floor in old.items()
    }


def below(found: Mapping[str, Reach], least: Mapping[str, Reach]) -> list[str]:
    """A sentence for each room that reaches less than its floor."""
    return [
        f"{name}: {kind} are at {reached:.1f} %, the floor is {floor:.1f} %"
        for name, each in found.items()
        for kind, reached, floor in (
            ("lines", each.lines, least[name].lines),
            ("branches", each.branches, least[name].branches),
        )
        if reached < floor
    ]


def measure(tests: Sequence[str]) -> dict[str, Any]:
    """Run tests, in two processes, and return the report; processes that they start are measured as well."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    report = FOLDER / "report.json"
    pytest = ("-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", "-p", "no:cacheprovider", *tests)
    for command in (
        ("run", *pytest),
        ("combine", "-q"),
        ("json", "-q", "-o", str(report)),
        ("html", "-q", "-d", str(FOLDER / "html")),
    ):
        done = subprocess.run([sys.executable, "-m", "coverage", *command], cwd=ROOT, check=False)
        if done.returncode:
            raise SystemExit(f"coverage {command[0]} ended with {done.returncode}: see above; nothing is measured")
    result: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code is 1 when a room is below its floor."""
    parser = argparse.ArgumentParser(prog="make coverage")
    parser.add_argument("--room", choices=ROOMS, help="one room, with the tests that are about it")
    parser.add_argument("--raise", dest="higher", action="store_true", help="raise the floors to what is reached")
    given = parser.parse_args(arguments)
    tests = ROOMS[given.room].tests if given.room else ("tests",)
    found = reaches(measure(tests))
    found = {name: each for name, each in found.items() if given.room in (None, name)}
    least = floors()
    for name, each in found.items():
        floor = least[name]
        print(  # noqa: T201 - a command
            f"{name:9} lines {each.lines:5.1f} % (floor {floor.lines:.1f})  "
            f"branches {each.branches:5.1f} % (floor {floor.branches:.1f})"
        )
        for line in each.missed if given.room else ():
            print(f"    {line}")  # noqa: T201 - a command
    if given.higher:
        held = {name: {"lines": each.lines, "branches": each.branches} for name, each in raised(least, found).items()}
        FLOORS.write_text(json.dumps(held, indent=2) + "\n", encoding="utf-8")
        return 0
    trouble = below(found, least)
    for line in trouble:
        print(f"make coverage: {line}", file=sys.stderr)  # noqa: T201 - a command
    return int(bool(trouble))


if __name__ == "__main__":
    sys.exit(main())
