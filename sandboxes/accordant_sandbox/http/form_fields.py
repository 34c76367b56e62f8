"""The fields of a form as values: lists and objects as `encoding` writes them, in one field or in several."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from accordant_sandbox.http.document import Parameter
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.http.schemas import Schemas
from accordant_sandbox.http.styles import is_kind, read_styled

__all__ = ["read_fields"]

_DEEP = 12
"""Parts of parts of a schema that are looked into."""


def read_fields(
    fields: Sequence[tuple[str, Any]], schema: Mapping[str, Any], encoding: Mapping[str, Any], schemas: Schemas
) -> dict[str, Any]:
    """The body that fields say, in their order: texts, and uploads.

    A list repeats its name and an object is JSON text, unless `encoding` has a style for them. Of a field that is
    neither, and of one that the schema does not know, the last counts.
    """
    found: dict[str, Any] = {}
    read: set[str] = set()
    for name, node in _properties(schemas, schema):
        stated = encoding.get(name)
        field = _FormField(name, node, stated if is_object(stated) else {}, schemas)
        own = [(key, value) for key, value in fields if field.has(key)]
        if own:
            found[name] = field.read(own)
            read |= {key for key, _ in own}
    return found | {name: value for name, value in fields if name not in read}


class _FormField:
    """One property of a form."""

    def __init__(self, name: str, node: Mapping[str, Any], encoding: Mapping[str, Any], schemas: Schemas) -> None:
        self._name = name
        self._schemas = schemas
        self._styled = not encoding.get("contentType") and bool({"style", "explode"} & encoding.keys())
        style = str(encoding.get("style", "form"))
        exploded = bool(encoding.get("explode", style in ("form", "deepObject")))
        self._parameter = Parameter(name, "query", False, node, "", exploded, {"style": style})
        self._is_list, self._is_object = is_kind(self._parameter, "array"), is_kind(self._parameter, "object")
        spread = self._styled and self._is_object and exploded
        members: Mapping[str, Any] = node.get("properties", {})
        self._deep = re.compile(rf"{re.escape(name)}\[([^\]]*)\]") if spread and style == "deepObject" else None
        self._members = frozenset(members) if spread and style != "deepObject" else frozenset[str]()

    def has(self, key: str) -> bool:
        """Whether a field of the form belongs to the property."""
        if self._deep is not None:
            return bool(self._deep.fullmatch(key))
        return key in self._members if self._members else key == self._name

    def read(self, pairs: Sequence[tuple[str, Any]]) -> Any:
        """What its fields say."""
        node, values = self._parameter.schema, [value for _, value in pairs]
        if self._deep is not None or self._members:
            members: Mapping[str, Any] = node.get("properties", {})
            named = {self._deep.sub(r"\1", key) if self._deep else key: value for key, value in pairs}
            return {name: self._typed(members.get(name, {}), value) for name, value in named.items()}
        texts = [value for value in values if isinstance(value, str)]
        if self._styled and not self._parameter.explode and texts == values and (self._is_list or self._is_object):
            said = read_styled(self._parameter, texts[-1:])
            if is_array(said):
                return [self._typed(node.get("items", {}), each) for each in said]
            if is_object(said):
                members = node.get("properties", {})
                return {name: self._typed(members.get(name, {}), each) for name, each in said.items()}
        if self._is_list and not (is_kind(self._parameter, "string") or self._is_json(texts)):
            return [self._typed(node.get("items", {}), each) for each in values]
        return self._typed(node, values[-1])

    def _is_json(self, texts: Sequence[str]) -> bool:
        """Whether one text says the whole list, and its items are no texts that might look so."""
        items = self._schemas.deref(self._parameter.schema.get("items", {}))
        return (
            len(texts) == 1 and texts[0].startswith("[") and items.get("type") != "string" and is_array(_json(texts[0]))
        )

    def _typed(self, schema: Any, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        node = self._schemas.deref(schema)
        types = node.get("type", ())
        if {"object", "array"} & ({types} if isinstance(types, str) else {*types}):
            said = _json(value)
            return value if said is None else said
        return self._schemas.coerce(node, value)


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _properties(schemas: Schemas, schema: Any, depth: int = 0) -> Iterator[tuple[str, Mapping[str, Any]]]:
    node = schemas.deref(schema)
    if depth > _DEEP:
        return
    for part in node.get("allOf", ()):
        yield from _properties(schemas, part, depth + 1)
    own: Mapping[str, Any] = node.get("properties", {})
    for name, each in own.items():
        yield name, schemas.deref(each)
