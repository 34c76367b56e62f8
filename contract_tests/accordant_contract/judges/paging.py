"""Do pages hold what they should, and do walks over them see every row once?"""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import Any, Final

from attrs import field, frozen

from accordant_runtime import is_object

from ..document.document import Operation
from ..document.facts import Paging
from ..document.pages import never_empty
from ..document.values import Exchange, Finding, Findings

_PAGE_COUNTS: Final = ("total_pages", "totalPages", "TotalPages", "page_count", "pageCount", "PageCount")


@frozen
class PageWalk:
    """A list read page by page: the page size that was asked for, and the exchanges in their order.

    ``finished`` says that it went on to a page that announced itself as the last one (or was empty).
    """

    size: int
    pages: tuple[Exchange, ...] = field(repr=False)
    finished: bool = True


def page_shape(operation: Operation, exchange: Exchange) -> Findings:
    """A page holds no more rows than asked for, none twice, and as many as its total leaves."""
    paging, rows = operation.paging, operation.rows(exchange.document)
    if paging is None or not exchange.success or rows is None:
        return

    def finding(text: str, kind: str) -> Finding:
        return Finding("page_shape", operation.id, text, kind=kind, exchanges=(exchange,))

    size, start = page_of(paging, exchange)
    total = operation.total(exchange.document)
    if size is not None and size < 0 and paging.style == "page":
        start = None  # a page of fewer than no rows begins nowhere
    size = size if size and size > 0 else None  # with 0 rows many vendors mean all; fewer mean nothing
    start = None if start is not None and start < 0 else start  # before the first page is nowhere
    if size is not None and len(rows) > size:
        yield finding(f"{len(rows)} rows where {size} were asked for", "too many")
    seen = identities(operation, rows)
    if _has_keys(operation, rows) and len(set(seen)) < len(seen):
        yield finding("a row stands twice on one page", "twice")
    if total is None:
        return
    beyond = start is not None and start >= total and never_empty(operation)  # it may not say that nothing is there
    if total < 0 or (start is not None and total < start + len(rows) and rows and not beyond):
        yield finding(f"total is {total}, yet rows {start} to {(start or 0) + len(rows)} were shown", "total")
    if size is not None and start is not None:
        due = max(0, min(size, total - start))
        if len(rows) < due:
            yield finding(f"{len(rows)} rows at offset {start} where total {total} leaves {due}", "too few")
    pages = _page_count(exchange.document)
    if size and pages is not None and pages != -(-total // size):
        yield finding(f"it speaks of {pages} pages, where {total} rows by {size} make {-(-total // size)}", "pages")


def page_walk(operation: Operation, walks: Sequence[PageWalk]) -> Findings:
    """Walks with different page sizes end, and see the same rows in the same order, none twice, total many."""

    def finding(text: str, kind: str, *pages: Exchange) -> Finding:
        return Finding("page_walk", operation.id, text, kind=kind, exchanges=pages)

    seen: list[tuple[PageWalk, list[Hashable]]] = []
    for walk in walks:
        found: list[Hashable] = []
        for page in walk.pages:
            shown = operation.rows(page.document) or []
            rows = identities(operation, shown)
            again = [row for row in rows if row in found] if _has_keys(operation, shown) else []
            if again:
                yield finding(f"row {again[0]} came on two pages of {walk.size}", "twice", *walk.pages)
            found += rows
        seen.append((walk, found))
        totals = {operation.total(page.document) for page in walk.pages} - {None}
        if len(totals) > 1:
            yield finding(f"the total changed from page to page: {sorted(map(str, totals))}", "total", *walk.pages)
        elif totals and walk.finished and len(found) not in totals:
            text = f"a walk by {walk.size} saw {len(found)} rows, the total says {totals.pop()}"
            yield finding(text, "total", *walk.pages)
    for (one, first), (other, second) in pairwise(seen):
        shared = None if one.finished and other.finished else min(len(first), len(second))
        if first[:shared] != second[:shared]:
            text = _difference(first[:shared], second[:shared], one.size, other.size)
            yield finding(text, "walks differ", *one.pages, *other.pages)


def page_of(paging: Paging, exchange: Exchange) -> tuple[int | None, int | None]:
    """The page size that a response may have at most, and the index of its first row, as far as the request says."""
    query = exchange.arguments.query
    size = _number(query.get(paging.size)) if paging.size else None
    if size is None and paging.size not in query:
        size = _number(paging.default)
    if size is not None and paging.maximum is not None:
        size = min(size, paging.maximum)
    position = _number(query.get(paging.position)) if paging.position else None
    if position is None and paging.style in ("offset", "page"):
        return size, None if query.get(paging.position or "") is not None else 0  # 5e218 begins nobody knows where
    if paging.style == "offset":
        return size, position
    if paging.style == "page" and position is not None:
        return size, (position - paging.start) * size if size is not None else None
    return size, None


def identities(operation: Operation, rows: Sequence[Any]) -> list[Hashable]:
    """What tells rows apart: their key with what it is unique within, else all that they hold."""
    name, scope = operation.key.field, operation.key.scope
    several = operation.paging.identity if operation.paging else ()
    result: list[Hashable] = []
    for row in rows:
        if len(several) > 1 and is_object(row) and all(each in row for each in several):
            result.append(tuple(row[each] for each in several))
            continue
        key = row.get(name) if is_object(row) and name else None
        if not isinstance(key, (str, int)) or key == "":  # an empty key names nothing
            result.append(json.dumps(row, sort_keys=True))
        else:
            result.append((*(row.get(each) for each in scope), key) if scope else key)
    return result


def _has_keys(operation: Operation, rows: Sequence[Any]) -> bool:
    """Whether rows are told apart by a key: without one, two may be equal."""
    return bool(operation.key.field) and all(is_object(row) and operation.key.field in row for row in rows)


def _page_count(document: Any) -> int | None:
    """The number of pages as a response states it under one of the usual names."""
    found = [document[name] for name in _PAGE_COUNTS if name in document] if is_object(document) else []
    return next((each for each in found if type(each) is int), None)


def _number(value: Any) -> int | None:
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isdigit() else None


def _difference(first: list[Hashable], second: list[Hashable], one: int, other: int) -> str:
    missing = [row for row in first if row not in second]
    more = [row for row in second if row not in first]
    if missing:
        return f"row {missing[0]} came in pages of {one}, and not in pages of {other}"
    if more:
        return f"row {more[0]} came in pages of {other}, and not in pages of {one}"
    return f"pages of {one} and pages of {other} came in different orders"
