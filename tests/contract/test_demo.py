"""What the demonstration shows at its end."""

from __future__ import annotations

import io

import pytest

from accordant_contract.errors import ContractError
from accordant_contract.run import demo
from accordant_contract.run.fault_matrix import FaultOutcome


def test_a_fault_is_caught_and_can_be_caught_again() -> None:
    """The demo switches a fault on and shows the check that caught it, its words, and the command to repeat it."""
    said = io.StringIO()
    demo.show_a_fault(["dibop", "dispatch"], said)
    lines = [line.strip() for line in said.getvalue().splitlines() if line]
    assert lines[0].startswith("A fault, switched on in the sandbox of ")
    assert lines[1].startswith("page_overlap: ")
    assert "page_walk caught it after " in lines[2]
    assert lines[3].startswith("again: make faults VENDOR=")


def test_a_fault_that_nobody_catches_fails_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo fails where the named check does not notice: it must not claim what it does not show."""
    missed = FaultOutcome("dispatch", "page_overlap", "page_walk", None, "nobody noticed", 1, 0.1)

    def tried(vendor: str, fault: str) -> FaultOutcome:
        del vendor, fault
        return missed

    monkeypatch.setattr(demo, "try_fault", tried)
    with pytest.raises(ContractError, match="page_overlap was not caught by page_walk: nobody noticed"):
        demo.show_a_fault(["dispatch"], io.StringIO())
