"""Faults under hostile traffic: whatever a client sends, no fault crashes the sandbox or shows as its defect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from accordant_sandbox import Sandbox, vendors
from accordant_sandbox.engine.tables import Table
from accordant_sandbox.http.document import Operation

BODIES: tuple[bytes, ...] = (
    b"",
    b"{",
    b"[]",
    b"[7]",
    b'{"id":null,"status":[1],"grant_type":{}}',
    '[{"Id":-1,"name":"ö\U0001f6b0"}]'.encode(),
)
OPERATIONS = 5
"""About how many operations of a fault are tried."""
FEW = 2
"""How many of the bodies go to the path that leads nowhere, where nothing reads them but the check of bodies."""


def targets(sandbox: Sandbox, operation: Operation) -> Iterator[str]:
    """Paths of an operation: one that leads to a record where there is one, and one that leads nowhere."""
    plain = sandbox.vendor.operations.served[operation.id].plain
    rows: list[Any] = list(sandbox.engine.state.tables.get(plain.collection, {})) if plain else []
    for key in (rows[0] if rows else 1, "%00~"):
        yield sandbox.vendor.document.base_path + re.sub(r"\{[^}]*\}", str(key), operation.path)


def bodies(sandbox: Sandbox, operation: Operation) -> Iterator[bytes]:
    """Bodies of every kind: none, broken, of the wrong type, and a stored record."""
    plain = sandbox.vendor.operations.served[operation.id].plain
    rows = list(sandbox.engine.state.tables.get(plain.collection, Table()).values()) if plain else []
    if operation.body is None:
        yield b""
        return
    yield from BODIES
    if rows:
        yield orjson.dumps({name: value for name, value in rows[-1].items() if not isinstance(value, bytes)})


def records(sandbox: Sandbox) -> str:
    """Everything that is kept, as a text."""
    state = sandbox.engine.state
    return repr([[(name, list(table.items())) for name, table in state.tables.items()], state.timers])


@pytest.mark.parametrize("vendor", vendors())
def test_no_fault_breaks_the_sandbox(vendor: str) -> None:
    """Every fault of every vendor stands broken bodies and strange paths, and leaves records that can be shown."""
    succeeded = 0
    shown = set[str]()
    """What some faults have left, and was shown: many leave the same records."""
    for fault in Sandbox.catalogue(vendor):
        with Sandbox(vendor) as sandbox:
            sandbox.arm(fault.name)
            sandbox.arm("auth_none")
            if fault.name not in ("auth_any", "auth_none"):
                sandbox.arm("auth_any")
            send = sandbox.transport
            for name in fault.operations[:: 1 + len(fault.operations) // OPERATIONS]:
                operation = sandbox.vendor.document.operations[name]
                existing, nowhere = targets(sandbox, operation)
                every = list(bodies(sandbox, operation))
                for target, chosen in ((existing, every), (nowhere, every[-FEW:])):
                    for body in chosen:
                        url = f"http://localhost{target}?limit=2&offset=1&page=2&page_size=2"
                        try:
                            send(operation.method, url, [("Content-Type", "application/json")], body, 5.0)
                        except (ConnectionError, TimeoutError):
                            assert fault.cls in ("network", "time")
            for armed in list(sandbox.engine.faults.armed):
                sandbox.engine.faults.disarm(armed)
            sandbox.arm("auth_none")
            left = records(sandbox)
            if left not in shown:
                shown.add(left)
                for operation in sandbox.vendor.document.operations.values():
                    if operation.method == "GET" and operation.id in sandbox.operations:
                        send("GET", f"http://localhost{next(targets(sandbox, operation))}", [], b"", 5.0)
            assert not sandbox.defects, f"{fault.name}: {sandbox.defects[0]}\n{notes(sandbox)}"
            succeeded += sum(entry.status < 300 and entry.problem is None for entry in sandbox.journal)
    assert succeeded > 300, "the traffic got in"


def notes(sandbox: Sandbox) -> str:
    """What the journal says about the last exchange that went wrong."""
    return next(("\n".join(entry.notes) for entry in reversed(list(sandbox.journal)) if entry.notes), "")
