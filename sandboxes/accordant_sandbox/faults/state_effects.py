"""Faults in what must follow from a write, in other records than its own."""

from __future__ import annotations

from collections.abc import Callable

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.faults.applicability import both, changes, creates, plain_of, removes
from accordant_sandbox.faults.effects import changed, good, main_collection, put_back, tables
from accordant_sandbox.faults.registry import FaultRegistry
from accordant_sandbox.http.document import Operation
from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS"]

registry = FaultRegistry("state")
EFFECTS = "reference_effects"


def _leaves_orphans(operation: Operation, vendor: Vendor) -> bool:
    plain = plain_of(operation, vendor)
    referrers = vendor.referrers(plain.collection) if plain else []
    return any(ref.on_delete in ("cascade", "null") for _, ref in referrers)


@registry.around(
    does="What refers to a deleted record goes on referring to it.",
    oracle=EFFECTS,
    where=both(removes, _leaves_orphans),
)
def cascade_missing(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """Nothing refers to a record that is gone."""
    return _alone(call, run)


def _has_effects(operation: Operation, vendor: Vendor) -> bool:
    plain = plain_of(operation, vendor)
    lifecycle = vendor.collections[plain.collection].lifecycle if plain else None
    return lifecycle is not None and bool(lifecycle.effects)


@registry.around(
    does="What must follow from a change of state does not happen.",
    oracle=EFFECTS,
    where=lambda operation, vendor: (
        (creates(operation, vendor) or changes(operation, vendor)) and _has_effects(operation, vendor)
    ),
)
def transition_ignored(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A change of state has its documented effects on other records."""
    return _alone(call, run)


def _alone(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """Take back what a successful call did to other collections than its own."""
    before = tables(call)
    answer = run()
    collection = main_collection(call, answer, before) if good(call, answer) else None
    names = [name for name in changed(before, tables(call)) if collection and name != collection.name]
    if names:
        put_back(call, before, names)
    else:
        call.skip()
    return answer


FAULTS = registry.faults
