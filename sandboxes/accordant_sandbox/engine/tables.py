"""Tables: rows by key, in order of creation, as values that never change.

A write returns a new table that shares nearly everything with the old one: a snapshot is free, a reader on another
thread is never disturbed, and a write costs the same in a large table as in a small one. Whoever asks for the rows with
certain values gets them through an index, which is made at the first of these questions and is kept up to date.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, ItemsView, Iterator, Mapping, Sequence, ValuesView
from typing import Any, ClassVar, TypeAlias, overload

from accordant_sandbox.engine.persistent import WIDTH, Buckets, Pieces, cut, inserted, removed
from accordant_sandbox.ports import Key, Row

__all__ = ["Rows", "Table"]

_Entry: TypeAlias = tuple[Key, Row]
_Index: TypeAlias = tuple[Callable[[Row], Any], Buckets[Any, Pieces[int]]]


class Table(Mapping[Key, Row]):
    """The rows of one collection."""

    __slots__ = ("_chunks", "_counts", "_highest", "_indexes", "_numbers", "_places", "_size", "in_key_order")

    most_indexes: ClassVar = 16
    """How many kinds of question a table keeps an index for; beyond that it looks at every row."""

    def __init__(self) -> None:
        self._numbers: Buckets[Key, int] = Buckets()
        self._chunks: list[tuple[_Entry | None, ...]] = []
        self._counts: list[int] = []
        """Rows in each chunk: a deleted one leaves a gap."""
        self._places = 0
        self._size = 0
        self._indexes: dict[Hashable, _Index] = {}
        self._highest: float = float("-inf")
        self.in_key_order = True
        """Whether the keys are numbers, each greater than the one before."""

    @classmethod
    def of(cls, rows: Mapping[Key, Row]) -> Table:
        """The table of some rows; a table is its own."""
        if isinstance(rows, Table):
            return rows
        table = cls()
        for key, row in rows.items():
            table = table.put(key, row)
        return table

    # Reading

    def __getitem__(self, key: Key) -> Row:
        row: Row | None = self.get(key)
        if row is None:
            raise KeyError(key)
        return row

    def get(self, key: Key, default: Any = None) -> Any:
        """The row of a key, the default where there is none."""
        place = self._numbers.get(key)
        entry = None if place is None else self._chunks[place // WIDTH][place % WIDTH]
        return default if entry is None else entry[1]

    def __contains__(self, key: object) -> bool:
        return self._numbers.get(key) is not None

    def __iter__(self) -> Iterator[Key]:
        return (key for key, _ in self.entries())

    def __len__(self) -> int:
        return self._size

    def items(self) -> ItemsView[Key, Row]:
        """Keys and rows, in order of creation."""
        return _Items(self)

    def values(self) -> ValuesView[Row]:
        """Rows, in order of creation."""
        return _Values(self)

    def entries(self) -> Iterator[_Entry]:
        """Keys and rows, in order of creation."""
        return (entry for chunk in self._chunks for entry in chunk if entry is not None)

    def rows(self) -> Rows:
        """Every row, in order of creation."""
        return Rows(self, None, self._size)

    def last(self) -> Row | None:
        """The row that was created last."""
        return next(iter(self.rows()[::-1][:1]), None)

    def where(self, names: tuple[str, ...], *wanted: tuple[Any, ...]) -> Rows:
        """The rows whose fields have one of these groups of values, in order of creation; a missing field is None."""
        if not names:
            return self.rows()
        return self.having(names, lambda row: tuple([row.get(name) for name in names]), *wanted)

    def having(self, question: Hashable, of: Callable[[Row], Any], *wanted: Any) -> Rows:
        """The rows for which a function returns one of some values, in order of creation.

        Args:
            question: Names the function: the same question always comes with the same function.
            of: Reads the value off a row, from nothing but the row.
            wanted: The values, each once.
        """
        index = self._indexes.get(question)
        if index is None and len(self._indexes) < self.most_indexes:
            index = self._indexes[question] = (of, self._indexed(of))
        try:
            found = [] if index is None else [index[1].get(each) or () for each in wanted]
        except TypeError:  # a list or an object: it equals something, but is no key
            index, found = None, []
        if index is None:
            found = [cut(list(self._places_where(lambda row: of(row) in wanted)))]
        filled = [pieces for pieces in found if pieces]
        if len(filled) > 1:
            filled = [cut(sorted(place for pieces in filled for piece in pieces for place in piece))]
        pieces = filled[0] if filled else ()
        return Rows(self, pieces, sum(map(len, pieces)))

    def at(self, place: int) -> tuple[Key, Row]:
        """Key and row at a place that an index names."""
        entry = self._chunks[place // WIDTH][place % WIDTH]
        assert entry is not None, "an index names rows that are there"
        return entry

    def part(self, start: int, stop: int) -> list[Row]:
        """The rows from one number in the order to another, the second excluded."""
        found: list[Row] = []
        before = 0
        for chunk, count in zip(self._chunks, self._counts, strict=True):
            if before + count > start:
                rows = [entry[1] for entry in chunk if entry is not None]
                found += rows[max(0, start - before) : max(0, stop - before)]
            before += count
            if before >= stop:
                break
        return found

    # Writing

    def put(self, key: Key, row: Row) -> Table:
        """The table with a row under that key: in the place of the one that is there, else at the end."""
        place = self._numbers.get(key)
        old = None if place is None else self[key]
        table = self._copy()
        if place is None:
            place = table._places
            table._append(key, row)
        else:
            table._set(place, (key, row))
        table._indexes = {
            question: (of, _moved(index, place, of, old, row)) for question, (of, index) in self._indexes.items()
        }
        return table

    def without(self, key: Key) -> Table:
        """The table without the row of a key; where there is none, the table as it is."""
        place = self._numbers.get(key)
        if place is None:
            return self
        if self._places > 2 * self._size + 2 * WIDTH:
            return Table.of({each: row for each, row in self.entries() if each != key})
        old = self[key]
        table = self._copy()
        table._numbers = self._numbers.without(key)
        table._set(place, None)
        table._counts[place // WIDTH] -= 1
        table._size -= 1
        table._indexes = {
            question: (of, _moved(index, place, of, old, None)) for question, (of, index) in self._indexes.items()
        }
        return table

    def shared(self) -> Table:
        """The same rows for somebody else: indexes that one of them has made later are not the other's."""
        table = self._copy()
        table._indexes = dict(self._indexes)
        return table

    def _copy(self) -> Table:
        table = Table()
        table._numbers, table._places, table._size = self._numbers, self._places, self._size
        table._chunks, table._counts = self._chunks.copy(), self._counts.copy()
        table.in_key_order, table._highest = self.in_key_order, self._highest
        return table

    def _append(self, key: Key, row: Row) -> None:
        self.in_key_order = self.in_key_order and isinstance(key, int) and self._highest < key
        self._highest = key if self.in_key_order else self._highest
        self._numbers = self._numbers.put(key, self._places)
        if self._places % WIDTH:
            self._chunks[-1] = (*self._chunks[-1], (key, row))
            self._counts[-1] += 1
        else:
            self._chunks.append(((key, row),))
            self._counts.append(1)
        self._places += 1
        self._size += 1

    def _set(self, place: int, entry: _Entry | None) -> None:
        chunk = self._chunks[place // WIDTH]
        at = place % WIDTH
        self._chunks[place // WIDTH] = (*chunk[:at], entry, *chunk[at + 1 :])

    def _places_where(self, fits: Callable[[Row], bool]) -> Iterator[int]:
        for chunk, entries in enumerate(self._chunks):
            for at, entry in enumerate(entries):
                if entry is not None and fits(entry[1]):
                    yield chunk * WIDTH + at

    def _indexed(self, of: Callable[[Row], Any]) -> Buckets[Any, Pieces[int]]:
        places: dict[Any, list[int]] = {}
        for place in self._places_where(lambda row: _is_key(of(row))):
            places.setdefault(of(self.at(place)[1]), []).append(place)
        return Buckets[Any, Pieces[int]].of({value: cut(numbers) for value, numbers in places.items()})


class Rows(Sequence[Row]):
    """Rows of a table, in order, of which only those are looked at that somebody asks for.

    Args:
        table: The table.
        places: Those of the rows; None = all.
        size: How many they are.
        backwards: Whether the last comes first.
    """

    __slots__ = ("_backwards", "_places", "_size", "_table")

    def __init__(self, table: Table, places: Pieces[int] | None, size: int, *, backwards: bool = False) -> None:
        self._table, self._places, self._size, self._backwards = table, places, size, backwards

    @property
    def in_key_order(self) -> bool:
        """Whether they are in ascending order of keys that are numbers."""
        return self._table.in_key_order and not self._backwards

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Row]:
        return (row for _, row in self.entries())

    def entries(self) -> Iterator[tuple[Key, Row]]:
        """Keys and rows."""
        if self._places is None:
            entries = self._table.entries()
        else:
            entries = (self._table.at(place) for piece in self._places for place in piece)
        return reversed(list(entries)) if self._backwards else entries

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...

    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        if isinstance(index, int):
            at = index + self._size if index < 0 else index
            if not 0 <= at < self._size:
                raise IndexError("there are not that many rows")
            return self[at : at + 1][0]
        start, stop, step = index.indices(self._size)
        if (start, stop, step) == (self._size - 1, -1, -1):
            return Rows(self._table, self._places, self._size, backwards=not self._backwards)
        if step != 1:
            return list(self)[index]
        if not self._backwards:
            return self._part(start, stop)
        return self._part(self._size - stop, self._size - start)[::-1]

    def _part(self, start: int, stop: int) -> list[Row]:
        if self._places is None:
            return self._table.part(start, stop)
        found: list[Row] = []
        before = 0
        for piece in self._places:
            if before + len(piece) > start:
                places = piece[max(0, start - before) : max(0, stop - before)]
                found += [self._table.at(place)[1] for place in places]
            before += len(piece)
            if before >= stop:
                break
        return found


class _Items(ItemsView[Key, Row]):
    """The items of a table, without a look-up for each."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._table = table

    def __iter__(self) -> Iterator[_Entry]:
        return self._table.entries()


class _Values(ValuesView[Row]):
    """The rows of a table, without a look-up for each."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._table = table

    def __iter__(self) -> Iterator[Row]:
        return iter(self._table.rows())


def _moved(
    index: Buckets[Any, Pieces[int]], place: int, of: Callable[[Row], Any], old: Row | None, new: Row | None
) -> Buckets[Any, Pieces[int]]:
    """An index after the row at a place became another, came or went."""
    before, after = (None if row is None else of(row) for row in (old, new))
    if old is not None and new is not None and before == after:
        return index
    if old is not None and _is_key(before):
        rest = removed(index.get(before) or (), place)
        index = index.put(before, rest) if rest else index.without(before)
    if new is not None and _is_key(after):
        index = index.put(after, inserted(index.get(after) or (), place))
    return index


def _is_key(value: Any) -> bool:
    """Whether a value can be looked up; others are not indexed, and nobody can ask an index for them."""
    try:
        hash(value)
    except TypeError:
        return False
    return True
