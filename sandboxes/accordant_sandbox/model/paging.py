"""Paging styles: from all rows of a list, in one stable order, to the part that a response shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from accordant_sandbox.model.problems import Problem

__all__ = ["LARGEST", "Offset", "Pages", "Paging", "Top", "Window"]

LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a list that a page shows.

    start, stop: Row indexes, the second excluded. total: Rows that match. size: The page size in force.
    position: What the client asked for: the offset, or the page number. lowered: The client asked for more rows.
    """

    start: int
    stop: int
    total: int
    size: int
    position: int
    lowered: bool = False


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
    """`page` (from 1) and `page_size`. Numbers out of range are errors, a page past the end is empty.

    `optional`: without either parameter the list is not cut at all.
    """

    page: str = "page"
    size: str = "page_size"
    default: int = 50
    maximum: int = 200
    rule: str | None = None
    optional: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the two parameters."""
        return (self.page, self.size)

    def window(self, query: Mapping[str, Any], total: int, settings: Mapping[str, Any]) -> Window:
        """The rows of the page, all rows where neither is given and may be; a number out of range is a `Problem`."""
        if self.optional and not query.keys() & set(self.names):
            return Window(0, total, total, max(1, total), 1)
        maximum = int(settings.get("max_limit", self.maximum))
        size = query.get(self.size, min(int(settings.get("default_limit", self.default)), maximum))
        page = query.get(self.page, 1)
        _refuse(self.size, size, 1, maximum, self.rule)
        _refuse(self.page, page, 1, rule=self.rule)
        return Window((page - 1) * size, page * size, total, size, page)


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
