"""Builds the distributions of a release: ``python -m release.dist --tag v1.2.3``.

It runs the contract tests of every vendor on its sandbox, and packs their evidence into the wheel.

The tag, the version in `pyproject.toml` and the newest version of the changelog must be the same, no fragment of the
changelog may be left, and the data of `accordant upgrade-check` must have the version: otherwise nothing is built, and
each difference is named.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path

from .environments import ROOT, EnvironmentFailedError, build_wheel, run


def differences(root: Path, tag: str) -> list[str]:
    """What keeps the repository at ``root`` from being released as ``tag``; empty when nothing does."""
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    found: list[str] = []
    if tag != f"v{version}":
        found.append(
            f"the tag is {tag or 'missing'}, and pyproject.toml says version {version}: the tag must be v{version}"
        )
    heading = re.search(r"^## (.+)$", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    newest = heading[1] if heading else "nothing"
    if not re.fullmatch(rf"{re.escape(version)} \(\d{{4}}-\d\d-\d\d\)", newest):
        found.append(
            f"CHANGELOG.md begins with {newest!r}, not with '{version} (date)': run make changelog VERSION={version}"
        )
    if not (root / "overlays" / "accordant" / "_upgrades" / f"{version}.json").exists():
        found.append(f"accordant upgrade-check knows nothing of {version}: run make upgrades VERSION={version}")
    left = sorted(path.relative_to(root).as_posix() for path in (root / "changes").rglob("*.md"))
    if left:
        found.append(f"fragments are left: {', '.join(left)}: run make changelog VERSION={version}")
    return found


def tested(folder: Path) -> Path:
    """Run the contract tests, and put each vendor's record into a folder of its own, without what only a page shows.

    Raises:
        EnvironmentFailedError: A run found something, or had no result.
    """
    run([sys.executable, "-m", "accordant_contract", "run", "--out", str(folder / "whole")], cwd=ROOT)
    packed = folder / "packed"
    packed.mkdir()
    for path in sorted((folder / "whole").glob("*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        if not record.get("passed"):
            raise EnvironmentFailedError(f"{path.stem}: the contract tests did not pass")
        (packed / path.name).write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return packed


def main(arguments: list[str] | None = None) -> int:
    """Build into dist/; 1 when the repository is not ready for that tag or the build failed."""
    parser = argparse.ArgumentParser(prog="python -m release.dist", description="Build the distributions of a release.")
    parser.add_argument("--tag", required=True, help="the tag of the release, for example v1.2.3")
    options = parser.parse_args(arguments)
    found = differences(ROOT, options.tag)
    for line in found:
        print(f"dist: {line}", file=sys.stderr)
    if found:
        return 1
    with tempfile.TemporaryDirectory(prefix="accordant-dist-") as scratch:
        built = Path(scratch) / "dist"
        try:
            build_wheel(built, evidence=tested(Path(scratch) / "evidence"))
            run([sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(built)], cwd=ROOT)
        except EnvironmentFailedError as error:
            print(f"dist: {error}", file=sys.stderr)
            return 1
        shutil.rmtree(ROOT / "dist", ignore_errors=True)
        shutil.copytree(built, ROOT / "dist")
    for path in sorted((ROOT / "dist").iterdir()):
        print(f"dist/{path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
