"""Builds the wheel, installs it and `examples/consumer` into a clean environment, and runs that project there.

``python -m release.consumer``: first `mypy --strict` over the project, then its tests; the exit status is 1 when one of
them failed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from .environments import ROOT, Environment, EnvironmentFailedError, build_wheel

PROJECT: Final = ROOT / "examples" / "consumer"
_LEFT_BEHIND: Final = ("__pycache__", ".mypy_cache", ".pytest_cache", "build", "dist")


def play(root: Path) -> list[str]:
    """Do it all in ``root``; returns one line for each step that worked."""
    wheel = build_wheel(root)
    project = root / "consumer"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns(*_LEFT_BEHIND))
    environment = Environment(Path(sys.executable), root / "environment")
    # The wheel is named as a file, so that no index can put another accordant in its place.
    environment.install(f"{wheel}[sandbox]", f"{project}[test]")
    where = environment.call("-c", "import accordant, field_sync; print(accordant.__file__, field_sync.__file__)")
    if any(not place.startswith(str(environment.folder)) for place in where.split()):
        raise EnvironmentFailedError(f"the project was not imported from the clean environment: {where.strip()}")
    names = environment.distributions()
    types = environment.call("-m", "mypy", "--no-color-output", cwd=project).splitlines()[-1]
    tests = environment.call("-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=project).splitlines()[-1]
    return [f"installed: {wheel.name} and field-sync, {len(names)} distributions", f"mypy: {types}", f"pytest: {tests}"]


def main() -> int:
    """Print one line for each step; 1 when one failed."""
    with tempfile.TemporaryDirectory(prefix="accordant-consumer-") as scratch:
        try:
            for line in play(Path(scratch).resolve()):
                print(f"consumer: {line}")
        except EnvironmentFailedError as error:
            print(f"consumer: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
