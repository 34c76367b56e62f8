"""What a response holds where the document shows an example of it and no schema: the shape of the example."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from accordant_runtime import is_array, is_object

from ..read.document import follow, operations, pointer
from .facts import Guess, quoted

_WHOLE: Final = re.compile(r"(^|_)(id|count|total|page|pages|size|limit|offset|year|age|status|code)s?$", re.IGNORECASE)
"""Names of whole numbers; another number may have a fraction that the example does not show."""
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_KEYS: Final = re.compile(r"\d+|\d{4}-\d\d(-\d\d)?|[0-9a-f]{8}-[0-9a-f-]{27}")
"""Names that are the keys of a map, and no names of fields."""
_DEEP: Final = 12


def example_schemas(document: dict[str, Any]) -> Iterator[tuple[Guess, dict[str, Any]]]:
    """A guess for each success with an example of JSON and no schema, with the media type that it is about."""
    for path, method, operation in operations(document):
        for status, response in operation.get("responses", {}).items():
            known = follow(document, response)
            content = known.get("content") if is_object(known) and str(status).startswith("2") else None
            place = f"$.paths{quoted(path)}.{method}.responses{quoted(str(status))}"
            if is_object(response) and isinstance(response.get("$ref"), str):
                place = "$" + "".join(quoted(key) for key in pointer(response["$ref"]))
            for name, media in content.items() if is_object(content) else ():
                if not re.search("json", name) or not is_object(media) or "schema" in media or "$ref" in media:
                    continue
                found = list(_examples(document, media))
                schema = _merged([_shape("", value, 0) for value in found])
                if schema:
                    reason = "Its example is all that the document shows; the schema has the example's shape."
                    update = {"schema": schema} | (
                        {"example": found[0]} if isinstance(media.get("example"), str) else {}
                    )
                    yield Guess(f"{place}.content{quoted(name)}", "schema", reason, update), media


def _examples(document: dict[str, Any], media: dict[str, Any]) -> Iterator[Any]:
    """The examples of a media type; one that is written as a text of JSON is read."""
    several: Any = media.get("examples")
    given = [follow(document, each) for each in several.values()] if is_object(several) else []
    values = [each.get("value") for each in given if is_object(each)]
    for value in [*([media["example"]] if "example" in media else []), *values]:
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                continue
        if is_object(value) or is_array(value):
            yield value


def _shape(name: str, value: Any, depth: int) -> dict[str, Any]:
    """The schema of a value under a name; empty where nothing is known."""
    if value is None or depth > _DEEP:
        return {}
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int | float):
        return {"type": "integer" if isinstance(value, int) and _WHOLE.search(_spaced(name)) else "number"}
    if isinstance(value, str):
        return {"type": "string", "format": "date-time"} if _INSTANT.fullmatch(value) else {"type": "string"}
    if is_array(value):
        items = _merged([_shape(name, each, depth + 1) for each in value])
        return {"type": "array", "items": items}
    if not is_object(value) or not value:
        return {"type": "object"}
    if all(_KEYS.fullmatch(key) for key in value):
        return {
            "type": "object",
            "additionalProperties": _merged([_shape("", each, depth + 1) for each in value.values()]),
        }
    return {"type": "object", "properties": {key: _shape(key, each, depth + 1) for key, each in value.items()}}


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)


def _merged(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    """One schema for values of several: what they have in common, and every property that one of them has."""
    told = [each for each in schemas if each]
    if not told or any(each["type"] != told[0]["type"] for each in told):
        return {}
    if any("additionalProperties" in each for each in told):
        return next(each for each in told if "additionalProperties" in each)
    if told[0]["type"] == "array":
        return {"type": "array", "items": _merged([each["items"] for each in told])}
    if told[0]["type"] != "object":
        return told[0] if all(each == told[0] for each in told) else {"type": told[0]["type"]}
    names = dict.fromkeys(name for each in told for name in each.get("properties", {}))
    properties = {
        name: _merged([each["properties"][name] for each in told if name in each.get("properties", {})])
        for name in names
    }
    return {"type": "object", "properties": properties} if properties else {"type": "object"}
