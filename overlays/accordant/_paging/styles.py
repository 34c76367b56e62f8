"""How a walk over a list goes on from page to page: decisions only, nothing is fetched here.

A walker is made for one walk and judges one page after the other. What the vendor sends decides: offsets grow by the
rows that were received, never by those that were asked for, because vendors clamp page sizes without saying so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

from accordant_runtime import UNSET, Operation, Pagination, dumps, is_object

from ..errors import ConfigurationError, PaginationError, RequestError


class Rows(NamedTuple):
    """One page of a list as it came: its rows, still untyped, and the total and the next cursor where there are any."""

    items: list[Any]
    total: int | None = None
    cursor: Any = None
    received: int | None = None
    """Rows that came, where repeats of earlier pages were dropped."""
    repeated: bool = False
    """Whether the page was the first one again, from a vendor that does not look at the position."""
    last: bool = False
    """Whether the vendor says that no page follows."""


class Position(NamedTuple):
    """Where a page begins: ``value`` is what the position parameter carries, ``None`` where it is left out.

    ``seen`` counts the rows before it, ``None`` when that is not known.
    """

    value: Any
    seen: int | None

    @property
    def key(self) -> bytes:
        """The value as something to look a page up by: a value may hold a list."""
        return dumps(self.value)


class Walker(Protocol):
    """The rules of one paging style."""

    def start(self) -> Position:
        """Where the walk begins."""
        ...

    def arguments(self, position: Position) -> dict[str, Any]:
        """What to send for the page at a position, by argument names."""
        ...

    def fresh(self, position: Position, rows: Rows, /) -> Rows:
        """The page without rows that an earlier one had."""
        ...

    def after(self, position: Position, rows: Rows) -> Position | None:
        """Where the next page begins, ``None`` after the last; raises ``PaginationError`` on a walk that sticks."""
        ...

    def guesses(self, position: Position, rows: Rows, /) -> Iterator[Position]:
        """Where the pages from ``position`` on will probably begin, so that they can be fetched ahead."""
        ...

    def back(self, position: Position, rows: int, size: int, /) -> tuple[Position, int] | None:
        """The page at least ``rows`` rows before a position, and how many they are; pages have ``size`` rows.

        ``None`` in a style where deleted rows do not move the others.
        """
        ...

    def beyond(self, position: Position, rows: Rows, /) -> Position | None:
        """Where the next page begins, whatever the total says; ``None`` where only the vendor can name it."""
        ...


MakeWalker: TypeAlias = Callable[[Operation[Any], Mapping[str, Any]], Walker]
"""From an operation and a call's arguments to the walker of one walk."""


