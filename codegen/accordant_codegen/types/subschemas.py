"""Schemas in parts: what ``allOf`` puts together, and which parts say something about the type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen

from accordant_runtime import is_array, is_object

from ..read.document import below

_STRUCTURE = frozenset(
    {"properties", "items", "prefixItems", "enum", "const", "anyOf", "oneOf", "allOf", "x-accordant-known-values"}
)
_TYPES: dict[type, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}
_FORMATS = frozenset({"date-time", "local-date-time", "date", "uuid", "binary"})

MORE = "x-accordant-more"
"""Marks an object with further properties, of which there are no types."""


@frozen
class Leaf:
    """One schema with its JSON path, and the name that a class made of it would have.

    ``whole`` is false for what remains of the schema at that place when its references and ``allOf`` are taken out,
    ``choice`` is true for what belongs to one of several alternatives.
    """

    node: Any
    place: str
    hint: str
    whole: bool = True
    choice: bool = False

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
    """The properties of a schema; empty if the host has none."""
    value = node.get("properties") if is_object(node) else None
    return value if is_object(value) else {}


def strong(node: Any, target: Target) -> bool:
    """Whether a schema, or what it refers to, says more of the type than its bare ``type``."""
    seen: set[str] = set()
    while is_object(node):
        extra = node.get("additionalProperties")
        if (
            _STRUCTURE & set(node)
            or listed(node, "required")
            or (is_object(extra) and extra)
            or node.get("format") in _FORMATS
        ):
            return True
        reference = str(node.get("$ref", ""))
        if not reference or reference in seen:
            return False
        seen.add(reference)
        node = target(reference).node
    return False


def parts(leaf: Leaf) -> list[Leaf]:
    """What an intersection puts together: its reference, the members of ``allOf``, and what is beside them."""
    members = [Leaf({"$ref": leaf.node["$ref"]}, f"{leaf.place}['$ref']", leaf.hint)] if "$ref" in leaf.node else []
    for index, member in enumerate(listed(leaf.node, "allOf")):
        members.append(Leaf(member, f"{leaf.place}.allOf[{index}]", leaf.hint))
    return [*members, Leaf(without(leaf.node, "$ref", "allOf"), leaf.place, leaf.hint, whole=False)]


def flattened(leaves: list[Leaf], target: Target) -> list[Leaf]:
    """The parts of intersections, and the parts of those, references followed.

    Each is there once, where it comes last, since later parts refine earlier ones: a part that many others refer to is
    not followed for each of them.
    """
    found: list[Leaf] = []
    seen: set[tuple[str, bool]] = set()
    pending = list(leaves)
    while pending:
        leaf = pending.pop()
        if not is_object(leaf.node) or (leaf.place, leaf.whole) in seen:
            continue
        seen.add((leaf.place, leaf.whole))
        if "$ref" not in leaf.node and "allOf" not in leaf.node:
            found.append(leaf)
        elif set(leaf.node) == {"$ref"}:
            pending.append(target(leaf.node["$ref"]))
        else:
            pending += parts(leaf)
    return found[::-1]


def merged(leaves: list[Leaf]) -> dict[str, Any]:
    """One schema out of parts that are no objects: later parts refine earlier ones, listed values are those of both."""
    result: dict[str, Any] = {}
    for leaf in leaves:
        both = is_array(result.get("enum")) and is_array(leaf.node.get("enum"))
        values = [value for value in result["enum"] if value in leaf.node["enum"]] if both else []
        result = {**result, **leaf.node, **({"enum": values} if both else {})}
    return result


def contradiction(leaves: list[Leaf]) -> str:
    """The types of parts of which no value can be all; empty where one can."""
    kinds = [set(type_names(leaf.node)) for leaf in leaves if type_names(leaf.node)]
    wider = [each | {"integer"} if "number" in each else each for each in kinds]
    possible = set[str].intersection(*wider) if wider else {"any"}
    return "" if possible else " and ".join(sorted(set[str]().union(*kinds)))


def direction(leaves: list[Leaf], target: Target) -> str:
    """``read`` for a property that only the vendor sends, ``write`` for one that only requests hold; empty for most."""
    nodes = [leaf.node for leaf in leaves if is_object(leaf.node)]
    if any("$ref" in node or "allOf" in node for node in nodes):
        nodes += [leaf.node for leaf in flattened(leaves, target)]
    found = [word for word in ("read", "write") if any(node.get(f"{word}Only") is True for node in nodes)]
    return found[0] if len(found) == 1 else ""


def patterned(leaves: list[Leaf]) -> tuple[list[Leaf], bool]:
    """What an object holds under keys of a pattern, and whether it holds nothing beside those and its properties."""
    found = [
        Leaf(node, below(f"{leaf.place}.patternProperties", pattern), leaf.hint)
        for leaf in leaves
        if is_object(leaf.node.get("patternProperties"))
        for pattern, node in leaf.node["patternProperties"].items()
    ]
    return found, any(leaf.node.get("additionalProperties") is False for leaf in leaves)


def other_keys(leaves: list[Leaf]) -> str:
    """What is said of keys that are no property: there are ``none``, or ``some``; empty if nothing is said."""
    patterns, closed = patterned(leaves)
    if any([*patterns, *untyped(leaves)]):
        return "some"
    if closed:
        return "none"
    stated = (leaf.node.get(key) for leaf in leaves for key in ("additionalProperties", MORE))
    return "some" if any(value is True or is_object(value) for value in stated) else ""


def untyped(leaves: list[Leaf]) -> Iterator[tuple[str, str]]:
    """The places of objects at which keys are described that get no type, and what to say of them."""
    for leaf in leaves:
        if is_object(leaf.node.get("patternProperties")):
            yield f"{leaf.place}.patternProperties", "what is under the keys that match is not typed"
        for keyword in ("then", "else"):
            if properties(leaf.node.get(keyword)):
                yield f"{leaf.place}.{keyword}", "the properties that depend on a condition are not typed"
        if is_object(leaf.node.get("dependentSchemas")):
            yield f"{leaf.place}.dependentSchemas", "the properties that depend on others are not typed"


def kind_of(value: object) -> str:
    """The name that JSON Schema has for the type of a single value; empty for others."""
    kind: type[object] = type(value)
    return _TYPES.get(kind, "")


def rank(node: Any) -> int:
    """Which components have the first choice of names: models, enums, the rest."""
    if not is_object(node) or {"$ref", "allOf", "anyOf", "oneOf"} & set(node):
        return 2
    return 1 if "enum" in node or "x-accordant-known-values" in node else 0
