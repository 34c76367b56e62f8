"""A vendor is the same few files in each of its three rooms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import accordant_documents
from accordant_sandbox import vendors
from accordant_sandbox.vendors import load

ROOT = Path(__file__).resolve().parent.parent
CLIENT = ROOT / "overlays" / "accordant"
SANDBOX = ROOT / "sandboxes" / "accordant_sandbox" / "vendors"
CONTRACT = ROOT / "contract_tests" / "accordant_contract" / "target" / "vendors"

REQUIRED = {
    CLIENT: {"__init__.py", "auth.py", "client.py", "models.py", "vendor.py", "spec.overlay.yaml"},
    SANDBOX: {"__init__.py", "actions.py", "collections.py", "dialect.py", "operations.py", "rules.py", "seeds.py"},
}
"""What every vendor has in a room: one file each for what it says there."""
SHARED = {
    CLIENT: {
        "procedures.overlay.yaml": "a further overlay, of stored procedures",
        "received.py": "what the vendor posts",
    },
    SANDBOX: {"views.py": "how records are shown", "webhooks.py": "what is announced, and to whom"},
}
"""What a vendor may have beside them, under the same name as others."""
OWN = {
    CLIENT: {
        "dibop/alerts.py": "reads the alerts that the vendor posts",
        "dibop/waiting.py": "waits for executions",
        "dispatch/files.py": "files are more than one call",
    },
    SANDBOX: {
        "dibop/expressions.py": "the vendor's language of expressions",
        "dibop/simulation.py": "what the steps of an execution bring",
        "dime_scheduler/keys.py": "natural keys that several kinds share",
        "dime_scheduler/kinds.py": "which kinds of record can be written, and how",
        "dime_scheduler/listing.py": "text that sorts and filters lists",
        "dime_scheduler/makers.py": "rows that tests ask for",
        "dime_scheduler/pages.py": "a page outside the API",
        "dime_scheduler/planning.py": "the map, and free slots",
        "dime_scheduler/procedures.py": "stored procedures of the import route",
        "dime_scheduler/recurrence.py": "dates of recurring appointments",
        "dime_scheduler/work.py": "jobs and tasks, and what belongs to them",
        "dime_scheduler/writing.py": "writes by natural key, from either route",
        "dispatch/matching.py": "how records are recognised that are there",
        "espace/local_time.py": "the wall clock of the organisation",
    },
}
"""Files of one vendor that are no resource's, each with what it is for."""


def _folded(name: str) -> str:
    return name.replace(" ", "").replace("_", "").casefold()


def _resources(vendor: str) -> set[str]:
    """What a module may be named after: the tags of the document, and the collections of the sandbox."""
    paths: dict[str, dict[str, Any]] = accordant_documents.load(vendor)["paths"]
    tags = {str(tag) for path in paths.values() for each in path.values() if "tags" in each for tag in each["tags"]}
    return {_folded(name) for name in (*tags, *load(vendor).collections)}


@pytest.mark.parametrize("room", REQUIRED, ids=lambda room: room.name)
@pytest.mark.parametrize("vendor", vendors())
def test_a_vendor_is_the_same_few_files(room: Path, vendor: str) -> None:
    """A vendor has the files that every vendor has, shared ones, and one module for a resource with its own rules."""
    found = {path.name for path in (room / vendor).iterdir() if path.is_file()}
    assert REQUIRED[room] - found == set()
    own = {name.partition("/")[2] for name in OWN[room] if name.startswith(f"{vendor}/")}
    resources = _resources(vendor)
    others = found - REQUIRED[room] - SHARED[room].keys() - own
    assert {name for name in others if _folded(name.removesuffix(".py")) not in resources} == set()


@pytest.mark.parametrize("room", OWN, ids=lambda room: room.name)
def test_no_file_is_excused_that_is_gone(room: Path) -> None:
    """Each file of one vendor that the list above names exists, and is not named after a resource."""
    for name in OWN[room]:
        vendor, _, file = name.partition("/")
        assert (room / name).is_file(), name
        assert _folded(file.removesuffix(".py")) not in _resources(vendor), name


def test_contract_tests_know_a_vendor_in_one_file() -> None:
    """What the contract tests must know of a vendor is one module under its name."""
    found = {path.stem for path in CONTRACT.iterdir() if path.is_file() and path.stem != "__init__"}
    assert found == set(vendors())
