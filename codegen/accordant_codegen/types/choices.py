"""Alternatives beside properties: an object with what each of them may hold, none of which is required.

A schema that says both what every object holds and that it is one of several is one class: its own properties, and
those of every alternative. A caller can send each of the documented variants, and read each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import evolve

from accordant_runtime import is_object

from .subschemas import MORE, Leaf, Target, listed, parts, properties, type_names, without

_WAYS = ("anyOf", "oneOf")
_DEEPEST = 40
"""Alternatives within alternatives that are looked into."""
_MOST = 1000
"""Properties of alternatives that one class has."""


def has_choices(leaf: Leaf) -> bool:
    """Whether a part says that a value is one of several."""
    return any(listed(leaf.node, key) for key in _WAYS)


def with_choices(leaves: list[Leaf], place: str, target: Target) -> tuple[list[Leaf], list[str]]:
    """The parts of an object at a place, with those of the alternatives among them before them, and the places of the
    parts of whose alternatives there are no types.

    An alternative that is one of the parts already, a subtype that its base names for instance, decides: the others of
    that choice are none of this object.
    """
    known = {place, *(leaf.place for leaf in leaves)}
    found: list[Leaf] = []
    own: list[Leaf] = []
    untyped: list[str] = []
    for leaf in leaves:
        if not has_choices(leaf):
            own.append(leaf)
            continue
        required: set[str] = set()
        for key in _WAYS:
            members = _members(leaf, key, known, target)
            many = sum(len(properties(each.node)) for each in (*found, *(each for one in members for each in one)))
            if many > _MOST or not all(_is_typed(each) for member in members for each in member):
                untyped.append(leaf.place)
            if many <= _MOST:
                found += [_optional(each) for member in members for each in member if properties(each.node)]
            required |= set[str].intersection(*({*_required(member)} for member in members)) if members else set()
            if any(_is_open(each) for member in members for each in member):
                found.append(Leaf({MORE: True}, f"{leaf.place}.{key}", leaf.hint, whole=False, choice=True))
        node = without(leaf.node, *_WAYS, "discriminator")
        both = [*listed(node, "required"), *sorted(required - {*listed(node, "required")})]
        own.append(evolve(leaf, node=node | ({"required": both} if both else {}), whole=False))
    more = [Leaf({MORE: True}, f"{place}.anyOf", leaves[-1].hint, whole=False, choice=True)] if untyped else []
    return [*more, *found, *own], untyped


def one_enum(leaves: list[Leaf]) -> list[Leaf]:
    """The alternatives for a property: those that list their values are one, with the values of all."""
    listing = [leaf for leaf in leaves if listed(leaf.node, "enum")]
    if len(listing) < 2:
        return leaves
    values: list[Any] = []
    for leaf in listing:
        values += [value for value in leaf.node["enum"] if value not in values]
    one = evolve(listing[-1], node={**listing[-1].node, "enum": values}, whole=False)
    return [*(leaf for leaf in leaves if leaf not in listing), one]


def _members(leaf: Leaf, key: str, known: set[str], target: Target) -> list[list[Leaf]]:
    """The alternatives under a keyword, each in parts; none where one of them is known to be the one."""
    nodes = listed(leaf.node, key)
    named = (str(node["$ref"]) for node in nodes if is_object(node) and "$ref" in node)
    if any(target(each).place in known for each in named):
        return []
    members = [
        list(_flat(Leaf(node, f"{leaf.place}.{key}[{index}]", leaf.hint), target, set(), 0))
        for index, node in enumerate(nodes)
    ]
    return [] if any(each.place in known for member in members for each in member) else members


def _flat(leaf: Leaf, target: Target, seen: set[tuple[str, bool]], depth: int) -> Iterator[Leaf]:
    """The parts of an alternative, those of alternatives inside it included; references are followed once."""
    if not is_object(leaf.node) or (leaf.place, leaf.whole) in seen:
        return
    seen.add((leaf.place, leaf.whole))
    if depth > _DEEPEST:
        yield leaf
    elif set(leaf.node) == {"$ref"}:
        yield from _flat(target(str(leaf.node["$ref"])), target, seen, depth + 1)
    elif "$ref" in leaf.node or "allOf" in leaf.node:
        for part in parts(leaf):
            yield from _flat(part, target, seen, depth + 1)
    elif has_choices(leaf):
        yield evolve(leaf, node=without(leaf.node, *_WAYS, "discriminator"), whole=False)
        for key in _WAYS:
            for index, node in enumerate(listed(leaf.node, key)):
                inner = Leaf(node, f"{leaf.place}.{key}[{index}]", leaf.hint)
                yield from (evolve(each, choice=True) for each in _flat(inner, target, seen, depth + 1))
    else:
        yield leaf


def _is_typed(leaf: Leaf) -> bool:
    """Whether an object with all of these properties says what the alternative says: one that only requires or forbids
    says nothing of types."""
    others = {"items", "prefixItems", "enum", "const", "patternProperties", "$ref", "allOf", *_WAYS}
    return set(type_names(leaf.node)) <= {"object", "null"} and not others & set(leaf.node)


def _is_open(leaf: Leaf) -> bool:
    """Whether an alternative speaks of keys that are no property."""
    extra = leaf.node.get("additionalProperties")
    return extra is True or is_object(extra)


def _required(member: list[Leaf]) -> Iterator[str]:
    return (str(name) for leaf in member if not leaf.choice for name in listed(leaf.node, "required"))


def _optional(leaf: Leaf) -> Leaf:
    """A part of an alternative, as a part of the whole: nothing of it is required."""
    return evolve(leaf, node=without(leaf.node, "required", "additionalProperties"), whole=False, choice=True)
