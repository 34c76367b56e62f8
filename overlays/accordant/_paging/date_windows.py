"""The walk over a list that has no pages: two bounds of days, and a cap on the rows of one response.

The list finds what lies wholly between the bounds, so cutting the range into slices would lose whatever crosses a
cut. The walk therefore keeps the far bound and moves the near one: a full response ends somewhere, in the order of the
rows' beginnings, and the next one begins on that very day. Rows of that day come twice, and are told by their identity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from accordant_runtime import UNSET, Operation, is_object

from ..errors import PaginationError
from .styles import Position, Rows, given_number


class WindowWalker:
    """Style ``window``; a position is the day where a response begins, with the rows of that day that are known."""

    def __init__(self, operation: Operation[Any], arguments: Mapping[str, Any]) -> None:
        pagination = operation.pagination
        assert pagination is not None
        names = {parameter.wire: parameter.name for parameter in operation.parameters}
        extra = pagination.extra
        self._operation = operation.id
        self._cap_name = names[extra["cap"]]
        self._from_name = names[pagination.position or ""]
        self._starts = str(extra["starts"])
        self._identity = tuple(extra["identity"])
        self._bounded = all(
            arguments.get(name, UNSET) not in (UNSET, None) for name in (self._from_name, names[extra["to"]])
        )
        asked = given_number(operation, arguments, self._cap_name, 1)
        most = pagination.max_limit
        self._chosen = asked is not None and (most is None or asked <= most)
        self._cap = asked if self._chosen else most

    def start(self) -> Position:
        """The caller's own window."""
        return Position(None, 0)

    def arguments(self, position: Position) -> dict[str, Any]:
        """The cap, and where the window begins."""
        sent: dict[str, Any] = {} if self._cap is None else {self._cap_name: self._cap}
        if position.value is not None:
            sent[self._from_name] = position.value[0]
        return sent

    def fresh(self, position: Position, rows: Rows) -> Rows:
        """The rows that the response before did not have."""
        known: list[Any] = position.value[1] if position.value is not None else []
        items = [item for item in rows.items if self._name(item) not in known]
        return rows._replace(items=items, received=len(rows.items))

    def after(self, position: Position, rows: Rows) -> Position | None:
        """The day of the last row, when the response was full."""
        received = len(rows.items) if rows.received is None else rows.received
        if self._cap is None or received < self._cap:
            return None
        if not self._bounded and self._chosen:
            return None  # so many rows were asked for, and there is no window to walk
        if not self._bounded:
            raise self._stuck(
                f"the vendor returns {self._cap} rows at most, and there are more; "
                "give both ends of the window to walk it"
            )
        days = [self._day(item) for item in rows.items]
        if days != sorted(days):
            raise self._stuck("a full response is not in the order of its beginnings, so the walk could lose rows")
        begun = position.value[0] if position.value is not None else None
        last = days[-1] if days else begun
        if last == begun:
            raise self._stuck(f"more than {self._cap} rows begin on {begun}; no window is small enough for them")
        known = [self._name(item) for item in rows.items if self._day(item) == last]
        return Position([last, known], None if position.seen is None else position.seen + len(rows.items))

    def guesses(self, position: Position, _rows: Rows) -> Iterator[Position]:
        """Nothing but the next response is known before it is there."""
        yield position

    def back(self, _position: Position, _rows: int, _size: int) -> tuple[Position, int] | None:
        """Rows that are deleted move no day."""
        return None

    def beyond(self, _position: Position, _rows: Rows) -> Position | None:
        """There is no total that could be wrong."""
        return None

    def _name(self, item: Any) -> list[Any]:
        return [item.get(name) for name in self._identity] if is_object(item) else [item]

    def _day(self, item: Any) -> str:
        start = item.get(self._starts) if is_object(item) else None
        if not isinstance(start, str) or len(start) < 10:
            raise self._stuck(f"a row has no {self._starts}, by which the walk goes on")
        return start[:10]

    def _stuck(self, message: str) -> PaginationError:
        return PaginationError(message, operation=self._operation)
