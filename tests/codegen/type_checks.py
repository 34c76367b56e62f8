"""What the tests that run mypy share."""

from __future__ import annotations

import shutil
from pathlib import Path

from accordant_codegen.__main__ import ROOT


def own_cache(folder: Path) -> Path:
    """A cache for mypy below a folder, with what `make mypy` knows of this repository where that has run: mypy takes it
    for the modules whose text is the same, wherever they stand."""
    place = folder / "mypy-cache"
    known = ROOT / ".mypy_cache"
    if known.is_dir():
        shutil.copytree(known, place)
    return place
