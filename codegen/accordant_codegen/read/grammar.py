"""What may be where in an OpenAPI 3 and in a Swagger 2.0 document: each object as a table of its keys.

The tables say only what reading relies on. A key that is not in a table is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from attrs import field, frozen

Words = Literal["text", "flag", "number", "count", "texts", "status", "any", "types", "bound", "pattern"]


@frozen
class ListNode:
    """A list of things; what is none of them is left out of it."""

    item: Grammar
    filled: bool = False
    """Whether an empty list says nothing that is allowed."""


@frozen
class MapNode:
    """An object whose keys are the vendor's names."""

    item: Grammar


@frozen
class PartNode:
    """An object whose keys are in the table of this name.

    ``otherwise`` is what is taken where it is something else; without it the key is left out.
    """

    table: str
    otherwise: Mapping[str, Any] | None = field(default=None)
    refers: bool = True
    """Whether a reference may be in its place."""


@frozen
class SchemaNode:
    """A schema; ``flag`` says that true and false are usual there."""

    flag: bool = False


Grammar = ListNode | MapNode | PartNode | SchemaNode | Words
Tables = Mapping[str, Mapping[str, Grammar]]

TYPES: Final = ("string", "integer", "number", "boolean", "array", "object", "null")
SCHEMA: Final = SchemaNode()
_RESPONSE = PartNode("response", {"description": ""})
_MEDIA: Grammar = MapNode(PartNode("media", {}))

_SCHEMA: Mapping[str, Grammar] = {
    **dict.fromkeys(("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"), MapNode(SCHEMA)),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), ListNode(SCHEMA, filled=True)),
    **dict.fromkeys(("not", "if", "then", "else", "contains", "propertyNames", "contentSchema"), SCHEMA),
    **dict.fromkeys(("items", "additionalItems", "unevaluatedItems"), SchemaNode(flag=True)),
    **dict.fromkeys(("additionalProperties", "unevaluatedProperties"), SchemaNode(flag=True)),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), "count"),
    **dict.fromkeys(("minContains", "maxContains"), "count"),
    **dict.fromkeys(("minimum", "maximum"), "number"),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), "bound"),
    **dict.fromkeys(("nullable", "readOnly", "writeOnly", "deprecated", "uniqueItems", "x-nullable"), "flag"),
    "pattern": "pattern",
    **dict.fromkeys(("format", "contentMediaType", "contentEncoding", "$ref", "$schema"), "text"),
    "multipleOf": "number",
    "required": "texts",
    "type": "types",
    "enum": ListNode("any"),
    "dependentRequired": MapNode("texts"),
    "discriminator": PartNode("discriminator", refers=False),
}
_DISCRIMINATOR: Mapping[str, Grammar] = {"propertyName": "text", "mapping": MapNode("text")}
_TAGS: Grammar = ListNode(PartNode("tag", refers=False))
_SECURITY: Grammar = ListNode(MapNode("texts"))
_SHARED: Mapping[str, Grammar] = {"info": PartNode("info", {}, refers=False), "tags": _TAGS, "security": _SECURITY}
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_OPERATION: Mapping[str, Grammar] = {
    "operationId": "text",
    "tags": "texts",
    "deprecated": "flag",
    "parameters": ListNode(PartNode("parameter")),
    "security": _SECURITY,
}
_OWN: Tables = {
    "info": {},
    "tag": {"name": "text"},
    "schema": _SCHEMA,
    "discriminator": _DISCRIMINATOR,
    "scheme": {"type": "text"},
}

OPENAPI3: Final[Tables] = {
    **_OWN,
    "document": {
        **_SHARED,
        "servers": ListNode(PartNode("server", refers=False)),
        "paths": MapNode(PartNode("path")),
        "webhooks": MapNode(PartNode("path")),
        "components": PartNode("components", refers=False),
    },
    "components": {
        "schemas": MapNode(SCHEMA),
        "parameters": MapNode(PartNode("parameter")),
        "responses": MapNode(_RESPONSE),
        "requestBodies": MapNode(PartNode("body", {})),
        "headers": MapNode(PartNode("header", {})),
        "pathItems": MapNode(PartNode("path")),
        "callbacks": MapNode(MapNode(PartNode("path"))),
        "securitySchemes": MapNode(PartNode("scheme")),
        "links": MapNode(PartNode("link")),
        "mediaTypes": MapNode(PartNode("media", {})),
    },
    "path": {
        **dict.fromkeys(_METHODS, PartNode("operation", refers=False)),
        "parameters": ListNode(PartNode("parameter")),
        "servers": ListNode(PartNode("server", refers=False)),
    },
    "operation": {
        **_OPERATION,
        "requestBody": PartNode("body", {"content": {"application/json": {}}}),
        "responses": MapNode(_RESPONSE),
        "callbacks": MapNode(MapNode(PartNode("path"))),
        "servers": ListNode(PartNode("server", refers=False)),
    },
    "parameter": {
        "name": "text",
        "in": "text",
        "required": "flag",
        "deprecated": "flag",
        "explode": "flag",
        "allowReserved": "flag",
        "style": "text",
        "schema": SCHEMA,
        "content": _MEDIA,
    },
    "body": {"content": _MEDIA, "required": "flag"},
    "response": {"content": _MEDIA, "headers": MapNode(PartNode("header", {})), "links": MapNode(PartNode("link"))},
    "media": {"schema": SCHEMA, "itemSchema": SCHEMA, "encoding": MapNode(PartNode("encoding", refers=False))},
    "encoding": {
        "contentType": "text",
        "style": "text",
        "explode": "flag",
        "allowReserved": "flag",
        "headers": MapNode(PartNode("header", {})),
    },
    "header": {"schema": SCHEMA, "content": _MEDIA, "required": "flag", "explode": "flag", "style": "text"},
    "link": {},
    "server": {"url": "text", "variables": MapNode(PartNode("variable", refers=False))},
    "variable": {"default": "text", "enum": "texts"},
}

SWAGGER2: Final[Tables] = {
    **_OWN,
    "document": {
        **_SHARED,
        **dict.fromkeys(("schemes", "consumes", "produces"), "texts"),
        **dict.fromkeys(("host", "basePath"), "text"),
        "paths": MapNode(PartNode("path")),
        "definitions": MapNode(SCHEMA),
        "parameters": MapNode(PartNode("parameter")),
        "responses": MapNode(_RESPONSE),
        "securityDefinitions": MapNode(PartNode("scheme", refers=False)),
    },
    "path": {
        **dict.fromkeys(_METHODS, PartNode("operation", refers=False)),
        "parameters": ListNode(PartNode("parameter")),
    },
    "operation": {
        **_OPERATION,
        **dict.fromkeys(("schemes", "consumes", "produces"), "texts"),
        "responses": MapNode(_RESPONSE),
    },
    "parameter": {
        **_SCHEMA,
        "name": "text",
        "in": "text",
        "required": "flag",
        "collectionFormat": "text",
        "allowEmptyValue": "flag",
        "schema": SCHEMA,
        "items": PartNode("items", {}, refers=False),
    },
    "items": {**_SCHEMA, "collectionFormat": "text", "items": PartNode("items", {}, refers=False)},
    "response": {
        "schema": SCHEMA,
        "headers": MapNode(PartNode("header", {}, refers=False)),
        "examples": MapNode("any"),
    },
    "header": {**_SCHEMA, "collectionFormat": "text", "items": PartNode("items", {}, refers=False)},
}
