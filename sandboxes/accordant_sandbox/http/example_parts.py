"""Parts of made-up values: what tells an alternative from the others, and a value without one of its members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accordant_sandbox.http.json_types import is_array, is_object

__all__ = ["own_kind", "told_apart", "without"]


def told_apart(node: Mapping[str, Any], picked: Any) -> dict[str, Any]:
    """What the discriminator of a choice says of the alternative that was picked: the value of a property."""
    told, reference = node.get("discriminator"), picked.get("$ref") if is_object(picked) else None
    mapping = told.get("mapping") if is_object(told) else None
    values = [value for value, place in mapping.items() if place == reference] if is_object(mapping) else []
    return {"properties": {str(told["propertyName"]): {"const": values[0]}}} if values and is_object(told) else {}


def own_kind(node: Mapping[str, Any], reference: str, number: int) -> dict[str, str]:
    """What the discriminator of an object, which is no choice, has it say: the kind that it is itself, else the n-th of
    those that the mapping knows."""
    told = node.get("discriminator")
    mapping = told.get("mapping") if is_object(told) else None
    known: dict[str, Any] = mapping if is_object(mapping) else {}
    properties, name = node.get("properties"), str(told.get("propertyName")) if is_object(told) else ""
    schema = properties.get(name) if is_object(properties) else None
    if not known or not is_object(schema) or schema.keys() & {"const", "enum", "$ref"}:
        return {}
    own = [value for value, place in known.items() if place in (reference, reference.rsplit("/", 1)[-1])]
    return {name: own[0] if own else [*known][(number - 1) % len(known)]}


def without(value: Any, path: Sequence[str | int]) -> Any:
    """A value without the member at a path, or without the nearest one around it that an object has."""
    names = [place for place, step in enumerate(path) if isinstance(step, str)]
    if not names:
        return value
    place = names[-1]

    def cut(inner: Any, at: int) -> Any:
        step = path[at]
        if is_object(inner) and isinstance(step, str):
            if at == place:
                return {name: each for name, each in inner.items() if name != step}
            return {name: cut(each, at + 1) if name == step else each for name, each in inner.items()}
        if is_array(inner) and isinstance(step, int):
            return [cut(each, at + 1) if index == step else each for index, each in enumerate(inner)]
        return inner

    return cut(value, 0)
