"""Writing a document and its ``source.toml`` together.

Both are written whole beside their places and then renamed, the document first. A pull that was killed between the two
renames is finished by the next one: the prepared ``source.toml`` vouches for the document that is in place.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from ..read.hashes import is_vouched


def store(folder: Path, document: str, content: bytes, source: str, previous: str | None) -> None:
    """Put the document and ``source.toml`` into the folder; ``previous`` is the name of a document that goes."""
    new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    target, told = folder / document, folder / "source.toml"
    before = target.read_bytes() if target.exists() else None
    try:
        _write(_aside(target), content)
        _write(_aside(told), source.encode())
        os.replace(_aside(target), target)
        try:
            os.replace(_aside(told), told)
        except BaseException:
            _restore(target, before)
            raise
    finally:
        for place in (target, told):
            _aside(place).unlink(missing_ok=True)
        if new and not any(folder.iterdir()):
            folder.rmdir()
    if previous and previous != document:
        (folder / previous).unlink(missing_ok=True)


def finish(folder: Path) -> None:
    """End what a killed pull began: complete it where the document is in place already, undo it where it is not."""
    prepared = folder / ".source.toml.new"
    if prepared.exists():
        try:
            source = tomllib.loads(prepared.read_text(encoding="utf-8"))
            complete = is_vouched((folder / str(source.get("document"))).read_bytes(), source.get("sha256"))
        except (OSError, ValueError):
            complete = False
        if complete:
            os.replace(prepared, folder / "source.toml")
    for left in folder.glob(".*.new"):
        left.unlink(missing_ok=True)


def _restore(target: Path, before: bytes | None) -> None:
    if before is None:
        target.unlink()
        return
    _write(_aside(target), before)
    os.replace(_aside(target), target)


def _aside(place: Path) -> Path:
    return place.with_name(f".{place.name}.new")


def _write(place: Path, data: bytes) -> None:
    with place.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
