"""What the transactions of one sandbox share: its tables, its clock, its source of chance, its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from accordant_sandbox.engine.clock import Clock
from accordant_sandbox.engine.state import Snapshot, State
from accordant_sandbox.errors import SandboxError
from accordant_sandbox.model.vendor import Vendor

__all__ = ["Store"]


class Store:
    """The committed state of a sandbox, and what it takes to change it.

    Args:
        vendor: The vendor, which says what is kept and by which rules.
        clock: The sandbox's clock.
        settings: The vendor's settings, checked.
        random: Source of ids, tokens and choices.
    """

    def __init__(self, vendor: Vendor, clock: Clock, settings: Mapping[str, Any], random: Random) -> None:
        self.vendor, self.clock, self.settings, self.random = vendor, clock, settings, random
        self.state = State()
        self.announce: Callable[[str, Mapping[str, Any]], None] = lambda _topic, _payload: None
        """Told of every event of a committed transaction."""

    def snapshot(self) -> Snapshot:
        """The present state, to come back to."""
        state = self.state
        return Snapshot(
            self.vendor.name,
            dict(state.tables),
            state.sequences,
            state.timers,
            self.random.getstate(),
            self.clock.now(),
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot; the clock stays where it is.

        Raises:
            SandboxError: It was taken of another vendor.
        """
        if snapshot.vendor != self.vendor.name:
            raise SandboxError(f"this is a snapshot of {snapshot.vendor}, not of {self.vendor.name}")
        self.state = State(dict(snapshot.tables), snapshot.sequences, snapshot.timers)
        self.random.setstate(snapshot.random)
