"""`make regression EVIDENCE=file FINDING=n`: one finding of a run, written as a test."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from accordant_runtime import is_array

from ..document.document import load
from ..errors import ContractError
from ..evidence import store
from ..target import vendor as vendors
from .writing import Case, write


def regression(evidence: Path, number: int, out: Path | None) -> Path:
    """Write the test of a finding, counted from 1; returns its file. A file that is there already is kept.

    ``evidence`` is the JSON file of a vendor. Raises :class:`ContractError`.
    """
    record = store.load(evidence.parent, evidence.stem) if evidence.suffix == ".json" else None
    if record is None:
        raise ContractError(
            f"{evidence} is no evidence that this version can read: name the JSON file of a vendor, such as "
            "build/evidence/dispatch.json"
        )
    findings: Any = record.get("findings")
    if not is_array(findings) or not findings:
        raise ContractError(f"{evidence} has no finding")
    if not 1 <= number <= len(findings):
        raise ContractError(f"FINDING={number}: {evidence} has findings 1 to {len(findings)}")
    finding: dict[str, Any] = findings[number - 1]
    name = str(record["vendor"])
    case = Case(
        vendors.load(name), load(name), finding, f"finding {number} of {record['target']}, seed {record['seed']}"
    )
    text = write(case)
    word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(finding["operation"])).lower()
    file = out or Path(re.sub(r"\W+", "_", f"test_{name}_{word}_{finding['check']}") + ".py")
    if file.exists():
        raise ContractError(f"{file} exists already; name another file with OUT=")
    store.write(file, text)
    return file
