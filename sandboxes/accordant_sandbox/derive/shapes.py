"""What the schemas of a document say about records: properties, blanks, and where a response holds its records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from accordant_sandbox.derive.names import plural
from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.document import Document, Operation
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.http.record_dates import is_instant

__all__ = ["RecordPlace", "Shapes", "types_of"]

_DEEP: Final = 12
"""Parts of parts of a schema that are looked into."""
_WRAPPERS: Final = ("data", "result", "results", "items", "value", "values", "records", "list", "entries", "content")
"""What vendors call the member that holds the records, where nothing tells."""
_ASIDE: Final = frozenset({"errors", "warnings"})
"""Arrays of objects that are no records, beside whatever else a response shows."""
_PLAIN: Final = frozenset({"string", "integer", "number", "boolean", "null"})
_WRITTEN_OTHERWISE: Final = frozenset({"date", "time", "local-date-time", "local-time", "duration"})
"""Formats of times that are no instants. What other words say in their place (`ISO 8601`), an example shows."""
_MANY: Final = frozenset({"list"})
_BLANK: Final[Mapping[str, Any]] = {"boolean": False, "integer": 0, "number": 0, "array": list}
_SAYING: Final = frozenset({"type", "enum", "const", "properties", "allOf", "anyOf", "oneOf"})
_ONE: Final = frozenset({"create", "get", "update", "replace", "upsert", "delete"})


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Where a success holds its records: the keys on the way, whether there are several, and the schema of one."""

    way: tuple[str, ...]
    many: bool
    schema: Any
    media_type: str = "application/json"


