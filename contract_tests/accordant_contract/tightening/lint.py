"""`make spec-lint`: what an effective document leaves open: types, required members, formats, bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from ..document.document import Document
from .places import json_path, schemas

KINDS: Final = {
    "type": "a property says nothing of its type",
    "required": "an object requires none of its properties",
    "format": "a text has no format, pattern or values",
    "bounds": "a text, number or list has no bound",
}
_TYPED: Final = ("type", "enum", "const", "anyOf", "oneOf", "allOf", "not", "properties", "items")
_VALUES: Final = ("enum", "const", "x-accordant-known-values")
_BOUNDS: Final = {
    "string": ("maxLength", "minLength"),
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": ("maxItems", "minItems"),
}


@frozen
class Gap:
    """Something that a schema does not say: its JSON path, and which of :data:`KINDS` it is."""

    path: str
    kind: str


def gaps(document: Document) -> list[Gap]:
    """What the schemas of a document do not say, in the order of the document."""
    return [Gap(json_path(place), kind) for place, schema in schemas(document.data) for kind in _missing(place, schema)]


def counted(found: list[Gap]) -> dict[str, int]:
    """How many gaps of each kind there are."""
    counts = Counter(each.kind for each in found)
    return {kind: counts[kind] for kind in KINDS}


def types(schema: Mapping[str, Any]) -> set[str]:
    """The types that a schema names, without null."""
    named = schema.get("type", ())
    return {named} - {"null"} if isinstance(named, str) else set(named) - {"null"}


def _missing(place: tuple[str | int, ...], schema: Mapping[str, Any]) -> Iterator[str]:
    if not any(keyword in schema for keyword in _TYPED):
        if len(place) > 1 and place[-2] == "properties":
            yield "type"
        return
    kinds = types(schema)
    if schema.get("properties") and not schema.get("required"):
        yield "required"
    if any(keyword in schema for keyword in _VALUES):
        return
    if kinds == {"string"} and "format" not in schema and "pattern" not in schema:
        yield "format"
    # A format says how long a text can be; a text of any kind needs a bound.
    if kinds == {"string"} and ("format" in schema or "pattern" in schema):
        return
    if len(kinds) == 1 and (known := _BOUNDS.get(next(iter(kinds)))) and not any(each in schema for each in known):
        yield "bounds"
