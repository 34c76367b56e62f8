"""What a walk notices about a list that changes, or that contradicts itself, while it is walked.

A list is alive: rows are deleted and inserted between two pages, totals move, and some vendors send the same pages for
ever. A :class:`Watch` looks at every page in the order in which the caller gets it, drops the rows that came before
where the operation says which fields are a row's key, and says what is not as it should be. It decides nothing about
requests but one thing: whether the walk has to look again at the border between two pages.

It remembers the keys of the last million rows at most (about 100 bytes each), and one number for every page.
"""

from __future__ import annotations

from collections.abc import Hashable
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from accordant_runtime import Deviation, Operation, dumps, is_object

from ..errors import PaginationError
from .styles import Position, Rows, Walker

_KEPT: Final = 500_000
"""Keys in each of the two generations that are remembered."""
_STALE: Final = 10
"""Pages in a row without a single new row, after which a walk makes no progress."""
_OUTRUN: Final = 100
"""The same for a list that grows as fast as it is walked."""
_EMPTY: Final = 1000
"""Empty pages in a row, each with a cursor to the next, after which a walk makes no progress."""
_ALIKE: Final = 1000
"""Pages in a row that are equal where rows without a key may well be equal."""
_BORDERS: Final = 10
"""How often a walk looks again at a border, and once more for every four pages; a total lower than ever is free."""
_LOOKS: Final = 1000
"""How often a walk looks again at a border at all."""
_FAR: Final = 20
"""How many pages a walk goes back at most."""


class Memory(NamedTuple):
    """What a resume token hands on: the last total, the highest one, and the rows that were given before."""

    total: int | None
    claimed: int | None
    rows: int | None


class WatchedRows(NamedTuple):
    """What is new on a page: the indexes of its new rows (``None``: all are), and what is to be told."""

    kept: list[int] | None
    notes: list[Deviation]


