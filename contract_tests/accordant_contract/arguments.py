"""The arguments of the contract tests: those of the commands here, and those of ``accordant contract``."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from . import extra_commands
from .corpus.file import FOLDER
from .records.journal import JOURNALS
from .run.profiles import PROFILES


def cores() -> int:
    """How many processes can work at a time here."""
    # A container may have fewer cores than its machine; not every system can say so.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2


def processes(text: str) -> int:
    """A number of processes; argparse says what is wrong with a text that is none."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes: give 1 or more")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """The commands of ``python -m accordant_contract``."""
    whole = argparse.ArgumentParser(prog="python -m accordant_contract", description="Contract tests of vendor APIs.")
    commands = whole.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="probe and fuzz a vendor's API, and write the evidence")
    add_run_options(run)
    run.add_argument("--package", metavar="NAME", help="the vendors of this package only (default: all)")
    clean = commands.add_parser("cleanup", help="delete what earlier runs with --write made and could not delete")
    clean.add_argument("--vendor", metavar="NAME", help="what was made at this vendor only")
    clean.add_argument("--target", metavar="URL", help="what was made at this address only")
    clean.add_argument("--journals", default=str(JOURNALS), metavar="DIR", help="where the runs noted it")
    faults = commands.add_parser("faults", help="arm every fault of the sandbox; the named check must catch each")
    faults.add_argument("--fault", metavar="NAME", help="this one only")
    once = "not at other operations alone as well"
    faults.add_argument("--once", action="store_true", help=once)
    beside = "let plain schemathesis loose on each fault too, or on every N-th, and try those alone"
    faults.add_argument("--plain", type=int, default=0, metavar="N", help=beside)
    faults.add_argument("--write", metavar="FILE", help="a page of the docs that shows the figures")
    shown = commands.add_parser("report", help="print the reach as one JSON object")
    extra_commands.add_parsers(commands)
    commands.add_parser("proxy", help="pass an app's traffic on to a vendor, and report each deviation")
    play = commands.add_parser("demo", help="check the generated code, play a session each, run quickly, catch a fault")
    play.set_defaults(target=None, package=None, live=False, write=False, profile="quick", seed=7)
    play.set_defaults(strict=False, operation=None, check=None, shard=None, journals=str(JOURNALS))
    play.set_defaults(har=None, har_out=None, baseline=None, corpus=str(FOLDER), keep=False)
    for command in (run, faults, shown, play):
        command.add_argument("--vendor", metavar="NAME", help="this one only (default: all)")
        command.add_argument(
            "--jobs", type=processes, default=cores(), help="how many processes work at a time (default: cores)"
        )
    for command in (run, shown, play):
        command.add_argument("--out", default="build/evidence", metavar="DIR", help="folder of the evidence")
    return whole


def add_run_options(command: argparse.ArgumentParser) -> None:
    """What a run can be told."""
    command.add_argument("--target", metavar="URL", help="the API's address, credentials come from the environment")
    command.add_argument("--write", action="store_true", help="allow a run at an address to change what it holds")
    command.add_argument("--live", action="store_true", help="each vendor at its <VENDOR>_BASE_URL; others are skipped")
    command.add_argument("--profile", default="quick", help=f"one of {', '.join(PROFILES)} (default: quick)")
    command.add_argument("--seed", type=int, help="seed of every choice (default: 7; nightly: a new one)")
    command.add_argument("--strict", action="store_true", help="an undocumented response field is a finding")
    command.add_argument("--operation", metavar="ID", help="judge this operation only (needs a vendor)")
    command.add_argument("--check", metavar="NAME", help="judge by this check only, up to its first finding")
    command.add_argument("--har", metavar="FILE", help="judge this recording (HAR 1.2) instead; nothing is sent")
    command.add_argument("--har-out", metavar="PATH", help="write the run as a recording: a .har file, or a folder")
    command.add_argument("--baseline", metavar="FILE", help="known deviations (at an address by default the vendor's)")
    command.add_argument("--shard", metavar="1/4", help="the first of four parts of each vendor's operations")
    command.add_argument("--corpus", default=str(FOLDER), metavar="DIR", help="folder of the kept cases, sent first")
    command.add_argument("--keep", action="store_true", help="keep what is worth it there, for later runs")
    command.add_argument("--journals", default=str(JOURNALS), metavar="DIR", help="where a run notes what it makes")


def in_project(words: Sequence[str], root: Path | None, package: str | None) -> list[str]:
    """What ``accordant contract`` was told, in the words of ``python -m accordant_contract``.

    Evidence and journals belong to the project at ``root``; without a vendor all of its package's are tested.
    """
    command = argparse.ArgumentParser(
        prog="accordant contract",
        description="Test client, sandbox and document of a vendor against each other, or the vendor's own API.",
    )
    command.add_argument("vendor", nargs="?", metavar="NAME", help="one vendor; default: all of the project")
    add_run_options(command)
    command.add_argument("--jobs", type=processes, help="how many processes work at a time (default: cores)")
    command.add_argument("--out", metavar="DIR", help="folder of the evidence (default: build/evidence of the project)")
    command.add_argument("--cleanup", action="store_true", help="delete what earlier runs with --write made and left")
    base = root or Path()
    command.set_defaults(journals=str(base / JOURNALS), out=str(base / "build" / "evidence"))
    command.set_defaults(corpus=str(FOLDER if root is None else root / "contract-corpus"))
    options = command.parse_args(words)
    if options.vendor is None and (options.operation or (options.target and not options.cleanup)):
        command.error("--target and --operation are about one vendor: name it")
    if options.cleanup:
        return ["cleanup", *_words(options, ("vendor", "target", "journals"))]
    one = [] if options.vendor is not None or package is None else ["--package", package]
    return ["run", *_words(options, tuple(name for name in vars(options) if name != "cleanup")), *one]


def _words(options: argparse.Namespace, names: Sequence[str]) -> list[str]:
    given = {name.replace("_", "-"): getattr(options, name) for name in names}
    flags = [f"--{name}" for name, value in given.items() if value is True]
    return flags + [f"--{name}={value}" for name, value in given.items() if not isinstance(value, bool | None)]
