"""The figures of the fault matrix."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from accordant_contract.run import fault_matrix, fault_table
from accordant_contract.run.fault_matrix import NO_FAULT, FaultOutcome

CAUGHT = FaultOutcome("dispatch", "page_skip", "page_walk", "page_walk", "", 9, 0.1, plain="", cls="paging")
KNOWN = frozenset({("not_a_server_error", "listJobs"), ("ignored_auth", "listJobs")})
BOTH = FaultOutcome("dispatch", "code_500", "not_a_server_error", "not_a_server_error", "", 9, 0.1, cls="status")
CLEAN = FaultOutcome("dispatch", NO_FAULT, "nothing", None, "", 9, 0.1)


def test_the_figures_tell_ours_from_plain_schemathesis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By vendor and by class: faults, those that our checks catch and those that plain schemathesis does, false alarms,
    and the places where a fault was alone."""
    alone = [
        evolve(CAUGHT, at="listJobs", plain=None),
        evolve(CAUGHT, at="listUsers", plain=None, caught="filter_truth"),
    ]
    hidden = evolve(CAUGHT, at="listBrands", plain=None, caught=None, acted=False)

    def tried(*_: Any, **how: Any) -> Iterator[FaultOutcome]:
        assert how == {"more": True, "beside": True}
        yield from (CLEAN, CAUGHT, *alone, hidden, evolve(BOTH, plain="status_code_conformance", alarms=KNOWN))

    monkeypatch.setattr(fault_matrix, "try_all", tried)
    page = tmp_path / "page.md"
    page.write_text("<!-- faults dispatch -->\n<!-- /faults dispatch -->\n", encoding="utf-8")
    out = io.StringIO()
    assert fault_table.run_faults(["dispatch"], None, 1, more=True, out=out, plain=1, page=page) == 0
    assert "plain schemathesis 1 of 2 (without a fault it fails 2 times; these do not count)" in out.getvalue()
    shown = page.read_text(encoding="utf-8").splitlines()
    assert "Findings without a fault: 0 by our checks, 2 by plain schemathesis." in shown
    named = "1 caught by the named check, 1 by another, 1 where nothing can show it, 0 missed"
    assert f"Alone at 3 other operations: {named}." in shown
    assert "| paging | 1 | 1 | 0 |" in shown
    assert "| status | 1 | 1 | 1 |" in shown
    assert "| all | 2 | 2 | 1 |" in shown


@pytest.mark.parametrize(("fault", "caught"), [("page_overlap", False), ("limit_429.no_retry_after", True)])
def test_plain_schemathesis_gets_the_operation_with_its_kind(fault: str, caught: bool) -> None:
    """Let loose over HTTP on the operations that show a fault, it notices one that a single response shows, and not one
    that takes two; what it reports without the fault does not count."""
    operations = frozenset({"listBrands", "createBrand", "deleteBrand"})
    assert bool(fault_matrix.plainly("dispatch", fault, operations)) is caught
