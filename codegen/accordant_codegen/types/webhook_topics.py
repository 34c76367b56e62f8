"""Which property of a webhook's body says which webhook it is, for vendors that post all of them to one address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from accordant_runtime import is_array, is_object

from ..read.document import follow

__all__ = ["topic_property"]


def topic_property(document: dict[str, Any], bodies: Mapping[str, Any]) -> str:
    """The property that holds the webhook's name in every body, by its constant or its choice; empty without one.

    ``bodies`` are the schemas by the webhooks' names. A single webhook needs no name in its body.
    """
    if len(bodies) < 2:
        return ""
    naming = [list(dict.fromkeys(_naming(document, schema, name, 0))) for name, schema in bodies.items()]
    return next((name for name in naming[0] if all(name in each for each in naming)), "")


def _naming(document: dict[str, Any], schema: Any, webhook: str, depth: int) -> Iterator[str]:
    """The properties of a schema that may hold that name."""
    schema = follow(document, schema)
    if not is_object(schema) or depth > 8:
        return
    properties = schema.get("properties")
    for name, node in properties.items() if is_object(properties) else ():
        node = follow(document, node)
        if is_object(node) and webhook in _values(node):
            yield str(name)
    parts = schema.get("allOf")
    for part in parts if is_array(parts) else ():
        yield from _naming(document, part, webhook, depth + 1)


def _values(node: Mapping[str, Any]) -> Iterator[Any]:
    """The values that a schema lists."""
    yield node.get("const")
    for keyword in ("enum", "x-accordant-known-values"):
        listed = node.get(keyword)
        yield from listed if is_array(listed) else ()
