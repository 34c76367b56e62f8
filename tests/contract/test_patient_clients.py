"""How long the clients of a contract run wait for one response."""

from __future__ import annotations

from typing import Any

import pytest

import accordant.dispatch
from accordant_contract.document.document import Operation, load
from accordant_contract.target import targets, vendor
from accordant_contract.target.clients import Clients


def _nothing(_: Operation) -> dict[str, str]:
    return {}


@pytest.mark.parametrize(("faults", "seconds"), [((), 30.0), (("page_overlap",), 2.0)], ids=["clean", "faulty"])
def test_a_busy_machine_is_no_fault_of_a_clean_sandbox(
    monkeypatch: pytest.MonkeyPatch, faults: tuple[str, ...], seconds: float
) -> None:
    """A clean sandbox gets half a minute for a response, one that was told to go wrong two seconds: it may hang."""
    given: dict[str, Any] = {}

    class Noted(accordant.dispatch.Dispatch):
        """A client that says what it is made with."""

        def __init__(self, **settings: Any) -> None:
            given.update(settings)
            super().__init__(**settings)

    monkeypatch.setattr(accordant.dispatch, "Dispatch", Noted)
    with targets.local(vendor.load("dispatch"), faults=faults, way="process") as target:
        clients = Clients(target, _nothing)
        clients.call(load("dispatch").operations["listJobs"], {}, asynchronous=False)
        clients.close()
    assert given["timeout"] == seconds
