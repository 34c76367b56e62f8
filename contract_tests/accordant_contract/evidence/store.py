"""Writing and reading evidence: whole files or none."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from accordant_runtime import is_object

from ..errors import ContractError
from .junit import junit
from .page import page
from .record import FORMAT, unfinished


def begin(folder: Path, vendors: Sequence[str], started: datetime) -> None:
    """Put "the run did not finish" in the place of these vendors' older evidence, until there is a result."""
    for vendor in vendors:
        save(folder, unfinished(vendor, started))
    publish(folder, vendors)


def save(folder: Path, record: dict[str, Any]) -> Path:
    """Write one vendor's evidence; returns its file."""
    file = folder / f"{record['vendor']}.json"
    write(file, json.dumps(record, indent=1, ensure_ascii=False, sort_keys=False) + "\n")
    return file


def publish(folder: Path, vendors: Sequence[str]) -> Path:
    """Write the JUnit file and the page over the evidence of these vendors; returns the page's file."""
    records = [found for found in (load(folder, name) for name in vendors) if found is not None]
    write(folder / "junit.xml", junit(records))
    write(folder / "index.html", page(records))
    return folder / "index.html"


def load(folder: Path, vendor: str) -> dict[str, Any] | None:
    """One vendor's evidence; ``None`` where there is none that this version can read."""
    try:
        record = json.loads((folder / f"{vendor}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if is_object(record) and record.get("format") == FORMAT else None


def write(file: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the whole new one."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            Path(name).chmod(0o644)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ContractError(f"cannot write {file}: {error.strerror or error}") from error
