"""Bodies that a schema forbids, each one step from a good one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from accordant_runtime import is_array, is_object

from ..document.schemas import Schemas, types_of

_CHECKED: Final = ("date", "date-time", "local-date-time", "local-time", "uuid", "email")
"""Formats that make a text another sort of value: one that is none cannot be stored as what the document says."""
_DEEPEST: Final = 2
_NO_SUCH: Final = "accordant-no-such-value"


def near_misses(schema: Mapping[str, Any], schemas: Schemas, body: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Bodies that the schema forbids, each one step from a good one, with what is wrong with it."""
    if not is_object(body):
        yield "a text instead of the documented body", "nonsense"
        return
    plain = schemas.schema(schema)
    for name in plain.get("required", ()):
        if name in body:
            yield f"without the required {name!r}", {key: value for key, value in body.items() if key != name}
    for name, part in schemas.properties(plain).items():
        kinds = types_of(part)
        if "enum" in part:
            yield f"{name!r} outside its enum", {**body, name: _NO_SUCH}
        elif kinds and "string" not in kinds and not part.get("oneOf") and not part.get("anyOf"):
            yield f"{name!r} as a text", {**body, name: "accordant-not-a-" + kinds[0]}
        for what, value in _beyond(part, body.get(name)):
            yield f"{name!r} {what}", {**body, name: value}
        for what, value in _within(part, schemas, body.get(name), depth):
            yield f"{name!r} {what}", {**body, name: value}
    yield "an array instead of an object", [body]


def _beyond(schema: Mapping[str, Any], good: Any) -> Iterator[tuple[str, Any]]:
    """Values one beyond a documented bound, and a number in the place of a text."""
    kinds = [each for each in types_of(schema) if each != "null"]
    if kinds == ["string"]:
        free = not schema.keys() & {"format", "pattern", "enum"}
        if "maxLength" in schema and free:
            yield "longer than its maxLength", "x" * (int(schema["maxLength"]) + 1)
        if int(schema.get("minLength", 0)) and free:
            yield "shorter than its minLength", str(good or "x" * 9)[: int(schema["minLength"]) - 1]
        yield "as a number", 7
        if schema.get("format") in _CHECKED:
            yield "not in its format", _NO_SUCH
        if "pattern" in schema and not _found(str(schema["pattern"]), _NO_SUCH):
            yield "not in its pattern", _NO_SUCH
    elif kinds in (["integer"], ["number"]):
        if "maximum" in schema:
            yield "above its maximum", schema["maximum"] + 1
        if "minimum" in schema:
            yield "below its minimum", schema["minimum"] - 1


def _within(schema: Mapping[str, Any], schemas: Schemas, good: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """The same inside of an object, or of the first object of a list."""
    first = good[0] if is_array(good) and good else good
    if depth >= _DEEPEST or not is_object(first):
        return
    part = schema.get("items", {}) if is_array(good) else schema
    for what, value in near_misses(part, schemas, first, depth + 1):
        yield f"where, inside of it, {what}", [value, *good[1:]] if is_array(good) else value


def _found(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern; one of another dialect is taken to let everything through."""
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return True
