"""Lists that change while they are walked, and lists that are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from ..cases import Case, Expect, Script
from ..replies import cut, http, with_body
from ..server import Act, Connection
from ..shapes import Shapes

STRICT = {"deviations": "strict"}


Change: TypeAlias = Callable[[list[int], int], list[int]]
"""What becomes of the rows before a request; it gets them and the number of requests so far."""


class Table:
    """A list on the server: pages by what the request asks for, with a change before the n-th request."""

    def __init__(self, v: Shapes, count: int, *changes: Change, total: Any = None, size: int = 2) -> None:
        self._v, self._rows, self._changes = v, list(range(1, count + 1)), changes
        self._total, self._size, self._served = total, size, 0

    def __call__(self, connection: Connection, request: bytes) -> None:
        """Send the page that is asked for."""
        query = parse_qs(urlsplit(request.split(b" ", 2)[1].decode()).query)
        offset = int(query["offset"][0]) if "offset" in query else (int(query.get("page", ["1"])[0]) - 1) * self._size
        for change in self._changes:
            self._rows = change(self._rows, self._served)
        self._served += 1
        total = len(self._rows) if self._total is None else self._total
        connection.send(self._v.rows(self._rows[offset : offset + self._size], total))


def deleting(index: int, at: int = 1) -> Change:
    """Delete a row before a request."""
    return lambda rows, served: rows[:index] + rows[index + 1 :] if served == at else rows


def _inserting(row: int, at: int = 1) -> Change:
    return lambda rows, served: [row, *rows] if served == at else rows


COUNTED = ("dispatch", "dibop")
PAGED = ("dispatch", "dibop", "dime_scheduler")


def _list(slug: str, title: str, script: Script, outcomes: str, notes: str | None = None, **more: Any) -> Case:
    told = None if notes is None else tuple(notes.split())
    vendors = more.pop("vendors", COUNTED)
    expect = Expect((outcomes,), more.pop("requests", None), notes=told)
    return Case(
        id=f"lists/{slug}",
        group="lists",
        title=title,
        script=script,
        calls=("list",),
        expect=expect,
        vendors=vendors,
        peers=False,
        **more,
    )


def _table(count: int, *changes: Change, total: Any = None) -> Script:
    return lambda v: [Table(v, count, *changes, total=total)]


def _pages(*pages: tuple[Sequence[int], Any]) -> Script:
    return lambda v: [v.rows(numbers, total) for numbers, total in pages]


def lists() -> Iterator[Case]:
    """A walk loses no row and gives none twice, or says so."""
    five = "rows 1 2 3 4 5"
    yield _list("plain", "five rows, two a page", _table(5), five, "", vendors=PAGED)
    yield _list("empty", "no rows", _table(0), "rows", "", vendors=PAGED)
    yield _list("deleted", "a row is deleted between two pages", _table(5, deleting(0)), five, "total")
    yield _list(
        "deleted-strict", "a row is deleted, strict", _table(5, deleting(0)), "PaginationError", settings=STRICT
    )
    yield _list(
        "inserted", "a row is inserted between two pages", _table(5, _inserting(9)), five, "incomplete repeated total"
    )
    yield _list(
        "inserted-strict", "a row is inserted, strict", _table(5, _inserting(9)), "PaginationError", settings=STRICT
    )
    yield _list(
        "inserted-uncounted",
        "a row is inserted, no total",
        _table(5, _inserting(9)),
        five,
        "repeated",
        vendors=("dime_scheduler",),
    )
    yield _list("low-total", "a total that is too low", _table(5, total=3), five, "total")
    yield _list("high-total", "a total that is too high", _table(4, total=9), "rows 1 2 3 4|PaginationError")
    yield from _endless_lists()
    yield from _broken_pages()


def _endless_lists() -> Iterator[Case]:
    yield _list(
        "cycle",
        "two pages in turn for ever",
        lambda v: [_turning(v, [(1, 2), (3, 4)])],
        "PaginationError",
        vendors=PAGED,
    )
    yield _list(
        "cycle-three",
        "three pages in turn for ever",
        lambda v: [_turning(v, [(1, 2), (3, 4), (5, 6)])],
        "PaginationError",
        vendors=PAGED,
    )
    yield _list("same-page", "one page for ever", lambda v: [v.rows([1, 2], 100)], "PaginationError")
    yield _list("early-empty", "an empty page before the end", _pages(([1, 2], 6), ([], 6)), "PaginationError")


def _broken_pages() -> Iterator[Case]:
    five = "rows 1 2 3 4 5"
    yield _list(
        "no-total",
        "the total is missing",
        lambda v: [_without_total(v)],
        "DecodeError|ResponseDecodeError|PaginationError",
    )
    yield _list(
        "text-total", "the total is a text", _table(5, total="many"), "DecodeError|ResponseDecodeError|PaginationError"
    )
    yield _list(
        "negative-total",
        "the total is negative",
        _table(5, total=-1),
        "DecodeError|ResponseDecodeError|PaginationError|" + five,
    )
    yield _list(
        "no-items",
        "the rows are missing",
        lambda _: [http({"meta": {"total": 5}, "total": 5})],
        "DecodeError|ResponseDecodeError|PaginationError",
    )
    yield _list("cut-page", "the second page is cut once", _with_fault(cut()), five, "", vendors=PAGED)
    yield _list(
        "failed-page",
        "the second page is a 404",
        _with_fault(lambda c, _: c.send(http(b"{}", 404))),
        "NotFoundError",
        vendors=PAGED,
    )
    yield _list(
        "html-page",
        "the second page is HTML",
        _with_fault(lambda c, _: c.send(http(b"<html>", headers={"Content-Type": "text/html"}))),
        "ResponseDecodeError",
        vendors=PAGED,
    )


def _turning(v: Shapes, pages: Sequence[Sequence[int]]) -> Act:
    served = iter(range(1_000_000))
    return lambda connection, _: connection.send(v.rows(pages[next(served) % len(pages)], 1000))


def _without_total(v: Shapes) -> bytes:
    return with_body(v.rows([1, 2], 4), lambda body: body.replace(b'"total"', b'"count"'))


def _with_fault(fault: Act) -> Script:
    """Five rows; the second request meets a fault."""

    def script(v: Shapes) -> list[Act]:
        table = Table(v, 5)
        return [table, fault, table]

    return script