class Shapes:
    """The schemas of one document, read for records. What a malformed schema says is passed over."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._schemas = document.schemas

    def node(self, raw: Any, depth: int = 0) -> Mapping[str, Any]:
        """A schema with its reference followed, one of plain parts as the whole of them; empty where there is none."""
        try:
            found = self._schemas.deref(raw)
        except SandboxError:
            return {}
        return found if "allOf" not in found or "type" in found or depth > _DEEP else self._whole(found, depth)

    def _whole(self, node: Mapping[str, Any], depth: int) -> Mapping[str, Any]:
        """A schema with what its parts say, where they say that it is a text, a number or a flag."""
        parts = [self.node(each, depth + 1) for each in _listed(node["allOf"])]
        types = frozenset[str]().union(*map(types_of, parts))
        if not types or not types <= _PLAIN:
            return node
        said = {name: value for part in parts for name, value in part.items()}
        return said | {name: value for name, value in node.items() if name != "allOf"}

    def properties(self, raw: Any, depth: int = 0) -> dict[str, Any]:
        """The properties of a record, those of its parts and alternatives included; references are not followed.

        Of a schema that takes one record or an array of them, those of the record.
        """
        node = self.node(raw)
        if depth > _DEEP:
            return {}
        if _is_list(node):
            return self.properties(node["items"], depth + 1)
        found: dict[str, Any] = {}
        for part in _parts(node):
            found |= self.properties(part, depth + 1)
        own = node.get("properties")
        return found | own if is_object(own) else found

    def required(self, raw: Any, depth: int = 0) -> frozenset[str]:
        """The properties that a record must have."""
        node = self.node(raw)
        if depth > _DEEP:
            return frozenset()
        if _is_list(node):
            return self.required(node["items"], depth + 1)
        own = node.get("required")
        found = frozenset(str(name) for name in own) if is_array(own) else frozenset[str]()
        both = node.get("allOf")
        for part in both if is_array(both) else ():
            found |= self.required(part, depth + 1)
        choices = [part for key in ("anyOf", "oneOf") for part in _listed(node.get(key)) if not self._is_null(part)]
        if len(choices) == 1 or (choices and any("items" in self.node(part) for part in choices)):
            found |= self.required(choices[0], depth + 1)
        return found

    def is_varied(self, raw: Any, depth: int = 0) -> bool:
        """Whether a record is one of several objects: what one of them does not describe may hold anything there."""
        node = self.node(raw)
        choices = [part for key in ("anyOf", "oneOf") for part in _listed(node.get(key)) if not self._is_null(part)]
        if len(choices) > 1 and any(self.properties(part) for part in choices):
            return True
        return depth < _DEEP and any(self.is_varied(part, depth + 1) for part in _listed(node.get("allOf")))

    def written(self, operation: Operation) -> dict[str, Any]:
        """The properties that a body can set; those that only the vendor sets are left out."""
        raw = self.body(operation)
        properties = {} if raw is None else self.properties(raw)
        return {name: node for name, node in properties.items() if not self.read_only(node)}

    def body(self, operation: Operation) -> Any:
        """The schema of the record in a body, out of its envelope; None where there is no body that holds one."""
        content = operation.body_content
        kind = next((each for each in content if "json" in each), next(iter(content), None))
        if kind is None:
            return None
        try:
            node = self._schemas.at(content[kind])
        except SandboxError:
            return None
        name = self._wrapper(operation, node)
        return node if name is None else self.properties(node)[name]

    def body_envelope(self, operation: Operation) -> str | None:
        """The member of a body that holds the record; None where the body is the record."""
        content = operation.body_content
        kind = next((each for each in content if "json" in each), None)
        try:
            return None if kind is None else self._wrapper(operation, self._schemas.at(content[kind]))
        except SandboxError:
            return None

    def _wrapper(self, operation: Operation, body: Any) -> str | None:
        """The member of a body that holds the record: one that responses have it in too."""
        stated, known = operation.data.get("x-accordant-envelope"), self.properties(body)
        place = self.place(operation) if not isinstance(stated, str) else None
        name = stated if place is None else ".".join(place.way)
        inner = known.get(name) if isinstance(name, str) else None
        many = inner is not None and self._one_or_many(inner)[0]
        return name if inner is not None and not many and self.properties(inner) else None

    def place(self, operation: Operation) -> RecordPlace | None:
        """Where the success of an operation holds its records; None where no JSON object or array is documented."""
        try:
            found = operation.response(operation.success_status)
        except SandboxError:
            return None
        contents: Mapping[str, Any] = {} if found is None else found[0].get("content") or {}
        for media_type, content in sorted(contents.items(), key=lambda each: each[0] != "application/json"):
            if "json" in media_type and is_object(content) and "schema" in content:
                way, many, schema = self._place(operation, content["schema"])
                return RecordPlace(way, many, schema, media_type)
        return None

    def read_only(self, raw: Any) -> bool:
        """Whether only the vendor sets a property."""
        return self._marked(raw, "readOnly", "x-accordant-read-only")

    def write_only(self, raw: Any) -> bool:
        """Whether a property is never shown."""
        return self._marked(raw, "writeOnly")

    def instant(self, raw: Any) -> bool:
        """Whether a property holds an instant: as its format says, or its example where no format says what it is."""
        node = self.node(raw)
        if "string" not in types_of(node):
            return False
        shown = next((each["example"] for each in (raw, node) if is_object(each) and "example" in each), None)
        form = str(node.get("format", ""))
        return form == "date-time" or (form not in _WRITTEN_OTHERWISE and is_instant(shown))

    def reference(self, raw: Any) -> str | None:
        """The kind of record, or the field of it after a dot, whose key a property holds."""
        for node in (raw, self.node(raw)):
            if is_object(node) and isinstance(node.get("x-accordant-reference"), str):
                return str(node["x-accordant-reference"])
        return None

    def firmness(self, raw: Any) -> int:
        """How much a property's schema rules out: 0 where it says nothing, 1 where it takes null, else 2."""
        node = self.node(raw)
        if not _SAYING & node.keys():
            return 0
        choices = [*_listed(node.get("anyOf")), *_listed(node.get("oneOf"))]
        return 1 if "null" in types_of(node) or any(map(self._is_null, choices)) else 2

    def says_more(self, raw: Any, other: Any) -> bool:
        """Whether a property's schema rules out more than another one of the property does: of two enumerations, the
        one whose values are all in the other."""
        one, two = self.node(raw).get("enum"), self.node(other).get("enum")
        if is_array(one) and is_array(two):
            return len(one) < len(two) and all(each in two for each in one)
        return self.firmness(raw) > self.firmness(other)

    def blank(self, raw: Any) -> Iterator[Any]:
        """What a record holds in a property when nobody said anything: its default, null, the first of an enumeration,
        false, 0 or an empty list. Nothing for texts, objects and keys of other records."""
        node = self.node(raw)
        choices = [*_listed(node.get("anyOf")), *_listed(node.get("oneOf"))]
        chosen = self.node(choices[0]) if choices else node
        types = types_of(chosen)
        if any(is_object(each) and "default" in each for each in (raw, node)):
            yield next(each["default"] for each in (raw, node) if is_object(each) and "default" in each)
        elif "null" in types_of(node):
            yield None
        elif self.reference(raw):
            return
        elif is_array(chosen.get("enum")) and chosen["enum"]:
            yield chosen["enum"][0]
        elif len(types) == 1 and types <= _BLANK.keys():
            yield _BLANK[next(iter(types))]
        elif any(map(self._is_null, choices)):
            yield None

    def first_form(self, raw: Any) -> Any:
        """Of a schema that takes values of several forms, that of numbers, else the first; another as it is."""
        node = self.node(raw)
        choices = [part for key in ("anyOf", "oneOf") for part in _listed(node.get(key)) if not self._is_null(part)]
        if types_of(node) or not choices:
            return raw
        return next((each for each in choices if "integer" in types_of(self.node(each))), choices[0])

    # Where records are

    def _place(self, operation: Operation, raw: Any) -> tuple[tuple[str, ...], bool, Any]:
        paging, envelope = operation.pagination or {}, operation.data.get("x-accordant-envelope")
        for stated in (envelope, paging.get("items")):
            way = tuple(filter(None, stated.split("."))) if isinstance(stated, str) else ()
            schema = self._down(raw, way)
            if way and schema is not None:
                return way, *self._one_or_many(schema)
        many, schema = self._one_or_many(raw)
        if many:
            return (), True, schema
        if operation.action in _MANY or (operation.action not in _ONE and operation.method == "GET"):
            found = self._rows(operation, raw)
            if found is not None:
                return found
        return self._record(operation, raw)

    def _rows(self, operation: Operation, raw: Any) -> tuple[tuple[str, ...], bool, Any] | None:
        """The member with the records of a list: the only one that is an array of objects, or one with a usual name."""
        own = plural(operation.entity or "")
        arrays = {way: row for way, row in self._arrays(raw) if way[-1] not in _ASIDE or way[-1] == own}
        named = [way for way in arrays if way[-1] in (own, *_WRAPPERS)]
        many = named if named else list(arrays) if len(arrays) == 1 else []
        if not many:
            return None
        chosen = min(many, key=lambda way: (len(way), way[-1] != own))
        return chosen, True, arrays[chosen]

    def _arrays(self, raw: Any, depth: int = 0) -> Iterator[tuple[tuple[str, ...], Any]]:
        known = self.properties(raw)
        for name, node in known.items():
            if name == "included" and "data" in known:
                continue  # what JSON:API shows beside the data: the records that these refer to
            many, schema = self._one_or_many(node)
            if many and self.properties(schema):
                yield (name,), schema
            elif not many and depth == 0 and name in _WRAPPERS:
                yield from (((name, *way), items) for way, items in self._arrays(node, 1))

    def _record(self, operation: Operation, raw: Any) -> tuple[tuple[str, ...], bool, Any]:
        """One record: the response itself, or its only object where that has a usual name."""
        properties = self.properties(raw)
        for name in (operation.entity or "", "data", "result"):
            inner = properties.get(name)
            if inner is not None and self.properties(inner) and "id" not in properties:
                many, schema = self._one_or_many(inner)
                return (name,), many, schema
        return (), False, raw

    def _one_or_many(self, raw: Any) -> tuple[bool, Any]:
        node = self.node(raw)
        choices = [part for key in ("anyOf", "oneOf") for part in _listed(node.get(key)) if not self._is_null(part)]
        if len(choices) == 1 and not node.get("properties"):
            return self._one_or_many(choices[0])
        return (True, node["items"]) if _is_list(node) else (False, raw)

    def _down(self, raw: Any, way: Iterable[str]) -> Any:
        for name in way:
            raw = self.properties(raw).get(name)
            if raw is None:
                return None
        return raw

    def _is_null(self, raw: Any) -> bool:
        return types_of(self.node(raw)) == frozenset(["null"])

    def _marked(self, raw: Any, *marks: str) -> bool:
        return any(is_object(each) and each.get(mark) is True for each in (raw, self.node(raw)) for mark in marks)


def types_of(node: Mapping[str, Any]) -> frozenset[str]:
    """The JSON types that a schema names; an enumeration's or alternative's are not looked for."""
    types = node.get("type", ())
    return frozenset([types] if isinstance(types, str) else [str(each) for each in _listed(types)])


def _is_list(node: Mapping[str, Any]) -> bool:
    """Whether a schema is one of an array; some documents describe properties of one, which no array has."""
    return "items" in node and (not node.get("properties") or types_of(node) == frozenset(["array"]))


def _parts(node: Mapping[str, Any]) -> Iterator[Any]:
    for keyword in ("allOf", "anyOf", "oneOf"):
        yield from _listed(node.get(keyword))


def _listed(value: Any) -> list[Any]:
    return value if is_array(value) else []
