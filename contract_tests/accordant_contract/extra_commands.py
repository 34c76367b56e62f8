"""What ``python -m accordant_contract`` does beside its runs: recordings that are judged and written."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

from .baseline.file import Baseline, path_of, read
from .document.document import load
from .errors import ContractError
from .evidence import store
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
    out.write("\n".join([*lines, f"\nEvidence: {page}", ""]))
    return _WELL if all(each["passed"] for each in judged.records) else _FINDINGS


def proxy(words: Sequence[str], out: TextIO, err: TextIO) -> int:
    """The proxy between an app and a vendor; what serves it is loaded here alone."""
    from .proxy.command import main

    return main(words, out, err)


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
