"""What tables are made of: sorted items and mappings that never change, and of which a new one shares nearly all."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar

__all__ = ["WIDTH", "Buckets", "Pieces", "cut", "inserted", "removed"]

WIDTH: Final = 256
"""Entries in one piece: a write copies one piece, and the list of pieces."""

_CROWDED: Final = 128
"""Entries in a bucket, on average, at which buckets are split."""


class _Ordered(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...


ItemT = TypeVar("ItemT", bound=_Ordered)
HashT = TypeVar("HashT", bound=Hashable)
ValueT = TypeVar("ValueT")

Pieces: TypeAlias = tuple[tuple[ItemT, ...], ...]
"""Items in ascending order, cut into pieces of which none is empty."""


def inserted(pieces: Pieces[ItemT], item: ItemT) -> Pieces[ItemT]:
    """The pieces with one more item, at its place."""
    if not pieces:
        return ((item,),)
    last = pieces[-1]
    if last[-1] < item:
        return (*pieces[:-1], (*last, item)) if len(last) < WIDTH else (*pieces, (item,))
    at = bisect_left(pieces, item, key=lambda piece: piece[-1])
    piece = pieces[at]
    place = bisect_left(piece, item)
    grown = (*piece[:place], item, *piece[place:])
    halves = (grown,) if len(grown) <= WIDTH else (grown[: WIDTH // 2], grown[WIDTH // 2 :])
    return (*pieces[:at], *halves, *pieces[at + 1 :])


def removed(pieces: Pieces[ItemT], item: ItemT) -> Pieces[ItemT]:
    """The pieces without an item that they hold."""
    at = bisect_left(pieces, item, key=lambda piece: piece[-1])
    piece = pieces[at]
    place = bisect_left(piece, item)
    rest = (*piece[:place], *piece[place + 1 :])
    return (*pieces[:at], rest, *pieces[at + 1 :]) if rest else (*pieces[:at], *pieces[at + 1 :])


def cut(items: Sequence[ItemT]) -> Pieces[ItemT]:
    """Items in ascending order as pieces."""
    return tuple(tuple(items[at : at + WIDTH]) for at in range(0, len(items), WIDTH))


class Buckets(Generic[HashT, ValueT]):
    """A mapping that never changes: `put` and `without` return another one, which shares all but one bucket."""

    __slots__ = ("_parts", "_size")

    def __init__(self, parts: list[dict[HashT, ValueT]] | None = None, size: int = 0) -> None:
        self._parts: list[dict[HashT, ValueT]] = [{}] if parts is None else parts
        self._size = size

    @classmethod
    def of(cls, values: Mapping[HashT, ValueT]) -> Buckets[HashT, ValueT]:
        """The mapping of some values."""
        number = 1
        while len(values) > _CROWDED * number:
            number *= 4
        return cls(_spread([dict(values)], number), len(values))

    def get(self, key: HashT) -> ValueT | None:
        """The value of a key, None where there is none."""
        parts = self._parts
        return parts[hash(key) & (len(parts) - 1)].get(key)

    def put(self, key: HashT, value: ValueT) -> Buckets[HashT, ValueT]:
        """The mapping with that value."""
        parts = self._parts
        at = hash(key) & (len(parts) - 1)
        size = self._size + (key not in parts[at])
        if size > _CROWDED * len(parts):
            parts = _spread(parts, 4 * len(parts))
            at = hash(key) & (len(parts) - 1)
        else:
            parts = parts.copy()
        parts[at] = {**parts[at], key: value}
        return Buckets(parts, size)

    def without(self, key: HashT) -> Buckets[HashT, ValueT]:
        """The mapping without a key that it holds."""
        parts = self._parts.copy()
        at = hash(key) & (len(parts) - 1)
        parts[at] = {each: value for each, value in parts[at].items() if each != key}
        return Buckets(parts, self._size - 1)


def _spread(parts: list[dict[HashT, ValueT]], number: int) -> list[dict[HashT, ValueT]]:
    wider: list[dict[HashT, ValueT]] = [{} for _ in range(number)]
    for part in parts:
        for key, value in part.items():
            wider[hash(key) & (number - 1)][key] = value
    return wider
