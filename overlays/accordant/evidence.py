"""What the contract tests have proven about the clients of this installation: packed when the wheel is built."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from typing import Any, Final

from attrs import frozen

import accordant_documents

PLACE: Final = "_evidence_records"
"""The folder of this package that a built wheel has the records in."""


@frozen
class Evidence:
    """One contract run over a vendor's sandbox, made with the code that was packed.

    - ``vendor``, ``target`` (what was tested), ``profile``, ``seed``, ``at`` (when it began).
    - ``passed``: whether it found nothing; ``findings``: one line for each, ``allowed``: how many had a known reason.
    - ``operations``: the ids of all; ``covered``: those of which at least one check judged the content of a success.
    - ``calls``: requests that were sent; ``checks``: how often each check judged.
    - ``document_sha256``: the hash of the effective document that was tested.
    """

    vendor: str
    target: str
    profile: str
    seed: int
    at: datetime
    passed: bool
    findings: tuple[str, ...]
    allowed: int
    operations: tuple[str, ...]
    covered: tuple[str, ...]
    calls: int
    checks: Mapping[str, int]
    document_sha256: str

    @property
    def current(self) -> bool:
        """Whether it speaks of the document that is installed."""
        file = resources.files(accordant_documents).joinpath(f"{self.vendor}.json")
        return hashlib.sha256(file.read_bytes()).hexdigest() == self.document_sha256


def evidence_of(vendor: str) -> Evidence | None:
    """The evidence that the wheel holds of a vendor; ``None`` where it was built without any."""
    file = resources.files(__package__ or "accordant").joinpath(PLACE, f"{vendor}.json")
    return evidence_from(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None


def evidence_from(record: Mapping[str, Any]) -> Evidence:
    """Evidence out of a run's record; raises ``KeyError`` for a record of a run that did not finish."""
    operations: list[Mapping[str, Any]] = record["operations"]
    checks: dict[str, int] = {}
    for operation in operations:
        for check, tally in operation["checks"].items():
            checks[check] = checks.get(check, 0) + tally["checked"]
    return Evidence(
        vendor=record["vendor"],
        target=record["target"],
        profile=record["profile"],
        seed=record["seed"],
        at=datetime.fromisoformat(record["started"]),
        passed=record["passed"],
        findings=tuple(f"{each['check']} {each['operation']}: {each['message']}" for each in record["findings"]),
        allowed=sum(each["times"] for each in record["excused"]),
        operations=tuple(each["id"] for each in operations),
        covered=tuple(record["covered"]),
        calls=record["exchanges"],
        checks=dict(sorted(checks.items())),
        document_sha256=record["document"]["sha256"],
    )
