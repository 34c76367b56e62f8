"""Enums that survive values which the document does not list."""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum
from typing import Any, Self

from ._notes import Notes, whole


def _by_value(self: Enum, proto: object) -> tuple[type[Enum], tuple[Any]]:  # noqa: ARG001 (pickle's)
    """How pickle and copy make a member again. Python 3.11.0 to 3.11.2 would look an unlisted one up by its name."""
    return type(self), (self._value_,)


class OpenStrEnum(StrEnum):
    """A string enum in which an unlisted value becomes a separate member, equal to its text.

    Vendors add values without notice; a new value is kept, compares equal to the same text, round-trips to the same
    JSON and says so through :attr:`is_known`. It does not appear when iterating the class.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = value
        member._value_ = value
        return member

    __hash__ = str.__hash__
    __reduce_ex__ = _by_value

    @property
    def is_known(self) -> bool:
        """Whether the document lists this value."""
        return self._value_ in type(self)._value2member_map_

    @classmethod
    def decode(cls, value: Any, notes: Notes) -> Self:
        """The member for a JSON string; an unlisted one is noted."""
        if type(value) is str:
            member = cls(value)
            if not member.is_known:
                notes.add("unknown_enum", f"a value of {cls.__name__}", notes.quoted(value))
            return member
        kept: Self = notes.mismatch(value, "", "string")
        return kept


class OpenIntEnum(IntEnum):
    """An integer enum in which an unlisted value becomes a separate member, equal to its number."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if type(value) is not int:
            return None
        member = int.__new__(cls, value)
        member._name_ = str(value)
        member._value_ = value
        return member

    __hash__ = int.__hash__
    __reduce_ex__ = _by_value

    @property
    def is_known(self) -> bool:
        """Whether the document lists this value."""
        return self._value_ in type(self)._value2member_map_

    @classmethod
    def decode(cls, value: Any, notes: Notes) -> Self:
        """The member for a JSON integer; an unlisted one is noted."""
        number: Any = value if type(value) is int else notes.mismatch(value, "", "integer")
        if type(number) is not int:
            kept: Self = number
            return kept
        member = cls(number)
        if not member.is_known:
            notes.add("unknown_enum", f"a value of {cls.__name__}", str(number))
        return member


class GrowingStrEnum(OpenStrEnum):
    """A string enum whose document says that there are more values than it lists: an unlisted one is no deviation."""

    @classmethod
    def decode(cls, value: Any, notes: Notes) -> Self:
        """The member for a JSON string."""
        return cls(value) if type(value) is str else super().decode(value, notes)


class GrowingIntEnum(OpenIntEnum):
    """An integer enum whose document says that there are more values than it lists: an unlisted one is no deviation."""

    @classmethod
    def decode(cls, value: Any, notes: Notes) -> Self:
        """The member for a JSON integer."""
        number = whole(value)
        return cls(number) if type(number) is int else super().decode(value, notes)
