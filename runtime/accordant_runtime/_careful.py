"""JSON read and written slowly, place by place: the way for bodies that the fast way refuses or would change."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ._errors import TooDeepError
from ._json_types import is_array, is_object

if TYPE_CHECKING:
    from ._notes import Notes

_BOM: Final = "\ufeff"
_LONE: Final = re.compile("[\ud800-\udfff]")
FLOAT_DIGITS: Final = 17
"""A double is written with 17 digits at most: a number with more says something that a float cannot keep."""
_SHOWN: Final = 40
MOST_DEPTH: Final = 254
"""How many lists and objects may lie in one another. It is as many as orjson writes, so what was read can be sent."""
_BRACKETS_AND_TEXTS: Final = re.compile(r'[\[{]|[\]}]|"(?:[^"\\]|\\.)*+"?', re.DOTALL)


def is_unicode(text: str) -> bool:
    """Whether a text can be written as UTF-8: it holds no surrogate."""
    return text.isascii() or _LONE.search(text) is None


@frozen
class _Odd:
    """A value that JSON does not have, or that Python does not keep as it came."""

    value: Any
    kind: str
    expected: str
    found: str


class _Repeated(dict[str, Any]):
    """An object some of whose keys came more than once: ``times`` says how often."""

    times: dict[str, int]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    repeated = _Repeated(result)
    repeated.times = {name: count for name, count in Counter(name for name, _ in pairs).items() if count > 1}
    return repeated


def _constant(name: str) -> _Odd:
    return _Odd(float(name), "bad_value", "a JSON value", name)


def _integer(text: str) -> Any:
    try:
        return int(text)
    except ValueError:  # Python bounds the digits of an integer, because reading one takes quadratic time
        huge = -inf if text.startswith("-") else inf
        return _Odd(huge, "bad_value", "a number of some thousand digits at most", f"{len(text)} digits")


def _number(text: str) -> Any:
    number = float(text)
    if not isfinite(number):
        return _Odd(number, "bad_value", "a number that fits into a float", text[:_SHOWN])
    if loses_digits(text, number):
        return _Odd(number, "precision", "a number that fits into a float", text[:_SHOWN])
    return number


def loses_digits(text: str, number: float) -> bool:
    """Whether a float says less than its text does."""
    digits = re.sub("[-.]|[eE].*", "", text).strip("0")
    if not number and digits:
        return True
    return len(digits) > FLOAT_DIGITS and Decimal(text) != Decimal(number)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_number, parse_int=_integer, parse_constant=_constant
)


def loads(data: bytes, notes: Notes | None) -> Any:
    """Read JSON as ``_json.loads`` promises it."""
    text = ""
    try:
        encoding = json.detect_encoding(data)
        if encoding.startswith("utf-8"):
            text = data.decode("utf-8", "surrogateescape").removeprefix(_BOM)
        else:
            text = data.decode(encoding, "surrogatepass").removeprefix(_BOM)
            if notes is not None:
                notes.add("encoding", "UTF-8", encoding)
        return _settled(_DECODER.decode(text), notes)
    except RecursionError:
        place = too_deep(text)
        if place is None:
            raise TooDeepError("it is nested too deeply for the calls that are under way") from None
        raise TooDeepError(_too_deep(f"at character {place + 1}")) from None
    except MemoryError:
        raise ValueError("it does not fit into the memory") from None


def too_deep(text: str) -> int | None:
    """Where lists and objects begin to lie too deep in one another; ``None`` where they do not."""
    if text.count("[") + text.count("{") <= MOST_DEPTH:
        return None
    depth = 0
    for found in _BRACKETS_AND_TEXTS.finditer(text):
        first = text[found.start()]
        if first in "[{":
            depth += 1
            if depth > MOST_DEPTH:
                return found.start()
        elif first != '"':
            depth -= 1
    return None


def _too_deep(where: str) -> str:
    return f"it is nested more than {MOST_DEPTH} levels deep {where}"


def _settled(document: Any, notes: Notes | None) -> Any:
    """The document with plain values in the place of odd ones, each told in ``notes``.

    It goes without recursion: a document may be nested more deeply than Python calls may. One that is nested more than
    ``MOST_DEPTH`` deep is a ``TooDeepError``.
    """
    box = [document]
    waiting: list[tuple[Any, Any, str, int]] = [(box, 0, "", 1)]
    while waiting:
        holder, key, path, depth = waiting.pop()
        value = holder[key]
        if depth > MOST_DEPTH and (is_object(value) or is_array(value)):
            start = path[:_SHOWN].encode(errors="backslashreplace").decode()
            raise TooDeepError(_too_deep(f"below ${start}" + ("..." if len(path) > _SHOWN else "")))
        if isinstance(value, _Odd):
            _tell(notes, path, value)
            holder[key] = value.value
        elif isinstance(value, str):
            if not is_unicode(value):
                _tell(notes, path, _Odd(value, "bad_value", "Unicode text", shown(value)))
        elif isinstance(value, _Repeated) or is_object(value):
            told = holder[key] = _told_keys(value, path, notes)
            waiting.extend((told, name, f"{path}.{name}", depth + 1) for name in reversed(told))
        elif is_array(value):
            places = reversed(range(len(value)))
            waiting.extend((value, index, f"{path}[{index}]", depth + 1) for index in places)
    return box[0]


def _told_keys(value: dict[str, Any], path: str, notes: Notes | None) -> dict[str, Any]:
    if isinstance(value, _Repeated):
        for name, count in value.times.items():
            _tell(notes, f"{path}.{name}", _Odd(None, "duplicate", "one value", f"{count} values, the last one kept"))
        value = dict(value)
    for name in value:
        if not is_unicode(name):
            _tell(notes, f"{path}.{name}", _Odd(None, "bad_value", "a Unicode key", shown(name)))
    return value


def _tell(notes: Notes | None, path: str, odd: _Odd) -> None:
    if notes is not None:
        notes.add(odd.kind, odd.expected, odd.found, path)
    elif odd.kind == "bad_value":
        raise ValueError(f"${path}: expected {odd.expected}, found {odd.found}")


def shown(text: str) -> str:
    """A short literal of a text, without anything that could not be printed."""
    return f"{text[:_SHOWN]!r}" + ("..." if len(text) > _SHOWN else "")


def dumps(value: Any, default: Callable[[object], Any]) -> bytes:
    """Write JSON as ``_json.dumps`` promises it."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=default)
        return text.encode()
    except RecursionError:
        raise TypeError("it is nested too deeply") from None
    except (TypeError, ValueError) as error:
        _blame(value, default)
        raise TypeError(str(error)) from None


