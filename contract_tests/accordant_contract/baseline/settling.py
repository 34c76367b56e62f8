"""Holding the findings of a run against the known deviations: known, expired, mended, or not judged in this run."""

from __future__ import annotations

import datetime

from attrs import evolve

from ..document.values import Finding
from ..evidence.results import ResultCollector
from .file import Baseline, KnownDeviation


def settle(results: ResultCollector, baseline: Baseline, today: datetime.date) -> None:
    """Set aside what is known; what has expired stays a finding, and an entry that is mended becomes one."""
    unseen: list[KnownDeviation] = []
    for entry in baseline.entries:
        keys = [key for key, each in results.findings.items() if entry.covers(each.finding)]
        for key in keys:
            found = results.findings[key]
            if entry.expired(today):
                text = f"{found.finding.message} (known until {entry.expires}, which is past: {entry.reason})"
                found.finding = evolve(found.finding, message=text)
            else:
                results.known[key] = (results.findings.pop(key), entry)
        if not keys:
            unseen.append(entry)
    stopped = any(each.finding.kind == "stopped" for each in results.findings.values())
    for entry in unseen:
        if stopped or not _judged(results, entry):
            results.skip(f"{entry.operation}: {entry.check} is on the baseline, and was not judged in this run")
            continue
        text = f"the vendor has mended it, remove the entry at {baseline.file}:{entry.line} ({entry.reason})"
        finding = Finding(
            *("known_deviation", entry.operation, text, entry.field, f"mended {entry}"),
            expected=f"{entry} is still found",
            seen=f"{entry.check} judged the operation and found nothing",
        )
        results.judge("known_deviation", entry.operation, [finding])


def _judged(results: ResultCollector, entry: KnownDeviation) -> bool:
    """Whether the run would have seen the deviation: the check judged the operation, and it counted."""
    if results.about is not None and entry.operation not in results.about:
        return False
    if results.only not in (None, entry.check):
        return False
    tally = results.tallies.get((entry.operation, entry.check))
    return tally is not None and tally.checked > 0
