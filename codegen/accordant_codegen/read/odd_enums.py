"""Lists of values that none of the values of their type could be one of."""

from __future__ import annotations

import re
from typing import Any, Final

from accordant_runtime import is_array, is_object

_NUMERALS: Final = {
    "integer": re.compile("-?(0|[1-9][0-9]{0,14})"),
    "number": re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,12})?"),
}
_OF_OBJECTS: Final = {"properties", "required", "additionalProperties", "minProperties", "maxProperties"}


def mended_enum(schema: dict[str, Any]) -> str | None:
    """Make good, in place, an ``enum`` that is not of its schema's type; returns what was done, if anything was."""
    values, kind = schema.get("enum"), schema.get("type")
    if not is_array(values) or not values:
        return None
    if kind == "array":
        return _of_items(schema, values)
    if kind == "object" and all(isinstance(each, str) for each in values):
        schema["type"] = "string"
        for name in _OF_OBJECTS & schema.keys():
            del schema[name]
        return "its `enum` lists texts and its type is object; it is read as a text"
    numeral = _NUMERALS.get(kind) if isinstance(kind, str) else None
    if numeral is not None and all(isinstance(each, str) and numeral.fullmatch(each) for each in values):
        schema["enum"] = [float(each) if "." in each else int(each) for each in values]
        return f"its `enum` lists texts and its type is {kind}; they are read as numbers"
    return None


def _of_items(schema: dict[str, Any], values: list[Any]) -> str | None:
    """The values of an array that are no arrays are those of its items, as no array could be one of them."""
    items = schema.get("items")
    if not is_object(items) or {"enum", "$ref"} & items.keys():
        return None
    if any(is_array(each) or each is None for each in values):
        return None
    schema["items"] = {**items, "enum": schema.pop("enum")}
    return "its `enum` lists no array; the values are those of its items"
