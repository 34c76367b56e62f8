"""Deletes again what a run made at an account: at its end, and later from the journal of one that crashed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from accordant_runtime import is_array, is_object

from ..document.document import Operation
from ..errors import NotJudgedError
from ..probes.context import ProbeContext
from ..records import record_keys
from ..records.journal import MadeRecord, RunJournal
from ..records.record import Record

ROUNDS: Final = 6
"""How often what is still there is tried again: a record that others need goes after them, and a deletion may need a
record that has to be made for it."""

TRIES: Final = 3
"""How often one record's deletion is tried: the rounds after that delete what was made for the last try."""

_GONE: Final = (404, 410)


@frozen
class LeftBehind:
    """Something that the run made and could not delete, and why."""

    what: str
    reason: str

    def __str__(self) -> str:
        return f"{self.what}: {self.reason}"


def clean(context: ProbeContext, journal: RunJournal) -> list[LeftBehind]:
    """Delete what a journal names, the newest first; returns what is left."""
    refused: dict[str, list[str]] = {}
    searched: set[int] = set()
    for made, number in _unsettled(context, journal, searched):
        journal.settled(number, made)
    _know(context, journal)
    for _ in range(ROUNDS):
        before = [*journal.made]
        for made in reversed(before):
            reasons = refused.setdefault(_name(made), [])
            if len(reasons) < TRIES and (reason := _delete(context, journal, made)):
                reasons.append(reason)
        if not journal.made or journal.made == before:
            break
    left: dict[str, str] = {}
    for made in journal.made:
        reasons = refused.get(_name(made)) or ["it was made for the deletion of others, again and again"]
        left[_name(made)] = reasons[-1]
    for number, write in [*journal.open_writes.items()]:
        operation = context.session.document.operations.get(write.operation)
        if operation is None or operation.action not in ("create", "upsert"):
            journal.settled(number)
        elif write.within and not any(_held(journal, each) for each in write.within):
            journal.settled(number)  # a part of records that are gone
        elif number in searched:
            journal.settled(number)  # a list was read whole, and does not show the text
        else:
            left[f"{write.operation}, write {number}"] = "its result is not known, and no list could show its record"
    return [LeftBehind(what, reason) for what, reason in left.items()]


def _name(made: MadeRecord) -> str:
    return f"{made.entity} {made.key}"


def _know(context: ProbeContext, journal: RunJournal) -> None:
    """Know the records of a journal, so that a deletion which has to name one names it, and makes none."""
    store = context.store
    for made in journal.made:
        if not any(each.names(made.key, made.context) for each in store.known(made.entity)):
            store.records.setdefault(made.entity, []).insert(0, _record(context, made))


def _record(context: ProbeContext, made: MadeRecord) -> Record:
    fields = {each.key.field for each in context.session.document.of(made.entity, "delete") if each.key.field}
    named = {**dict.fromkeys(fields, made.key), **made.names}
    return Record(made.entity, made.key, {**named, **made.context}, made.context, own=True)


def _held(journal: RunJournal, named: tuple[str, Any]) -> bool:
    return journal.names(*named)


def _unsettled(context: ProbeContext, journal: RunJournal, searched: set[int]) -> Iterator[tuple[MadeRecord, int]]:
    """The records of writes whose result is not known: those that show a text that only this run has sent.

    ``searched`` gets the writes for whose records a list was read whole.
    """
    for number, write in [*journal.open_writes.items()]:
        known = context.session.document.operations.get(write.operation)
        if write.named is not None:
            yield write.named, number  # deleted if it is there
            continue
        if known is None or not write.texts:
            continue
        for operation in context.session.document.of(known.entity, "list"):
            rows, whole = _rows(context, operation)
            name, showing = operation.key.field, [row for row in rows if is_object(row) and _shows(row, write.texts)]
            if whole and all(name in row for row in showing):
                searched.add(number)
            for row in showing:
                if name in row:
                    yield MadeRecord(known.entity, row[name], record_keys.scope(operation, row)), number


def _rows(context: ProbeContext, operation: Operation) -> tuple[list[Any], bool]:
    """The rows of a list, and whether they are all of them."""
    arguments = context.filler.arguments(operation)
    if arguments is None:
        return [], False
    rows, walk = context.reader.rows(operation, arguments)
    return rows, walk.finished and all(page.success for page in walk.pages)


def _shows(value: Any, texts: tuple[str, ...]) -> bool:
    if is_object(value):
        return any(_shows(each, texts) for each in value.values())
    if is_array(value):
        return any(_shows(each, texts) for each in value)
    return isinstance(value, str) and any(text in value for text in texts)


def _delete(context: ProbeContext, journal: RunJournal, made: MadeRecord) -> str:
    """Delete one record; returns why it could not be done, or ``""``."""
    reason = "the API has no operation that deletes it"
    for operation in _deletions(context, made):
        name = str(operation.key.field)
        key = made.names.get(name, made.key)
        record = Record(made.entity, key, {name: key}, made.context, own=True)
        try:
            arguments = context.filler.arguments(operation, record)
            if arguments is None:
                reason = f"{operation.id} needs a record that cannot be had"
                continue
            exchange = context.store.call(operation, arguments, intent="unknown")
        except NotJudgedError as stopped:
            reason = f"{operation.id}: {stopped}"
            continue
        if exchange.success or exchange.status in _GONE or _is_gone(context, record):
            if made in journal.made:
                journal.gone(made)
            return ""
        shown = exchange.refused or exchange.failure or f"status {exchange.status}"
        reason = f"{operation.id} did not delete it: {shown}"
    return reason


def _deletions(context: ProbeContext, made: MadeRecord) -> list[Operation]:
    """The operations that delete a record: of several those whose path leads to it, as others may only take it out of
    something else."""
    every = context.session.document.of(made.entity, "delete")
    record = _record(context, made)
    return [each for each in every if record_keys.leads_to(each, record)] or every


def _is_gone(context: ProbeContext, record: Record) -> bool:
    """Whether a reading says that there is no such record: a deletion without a response may have happened, and its
    repetition may be refused in any way."""
    for operation in context.session.document.of(record.entity, "get"):
        arguments = context.filler.arguments(operation, record)
        if arguments is not None and operation.key.name is not None:
            return context.session.call(operation.id, arguments, "unknown").status in _GONE
    kinds = context.session.document.of(record.entity, "create", "upsert", "delete")
    fields = {each.key.field for each in kinds if each.key.field is not None}
    for operation in context.session.document.of(record.entity, "list"):
        rows, whole = _rows(context, operation)
        if whole and all(is_object(row) and fields & row.keys() for row in rows):
            return not any(str(row[name]) == str(record.key) for row in rows for name in fields & row.keys())
    return False


def lines(file: Path, left: list[LeftBehind]) -> list[str]:
    """What a user must know of what is left."""
    if not left:
        return []
    again = "`make contract-cleanup` or, in a project, `accordant contract --cleanup`"
    head = f"{len(left)} things that the run made are still there; try {again}, or delete them by hand:"
    return [head, *(f"  {each}" for each in left), f"  (the journal is {file})"]
