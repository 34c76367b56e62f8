"""What two flat schemas of one type allow: values, lengths, bounds, formats, patterns, defaults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from accordant_runtime import is_array

from .lines import Impact
from .views import alike, key

Constraint: TypeAlias = tuple[str, Impact, Impact, str, bool]
"""Kind, impact on what is sent, impact on what is read, words, and whether a client that is not strict tolerates it."""

_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_WORDS = {
    **{"maximum": "the largest value", "exclusiveMaximum": "the upper bound", "maxLength": "the greatest length"},
    **{"maxItems": "the greatest number of items", "maxProperties": "the greatest number of fields"},
    **{"minimum": "the smallest value", "exclusiveMinimum": "the lower bound", "minLength": "the least length"},
    **{"minItems": "the least number of items", "minProperties": "the least number of fields"},
}
_WIDER_FORMATS = {("int32", "int64"), ("float", "double")}
_TYPED = frozenset({"date", "date-time", "uuid", "binary", "byte", "time", "duration"})
"""Formats that make another Python type of a text, or bytes of it."""
_NO, _MORE, _BREAKS = Impact.NONE, Impact.ADDITIVE, Impact.BREAKING


def constraints(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Constraint]:
    """Every difference between two flat schemas that are no unions."""
    yield from _values(before, after)
    yield from _bounds(before, after)
    yield from _formats(before, after)
    yield from _patterns(before, after)
    yield from _defaults(before, after)
    if not before.get("deprecated") and after.get("deprecated"):
        yield "deprecated", _MORE, _MORE, "is deprecated", False
    elif before.get("deprecated") and not after.get("deprecated"):
        yield "no-longer-deprecated", _MORE, _MORE, "is no longer deprecated", False
    sunset = [_sunset(each) for each in (before, after)]
    if sunset[0] != sunset[1] and sunset[1]:
        yield "sunset", _MORE, _MORE, f"goes on {sunset[1]}", False
    for word in ("contentMediaType", "contentEncoding"):
        if before.get(word) != after.get(word):
            yield "encoding-changed", _BREAKS, _BREAKS, _was(word, before.get(word), after.get(word)), False
    for word in ("not", "if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties"):
        if not alike(before.get(word), after.get(word)):
            gone = word not in after
            yield "condition-changed", _MORE if gone else _BREAKS, _MORE, f"has another `{word}`", False


def _sunset(schema: dict[str, Any]) -> str:
    return str(schema.get("x-sunset") or schema.get("x-sunset-date") or "")


def _was(what: str, old: Any, new: Any) -> str:
    shown = ["nothing" if value is None else str(value) for value in (old, new)]
    return f"has {what} {shown[1]} (it was {shown[0]})"


def _values(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Constraint]:
    was: list[Any] | None = before["enum"] if is_array(before.get("enum")) else None
    now: list[Any] | None = after["enum"] if is_array(after.get("enum")) else None
    if was is None and now is None:
        return
    if was is None:
        yield "values-listed", _BREAKS, _MORE, f"takes only {_few(now or [])} now", False
    elif now is None:
        yield "values-open", _MORE, _MORE, "has no list of values any more", True
    else:
        known = [{key(value): value for value in values} for values in (was, now)]
        for each in [value for name, value in known[0].items() if name not in known[1]]:
            yield "value-removed", _BREAKS, _MORE, f"has no value {each!r} any more", False
        for each in [value for name, value in known[1].items() if name not in known[0]]:
            yield "value-added", _MORE, _MORE, f"has the new value {each!r}", True


def _few(values: list[Any]) -> str:
    return ", ".join(repr(value) for value in values[:5]) + (", ..." if len(values) > 5 else "")


def _bounds(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Constraint]:
    for word in (*_UPPER, *_LOWER):
        was, now = _number(before.get(word)), _number(after.get(word))
        if word.startswith("min") and word != "minimum":
            was, now = was or None, now or None
        if was == now:
            continue
        upper = word in _UPPER
        tighter = was is None or (now is not None and (now < was if upper else now > was))
        shown = ["none" if value is None else f"{value:g}" for value in (was, now)]
        text = f"has another bound: {_WORDS[word]} is {shown[1]} (it was {shown[0]})"
        if tighter:
            yield f"{_kebab(word)}-tightened", _BREAKS, _NO, text, False
        else:
            yield f"{_kebab(word)}-loosened", _MORE, _MORE, text, False
    was, now = _number(before.get("multipleOf")), _number(after.get("multipleOf"))
    if was != now:
        looser = now is None or (was is not None and now != 0 and was % now == 0)
        text = _was("multipleOf", was, now)
        yield "multiple-of-changed", _MORE if looser else _BREAKS, _MORE if looser else _NO, text, False
    if bool(before.get("uniqueItems")) != bool(after.get("uniqueItems")):
        tighter = bool(after.get("uniqueItems"))
        text = "takes each item once only" if tighter else "may hold an item more than once"
        yield "unique-items-changed", _BREAKS if tighter else _MORE, _NO if tighter else _MORE, text, False


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _kebab(word: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in word)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _formats(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Constraint]:
    was, now = _text(before.get("format")), _text(after.get("format"))
    if was == now:
        return
    text = _was("format", was, now)
    if (was, now) in _WIDER_FORMATS:
        yield "format-widened", _MORE, _NO, text, False
    elif (now, was) in _WIDER_FORMATS:
        yield "format-narrowed", _BREAKS, _NO, text, False
    elif was is None:
        yield "format-added", _BREAKS, _MORE, text, False
    elif now is None:
        yield "format-removed", _MORE, _BREAKS if was in _TYPED else _NO, text, False
    else:
        yield "format-changed", _BREAKS, _BREAKS if {was, now} & _TYPED else _NO, text, False


def _patterns(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Constraint]:
    was, now = before.get("pattern"), after.get("pattern")
    if was == now:
        return
    text = _was("pattern", was, now)
    if now is None:
        yield "pattern-removed", _MORE, _MORE, text, False
    else:
        yield f"pattern-{'added' if was is None else 'changed'}", _BREAKS, _NO if was is None else _MORE, text, False


def _defaults(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Constraint]:
    """A default is what a caller gets who leaves the value out."""
    was, now = before.get("default"), after.get("default")
    if alike(was, now):
        return
    text = f"is {now!r} where it is left out (it was {was!r})"
    if was is None or now is None:
        yield f"default-{'added' if was is None else 'removed'}", _MORE, _NO, _was("default", was, now), False
    else:
        yield "default-changed", _BREAKS, _NO, text, False
