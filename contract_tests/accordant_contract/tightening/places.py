"""The schemas of a document, each at its own place: references are not followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from accordant_runtime import is_array, is_object

Place: TypeAlias = tuple[str | int, ...]

_INSIDE: Final = ("items", "additionalProperties", "not")
_LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")


def json_path(place: Place) -> str:
    """A place as a normalized JSON path (RFC 9535): ``$['components']['schemas']['Job']``."""
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f"['{_escaped(part)}']" for part in place)


def schemas(document: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Every schema that is written out, with those inside of it."""
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        yield from _within(schema, ("components", "schemas", name))
    parts = {name: each for name, each in document.get("components", {}).items() if name != "schemas"}
    yield from _named(parts, ("components",))
    yield from _named(document.get("paths", {}), ("paths",))
    yield from _named(document.get("webhooks", {}), ("webhooks",))


def _named(node: Any, place: Place) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """The schemas under the name ``schema``, wherever that is, but for examples."""
    if is_object(node):
        for name, each in node.items():
            if name == "schema":
                yield from _within(each, (*place, name))
            elif name not in ("example", "examples"):
                yield from _named(each, (*place, name))
    elif is_array(node):
        for index, each in enumerate(node):
            yield from _named(each, (*place, index))


def _within(schema: Any, place: Place) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    if not is_object(schema) or "$ref" in schema:
        return
    yield place, schema
    for name, each in schema.get("properties", {}).items():
        yield from _within(each, (*place, "properties", name))
    for keyword in _INSIDE:
        yield from _within(schema.get(keyword), (*place, keyword))
    for keyword in _LISTS:
        for index, each in enumerate(schema.get(keyword, ())):
            yield from _within(each, (*place, keyword, index))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
