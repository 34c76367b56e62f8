"""Rules that write down by which fields records are told apart: the one that was asked for, and the rows of a list.

Both are guesses from paths and schemas. The spec overlay corrects them: a stated value, an empty list included, is
never overwritten, and must name fields that the record has.
"""

from __future__ import annotations

import re
from typing import Any

from accordant_runtime import is_array, is_object

from ...errors import CodegenError
from ..document import below, follow, operations

_READ = ("get", "update", "replace")


def stated_envelopes(document: dict[str, Any], _losses: list[str]) -> None:
    """``x-accordant-envelope`` around a success whose schema does not have it: the schema is put inside.

    An overlay that says of every operation what the vendor wraps its returns in is right about those too that the
    vendor adds later. ``x-accordant-bare`` leaves alone what is documented without.
    """
    for _, _, operation in operations(document):
        names = [name for name in str(operation.get("x-accordant-envelope") or "").split(".") if name]
        if not names or operation.get("x-accordant-bare") is True or "x-accordant-pagination" in operation:
            continue
        failure = operation.get("x-accordant-failure")
        for status, response in operation["responses"].items():
            known: dict[str, Any] = follow(document, response) if str(status).startswith("2") else {}
            media: dict[str, Any] = known.get("content", {})
            for name, content in media.items():
                if name == "application/json" and names[0] not in _properties(document, content.get("schema", {})):
                    content["schema"] = _wrapped(content.get("schema", {}), names, failure)


def _wrapped(schema: Any, names: list[str], failure: Any) -> dict[str, Any]:
    """An object with a schema at the end of a way of keys, and with what tells the vendor's failures."""
    inner: dict[str, Any] = {"anyOf": [schema, {"type": "null"}]} if is_object(failure) else schema
    for name in reversed(names):
        inner = {"type": "object", "required": [name], "properties": {name: inner}}
    if is_object(failure) and isinstance(failure.get("equals"), bool):
        inner["properties"][failure["field"]] = {"type": "boolean", "examples": [not failure["equals"]]}
        inner["properties"].setdefault(failure["message"], {"type": ["string", "null"]})
    return inner


def returned_keys(document: dict[str, Any], _losses: list[str]) -> None:
    """``x-accordant-key.returned``: the fields of a record of which one equals the id that was asked for.

    Taken for granted where a GET, PUT or PATCH names one record by the last variable of its path, or by a query
    parameter that the overlay states, and shows the record with that field. A write whose body has the field could
    change the id, so that nothing is taken for granted there.
    """
    for path, method, operation in operations(document):
        key = operation.get("x-accordant-key")
        if not is_object(key):
            continue
        known = _record(document, operation, str(operation.get("x-accordant-envelope") or ""))
        if "returned" in key:
            _require(known, key["returned"], f"{below('$.paths', path)}.{method}['x-accordant-key'].returned")
        elif (
            method in ("get", "put", "patch")
            and operation["x-accordant-action"] in _READ
            and _in_address(path, operation)
        ):
            field = str(key.get("field"))
            names = [field, *key.get("alternatives", {}).get(field, [])]
            written = set[str]() if method == "get" else _written(document, operation)
            found = [name for name in names if name in known and not _is_compound(document, known[name])]
            if field in found and not written & set(found):
                key["returned"] = found


def row_keys(document: dict[str, Any], _losses: list[str]) -> None:
    """``x-accordant-row-key``: the fields of a row that no other row of a paged list has alike.

    Taken from the list's own ``identity`` or ``x-accordant-key``, else from an operation on one record below the list's
    path (``/things/{id}`` below ``/things``).
    """
    below_list = {
        path: operation["x-accordant-key"]
        for path, _, operation in operations(document)
        if is_object(operation.get("x-accordant-key")) and operation["x-accordant-action"] != "list"
    }
    for path, method, operation in operations(document):
        pagination = operation.get("x-accordant-pagination")
        if not is_object(pagination):
            if "x-accordant-row-key" in operation:
                place = f"{below('$.paths', path)}.{method}['x-accordant-row-key']"
                raise CodegenError(f"{place}: it says something about a list that pages, and this is none")
            continue
        known = _record(document, operation, str(pagination.get("items") or ""))
        stated = operation.get("x-accordant-row-key")
        if stated is not None:
            _require(known, stated, f"{below('$.paths', path)}.{method}['x-accordant-row-key']")
            continue
        names = _row_key(path, operation, pagination, below_list)
        if names and set(names) <= known.keys():
            operation["x-accordant-row-key"] = names


