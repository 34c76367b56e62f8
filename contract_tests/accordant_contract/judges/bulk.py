"""Does a write of several items do to each what it does to one?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from attrs import field, frozen

from accordant_runtime import is_array, is_object

from ..document.comparison import short
from ..document.document import Operation
from ..document.values import ABSENT, Exchange, Finding, Findings

_Rows: TypeAlias = dict[Any, dict[str, Any]]


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
    """Where an action puts one of the things that it names into a record, takes it out, or marks it, it does so with
    all of them."""
    before, after = _shown(trial, trial.before), _shown(trial, trial.after)
    came = [key for key in trial.keys if key in after and key not in before]
    went = [key for key in trial.keys if key in before and key not in after]
    left = [key for key in trial.keys if (came and key not in after) or (went and key in after)]
    text = ""
    if left and not (came and went):
        done = f"{short((came or went)[0])} {'is there' if came else 'is gone'}"
        text = f"{done}, and {short(left[0])} {'is not' if came else 'stays'}"
    elif not came and not went:
        text = _marked_alone(trial.keys, before, after)
    if text:
        text = f"of {len(trial.keys)} items in one body, {text}"
        exchanges = (*trial.before[-1:], trial.exchange, *trial.after[-1:])
        kind = "came" if came else "went" if went else "marked"
        yield Finding("bulk_effect", operation.id, text, kind=kind, exchanges=exchanges)


def _marked_alone(keys: Sequence[Any], before: _Rows, after: _Rows) -> str:
    """What an action did to the row of one thing, and nothing of it to that of another, which was as the first one."""
    for one in keys:
        old, new = before.get(one, {}), after.get(one, {})
        marks = [name for name in old.keys() & new.keys() if old[name] != new[name]]
        for other in keys:
            was, still = before.get(other, {}), after.get(other, {})
            alike = sorted(name for name in marks if name in was and was[name] == old[name])
            if other != one and alike and all(was.get(name) == still.get(name) for name in marks):
                name = alike[0]
                return f"{name} of {short(one)} became {short(new[name])}, and that of {short(other)} did not"
    return ""


def _shown(trial: BulkTrial, readings: Sequence[Exchange]) -> _Rows:
    """The things that rows in readings of a record name, by id, each with the plain values of its row."""
    found: _Rows = {}
    for exchange in readings:
        if exchange.success and exchange.document is not ABSENT:
            for key, row in _ids(exchange.document, inside=False):
                found.setdefault(key, row)
    return {key: row for key, row in found.items() if key != trial.subject}


def _ids(value: Any, *, inside: bool) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Scalars under names of ids, in the objects of arrays, with these objects; ids in an array themselves."""
    if is_array(value):
        for item in value:
            if isinstance(item, (str, int)):
                yield item, {}
            else:
                yield from _ids(item, inside=True)
    elif is_object(value):
        plain = {name: item for name, item in value.items() if not is_object(item) and not is_array(item)}
        for name, item in value.items():
            if inside and name.lower().endswith(("id", "_no", "key")) and isinstance(item, (str, int)):
                yield item, plain
            elif is_object(item) or is_array(item):
                yield from _ids(item, inside=inside)
