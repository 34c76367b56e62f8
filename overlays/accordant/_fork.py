"""What a forked child must not share with its parent.

A child has a copy of the parent's memory: locks that a thread, which does not exist in the child, would never release,
and descriptors of connections on which both would read each other's responses. Whatever holds one of these registers
here, and is told to begin anew before any other code of the child runs.
"""

from __future__ import annotations

import os
from contextlib import suppress
from importlib import _bootstrap, import_module
from typing import Any, Final, Protocol, TypeVar
from weakref import WeakSet


class Renewable(Protocol):
    """Holds locks or connections."""

    def renew(self) -> None:
        """Replace the locks, close the descriptors of the connections; never waits, never writes to a connection."""
        ...


R = TypeVar("R", bound=Renewable)

_registered: WeakSet[Renewable] = WeakSet()


def renewed_after_fork(item: R) -> R:
    """The same object; for as long as it lives, ``item.renew()`` is called in every forked child."""
    _registered.add(item)
    return item


_MOST_ROUNDS: Final = 100
"""How often a fork looks for imports under way: one of the forking thread itself does not end while it waits."""
_OWN: Final = ("accordant", "accordant_generated", "accordant_runtime")
"""Our packages; the generated modules of a user's own are known by the package that they are in."""


def _finish_imports() -> None:
    """Wait for the imports of our modules that other threads have begun.

    Models are imported at their first use, and Python keeps a lock for each module that is imported. In the child the
    thread that holds it does not exist, so a call that needs the module would wait for ever. Python offers no public
    list of these locks; where there is none, the fork does not wait.
    """
    locks: dict[str, Any] = getattr(_bootstrap, "_module_locks", {})
    for _ in range(_MOST_ROUNDS):  # a thread that has imported one model may go on to the next
        held = [name for name in list(locks) if name.partition(".")[0] in _OWN or "._generated." in name]
        if not held:
            return
        for name in held:
            with suppress(ImportError):  # whoever imports it is told
                import_module(name)


def _in_child() -> None:
    for item in list(_registered):
        item.renew()


if hasattr(os, "register_at_fork"):  # there is no fork on Windows
    os.register_at_fork(before=_finish_imports, after_in_child=_in_child)
