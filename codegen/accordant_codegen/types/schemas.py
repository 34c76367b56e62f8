"""What the generator is shown of a document's schemas: their types and nothing else.

openapi-python-client refuses, drops or misreads many legal schemas: intersections of anything but objects, nullable
components, enums of several types, unions that hold themselves, equal names. It therefore never sees the vendor's
schemas. It sees classes (objects and enums, each under its own name) whose members are scalars, arrays, maps,
unions, constants and references to classes. What a type cannot say is reported as a loss, with its place.
"""

from __future__ import annotations

from collections import deque
from functools import reduce
from typing import Any

from attrs import define, evolve, field

from accordant_runtime import is_array, is_object

from ..errors import CodegenError
from ..names import pascal
from ..read.document import below, pointer, resolve
from ..text import marked
from .choices import has_choices, one_enum, with_choices
from .described import described
from .growth import Growth
from .naming import Classes, attributes, member_names
from .old_names import names_at, old_names, own_names
from .shapes import NULL, ClassFacts, FieldFacts, Shape, Tag, any_of, class_name, to_class
from .subschemas import (
    Leaf,
    contradiction,
    direction,
    flattened,
    kind_of,
    listed,
    merged,
    other_keys,
    parts,
    patterned,
    properties,
    rank,
    strong,
    type_names,
    untyped,
    without,
)
from .unions import Alternative, alike, families, family_tags, tag_for

_COMPONENTS = "$.components.schemas"
# Keywords that a reference into a schema goes through.
_BETWEEN = frozenset({"additionalProperties", "allOf", "anyOf", "items", "oneOf", "properties", "schema"})
# Keywords that hold further schemas, which stay at their own place.
_NESTED = frozenset({"anyOf", "items", "oneOf", "prefixItems"})
_SCALARS = {"string", "integer", "number", "boolean"}
_FORMATS = {"local-date-time": "date-time", **{name: name for name in ("date-time", "date", "uuid", "binary")}}

_DEEPEST = 100
"""Schemas that lead to each other with no object between."""