class _Base:
    """What the styles share: the parameters' argument names, and what becomes of a list that is not paged at all."""

    def __init__(self, operation: Operation[Any], arguments: Mapping[str, Any]) -> None:
        pagination = operation.pagination
        assert pagination is not None
        names = {parameter.wire: parameter.name for parameter in operation.parameters}
        self.operation = operation
        self.pagination: Pagination = pagination
        self.limit_name = names.get(pagination.limit or "")
        self.position_name = names.get(pagination.position or "")
        self.asked = given_number(operation, arguments, self.limit_name, 1)
        self._previous: list[Any] | None = None
        self._pages = 0
        self._key = operation.entity.key_field or "id"

    @property
    def limit(self) -> int | None:
        """The page size to ask for: the caller's, else the largest that the vendor documents."""
        return self.pagination.max_limit if self.asked is None else self.asked

    def arguments(self, position: Position) -> dict[str, Any]:
        """What to send for the page at a position."""
        sent: dict[str, Any] = {}
        if self.limit_name and self.limit is not None:
            sent[self.limit_name] = self.limit
        if self.position_name and position.value is not None:
            sent[self.position_name] = position.value
        return sent

    def fresh(self, _position: Position, rows: Rows) -> Rows:
        """The page as it came: pages do not overlap.

        Only where no total is promised, a second page that is the first again has no rows: the vendor does not page
        this list and sent all of it at once.
        """
        if self.pagination.total is None and self._pages == 1 and self._repeats(rows):
            return rows._replace(items=[], received=len(rows.items), repeated=True)
        return rows

    def back(self, _position: Position, _rows: int, _size: int) -> tuple[Position, int] | None:
        """No way back: the vendor keeps the place."""
        return None

    def beyond(self, _position: Position, _rows: Rows) -> Position | None:
        """No way on but the vendor's own."""
        return None

    def remember(self, rows: Rows) -> None:
        """Keep the first page, so that the next one can be told from it. Its rows will be read in their place."""
        self._previous = rows.items.copy() if self.pagination.total is None and not self._pages else None
        self._pages += 1

    def _repeats(self, rows: Rows) -> bool:
        """Whether a page equals the one before. Single rows without an id may look alike without being so."""
        items = rows.items
        same = bool(items) and items == self._previous
        return same and (len(items) > 1 or (is_object(items[0]) and self._key in items[0]))

    def is_suspicious(self, rows: Rows) -> bool:
        """Whether the total of a first page may be the length of that page instead, as with some vendors.

        A full page whose length is the total deserves one more look; otherwise the rest of the list would be lost.
        """
        return len(rows.items) == rows.total and (self.limit is None or len(rows.items) >= self.limit)

    def stuck(self, message: str) -> PaginationError:
        """The error of a walk that cannot go on, with the operation named."""
        return PaginationError(message, operation=self.operation.id)


class OffsetWalker(_Base):
    """``limit`` and ``offset``: the position is the number of rows before the page."""

    def __init__(self, operation: Operation[Any], arguments: Mapping[str, Any]) -> None:
        super().__init__(operation, arguments)
        self._offset = given_number(operation, arguments, self.position_name, 0)

    def start(self) -> Position:
        """The offset that the caller gave, else 0."""
        offset = self._offset or 0
        return Position(offset, offset)

    def after(self, position: Position, rows: Rows) -> Position | None:
        """The offset after the rows that came, or None at the end; PaginationError where the total denies it."""
        self.remember(rows)
        end = position.value + len(rows.items)
        if not rows.items:
            if rows.total is not None and position.value < rows.total:
                raise self.stuck(f"the page at offset {position.value} is empty, but the total is {rows.total}")
            return None
        if rows.last:
            return None
        # A total below the rows that really came is wrong, so it cannot say where the list ends.
        if end == rows.total and not (position == self.start() and self.is_suspicious(rows)):
            return None
        return Position(end, end)

    def back(self, position: Position, rows: int, _size: int) -> tuple[Position, int] | None:
        """The position that many rows earlier, or None before the first row."""
        offset = position.value - rows
        return (Position(offset, offset), rows) if offset >= 0 else None

    def beyond(self, position: Position, rows: Rows) -> Position | None:
        """The offset after the rows that came, whatever the total says."""
        end = position.value + len(rows.items)
        return Position(end, end)

    def guesses(self, position: Position, rows: Rows) -> Iterator[Position]:
        """The positions of the pages from here on, as the total foretells them, this one first."""
        if rows.total is None:
            yield position
            return
        for offset in range(position.value, max(rows.total, position.value + 1), max(1, len(rows.items))):
            yield Position(offset, offset)


