"""Probe of the rows of a list: each shows what its record shows when it is read alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from accordant_runtime import dumps, is_object

from ..document.document import Operation
from ..document.values import Exchange
from ..judges.rows import list_truth
from ..judges.writes import RecordReading
from ..records import record_keys
from ..records.examples import Recipe
from .context import ProbeContext

_SOME: Final = 3
"""How many rows are read alone."""


def compare_rows(context: ProbeContext, operation: Operation) -> None:
    """Read the list, and then some of its records alone: those with most to show, one of them new, and the first.

    It comes after the texts were written, so that long ones and unusual ones are among them.
    """
    if operation.key.field is None or not any(
        each.key.name for each in context.session.document.of(operation.entity, "get")
    ):
        return
    arguments = context.filler.arguments(operation)
    if arguments is None:
        return
    if context.session.target.writes and context.session.document.of(operation.entity, "create", "upsert"):
        context.filler.make(operation.entity, Recipe(variant=3))
    _, walk = context.reader.rows(operation, arguments)
    for listed, row in _chosen(operation, walk.pages):
        reading = _alone(context, operation, row, arguments.path)
        if reading is None or reading.operation.action != "get" or not _of_one(context, operation, reading.operation):
            continue
        found = list(list_truth(operation, listed, row, reading))
        if found and not context.session.target.exclusive:
            _, again = context.reader.rows(operation, arguments)
            if not any(each == row for page in again.pages for each in operation.rows(page.document) or []):
                continue  # somebody changed it in between
        context.session.results.judge("list_truth", operation.id, found)


def _of_one(context: ProbeContext, listing: Operation, alone: Operation) -> bool:
    """Whether a reading is of the collection that was listed: of a vendor that its document alone describes, another
    list may be called the same, such as one of a report."""
    described = context.session.target.vendor.described
    return not described or alone.path.rstrip("/").rpartition("/")[0] == listing.path.rstrip("/")


def _chosen(operation: Operation, pages: tuple[Exchange, ...]) -> Iterator[tuple[Exchange, Mapping[str, Any]]]:
    """The longest rows, and the first one, with the pages that they are on."""
    every = [(page, row) for page in pages for row in operation.rows(page.document) or [] if is_object(row)]
    longest = sorted(every[1:], key=lambda each: -len(dumps(each[1])))
    yield from [*every[:1], *longest[: _SOME - 1]]


def _alone(
    context: ProbeContext, operation: Operation, row: Mapping[str, Any], around: Mapping[str, Any]
) -> RecordReading | None:
    key, scope = row.get(str(operation.key.field)), {**around, **record_keys.scope(operation, row)}
    record = next((each for each in context.store.known(operation.entity) if each.names(key, scope)), None)
    return None if record is None else context.reader.read(record)
