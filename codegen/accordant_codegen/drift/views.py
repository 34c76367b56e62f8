"""Schemas as a comparison wants to see them: references followed, ``allOf`` merged, null apart."""

from __future__ import annotations

import json
from typing import Any, Final, Literal

from accordant_runtime import is_array, is_object

from ..read.document import follow

REQUEST: Final = "request"
RESPONSE: Final = "response"
Direction = Literal["request", "response"]
"""Who writes the value: the caller, or the vendor. What one may widen the other may narrow."""
_PREFIX = "#/components/schemas/"
_WORDS = frozenset({"$ref", "allOf", "description", "summary", "title", "example", "examples", "externalDocs"})
ANYTHING: dict[str, Any] = {}
"""A schema that says nothing. One object, so that a pair of which it is one half is recognised."""
_DEEP = 40
ONLY = "x-only-alternative"
"""What a flat schema is besides null, where it is one thing."""
_KEYS: Final = json.JSONEncoder(sort_keys=True, default=str)


def component(node: Any) -> str | None:
    """The component schema that a node only refers to, whatever it says about it in words."""
    if not is_object(node) or not _WORDS.issuperset(name for name in node if not name.startswith("x-")):
        return None
    reference: Any = node.get("$ref")
    several: Any = node.get("allOf")
    if "$ref" not in node and is_array(several) and len(several) == 1:
        return component(several[0])
    if isinstance(reference, str) and reference.startswith(_PREFIX) and "allOf" not in node:
        return reference.removeprefix(_PREFIX)
    return None


def view(document: dict[str, Any], node: Any, depth: int = 0) -> dict[str, Any]:
    """One flat schema: no ``$ref``, no ``allOf``, no null among its types (``nullable`` says it instead)."""
    if node is False:
        return {"not": {}}
    if not is_object(node) or depth > _DEEP:
        return {}
    schema = dict(node)
    if isinstance(schema.get("$ref"), str):
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        try:
            target = follow(document, {"$ref": schema["$ref"]})
        except KeyError:
            target = {}
        return _merged([view(document, target, depth + 1), *([view(document, beside, depth + 1)] if beside else [])])
    if is_array(schema.get("allOf")):
        members = [view(document, item, depth + 1) for item in schema.pop("allOf")]
        return _merged([*members, *([view(document, schema, depth + 1)] if schema else [])])
    return _without_null(document, schema, depth)


def _without_null(document: dict[str, Any], schema: dict[str, Any], depth: int) -> dict[str, Any]:
    nullable = bool(schema.pop("nullable", False))
    types: Any = schema.get("type")
    if is_array(types):
        nullable = nullable or "null" in types
        schema["type"] = [item for item in types if item != "null"]
    elif types == "null":
        nullable = True
        schema["type"] = []
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    if is_array(schema.get("enum")) and None in schema["enum"]:
        schema["enum"] = [item for item in schema["enum"] if item is not None]
        nullable = True
    for word in ("anyOf", "oneOf"):
        branches: Any = schema.get(word)
        if not is_array(branches):
            continue
        real = [item for item in branches if not _is_null(item)]
        nullable = nullable or len(real) < len(branches)
        schema[word] = real
        if len(real) == 1 and len(branches) > 1:
            del schema[word]
            inner = view(document, real[0], depth + 1)
            rest = {"nullable": nullable or bool(inner.get("nullable")), ONLY: real[0]}
            return _merged([inner, schema]) | rest
    return schema | {"nullable": nullable}


def _is_null(node: Any) -> bool:
    return is_object(node) and (node.get("type") in ("null", ["null"]) or node.get("enum") == [None])


def _merged(members: list[dict[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for member in members:
        for key, value in member.items():
            present = result.get(key)
            if key == "properties" and is_object(present) and is_object(value):
                result[key] = present | value
            elif key == "required" and is_array(present) and is_array(value):
                result[key] = [*present, *(item for item in value if item not in present)]
            elif key == "enum" and is_array(present) and is_array(value):
                result[key] = [item for item in present if item in value]
            elif key == "nullable":
                result[key] = bool(value) and bool(present) if key in result else bool(value)
            else:
                result[key] = value
    return result


def types(schema: dict[str, Any]) -> frozenset[str]:
    """The JSON types that a flat schema allows; empty where it does not say."""
    named: Any = schema.get("type")
    if isinstance(named, str):
        return frozenset({named})
    if is_array(named) and named:
        return frozenset(str(item) for item in named)
    if "properties" in schema or is_object(schema.get("additionalProperties")):
        return frozenset({"object"})
    if "items" in schema or "prefixItems" in schema:
        return frozenset({"array"})
    values: list[Any] = schema["enum"] if is_array(schema.get("enum")) else []
    return frozenset(_type_of(value) for value in values)


def _type_of(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    kinds: tuple[tuple[type, str], ...] = ((int, "integer"), (float, "number"), (str, "string"), (list, "array"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "object")


def covers(wide: frozenset[str], narrow: frozenset[str]) -> bool:
    """Whether every value of one set of types is one of the other; an empty set is any type."""
    if not wide:
        return True
    return bool(narrow) and all(item in wide or (item == "integer" and "number" in wide) for item in narrow)


def named_types(names: frozenset[str]) -> str:
    """A set of types in words."""
    return " or ".join(sorted(names)) or "any type"


def branches(schema: dict[str, Any]) -> list[Any]:
    """The alternatives of a union; none where it is no union."""
    found: list[Any] = []
    for word in ("oneOf", "anyOf"):
        if is_array(schema.get(word)):
            found += schema[word]
    return found


def properties(schema: dict[str, Any], direction: Direction) -> dict[str, Any]:
    """The properties that travel in this direction."""
    known: Any = schema.get("properties")
    hidden = "readOnly" if direction == REQUEST else "writeOnly"
    if not is_object(known):
        return {}
    return {name: item for name, item in known.items() if not (is_object(item) and item.get(hidden) is True)}


def key(value: Any) -> str:
    """A value as a text by which it can be found again."""
    return _KEYS.encode(value)


def alike(first: Any, second: Any) -> bool:
    """Whether two values have the same text; most that are compared are one object, and many are ``None``."""
    return first is second or key(first) == key(second)
