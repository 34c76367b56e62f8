"""A made-up effective document with what any document may have: every style of paging, every kind of scheme."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

__all__ = ["SCHEMES", "listed", "shop"]

SCHEMES: dict[str, Any] = {
    "inHeader": {"type": "apiKey", "in": "header", "name": "X-App"},
    "inQuery": {"type": "apiKey", "in": "query", "name": "key"},
    "inCookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "oauth": {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": "https://login.example.com/oauth/token", "scopes": {}}},
    },
    "oidc": {"type": "openIdConnect", "openIdConnectUrl": "https://login.example.com/.well-known/openid-configuration"},
}
ITEM = {
    "type": "object",
    "required": ["id", "title", "kind"],
    "properties": {
        "id": {"type": "string", "readOnly": True, "pattern": "^it_[0-9a-f]{8}$"},
        "title": {"type": "string"},
        "kind": {"type": "string", "enum": ["small", "large"]},
        "shelf_id": {"type": "integer", "x-accordant-reference": "shelf"},
        "secret_note": {"type": "string", "writeOnly": True},
    },
}
SHELF = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer", "readOnly": True}, "name": {"type": "string"}},
}
FAILURE = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "object", "required": ["message", "trace"], "properties": {
        "message": {"type": "string"}, "trace": {"type": "string", "format": "uuid"}}}},
}  # fmt: skip


def shop() -> dict[str, Any]:
    """The document."""
    envelope = {
        "type": "object",
        "required": ["object", "data", "list_metadata"],
        "properties": {
            "object": {"const": "list"},
            "data": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
            "list_metadata": {
                "type": "object",
                "required": ["after", "more", "total"],
                "properties": {
                    "after": {"type": ["string", "null"]},
                    "more": {"type": "boolean"},
                    "total": {"type": "integer"},
                },
            },
        },
    }
    wrapped = {"type": "object", "required": ["data", "took"], "properties": {
        "data": {"$ref": "#/components/schemas/Item"}, "took": {"type": "number"}}}  # fmt: skip
    key = [_parameter("item_id", {"type": "string"}, "path")]
    paging = {"style": "offset", "items": "data", "limit": "limit", "offset": "offset", "total": "list_metadata.total"}
    shelf = [_parameter("shelf_id", {"type": "integer"}, "path", **{"x-accordant-reference": "shelf"})]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Corner Shop", "version": "1"},
        "servers": [{"url": "https://{region}.example.com/{version}", "variables": {
            "region": {"default": "eu"}, "version": {"default": "v2"}}}],
        "security": [],
        "paths": {
            "/items": {
                "get": _operation("listItems", "item", "list", envelope, parameters=[
                    _parameter("limit", {"type": "integer", "minimum": 1}), _parameter("offset", {"type": "integer"}),
                    _parameter("kind", {"type": "string"}),
                ], paging=paging),
                "post": _operation("createItem", "item", "create", wrapped, "201", requestBody=_body("Item")),
            },
            "/items/{item_id}": {
                "get": _operation("getItem", "item", "get", wrapped, parameters=key),
                "patch": _operation("updateItem", "item", "update", wrapped, parameters=key, requestBody=_body("Item")),
                "delete": _operation("deleteItem", "item", "delete", None, "204", parameters=key),
            },
            "/items/{item_id}:reserve": {"post": _operation("reserveItem", "item", "custom", {
                "type": "object", "required": ["reserved", "until"], "properties": {
                    "reserved": {"type": "boolean"}, "until": {"type": "string", "format": "date-time"}}},
                parameters=key)},
            "/shelves": {"get": _operation("listShelves", "shelf", "custom", {
                "type": "array", "items": {"$ref": "#/components/schemas/Shelf"}})},
            "/shelves/{shelf_id}": {"get": _operation("getShelf", "shelf", "get", {
                "$ref": "#/components/schemas/Shelf"}, parameters=shelf)},
            "/shelves/{shelf_id}/labels": {
                "get": _operation("listLabels", "label", "custom", {
                    "type": "array", "items": {"$ref": "#/components/schemas/Label"}}, parameters=shelf),
                "post": _operation("createLabel", "label", "custom", {
                    "$ref": "#/components/schemas/Label"}, "201", parameters=shelf, requestBody=_body("Label")),
            },
            "/report": {"get": _operation("getReport", "report", "custom", None, content={"text/csv": {
                "schema": {"type": "string"}, "example": "a,b"}})},
        },
        "components": {
            "securitySchemes": deepcopy(SCHEMES),
            "schemas": {
                "Item": deepcopy(ITEM), "Shelf": deepcopy(SHELF),
                "Label": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
            },
        },
    }  # fmt: skip


def listed(pagination: dict[str, Any], *parameters: str, members: dict[str, Any] | None = None) -> dict[str, Any]:
    """The shop with another way of paging its items: the document of one list."""
    document = shop()
    properties = {"rows": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}, **(members or {})}
    schema = {"type": "object", "required": ["rows"], "properties": properties}
    kinds = {
        name: {"type": "integer"} if name in ("page", "size", "limit") else {"type": "string"} for name in parameters
    }
    document["paths"]["/items"]["get"] = _operation(
        "listItems", "item", "list", schema, parameters=[_parameter(name, kind) for name, kind in kinds.items()],
        paging={"items": "rows", **pagination},
    )  # fmt: skip
    return document


def _operation(
    name: str, entity: str, action: str, schema: dict[str, Any] | None, status: str = "200", /, **more: Any
) -> dict[str, Any]:
    if "paging" in more:
        more["x-accordant-pagination"] = more.pop("paging")
    content = more.pop("content", {"application/json": {"schema": schema}} if schema is not None else None)
    success = {"description": "done", **({"content": content} if content else {})}
    failure = {"description": "failed", "content": {"application/json": {"schema": FAILURE}}}
    facts = {"x-accordant-entity": entity, "x-accordant-action": action}
    return {"operationId": name, **facts, "responses": {status: success, "4XX": failure}, **more}


def _parameter(name: str, schema: dict[str, Any], where: str = "query", /, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": schema, **more}


def _body(name: str) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}
