"""Rules that give the document one shape, whatever version and habits it came with."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from treaty_runtime import is_array, is_object

from ..document import follow, operations
from ..errors import CodegenError
from ..names import constant


def newer_version(document: dict[str, Any], _losses: list[str]) -> None:
    """OpenAPI 3.0's ``nullable`` and boolean exclusive bounds become 3.1's, and the version says so."""
    if str(document.get("openapi", "")).startswith("3.0"):
        for schema in list(nodes(document)):
            _nullable(schema)
            for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
                if schema.get(exclusive) is True and bound in schema:
                    schema[exclusive] = schema.pop(bound)
                elif schema.get(exclusive) is False:
                    del schema[exclusive]
    document["openapi"] = "3.1.0"


def _nullable(schema: dict[str, Any]) -> None:
    if schema.pop("nullable", None) is not True:
        return
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if is_array(schema.get("enum")) and None not in schema["enum"]:
            schema["enum"].append(None)
    elif "$ref" in schema:
        schema["anyOf"] = [{"$ref": schema.pop("$ref")}, {"type": "null"}]
    elif is_array(schema.get("allOf")) and len(schema["allOf"]) == 1:
        schema["anyOf"] = [*schema.pop("allOf"), {"type": "null"}]
    elif is_array(schema.get("anyOf")):
        schema["anyOf"].append({"type": "null"})


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in the document."""
    if is_object(node):
        yield node
        for value in list(node.values()):
            yield from nodes(value)
    elif is_array(node):
        for value in node:
            yield from nodes(value)


def own_parameters(document: dict[str, Any], _losses: list[str]) -> None:
    """Every operation lists its own parameters: those of the path item and references are written out."""
    for path, _, operation in list(operations(document)):
        shared = document["paths"][path].get("parameters", [])
        own = [copy.deepcopy(follow(document, item)) for item in operation.get("parameters", [])]
        names = {(item["name"], item["in"]) for item in own}
        inherited = [copy.deepcopy(follow(document, item)) for item in shared]
        own = [item for item in inherited if (item["name"], item["in"]) not in names] + own
        if own:
            operation["parameters"] = own
    for item in document["paths"].values():
        item.pop("parameters", None)


def own_security(document: dict[str, Any], _losses: list[str]) -> None:
    """Every operation says what it needs; the document's own default is copied to those that are silent."""
    default = document.get("security", [])
    for _, _, operation in operations(document):
        operation.setdefault("security", copy.deepcopy(default))


def some_response(document: dict[str, Any], losses: list[str]) -> None:
    """An operation without responses gets a ``default`` one without content."""
    for path, method, operation in operations(document):
        if not operation.get("responses"):
            operation["responses"] = {"default": {"description": "Not documented."}}
            losses.append(f"$.paths['{path}'].{method}: no responses are documented, answers stay untyped")


def success_codes(document: dict[str, Any], _losses: list[str]) -> None:
    """``x-treaty-success`` names the code that an undocumented success (``2XX``) is taken to have."""
    for _, _, operation in operations(document):
        code = operation.pop("x-treaty-success", None)
        responses = operation["responses"]
        if code is not None and "2XX" in responses:
            renamed = {str(code): responses.pop("2XX")}
            operation["responses"] = {**renamed, **responses}


def no_schema_titles(document: dict[str, Any], _losses: list[str]) -> None:
    """Titles of schemas go: component keys name the models, and equal titles would make them collide."""
    for name in list(document.get("components", {}).get("schemas", {})):
        for node in nodes(document["components"]["schemas"][name]):
            if isinstance(node.get("title"), str):
                del node["title"]


def component_names(document: dict[str, Any], _losses: list[str]) -> None:
    """``x-treaty-name`` on a component schema renames it, and every reference to it."""
    schemas: dict[str, Any] = document.get("components", {}).get("schemas", {})
    renamed = {name: schema["x-treaty-name"] for name, schema in schemas.items() if "x-treaty-name" in schema}
    taken = [renamed.get(name, name) for name in schemas]
    for name, new in renamed.items():
        if taken.count(new) > 1:
            raise CodegenError(f"$.components.schemas.{name}: x-treaty-name {new!r} is the name of another schema too")
    if not renamed:
        return
    references = {f"#/components/schemas/{name}": f"#/components/schemas/{new}" for name, new in renamed.items()}
    for node in nodes(document):
        if isinstance(node.get("$ref"), str):
            node["$ref"] = references.get(node["$ref"], node["$ref"])
    document["components"]["schemas"] = {renamed.get(name, name): schema for name, schema in schemas.items()}
    for new in renamed.values():
        del document["components"]["schemas"][new]["x-treaty-name"]


def distinct_enum_values(document: dict[str, Any], losses: list[str]) -> None:
    """Every enum value gets a member name of its own, and a value that stands twice stands once."""
    for schema in list(nodes(document)):
        values = schema.get("enum")
        if not is_array(values) or not values:
            continue
        unique: list[Any] = []
        for value in values:
            same = any(value == other and isinstance(value, bool) == isinstance(other, bool) for other in unique)
            if not (is_object(value) or is_array(value) or same):
                unique.append(value)
        if len(unique) != len(values):
            losses.append(f"enum {values!r}: repeated or composite values were dropped")
            schema["enum"] = unique
        if all(isinstance(value, str) for value in unique) and "x-enum-varnames" not in schema:
            names = [constant(value) or "EMPTY" for value in unique]
            if len(set(names)) != len(names):
                schema["x-enum-varnames"] = [
                    name if names.count(name) == 1 else f"{name}_{names[:index].count(name) + 1}"
                    for index, name in enumerate(names)
                ]
