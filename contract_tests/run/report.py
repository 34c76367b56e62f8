"""How far everything reaches: operations in the document, generated, in the sandbox, covered by the last run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from accordant_sandbox import Sandbox

from ..document.document import load
from ..evidence import store
from ..target.session import generated_operations
from .workers import Job, do_all


def report(vendors: Sequence[str], folder: Path, workers: int) -> dict[str, Any]:
    """One entry a vendor; where the evidence is missing or about another document, a quick run is made first."""
    stale = [name for name in vendors if not _fresh(folder, name)]
    jobs = [Job(name, "quick", 7) for name in stale]
    for job, outcome in do_all(jobs, lambda _: None, workers) if jobs else ():
        if not isinstance(outcome, str):
            store.save(folder, outcome)
        else:
            (folder / f"{job.vendor}.json").unlink(missing_ok=True)
    if stale:
        store.publish(folder, vendors)
    return {"vendors": {name: _counts(folder, name) for name in vendors}}


def _counts(folder: Path, vendor: str) -> dict[str, int]:
    document = load(vendor)
    evidence = store.load(folder, vendor) or {}
    covered = set(evidence.get("covered", ())) & set(document.operations) if _fresh(folder, vendor) else set[str]()
    with Sandbox(vendor) as sandbox:
        served = sandbox.operations & set(document.operations)
    return {
        "document": len(document.operations),
        "generated": len(set(generated_operations(vendor)) & set(document.operations)),
        "sandbox": len(served),
        "covered": len(covered),
    }


def _fresh(folder: Path, vendor: str) -> bool:
    """Whether there is evidence about the present document."""
    evidence = store.load(folder, vendor)
    return evidence is not None and evidence.get("document", {}).get("sha256") == load(vendor).digest
