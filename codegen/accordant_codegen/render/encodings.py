"""How the fields of a form travel where the document says so: by ``encoding``, or by what a part's schema says."""

from __future__ import annotations

from typing import Any

from accordant_runtime import is_object

from ..read.document import below, follow
from ..text import quoted
from ..types.code import RUNTIME, CodeText, code, joined, named
from ..types.media import is_json
from ..types.subschemas import listed
from .models import Catalogue

_EXPLODED = ("form", "deepObject")


def encodings(catalogue: Catalogue, place: str, kind: str, media: dict[str, Any]) -> list[CodeText]:
    """The piece of a body's value for its fields that do not travel in the usual way; none where all do.

    ``place`` is the JSON path of the media type, ``kind`` what the body is.
    """
    document = catalogue.parsed.schemas.document
    if kind not in ("form", "multipart"):
        return []
    stated = media.get("encoding")
    stated = stated if is_object(stated) else {}
    properties = _properties(document, media.get("schema"), 0)
    entries: list[CodeText] = []
    for name in dict.fromkeys([*properties, *stated]):
        schema = follow(document, properties.get(name, {}))
        if is_object(schema) and schema.get("type") == "array":
            schema = follow(document, schema.get("items", {}))
        own = follow(document, stated.get(name, {}))
        own = own if is_object(own) else {}
        schema = schema if is_object(schema) and kind == "multipart" else {}
        headers = _headers(catalogue, f"{below(f'{place}.encoding', name)}.headers", own.get("headers"))
        if schema.get("format") != "binary" and isinstance(schema.get("contentEncoding"), str):
            headers.setdefault("Content-Transfer-Encoding", schema["contentEncoding"])
        parts = _parts(_content_type(own, schema), own, headers if kind == "multipart" else {})
        if parts:
            entries.append(code(quoted(name), ": ", named(RUNTIME, "FieldEncoding"), f"({', '.join(parts)})"))
    return [code("encoding={", joined(", ", entries), "}")] if entries else []


def _parts(content_type: str, own: dict[str, Any], headers: dict[str, str]) -> list[str]:
    parts = [quoted(content_type)] if content_type else []
    if not own.get("contentType") and ("style" in own or "explode" in own):
        style = str(own.get("style", "form"))
        parts.append(f"style={quoted(style)}")
        parts += ["explode=False"] if own.get("explode", style in _EXPLODED) is False else []
    if headers:
        parts.append("headers={" + ", ".join(f"{quoted(key)}: {quoted(value)}" for key, value in headers.items()) + "}")
    return parts


def _content_type(own: dict[str, Any], schema: dict[str, Any]) -> str:
    """The one media type of a field; of several JSON, and none where a file's name shall say."""
    listed = str(own.get("contentType") or schema.get("contentMediaType") or "").split(",")
    plain = [item.strip() for item in listed if item.strip() and "*" not in item]
    if len(plain) == 1 and len(listed) == 1:
        return plain[0]
    if schema.get("format") == "binary":
        return ""
    return next((item for item in plain if is_json(item)), plain[0] if plain else "")


def _headers(catalogue: Catalogue, place: str, headers: Any) -> dict[str, str]:
    """The headers of a part that have only one value; another is told, since nobody could give it."""
    schemas = catalogue.parsed.schemas
    found: dict[str, str] = {}
    for name, header in (headers if is_object(headers) else {}).items():
        node = follow(schemas.document, header)
        schema = follow(schemas.document, node.get("schema")) if is_object(node) else None
        if name.lower() == "content-type" or not is_object(schema):
            continue
        values = listed(schema, "enum")
        value = schema.get("const", values[0] if len(values) == 1 else schema.get("default"))
        if value is None:
            schemas.lose(below(place, name), "the header of a part has no value of its own; give it with an Upload")
        else:
            found[name] = str(value)
    return found


def _properties(document: dict[str, Any], schema: Any, depth: int) -> dict[str, Any]:
    schema = follow(document, schema)
    if not is_object(schema) or depth > 50:
        return {}
    own = schema.get("properties")
    found: dict[str, Any] = dict(own) if is_object(own) else {}
    for part in listed(schema, "allOf"):
        found = {**_properties(document, part, depth + 1), **found}
    return found
