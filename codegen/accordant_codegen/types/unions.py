"""What tells the alternatives of a union apart: a discriminator, their own or their parent's, or what they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from attrs import frozen

from accordant_runtime import is_object

from .shapes import Tag
from .subschemas import Leaf, Target, flattened, listed, properties, type_names

_COMPONENT = "#/components/schemas/"


@frozen
class Alternative:
    """One alternative: its schema, and the class that it became (None for what is no class)."""

    leaf: Leaf
    name: str | None


def discriminator_of(node: Any) -> dict[str, Any] | None:
    """The discriminator of a schema, where it names a property."""
    found = node.get("discriminator") if is_object(node) else None
    return found if is_object(found) and isinstance(found.get("propertyName"), str) else None


def tag_for(node: Any, choices: list[Alternative], target: Target, named: Callable[[str], str | None]) -> Tag | None:
    """The tag of a union: by its own discriminator, or by that of the parent that its alternatives have in common."""
    discriminator = discriminator_of(node) or _parent_discriminator(choices, target)
    return _tag_of(discriminator, choices, named) if discriminator else None


def family_tags(nodes: dict[str, Any], families: dict[str, list[str]], own: dict[str, str | None]) -> dict[str, Tag]:
    """The tags of the components that include what extends them, by component; ``own`` are the classes of all."""
    named = {f"{_COMPONENT}{key}": name for key, name in own.items()}
    found: dict[str, Tag] = {}
    for base, members in families.items():
        discriminator, fallback = discriminator_of(nodes[base]), own[base]
        choices = [Alternative(Leaf({"$ref": f"{_COMPONENT}{key}"}, "", ""), own[key]) for key in [*members, base]]
        if discriminator is None or fallback is None or {choice.name for choice in choices} <= {fallback, None}:
            continue
        tag = _tag_of(discriminator, choices, named.get, fallback)
        if tag is not None:
            found[base] = tag
    return found


def _tag_of(
    discriminator: dict[str, Any], choices: list[Alternative], named: Callable[[str], str | None], otherwise: str = ""
) -> Tag | None:
    """The tag that a discriminator is to these alternatives; None where it tells fewer than two of them.

    ``named`` gives the class behind a reference, ``otherwise`` is the class for every other value.
    """
    mapping = discriminator.get("mapping")
    stated: dict[str, str] = {}
    for value, target in (mapping if is_object(mapping) else {}).items():
        text = str(target)
        name = named(text if text.startswith("#") else f"{_COMPONENT}{text}")
        stated |= {value: name} if name else {}
    classes = {choice.name for choice in choices if choice.name}
    implied = {
        str(choice.leaf.node["$ref"]).rsplit("/", 1)[-1]: choice.name
        for choice in choices
        if choice.name and choice.name not in stated.values() and "$ref" in choice.leaf.node
    }
    found = {value: name for value, name in {**stated, **implied}.items() if name in classes}
    return Tag(str(discriminator["propertyName"]), found, otherwise) if len(found) > 1 else None


def _parent_discriminator(choices: list[Alternative], target: Target) -> dict[str, Any] | None:
    """The discriminator of a schema that every alternative is put together with."""
    found: dict[str, dict[str, Any]] = {}
    shared: set[str] | None = None
    for choice in choices:
        if choice.name is None:
            continue
        own = {leaf.place: leaf.node["discriminator"] for leaf in flattened([choice.leaf], target) if _tells(leaf)}
        found |= own
        shared = set(own) if shared is None else shared & set(own)
    return found[min(shared)] if shared else None


def _tells(leaf: Leaf) -> bool:
    return discriminator_of(leaf.node) is not None


def families(nodes: dict[str, Any]) -> dict[str, list[str]]:
    """The components with a discriminator and no alternatives, each with the components that extend it or that its
    discriminator names."""
    parents = {key: {name for name in _extended(node) if name in nodes} for key, node in nodes.items()}
    found: dict[str, list[str]] = {}
    for base, node in nodes.items():
        discriminator = discriminator_of(node)
        if discriminator is None or {"oneOf", "anyOf"} & set(node):
            continue
        mapping = discriminator.get("mapping")
        named = {str(target).removeprefix(_COMPONENT) for target in (mapping if is_object(mapping) else {}).values()}
        members = [key for key in nodes if key != base and (key in named or base in _ancestors(key, parents))]
        if members:
            found[base] = members
    return found


def _extended(node: Any) -> Iterator[str]:
    """The components that a schema is put together with."""
    for part in listed(node, "allOf"):
        reference = part.get("$ref") if is_object(part) else None
        if isinstance(reference, str) and reference.startswith(_COMPONENT):
            yield reference.removeprefix(_COMPONENT)
        else:
            yield from _extended(part)


def _ancestors(key: str, parents: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    pending = [key]
    while pending:
        for parent in parents[pending.pop()] - found:
            found.add(parent)
            pending.append(parent)
    return found


def alike(choices: list[Alternative], target: Target) -> list[tuple[str, str]]:
    """The pairs of classes that nothing in the document tells apart: whatever one requires the other may hold, and one
    has no property but the other's."""
    held = {choice.name: _Held.of(choice.leaf, target) for choice in choices if choice.name}
    return [(str(one), str(other)) for one, other in combinations(held, 2) if not held[one].differs(held[other])]


@frozen
class _Held:
    """What an object holds: its properties, and which are required."""

    properties: dict[str, list[Any]]
    required: frozenset[str]

    @classmethod
    def of(cls, leaf: Leaf, target: Target) -> _Held:
        """Of a schema with all that it is put together with."""
        found: dict[str, list[Any]] = {}
        required: set[str] = set()
        for part in flattened([leaf], target):
            required |= {str(name) for name in listed(part.node, "required")}
            for name, node in properties(part.node).items():
                followed = [inner.node for inner in flattened([Leaf(node, f"{part.place}.{name}", "")], target)]
                found.setdefault(name, []).extend(followed)
        return cls(found, frozenset(required))

    def differs(self, other: _Held) -> bool:
        """Whether an object of one kind shows that it is not of the other."""
        mine, others = set(self.properties), set(other.properties)
        if self.required - others or other.required - mine or (mine - others and others - mine):
            return True
        both = self.required & other.required
        return any(_apart(self.properties.get(name, []), other.properties.get(name, [])) for name in both)


def _apart(one: list[Any], other: list[Any]) -> bool:
    """Whether no value fits two schemas, as far as their constants, enums and types tell."""
    for values in (_values, _kinds):
        first, second = values(one), values(other)
        if first is not None and second is not None and not first & second:
            return True
    return False


def _values(nodes: list[Any]) -> set[str] | None:
    found = [{repr(node["const"])} for node in nodes if "const" in node]
    found += [{repr(value) for value in listed(node, "enum")} for node in nodes if listed(node, "enum")]
    return set[str].intersection(*found) if found else None


def _kinds(nodes: list[Any]) -> set[str] | None:
    found = [{"number" if kind == "integer" else kind for kind in type_names(node)} for node in nodes]
    found = [kinds for kinds in found if kinds]
    return set[str].intersection(*found) if found else None
