"""What the values of a stream are: the schema of one of them."""

from __future__ import annotations

from typing import Any

from accordant_runtime import is_object

from ..read.document import follow
from .media import stream_kind
from .subschemas import properties

_EVENT = frozenset({"data", "event", "id", "retry", "comment"})


def value_schema(document: dict[str, Any], media: str, schema: Any, place: str) -> tuple[Any, str]:
    """The schema of one value and its place: the items of an array; of an event its data."""
    node = follow(document, schema)
    if is_object(node) and node.get("type") == "array" and "items" in node:
        schema, place = node["items"], f"{place}.items"
        node = follow(document, schema)
    fields = properties(node)
    if stream_kind(media) == "events" and "data" in fields and set(fields) <= _EVENT:
        data = fields["data"]
        inner = follow(document, data)
        if is_object(inner) and "contentSchema" in inner:
            return inner["contentSchema"], f"{place}.properties.data.contentSchema"
        return data, f"{place}.properties.data"
    return schema, place
