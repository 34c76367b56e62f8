"""Kinds of record: the operations of each entity of a document, what they do, and how its records are keyed."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, cast, get_args

from accordant_sandbox.derive.names import plural, snake
from accordant_sandbox.derive.shapes import RecordPlace, Shapes, types_of
from accordant_sandbox.http.document import Document, Operation
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.model.operations import Verb

__all__ = ["RecordKey", "RecordKind", "key_fields", "kinds_of", "names_another", "row_field", "tells", "verb_of"]

_VERBS: Final = frozenset(get_args(Verb))
_BY_METHOD: Final[Mapping[str, Verb]] = {
    "GET": "get",
    "PUT": "replace",
    "PATCH": "update",
    "POST": "update",
    "DELETE": "delete",
}
_KEYS: Final = ("id", "uuid", "uid", "guid", "sid", "key", "slug", "code", "name", "number")
"""What a record's own key is called, where its path parameter is called otherwise."""
_EITHER: Final = re.compile("(?<=[a-z0-9])Or(?=[A-Z])|[_-]or[_-]")
"""What stands between two keys in the name of a path parameter that takes the one or the other."""

_KEY_AT_END: Final = re.compile(r"/\{[^{}/]+\}/?$")
"""A path whose last part is a variable and nothing else: what is written beside a variable is no key."""


