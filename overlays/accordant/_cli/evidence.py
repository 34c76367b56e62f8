"""`accordant evidence`: what the contract tests have proven, as the wheel says it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TextIO

from ..evidence import Evidence, evidence_of
from .methods import known_vendor, vendor_names
from .usage import UsageError

HELP: Final = """usage: accordant evidence [VENDOR]

Prints what the contract tests have proven: a line for each vendor, or all of one. Releases hold it.
"""


def evidence(words: Sequence[str], out: TextIO) -> int:
    """Print a line for each vendor, or all of one vendor.

    Raises:
        UsageError: A vendor that does not exist, more than one, or no evidence in this installation.
    """
    if words[:1] in (["-h"], ["--help"]):
        out.write(HELP)
        return 0
    if len(words) > 1:
        raise UsageError(f"accordant evidence takes one vendor; it got {len(words)}")
    names = [known_vendor(words[0])] if words else vendor_names()
    found = [each for name in names if (each := evidence_of(name)) is not None]
    if not found:
        raise UsageError("this installation holds no evidence: releases do, and wheels that make dist has built")
    lines = _whole(found[0]) if words else [_line(each) for each in found]
    out.writelines(f"{line}\n" for line in lines)
    return 0


def _line(found: Evidence) -> str:
    result = "passed" if found.passed else f"{len(found.findings)} findings"
    stale = "" if found.current else ", of another document"
    return (
        f"{found.vendor}: {result}, {len(found.covered)} of {len(found.operations)} operations covered, "
        f"{found.calls} calls, {found.profile} profile, seed {found.seed}, {found.at:%Y-%m-%d}{stale}"
    )


def _whole(found: Evidence) -> list[str]:
    uncovered = [name for name in found.operations if name not in found.covered]
    lines = [_line(found), f"target: {found.target}", f"document: sha256 {found.document_sha256}"]
    lines += [f"not covered: {', '.join(uncovered)}"] if uncovered else []
    lines += [f"allowed, each with its reason: {found.allowed}"] if found.allowed else []
    lines += [f"finding: {each}" for each in found.findings]
    width = max(map(len, found.checks), default=0)
    return [*lines, *(f"  {name:<{width}}  {count}" for name, count in found.checks.items())]
