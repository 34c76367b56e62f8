"""What falls due on the sandbox's clock: the vendor's timer functions, and the moves of records alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from accordant_sandbox.engine.persistent import removed
from accordant_sandbox.engine.store import Store
from accordant_sandbox.engine.transaction import Transaction
from accordant_sandbox.ports import Key

__all__ = ["run_timers"]


def run_timers(store: Store, until: datetime, most: int | None) -> bool:
    """Run the timers up to an instant, under the engine's lock; returns whether some are left as `most` of them ran."""
    functions: Mapping[str, Callable[..., None]] = {**store.vendor.timers, **_TIMERS}
    ran = 0
    while store.state.timers and store.state.timers[0][0].due <= until:
        if ran == most:
            return True
        ran += 1
        timer = store.state.timers[0][0]
        store.state.timers = removed(store.state.timers, timer)
        if timer.due > store.clock.now():
            store.clock.set(timer.due)
        tx = Transaction(store, None, f"timer:{timer.name}")
        functions[timer.name](tx, **timer.arguments)
        tx.commit()
    return False


def _step(tx: Transaction, *, collection: str, key: Key, number: int) -> None:
    """A lifecycle's timed move."""
    lifecycle = tx.collections[collection].lifecycle
    row = tx.find(collection, key)
    if lifecycle and row is not None:
        lifecycle.late(tx, collection, row, number)


_TIMERS: Final[Mapping[str, Callable[..., None]]] = {"accordant.step": _step}
