"""Probes of what a document forbids: it must be refused, and leave no trace."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, Final

from attrs import evolve

from accordant_runtime import is_object

from ..document.document import Operation
from ..document.forms import FORMS, may_be_allowed, plain
from ..document.values import ABSENT, Arguments, Finding
from ..judges.writes import CountTrial, WriteTrial, failed_write_no_trace
from ..records.examples import Recipe
from ..records.near_misses import near_misses
from ..records.record import Record
from .context import ProbeContext
from .writes import counted, counter_for

MISSES: Final = 2
"""How many near misses of a body are tried for each field that a probe changes at most."""
_ALONE: Final = 6
"""How many of them are sent again, one by one, where all of them together left a trace."""
_NAMED: Final = re.compile("'[^']*'")


def refused_writes(context: ProbeContext, operation: Operation) -> None:
    """Bodies that the document forbids: they must be refused, and leave no trace.

    The record, or the number of rows, is read before the first and after the last; if it changed, they are sent
    one by one, which tells which of them it was.
    """
    record = None
    if operation.action != "create":
        record = context.filler.known_for(operation)
    good = context.filler.arguments(operation, record, Recipe())
    if good is None or operation.body_schema is None:
        return
    bad = [each for each in _bad(context, operation, good) if not context.session.refusal(operation, each)]
    if not bad:
        return
    found = _send_all(context, operation, record, bad)
    if found is None:
        return
    # With other values: those of the first time may be there by now, and would change nothing.
    other = context.filler.arguments(operation, record, Recipe(variant=1)) or good
    alone = _send_alone(context, operation, record, [*_bad(context, operation, other)][:_ALONE])
    context.session.results.judge("failed_write_no_trace", operation.id, alone or found)


def _send_all(
    context: ProbeContext, operation: Operation, record: Record | None, bad: Sequence[Arguments]
) -> list[Finding] | None:
    """Send all of them; what they changed together, ``None`` where that was judged to be nothing.

    Where one of them was accepted nobody knows whose change it is: then only each of them alone can tell.
    """
    counter = counter_for(context, operation, bad[0], record) if _adds(operation, record) else None
    before = context.reader.read(record) if record else None
    rows, first = context.reader.total(*counter) if counter is not None else (None, ())
    sent = [context.store.call(operation, each, intent="invalid") for each in bad]
    refused = [each for each in sent if not each.success and each.response is not None]
    if len(refused) < len(sent):
        return []
    after = context.reader.read(record) if record else None
    later, second = context.reader.total(*counter) if counter is not None else (None, ())
    found = list(failed_write_no_trace(operation, WriteTrial(refused[-1], before, after)))
    if rows is not None and later is not None:
        trial = CountTrial(refused[-1], rows, later, 0, (*first, *sent, *second))
        found += failed_write_no_trace(operation, trial)
    if found:
        return found
    for each in refused:
        clean = failed_write_no_trace(operation, WriteTrial(each))
        context.session.results.judge("failed_write_no_trace", operation.id, clean)
    return None


def _send_alone(
    context: ProbeContext, operation: Operation, record: Record | None, bad: Sequence[Arguments]
) -> list[Finding]:
    """Send them one by one, and look for a trace after each."""
    found: list[Finding] = []
    for arguments in bad:
        if context.session.refusal(operation, arguments):
            continue
        before = context.reader.read(record) if record else None
        if _adds(operation, record):
            refused, count = counted(context, operation, arguments, 0, record, intent="invalid")
        else:
            # Only what makes records could leave one more behind; a list without a total is read whole to count it.
            refused, count = context.store.call(operation, arguments, intent="invalid"), None
        if refused.success or refused.response is None:
            continue
        after = context.reader.read(record) if record else None
        found += failed_write_no_trace(operation, WriteTrial(refused, before, after))
        found += failed_write_no_trace(operation, count) if count is not None else ()
    return found


def _adds(operation: Operation, record: Record | None) -> bool:
    """Whether what is refused might have made a record."""
    return record is None or operation.action == "upsert"


def by_kind(misses: Iterable[tuple[str, Any]], source: random.Random) -> list[Any]:
    """Bodies that the document forbids, one of each kind of mistake in turn: what is said of them, but for the name.

    Each required property that is missing is another kind. Which of a kind comes first is drawn, so that
    operations and seeds do not all try the same fields.
    """
    kinds: dict[str, list[Any]] = {}
    for said, body in misses:
        kinds.setdefault(said if said.startswith("without") else _NAMED.sub("", said), []).append(body)
    for each in kinds.values():
        source.shuffle(each)
    return [body for turn in zip_longest(*kinds.values()) for body in turn if body is not None]


def _bad(context: ProbeContext, operation: Operation, good: Arguments) -> Iterator[Arguments]:
    """Bodies that the document forbids, spread over the kinds of mistake."""
    assert operation.body_schema is not None
    kind = next(iter(operation.body))
    if "json" not in kind and kind not in FORMS:
        return  # nobody knows what a body in another form says
    if kind == "multipart/form-data":
        nothing = {"accordant": "no file here"}
        if not may_be_allowed(operation, kind, nothing):
            yield evolve(good, body=nothing)
        return
    source = random.Random(f"{context.seed}/{operation.id}")
    misses = by_kind(near_misses(operation.body_schema, context.session.document.schemas, good.body), source)
    pointer = operation.body[kind]
    if kind == "application/x-www-form-urlencoded":  # which has no way to say anything but an object
        misses = [body for body in misses if is_object(body)]
    wrong = [body for body in misses if not operation.schemas.valid(pointer, plain(body) if kind in FORMS else body)]
    if kind in FORMS:
        wrong = [body for body in wrong if not may_be_allowed(operation, kind, body)]
    yield from (evolve(good, body=body) for body in wrong[: MISSES * context.fields])
    if kind == "application/json":
        yield evolve(good, body=ABSENT, raw=b'{"accordant": ')
