"""What people do in the vendor's web product, as methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accordant_sandbox.errors import unknown

if TYPE_CHECKING:
    from accordant_sandbox.engine.engine import Engine

__all__ = ["Actions"]


class Actions:
    """The vendor's actions as methods; each runs in a transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        actions = self._engine.vendor.actions
        if name not in actions:
            raise unknown("action", name, actions)

        def act(**arguments: Any) -> Any:
            with self._engine.lock:
                tx = self._engine.transaction(by=f"action:{name}")
                result = actions[name](tx, **arguments)
                tx.commit()
            return result

        return act
