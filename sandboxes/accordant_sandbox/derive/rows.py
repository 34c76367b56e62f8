"""Rows of derived collections: made-up ones, what is missing in those that a client creates, and what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from accordant_sandbox.derive.kinds import RecordKind, key_fields, names_another, row_field
from accordant_sandbox.derive.made_keys import key_maker
from accordant_sandbox.derive.shapes import Shapes, types_of
from accordant_sandbox.http.document import Document
from accordant_sandbox.http.exchange import Upload
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.http.record_dates import CHANGED, is_instant
from accordant_sandbox.model.collections import Collection, Natural
from accordant_sandbox.ports import Row, Tx

_MADE = 100
"""More than the rows that anybody makes up: from there on the fields are counted that clients leave out."""
_ATTRIBUTES = "attributes"
_DEEPEST = 6
"""Objects inside of objects that are looked into."""
__all__ = ["first_key", "living"]


def living(
    collection: Collection, kind: RecordKind, document: Document, shapes: Shapes, owners: Mapping[str, str]
) -> Collection:
    """A derived collection that can fill itself: it makes rows up, and completes those that clients create.

    Args:
        collection: The collection.
        kind: Its kind of record.
        document: The document.
        shapes: Its schemas.
        owners: Fields that hold the key of the record which a row is inside of, with that record's collection.
    """
    fields = _Fields(collection, kind, document, shapes, owners)
    view = fields.view if kind.shown else None
    own = frozenset((*owners, *kind.shown)) - frozenset(kind.written)  # what no body can say, a replacement keeps
    return replace(collection, make=fields.make, derive=fields.complete, view=view, fixed=collection.fixed | own)


class _Fields:
    def __init__(
        self, collection: Collection, kind: RecordKind, document: Document, shapes: Shapes, owners: Mapping[str, str]
    ) -> None:
        self._collection = collection
        self._kind = kind
        self._document = document
        self._shapes = shapes
        self._owners = owners
        own = collection.key.casefold()
        named = {field for each in kind.operations for field in key_fields(shapes, each, kind)} - {collection.key}
        rows = {field for each in kind.operations if (field := row_field(each, kind)) is not None} - {collection.key}
        self._also = sorted(name for name in named | rows if name in kind.shown and name.casefold().endswith(own))
        """Fields in which some operations show the key again: a membership's `user_id` beside its `id`."""
        referring = {name for ref in collection.refs for name in ref.fields or (ref.field,)}
        self._telling = {
            name: key_maker(document, kind.shown[name], name)
            for name in sorted({"id", *named, *rows} - {collection.key, *self._also, *referring, *owners})
            if name in kind.shown and types_of(shapes.node(kind.shown[name])) & {"string", "integer", "number"}
        }
        """Fields that tell records apart although they are not the key: no two may hold the same."""
        if collection.key not in kind.shown and not self._telling and not self._also:
            # Records that show no key at all: without a difference one page of them would be the same as another.
            plain = [name for name in kind.shown if name not in (*referring, *owners, *kind.written)]
            name = next(filter(self._tells, sorted(plain, key=_keylike)), None)
            self._telling |= {name: key_maker(document, kind.shown[name], name)} if name is not None else {}
        self._changed = [
            name
            for name, node in kind.shown.items()
            if CHANGED.fullmatch(name) and name not in (*collection.stamps, *kind.written) and shapes.instant(node)
        ]
        """Fields that say when a record was changed last, where none says when it was made."""
        self._holder, self._held = self._object_with_most()
        places = (shapes.place(each) for each in kind.operations)
        self._is_varied = any(each is not None and shapes.is_varied(each.schema) for each in places)

    def make(self, tx: Tx, number: int) -> Mapping[str, Any]:
        """Values for the n-th row: examples of its properties, and keys of records that exist."""
        row: dict[str, Any] = {}
        for name, node in {**self._kind.written, **self._kind.shown}.items():
            made = self._is_key(name) or name in (*self._collection.stamps, *self._also)
            if not made and not names_another(name, self._kind.entity, self._kind.shown):
                row[name] = self._document.examples.of(node, "response", number, name)
        row |= {name: maker.make(number) for name, maker in self._telling.items()}
        for ref in self._collection.refs:
            names = ref.fields or (ref.field,)
            if any(self._is_key(name) or name in self._also for name in names):
                continue
            other = next(iter(tx.rows(ref.collection)), None)
            if other is not None:
                keys = tx.key_fields(ref.collection) or (self._key_field(ref.collection, tx),)
                known = {name: other.get(key) for name, key in zip(names, keys, strict=False)}
                row |= {name: value for name, value in known.items() if self._may_hold(name, value)}
            elif ref.field not in self._kind.required:
                row.pop(ref.field, None)
        if isinstance(self._collection.kind, Natural):
            for name in self._collection.kind.fields:
                row.setdefault(name, self._document.examples.of(self._node(name), "request", number, name))
                if isinstance(row[name], str) and number > 1:
                    row[name] = self._document.examples.of(self._node(name), "request", number, name)
        return {**row, **{name: first_key(tx, owner) for name, owner in self._owners.items()}}

    def complete(self, tx: Tx, row: Row) -> Mapping[str, Any]:
        """What a record must show and a client did not send; a file is kept as its name."""
        added: dict[str, Any] = {name: each.filename for name, each in row.items() if isinstance(each, Upload)}
        if not isinstance(self._collection.kind, Natural):
            added |= {name: row[self._collection.key] for name in self._also if row.get(name) is None}
        if isinstance(self._collection.kind, Natural):
            name = self._collection.kind.fields[-1]
            if row.get(name) is None and name in self._kind.shown:  # a key that a client may leave to the vendor
                maker = key_maker(self._document, self._kind.shown[name], name)
                added[name] = maker.make(tx.next(f"{self._collection.name}.{name}") + _MADE)
        added |= dict.fromkeys(self._changed, tx.now_text)
        for name, maker in self._telling.items():
            if row.get(name) is None:
                added[name] = maker.make(tx.next(f"{self._collection.name}.{name}") + _MADE)
        for name, each in row.items():
            if is_object(each) and name in self._kind.written and name in self._kind.shown:
                added[name] = self._with_defaults(each, self._kind.written[name], self._kind.shown[name])
        added |= self._otherwise(row) | self._inside(row)
        for name in sorted(self._kind.required):
            node = self._kind.shown.get(name)
            given = name in added or name in self._collection.stamps
            given = given or row.get(name) is not None or (name in row and self._may_be_null(node))
            if not given and node is not None and not self._is_key(name):
                added[name] = self._document.examples.of(node, "response", 1, name)
        # An owner that the client did not name, and that need not be shown, stays open: the record is inside of each.
        needed = self._kind.required
        owners = {name: owner for name, owner in self._owners.items() if row.get(name) is None and name in needed}
        return {**added, **{name: first_key(tx, owner) for name, owner in owners.items()}}

    def _otherwise(self, row: Row) -> dict[str, Any]:
        """What a body says in one form and responses show in another: for the name of an image its whole record."""
        shown, written = self._kind.shown, self._kind.written
        return {
            name: self._document.examples.of(shown[name], "response", 1, name)
            for name in written.keys() & shown.keys() & row.keys()
            if not self._has_form(row[name], shown[name])
        }

    def _object_with_most(self) -> tuple[str, list[str]]:
        """The object in which records show what bodies say bare, and those fields: `attributes`, as JSON:API has it,
        or the one that holds most of a body of which records show nothing else."""
        shown, written = self._kind.shown, self._kind.written
        objects = [name for name, node in shown.items() if "array" not in types_of(self._shapes.node(node))]
        held = {name: sorted(self._shapes.properties(shown[name]).keys() & written.keys()) for name in objects}
        own = [name for name in held.get(_ATTRIBUTES, ()) if name not in shown]
        if own or written.keys() & shown.keys():
            return _ATTRIBUTES, own
        name = max(held, key=lambda each: len(held[each]), default="")
        return (name, held[name]) if name and 2 * len(held[name]) > len(written) else ("", [])

    def _inside(self, row: Row) -> dict[str, Any]:
        """The object that holds what a body says bare, with what it said last."""
        if not self._held:
            return {}
        node = self._kind.shown[self._holder]
        told = self._shapes.properties(node)
        known = row.get(self._holder)
        if not is_object(known):
            known = self._document.examples.of(node, "response", 1, self._holder)
        said = {name: row[name] for name in self._held if name in row and self._has_form(row[name], told[name])}
        said = {name: each for name, each in said.items() if each is not None or self._may_be_null(told[name])}
        return {self._holder: {**(known if is_object(known) else {}), **said}}

    def _has_form(self, value: Any, node: Any) -> bool:
        """Whether a value is an object or an array where responses show one, and none where they do not; and no other
        text where they show an instant."""
        types = self._types(node) - {"null"}
        if isinstance(value, str) and not is_instant(value) and self._shapes.node(node).get("format") == "date-time":
            return False
        if value is None or isinstance(value, Upload) or not types:
            return True
        form = "object" if is_object(value) else "array" if is_array(value) else ""
        return form in types if form else not types <= {"object", "array"}

    def _types(self, node: Any, depth: int = 0) -> frozenset[str]:
        """The types that responses show, those of alternatives too; none where one of them does not say."""
        known = self._shapes.node(node)
        types = types_of(known) or frozenset({"object"} if is_object(known.get("properties")) else ())
        others = [each for key in ("anyOf", "oneOf") for each in known.get(key) or ()]
        if types or not others or depth > _DEEPEST:
            return types
        found = [self._types(each, depth + 1) for each in others]
        return frozenset[str]().union(*found) if all(found) else frozenset()

    def _with_defaults(self, value: Mapping[str, Any], written: Any, shown: Any, depth: int = 0) -> dict[str, Any]:
        """An object with the documented defaults of what it left out and responses must show, in its objects too."""
        known, told = self._shapes.properties(written), self._shapes.properties(shown)
        needed = self._shapes.required(shown)
        filled: dict[str, Any] = {**value}
        for name in [name for name in known if name in told]:
            node = self._shapes.node(known[name])
            own = value.get(name)
            if is_object(own) and depth < _DEEPEST:
                filled[name] = self._with_defaults(own, known[name], told[name], depth + 1)
            elif name not in value and name in needed and "default" in node:
                filled[name] = node["default"]
        return filled

    def view(self, _: Tx, row: dict[str, Any]) -> dict[str, Any]:
        """A record with the properties that responses have."""
        shown = {name: each for name, each in row.items() if name in self._kind.shown}
        return shown if not self._is_varied else self._members(shown, self._kind.shown, self._kind.required)

    def _members(self, value: Mapping[str, Any], nodes: Mapping[str, Any], required: frozenset[str]) -> dict[str, Any]:
        """An object without what is null and must not be, and with what must be there: where records are one of
        several, a body may say otherwise."""
        found: dict[str, Any] = {}
        for name, each in value.items():
            if each is not None or self._may_be_null(nodes.get(name)):
                found[name] = self._fitting(each, nodes.get(name))
        for name in sorted(required & nodes.keys() - found.keys()):
            found[name] = self._document.examples.of(nodes[name], "response", 1, name)
        return found

    def _fitting(self, value: Any, node: Any) -> Any:
        known = self._shapes.node(node)
        if is_array(value) and "items" in known:
            return [self._fitting(each, known["items"]) for each in value]
        if not is_object(value):
            return value
        return self._members(value, self._shapes.properties(known), self._shapes.required(known))

    def _tells(self, name: str) -> bool:
        """Whether a property can tell records apart: a number, or a text of which there are many."""
        node = self._shapes.node(self._kind.shown[name])
        free = not {"enum", "const", "pattern"} & node.keys() and node.get("format", "uuid") in (
            "uuid",
            "int32",
            "int64",
        )
        return free and bool(types_of(node) & {"string", "integer"}) and name not in self._collection.stamps

    def _may_hold(self, name: str, value: Any) -> bool:
        """Whether a property may hold a key: no number is the name by which paths call its record."""
        types = types_of(self._shapes.node(self._node(name))) - {"null"}
        number = bool(types) and types <= {"integer", "number"}
        return not number or not isinstance(value, str) or value.isdecimal()

    def _may_be_null(self, node: Any) -> bool:
        """Whether responses may show null in a property: all that do not say what it is may."""
        types = types_of(self._shapes.node(node))
        return not types or "null" in types

    def _is_key(self, name: str) -> bool:
        return name == self._collection.key and not isinstance(self._collection.kind, Natural)

    def _node(self, name: str) -> Any:
        return {**self._kind.shown, **self._kind.written}.get(name, {"type": "string"})

    def _key_field(self, collection: str, tx: Tx) -> str:
        row = tx.rows(collection)[0]
        key = tx.key_of(collection, row)
        return next((name for name, value in row.items() if value == key), "id")


def _keylike(name: str) -> int:
    """How little a property's name is like that of a key: those called so come first, in their order."""
    plain = name.casefold().replace("_", "")
    return next((place for place, each in enumerate(("id", "key", "code", "name")) if plain.endswith(each)), 9)


def first_key(tx: Tx, collection: str) -> Any:
    """The key of a collection's first record, as a path carries it; None where there is no record."""
    row = next(iter(tx.rows(collection)), None)
    if row is None:
        return None
    key: Any = tx.key_of(collection, row)
    parts: list[Any] = [*key] if isinstance(key, tuple) else [key]
    return parts[-1]
