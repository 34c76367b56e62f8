"""The difference between "absent" and "null"."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal


class Unset(Enum):
    """The type of :data:`UNSET`: a field that is absent, as opposed to ``None``, which is JSON ``null``.

    It is falsy, and as an enum with one member type checkers narrow it with ``is UNSET``.
    """

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""The one value of :class:`Unset`: not sent in a request, not received in an answer."""
