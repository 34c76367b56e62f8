"""How long the way of one call is: ``python -m tests.client.call_path`` prints it.

Counted is the Python code of this repository that ``appointments.get(7)`` passes on the scripted transport: each time
that a function begins, or a flow goes on. The standard library and other libraries are not counted.
"""

from __future__ import annotations

import json
import sys
import timeit
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any, Final, NamedTuple

from accordant.dispatch import Dispatch
from accordant.testing import Script

ROOT: Final = str(Path(__file__).resolve().parent.parent.parent)
OTHERS: Final = (f"{ROOT}/.venv", f"{ROOT}/tests")
APPOINTMENT: Final = {
    "id": 7,
    "job_id": 123,
    "organization_id": 3,
    "status": "scheduled",
    "time": "2026-03-01T09:00:00Z",
    "duration": 3600,
    "user_id": 456,
}
AIM: Final = (18, 50, 75)
"""The most files, changes of file and calls; a change that needs more raises them here, and says why."""


class Length(NamedTuple):
    """The length of a way: files that it passes, changes from one to another, calls."""

    files: int
    changes: int
    calls: int


def passed(action: Callable[[], object]) -> list[tuple[str, str]]:
    """File and function of everything in this repository that an action runs, in order."""
    found: list[tuple[str, str]] = []

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(ROOT) and not code.co_filename.startswith(OTHERS):
            found.append((code.co_filename.removeprefix(f"{ROOT}/"), code.co_qualname))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(before)
    return found


def length(way: list[tuple[str, str]]) -> Length:
    """The three figures of a way."""
    files = [file for file, _ in way]
    return Length(len(set(files)), sum(one != other for one, other in pairwise(files)), len(files))


def client() -> Dispatch:
    """A client whose vendor has one appointment; its models are loaded."""
    answer = (200, json.dumps({"appointment": APPOINTMENT}).encode(), {"Content-Type": "application/json"})
    api = Dispatch(token="invented", transport=Script(answer, repeat=True))
    api.appointments.get(7)
    return api


def main() -> None:
    """Print the way, its figures, and the time of a call."""
    with client() as api:
        way = passed(lambda: api.appointments.get(7))
        rounds = timeit.repeat(lambda: api.appointments.get(7), number=1000, repeat=7)
    before = ""
    for file, function in way:
        print(f"{'' if file == before else file:60} {function}")  # noqa: T201 - a command
        before = file
    found = length(way)
    print(f"{found.files} files, {found.changes} changes of file, {found.calls} calls")  # noqa: T201 - a command
    print(f"{min(rounds) * 1000:.0f} microseconds a call")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
