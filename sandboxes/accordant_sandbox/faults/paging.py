"""Faults in how a list is cut into pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.faults.applicability import cuts_short, lists_pages, paging_value
from accordant_sandbox.faults.effects import good
from accordant_sandbox.faults.registry import FaultRegistry
from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.model.faults import Row
from accordant_sandbox.model.paging import Window

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS"]

registry = FaultRegistry("paging")
SHAPE = "page_shape"
WALK = "page_walk"
_PAGE_COUNTS = ("total_pages", "totalPages", "page_count", "pageCount")


@registry.window(does="Every page but the first begins one row early.", oracle=WALK, where=lists_pages)
def page_overlap(call: ActiveCall, window: Window) -> Window | None:
    """No row is on two pages."""
    del call
    if not window.start:
        return None
    return replace(window, start=window.start - 1, stop=window.stop - 1)


@registry.window(does="Every page but the first begins one row late.", oracle=WALK, where=lists_pages)
def page_skip(call: ActiveCall, window: Window) -> Window | None:
    """Every row is on a page."""
    del call
    if not window.start:
        return None
    return replace(window, start=window.start + 1, stop=window.stop + 1)


@registry.window(does="A page holds every remaining row, whatever its size.", oracle=SHAPE, where=cuts_short)
def limit_ignored(call: ActiveCall, window: Window) -> Window | None:
    """A page has no more rows than were asked for."""
    del call
    return replace(window, stop=window.total) if window.stop < window.total else None


@registry.window(does="A page holds one row too many.", oracle=SHAPE, where=cuts_short)
def limit_plus_one(call: ActiveCall, window: Window) -> Window | None:
    """A page has exactly the rows that were asked for."""
    del call
    return replace(window, stop=window.stop + 1) if window.stop < window.total else None


def _totalled(operation: Operation, vendor: Vendor) -> bool:
    return lists_pages(operation, vendor) and paging_value(operation, "total") is not None


@registry.answer(does="The total is one too many.", oracle=SHAPE, where=_totalled)
def total_wrong(call: ActiveCall, answer: Answer) -> Answer | None:
    """The total is the number of rows."""
    return _with_total(call, answer, None)


@registry.answer(
    name="total_wrong.page_length", does="The total is the number of rows on the page.", oracle=WALK, where=_totalled
)
def total_of_page(call: ActiveCall, answer: Answer) -> Answer | None:
    """The total counts the rows of every page."""
    items: Any = answer.body
    for part in str(paging_value(call.operation, "items") or "").split("."):
        items = items.get(part) if is_object(items) and part else items
    return _with_total(call, answer, len(items)) if is_array(items) else None


def _counted(operation: Operation, vendor: Vendor) -> bool:
    schema = operation.answer_schema()
    return (
        lists_pages(operation, vendor) and schema is not None and _page_count(schema.get("properties", {})) is not None
    )


@registry.answer(does="The last page is announced one page too soon.", oracle=SHAPE, where=_counted)
def next_early_end(call: ActiveCall, answer: Answer) -> Answer | None:
    """The number of pages is true: the last one is the last."""
    return _with_pages(call, answer, -1)


@registry.answer(
    name="next_early_end.never", does="One page more is announced than there is.", oracle=SHAPE, where=_counted
)
def next_never_end(call: ActiveCall, answer: Answer) -> Answer | None:
    """The number of pages is true: after the last one there is no other."""
    return _with_pages(call, answer, 1)


@registry.window(
    does="Every second page is empty although it has rows and more follow.", oracle=WALK, where=lists_pages
)
def empty_middle_page(call: ActiveCall, window: Window) -> Window | None:
    """A page is empty only past the end."""
    del call
    number = window.start // max(1, window.size)
    return replace(window, stop=window.start) if number % 2 and window.start < window.total else None


@registry.rows(does="The order of a list changes from call to call.", oracle=WALK, where=lists_pages)
def sort_unstable(call: ActiveCall, rows: Sequence[Row]) -> Sequence[Row] | None:
    """A list keeps its order while nothing is written."""
    turned = call.memory["turned"] = call.memory.get("turned", 0) + 1
    if len(rows) < 2:
        return None
    cut = turned % len(rows)
    return [*rows[cut:], *rows[:cut]] if cut else None


def _with_total(call: ActiveCall, answer: Answer, total: int | None) -> Answer | None:
    """The response with another total: the given one, else the true one and one more."""
    *path, name = str(paging_value(call.operation, "total")).split(".")
    node: Any = answer.body
    for part in path:
        node = node.get(part) if is_object(node) else None
    if not good(call, answer) or not is_object(node) or not isinstance(node.get(name), int):
        return None
    wrong = node[name] + 1 if total is None else total
    if wrong == node[name]:
        return None
    node[name] = wrong
    return answer


def _with_pages(call: ActiveCall, answer: Answer, by: int) -> Answer | None:
    name = _page_count(answer.body) if is_object(answer.body) else None
    if not good(call, answer) or name is None or answer.body[name] + by < 0:
        return None
    answer.body[name] += by
    return answer


def _page_count(properties: Any) -> str | None:
    return next((name for name in _PAGE_COUNTS if name in properties), None)


FAULTS = registry.faults
