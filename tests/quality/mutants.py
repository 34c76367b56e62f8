"""``make mutants``: do the tests notice small faults in the runtime and the clients?

A fixed list of 200 mutations (``mutants.json``) is tried in copies of the two rooms; each runs only the tests that
concern its file. A mutation that no test notices shows a sentence that no test says. mutmut and cosmic-ray number their
mutants by position, so that a list of them is worth nothing after the next change of a file; here a mutation is found
again by its function and its text.
"""

from __future__ import annotations

import argparse
import fnmatch
import glob
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from attrs import asdict, frozen

from tests.quality.mutations import Mutation, mutated, mutations

ROOT: Final = Path(__file__).resolve().parent.parent.parent
LIST: Final = Path(__file__).with_name("mutants.json")
ROOMS: Final = ("runtime", "overlays")
HOW_MANY: Final = 200
SEED: Final = 20260301
LONGEST: Final = 600.0
"""Seconds that tests may take without a mutation."""
PATIENCE: Final = 4
"""How many times longer the tests may take with a mutation; one that makes them hang counts as noticed."""
_CLIENT: Final = "tests/client/test_{}.py"
TESTS: Final[Mapping[str, Sequence[str]]] = {
    "runtime/*": ("tests/runtime", _CLIENT.format("every_model"), _CLIENT.format("decoding")),
    "overlays/accordant/_auth/*": [
        _CLIENT.format(name) for name in ("auth", "token*", "secrets", "noticed", "di*", "espace")
    ],
    "overlays/accordant/_limits/*": [
        _CLIENT.format(name) for name in ("retry", "pacing", "redis_limits", "repeats", "calls", "dibop")
    ],
    "overlays/accordant/_paging/*": [
        _CLIENT.format(name) for name in ("pagination", "moving_lists", "espace", "di*", "reading")
    ],
    "overlays/accordant/_call/*": [
        _CLIENT.format(name)
        for name in (
            *("calls", "requests", "reading", "answers_and_arguments", "errors", "retry", "repeats", "catalogues"),
            *("other_record", "espace", "texts", "uploads", "tokens_and_transfers", "raw_surface", "sizes", "auth"),
            *("noticed", "pagination", "pacing", "canaries", "token*"),
        )
    ],
    "overlays/accordant/_client/*": [
        _CLIENT.format(name)
        for name in (
            *("calls", "pagination", "moving_lists", "waiting", "raw_surface", "declarations", "surfaces", "settings"),
            *("misspelt_settings", "testing", "requests", "answers_and_arguments", "dibop", "espace"),
        )
    ],
    "overlays/accordant/_flow/*": [
        _CLIENT.format(name) for name in ("calls", "processes", "retry", "auth", "waiting", "pagination", "secrets")
    ],
    "overlays/accordant/_http/*": [
        _CLIENT.format(name)
        for name in (
            *("network", "connect*", "waiting_for_connections", "stray_bytes", "sizes", "spellings", "secrets"),
            *("uploads", "tokens_and_transfers", "canaries*", "settings", "texts", "requests", "processes"),
        )
    ],
    **{
        f"overlays/accordant/{vendor}/*": [
            *(_CLIENT.format(name) for name in (f"{vendor}*", "declarations", "settings", "misspelt_settings")),
            *(_CLIENT.format(name) for name in ("raw_surface", "waiting", "token_outage", "keys_sandbox", "secrets")),
        ]
        for vendor in sorted(path.parent.name for path in (ROOT / "overlays" / "accordant").glob("*/vendor.py"))
    },
    "overlays/accordant/*.py": [
        _CLIENT.format(name)
        for name in (
            *("settings", "misspelt_settings", "errors", "testing", "processes", "calls", "canaries", "surfaces"),
            *("pacing", "reading", "auth", "declarations"),
        )
    ],
}
"""Which tests concern which files, by pattern; the first pattern that fits counts."""


@frozen
class Outcome:
    """What became of a mutation: noticed by a test, survived, or gone from the code; after how many seconds."""

    mutation: Mutation
    result: str
    seconds: float = 0.0


def tests_for(file: str) -> tuple[str, ...]:
    """The files and folders of tests that concern a file."""
    patterns = next((paths for pattern, paths in TESTS.items() if fnmatch.fnmatch(file, pattern)), ())
    found = [each for pattern in patterns for each in sorted(glob.glob(pattern, root_dir=ROOT))]
    return tuple(dict.fromkeys(found))


def load() -> tuple[list[Mutation], float]:
    """The list, and the score below which ``make mutants`` fails."""
    held: dict[str, Any] = json.loads(LIST.read_text(encoding="utf-8"))
    return [Mutation(**each) for each in held["mutants"]], float(held["floor"])


def save(chosen: Sequence[Mutation], floor: float) -> None:
    """Write the list, in order of files."""
    lines = ",\n  ".join(json.dumps(asdict(each), ensure_ascii=False) for each in sorted(chosen))
    LIST.write_text(f'{{"floor": {floor}, "mutants": [\n  {lines}\n]}}\n', encoding="utf-8")


