"""The project that the command runs in: a package of vendors outside accordant, which may not be installed."""

from __future__ import annotations

import os
import sys
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from attrs import frozen

import accordant_documents

_TABLE: Final = "[tool.accordant]"


@frozen
class Project:
    """The folder of a project, and its package; accordant's own repository has several, and names none."""

    root: Path
    package: str | None


def find_project(start: Path) -> Project | None:
    """The project that a folder is in: the nearest `pyproject.toml` that says so."""
    for folder in (start, *start.parents):
        try:
            text = (folder / "pyproject.toml").read_text(encoding="utf-8")
            if _TABLE in text:
                package = _read(text)["tool"]["accordant"].get("package")
                return Project(folder, package if isinstance(package, str) and package.isidentifier() else None)
        except (OSError, ValueError, KeyError, AttributeError):
            continue  # what cannot be read is nobody's project; a command that needs one says so
    return None


@lru_cache(maxsize=8)
def _read(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


def use(project: Project | None) -> None:
    """Let this process and those that it begins import the project's package, and find its vendors."""
    if project is None or project.package is None:
        return
    source = str(project.root / "src")
    if source not in sys.path:
        sys.path.insert(0, source)
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if source not in paths:
        os.environ["PYTHONPATH"] = os.pathsep.join([source, *filter(None, paths)])
    os.environ[accordant_documents.VARIABLE] = project.package
