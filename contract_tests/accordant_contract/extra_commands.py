"""What ``python -m accordant_contract`` does beside its runs: recordings that are judged and written."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

from .baseline.file import Baseline, path_of, read
from .document.document import load
from .errors import ContractError
from .evidence import store
from .printable import printable
from .regression.command import regression
from .run.live_table import run_live_rows
from .target import vendor as vendors
from .tightening.command import spec_lint, tighten
from .traffic.command import judge_file

_WELL, _FINDINGS = 0, 1
_SENDS: Final = ("live", "write", "har_out", "operation", "check")
"""Options of a run that sends."""


def judge_recording(
    options: argparse.Namespace,
    names: Sequence[str],
    summary: Callable[[Sequence[dict[str, Any]]], str],
    out: TextIO,
) -> int:
    """Judge a recording; its evidence goes to a separate folder, as it covers only what somebody happened to call."""
    used = [name.upper() for name in _SENDS if getattr(options, name)]
    if used:
        raise ContractError(f"HAR= judges what was recorded and sends nothing: {', '.join(used)} does not go with it")
    judged = judge_file(
        Path(options.har),
        names,
        target=options.target or "",
        strict=options.strict,
        baselines={name: baseline_of(options, name, recorded=True) for name in names},
    )
    folder = Path(options.out) / "recorded"
    for each in judged.records:
        store.save(folder, each)
    page = store.publish(folder, [str(each["vendor"]) for each in judged.records])
    lines = [summary(judged.records), ""]
    lines += [f"NOT JUDGED {each['vendor']} {note}" for each in judged.records for note in each["skipped"]]
    lines += [f"NO OPERATION {line}" for line in judged.strays]
    out.write(printable("\n".join([*lines, f"\nEvidence: {page}", ""])))
    return _WELL if all(each["passed"] for each in judged.records) else _FINDINGS


def proxy(words: Sequence[str], out: TextIO, err: TextIO) -> int:
    """The proxy between an app and a vendor; what serves it is loaded here alone."""
    from .proxy.command import main

    return main(words, out, err)


def _regression(options: argparse.Namespace, out: TextIO) -> int:
    """Write one finding as a test."""
    file = regression(Path(options.evidence), options.finding, Path(options.file) if options.file else None)
    out.write(f"{file}: run it with pytest, at a fresh sandbox or the vendor\n")
    return _WELL


def _spec_lint(options: argparse.Namespace, out: TextIO) -> int:
    """Print what the effective documents leave open."""
    names = [vendors.load(options.vendor).name] if options.vendor else list(vendors.names())
    spec_lint(names, out, as_json=options.json)
    return _WELL


def _tighten(options: argparse.Namespace, out: TextIO) -> int:
    """Propose what observed responses would let a document say."""
    name = vendors.load(options.vendor).name
    recording = Path(options.har) if options.har else Path(options.out) / f"{name}.har"
    file = Path(options.file) if options.file else Path("build/tighten") / f"{name}.overlay.yaml"
    count = tighten(name, recording, options.target or "", file)
    out.write(f"{file}: {count} proposals, to be reviewed; nothing was applied\n")
    return _WELL


def _live_rows(options: argparse.Namespace, out: TextIO) -> int:
    """Hold runs at an address against every row there before and after."""
    names = [vendors.load(options.vendor).name] if options.vendor else list(vendors.names())
    page = Path(options.write) if options.write else None
    return _FINDINGS if run_live_rows(names, page, out) else _WELL


COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace, TextIO], int]]] = {
    "live-rows": _live_rows,
    "regression": _regression,
    "spec-lint": _spec_lint,
    "tighten": _tighten,
}
"""The commands that :func:`add_parsers` adds."""


def add_parsers(commands: Any) -> None:
    """Add the parsers of these commands."""
    again = commands.add_parser("regression", help="write a finding as a test for pytest, through our client")
    again.add_argument("--evidence", required=True, metavar="FILE", help="a vendor's evidence, its JSON file")
    again.add_argument("--finding", type=int, default=1, metavar="N", help="which finding, counted from 1 (default: 1)")
    again.add_argument("--file", metavar="FILE", help="the file to write (default: named after the finding, here)")
    live = commands.add_parser("live-rows", help="count every row before and after runs at an address")
    live.add_argument("--vendor", metavar="NAME", help="this one only (default: all)")
    live.add_argument("--write", metavar="FILE", help="a page of the docs that shows the table")
    lint = commands.add_parser("spec-lint", help="list what the effective documents leave open")
    lint.add_argument("--vendor", metavar="NAME", help="this one only (default: all)")
    lint.add_argument("--json", action="store_true", help="print one JSON object")
    more = commands.add_parser("tighten", help="propose overlay actions from recorded responses")
    more.add_argument("--vendor", metavar="NAME", required=True, help="whose document")
    more.add_argument("--har", metavar="FILE", help="the recording (default: that of the last run in --out)")
    more.add_argument("--target", metavar="URL", help="the address of the API in the recording")
    more.add_argument("--out", default="build/evidence", metavar="DIR", help="folder of the evidence")
    more.add_argument("--file", metavar="FILE", help="the overlay to write (default: build/tighten/NAME.overlay.yaml)")


def recorded_at(options: argparse.Namespace, name: str) -> Path | None:
    """Where the recording of a vendor's run goes."""
    if not options.har_out:
        return None
    place = Path(options.har_out)
    if place.suffix != ".har":
        return place / f"{name}.har"
    if not options.vendor:
        raise ContractError("HAR_OUT names one file: say which vendor with VENDOR=<name>, or name a folder")
    return place


def baseline_of(options: argparse.Namespace, name: str, *, recorded: bool = False) -> Baseline | None:
    """The known deviations of a vendor: the file that was named, else the vendor's, where the vendor itself is judged.

    A sandbox that a run starts itself has none of the vendor's deviations, so its entries would all look mended.
    """
    if options.baseline:
        if not options.vendor:
            raise ContractError("BASELINE is the file of one vendor's deviations: say which with VENDOR=<name>")
        return read(Path(options.baseline), load(name))
    own = path_of(name)
    return read(own, load(name)) if (recorded or options.target or options.live) and own.exists() else None