def every() -> Iterator[Mutation]:
    """Every mutation of the two rooms."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield from mutations(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))


def refreshed(held: Sequence[Mutation]) -> list[Mutation]:
    """The list without what is gone from the code, filled up again by chance, always the same chance."""
    there = list(every())
    known = set(there)
    kept = [each for each in held if each in known]
    rest = [each for each in there if each not in set(kept)]
    return kept + random.Random(SEED).sample(rest, HOW_MANY - len(kept))


class Copy:
    """A copy of the two rooms, into which one mutation at a time is put."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for room in ROOMS:
            shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
        self._environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(folder / room) for room in ROOMS),
            "PYTHONDONTWRITEBYTECODE": "1",  # a file that changes within a second would be taken for the one before
        }

    def passes(self, tests: Sequence[str], timeout: float = LONGEST) -> bool:
        """Whether the tests pass on what the copy holds now, within some seconds."""
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        with subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:  # fmt: skip
            try:
                return process.wait(timeout) == 0
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)  # the tests' own processes go as well
                return False

    def attempt(self, mutation: Mutation, timeout: float = LONGEST) -> Outcome:
        """Put a mutation in, run its tests, and take it out again."""
        path = self.folder / mutation.file
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
        after = mutated(mutation, before)
        if after is None:
            return Outcome(mutation, "gone")
        begun = time.monotonic()
        path.write_text(after, encoding="utf-8")
        try:
            passed = self.passes(tests_for(mutation.file), timeout)
        finally:
            path.write_text(before, encoding="utf-8")
        return Outcome(mutation, "survived" if passed else "noticed", time.monotonic() - begun)


def run(chosen: Sequence[Mutation], workers: int) -> Iterator[Outcome]:
    """Try mutations, several at a time; raises when tests fail without any mutation."""
    with tempfile.TemporaryDirectory(prefix="accordant-mutants-") as folder, ThreadPoolExecutor(workers) as pool:
        copies: SimpleQueue[Copy] = SimpleQueue()
        for index in range(workers):
            copies.put(Copy(Path(folder) / str(index)))

        usual: dict[tuple[str, ...], float] = {}

        def healthy(tests: tuple[str, ...]) -> str:
            copy, begun = copies.get(), time.monotonic()
            try:
                return "" if copy.passes(tests) else " ".join(tests)
            finally:
                usual[tests] = time.monotonic() - begun
                copies.put(copy)

        def attempt(mutation: Mutation) -> Outcome:
            copy = copies.get()
            try:
                return copy.attempt(mutation, 30 + PATIENCE * usual[tests_for(mutation.file)])
            finally:
                copies.put(copy)

        ill = [each for each in pool.map(healthy, sorted({tests_for(each.file) for each in chosen})) if each]
        if ill:
            raise SystemExit(f"these tests fail without any mutation, so nothing can be said: {'; '.join(ill)}")
        yield from pool.map(attempt, chosen)


def score(outcomes: Sequence[Outcome]) -> float:
    """How many of a hundred mutations the tests notice; what is gone from the code does not count."""
    results = [each.result for each in outcomes]
    tried = len(results) - results.count("gone")
    return 100 * results.count("noticed") / tried if tried else 0.0


def sentence(outcomes: Sequence[Outcome]) -> str:
    """The score in words."""
    count = [each.result for each in outcomes].count
    gone = (
        f"; {count('gone')} are gone from the code (`make mutants REFRESH=1` chooses others)" if count("gone") else ""
    )
    tried = len(outcomes) - count("gone")
    return f"The tests notice {count('noticed')} of {tried} mutations: {score(outcomes):.1f} %{gone}."


def write_score(page: Path, text: str) -> None:
    """Put the score into a page of the docs, between its two marks."""
    old = page.read_text(encoding="utf-8")
    new = re.sub(
        r"(<!-- mutants -->\n).*?(<!-- /mutants -->)", lambda found: f"{found[1]}{text}\n{found[2]}", old, flags=re.S
    )
    page.write_text(new, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code is 1 when the score is below the floor."""
    parser = argparse.ArgumentParser(prog="make mutants")
    parser.add_argument("--refresh", action="store_true", help="replace the mutations whose place is gone, and stop")
    parser.add_argument("--raise", dest="higher", action="store_true", help="raise the floor to the score")
    parser.add_argument("--write", type=Path, help="a page of the docs that shows the score")
    parser.add_argument("--only", default="", help="try those only whose name this regular expression finds")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args(arguments)
    chosen, floor = load() if LIST.exists() else ([], 0.0)
    if given.refresh:
        save(refreshed(chosen), floor)
        return 0
    picked = [each for each in chosen if re.search(given.only, each.name)]
    outcomes: list[Outcome] = []
    for outcome in run(picked, given.workers):
        outcomes.append(outcome)
        print(f"{outcome.result:9} {outcome.seconds:5.1f} s  {outcome.mutation.name}", flush=True)  # noqa: T201 - a command
    print(sentence(outcomes))  # noqa: T201 - a command
    whole = len(picked) == len(chosen)
    if given.write and whole:
        write_score(given.write, sentence(outcomes))
    if given.higher and whole:
        save(chosen, max(floor, int(score(outcomes) * 2) / 2))
    return int(whole and score(outcomes) < floor)


if __name__ == "__main__":
    sys.exit(main())