@define
class DocumentSchemas:
    """Turns schemas into shapes and hoists the classes among them; ``finish`` when every schema has been asked for.

    ``definitions`` are the classes as the generator sees them, ``maps`` the ones that are no class but a map,
    ``contents`` the shapes of JSON within text, ``narrowed`` the values that several enums have in common, or together.
    """

    document: dict[str, Any]
    losses: list[str]
    definitions: dict[str, Shape] = field(factory=dict[str, Shape])
    facts: dict[str, ClassFacts] = field(factory=dict[str, ClassFacts])
    tags: dict[tuple[str, ...], Tag] = field(factory=dict[tuple[str, ...], Tag])
    maps: set[str] = field(factory=set[str])
    contents: list[Shape] = field(factory=list[Shape])
    narrowed: set[frozenset[Any]] = field(factory=set[frozenset[Any]])
    _done: dict[str, Shape] = field(factory=dict[str, Shape])
    _open: set[str] = field(factory=set[str])
    _joined: dict[tuple[str, ...], str] = field(factory=dict[tuple[str, ...], str])
    _pending: deque[tuple[str, list[Leaf]]] = field(factory=deque[tuple[str, list[Leaf]]])
    _classes: Classes = field(init=False)
    _places: set[str] = field(init=False)
    _growth: Growth = field(init=False)
    _targets: dict[str, Leaf] = field(factory=dict[str, Leaf])
    _lost: set[str] = field(factory=set[str])
    _families: dict[str, list[str]] = field(init=False)
    _bases: dict[str, str] = field(factory=dict[str, str])

    def __attrs_post_init__(self) -> None:
        self._classes = Classes(self.losses)
        self._growth = Growth(self.document)
        nodes: dict[str, Any] = self.document.get("components", {}).get("schemas", {})
        self._families = families(nodes)
        self._places = {below(_COMPONENTS, key) for key in nodes}
        # Components have the first choice of names: models, then enums (whose names count twice), then the rest.
        related = {*self._families, *(key for members in self._families.values() for key in members)}
        for key in sorted(related, key=list(nodes).index):
            self.of(nodes[key], below(_COMPONENTS, key), key)
        own = {key: class_name(self._done[below(_COMPONENTS, key)]) for key in related}
        for base, tag in family_tags(nodes, self._families, own).items():
            place = below(_COMPONENTS, base)
            self.tags[tag.classes] = tag
            self._bases[place] = tag.otherwise
            self._done[place] = any_of([to_class(name) for name in tag.classes])
        for key in sorted(nodes, key=lambda key: rank(nodes[key])):
            self.of(nodes[key], below(_COMPONENTS, key), key)

    def finish(self) -> None:
        """Describe the classes met so far, and those met on the way."""
        while self._pending:
            self._describe(*self._pending.popleft())

    def of(self, node: Any, place: str, hint: str, *, whole: bool = True) -> Shape:
        """The shape of a schema; ``hint`` names a class that has no name. What is not the ``whole`` schema
        at that place is not remembered as it."""
        if place in self._open:
            self.lose(place, "it holds itself with no object between, and is any JSON value there")
            return {}
        if whole and place in self._done:
            return self._done[place]
        if len(self._open) >= _DEEPEST:
            raise CodegenError(
                f"{place}: it is reached through {_DEEPEST} schemas that are no objects; join some of them"
            )
        self._open.add(place)
        shape = self._shape(node, place, hint)
        self._open.discard(place)
        if whole:
            self._done[place] = shape
        return shape

    def lose(self, place: str, what: str) -> None:
        """Report once what the types do not say."""
        line = f"{place}: {what}"
        if line not in self._lost:
            self._lost.add(line)
            self.losses.append(line)

    def _shape(self, node: Any, place: str, hint: str) -> Shape:
        if not is_object(node):
            if node is not True:
                self.lose(place, f"{node!r} stands where a schema should, and is any JSON value")
            return {}
        stated = node.get("x-accordant-name")
        # Upper case names a class; lower case the attribute that holds it.
        hint = stated if isinstance(stated, str) and stated[:1].isupper() else hint
        if set(node) - {"description", "summary"} == {"$ref"}:
            return self._referred(str(node["$ref"]))
        if "$ref" in node or "allOf" in node:
            return self._intersection(parts(Leaf(node, place, hint)), place, hint)
        if "anyOf" in node or "oneOf" in node:
            return self._union(node, place, hint)
        if "const" in node:
            return self._constant(node["const"], place)
        if is_array(node.get("enum")) or is_array(node.get("x-accordant-known-values")):
            return self._enum(node, place, hint)
        if is_array(node.get("type")):
            return self._types(node, place, hint)
        return self._typed(node, place, hint)

    def target(self, reference: str) -> Leaf:
        """What a reference points at; a class there is called by the component and the names after it."""
        if reference in self._targets:
            return self._targets[reference]
        keys = pointer(reference)
        names = [key for key in keys[2:] if key not in _BETWEEN and not key.isdigit()]
        hint = names[0] if len(names) == 1 else "".join(map(pascal, names)) or "Document"
        leaf = self._targets[reference] = Leaf(resolve(self.document, reference), reduce(below, keys, "$"), hint)
        return leaf

    # Scalars, arrays and enums

    def _typed(self, node: dict[str, Any], place: str, hint: str) -> Shape:
        kind = node.get("type")
        if Leaf(node, place, hint).is_object:
            return self._object([Leaf(node, place, hint)], place, hint)
        if kind == "array" or (kind is None and ("items" in node or "prefixItems" in node)):
            return {"type": "array", "items": self._items(node, place, hint)}
        if "contentSchema" in node:
            # JSON within text: the field stays text, and its model is there for who parses it.
            self.contents.append(self.of(node["contentSchema"], f"{place}.contentSchema", f"{hint}Content"))
        form = _FORMATS.get(str(node.get("format"))) if kind in ("string", None) else None
        if form is not None:
            return {"type": "string", "format": form}
        if kind in _SCALARS:
            return {"type": kind}
        if kind == "null":
            return NULL
        if kind is not None:
            self.lose(place, f"type {kind!r} is none of JSON Schema's; it is any JSON value")
        return {}

    def _items(self, node: dict[str, Any], place: str, hint: str) -> Shape:
        first = node.get("prefixItems")
        if not is_array(first):
            return self.of(node.get("items", True), f"{place}.items", f"{hint}Item")
        self.lose(place, "the order of the types in it is not typed")
        shapes = [
            self.of(item, f"{place}.prefixItems[{index}]", f"{hint}Item{index + 1}") for index, item in enumerate(first)
        ]
        rest = [self.of(node["items"], f"{place}.items", f"{hint}Item")] if is_object(node.get("items")) else []
        return any_of([*shapes, *rest])

    def _types(self, node: dict[str, Any], place: str, hint: str) -> Shape:
        names = [str(name) for name in node["type"] if name != "null"]
        shapes: list[Shape] = []
        for name in names:
            own = hint if len(names) == 1 else f"{hint}{pascal(name)}"
            shapes.append(self._shape({**node, "type": name}, place, own))
        return any_of([*shapes, *([NULL] if "null" in node["type"] else [])])

    def _constant(self, value: Any, place: str) -> Shape:
        if value is None:
            return NULL
        if isinstance(value, (str, int)):
            return {"const": value}
        self.lose(place, f"the constant {value!r} has no literal type; it is any JSON value")
        return {}

    def _enum(self, node: dict[str, Any], place: str, hint: str) -> Shape:
        known = node.get("x-accordant-known-values")
        every: list[Any] = known if is_array(known) else node["enum"]
        null = [NULL] if None in every or "null" in type_names(node) else []
        values = [value for value in every if value is not None]
        if every and not values:
            return NULL
        kinds = {kind_of(value) for value in values}
        if kinds == {"boolean"}:
            return any_of([{"const": values[0]} if len(values) == 1 else {"type": "boolean"}, *null])
        stated = set(type_names(node)) - {"null"}
        if len(kinds) != 1 or not kinds <= {"string", "integer"} & (stated or kinds):
            self.lose(place, f"its values {every!r} make no enum of one type, and are not listed")
            plain = [{"type": kind} for kind in sorted(stated or kinds) if kind in _SCALARS]
            return any_of([*plain, *null]) if plain and "" not in kinds else {}
        name = self._classes.claim(hint, place, enum=True)
        names = member_names(node.get("x-enum-varnames"), every, values)
        members = {"x-enum-varnames": names} if names else {}
        self.definitions[name] = {"type": kinds.pop(), "enum": values, **members}
        doc, old = described(self.document, node), old_names(node, place)
        self.facts[name] = ClassFacts(place, doc, open=is_array(known), old=old)
        return any_of([to_class(name), *null])

    # Unions and intersections

    def _union(self, node: dict[str, Any], place: str, hint: str) -> Shape:
        own = without(node, "anyOf", "oneOf", "discriminator")
        members = [
            Leaf(member, f"{place}.{key}[{index}]", hint)
            for key in ("anyOf", "oneOf")
            for index, member in enumerate(listed(node, key))
        ]
        if Leaf(own, place, hint).is_object and properties(own):
            leaves, untyped = with_choices([Leaf(node, place, hint)], place, self.target)
            if untyped:
                self.lose(place, "the alternatives beside its properties are not typed")
            return any_of([self._object(leaves, place, hint), *([NULL] if "null" in type_names(own) else [])])
        many = sum(member.node != NULL for member in members) > 1
        shapes = [
            self.of(leaf.node, leaf.place, f"{hint}Option{index + 1}" if many else hint)
            for index, leaf in enumerate(members)
        ]
        self._tell_apart(node, members, shapes, place)
        return any_of([*shapes, *([NULL] if "null" in type_names(own) else [])])

    def _tell_apart(self, node: dict[str, Any], members: list[Leaf], shapes: list[Shape], place: str) -> None:
        """Note what tells the alternatives of a union apart, or that it is a guess."""
        choices = [Alternative(leaf, self._named(leaf, shape)) for leaf, shape in zip(members, shapes, strict=True)]
        tag = tag_for(node, choices, self.target, self._class_behind)
        if tag is None:
            if pairs := alike(choices, self.target):
                more = f" (and {len(pairs) - 1} more pairs)" if len(pairs) > 1 else ""
                told = f"nothing tells {pairs[0][0]} from {pairs[0][1]}{more}"
                self.lose(place, f"{told}: which of them an object is read as is a guess")
            return
        classes = tuple(name for name in map(class_name, any_of(shapes).get("anyOf", shapes)) if name)
        if self.tags.setdefault(classes, tag) != tag:
            self.lose(place, "its classes have another discriminator elsewhere, which is used here too")

    def _named(self, leaf: Leaf, shape: Shape) -> str | None:
        """The class of an alternative; of a component that includes its subtypes, its own."""
        reference = leaf.node.get("$ref") if is_object(leaf.node) else None
        return self._bases.get(self.target(reference).place) if "anyOf" in shape and reference else class_name(shape)

    def _class_behind(self, reference: str) -> str | None:
        leaf = self.target(reference)
        return self._bases.get(leaf.place) or class_name(self.of(leaf.node, leaf.place, leaf.hint))

    def _referred(self, reference: str) -> Shape:
        leaf = self.target(reference)
        return self.of(leaf.node, leaf.place, leaf.hint)

    def _intersection(self, members: list[Leaf], place: str, hint: str) -> Shape:
        leaves = flattened(members, self.target)
        self._growth.count(len(leaves), place)
        if kinds := contradiction(leaves):
            self.lose(place, f"no value is {kinds}; it is taken as what its last part says")
        null = [NULL] if "null" in type_names(members[-1].node) else []
        telling = [leaf for leaf in members if strong(leaf.node, self.target)]
        if len(telling) > 1:
            return any_of([self._together(leaves, place, hint), *null])
        bare = [leaf for leaf in members if is_object(leaf.node) and ("$ref" in leaf.node or type_names(leaf.node))]
        saying = [leaf for leaf in members if leaf in telling or leaf in bare][::-1] if kinds else [*telling, *bare]
        for leaf in saying:
            if leaf.place == place:
                return any_of([self._shape(leaf.node, place, hint), *null])
            return any_of([self.of(leaf.node, leaf.place, hint), *null])
        return {}

    def _together(self, leaves: list[Leaf], place: str, hint: str) -> Shape:
        """Several parts that each say something: one object with all their properties, or one refined scalar."""
        objects = [leaf for leaf in leaves if leaf.is_object]
        nested = [leaf for leaf in leaves if not leaf.is_object and _NESTED & set(leaf.node)]
        whole, untyped = with_choices(
            [leaf for leaf in leaves if leaf.is_object or has_choices(leaf)], place, self.target
        )
        several = sum(map(has_choices, nested)) > 1 and not untyped and any(properties(leaf.node) for leaf in whole)
        if not objects and not nested:
            refined = merged(leaves)
            if sum("enum" in leaf.node for leaf in leaves) > 1:
                self._narrowed(refined["enum"], place)
            return self._shape(refined, place, hint)
        chosen = nested[0] if not objects and not several else None
        for leaf in leaves:
            beside = has_choices(leaf)
            lost = leaf.place in untyped or chosen is not None if beside else not leaf.is_object
            if leaf != chosen and lost and strong(leaf.node, self.target):
                what = "its alternatives are" if beside else "it is" if chosen else "it is no object and"
                self.lose(leaf.place, f"{what} not typed where {place} puts it together with others")
        if chosen is None:
            return self._object(whole, place, hint)
        if chosen.place == place:
            return self._shape(chosen.node, place, hint)
        return self.of(chosen.node, chosen.place, chosen.hint, whole=chosen.whole)

    def _narrowed(self, values: Any, place: str) -> None:
        """Values that several enums have in common."""
        if values == []:
            self.lose(place, "its enums have no value in common")
        elif is_array(values):
            self.narrowed.add(_values({"enum": values}))

    # Objects

    def _object(self, leaves: list[Leaf], place: str, hint: str) -> Shape:
        if place not in self._places and not any(properties(leaf.node) for leaf in leaves):
            name = f"AccordantMap{len(self.maps)}"
            self.maps.add(name)
            self.definitions[name] = {"type": "object", "additionalProperties": self._extra(leaves, hint)}
            return to_class(name)
        if "discriminator" in leaves[-1].node and leaves[-1].hint not in self._families:
            self.lose(place, "a discriminator without alternatives: answers are read as this object, whatever it says")
        # The same parts put together again, as a property of themselves for instance, are the same class.
        key = tuple(leaf.place for leaf in leaves)
        if key in self._joined:
            return to_class(self._joined[key])
        name = self._joined[key] = self._classes.claim(hint, place)
        own = [leaf for leaf in leaves if not leaf.choice]
        doc = next((leaf.node["description"] for leaf in reversed(own) if leaf.node.get("description")), "")
        self.facts[name] = ClassFacts(place, marked(doc, leaves[-1].node), old=names_at(place, leaves))
        self.definitions[name] = {"type": "object"}
        self._pending.append((name, leaves))
        return to_class(name)

    def _extra(self, leaves: list[Leaf], hint: str) -> Shape:
        for leaf in reversed(leaves):
            extra = leaf.node.get("additionalProperties")
            if is_object(extra):
                return self.of(extra, f"{leaf.place}.additionalProperties", f"{hint}Value")
        patterns, closed = patterned(leaves)
        if patterns and closed:
            return any_of([self.of(leaf.node, leaf.place, f"{hint}Value") for leaf in patterns])
        for place, what in untyped(leaves):
            self.lose(place, what)
        return {}

    def _held(self, nodes: list[Leaf]) -> Shape:
        """What a property holds: what all of its parts say, or, where alternatives alone say it, what one says."""
        own = [leaf for leaf in nodes if not leaf.choice]
        saying = [leaf for leaf in own if strong(leaf.node, self.target) or {*type_names(leaf.node)} - {"object"}]
        place, hint = nodes[-1].place, nodes[-1].hint
        if own and (saying or len(own) == len(nodes)):
            every = [*own, Leaf({}, place, hint)] if len(own) > 1 else []
            return self._intersection(every, place, hint) if every else self.of(own[-1].node, own[-1].place, hint)
        choices = one_enum([leaf for leaf in nodes if leaf.choice])
        made = [leaf.node for leaf in choices if is_object(leaf.node) and leaf not in nodes]
        self.narrowed |= {_values(node) for node in made if "enum" in node}
        shapes = [self.of(leaf.node, leaf.place, leaf.hint, whole=leaf.whole) for leaf in choices]
        self._tell_apart({}, choices, shapes, place)
        return any_of(shapes)

    def _describe(self, name: str, leaves: list[Leaf]) -> None:
        """Fill in a class that has been met: its properties, and what its other keys hold."""
        found: dict[str, list[Leaf]] = {}
        required: set[str] = set()
        for leaf in leaves:
            required |= {str(name) for name in listed(leaf.node, "required")}
            for wire, node in properties(leaf.node).items():
                place = below(f"{leaf.place}.properties", wire)
                others = found.setdefault(wire, [])
                if (node, leaf.choice) not in [(other.node, other.choice) for other in others]:
                    others.append(Leaf(node, place, f"{name}{pascal(wire)}", choice=leaf.choice))
        self._growth.count(len(found), leaves[-1].place)
        names = attributes({wire: nodes[-1].node for wire, nodes in found.items()})
        shapes: dict[str, Shape] = {}
        facts: dict[str, FieldFacts] = {}
        for wire, nodes in found.items():
            shapes[names[wire]] = self._held(nodes)
            doc = next(filter(None, (described(self.document, leaf.node) for leaf in reversed(nodes))), "")
            secret = any(is_object(leaf.node) and leaf.node.get("format") == "password" for leaf in nodes)
            only, old = direction(nodes, self.target), own_names(nodes)
            facts[names[wire]] = FieldFacts(wire, doc, secret, only, wire in required, old)
        self.definitions[name] = {
            "type": "object",
            "properties": shapes,
            "required": [names[wire] for wire in found if wire in required and facts[names[wire]].only != "write"],
            "additionalProperties": self._extra(leaves, name),
        }
        label = next((leaf.node["x-accordant-label"] for leaf in leaves if "x-accordant-label" in leaf.node), "")
        self.facts[name] = evolve(self.facts[name], fields=facts, label=str(label), others=other_keys(leaves))


def _values(node: dict[str, Any]) -> frozenset[Any]:
    return frozenset(value for value in node["enum"] if isinstance(value, str | int))
