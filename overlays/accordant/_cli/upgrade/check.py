"""The command: which files are read, and what is printed of them."""

from __future__ import annotations

import ast
import json
import os
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TextIO

from attrs import asdict, define, field

from ..._version import __version__
from ..usage import UsageError, unknown
from .changes import Changes, collected, shipped
from .installed import InstalledVendor, vendors
from .reading import uses_in
from .uses import Use

HELP: Final = """usage: accordant upgrade-check PATH ... [--from VERSION] [--changes FILE] [--strict] [--json]

Reads Python code, a file or a folder, and lists what it uses that a newer version removed or changed: file:line:column,
what happened, what to do instead. Nothing is run or sent. Old names that still work are warnings.

  --from VERSION   the version that the code was written for; without it, every known change counts
  --changes FILE   changes of your own, as accordant drift --json prints them; may be repeated
  --strict         warnings count as well
  --json           one JSON object

Exit codes: 0 nothing was found, 1 uses were found, 2 a path, a file or an option is wrong.
"""
OPTIONS: Final = ("--from", "--changes", "--strict", "--json", "--help")
_PASSED_OVER: Final = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist"})


@define
class _Request:
    paths: list[Path] = field(factory=list[Path])
    start: str | None = None
    changes: list[Path] = field(factory=list[Path])
    strict: bool = False
    as_json: bool = False


def upgrade_check(words: Sequence[str], out: TextIO, err: TextIO) -> int:
    """Read the files and print what they use; returns the exit code.

    Raises:
        UsageError: An option or a path is wrong.
    """
    if "--help" in words or "-h" in words:
        out.write(HELP)
        return 0
    request = _request(words)
    changes, known = collected(request.start, request.changes), vendors()
    uses: list[Use] = []
    errors: list[str] = []
    count = 0
    for file in _files(request.paths):
        count += 1
        try:
            uses += _uses(file, changes, known)
        except (SyntaxError, ValueError, OSError, RecursionError, MemoryError) as error:
            errors.append(f"{_shown(file)}: {_reason(error)}")
    counted = [each for each in uses if request.strict or not each.warning]
    if request.as_json:
        out.write(_as_json(request, uses, errors))
    else:
        out.writelines(f"{each}\n" for each in uses)
        err.writelines(f"accordant: {each}\n" for each in errors)
        out.write(f"{_summary(uses, count)}\n")
    return 2 if errors else 1 if counted else 0


def _request(words: Sequence[str]) -> _Request:
    request, left = _Request(), list(words)
    while left:
        word = left.pop(0)
        name, equals, value = word.partition("=")
        if name in ("--from", "--changes"):
            if not equals and (not left or left[0].startswith("--")):
                raise UsageError(f"{name} needs a value")
            value = value if equals else left.pop(0)
            if name == "--from":
                request.start = value.removeprefix("v")
            else:
                request.changes.append(Path(value))
        elif word == "--strict":
            request.strict = True
        elif word == "--json":
            request.as_json = True
        elif word.startswith("-"):
            raise unknown("option", word, OPTIONS)
        else:
            request.paths.append(Path(word))
    if not request.paths:
        raise UsageError("name a file or a folder with Python code: accordant upgrade-check --help")
    for path in request.paths:
        if not path.exists():
            raise UsageError(f"{path}: there is no such file or folder")
    return request


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """The Python files, each once; folders of tools and of installed packages are passed over."""
    seen: set[Path] = set()
    for path in paths:
        for file in _below(path) if path.is_dir() else (path,):
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def _below(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        inside = [each for each in folders if not each.startswith(".") and each not in _PASSED_OVER]
        folders[:] = sorted(each for each in inside if not (Path(place) / each / "pyvenv.cfg").exists())
        yield from (Path(place) / name for name in sorted(names) if name.endswith((".py", ".pyi")))


def _uses(file: Path, changes: Changes, known: Mapping[str, InstalledVendor]) -> list[Use]:
    with tokenize.open(file) as stream:
        text = stream.read()
    tree = ast.parse(text)
    roots = {"accordant", *(each.package.partition(".")[0] for each in known.values())}
    roots |= {name for renaming in changes.renamings for name in renaming.packages}
    # Most files concern nobody here, and are passed over before a vendor's models are imported.
    return uses_in(_shown(file), tree, changes, known) if any(root in text for root in roots) else []


def _reason(error: Exception) -> str:
    if isinstance(error, SyntaxError):
        place = f"line {error.lineno}: " if error.lineno else ""
        return f"{place}it is no Python that {_python()} reads: {error.msg}"
    if isinstance(error, OSError):
        return error.strerror or "it cannot be read"
    if isinstance(error, (RecursionError, MemoryError)):  # the parser of some versions says so by the second
        return "an expression or a statement is nested too deep to be read; look through this file by hand"
    return f"it is no Python: {error}"


def _python() -> str:
    import sys

    return f"Python {sys.version_info[0]}.{sys.version_info[1]}"


def _shown(file: Path) -> str:
    return file.as_posix()


def _summary(uses: Sequence[Use], count: int) -> str:
    warnings = sum(each.warning for each in uses)
    files = "1 file" if count == 1 else f"{count} files"
    return f"{files} read: {len(uses) - warnings} to change, {warnings} warnings"


def _as_json(request: _Request, uses: Sequence[Use], errors: Sequence[str]) -> str:
    versions = list(shipped())
    data = {
        "from": request.start,
        "to": __version__,
        "versions": versions,
        "uses": [asdict(each) for each in uses],
        "errors": list(errors),
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"
