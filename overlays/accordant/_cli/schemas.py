"""The arguments of a method as a JSON Schema: from the effective document, or from the signature."""

from __future__ import annotations

import datetime
import inspect
import re
import typing
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final
from uuid import UUID

import accordant_documents
from accordant_runtime import is_array, is_object

from .arguments import wire_names
from .methods import Method
from .values import alternatives, item_kind, takes_json

_COMPONENT: Final = "#/components/schemas/"
_DEFINITION: Final = "#/$defs/"
_LEFT_OUT: Final = ("discriminator", "xml", "externalDocs", "example")
"""What OpenAPI adds to JSON Schema; the names of extensions begin with ``x-``."""
_ARGUMENT: Final = re.compile(r"^ {4}(\*{0,2}\w+): (.*)$")
_SIMPLE: Final[Mapping[Any, Mapping[str, str]]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Decimal: {"type": "number"},
    str: {"type": "string"},
    type(None): {"type": "null"},
    datetime.datetime: {"type": "string", "format": "date-time"},
    datetime.date: {"type": "string", "format": "date"},
    datetime.time: {"type": "string", "format": "time"},
    UUID: {"type": "string", "format": "uuid"},
}


def input_schema(vendor: str, method: Method) -> dict[str, Any]:
    """The schema of an object with a method's arguments, by their names in Python, with all that it refers to."""
    document = _document(vendor)
    documented = dict(_documented(document, method))
    texts = described_arguments(method)
    definitions: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    for argument in method.arguments:
        found = documented.get(argument.name)
        schema = _own(found, document, definitions) if found is not None else of_kind(argument.kind)
        if argument.repeated:
            schema = {"type": "array", "items": schema}
        text = texts.get(argument.name)
        properties[argument.name] = {**schema, "description": text} if text else schema
    whole: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    required = [each.name for each in method.arguments if each.required]
    if required:
        whole["required"] = required
    if definitions:
        whole["$defs"] = definitions
    return whole


def introduction(method: Method) -> str:
    """What a method does, in the words of its docstring, without the part on arguments."""
    return _docstring(method).partition("\nArgs:")[0].strip()


def described_arguments(method: Method) -> dict[str, str]:
    """What the docstring says of each argument."""
    found: dict[str, str] = {}
    name = ""
    for line in _docstring(method).partition("\nArgs:\n")[2].splitlines():
        start = _ARGUMENT.match(line)
        if start is not None:
            name = start[1].lstrip("*")
            found[name] = start[2]
        elif name and line.startswith("     "):
            found[name] += f" {line.strip()}"
        else:
            name = ""
    return found


def of_kind(kind: Any) -> dict[str, Any]:
    """The schema of a type in a signature, as far as a schema can say it."""
    item = item_kind(kind)
    if item is not None:
        return {"type": "array", "items": of_kind(item)}
    found: list[dict[str, Any]] = []
    for each in alternatives(kind):
        if each in _SIMPLE:
            found.append(dict(_SIMPLE[each]))
        elif isinstance(each, type) and issubclass(each, Enum):
            found.append({"enum": [member.value for member in each]})
        elif each is not Any and each is not object and takes_json(each):
            found.append({"type": "object"})
        else:
            return {}
    return found[0] if len(found) == 1 else {"anyOf": found}


def _docstring(method: Method) -> str:
    return inspect.getdoc(method.function) or ""


@cache
def _document(vendor: str) -> dict[str, Any]:
    return accordant_documents.load(vendor)


def _documented(document: dict[str, Any], method: Method) -> Iterator[tuple[str, Any]]:
    """The arguments that the document has a schema for."""
    operation = method.operation
    if operation is None:
        return
    item: Any = document["paths"].get(operation.path, {})
    described: Any = item.get(operation.method.lower(), {})
    names = {(each.where, each.wire): each.name for each in operation.parameters}
    for reference in (*item.get("parameters", ()), *described.get("parameters", ())):
        parameter = _resolved(document, reference)
        name = names.get((parameter["in"], parameter["name"]))
        schema = parameter.get("schema") or _of_content(parameter.get("content", {}))
        if name is not None and schema is not None:
            yield name, schema
    if operation.body is None or "requestBody" not in described:
        return
    content = _resolved(document, described["requestBody"]).get("content", {})
    chosen: Any = content.get(operation.body.content_type, {})
    body: Any = chosen.get("schema") or _of_content(content)
    if body is None:
        return
    members = dict(_members(document, body))
    for wire, name in wire_names(method).items():
        if wire in members:
            yield name, members[wire]
    if operation.body.model is None:
        yield operation.body.argument, body


def _of_content(content: Any) -> Any:
    return next((each["schema"] for each in content.values() if "schema" in each), None)


def _members(document: dict[str, Any], schema: Any) -> Iterator[tuple[str, Any]]:
    """The properties of an object, those of its parts included."""
    whole = _resolved(document, schema)
    for part in whole.get("allOf", ()):
        yield from _members(document, part)
    yield from whole.get("properties", {}).items()


def _resolved(document: dict[str, Any], value: Any) -> Any:
    """What a reference of the document leads to, or the value itself."""
    seen: list[str] = []
    while is_object(value) and isinstance(value.get("$ref"), str) and value["$ref"] not in seen:
        seen.append(value["$ref"])
        found: Any = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        value = found
    return value


def _own(schema: Any, document: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema without OpenAPI's own words; what it refers to is added to ``definitions``."""
    return {name: _part(name, value, document, definitions) for name, value in schema.items() if _kept(name)}


def _part(name: str, value: Any, document: dict[str, Any], definitions: dict[str, Any]) -> Any:
    if name == "$ref" and isinstance(value, str) and value.startswith(_COMPONENT):
        key = value.removeprefix(_COMPONENT)
        if key not in definitions:
            definitions[key] = {}  # it may refer to itself
            definitions[key] = _own(document["components"]["schemas"][key], document, definitions)
        return f"{_DEFINITION}{key}"
    if name in ("enum", "const", "default", "examples", "required"):
        return value
    if name in ("properties", "patternProperties", "$defs") and is_object(value):  # their names are the vendor's
        kept = {key: each for key, each in value.items() if not _only_read(each)}
        return {key: _own(each, document, definitions) if is_object(each) else each for key, each in kept.items()}
    if is_object(value):
        return _own(value, document, definitions)
    if is_array(value):
        return [_own(each, document, definitions) if is_object(each) else each for each in value]
    return value


def _kept(name: str) -> bool:
    return not name.startswith("x-") and name not in _LEFT_OUT


def _only_read(schema: Any) -> bool:
    return is_object(schema) and schema.get("readOnly") is True


def takes_files(method: Method) -> bool:
    """Whether an argument is a file of this machine, or the place of one."""
    return any("PathLike" in str(each) for argument in method.arguments for each in typing.get_args(argument.kind))
