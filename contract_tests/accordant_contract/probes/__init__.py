"""Probes: short walks that ask a target something, and hand what came to the judges.

A probe is about one operation at a time and finds or makes the records that it needs, so that any choice of operations
can be run alone.
"""

from __future__ import annotations

from collections.abc import Callable, Set

from attrs import frozen

from ..document.document import Operation
from ..target.vendor import TargetVendor
from .context import ProbeContext


@frozen
class Probe:
    """One kind of walk: its name, the operations that it is for, the checks that it serves beside the passive ones.

    ``provokes`` are passive checks that it gives most occasions: a run that waits for one of them begins with it.
    """

    name: str
    applies: Callable[[TargetVendor, Operation], bool]
    run: Callable[[ProbeContext, Operation], None]
    checks: Set[str]
    provokes: Set[str] = frozenset()
