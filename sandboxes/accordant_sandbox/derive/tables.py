"""The tables of a document: a collection for each kind of record, with keys, fields, blanks and references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final, Unpack

from accordant_sandbox.derive.differences import CollectionDifferences, differing
from accordant_sandbox.derive.envelopes import inner_values
from accordant_sandbox.derive.filters import filters_of
from accordant_sandbox.derive.kinds import RecordKey, RecordKind, key_fields, kinds_of, names_another, row_field, tells
from accordant_sandbox.derive.made_keys import key_maker
from accordant_sandbox.derive.paging import after_row, next_headers, paging_of
from accordant_sandbox.derive.rows import living
from accordant_sandbox.derive.shapes import Shapes, types_of
from accordant_sandbox.http.document import Document, Operation
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.http.record_dates import CHANGED, CREATED
from accordant_sandbox.model.collections import Collection, Int, KeyKind, Natural, Ref, Uuid
from accordant_sandbox.model.operations import Plain, Verb, Within

__all__ = ["Tables"]

_HIDDEN_KEYS: Final = ("_id", "_row_id")
"""What a record is kept by that shows no key: the first that is no field of it."""
_KEY_TYPES: Final = (frozenset(["string"]), frozenset(["integer"]))
_FIRM: Final = 2
"""How firm the schema of a property is that rules null out."""
_DIGITS: Final = {"type": "string", "example": "1"}
"""A key that records show as text, and paths ask for as a number."""


class Tables:
    """What a document says about its records, as a sandbox keeps them.

    Args:
        document: The effective document.
        names: Names of collections by entity, where they are not the entity's plural.
    """

    def __init__(self, document: Document, names: Mapping[str, str] | None = None) -> None:
        self.document = document
        self.shapes = Shapes(document)
        self.kinds: Mapping[str, RecordKind] = kinds_of(document)
        self.names: dict[str, str] = {entity: kind.name for entity, kind in self.kinds.items()} | dict(names or {})

    @cached_property
    def collections(self) -> Mapping[str, Collection]:
        """A collection for each kind of record that some operation stores, lists or reads."""
        return {name: self._collection(name, kind) for name, kind in self.kept.items()}

    @cached_property
    def kept(self) -> Mapping[str, RecordKind]:
        """The kinds of record by the name of their collection, those that share one in one."""
        kept: dict[str, RecordKind] = {}
        for entity, kind in self.kinds.items():
            name = self.names[entity]
            if kind.verbs:
                kept[name] = kept[name].with_(kind) if name in kept else kind
        return kept

    def collection(self, name: str, **differences: Unpack[CollectionDifferences]) -> Collection:
        """The collection of that name with what a vendor states about it: that alone where the document has none."""
        return differing(self.collections.get(name) or Collection(name=name), **differences)

    @cached_property
    def verbs(self) -> Mapping[str, Verb]:
        """What the operations do that are plain ones."""
        return {name: verb for kind in self.kinds.values() for name, verb in kind.verbs.items()}

    @cached_property
    def references(self) -> Mapping[str, str]:
        """Kinds of record by the properties that hold their keys, wherever the document has one: those of one mind."""
        found: dict[str, set[str]] = {}
        for node in self._nodes(self.document.data):
            properties = node.get("properties")
            for name, each in properties.items() if is_object(properties) else ():
                reference = self.shapes.reference(each)
                if reference:
                    found.setdefault(str(name), set()).add(reference)
        return {name: next(iter(each)) for name, each in found.items() if len(each) == 1}

    def entity_of(self, operation: Operation) -> str | None:
        """The kind of record that a plain operation concerns."""
        return self._entities.get(operation.id)

    def shows_records(self, operation: Operation) -> bool:
        """Whether an operation lists records, or is given them: texts or numbers are nothing that could be kept."""
        if self.verbs.get(operation.id) != "list":
            given = self.shapes.node(self.shapes.body(operation))
            return "items" not in given or bool(self.shapes.properties(given))
        place = self.shapes.place(operation)
        return place is None or bool(self.shapes.properties(place.schema))

    def plain(self, operation: Operation) -> Plain | None:
        """How an operation is served; None where it is no plain one."""
        entity, verb = self.entity_of(operation), self.verbs.get(operation.id)
        if entity is None or verb is None:
            return None
        name = self.names[entity]
        listing = verb == "list"
        place = self.shapes.place(operation)
        envelope = operation.data.get("x-accordant-envelope")
        way = ".".join(place.way) if place else ""
        one = envelope if isinstance(envelope, str) else way or entity
        known = {**self.kinds[entity].written, **self.kinds[entity].shown}
        return Plain(
            verb=verb,
            collection=name,
            one=one,
            many=way or name,
            key=self._key_place(operation, self.kinds[entity].key) if not listing else "",
            by="" if listing else self._other_field(operation, self.kinds[entity]),
            filters=filters_of(operation, known, self.shapes) if listing else {},
            paging=paging_of(operation) if listing else None,
            choose=after_row(operation) if listing else None,
            headers=next_headers if listing and "next-header" in (operation.pagination or {}) else None,
            within=self._within(operation, entity),
            values=inner_values(name, verb, self.shapes.body_envelope(operation)),
        )

    def _within(self, operation: Operation, entity: str) -> Within | None:
        """The record that a path names before those which the operation concerns: they are inside of it."""
        parts = operation.sent_path.strip("/").split("/")
        fixed = max((place for place, part in enumerate(parts) if not part.startswith("{")), default=0)
        before = [part[1:-1] for part in parts[:fixed] if part.startswith("{") and part.endswith("}")]
        parameter = next((each for each in operation.parameters if before and each.name == before[-1]), None)
        reference = parameter.data.get("x-accordant-reference") if parameter is not None else None
        target = self.kinds.get(str(reference))
        if parameter is None or target is None or target.entity == entity or "enum" in parameter.schema:
            return None
        if types_of(self.shapes.node(parameter.schema)) & {"array", "object"}:
            return None  # several keys at once
        if target.key is None or not {"get", "update", "replace", "delete"} & {*target.verbs.values()}:
            return None
        kind = self.kinds[entity]
        known = {**kind.shown, **kind.written}
        named = next((name for name, node in known.items() if self.shapes.reference(node) == target.entity), None)
        field = named or f"_in_{target.entity}"
        own = {**target.shown, **target.written}
        keys = (target.key.field, *target.key.scope, f"{target.entity}_{target.key.field}")
        other = parameter.name in own and parameter.name not in keys
        by = parameter.name if other and not target.key.in_body else ""
        return Within(self.names[target.entity], parameter.name, field, by=by)

    def living(self, name: str) -> Collection:
        """The collection of that name, able to make rows up and to complete those that clients create."""
        return living(self.collections[name], self.kept[name], self.document, self.shapes, self.owners(name))

    def owners(self, name: str) -> dict[str, str]:
        """The fields of a collection's records that hold the key of what they are inside of, with its collection."""
        found = (self.plain(each) for each in self.kept[name].operations)
        inside = [each.within for each in found if each is not None and each.within is not None]
        return {each.field: each.parent for each in inside}

    # Collections

    def _collection(self, name: str, kind: RecordKind) -> Collection:
        key = self._key_kind(kind)
        underscored = frozenset(each for each in (*kind.written, *kind.shown) if each.startswith("_"))
        field = kind.key.field if kind.key else next(each for each in _HIDDEN_KEYS if each not in underscored)
        keys = {*key.fields, field} if isinstance(key, Natural) else {field}
        written = frozenset(kind.written) - (frozenset() if isinstance(key, Natural) else kind.carried)
        sure = kind.changed is not None and bool(kind.created)
        blanks: dict[str, Any] = {}
        stamps = self._stamps({each: node for each, node in kind.shown.items() if each not in kind.written})
        said = {name_of for name_of, node in kind.written.items() if self._stated_default(node)}
        for name_of, node in (*kind.written.items(), *kind.shown.items()):
            if name_of in keys or name_of in stamps or name_of.casefold() == "id" or name_of in kind.carried:
                continue
            if names_another(name_of, kind.entity, kind.shown):
                continue
            if name_of in said and node is not kind.written.get(name_of):
                continue  # what a body says becomes of a field that is not sent, whatever responses say of it
            for blank in self.shapes.blank(node):
                blanks[name_of] = blank
        # What a body may say is null is nothing that a response which knows no null there could show.
        firm = {name_of for name_of, node in kind.shown.items() if self.shapes.firmness(node) == _FIRM}
        blanks = {name_of: blank for name_of, blank in blanks.items() if blank is not None or name_of not in firm}
        return Collection(
            name=name,
            kind=key,
            key=field,
            fields=written,
            fixed=written - frozenset(kind.changed or {}) if sure else frozenset(),
            defaults=blanks,
            instants=(),
            refs=self._references(kind),
            stamps=stamps,
            underscored=underscored,
        )

    def _stated_default(self, node: Any) -> bool:
        return any(is_object(each) and "default" in each for each in (node, self.shapes.node(node)))

    def _key_kind(self, kind: RecordKind) -> KeyKind:
        key = kind.key
        if key is None:
            return Int()
        schema = self._telling(kind, key)
        node = self.shapes.node(schema)
        types = types_of(node)
        if key.in_body and "integer" not in types:
            return Natural((*key.scope, key.field))
        if "integer" in types or "number" in types or not types:
            return Int()
        if node.get("format") == "uuid" and "pattern" not in node and not self._has_example(schema):
            return Uuid()
        return key_maker(self.document, schema, key.field.lstrip("_"))

    def _telling(self, kind: RecordKind, key: RecordKey) -> Any:
        """The schema of a key; where it says no more than that it is a text, that of a field which holds the key. Where
        one of those is a number, or a response shows the key as one, the text is one of digits."""
        schema = key.schema
        if types_of(self.shapes.node(schema)) != frozenset(["string"]) or tells(self.shapes.node(schema)):
            return schema
        places = (self.shapes.place(each) for each in kind.operations)
        shown = [self.shapes.properties(each.schema).get(key.field) for each in places if each is not None]
        holding = [*self._referring.get(kind.entity, ()), *shown]
        texts = [each for each in holding if types_of(self.shapes.node(each)) == frozenset(["string"])]
        told = next((each for each in texts if tells(self.shapes.node(each))), None)
        is_number = any(types_of(self.shapes.node(each)) == frozenset(["integer"]) for each in holding)
        return told or (_DIGITS if is_number else schema)

    @cached_property
    def _referring(self) -> Mapping[str, list[Any]]:
        """The schemas of the texts and numbers that hold the key of a kind of record, wherever the document has one.
        One of a few values is the key of none."""
        found: dict[str, list[Any]] = {}
        for node in self._nodes(self.document.data):
            properties = node.get("properties")
            held = [*properties.values()] if is_object(properties) else []
            held += [{**each, **node} for each in (node.get("schema"),) if "in" in node and is_object(each)]
            for each in held:
                reference = self.shapes.reference(each)
                shown = self.shapes.node(each)
                if reference and types_of(shown) in _KEY_TYPES and "enum" not in shown:
                    found.setdefault(reference, []).append(each)
        return found

    def _has_example(self, raw: Any) -> bool:
        nodes = (raw, self.shapes.node(raw))
        return any(is_object(each) and ("example" in each or "examples" in each) for each in nodes)

    def _stamps(self, shown: Mapping[str, Any]) -> tuple[str, ...]:
        """The instants of creation and of the last change, as far as a record shows them."""
        found: list[str] = []
        for pattern in (CREATED, CHANGED):
            named = (name for name, node in shown.items() if pattern.fullmatch(name) and self.shapes.instant(node))
            stamp = next(named, None)
            if stamp is None:
                break
            found.append(stamp)
        return tuple(found)

    def _nodes(self, value: Any) -> Iterator[Mapping[str, Any]]:
        if is_object(value):
            yield value
            for each in value.values():
                yield from self._nodes(each)
        elif is_array(value):
            for each in value:
                yield from self._nodes(each)

    # References

    def _references(self, kind: RecordKind) -> tuple[Ref, ...]:
        known = {**kind.shown, **kind.written}
        refs = [ref for name, node in known.items() for ref in self._refs(name, node, kind)]
        refs += self._owners(kind, {ref.fields for ref in refs})
        own = self.names[kind.entity]
        wider = [ref for ref in refs if ref.collection != own]
        return tuple(ref for ref in refs if not any(_within(ref, other) for other in wider))

    def _owners(self, kind: RecordKind, known: set[tuple[str, ...]]) -> Iterator[Ref]:
        """The kinds of record whose whole key of several fields is a part of this kind's key."""
        mine = {*kind.key.scope, kind.key.field} if kind.key else set[str]()
        for entity, other in self.kinds.items():
            key = other.key
            if key and other.verbs and key.scope:
                fields = (*key.scope, key.field)
                if {*fields} < mine and fields not in known:
                    known.add(fields)
                    yield Ref(key.field, self.names[entity], fields=fields)

    def _refs(self, name: str, node: Any, kind: RecordKind) -> Iterator[Ref]:
        """The reference that a property holds; of a key of several fields, all that the record has."""
        reference = self.shapes.reference(node)
        target = self.kinds.get(reference) if reference else None
        if target is None or not target.verbs or "array" in types_of(self.shapes.node(node)):
            return
        own = {row_field(each, kind) for each in kind.operations}  # by which lists know the very record
        own |= {kind.key.field, *kind.key.scope} if kind.key else set()
        if kind.entity == target.entity and name in own:
            return
        key = target.key
        fields = (*key.scope, key.field) if key and key.in_body and key.scope else ()
        known = {**kind.shown, **kind.written}
        if fields and not all(each in known for each in fields[:-1]):
            return
        yield Ref(name, self.names[target.entity], fields=(*fields[:-1], name) if fields else ())

    # Operations

    @cached_property
    def _entities(self) -> Mapping[str, str]:
        return {name: entity for entity, kind in self.kinds.items() for name in kind.verbs}

    def _other_field(self, operation: Operation, kind: RecordKind) -> str:
        """The field that an operation's path names a record by, where others name it by another."""
        key = kind.key
        found = next(iter(key_fields(self.shapes, operation, kind)), None)
        if key is None or found is None or found == key.field or key.in_body:
            return ""
        return found if found in kind.shown or found in kind.written else ""

    def _key_place(self, operation: Operation, key: RecordKey | None) -> str:
        """Where a request carries the key, where that is not the last path parameter."""
        stated = operation.data.get("x-accordant-key")
        if is_object(stated) and isinstance(stated.get("parameter"), str):
            name = stated["parameter"]
            where = next((each.where for each in operation.parameters if each.name == name), "")
            return f"{where}:{name}" if where in ("path", "query") else ""
        if is_object(stated) and isinstance(stated.get("body"), str):
            return "" if key is not None and key.scope else f"body:{stated['body']}"
        return ""


def _within(ref: Ref, other: Ref) -> bool:
    """Whether what one reference says is said by another, which names more fields."""
    return bool(other.fields) and ref is not other and {*(ref.fields or (ref.field,))} < {*other.fields}