class Watch:
    """The observations of one walk that begins at ``start``, or goes on with what a token remembers."""

    def __init__(self, operation: Operation[Any], start: Position, memory: Memory | None = None) -> None:
        pagination = operation.pagination
        assert pagination is not None
        self._operation = operation.id
        self._items = pagination.items
        self._total_path = f"$.{pagination.total}"
        self._fields = pagination.key
        self._likely_key = operation.entity.key_field or "id"
        self._last = memory.total if memory else None
        self._claimed = memory.claimed if memory else None
        self._base = memory.rows if memory else start.seen
        self._rows = 0
        self._received = self._largest = self._pages = 0
        self._keys = _Keys()
        self._cycle = _Cycle()
        self._fall = self._grown = 0
        self._lowest: int | None = None
        self._new_low = False
        self._looks = 0
        self._overlap = self._known = self._borders = 0
        self._stale = self._outrun = self._empty = 0
        self._told_low = False

    @property
    def memory(self) -> Memory:
        """What a token is to hand on."""
        return Memory(self._last, self._claimed, None if self._base is None else self._base + self._rows)

    def total(self, rows: Rows) -> list[Deviation]:
        """Compare the total of a page with the one before it."""
        total, last = rows.total, self._last
        self._fall = 0
        if total is None or self._told_low:  # where it is no count of the rows, it says nothing by moving
            return []
        self._last = total
        self._claimed = max(total, self._claimed or 0)
        if last is None or total == last:
            return []
        self._fall = max(0, last - total)
        self._grown += max(0, total - last)
        self._new_low = total < (last if self._lowest is None else self._lowest)
        self._lowest = total if self._new_low else self._lowest
        return [Deviation(self._total_path, "total", f"{last} as on the page before", str(total))]

    def border(self, walker: Walker, position: Position, rows: Rows) -> Position | None:
        """Where to look again when rows were deleted before a page: those after them have moved to the page before.

        The page itself is then left aside, and comes again in its turn. Without keys nobody could tell which rows of
        the border are known, so that the walk only tells that the total moved.
        """
        gone = self._fall - self._overlap
        self._overlap = 0
        # A total that falls and falls comes to an end; one that goes up and down could keep it busy.
        allowed = self._looks < _LOOKS and (self._new_low or self._borders < _BORDERS + self._pages // 4)
        if gone <= 0 or not self._fields or not allowed:
            return None
        slack = min(gone, max(0, len(rows.items) - 1) // 2)  # a few rows more, because deletions seldom come alone
        wanted = min(gone + slack, self._received)  # not before the start of the walk
        found = walker.back(position, wanted, self._largest) if 0 < wanted <= _FAR * self._largest else None
        if found is None:
            return None
        again, distance = found
        self._looks += 1
        self._borders += 0 if self._new_low else 1
        self._overlap = max(0, distance - gone)
        self._known += distance
        self._received = max(0, self._received - distance)
        return again

    def rows(self, rows: Rows) -> WatchedRows:
        """Look at the rows of a page; raises ``PaginationError`` when they show that the walk makes no progress."""
        items = rows.items
        self._pages += 1
        self._received += len(items)
        self._largest = max(self._largest, len(items))
        self._empty = 0 if items else self._empty + 1
        if self._empty >= _EMPTY:
            raise self._stuck(f"{_EMPTY} pages in a row were empty")
        keys = _keys(items, self._fields) if self._fields else []
        looked_at_again = self._known > 0
        seen = self._kept(items, keys)
        new = len(items) if seen.kept is None else len(seen.kept)
        repeated = len(items) - new
        moved = 0 < repeated <= self._grown  # rows that were inserted before the page push known ones onto it
        self._grown -= repeated if moved else 0
        if not looked_at_again and not moved:
            self._require_other_pages(items, keys)
        if new:
            self._stale = self._outrun = 0
        elif items and not looked_at_again:
            self._stale, self._outrun = (self._stale, self._outrun + 1) if moved else (self._stale + 1, self._outrun)
        if self._stale >= _STALE or self._outrun >= _OUTRUN:
            raise self._stuck(f"{self._stale + self._outrun} pages in a row had no new row")
        self._rows += new
        return seen._replace(notes=seen.notes + self._too_low(items))

    def onward(self, walker: Walker, position: Position, rows: Rows) -> Position | None:
        """Where to go on although the total says that this is the end: rows are missing, and the page is full."""
        full = bool(rows.items) and len(rows.items) >= self._largest
        return walker.beyond(position, rows) if full and self._lacking else None

    def missing(self) -> list[Deviation]:
        """What is to be told when the walk is over."""
        if not self._lacking or self._base is None:
            return []
        found = f"the end after {self._base + self._rows} of {self._claimed} rows"
        return [Deviation(self._total_path, "incomplete", f"{self._claimed} rows", found)]

    @property
    def _lacking(self) -> bool:
        """Whether fewer rows were seen than the vendor ever counted."""
        return self._base is not None and self._claimed is not None and self._base + self._rows < self._claimed

    def _too_low(self, items: list[Any]) -> list[Deviation]:
        """More rows than the vendor ever counted: told once."""
        if not items or self._told_low or self._base is None or self._claimed is None:
            return []
        if self._base + self._rows <= self._claimed:
            return []
        self._told_low = True
        return [Deviation(self._total_path, "total", f"{self._base + self._rows} or more", str(self._claimed))]

    def _kept(self, items: list[Any], keys: list[Any]) -> WatchedRows:
        """Which rows are new, by their keys."""
        if not keys or self._keys.take_all(keys):
            self._known = 0 if keys else self._known
            return WatchedRows(None, [])
        kept: list[int] = []
        again: list[int] = []
        here: dict[Any, int] = {}
        doubtful: int | None = None
        for index, key in enumerate(keys):
            first = here.setdefault(key, index) if key is not None else index
            if first != index and items[first] != items[index]:
                doubtful = index  # so this is no key, and no row may be dropped for it
            known = key is not None and (first != index or key in self._keys)
            (again if known else kept).append(index)
        if doubtful is not None:
            self._fields = ()
            return WatchedRows(
                None, [self._note(doubtful, "a key of its own", f"{_shown(keys[doubtful])} on two rows", 0)]
            )
        self._keys.add(here)
        expected, self._known = min(self._known, len(again)), max(0, self._known - len(again)) if again else 0
        told = again[expected:]
        if not told:
            return WatchedRows(kept, [])
        key = _shown(keys[told[0]])
        return WatchedRows(kept, [self._note(told[0], "a row that did not come before", f"{key} again", len(told) - 1)])

    def _require_other_pages(self, items: list[Any], keys: list[Any]) -> None:
        """Refuse to go round in circles."""
        if not items:
            return
        keyed = bool(keys) and None not in keys
        period = self._cycle.see(hash(tuple(keys)) if keyed else _digest(items))
        if not period:
            return
        alike = not keyed and all(item == items[0] for item in items) and not self._has_key(items)
        if alike and self._cycle.run < _ALIKE:
            return
        if period == 1:
            raise self._stuck(f"the same page of {len(items)} rows came twice in a row")
        raise self._stuck(f"the same {period} pages came twice in turn")

    def _has_key(self, items: list[Any]) -> bool:
        """Whether rows that look alike are one row: alone on their page, with an id."""
        return len(items) == 1 and is_object(items[0]) and self._likely_key in items[0]

    def _note(self, index: int, expected: str, found: str, more: int) -> Deviation:
        path = f"$.{self._items}" if self._items else "$"
        return Deviation(f"{path}[{index}]", "repeated", expected, found + (f" (and {more} more)" if more else ""))

    def _stuck(self, message: str) -> PaginationError:
        return PaginationError(message, operation=self._operation)


class _Keys:
    """The keys of the rows that came, without growing for ever: the older half is forgotten when the newer is full."""

    def __init__(self) -> None:
        self._newer: set[Hashable] = set()
        self._older: set[Hashable] = set()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._newer or key in self._older

    def take_all(self, keys: list[Any]) -> bool:
        """Remember the keys of a page when every row has one, and all are new."""
        new = set(keys)
        if len(new) != len(keys) or None in new or not (self._newer.isdisjoint(new) and self._older.isdisjoint(new)):
            return False
        self.add(new)
        return True

    def add(self, keys: Any) -> None:
        """Remember these keys."""
        self._newer.update(keys)
        if len(self._newer) > _KEPT:
            self._older, self._newer = self._newer, set()


class _Cycle:
    """Tells pages that come in turn, whatever the length of the turn: once all of them came twice in the same order."""

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._pages = 0
        self._period = 0
        self.run = 0
        """Pages in a row that equal those a period before."""

    def see(self, page: int) -> int:
        """Take the next page; returns the length of the turn when a whole one was repeated, else 0."""
        self._pages += 1
        period = self._pages - self._places.get(page, self._pages)
        self.run = self.run + 1 if period and period == self._period else min(period, 1)
        self._period = period
        self._places[page] = self._pages
        return period if period and self.run >= period else 0


def _keys(items: list[Any], fields: tuple[str, ...]) -> list[Any]:
    """The key of every row, ``None`` where one has none."""
    if len(fields) == 1:
        [field] = fields
        try:
            keys = [item[field] for item in items]
        except (KeyError, TypeError, IndexError):
            keys = [item.get(field) if is_object(item) else None for item in items]
        if set(map(type, keys)) <= {int, str}:
            return keys
        return [key if type(key) in (int, str) else None for key in keys]
    return [_joint_key(item, fields) for item in items]


def _joint_key(item: Any, fields: tuple[str, ...]) -> tuple[Any, ...] | None:
    key = tuple(item.get(field) for field in fields) if is_object(item) else ()
    return key if key and all(type(part) in (int, str) for part in key) else None


def _digest(items: list[Any]) -> int:
    """A number for the content of a page whose rows have no keys."""
    try:
        content = dumps(items)
    except (TypeError, ValueError, RecursionError):  # JSON that came in another way than it could be sent
        content = repr(items).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big")


def _shown(key: Any) -> str:
    text = repr(key)
    return f"key {text[:80]}" + ("..." if len(text) > 80 else "")
