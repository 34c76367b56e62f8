"""Does a write of several items do to each what it does to one?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import field, frozen

from accordant_runtime import is_array, is_object

from ..document.comparison import short
from ..document.document import Operation
from ..document.values import ABSENT, Exchange, Finding, Findings


@frozen
class BulkTrial:
    """An action that named ``keys`` in one body, under ``name``, and what could be read of its record around it.

    ``subject`` is the record's own key, which is no item.
    """

    exchange: Exchange
    keys: tuple[Any, ...]
    name: str
    before: Sequence[Exchange] = field(default=(), repr=False)
    after: Sequence[Exchange] = field(default=(), repr=False)
    subject: Any = ABSENT


def bulk_effect(operation: Operation, trial: BulkTrial) -> Findings:
    """Where an action puts one of the things that it names into a record, or takes it out, it does so with all."""
    before, after = _shown(trial, trial.before), _shown(trial, trial.after)
    came = [key for key in trial.keys if key in after and key not in before]
    went = [key for key in trial.keys if key in before and key not in after]
    left = [key for key in trial.keys if (came and key not in after) or (went and key in after)]
    if left and not (came and went):
        done = f"{short((came or went)[0])} {'is there' if came else 'is gone'}"
        text = f"of {len(trial.keys)} items in one body, {done}, and {short(left[0])} {'is not' if came else 'stays'}"
        exchanges = (*trial.before[-1:], trial.exchange, *trial.after[-1:])
        yield Finding("bulk_effect", operation.id, text, kind="came" if came else "went", exchanges=exchanges)


def _shown(trial: BulkTrial, readings: Sequence[Exchange]) -> set[Any]:
    """The ids that rows in readings of a record show."""
    found: set[Any] = set()
    for exchange in readings:
        if exchange.success and exchange.document is not ABSENT:
            found.update(_ids(exchange.document, inside=False))
    return found - {trial.subject}


def _ids(value: Any, *, inside: bool) -> Iterator[Any]:
    """Scalars under names of ids, in objects inside arrays."""
    if is_array(value):
        for item in value:
            if isinstance(item, (str, int)):
                yield item
            else:
                yield from _ids(item, inside=True)
    elif is_object(value):
        for name, item in value.items():
            if inside and name.lower().endswith(("id", "_no", "key")) and isinstance(item, (str, int)):
                yield item
            elif is_object(item) or is_array(item):
                yield from _ids(item, inside=inside)
