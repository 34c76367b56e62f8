"""From typed values to JSON values and to the text of URLs."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping
from enum import Enum
from math import isfinite
from typing import Any, Protocol, TypeGuard, runtime_checkable

from ._unset import UNSET


@runtime_checkable
class Encodable(Protocol):
    """A model: it knows its JSON form."""

    def to_dict(self) -> dict[str, Any]: ...


def to_wire(value: object) -> Any:
    """The JSON form of a value: models to objects, date-times to RFC 3339 text, enums to their value.

    Raises ``ValueError`` for NaN and infinities, which JSON does not have.
    """
    kind: type[object] = type(value)
    if value is UNSET or kind is str or kind is int or kind is bool or value is None:
        return value
    if isinstance(value, float):
        if not isfinite(value):
            raise ValueError(f"{value} has no JSON form")
        return value
    if isinstance(value, Encodable):
        return value.to_dict()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime.datetime):
        return instant_text(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if is_mapping(value):
        return {str(key): to_wire(item) for key, item in value.items()}
    if not is_sequence(value):
        return value
    return [to_wire(item) for item in value]


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """Whether a Python argument becomes a JSON object."""
    return isinstance(value, Mapping)


def is_sequence(value: object) -> TypeGuard[Iterable[Any]]:
    """Whether a Python argument becomes a JSON array: any iterable but text, bytes and mappings."""
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, bytearray, Mapping))


def instant_text(value: datetime.datetime) -> str:
    """RFC 3339 text; UTC is written ``Z``, a naive datetime keeps no offset."""
    text = value.isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


def to_text(value: object) -> str:
    """The text of one value in a path, a query or a header: ``true``/``false`` for booleans, RFC 3339 for times.

    Raises ``TypeError`` for bytes, which are no text.
    """
    plain = to_wire(value)
    if isinstance(plain, (bytes, bytearray)):
        raise TypeError("bytes are no text")
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return str(plain)
