"""``accordant init``: a project in an empty folder."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

from ..errors import CodegenError
from ..names import DEVICES

_KEPT: Final = ("README.md", "LICENSE", "LICENSE.txt")
"""What a new project may have already: a host of repositories begins one with these."""
_OURS: Final = re.compile(r"accordant(_.*)?")

_PROJECT: Final = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.1.0"
description = "API clients made with accordant"
requires-python = ">=3.11"
dependencies = ["accordant{bounds}"]

[project.optional-dependencies]
dev = ["accordant[workbench]{bounds}", "pytest"]

# By this, `Sandbox("<vendor>")`, `accordant call` and the fixtures for pytest find the vendors of this package.
[project.entry-points."accordant.packages"]
{package} = "{package}"

[tool.hatch.build.targets.wheel]
packages = ["src/{package}"]

# Documents are in specs/, corrections in overlays/; `accordant regenerate` makes src/{package} of them.
[tool.accordant]
package = "{package}"
"""
_README: Final = """\
# {name}

Python clients, made with accordant from the vendors' OpenAPI documents.

```sh
pip install -e '.[dev]'
accordant vendor add acme https://acme.example/docs   # an address, a page that leads to the document, or a file
accordant regenerate                                  # after a correction in overlays/, or an upgrade of accordant
accordant pull acme                                   # takes the vendor's newer document in
accordant drift acme --document newer.yaml            # what a newer document changes for callers
accordant sandbox acme                                # serves a sandbox on this machine
accordant contract acme                               # tests client, sandbox and document against each other
```

| folder | what |
|---|---|
| `specs/` | the vendors' documents as they were fetched, and where from |
| `overlays/` | corrections of them, each with its reason |
| `src/{package}/<vendor>/` | the client that users import |
| `src/{package}/_generated/`, `src/{package}/_documents/` | generated: correct the document, not these |
"""
_IGNORED: Final = """\
__pycache__/
/.accordant/
/.venv/
/build/
/dist/
"""


def init(folder: Path, name: str | None) -> int:
    """Begin a project in a folder that is empty or new, and say what to do next; returns the exit status."""
    place = folder.resolve()
    name = _distribution(name or place.name, given=name is not None)
    package = name.replace("-", "_")
    _require_empty(folder)
    texts = _texts(name, package)
    for file, text in texts.items():
        target = place / file
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            target.write_text(text, encoding="utf-8")
    print(f"{name}: a project with the package {package}, in {place}")
    enter = [] if place == Path.cwd() else [f"cd {folder}"]
    steps = [*enter, "pip install -e .", "accordant vendor add NAME URL"]
    print("next: " + "; ".join(steps))
    return 0


def _texts(name: str, package: str) -> dict[str, str]:
    bounds = _bounds(version("accordant"))
    return {
        "pyproject.toml": _PROJECT.format(name=name, package=package, bounds=bounds),
        "README.md": _README.format(name=name, package=package),
        ".gitignore": _IGNORED,
        f"src/{package}/__init__.py": '"""API clients made with accordant: one package for each vendor."""\n',
        f"src/{package}/py.typed": "",
    }


def _bounds(own: str) -> str:
    """The versions of accordant that run what this one generates."""
    major, minor, *_ = (int(each) for each in re.findall(r"\d+", own))
    return f">={own},<{major}.{minor + 1}" if major == 0 else f">={own},<{major + 1}"


def _distribution(text: str, *, given: bool) -> str:
    """The project's name, when its package can be called so."""
    name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    package = name.replace("-", "_")
    problem = ""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", package) or (given and text != text.strip()):
        problem = "it needs letters, digits and hyphens, and begins with a letter"
    elif keyword.iskeyword(package) or package in sys.stdlib_module_names or package in DEVICES:
        problem = "it is a word or a module of Python's, or a name that Windows keeps for itself"
    elif _OURS.fullmatch(package):
        problem = "accordant's own packages are called so"
    if problem:
        what = "the name of a project" if given else "the name of a project, as the folder is called"
        raise CodegenError(f"{text!r} cannot be {what}: {problem}. Give another one with --name")
    return name


def _require_empty(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise CodegenError(f"{folder} is a file. Name a folder that is empty or new")
    found = sorted(_obstacles(folder)) if folder.is_dir() else []
    if found:
        some = ", ".join(found[:5]) + (", ..." if len(found) > 5 else "")
        raise CodegenError(
            f"{folder.resolve()} is not empty: it has {some}. "
            "Use a folder that is empty or new: `accordant init FOLDER`"
        )


def _obstacles(folder: Path) -> Iterator[str]:
    """What a project cannot begin beside; version control, editors and virtual environments do not disturb it."""
    for each in folder.iterdir():
        if each.name.startswith(".") or each.name in _KEPT or (each / "pyvenv.cfg").exists():
            continue
        yield each.name
