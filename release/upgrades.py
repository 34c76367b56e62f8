"""Writes what a release changes for callers' code: ``python -m release.upgrades --since v0.1.0 --version 0.2.0``.

It compares the public API of a tag, or of any commit, with that of the working tree: the generated package of every
vendor as ``make drift`` does, and the public modules that are written by hand. The result is a file in
``overlays/accordant/_upgrades/``, which the wheel ships and `accordant upgrade-check` reads.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any, Final

from accordant_codegen.drift.api import compare_packages
from accordant_codegen.drift.lines import DriftLine, Impact

from .environments import ROOT
from .public_api import Change, changes_of_modules

FOLDER: Final = ROOT / "overlays" / "accordant" / "_upgrades"
_OF_VENDORS: Final = frozenset({"models", "received", "webhooks"})
"""The modules of a vendor's package that are public beside the package itself."""
Texts = dict[str, str]


def present(root: Path) -> Texts:
    """The modules of clients and generated packages in the working tree, by their path."""
    places = [place for folder in ("generated", "overlays") for place in sorted((root / folder).rglob("*.py"))]
    return {place.relative_to(root).as_posix(): place.read_text(encoding="utf-8") for place in places}


def at(root: Path, commit: str) -> Texts:
    """The same at a tag or commit.

    Raises:
        ValueError: There is none of that name.
    """
    done = subprocess.run(
        ["git", "archive", "--format=tar", commit, "generated", "overlays"], cwd=root, capture_output=True
    )
    if done.returncode != 0:
        raise ValueError(done.stderr.decode(errors="replace").strip())
    found: Texts = {}
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        for member in archive.getmembers():
            content = archive.extractfile(member) if member.name.endswith(".py") else None
            if content is not None:
                found[member.name] = content.read().decode()
    return found


def changes(old: Texts, new: Texts, old_name: str = "accordant") -> list[dict[str, str]]:
    """What callers of the old version have to know; ``old_name`` is what the project was called then."""
    before = {path.replace(old_name, "accordant"): text.replace(old_name, "accordant") for path, text in old.items()}
    found: list[dict[str, str]] = []
    for vendor in _vendors(before):
        packages = (_package(texts, vendor) for texts in (before, new))
        lines = compare_packages(*packages)
        found += [_entry(vendor, line) for line in lines if _matters(line)]
    return found + [_of_modules(each) for each in changes_of_modules(_modules(before), _modules(new))]


def _vendors(texts: Texts) -> list[str]:
    return sorted({path.split("/")[2] for path in texts if path.startswith("generated/") and path.count("/") > 2})


def _package(texts: Texts, vendor: str) -> Texts:
    start = f"generated/accordant_generated/{vendor}/"
    return {path.removeprefix(start): text for path, text in texts.items() if path.startswith(start)}


def _modules(texts: Texts) -> Texts:
    """The public modules that are written by hand (docs/versions.md), by their dotted names."""
    found: Texts = {}
    for path, text in texts.items():
        parts = path.removeprefix("overlays/").removesuffix(".py").removesuffix("/__init__").split("/")
        public = len(parts) < 3 or (len(parts) == 3 and parts[2] in _OF_VENDORS)
        if path.startswith("overlays/") and public and not any(part.startswith("_") for part in parts):
            found[".".join(parts)] = text
    return found


def _matters(line: DriftLine) -> bool:
    if line.kind == "return-changed" and "(it was `Async" in line.text:
        return False  # a package of the time when both classes of a resource were in one module
    return line.impact is Impact.BREAKING or line.kind.endswith("-deprecated")


def _entry(vendor: str, line: DriftLine) -> dict[str, str]:
    given = {"vendor": vendor, "kind": line.kind, "place": line.place, "text": line.text}
    return given | {key: value for key in ("name", "now", "value") if (value := getattr(line, key))}


def _of_modules(change: Change) -> dict[str, str]:
    given = {"vendor": "", "kind": change.kind, "place": change.place, "text": change.text}
    return given | ({"name": change.name} if change.name else {})


def main(arguments: list[str] | None = None) -> int:
    """Write the file; what somebody has written into it by hand (``by_hand``, ``packages``, ``texts``) stays."""
    parser = argparse.ArgumentParser(prog="python -m release.upgrades", description="Write what a release changes.")
    parser.add_argument("--since", default="", help="the tag or commit to compare with; the newest tag by default")
    parser.add_argument("--version", required=True, help="the version that is released")
    parser.add_argument("--old-name", default="accordant", help="what the project was called then")
    parser.add_argument("--from-name", default="", help="what a caller calls that version; the tag by default")
    options = parser.parse_args(arguments)
    since = options.since or _newest_tag()
    file = FOLDER / f"{options.version}.json"
    kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if not since and "from" not in kept:
        print("upgrades: there is no tag to compare with: name one with --since", file=sys.stderr)
        return 1
    if since:
        try:
            found = changes(at(ROOT, since), present(ROOT), options.old_name)
        except ValueError as error:
            print(f"upgrades: {error}", file=sys.stderr)
            return 1
        by_hand: list[dict[str, str]] = kept.get("by_hand", [])
        told = {_subject(each) for each in by_hand}
        found = [each for each in found if _subject(each) not in told]
        kept = {
            "from": options.from_name or since.removeprefix("v"),
            **{key: kept[key] for key in ("packages", "texts", "by_hand") if key in kept},
            "changes": found,
        }
    FOLDER.mkdir(exist_ok=True)
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    count = len(kept["changes"]) + len(kept.get("by_hand", ()))
    print(f"{file.relative_to(ROOT)}: {count} changes since {kept['from']}")
    return 0


def _subject(change: dict[str, str]) -> tuple[str, ...]:
    return tuple(change.get(key, "") for key in ("vendor", "place", "name"))


def _newest_tag() -> str:
    done = subprocess.run(
        ["git", "describe", "--tags", "--abbrev=0", "--match", "v*"], cwd=ROOT, capture_output=True, text=True
    )
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
