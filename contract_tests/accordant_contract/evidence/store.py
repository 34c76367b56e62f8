"""Writing and reading evidence: whole files or none."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from accordant_runtime import is_object

from ..errors import ContractError
from . import history
from .junit import junit
from .page import page
from .record import FORMAT, no_result, unfinished

LIVE: Final = ".live"
"""What the name of evidence ends with that was gathered at an address, which never lies over that of the sandbox."""


def named(vendor: str, *, live: bool) -> str:
    """What a vendor's evidence is called."""
    return f"{vendor}{LIVE}" if live else vendor


def begin(folder: Path, vendors: Sequence[str], started: datetime, *, live: bool = False) -> None:
    """Put "the run did not finish" in the place of these vendors' older evidence, until there is a result."""
    for vendor in vendors:
        save(folder, unfinished(vendor, started, live=live))
    publish(folder, [named(vendor, live=live) for vendor in vendors])


def save(folder: Path, record: dict[str, Any]) -> Path:
    """Write one vendor's evidence, with what is new in it since the last run and what is gone; returns its file."""
    name = named(str(record["vendor"]), live=bool(record.get("live")))
    if not no_result(record):
        before = history.load(folder, name)
        record["history"] = history.compared(record, before)
        write(history.file_of(folder, name), history.appended(record, before))
    file = folder / f"{name}.json"
    write(file, json.dumps(record, indent=1, ensure_ascii=False, sort_keys=False) + "\n")
    return file


def publish(folder: Path, names: Sequence[str]) -> Path:
    """Write the JUnit file over this evidence, and the page over it and what lies beside it; returns the page's file.

    Beside the evidence of a sandbox lies that of a live run, and the other way round.
    """
    write(folder / "junit.xml", junit(_read(folder, names)))
    vendors = dict.fromkeys(name.removesuffix(LIVE) for name in names)
    both = [named(vendor, live=live) for vendor in vendors for live in (False, True)]
    write(folder / "index.html", page(_read(folder, both)))
    return folder / "index.html"


def _read(folder: Path, names: Sequence[str]) -> list[dict[str, Any]]:
    return [found for found in (load(folder, name) for name in names) if found is not None]


def load(folder: Path, name: str) -> dict[str, Any] | None:
    """One vendor's evidence by its name; ``None`` where there is none that this version can read."""
    try:
        record = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if is_object(record) and record.get("format") == FORMAT else None


def write(file: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the whole new one."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            # A vendor's text may hold half a character: as an escape it is the same in JSON and in Python.
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
                stream.write(text)
            Path(name).chmod(0o644)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ContractError(f"cannot write {file}: {error.strerror or error}") from error