def require_finite(value: Any) -> None:
    """Raise ``TypeError`` for NaN and infinities, with their path."""
    for path, item in _leaves(value):
        if isinstance(item, float) and not isfinite(item):
            raise _unfit(path, f"{item} has no JSON form")


def _blame(value: Any, default: Callable[[object], Any]) -> None:
    """Raise ``TypeError`` for the first place that JSON cannot say."""
    for path, item in _leaves(value):
        if isinstance(item, float):
            if not isfinite(item):
                raise _unfit(path, f"{item} has no JSON form")
        elif isinstance(item, str):
            if not is_unicode(item):
                raise _unfit(path, "a text with a lone surrogate has no JSON form")
        elif item is not None and not isinstance(item, int):
            try:
                default(item)
            except TypeError as error:
                raise _unfit(path, str(error)) from None


def _unfit(path: str, reason: str) -> TypeError:
    printable = path.encode(errors="backslashreplace").decode()
    return TypeError(f"${printable}: {reason}")


def _leaves(value: Any) -> Iterator[tuple[str, Any]]:
    """Everything but lists and objects, with its path; the keys of objects too."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        path, item = waiting.pop()
        if is_object(item):
            for name in item:
                yield f"{path}.{name}", name
            waiting.extend((f"{path}.{name}", item[name]) for name in reversed(item))
        elif is_array(item):
            waiting.extend((f"{path}[{index}]", item[index]) for index in reversed(range(len(item))))
        else:
            yield path, item
