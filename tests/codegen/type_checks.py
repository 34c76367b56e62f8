"""What the tests that run type checkers share: one run of each over all small packages, and what mypy knows already."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from attrs import frozen

from accordant_codegen.__main__ import ROOT

_MYPY = re.compile(r"(?m)^(\S+?):(\d+): error: (.*)$")
_CHECKED = re.compile(r"checked (\d+) source files")


@frozen
class Complaint:
    """An error that a type checker reports: the file from the folder that is checked, the line from 1."""

    file: str
    line: int
    message: str


def own_cache(folder: Path) -> Path:
    """A cache for mypy below a folder, with what `make mypy` knows of this repository where that has come to its end:
    mypy takes it for the modules whose text is the same, wherever they stand."""
    place = folder / "mypy-cache"
    known = ROOT / ".mypy_cache"
    if (known / "complete").exists():
        shutil.copytree(known, place)
    return place


def mypy(folder: Path) -> list[Complaint]:
    """What mypy, strict, says of the packages and the programs in a folder; every file was looked at."""
    (folder / "mypy.ini").write_text(
        f"[mypy]\nstrict = True\nmypy_path = {ROOT / 'runtime'}:{folder}\nexplicit_package_bases = True\n"
        f"namespace_packages = True\ncache_dir = {own_cache(folder)}\nwarn_unreachable = True\n"
    )
    files = [str(each.relative_to(folder)) for each in folder.rglob("*.py")]
    command = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    checked = _CHECKED.search(done.stdout)
    assert checked is not None, done.stdout + done.stderr
    assert int(checked[1]) == len(files)
    return [Complaint(file, int(line), message) for file, line, message in _MYPY.findall(done.stdout)]


def configure_pyright(folder: Path, *places: Path, **more: object) -> None:
    """Write pyright's configuration into a folder: strict, our packages from these places, all others from the tests'
    environment. Without that, pyright takes them from whichever Python comes first on the path."""
    environment = Path(sys.prefix)
    config = {"extraPaths": [*map(str, places), "."], "typeCheckingMode": "strict", "pythonVersion": "3.11"}
    config |= {"venvPath": str(environment.parent), "venv": environment.name}
    (folder / "pyrightconfig.json").write_text(json.dumps(config | more))


def basedpyright(folder: Path) -> list[Complaint]:
    """What pyright, strict, says of the packages and the programs in a folder; every file was looked at."""
    configure_pyright(folder, ROOT / "runtime", include=["."])
    command = [str(Path(sys.executable).with_name("basedpyright")), "--outputjson", "--level", "error", "-p", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    said = json.loads(done.stdout)
    assert said["summary"]["filesAnalyzed"] == len(list(folder.rglob("*.py")))
    return [
        Complaint(str(Path(each["file"]).relative_to(folder)), each["range"]["start"]["line"] + 1, each["message"])
        for each in said["generalDiagnostics"]
    ]
