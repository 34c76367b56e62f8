"""Clean environments: the Pythons of this machine, the wheel, and a virtual environment to install it into."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final
from zipfile import ZipFile

ROOT: Final = Path(__file__).resolve().parent.parent
VERSIONS: Final = ("3.11", "3.12", "3.13", "3.14")
PACKAGES: Final = {
    *("accordant", "accordant_codegen", "accordant_contract", "accordant_documents", "accordant_generated"),
    *("accordant_runtime", "accordant_sandbox"),
}
_LOWER: Final = re.compile(r"^([A-Za-z0-9._-]+)>=([0-9.]+)")
_SECONDS: Final = 600
_OURS: Final = ("PYTHONPATH", "VIRTUAL_ENV", "ACCORDANT_PACKAGES")


class EnvironmentFailedError(Exception):
    """A command failed in an environment; the message is its last words."""


def pythons() -> dict[str, Path]:
    """The Pythons of this machine that are supported, by version: this one, those on the path and those of pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found: dict[str, Path] = {}
    for version in VERSIONS:
        on_path = shutil.which(f"python{version}")
        candidates = [Path(sys.executable)] if sys.version.startswith(f"{version}.") else []
        candidates += sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True)
        candidates += [Path(on_path)] if on_path else []
        works = next((place for place in candidates if _is(place, version)), None)
        if works is not None:
            found[version] = works
    return found


def _is(python: Path, version: str) -> bool:
    """Whether a program is a whole Python of that version: pyenv's and the systems' stand-ins are not."""
    code = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.strip() == version


def build_wheel(folder: Path, *, evidence: Path | None = None) -> Path:
    """Build the wheel into ``folder``, with the records of contract runs if there are any.

    Raises:
        EnvironmentFailedError: It holds what it must not.
    """
    more = {} if evidence is None else {"ACCORDANT_EVIDENCE": str(evidence)}
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, more=more)
    wheel = next(folder.glob("accordant-*.whl"))
    with ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    wrong = sorted(top for top in tops if top not in PACKAGES and not top.endswith(".dist-info"))
    if wrong:
        raise EnvironmentFailedError(f"the wheel installs {', '.join(wrong)} beside accordant's packages")
    return wheel


def lowest(extras: Collection[str]) -> list[str]:
    """Constraints that hold every requirement, those of these extras too, at its lower bound in `pyproject.toml`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared: Mapping[str, list[str]] = project["optional-dependencies"]
    required = [*project["dependencies"], *(line for extra in extras for line in declared[extra])]
    required = [line for line in required if not line.startswith("accordant[")]
    found = {line: _LOWER.match(line) for line in required}
    unbound = [line for line, match in found.items() if match is None]
    if unbound:
        raise EnvironmentFailedError(f"{', '.join(unbound)}: a requirement needs a lower bound, name>=version")
    return sorted(f"{match[1]}=={match[2]}" for match in found.values() if match is not None)


class Environment:
    """A virtual environment in a folder that does not exist yet."""

    def __init__(self, python: Path, folder: Path) -> None:
        run([str(python), "-m", "venv", str(folder)])
        self.folder = folder
        self.python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"

    def install(self, *arguments: str) -> None:
        """Install with pip, from wheels alone for what is not ours."""
        pip = [str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run([*pip, "--only-binary", ":all:", *arguments])

    def uninstall(self, name: str) -> None:
        """Uninstall with pip."""
        run([str(self.python), "-m", "pip", "uninstall", "--quiet", "--yes", name])

    def distributions(self) -> list[str]:
        """The names of what is installed, without what came with the environment."""
        code = "from importlib.metadata import distributions as d; print(*sorted({i.name for i in d()}))"
        return [name for name in self.call("-c", code).split() if name not in ("pip", "setuptools", "wheel")]

    def call(self, *arguments: str, cwd: Path | None = None, path: Path | None = None) -> str:
        """Run Python in the environment, away from the repository; returns what it printed."""
        return run([str(self.python), *arguments], cwd=cwd or self.folder, path=path)


def clean_environ() -> dict[str, str]:
    """The variables of this process without those that lead to this repository, or to another environment."""
    return {name: value for name, value in os.environ.items() if name not in _OURS}


def run(
    command: list[str], *, cwd: Path | None = None, path: Path | None = None, more: Mapping[str, str] | None = None
) -> str:
    """Run a command; returns its output, or raises ``EnvironmentFailedError`` with its last lines."""
    environ = clean_environ()
    environ.update(more or {})
    if path is not None:
        environ["PYTHONPATH"] = str(path)
    done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, timeout=_SECONDS, check=False)
    if done.returncode:
        last = " | ".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-4:])
        raise EnvironmentFailedError(
            f"{Path(command[0]).name} {' '.join(command[1:4])} ...: exit {done.returncode}: {last}"
        )
    return done.stdout
