"""Paging styles: from all rows of a list, in one stable order, to the part that a response shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from accordant_sandbox.model.problems import Problem

__all__ = ["LARGEST", "Cursors", "Offset", "Pages", "Paging", "Top", "Window", "placed"]

LARGEST: Final = 2**63 - 1
_CURSOR: Final = "after-"
_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a list that a page shows.

    start, stop: Row indexes, the second excluded. total: Rows that match. size: The page size in force.
    position: What the client asked for: the offset, or the page number. lowered: The client asked for more rows.
    cursor: What leads to the next page, where the style has cursors and a page follows.
    """

    start: int
    stop: int
    total: int
    size: int
    position: int
    lowered: bool = False
    cursor: str | int | None = None


class Paging(Protocol):
    """A vendor's way of paging."""

    @property
    def names(self) -> tuple[str, ...]:
        """The query parameters that paging reads itself; they are only checked to be integers before."""
        ...

    @property
    def rule(self) -> str | None:
        """The vendor's rule that lowers or refuses a page size, noted when it does."""
        ...

    def window(self, query: Mapping[str, Any], total: int, settings: Mapping[str, Any]) -> Window:
        """The part to show.

        Raises:
            Problem: `bad_request`: impossible numbers.
        """
        ...


@dataclass(frozen=True, slots=True)
class Offset:
    """`limit` and `offset`. A limit above the maximum is lowered to it; below 1 and a negative offset are errors.

    The settings `default_limit` and `max_limit` replace the numbers given here.
    """

    limit: str = "limit"
    offset: str = "offset"
    default: int = 100
    maximum: int = 100
    rule: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the two parameters."""
        return (self.limit, self.offset)

    def window(self, query: Mapping[str, Any], total: int, settings: Mapping[str, Any]) -> Window:
        """The rows from the offset on, at most as many as the maximum; a number out of range is a `Problem`."""
        maximum = int(settings.get("max_limit", self.maximum))
        size = query.get(self.limit, min(int(settings.get("default_limit", self.default)), maximum))
        offset = query.get(self.offset, 0)
        _refuse(self.limit, size, 1)
        _refuse(self.offset, offset, 0)
        most = min(size, maximum)
        return Window(offset, offset + most, total, most, offset, lowered=most < size)


@dataclass(frozen=True, slots=True)
class Pages:
    """`page` (from `first`) and `page_size`. Numbers out of range are errors, a page past the end is empty.

    Without the name of a size every page has the default one. `optional`: without either parameter the list is not cut
    at all.
    """

    page: str = "page"
    size: str = "page_size"
    default: int = 50
    maximum: int = 200
    rule: str | None = None
    optional: bool = False
    first: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the two parameters."""
        return (self.page, self.size) if self.size else (self.page,)

    def window(self, query: Mapping[str, Any], total: int, settings: Mapping[str, Any]) -> Window:
        """The rows of the page, all rows where neither is given and may be; a number out of range is a `Problem`."""
        if self.optional and not query.keys() & set(self.names):
            return Window(0, total, total, max(1, total), 1)
        maximum = int(settings.get("max_limit", self.maximum))
        size = query.get(self.size, min(int(settings.get("default_limit", self.default)), maximum))
        page = query.get(self.page, self.first)
        _refuse(self.size, size, 1, maximum, self.rule)
        _refuse(self.page, page, self.first, rule=self.rule)
        before = (page - self.first) * size
        return Window(before, before + size, total, size, page)


@dataclass(frozen=True, slots=True)
class Cursors:
    """A cursor from the page before, and `limit`. A limit above the maximum is lowered to it; below 1 it is an error,
    and so is a cursor that no page gave.

    `numeric`: cursors are numbers. `row`: no page gives a cursor, it is this field of the last row. Without the name of
    a limit every page has the default size.
    """

    cursor: str = "cursor"
    limit: str = "limit"
    default: int = 50
    maximum: int = 100
    rule: str | None = None
    numeric: bool = False
    row: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The name of the parameter that is a number; a cursor is checked as the document says."""
        return (self.limit,) if self.limit else ()

    def window(self, query: Mapping[str, Any], total: int, settings: Mapping[str, Any]) -> Window:
        """The rows after the cursor, with the cursor of the next page; one that is none is a `Problem`."""
        maximum = int(settings.get("max_limit", self.maximum))
        size = query.get(self.limit, min(int(settings.get("default_limit", self.default)), maximum))
        _refuse(self.limit, size, 1)
        most = min(size, maximum)
        start = self._start(query.get(self.cursor), total)
        after = start + most if start + most < total else None
        cursor = None if after is None or self.row else after if self.numeric else f"{_CURSOR}{after}"
        return Window(start, start + most, total, most, start, lowered=most < size, cursor=cursor)

    def _start(self, given: Any, total: int) -> int:
        if given in (None, ""):
            return 0
        text = str(given).removeprefix(_CURSOR)
        if not text.isascii() or not text.isdigit() or len(text) > _DIGITS or int(text) > total:
            message = f"{self.cursor} is no cursor that a page gave"
            raise Problem("bad_request", message, details=[(self.cursor, message)])
        return int(text)


def placed(paging: Paging, query: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The query with a place in the list where it names a row: a cursor that is a field of the last row."""
    if not isinstance(paging, Cursors) or not paging.row or query.get(paging.cursor) in (None, ""):
        return query
    given = str(query[paging.cursor])
    place = next((index for index, row in enumerate(rows) if str(row.get(paging.row)) == given), None)
    return {**query, paging.cursor: "unknown" if place is None else place + 1}


@dataclass(frozen=True, slots=True)
class Top:
    """One parameter that says how many rows at most; above the maximum it is lowered to it, below 1 it is an error."""

    parameter: str
    default: int
    maximum: int
    rule: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The name of the parameter."""
        return (self.parameter,)

    def window(self, query: Mapping[str, Any], total: int, settings: Mapping[str, Any]) -> Window:
        """The first rows, at most as many as the maximum; a number below 1 is a `Problem`."""
        del settings
        size = query.get(self.parameter, self.default)
        _refuse(self.parameter, size, 1)
        most = min(size, self.maximum)
        return Window(0, most, total, most, 0, lowered=most < size)


def _refuse(name: str, value: int, least: int, most: int = LARGEST, rule: str | None = None) -> None:
    if not least <= value <= most:
        message = f"{name} must be at least {least}" if value < least else f"{name} must be at most {most}"
        raise Problem("bad_request", message, details=[(name, message)], rule=rule)
