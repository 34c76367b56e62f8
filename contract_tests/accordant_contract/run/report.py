"""How far everything reaches: operations in the document, generated, in the sandbox, covered by the last run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from accordant_sandbox import Sandbox

from ..document.document import load
from ..evidence import store
from ..evidence.identity import tests_digest
from ..evidence.record import no_result, unfinished
from ..target.clients import generated_operations
from .workers import Job, do_all


def report(vendors: Sequence[str], folder: Path, workers: int) -> dict[str, Any]:
    """One entry a vendor; where there is no result about this document by these tests, a quick run is made first."""
    stale = [name for name in vendors if not _fresh(folder, name)]
    jobs = [Job(name, "quick", 7) for name in stale]
    started = datetime.now(UTC).astimezone()
    if stale:
        store.begin(folder, stale, started)
    for job, outcome in do_all(jobs, lambda _: None, workers) if jobs else ():
        store.save(folder, unfinished(job.vendor, started, outcome) if isinstance(outcome, str) else outcome)
    if stale:
        store.publish(folder, vendors)
    return {"vendors": {name: _counts(folder, name) for name in vendors}}


def _counts(folder: Path, vendor: str) -> dict[str, int]:
    document = load(vendor)
    evidence = store.load(folder, vendor) or {}
    counts = _fresh(folder, vendor) and evidence["passed"]
    covered = set(evidence.get("covered", ())) & set(document.operations) if counts else set[str]()
    with Sandbox(vendor) as sandbox:
        served = sandbox.operations & set(document.operations)
    return {
        "document": len(document.operations),
        "generated": len(set(generated_operations(vendor)) & set(document.operations)),
        "sandbox": len(served),
        "covered": len(covered),
    }


def _fresh(folder: Path, vendor: str) -> bool:
    """Whether there is a result, passed or failed, about the present document and by the present tests."""
    evidence = store.load(folder, vendor)
    return (
        evidence is not None
        and not no_result(evidence)
        and evidence["document"]["sha256"] == load(vendor).digest
        and evidence["tests"]["sha256"] == tests_digest()
    )
