"""Rows of derived collections: made-up ones, what is missing in those that a client creates, and what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from accordant_sandbox.derive.kinds import RecordKind, key_fields, row_field
from accordant_sandbox.derive.shapes import Shapes, types_of
from accordant_sandbox.http.document import Document
from accordant_sandbox.http.exchange import Upload
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.http.record_dates import CHANGED
from accordant_sandbox.model.collections import Collection, Made, Natural
from accordant_sandbox.ports import Row, Tx

_MADE = 100
"""More than the rows that anybody makes up: from there on the fields are counted that clients leave out."""
_ATTRIBUTES = "attributes"
_DEEPEST = 6
"""Objects inside of objects that are looked into."""
__all__ = ["first_key", "key_maker", "living"]

_DIGITS = "0123456789"


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
            for name in sorted({"id", *named} - {collection.key, *self._also, *referring, *owners})
            if name in kind.shown and types_of(shapes.node(kind.shown[name])) & {"string", "integer"}
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
        told = shapes.properties(kind.shown.get(_ATTRIBUTES))
        self._inside = sorted(told.keys() & (kind.written.keys() - kind.shown.keys()))
        """Fields that bodies say beside each other, and responses show within `attributes`, as JSON:API has it."""
        places = (shapes.place(each) for each in kind.operations)
        self._is_varied = any(each is not None and shapes.is_varied(each.schema) for each in places)

    def make(self, tx: Tx, number: int) -> Mapping[str, Any]:
        """Values for the n-th row: examples of its properties, and keys of records that exist."""
        row: dict[str, Any] = {}
        for name, node in {**self._kind.written, **self._kind.shown}.items():
            if not self._is_key(name) and name not in (*self._collection.stamps, *self._also):
                row[name] = self._document.examples.of(node, "response", number, name)
        row |= {name: maker.make(number) for name, maker in self._telling.items()}
        for ref in self._collection.refs:
            names = ref.fields or (ref.field,)
            if any(map(self._is_key, names)):
                continue
            other = next(iter(tx.rows(ref.collection)), None)
            if other is not None:
                keys = tx.key_fields(ref.collection) or (self._key_field(ref.collection, tx),)
                row |= {name: other.get(key) for name, key in zip(names, keys, strict=False)}
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
        if self._inside and not is_object(row.get(_ATTRIBUTES)):
            added[_ATTRIBUTES] = self._document.examples.of(self._kind.shown[_ATTRIBUTES], "response", 1, _ATTRIBUTES)
        for name, maker in self._telling.items():
            if row.get(name) is None:
                added[name] = maker.make(tx.next(f"{self._collection.name}.{name}") + _MADE)
        for name, each in row.items():
            if is_object(each) and name in self._kind.written and name in self._kind.shown:
                added[name] = self._with_defaults(each, self._kind.written[name], self._kind.shown[name])
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
        if said := {name: row[name] for name in self._inside if row.get(name) is not None}:
            known = shown.get(_ATTRIBUTES)
            shown[_ATTRIBUTES] = {**(known if is_object(known) else {}), **said}
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


def key_maker(document: Document, schema: Any, name: str) -> Made:
    """Keys that fit a schema: the first is its example, the others differ from it in the number at its end."""

    def make(number: int) -> Any:
        first = document.examples.of(schema, "request", 1, name)
        value = document.examples.of(schema, "request", number, name)
        return _numbered(first, number) if number > 1 and value == first and isinstance(first, str) else value

    return Made(make)


def _numbered(first: str, number: int) -> str:
    """The example with another number at its end, as long as it is while that can be. No two are the same: the digits
    at the end of each say which it is."""
    counted = first[-1:].isascii() and first[-1:].isdecimal()
    stem = (first if counted else first[:-1]).rstrip(_DIGITS)
    told = first[len(stem) :]
    digits = str(int(told) + number - 1 if counted else int(f"{told[:-1]}0") + number)
    if len(digits) > len(told):
        stem = first[: max(len(first) - len(digits), 0)].rstrip(_DIGITS)
    return stem + digits.zfill(len(first) - len(stem))
