"""What a document says of a schema in words."""

from __future__ import annotations

from typing import Any

from accordant_runtime import is_object

from ..read.document import follow
from ..text import marked
from .shapes import NULL
from .subschemas import listed

_DEEPEST = 100
"""References and single alternatives that are followed."""


def described(document: dict[str, Any], node: Any) -> str:
    """What the document says of a schema: at the place itself, else at the one thing that it refers to."""
    return marked(_words(document, node), node, follow(document, node)) if is_object(node) else ""


def _words(document: dict[str, Any], node: Any) -> str:
    for _ in range(_DEEPEST):
        if not is_object(node) or node.get("description"):
            break
        if "$ref" in node:
            node = follow(document, node)
            node = {} if is_object(node) and "$ref" in node else node
            continue
        kept = [item for key in ("allOf", "anyOf", "oneOf") for item in listed(node, key) if item != NULL]
        if len(kept) != 1:
            return ""
        node = kept[0]
    return str(node.get("description") or "") if is_object(node) else ""
