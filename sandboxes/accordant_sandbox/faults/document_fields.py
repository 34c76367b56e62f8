"""What faults need to know of a document: the fields of records and bodies, and where records are in a response."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from accordant_sandbox.http.json_types import is_array, is_object

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.http.schemas import Schemas

__all__ = [
    "JSON",
    "Field",
    "Place",
    "body_fields",
    "body_is_list",
    "json_errors",
    "place",
    "records",
    "resolve",
    "response_headers",
]

JSON: Final = "application/json"
_JSON_TOKEN: Final = "application~1json"


@dataclass(frozen=True, slots=True)
class Field:
    """A documented property. `types` are its JSON types without null."""

    name: str
    types: frozenset[str]
    nullable: bool
    required: bool
    format: str | None
    enum: tuple[Any, ...]
    pointer: str
    read_only: bool
    volatile: bool

    def text(self) -> bool:
        """Whether it is free text: no format, no enumeration."""
        return self.types == frozenset({"string"}) and self.format is None and not self.enum

    def number(self) -> bool:
        """Whether it is a number, whole or not."""
        return bool(self.types) and self.types <= {"integer", "number"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the records of a response are (keys from the top), whether there are several, and their fields."""

    path: tuple[str, ...]
    many: bool
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """The field of that name."""
        return next((field for field in self.fields if field.name == name), None)


def resolve(schemas: Schemas, node: Any, pointer: str) -> tuple[Mapping[str, Any], str, bool]:
    """The schema that describes a value other than null: references and alternatives followed; its pointer; whether
    null is allowed as well."""
    schema, pointer = schemas.follow(node, pointer)
    for keyword in ("anyOf", "oneOf"):
        listed = enumerate(schema.get(keyword, ()))
        alternatives = [resolve(schemas, each, f"{pointer}/{keyword}/{index}") for index, each in listed]
        real = [each for each in alternatives if _types(each[0]) != {"null"}]
        if real:
            inner, at, _ = real[0]
            return inner, at, len(real) < len(alternatives) or any(nullable for _, _, nullable in real)
    return schema, pointer, "null" in _types(schema)


@cache
def place(operation: Operation) -> Place | None:
    """Where the records of a success are; None when its body is not JSON."""
    schemas = operation.document.schemas
    found = operation.response(operation.success_status)
    if found is None or "schema" not in found[0].get("content", {}).get(JSON, {}):
        return None
    schema, pointer, _ = _at(schemas, f"{found[1]}/content/{_JSON_TOKEN}/schema")
    path: list[str] = []
    for part in _record_path(operation):
        if part not in schema.get("properties", {}):
            break
        path.append(part)
        schema, pointer, _ = resolve(schemas, schema["properties"][part], f"{pointer}/properties/{part}")
    many = "array" in _types(schema)
    if many:
        schema, pointer, _ = resolve(schemas, schema.get("items", {}), f"{pointer}/items")
    return Place(tuple(path), many, tuple(_fields(schemas, schema, pointer)))


@cache
def body_fields(operation: Operation) -> tuple[Field, ...]:
    """The fields of a JSON request body; of one record, where the body may also be an array of them."""
    pointer = operation.body_content.get(JSON)
    if pointer is None:
        return ()
    schemas = operation.document.schemas
    schema, pointer, _ = _at(schemas, pointer)
    if "array" in _types(schema):
        schema, pointer, _ = resolve(schemas, schema.get("items", {}), f"{pointer}/items")
    return tuple(_fields(schemas, schema, pointer))


@cache
def body_is_list(operation: Operation) -> bool:
    """Whether a JSON request body may be an array of records."""
    pointer = operation.body_content.get(JSON)
    if pointer is None:
        return False
    schemas = operation.document.schemas
    schema = schemas.at(pointer)
    forms = [schemas.deref(each) for keyword in ("anyOf", "oneOf") for each in schema.get(keyword, ())]
    return any("array" in _types(form) for form in [schema, *forms])


@cache
def json_errors(operation: Operation) -> Mapping[int, str]:
    """Documented error statuses whose body is JSON, with the pointer of its schema."""
    found: dict[int, str] = {}
    for key, (node, pointer) in operation.responses.items():
        if key.isdigit() and key >= "400" and "schema" in node.get("content", {}).get(JSON, {}):
            found[int(key)] = f"{pointer}/content/{_JSON_TOKEN}/schema"
    return found


@cache
def response_headers(operation: Operation, status: int) -> Mapping[str, Mapping[str, Any]]:
    """The headers that are documented for a status, references followed, by lower-case name."""
    found = operation.response(status)
    listed: Mapping[str, Any] = found[0].get("headers", {}) if found else {}
    return {name.lower(): operation.document.schemas.deref(node) for name, node in listed.items()}


def records(operation: Operation, body: Any) -> list[dict[str, Any]]:
    """The records of an actual response body, in or out of their envelope."""
    where = place(operation)
    for part in where.path if where else ():
        if is_object(body) and part in body:
            body = body[part]
    if is_array(body):
        return [each for each in body if is_object(each)]
    return [body] if is_object(body) else []


def _at(schemas: Schemas, pointer: str) -> tuple[Mapping[str, Any], str, bool]:
    return resolve(schemas, {"$ref": f"#{pointer}"}, pointer)


def _record_path(operation: Operation) -> list[str]:
    paging = operation.pagination
    where = (paging or {}).get("items") or operation.data.get("x-accordant-envelope") or ""
    return str(where).split(".") if where else []


def _fields(schemas: Schemas, schema: Mapping[str, Any], pointer: str) -> Iterator[Field]:
    listed = enumerate(schema.get("allOf", ()))
    parts = [(schema, pointer), *(resolve(schemas, each, f"{pointer}/allOf/{index}")[:2] for index, each in listed)]
    required = {name for part, _ in parts for name in part.get("required", ())}
    for part, at in parts:
        for name, raw in part.get("properties", {}).items():
            node, where, nullable = resolve(schemas, raw, f"{at}/properties/{name}")
            yield Field(
                name,
                frozenset(_types(node) - {"null"}),
                nullable,
                name in required,
                node.get("format"),
                tuple(each for each in node.get("enum", ()) if each is not None),
                where,
                bool(raw.get("x-accordant-read-only") or raw.get("readOnly")),
                bool(raw.get("x-accordant-volatile")),
            )


def _types(schema: Mapping[str, Any]) -> set[str]:
    given = schema.get("type", ())
    return {given} if isinstance(given, str) else set(given)