class PageWalker(_Base):
    """``page`` numbers: the position is the number of the page."""

    def __init__(self, operation: Operation[Any], arguments: Mapping[str, Any]) -> None:
        super().__init__(operation, arguments)
        self._page = given_number(operation, arguments, self.position_name, self.pagination.start)

    def start(self) -> Position:
        """The page number that the caller gave, else the number of the vendor's first page."""
        number = self.pagination.start if self._page is None else self._page
        return Position(number, 0 if number == self.pagination.start else None)

    def after(self, position: Position, rows: Rows) -> Position | None:
        """The next page number, or None at the end; PaginationError where the total denies that it is the end."""
        self.remember(rows)
        seen = None if position.seen is None else position.seen + len(rows.items)
        if not rows.items:
            if rows.total is not None and position.seen is not None and position.seen < rows.total:
                raise self.stuck(f"page {position.value} is empty after {position.seen} of {rows.total} rows")
            return None
        if rows.last:
            return None
        if seen is not None and seen == rows.total and not (position == self.start() and self.is_suspicious(rows)):
            return None
        return Position(position.value + 1, seen)

    def back(self, position: Position, rows: int, size: int) -> tuple[Position, int] | None:
        """The position at least that many rows earlier, in whole pages, or None before the first page."""
        pages = -(-rows // size)
        if position.value - pages < self.pagination.start:
            return None
        seen = None if position.seen is None else max(0, position.seen - pages * size)
        return Position(position.value - pages, seen), pages * size

    def beyond(self, position: Position, rows: Rows) -> Position | None:
        """The next page number, whatever the total says."""
        return Position(position.value + 1, None if position.seen is None else position.seen + len(rows.items))

    def guesses(self, position: Position, rows: Rows) -> Iterator[Position]:
        """The positions of the pages from here on, as the total foretells them, this one first."""
        yield position
        if rows.total is None or position.seen is None:
            return
        size = max(1, len(rows.items))
        for ahead in range(1, -(-(rows.total - position.seen) // size)):
            yield Position(position.value + ahead, position.seen + ahead * size)


class CursorWalker(_Base):
    """A cursor from each page leads to the next; the position is that cursor."""

    def __init__(self, operation: Operation[Any], arguments: Mapping[str, Any]) -> None:
        super().__init__(operation, arguments)
        given = arguments.get(self.position_name or "")
        self._cursor = given if isinstance(given, str) and given else None
        self._cursors: set[Any] = set()

    def start(self) -> Position:
        """The cursor that the caller gave, else the beginning of the list."""
        return Position(self._cursor, 0 if self._cursor is None else None)

    def after(self, position: Position, rows: Rows) -> Position | None:
        """The cursor of the next page, or None at the end; PaginationError for a cursor that leads in a circle."""
        cursor = rows.cursor
        if cursor is None or cursor == "" or rows.last:
            return None
        if not isinstance(cursor, (str, int)):
            raise self.stuck("the cursor of the next page is neither text nor a number")
        if cursor == position.value or cursor in self._cursors:
            raise self.stuck("a cursor came twice")
        self._cursors.add(cursor)
        return Position(cursor, None if position.seen is None else position.seen + len(rows.items))

    def guesses(self, position: Position, _rows: Rows) -> Iterator[Position]:
        """This position alone: only the vendor knows the next cursor."""
        yield position


WALKERS: Mapping[str, MakeWalker] = {"offset": OffsetWalker, "page": PageWalker, "cursor": CursorWalker}
"""The styles that every vendor can use; a vendor adds its own through ``Vendor.walkers``."""


def walker_for(operation: Operation[Any], arguments: Mapping[str, Any], more: Mapping[str, MakeWalker]) -> Walker:
    """A new walker for one walk over a list."""
    if operation.pagination is None:
        raise ConfigurationError(f"{operation.id} is not a paged list")
    style = operation.pagination.style
    make = more.get(style) or WALKERS.get(style)
    if make is None:
        raise ConfigurationError(f"{operation.id}: there is no walker for the paging style {style!r}")
    return make(operation, arguments)


def given_number(operation: Operation[Any], arguments: Mapping[str, Any], name: str | None, least: int) -> int | None:
    """A number that a call gives about pages; ``RequestError`` where no page can have it."""
    value = arguments.get(name or "", UNSET)
    if value is UNSET or value is None:
        return None
    if type(value) is not int or value < least:
        raise RequestError(f"{operation.id}: argument {name!r} must be a whole number from {least} on: {value!r}")
    return value
