"""What a form, or another text, can say of a body: everything in it is text, and one text is a list of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accordant_runtime import dumps, is_array, is_object

from .document import Operation
from .schemas import types_of

FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def encoding_of(operation: Operation, kind: str) -> Mapping[str, Any]:
    """How the fields of a form travel, by name: ``encoding`` of a media type of the body."""
    node = operation.schemas.follow(operation.data.get("requestBody", {}))[0]
    stated = node.get("content", {}).get(kind, {}).get("encoding")
    return stated if is_object(stated) else {}


def may_be_allowed(operation: Operation, kind: str, body: Mapping[str, Any]) -> bool:
    """Whether what is left of a body in a form may be a body that the document allows, whatever it was before."""
    schema = operation.schemas.schema({"$ref": f"#{operation.body[kind]}"})
    parts = operation.schemas.properties(schema)
    encoding = encoding_of(operation, kind)
    said: dict[str, Any] = {}
    for name, value in body.items():
        value = plain(value)
        part = operation.schemas.schema(parts.get(name, {}))
        if value is None:
            continue
        if "object" in types_of(part) and not is_object(value):
            if not {"style", "explode"} & encoding.get(name, {}).keys():
                return False
            continue  # the style makes an object of any text, or fields of other names of no object
        said[name] = _said(operation, part, value)
    return operation.schemas.valid(operation.body[kind], said)


def plain(value: Any) -> Any:
    """A value as JSON could hold it: a file, and what the fuzzer has in the place of one, is some text."""
    if is_object(value):
        return {str(name): plain(each) for name, each in value.items()}
    if is_array(value):
        return [plain(each) for each in value]
    return value if type(value) in (str, int, float, bool, type(None)) else "file"


def _said(operation: Operation, part: Mapping[str, Any], value: Any) -> Any:
    types = types_of(part)
    if "array" in types:
        items = operation.schemas.schema(part.get("items", {}))
        return [_said(operation, items, each) for each in (value if is_array(value) else [value])]
    if is_array(value) and value:
        return _said(operation, part, value[-1])
    if "string" in types and (isinstance(value, (bool, int, float)) or is_object(value)):
        return str(value)
    return value


def written(operation: Operation, body: Any) -> Any:
    """A body of a media type that only its own programs know, written as a text: such as a signed token's claims."""
    kind = next(iter(operation.body), "")
    opaque = kind and kind not in FORMS and not any(each in kind for each in ("json", "xml"))
    return dumps(plain(body)).decode() if opaque and (is_object(body) or is_array(body)) else body
