"""The base of generated models."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Self

from ._encode import to_wire
from ._notes import Notes
from ._unset import UNSET


class RequestModel:
    """A JSON object that only requests carry: absent fields are ``UNSET`` and left out."""

    __slots__ = ()

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """The JSON form: absent fields left out, unknown ones included."""


class Model(RequestModel):
    """A JSON object with named fields.

    Fields that an answer did not have are ``UNSET``; those that the document does not know are kept in
    ``additional_properties`` and written back by :meth:`to_dict`.
    """

    __slots__ = ()

    @classmethod
    @abstractmethod
    def decode(cls, value: Any, notes: Notes) -> Self:
        """Read parsed JSON; what does not fit is kept as it came and noted."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read a JSON object; raises :class:`DecodeError` naming the path of whatever does not fit."""
        notes = Notes()
        result = cls.decode(dict(data), notes)
        notes.raise_any(cls.__name__)
        return result


def compact(fields: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Fields without the absent ones, and what else the object held, in its JSON form."""
    result = {name: value for name, value in fields.items() if value is not UNSET}
    for name, value in extra.items():
        result[name] = to_wire(value)
    return result
