"""From a schema to plain assertions: what a value must be, in lines of Python."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from accordant_runtime import is_object

from ..document.document import Operation
from ..document.schemas import types_of

_KINDS: Final = {
    "string": "isinstance({0}, str)",
    "boolean": "isinstance({0}, bool)",
    "object": "isinstance({0}, dict)",
    "array": "isinstance({0}, list)",
    "null": "{0} is None",
    "integer": "isinstance({0}, int) and not isinstance({0}, bool)",
    "number": "isinstance({0}, int | float) and not isinstance({0}, bool)",
}
_BOUNDS: Final = {
    "maxLength": "len({0}) <= {1!r}",
    "minLength": "len({0}) >= {1!r}",
    "maxItems": "len({0}) <= {1!r}",
    "minItems": "len({0}) >= {1!r}",
    "maximum": "{0} <= {1!r}",
    "minimum": "{0} >= {1!r}",
    "exclusiveMaximum": "{0} < {1!r}",
    "exclusiveMinimum": "{0} > {1!r}",
    "pattern": "re.search({1!r}, {0})",
}
_FORMATS: Final = {
    "date-time": "datetime.fromisoformat({0}).tzinfo is not None",
    "local-date-time": "datetime.fromisoformat({0}).tzinfo is None",
    "date": "date.fromisoformat({0})",
    "uuid": "UUID({0})",
}


def schema_at(operation: Operation, status: int, path: str) -> Mapping[str, Any] | None:
    """The schema of the place in a response; ``None`` where the document offers several, or none."""
    found = operation.response(status)
    content: Mapping[str, Any] = found[0].get("content", {}) if found else {}
    schema = content.get("application/json", {}).get("schema")
    for name, index in re.findall(r"\.([^.\[]+)|(\[\d*\])", path):
        if schema is None:
            return None
        plain = operation.schemas.schema(schema)
        schema = plain.get("items") if index else operation.schemas.properties(plain).get(name)
    return operation.schemas.schema(schema) if is_object(schema) else None


def asserts(schema: Mapping[str, Any], name: str) -> Iterator[str]:
    """Assertions about the value that is called ``name``."""
    types = types_of(schema)
    allowed = [_KINDS[each].format(name) for each in types if each in _KINDS]
    if allowed:
        yield f"assert {' or '.join(allowed)}"
    lines = list(_inside(schema, name))
    if lines and "null" in types:
        yield f"if {name} is not None:"
        yield from (f"    {line}" for line in lines)
    else:
        yield from lines


def _inside(schema: Mapping[str, Any], name: str) -> Iterator[str]:
    if "enum" in schema:
        yield f"assert {name} in {[each for each in schema['enum'] if each is not None]!r}"
    for member in schema.get("required", ()):
        yield f"assert {member!r} in {name}"
    for keyword, text in _BOUNDS.items():
        if keyword in schema:
            yield f"assert {text.format(name, schema[keyword])}"
    kind = str(schema.get("format", ""))
    if kind in _FORMATS:
        yield f"assert {_FORMATS[kind].format(name)}"
