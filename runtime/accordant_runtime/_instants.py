"""Date-times, dates and UUIDs that are written back as they were read.

One moment has many RFC 3339 texts (``Z`` and ``+00:00``, ``.5`` and ``.500000``, ``t`` and ``T``), and some of them say
more than a datetime holds: leap seconds, fractions beyond microseconds. Where Python's own text of a value differs from
the text that came, the value remembers that text; any change of it makes a new value, which does not.
"""

from __future__ import annotations

import datetime
import re
import uuid
from binascii import unhexlify
from typing import Any, Final

_RFC3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|(60))(?:\.([0-9]+))?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?"
)
_OTHER_IDENTIFIER: Final = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
_UTC: Final = datetime.UTC
_TWO: Final = tuple(f"{number:02}" for number in range(60))
_OTHERWISE: Final = ("z", "+00:00", "-00:00")
_UNKNOWN: Final = uuid.SafeUUID.unknown
_SMALL_DIGITS: Final = bytes(each if each in b"0123456789abcdef" else ord("?") for each in range(256))
"""Small digits as they are; what is translated to anything else is no number."""
_number: Final = int.from_bytes
_new: Final = object.__new__
_put_int: Final = vars(uuid.UUID)["int"].__set__  # a UUID is frozen: its slots are set as pickle does
_put_safety: Final = vars(uuid.UUID)["is_safe"].__set__
_parse: Final = datetime.datetime.fromisoformat


class Instant(datetime.datetime):
    """A datetime that remembers the text it was read from, and is written as that."""

    __slots__ = ("text",)
    text: str

    @classmethod
    def of(cls, moment: datetime.datetime, text: str) -> Instant:
        """The same moment with its text."""
        self = cls.combine(moment, moment.timetz())
        self.text = text
        return self

    def __reduce_ex__(self, _protocol: Any) -> tuple[Any, ...]:
        moment = datetime.datetime.combine(self, self.timetz())
        text = getattr(self, "text", None)
        return (_same, (moment,)) if text is None else (Instant.of, (moment, text))

    __hash__ = datetime.datetime.__hash__

    def __repr__(self) -> str:
        return repr(datetime.datetime.combine(self, self.timetz()))


def _same(moment: datetime.datetime) -> datetime.datetime:
    return moment


class Identifier(uuid.UUID):
    """A UUID that remembers its text: capitals are as good as small letters, and Python writes small ones."""

    __slots__ = ("text",)
    text: str

    @classmethod
    def of(cls, text: str) -> Identifier:
        """The UUID of a text."""
        self = cls(text)
        object.__setattr__(self, "text", text)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Identifier.of, (self.text,)

    def __repr__(self) -> str:
        return repr(uuid.UUID(int=self.int))


def _isoformat(value: datetime.datetime) -> str:
    text = value.isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


try:
    import orjson
except ImportError:  # orjson is optional on platforms without a wheel

    def identifier_text(value: uuid.UUID) -> str:
        """The text of a UUID: small letters, with hyphens."""
        return str(value)

    def instant_text(value: datetime.datetime) -> str:
        """RFC 3339 text, with ``Z`` for UTC; a naive datetime has no offset."""
        if value.tzinfo is _UTC and not value.microsecond and value.year > 999:
            # Nearly all are of this kind, and isoformat takes three times as long for them.
            date = f"{value.year}-{_TWO[value.month]}-{_TWO[value.day]}"
            return f"{date}T{_TWO[value.hour]}:{_TWO[value.minute]}:{_TWO[value.second]}Z"
        return _isoformat(value)

else:

    def identifier_text(value: uuid.UUID) -> str:
        """The text of a UUID: small letters, with hyphens."""
        return orjson.dumps(value)[1:-1].decode()

    def instant_text(value: datetime.datetime) -> str:
        """RFC 3339 text, with ``Z`` for UTC; a naive datetime has no offset."""
        if value.tzinfo is _UTC and type(value) is datetime.datetime:
            return orjson.dumps(value, None, orjson.OPT_UTC_Z)[1:-1].decode()
        return _isoformat(value)


def kept_text(value: Instant) -> str:
    """The text that an instant was read from; one that was calculated from it has none."""
    text = getattr(value, "text", None)
    return instant_text(value) if text is None else text


def read_instant(text: str) -> datetime.datetime | None:
    """The moment of an RFC 3339 date-time, which may lack its offset; ``None`` for any other text."""
    match = _RFC3339.fullmatch(text)
    if match is None:
        return None
    leap, fraction, offset = match.groups()
    try:
        if leap:
            return _leap_second(text, match.start(1))
        if text[10] == "T" and offset not in _OTHERWISE and (not fraction or (len(fraction) == 6 and int(fraction))):
            return _parse(text)  # Python writes it in the same way
        moment = Instant.fromisoformat(text.upper())
    except ValueError:
        return None
    moment.text = text
    return moment


def _leap_second(text: str, position: int) -> datetime.datetime | None:
    """A datetime has no second 60; as in POSIX time it is the first one of the next minute."""
    before = _parse(f"{text[:position]}59{text[position + 2 :]}".upper())
    utc = before if before.tzinfo is None else before.astimezone(datetime.UTC)
    if (utc.hour, utc.minute) != (23, 59):
        return None
    try:
        return Instant.of(before + datetime.timedelta(seconds=1), text)
    except OverflowError:  # the last second that Python knows
        return None


def read_day(text: str) -> datetime.date | None:
    """An RFC 3339 full-date; ``None`` for any other text."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def usual_identifier(text: str) -> uuid.UUID:
    """The UUID of a text in the form that nearly all have: 36 small letters, digits and hyphens.

    Raises ``ValueError`` for any other text.
    """
    digits = unhexlify(text.encode().translate(_SMALL_DIGITS, b"-"))
    if len(digits) != 16 or len(text) != 36 or text[8:24:5] != "----":
        raise ValueError(text)
    result = _new(uuid.UUID)  # its constructor takes nearly twice as long, for the other forms that it knows
    _put_int(result, _number(digits))
    _put_safety(result, _UNKNOWN)
    return result


def read_identifier(text: str) -> uuid.UUID | None:
    """A UUID in its usual form, with hyphens; ``None`` for any other text."""
    try:
        return usual_identifier(text)
    except ValueError:
        return Identifier.of(text) if _OTHER_IDENTIFIER.fullmatch(text) else None
