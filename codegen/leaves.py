"""Schemas in parts: what ``allOf`` puts together, and which parts say something about the type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from treaty_runtime import is_array, is_object

_STRUCTURE = frozenset(
    {"properties", "items", "prefixItems", "enum", "const", "anyOf", "oneOf", "allOf", "x-treaty-known-values"}
)
_FORMATS = frozenset({"date-time", "local-date-time", "date", "uuid", "binary"})


@frozen
class Leaf:
    """One schema with its JSON path, and the name that a class made of it would have.

    ``whole`` is false for what remains of the schema at that place when its references and ``allOf`` are taken out.
    """

    node: Any
    place: str
    hint: str
    whole: bool = True

    @property
    def is_object(self) -> bool:
        """Whether it describes objects."""
        kinds = type_names(self.node)
        return "object" in kinds or (
            not kinds and bool({"properties", "required", "additionalProperties"} & set(self.node))
        )


Target = Callable[[str], Leaf]


def type_names(node: Any) -> list[str]:
    """The ``type`` of a schema as a list."""
    kind = node.get("type") if is_object(node) else None
    return [str(item) for item in kind] if is_array(kind) else [kind] if isinstance(kind, str) else []


def without(node: Any, *keys: str) -> dict[str, Any]:
    """The schema without some of its keywords; empty where it is no object."""
    return {key: value for key, value in node.items() if key not in keys} if is_object(node) else {}


def listed(node: Any, key: str) -> list[Any]:
    """The list under a keyword; empty where there is none."""
    value = node.get(key) if is_object(node) else None
    return value if is_array(value) else []


def properties(node: Any) -> dict[str, Any]:
    """The properties of a schema; empty where there are none."""
    value = node.get("properties") if is_object(node) else None
    return value if is_object(value) else {}


def strong(node: Any, target: Target, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a schema says more of the type than its bare ``type``."""
    if not is_object(node):
        return False
    reference = str(node.get("$ref", ""))
    if reference and reference not in seen and strong(target(reference).node, target, seen | {reference}):
        return True
    extra = node.get("additionalProperties")
    return bool(
        _STRUCTURE & set(node)
        or listed(node, "required")
        or (is_object(extra) and extra)
        or node.get("format") in _FORMATS
    )


def parts(leaf: Leaf) -> list[Leaf]:
    """What an intersection puts together: its reference, the members of ``allOf``, and what stands beside them."""
    members = [Leaf({"$ref": leaf.node["$ref"]}, f"{leaf.place}['$ref']", leaf.hint)] if "$ref" in leaf.node else []
    for index, member in enumerate(listed(leaf.node, "allOf")):
        members.append(Leaf(member, f"{leaf.place}.allOf[{index}]", leaf.hint))
    return [*members, Leaf(without(leaf.node, "$ref", "allOf"), leaf.place, leaf.hint, whole=False)]


def flattened(leaf: Leaf, target: Target, seen: frozenset[str] = frozenset()) -> list[Leaf]:
    """The parts of an intersection, and the parts of those, references followed."""
    if not is_object(leaf.node):
        return []
    if "$ref" not in leaf.node and "allOf" not in leaf.node:
        return [leaf]
    if leaf.place in seen:
        return []
    if set(leaf.node) == {"$ref"}:
        return flattened(target(leaf.node["$ref"]), target, seen | {leaf.place})
    found: list[Leaf] = []
    for part in parts(leaf):
        found += flattened(part, target, seen | {leaf.place})
    return found


def merged(leaves: list[Leaf]) -> dict[str, Any]:
    """One schema out of parts that are no objects: later parts refine earlier ones, listed values are those of both."""
    result: dict[str, Any] = {}
    for leaf in leaves:
        both = is_array(result.get("enum")) and is_array(leaf.node.get("enum"))
        values = [value for value in result["enum"] if value in leaf.node["enum"]] if both else []
        result = {**result, **leaf.node, **({"enum": values} if both else {})}
    return result
