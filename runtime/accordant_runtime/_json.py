"""JSON in and out: orjson where it is installed, the standard library otherwise, with the same results.

The fast way reads what nearly every body is. Whatever it refuses, and whatever it would change without a word (an
integer beyond 64 bits, a key that comes twice), is read once more by ``_careful``, which knows each oddity's place.
"""

from __future__ import annotations

import datetime
import json
import re
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from . import _careful
from ._json_types import is_object

if TYPE_CHECKING:
    from ._notes import Notes

_BLANKS: Final = b" \t\r\n"
_ESCAPED_COLON: Final = re.compile(rb"\\u003[aA]")
_TO_ZEROS: Final = bytes.maketrans(b"123456789.", b"0" * 10)
_MANY_DIGITS: Final = b"0" * 19
_LISTS: Final = (list, tuple)
_LONG_NUMBER: Final = re.compile(rb"[0-9.]+(?:[eE][+-]?[0-9]+)?(?=\s*(?:$|[\],}]))")
_ZEROS: Final = re.compile(b"0+")
_BEFORE_A_NUMBER: Final = b"[:, \t\r\n"


def loads(data: bytes, notes: Notes | None = None) -> Any:
    """Read JSON; raises ``ValueError``, and nothing else, for what is no JSON.

    More than 254 levels of lists and objects are a ``TooDeepError``, which is one.

    Integers keep all their digits. UTF-16, UTF-32 and a byte order mark are understood. With ``notes`` one bad value
    does not cost the rest: NaN and infinities, numbers too large for a float, invalid UTF-8 (kept as Python's surrogate
    escapes) and lone surrogates are kept and noted with their path, as are repeated keys (the last value is kept),
    another encoding than UTF-8 and digits that a float drops. Without ``notes`` the values that JSON does not have are
    a ``ValueError``.
    """
    try:
        document = _parsed(data)
        if not _doubtful(data, document):  # orjson writes no more levels than may be read
            return document
    except (ValueError, TypeError, RecursionError, MemoryError):
        pass
    return _careful.loads(data, notes)


def key_as_read(name: str) -> str:
    """A key as the reading of an object gives it: orjson keeps keys that it has read, and gives the same one again.

    A dict finds a key that is the very one it has without comparing texts.
    """
    try:
        (key,) = _parsed(dumps({name: None}))
    except (TypeError, ValueError):  # half a character
        return name
    return str(key)


def _has_long_number(data: bytes) -> bool:
    """Whether a number may have more digits than 64 bits or a float hold.

    19 digits and points in a row are where that begins. Only the places that have so many are looked at, since texts
    like keys and bar codes have them too.
    """
    zeros = data.translate(_TO_ZEROS)
    at = zeros.find(_MANY_DIGITS)
    while at >= 0:
        found = _LONG_NUMBER.match(data, at)
        before = data[max(at - 2, 0) : at].rstrip(b"-")[-1:]
        if found is not None and before in _BEFORE_A_NUMBER and _may_lose_digits(found.group()):
            return True
        run = _ZEROS.match(zeros, at)
        at = zeros.find(_MANY_DIGITS, run.end()) if run is not None else -1
    return False


def _may_lose_digits(number: bytes) -> bool:
    """Whether a long number is no float, or one that drops digits; what only looks like a number is in a text."""
    if b"." not in number:
        return True
    if len(number.lstrip(b"0.")) <= _careful.FLOAT_DIGITS:
        return False
    text = number.decode()
    try:
        return _careful.loses_digits(text, float(text))
    except ValueError:
        return True


def _plain(value: object) -> Any:
    """The number of a decimal; one with more digits than a JSON number keeps everywhere is refused."""
    if isinstance(value, datetime.time) and value.tzinfo is None:  # orjson knows them
        return value.isoformat()
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} has no JSON form")
    number = float(value)
    if not value.is_finite() or Decimal(repr(number)) != value:
        raise TypeError(f"{value} does not fit into a JSON number")
    return number


try:
    import orjson
except ImportError:  # orjson is optional on platforms without a wheel
    _LONE_SURROGATE: Final = re.compile(
        rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
    )

    class _RepeatedKeyError(ValueError):
        """An object has a key twice."""

    def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            raise _RepeatedKeyError
        return result

    def _finite(text: str) -> float:
        number = float(text)
        if not isfinite(number):
            raise ValueError(text)
        return number

    _read: Final = json.JSONDecoder(object_pairs_hook=_object, parse_float=_finite, parse_constant=_finite).decode

    def writes_natively() -> bool:
        """Whether date-times in UTC and UUIDs may be given to :func:`native_dumps` as they are."""
        return False

    def dumps(value: Any) -> bytes:
        """Encode to UTF-8 bytes without blanks; raises ``TypeError`` with the path for what JSON cannot say."""
        return _careful.dumps(value, _plain)

    native_dumps = dumps

    def _parsed(data: bytes) -> Any:
        return _read(data.decode())

    def _doubtful(data: bytes, document: Any) -> bool:  # noqa: ARG001 - the twin below needs the document
        if b"\\u" in data and _LONE_SURROGATE.search(data) is not None:
            return True
        return _has_long_number(data) or _careful.too_deep(data.decode()) is not None

else:

    def writes_natively() -> bool:
        """Whether date-times in UTC and UUIDs may be given to :func:`native_dumps` as they are."""
        return True

    def native_dumps(value: Any) -> bytes:
        """The same for a value without NaN, in which date-times in UTC and UUIDs may be left as they are."""
        return orjson.dumps(value, None, orjson.OPT_UTC_Z)

    def dumps(value: Any) -> bytes:
        """Encode to UTF-8 bytes without blanks; raises ``TypeError`` with the path for what JSON cannot say."""
        try:
            data = orjson.dumps(value, default=_plain)
        except TypeError:  # among them integers beyond 64 bits, which the standard library writes
            return _careful.dumps(value, _plain)
        if b"null" in data and not _all_finite(value):  # orjson writes NaN as null
            _careful.require_finite(value)
        return data

    def _all_finite(value: Any) -> bool:
        """Whether there is no NaN and no infinity in a list or an object."""
        items: Any = value.values() if is_object(value) else value if type(value) in _LISTS else (value,)
        for item in items:
            if type(item) is str or item is None:
                continue
            if type(item) is float:
                if not isfinite(item):
                    return False
            elif (type(item) is dict or type(item) in _LISTS) and not _all_finite(item):
                return False
        return True

    def _parsed(data: bytes) -> Any:
        return orjson.loads(data)

    def _doubtful(data: bytes, document: Any) -> bool:
        """Whether reading dropped anything: what is written again from the document has as many keys then.

        Most bodies come back byte for byte, or but for blanks. In the others the colons are counted: every key has one,
        and those inside texts are the same on both sides, unless they are escaped.
        """
        again = orjson.dumps(document)
        if again == data or (b'": ' in data[:99] and again.translate(None, _BLANKS) == data.translate(None, _BLANKS)):
            return False
        digits = data.translate(_TO_ZEROS, b":")
        if len(data) - len(digits) != len(again) - len(again.translate(None, b":")):
            return True
        if b"\\" in data and _ESCAPED_COLON.search(data) is not None:
            return True
        return _MANY_DIGITS in digits and _has_long_number(data)
