"""Installs the wheel into clean environments and tries it there: ``python -m release.wheel_test``.

Each Python from 3.11 to 3.14 that the machine has gets a bare install and one with all extras and the newest
dependencies; the lowest Python gets the lowest dependencies as well, the wheel as a zip file on the path, a program
that PyInstaller freezes, and the extra `workbench`, with which a user's session in a project is played.
One line per environment; the exit status is 1 when one of them failed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from .environments import VERSIONS, Environment, EnvironmentFailedError, build_wheel, lowest, pythons, run
from .project import BARE_CALL, Session, play

PROBE: Final = Path(__file__).with_name("wheel_probe.py")
FROZEN: Final = Path(__file__).with_name("frozen_program.py")
EXTRAS: Final = ("sandbox", "redis", "otel")
"""The extras of programs whose lowest dependencies fit each other; `mcp` needs a newer OpenTelemetry than `otel` does.
`workbench` is for making clients, and is tried alone."""
MOST_DISTRIBUTIONS: Final = 10
"""What a bare install may bring, accordant included; docs/decisions/small-install.md says of what it consists."""


class Trial(NamedTuple):
    """One environment: its name, and what makes it and tries the wheel in it; that returns what it found."""

    name: str
    play: Callable[[Path], str]


def trials(wheel: Path, found: dict[str, Path]) -> Iterator[Trial]:
    """The environments, the quick ones first."""
    for version, python in found.items():
        yield Trial(f"{version} bare", partial(bare, wheel, python))
        yield Trial(f"{version} newest", partial(full, wheel, python, (*EXTRAS, "mcp"), []))
    first = next(iter(found.values()))
    oldest = next(iter(found))
    yield Trial(f"{oldest} lowest", partial(full, wheel, first, EXTRAS, lowest(EXTRAS)))
    yield Trial(f"{oldest} zip", partial(zipped, wheel, first))
    yield Trial(f"{oldest} frozen", partial(frozen, wheel, first))
    yield Trial(f"{oldest} workbench", partial(project, wheel, first, []))
    yield Trial(f"{oldest} workbench lowest", partial(project, wheel, first, lowest(["workbench"])))


def bare(wheel: Path, python: Path, folder: Path) -> str:
    """No extra: few distributions, and a client that works."""
    environment = Environment(python, folder)
    environment.install(str(wheel))
    names = environment.distributions()
    if len(names) > MOST_DISTRIBUTIONS:
        raise EnvironmentFailedError(f"a bare install brings {len(names)} distributions: {' '.join(names)}")
    return f"{len(names)} distributions, {probed(environment, 'bare')}"


def full(wheel: Path, python: Path, extras: tuple[str, ...], constraints: list[str], folder: Path) -> str:
    """Extras, with pytest, which the plugin needs; perhaps with the lowest dependencies."""
    environment = Environment(python, folder)
    environment.install(f"{wheel}[{','.join(extras)}]", "pytest", *held(constraints, folder))
    environment.call("-m", "pip", "check")
    return probed(environment, "full")


def zipped(wheel: Path, python: Path, folder: Path) -> str:
    """The wheel itself on the path, as a zip file; only its dependencies are installed."""
    environment = Environment(python, folder)
    environment.install(f"{wheel}[{','.join(EXTRAS)}]", "pytest")
    environment.uninstall("accordant")
    return probed(environment, "zip", wheel)


def project(wheel: Path, python: Path, constraints: list[str], folder: Path) -> str:
    """The extra `workbench`: a user's session in a project; its package then works in a bare install as well."""
    environment = Environment(python, folder / "workbench")
    environment.install(f"{wheel}[workbench]", *held(constraints, folder))
    environment.call("-m", "pip", "check")
    session = Session(environment.python, folder)
    play(session, installed=True, meanwhile=partial(bare_project, wheel, python, folder / "bare"))
    return "a project was begun, a vendor added, tested and removed; its client works in a bare install"


def bare_project(wheel: Path, python: Path, folder: Path, project: Path) -> None:
    """A user's package beside a bare accordant: its client works, and the tools say what they need."""
    environment = Environment(python, folder)
    environment.install(str(wheel), str(project))
    where = environment.call("-c", BARE_CALL).strip()
    if not where.startswith(str(folder)):
        raise EnvironmentFailedError(f"the project was not imported from its environment: {where}")


def held(constraints: list[str], folder: Path) -> list[str]:
    """The arguments by which pip keeps to the constraints."""
    file = folder / "constraints.txt"
    file.write_text("".join(f"{line}\n" for line in constraints), encoding="utf-8")
    return ["-c", str(file)]


def frozen(wheel: Path, python: Path, folder: Path) -> str:
    """A program that PyInstaller makes of the wheel and of a few lines, run away from its environment."""
    environment = Environment(python, folder)
    environment.install(f"{wheel}[sandbox]", "pyinstaller")
    program = folder / FROZEN.name
    program.write_bytes(FROZEN.read_bytes())
    environment.call("-m", "PyInstaller", "--onedir", "--noconfirm", "--log-level", "ERROR", program.name)
    made = folder / "dist" / program.stem / (f"{program.stem}.exe" if os.name == "nt" else program.stem)
    return run([str(made)], cwd=folder).strip()


def probed(environment: Environment, mode: str, path: Path | None = None) -> str:
    """Run the probe where the repository cannot be imported; warnings are errors."""
    probe = environment.folder / PROBE.name
    probe.write_bytes(PROBE.read_bytes())
    result = json.loads(environment.call("-W", "error", probe.name, mode, path=path))
    return f"{result['modules']} modules imported, {result['calls']} calls"


def main(arguments: list[str] | None = None) -> int:
    """Build the wheel and try it; 1 when an environment failed."""
    parser = argparse.ArgumentParser(prog="python -m release.wheel_test", description=__doc__)
    parser.add_argument("--only", default="", help="only environments whose name has this text, for example 3.12")
    options = parser.parse_args(arguments)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="accordant-wheel-") as scratch:
        root = Path(scratch)
        found = pythons()
        try:
            chosen = [trial for trial in trials(build_wheel(root), found) if options.only in trial.name]
        except EnvironmentFailedError as error:
            print(f"wheel-test: {error}", file=sys.stderr)
            return 1
        if not chosen:
            print(f"wheel-test: no environment has {options.only!r} in its name", file=sys.stderr)
            return 1
        for number, trial in enumerate(chosen):
            begun = time.monotonic()
            try:
                result = f"ok    {trial.play(root / str(number))}"
            except EnvironmentFailedError as error:
                failed += 1
                result = f"FAILED {error}"
            print(f"{trial.name:<21} {result} ({time.monotonic() - begun:.0f} s)", flush=True)
    for version in VERSIONS:
        if version not in found:
            print(f"{version:<21} not tried: this machine has no Python {version}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
