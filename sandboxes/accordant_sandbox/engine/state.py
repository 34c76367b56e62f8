"""The state of a sandbox: tables of rows, number sequences and timers. Reset and snapshot swap references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accordant_sandbox.engine.persistent import Buckets, Pieces
from accordant_sandbox.engine.tables import Table

__all__ = ["Snapshot", "State", "Timer"]


@dataclass(frozen=True, slots=True, order=True)
class Timer:
    """Something that happens at an instant: the vendor's timer function of that name, with its arguments."""

    due: datetime
    number: int
    name: str = field(compare=False)
    arguments: Mapping[str, Any] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state to come back to. It costs next to nothing: tables never change, so that everybody may share them."""

    vendor: str
    tables: Mapping[str, Table]
    sequences: Buckets[str, int]
    timers: Pieces[Timer]
    random: Any
    now: datetime


@dataclass(slots=True)
class State:
    """Committed tables by collection name. A table is never changed in place, only replaced by a commit."""

    tables: dict[str, Table] = field(default_factory=dict[str, Table])
    sequences: Buckets[str, int] = field(default_factory=Buckets[str, int])
    timers: Pieces[Timer] = ()
    """In the order in which they fall due."""