@dataclass(frozen=True, slots=True)
class RecordKey:
    """How a kind of record is keyed: the field (and what it is unique within), and whether bodies carry it.

    schema: The schema of the field, or of the path parameter that carries it.
    """

    field: str
    scope: tuple[str, ...] = ()
    in_body: bool = False
    schema: Any = None


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One entity: its name in the document, its operations with their verbs, its key, and its properties.

    created, changed: What a body sets at creation and in a change. shown: What responses show of a record.
    """

    entity: str
    verbs: Mapping[str, Verb]
    key: RecordKey | None
    created: Mapping[str, Any]
    changed: Mapping[str, Any] | None
    shown: Mapping[str, Any]
    required: frozenset[str] = frozenset()
    carried: frozenset[str] = frozenset()
    """Properties of bodies that say which record is meant."""
    operations: tuple[Operation, ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """The name of all its records."""
        return plural(self.entity)

    @property
    def written(self) -> dict[str, Any]:
        """Every property that some body sets."""
        return {**(self.changed or {}), **self.created}

    def with_(self, other: RecordKind) -> RecordKind:
        """This kind with the properties of another whose records are kept beside its own."""
        changed = (
            None
            if self.changed is None and other.changed is None
            else {**(other.changed or {}), **(self.changed or {})}
        )
        return replace(
            self,
            verbs=dict[str, Verb]({**other.verbs, **self.verbs}),
            key=self.key or other.key,
            created={**other.created, **self.created},
            changed=changed,
            shown={**other.shown, **self.shown},
            operations=(*self.operations, *other.operations),
            carried=self.carried | other.carried,
        )


@lru_cache(maxsize=8)
def kinds_of(document: Document) -> Mapping[str, RecordKind]:
    """The kinds of record of a document by entity, in the order in which it names them.

    They are remembered for a few documents: every sandbox of a vendor asks for those of the same one.
    """
    shapes = Shapes(document)
    grouped: dict[str, list[Operation]] = {}
    for operation in document.operations.values():
        entity = operation.entity or snake(_last_word(operation.sent_path)) or "record"
        grouped.setdefault(entity, []).append(operation)
    return {entity: _kind(shapes, document, entity, operations) for entity, operations in grouped.items()}


def verb_of(operation: Operation, document: Document, shapes: Shapes) -> Verb | None:
    """What an operation does to a record: as the document says, else by method, path and shapes; None for others."""
    if operation.action == "list" and _is_at_its_own(operation):
        return None  # what is inside of one record
    if operation.action in ("get", "update", "replace", "delete") and _is_at_a_choice(operation):
        return None
    if operation.action not in _VERBS and _names_part(operation):
        return None
    if operation.action in _VERBS:
        return cast("Verb", operation.action)
    place = shapes.place(operation)
    last = _parameter(operation, operation.sent_path.rstrip("/").rsplit("{", 1)[-1].rstrip("}"))
    by_id = _KEY_AT_END.search(operation.sent_path) is not None and not _is_many(shapes, last)
    if operation.method == "GET":
        if place is None:
            return None
        if place.many:
            return "list" if shapes.properties(place.schema) else None
        return "get" if by_id and shapes.properties(place.schema) else None
    beside = _beside(operation, document)
    if by_id and "GET" in beside and operation.method in ("PUT", "PATCH", "DELETE", "POST"):
        makes = operation.method == "POST" and operation.success_status == 201 and {"PUT", "PATCH"} & beside.keys()
        acts = operation.method == "POST" and not operation.body_content and place is None
        return None if makes or acts else _BY_METHOD[operation.method]
    lists = beside.get("GET")
    safe = operation.data.get("x-accordant-idempotent") is True  # a search: sent again it changes nothing more
    if operation.method == "POST" and not safe and lists is not None and shapes.written(operation):
        found = shapes.place(lists)
        return "create" if found is not None and found.many and shapes.properties(found.schema) else None
    return None


def _is_at_its_own(operation: Operation) -> bool:
    """Whether the path of an operation ends with the key of a record of the kind that it concerns."""
    last = operation.sent_path.rstrip("/").rsplit("/", 1)[-1]
    named = next((each for each in operation.parameters if last == f"{{{each.name}}}"), None)
    return named is not None and bool(operation.entity) and named.data.get("x-accordant-reference") == operation.entity


def _names_part(operation: Operation) -> bool:
    """Whether a path ends with the key of a record of its kind, and after it with what is the key of nothing."""
    kinds = {f"{{{each.name}}}": each.data.get("x-accordant-reference") for each in operation.parameters}
    last = operation.sent_path.rstrip("/").split("/")[-2:]
    named = [kinds.get(each) for each in last if each.startswith("{")]
    return len(named) == len(last) == 2 and bool(operation.entity) and named == [operation.entity, None]


def _is_at_a_choice(operation: Operation) -> bool:
    """Whether the key that an operation names is one of a few values: no record has it."""
    key = operation.data.get("x-accordant-key")
    name = key.get("parameter") if is_object(key) else None
    schema = _parameter(operation, name) if isinstance(name, str) else None
    return is_object(schema) and "enum" in schema


def _kind(shapes: Shapes, document: Document, entity: str, operations: Sequence[Operation]) -> RecordKind:
    verbs: dict[str, Verb] = {}
    for each in operations:
        verb = verb_of(each, document, shapes)
        if verb is not None:
            verbs[each.id] = verb
    doing = {each.id: each for each in operations if each.id in verbs}
    created: dict[str, Any] = {}
    changed: dict[str, Any] | None = None
    shown: dict[str, Any] = {}
    required = frozenset[str]()
    for name, operation in doing.items():
        verb = verbs[name]
        if verb in ("create", "upsert"):
            created |= shapes.written(operation)
        if verb in ("update", "replace", "upsert"):
            written = shapes.written(operation)
            changed = {**(changed or {}), **written}
        place = shapes.place(operation) if verb != "delete" else None
        if place is not None and _shows(shapes, operation, place):
            for field_name, node in shapes.properties(place.schema).items():
                if field_name not in shown or shapes.says_more(node, shown[field_name]):
                    shown[field_name] = node
            required |= shapes.required(place.schema)
    shown = {name: node for name, node in shown.items() if not shapes.write_only(node)}
    written = {**(changed or {}), **created}
    known = {**{each: node for each, node in written.items() if not names_another(each, entity, shown)}, **shown}
    key = _key(shapes, doing.values(), verbs, known, shown, required)
    stated = [each.data.get("x-accordant-key") for each in doing.values()]
    carried = frozenset(str(each["body"]) for each in stated if is_object(each) and "body" in each)
    return RecordKind(entity, verbs, key, created, changed, shown, required, carried, tuple(doing.values()))


def _shows(shapes: Shapes, operation: Operation, place: RecordPlace) -> bool:
    """Whether a success shows the record, rather than the outcome of the work."""
    written = shapes.written(operation)
    shown = shapes.properties(place.schema)
    key = operation.data.get("x-accordant-key")
    field = str(key.get("field")) if is_object(key) else ""
    if not written or "x-accordant-envelope" in operation.data or written.keys() & shown.keys():
        return True
    return any(name.casefold() == "id" or name == field for name in shown)


# Keys


def _key(
    shapes: Shapes,
    operations: Iterable[Operation],
    verbs: Mapping[str, Verb],
    known: Mapping[str, Any],
    shown: Container[str],
    required: frozenset[str],
) -> RecordKey | None:
    """The key that most operations name; the one with the widest scope where they differ. Of two that are named alike
    often, the one by which an operation finds a record."""
    every = [(verbs[each.id], key) for each in operations for key in _keys(shapes, each, verbs[each.id], known, shown)]
    found = [key for _, key in every]
    finding = {key.field for verb, key in every if verb not in ("list", "create")}
    if not found:
        own = next((name for name in known if name.casefold() == "id"), None)
        kept = own is not None and (own in required or bool(types_of(shapes.node(known[own])) & {"string", "integer"}))
        return RecordKey(own, schema=known[own]) if own is not None and kept else None
    fields = [each.field for each in found]
    best = max(found, key=lambda key: (len(key.scope), key.in_body, fields.count(key.field), key.field in finding))
    # A number can be written where a text is asked for, and not the other way round.
    same = [each for each in found if each.field == best.field and not each.in_body]
    whole = next((each for each in same if types_of(shapes.node(each.schema)) == frozenset(["integer"])), None)
    return best if whole is None or best.in_body else replace(best, schema=whole.schema)


def key_fields(shapes: Shapes, operation: Operation, kind: RecordKind) -> Iterator[str]:
    """The field by which an operation on one record names it."""
    verb = kind.verbs.get(operation.id)
    if verb in ("get", "update", "replace", "delete"):
        own = {name: each for name, each in kind.written.items() if not names_another(name, kind.entity, kind.shown)}
        yield from (key.field for key in _keys(shapes, operation, verb, {**own, **kind.shown}, kind.shown))


def names_another(name: str, entity: str, shown: Mapping[str, Any]) -> bool:
    """Whether a field that only bodies have is called like the key of its kind, which records show under another name:
    it says which record is meant that is there already."""
    keys = {each.casefold() for each in shown} & {*_KEYS}
    own, plain = (each.casefold().replace("_", "") for each in (entity, name))
    return name not in shown and any(plain == f"{own}{key}" for key in keys)


def row_field(operation: Operation, kind: RecordKind) -> str | None:
    """The field by which the rows of a list are known, as the document says."""
    stated = operation.data.get("x-accordant-key")
    field = stated.get("field") if is_object(stated) and kind.verbs.get(operation.id) == "list" else None
    return field if isinstance(field, str) else None


def _keys(
    shapes: Shapes, operation: Operation, verb: Verb, known: Mapping[str, Any], shown: Container[str]
) -> Iterator[RecordKey]:
    stated = operation.data.get("x-accordant-key")
    key: Mapping[str, Any] = stated if is_object(stated) else {}
    parameter = key.get("parameter")
    schema = _parameter(operation, parameter) if isinstance(parameter, str) else None
    field = key.get("field")
    if key and not isinstance(field, str):
        return
    if not key and verb not in ("list", "create") and operation.sent_path.rstrip("/").endswith("}"):
        field = parameter = operation.sent_path.rstrip("/").rsplit("{", 1)[-1].rstrip("}")
        schema = _parameter(operation, field)
    if not isinstance(field, str):
        return
    if schema is not None and _is_many(shapes, schema):
        return  # a path that ends with an object or a list names no record
    scope = key.get("scope")
    told = {name: each for name, each in known.items() if not _is_many(shapes, each)}
    own = _own_field(field, told, shown)
    if own is None:
        yield RecordKey(f"_{field}", schema=schema)
        return
    shown_as, schema = shapes.first_form(known[own]), shapes.first_form(schema)
    text = types_of(shapes.node(shown_as)) == frozenset(["string"])
    in_body = "body" in key or (bool(scope) and text)
    telling = schema is None or _says_more(shapes.node(shown_as), shapes.node(schema))
    yield RecordKey(own, tuple(scope) if is_array(scope) else (), in_body, shown_as if telling else schema)


def _is_many(shapes: Shapes, raw: Any) -> bool:
    return bool(types_of(shapes.node(raw)) & {"object", "array"})


def _says_more(own: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Whether the property says more of a key than the variable that carries it: an example binds nobody."""
    if types_of(own) and not types_of(asked):
        return True
    bound = ("format", "pattern", "enum")
    return tells(own) and not (any(each in asked for each in bound) and not any(each in own for each in bound))


