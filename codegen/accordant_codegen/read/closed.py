"""Schemas that forbid what their own parts promise: `additionalProperties: false` knows nothing of `allOf`."""

from __future__ import annotations

from collections.abc import Callable
from operator import is_
from typing import Any, Final

from accordant_runtime import is_array, is_object

_DEEPEST: Final = 8


def open_whole(node: dict[str, Any], end: Callable[[Any], Any]) -> bool:
    """Take away what no object could keep to, in place: the schema allows what its parts have, and a part what the
    others have. Returns whether there was anything to take away; ``end`` is what a reference leads to."""
    parts = node.get("allOf")
    if not is_array(parts):
        return False
    whole = properties(node, end)
    opened = node.get("additionalProperties") is False and bool(whole - own(node))
    if opened:
        del node["additionalProperties"]
    for index, part in enumerate(parts):
        parts[index] = _opened(part, whole, end)
        opened = opened or parts[index] is not part
    return opened


def _opened(part: Any, whole: set[str], end: Callable[[Any], Any], depth: int = 0) -> Any:
    """A part that allows the properties of the whole, and so do its own parts: a copy where it has to be changed."""
    target = end(part["$ref"]) if is_object(part) and "$ref" in part else part
    if not is_object(target) or depth > _DEEPEST or not whole - own(target):
        return part
    inner = target.get("allOf")
    before: list[Any] = inner if is_array(inner) else []
    after = [_opened(each, whole, end, depth + 1) for each in before]
    if target.get("additionalProperties") is not False and all(map(is_, before, after)):
        return part
    kept = {key: value for key, value in target.items() if key not in ("additionalProperties", "allOf")}
    others = {"additionalProperties": target["additionalProperties"]} if target.get("additionalProperties") else {}
    return {**kept, **others, **({"allOf": after} if after else {})}


def own(node: dict[str, Any]) -> set[str]:
    """The properties that a schema describes itself."""
    found = node.get("properties")
    return set(found) if is_object(found) else set()


def properties(node: Any, end: Callable[[Any], Any], depth: int = 0) -> set[str]:
    """The properties of a schema and of its parts."""
    target = end(node["$ref"]) if is_object(node) and "$ref" in node else node
    if not is_object(target) or depth > _DEEPEST:
        return set()
    parts = target.get("allOf")
    return own(target).union(*(properties(each, end, depth + 1) for each in (parts if is_array(parts) else [])))