def _row_key(
    path: str, operation: dict[str, Any], pagination: dict[str, Any], below_list: dict[str, dict[str, Any]]
) -> list[str]:
    if is_array(pagination.get("identity")):
        return [str(name) for name in pagination["identity"]]
    own = operation.get("x-accordant-key")
    if is_object(own):
        return [*own.get("scope", []), own["field"]] if own.get("field") else []
    for other, key in below_list.items():
        variable = re.fullmatch(re.escape(path.rstrip("/")) + r"/\{([^{}/]+)\}/?", other)
        if variable and key.get("parameter") == variable.group(1) and key.get("field"):
            return [key["field"]]
    return []


def _in_address(path: str, operation: dict[str, Any]) -> bool:
    """Whether the key is the last segment of the path, or a query parameter."""
    name = operation["x-accordant-key"].get("parameter")
    found = next((item for item in operation.get("parameters", []) if item["name"] == name), None)
    if found is None or found["in"] not in ("path", "query") or "content" in found:
        return False
    return found["in"] == "query" or (path.endswith(f"/{{{name}}}") and found.get("style", "simple") == "simple")


def _is_compound(document: dict[str, Any], schema: Any) -> bool:
    """Whether a field holds an object or a list: no address names that."""
    node = follow(document, schema)
    return is_object(node) and (node.get("type") in ("object", "array") or "properties" in node)


def _record(document: dict[str, Any], operation: dict[str, Any], way: str) -> dict[str, Any]:
    """The fields of the record in a success, or of the rows: ``way`` is the dotted key that holds them."""
    responses: dict[str, Any] = operation.get("responses", {})
    for status, response in responses.items():
        content: dict[str, Any] = follow(document, response).get("content", {}) if status.startswith("2") else {}
        for media, body in content.items():
            if "json" not in media:
                continue
            schema: Any = body.get("schema", {})
            for name in filter(None, way.split(".")):
                properties = _properties(document, schema)
                if name not in properties and "x-accordant-pagination" not in operation:
                    break  # a record that is documented bare
                schema = properties.get(name, {})
            schema = follow(document, schema)
            rows = schema.get("items") if is_object(schema) else None
            return _properties(document, schema if rows is None else rows)
    return {}


def _written(document: dict[str, Any], operation: dict[str, Any]) -> set[str]:
    """The fields that a request body can set."""
    body = follow(document, operation.get("requestBody", {}))
    envelope = str(operation.get("x-accordant-envelope") or "")
    found: set[str] = set()
    for media in body.get("content", {}).values():
        properties = _properties(document, media.get("schema", {}))
        inner = _properties(document, properties.get(envelope, {}))
        found |= {name for name, schema in [*properties.items(), *inner.items()] if not _read_only(document, schema)}
    return found


def _read_only(document: dict[str, Any], schema: Any) -> bool:
    node = follow(document, schema)
    marks = ("readOnly", "x-accordant-read-only")
    return any(is_object(each) and each.get(mark) is True for each in (schema, node) for mark in marks)


def _properties(document: dict[str, Any], schema: Any, depth: int = 0) -> dict[str, Any]:
    """The properties of an object, those of its parts and choices included."""
    node = follow(document, schema)
    if not is_object(node) or depth > 20:
        return {}
    found: dict[str, Any] = {}
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in node.get(keyword, []):
            found |= _properties(document, part, depth + 1)
    own: dict[str, Any] = node.get("properties", {})
    return found | own


def _require(known: dict[str, Any], names: list[str], place: str) -> None:
    """Refuse a stated key that the record does not have."""
    missing = [name for name in names if name not in known]
    if missing and known:
        raise CodegenError(f"{place}: the record has no field {', '.join(missing)}; correct the spec overlay")
