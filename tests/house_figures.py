"""How the house has changed: ``python -m tests.house_figures`` prints a table of figures, before and now.

"Before" was measured on commit 859c48e, in part by hand; "now" is measured when the command runs.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests import test_house as house
from tests.client import call_path
from tests.sandbox import vendor_figures
from tests.sources import statements

ROOT: Final = Path(__file__).resolve().parent.parent
GENERATED: Final = ROOT / "generated" / "accordant_generated"


def _hand_written() -> list[Path]:
    return [path for folder in house.HAND_WRITTEN for path in house.modules(folder)]


def longest_module() -> int:
    """Lines of the longest hand-written module."""
    return max(len(path.read_text(encoding="utf-8").splitlines()) for path in _hand_written())


def circles() -> int:
    """Groups of hand-written modules whose imports go round, type-only imports included."""
    return sum(len(house.circles(house.import_graph(package))) for package in house.PACKAGES)


def shared_class_names() -> int:
    """Public class names that several packages define; the sandbox's own are among them, for its independence."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in _hand_written():
        for node in statements(path):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].add(path.relative_to(ROOT).parts[0])
    return sum(len(places) > 1 for places in found.values())


def engine_locators() -> int:
    """Uses of a call or a transaction as a way to the engine."""
    texts = (path.read_text(encoding="utf-8") for path in house.modules("sandboxes"))
    return sum(len(re.findall(r"\b(?:call|tx)\.engine\b", text)) for text in texts)


def generated(pattern: str) -> Callable[[], int]:
    """Lines of generated code in which a pattern is."""
    return lambda: sum(
        bool(re.search(pattern, line))
        for path in GENERATED.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
    )


def _vendors(name: str) -> Callable[[], int]:
    return lambda: int(getattr(vendor_figures.whole()["all"], name))


FIGURES: Final[tuple[tuple[str, str, Callable[[], object]], ...]] = (
    ("files, changes of file, calls in `appointments.get(7)`", "30, 99, 170", lambda: _path()),
    ("lines in sandbox vendors", "10,414", _vendors("lines")),
    ("loops over rows in sandbox vendors", "107", _vendors("loops")),
    ("`Problem(...)` in sandbox vendors", "58", _vendors("problems")),
    ("uses of `call.engine` and `tx.engine`", "65", engine_locators),
    ("import circles", "knot of 44 imports", circles),
    ("class names in several folders", "41", shared_class_names),
    ("lines of the longest hand-written module", "400", longest_module),
    ("generated lines above 120 columns", "236", generated(r"^.{121,}$")),
    ("generated `# fmt: skip`", "222", generated(r"# fmt: skip")),
    ('generated "Source: seed"', "many", generated(r"Source: (seed|docs|sdk)")),
)


def _path() -> str:
    with call_path.client() as api:
        way = call_path.passed(lambda: api.appointments.get(7))
    return ", ".join(map(str, call_path.length(way)))


def main() -> int:
    """Print the table."""
    print("| figure | before | now |\n|---|---|---|")  # noqa: T201 - this is what the command is for
    for name, before, now in FIGURES:
        print(f"| {name} | {before} | {now()} |")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
