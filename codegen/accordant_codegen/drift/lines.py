"""One change as it is told, and what it means for a caller."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, Literal

from attrs import frozen

from ..text import shown

WIRE: Final = "wire"
CODE: Final = "code"
Layer = Literal["wire", "code"]


class Impact(IntEnum):
    """What a change does to a caller."""

    NONE = 0
    ADDITIVE = 1
    BREAKING = 2


@frozen
class DriftLine:
    """One change. ``layer`` says whether the client that callers have now meets it (``wire``), or the code that they
    write once the client is regenerated (``code``). ``tolerated`` changes break only clients that are strict. ``name``
    is the argument, field or member that a line of code is about, ``now`` what is there instead, and ``value`` that of
    a member that is gone."""

    kind: str
    impact: Impact
    layer: Layer
    place: str
    text: str
    tolerated: bool = False
    operations: tuple[str, ...] = ()
    name: str = ""
    now: str = ""
    value: str = ""

    @property
    def sentence(self) -> str:
        """The line for a changelog."""
        users = f" ({_listed(self.operations)})" if self.operations else ""
        return shown(f"{self.place}: {self.text}{users}" if self.place else f"{self.text}{users}")


def _listed(names: tuple[str, ...], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def worst(lines: Iterable[DriftLine]) -> Impact:
    """The impact of all of them together."""
    return max((line.impact for line in lines), default=Impact.NONE)
