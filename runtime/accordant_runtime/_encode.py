"""From typed values to JSON values and to the text of URLs."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any, Final, TypeGuard

from ._careful import is_unicode
from ._instants import Identifier, Instant, identifier_text, instant_text, kept_text
from ._json_types import is_array, is_object
from ._unset import Unset

_SAME: Final = frozenset({str, int, bool, float, type(None), Unset})
_KNOWN_KINDS: Final = 4096


def to_wire(value: object) -> Any:
    """The JSON form of a value: models to objects, date-times to RFC 3339 text, enums to their value.

    What has no JSON form, such as NaN or bytes, is left as it is: :func:`dumps` refuses it and says where it is.
    """
    kind: type[object] = type(value)
    write = _WRITERS.get(kind)
    if write is None:
        if kind in _SAME:
            return value
        write = _writer(kind)
        if len(_WRITERS) < _KNOWN_KINDS:  # a program that makes classes without end shall not keep them all alive
            _WRITERS[kind] = write
    return write(value)


def _model(value: Any) -> Any:
    return value.to_dict()


def _enum(value: Any) -> Any:
    return value._value_


def _object(value: Any) -> dict[str, Any]:
    return {str(key): to_wire(item) for key, item in value.items()}


def _array(value: Any) -> list[Any]:
    return [to_wire(item) for item in value]


def _same(value: Any) -> Any:
    return value


_WRITERS: Final[dict[type, Callable[[Any], Any]]] = {
    dict: _object,
    list: _array,
    tuple: _array,
    datetime.datetime: instant_text,
    Instant: kept_text,
    datetime.date: datetime.date.isoformat,
    uuid.UUID: identifier_text,
    Identifier: lambda value: value.text,
    Decimal: _same,
    bytes: _same,
}
"""How values of exactly these types are written; others join when they are met first."""

_RULES: Final[tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...]] = (
    (Enum, _enum),
    (float, float),
    (datetime.datetime, instant_text),
    (datetime.date, lambda value: value.isoformat()),
    (uuid.UUID, str),
    (Mapping, _object),
    ((str, bytes, bytearray), _same),
    (Iterable, _array),
)


def _writer(kind: type) -> Callable[[Any], Any]:
    """How values of a class are written: what knows its JSON form says it, else the first base decides."""
    if callable(getattr(kind, "to_dict", None)):
        return _model
    return next((write for base, write in _RULES if issubclass(kind, base)), _same)


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """Whether a Python argument becomes a JSON object."""
    return isinstance(value, Mapping)


def to_text(value: object) -> str:
    """The text of one value in a path, a query or a header: ``true``/``false`` for booleans, RFC 3339 for times.

    Raises ``TypeError`` or ``ValueError`` for what is no text: bytes, lists and objects, NaN, lone surrogates.
    """
    plain = to_wire(value)
    if isinstance(plain, str):
        if not is_unicode(plain):
            raise ValueError("holds a lone surrogate, which is no text")
        return plain
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, float) and not isfinite(plain):
        raise ValueError(f"cannot be {plain}: there is no text for it")
    if plain is None or isinstance(plain, (bytes, bytearray)) or is_array(plain) or is_object(plain):
        what = (
            "null" if plain is None else "a list" if is_array(plain) else "an object" if is_object(plain) else "bytes"
        )
        raise TypeError(f"cannot be {what}: there is no text for it")
    return str(plain)