def tells(node: Mapping[str, Any]) -> bool:
    """Whether a property says more of a key than that it is a text."""
    said = ("format", "pattern", "enum", "example", "examples", "maxLength")
    return bool(types_of(node) & {"integer", "number"}) or any(each in node for each in said)


def _own_field(name: str, known: Mapping[str, Any], shown: Container[str]) -> str | None:
    """The field of a record that a path parameter of that name carries. A field that is merely called like its end
    names no record that shows its id, and not this field."""
    if name in known:
        return name
    folded = {each.casefold().replace("_", ""): each for each in known}
    plain = name.casefold().replace("_", "")
    for each in (plain, *(part.casefold().replace("_", "") for part in _EITHER.split(name))):
        if each in folded:
            return folded[each]
    ending = max((each for each in _KEYS if plain.endswith(each) and each in folded), key=len, default=None)
    own = folded.get("id")
    if ending and own is not None and own in shown and folded[ending] not in shown:
        return own
    return folded[ending] if ending else own


def _parameter(operation: Operation, name: str) -> Any:
    return next((each.schema for each in operation.parameters if each.name == name), None)


def _beside(operation: Operation, document: Document) -> dict[str, Operation]:
    """The operations of the same path, by method."""
    return {each.method: each for each in document.operations.values() if each.path == operation.path}


def _last_word(path: str) -> str:
    words = [part for part in re.split("[/.:]", path) if part and not part.startswith("{")]
    return words[-1].removesuffix("s") if words else ""
