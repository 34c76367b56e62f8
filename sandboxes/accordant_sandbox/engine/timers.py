"""What falls due on the sandbox's clock: the vendor's timer functions, and the moves of records alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from accordant_sandbox.engine.persistent import removed
from accordant_sandbox.engine.transaction import Transaction
from accordant_sandbox.model.collections import Key

if TYPE_CHECKING:
    from accordant_sandbox.engine.engine import Engine

__all__ = ["run_timers"]


def run_timers(engine: Engine, until: datetime, most: int | None) -> bool:
    """Run the timers up to an instant, under the engine's lock; returns whether some are left because `most` ran."""
    functions: Mapping[str, Callable[..., None]] = {**engine.vendor.timers, **_TIMERS}
    ran = 0
    while engine.state.timers and engine.state.timers[0][0].due <= until:
        if ran == most:
            return True
        ran += 1
        timer = engine.state.timers[0][0]
        engine.state.timers = removed(engine.state.timers, timer)
        if timer.due > engine.clock.now():
            engine.clock.set(timer.due)
        tx = Transaction(engine, None, f"timer:{timer.name}")
        functions[timer.name](tx, **timer.arguments)
        tx.commit()
    return False


def _step(tx: Transaction, *, collection: str, key: Key, number: int) -> None:
    """A lifecycle's timed move."""
    lifecycle = tx.engine.vendor.collections[collection].lifecycle
    row = tx.find(collection, key)
    if lifecycle and row is not None:
        lifecycle.late(tx, collection, row, number)


_TIMERS: Final[Mapping[str, Callable[..., None]]] = {"accordant.step": _step}
