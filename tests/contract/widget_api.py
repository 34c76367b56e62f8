"""A small invented API, as the tests of the judges need it: its document, and exchanges made by hand."""

from __future__ import annotations

import datetime
from typing import Any, Final

from accordant_contract.document.document import Document, Operation
from accordant_contract.document.values import Arguments, Exchange, Intent, Pairs, Request, Response
from accordant_runtime import dumps

NOW: Final = datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC)
JSON: Final[Pairs] = (("Content-Type", "application/json"),)

_WIDGET: Final = {"$ref": "#/components/schemas/Widget"}
_ERRORS: Final[dict[str, Any]] = {
    "401": {"description": "Who?", "content": {"application/json": {"schema": {"type": "object"}}}},
    "404": {"description": "None.", "content": {"application/json": {"schema": {"type": "object"}}}},
    "429": {"description": "Later.", "headers": {"Retry-After": {"required": True, "schema": {"type": "integer"}}}},
}


def _answer(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "Done.", "content": {"application/json": {"schema": schema}}}


def _facts(action: str, **more: Any) -> dict[str, Any]:
    return {"x-accordant-entity": "widget", "x-accordant-action": action, "x-accordant-resource": "widgets", **more}


_ID: Final = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
_KEY: Final = {"parameter": "id", "field": "id"}

DOCUMENT: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "info": {"title": "Widgets", "version": "1"},
    "security": [{"bearer": []}],
    "paths": {
        "/widgets": {
            "get": {
                "operationId": "listWidgets",
                **_facts("list"),
                "x-accordant-pagination": {
                    **{"style": "offset", "items": "widgets", "limit": "limit", "offset": "offset"},
                    **{"total": "total", "max-limit": 100},
                },
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
                    {"name": "offset", "in": "query", "schema": {"type": "integer", "minimum": 0}},
                    *(
                        {
                            "name": f"{name}_{predicate}",
                            "in": "query",
                            "schema": {"type": "array", "items": {"type": "string"}}
                            if predicate == "in"
                            else {"type": "string"},
                            "explode": False,
                            "x-accordant-filter": {"field": name, "predicate": predicate},
                        }
                        for name, predicate in (
                            *(("colour", "eq"), ("colour", "in"), ("made", "gt"), ("made", "gteq")),
                            *(("owner", "null"), ("tags", "contains")),
                        )
                    ),
                ],
                "responses": {
                    "200": _answer(
                        {
                            "type": "object",
                            "required": ["widgets", "total"],
                            "properties": {
                                "widgets": {"type": "array", "items": _WIDGET},
                                "total": {"type": "integer"},
                            },
                        }
                    ),
                    **_ERRORS,
                },
            },
            "post": {
                "operationId": "createWidget",
                **_facts("create"),
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WidgetCreate"}}},
                },
                "responses": {
                    "201": {
                        **_answer(_WIDGET),
                        "headers": {"Location": {"required": True, "schema": {"type": "string"}}},
                    },
                    **_ERRORS,
                },
            },
        },
        "/widgets/{id}": {
            "get": {
                "operationId": "getWidget",
                **_facts("get", **{"x-accordant-key": _KEY}),
                "parameters": [_ID],
                "responses": {"200": _answer(_WIDGET), **_ERRORS},
            },
            "patch": {
                "operationId": "updateWidget",
                **_facts("update", **{"x-accordant-key": _KEY}),
                "parameters": [_ID],
                "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {}}}}},
                "responses": {"200": _answer(_WIDGET), **_ERRORS},
            },
            "delete": {
                "operationId": "deleteWidget",
                **_facts("delete", **{"x-accordant-key": _KEY}),
                "parameters": [_ID],
                "responses": {"204": {"description": "Gone."}, **_ERRORS},
            },
        },
    },
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Colour": {"type": "string", "enum": ["red", "green", "blue"]},
            "Widget": {
                "type": "object",
                "required": ["id", "name", "colour", "made"],
                "properties": {
                    "id": {"type": "integer"},
                    "name": {"type": "string"},
                    "colour": {"$ref": "#/components/schemas/Colour"},
                    "made": {"type": "string", "format": "date-time"},
                    "price": {"type": "number"},
                    "owner": {"type": ["integer", "null"]},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "stars": {"type": "integer"},
                    "created_at": {"type": "string", "format": "date-time", "x-accordant-read-only": True},
                    "seen_at": {"type": "string", "format": "date-time", "x-accordant-volatile": True},
                },
            },
            "WidgetCreate": {
                "type": "object",
                "required": ["name", "colour"],
                "properties": {
                    "id": {"type": "integer"},
                    "name": {"type": "string", "minLength": 3, "maxLength": 30},
                    "colour": {"$ref": "#/components/schemas/Colour"},
                    "made": {"type": "string", "format": "date-time"},
                    "price": {"type": "number", "minimum": 1},
                    "owner": {"type": ["integer", "null"], "x-accordant-reference": "person"},
                    "code": {"type": "string", "pattern": "^[A-Z]{2}-\\d{3}$"},
                    "parent": {"anyOf": [{"$ref": "#/components/schemas/WidgetCreate"}, {"type": "null"}]},
                    "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                    "stars": {"type": "integer", "default": 3},
                    "stamp": {"type": "string", "readOnly": True},
                },
            },
        },
    },
}

WIDGETS: Final = Document("widgets", DOCUMENT, "0" * 64)


def operation(name: str) -> Operation:
    """One of the operations."""
    return WIDGETS.operations[name]


def widget(number: int, **more: Any) -> dict[str, Any]:
    """A widget as the API shows it."""
    return {"id": number, "name": f"W{number}", "colour": "red", "made": "2026-02-01T10:00:00Z", **more}


def exchange(
    name: str,
    status: int = 200,
    document: Any = None,
    *,
    body: bytes | None = None,
    headers: Pairs = JSON,
    arguments: Arguments | None = None,
    intent: Intent = "valid",
    at: datetime.datetime = NOW,
) -> Exchange:
    """A call of an operation and its answer: a JSON document, or a body as it is."""
    content = body if body is not None else (b"" if document is None else dumps(document))
    which = operation(name)
    request = Request(which.method, f"http://127.0.0.1:9{which.path}", (("Authorization", "Bearer secret-token-1"),))
    return Exchange(name, request, Response(status, headers, content), arguments or Arguments(), intent, at=at)


def page(rows: list[dict[str, Any]], total: int, *, limit: int = 2, offset: int = 0) -> Exchange:
    """A page of the list."""
    arguments = Arguments(query={"limit": limit, "offset": offset})
    return exchange("listWidgets", 200, {"widgets": rows, "total": total}, arguments=arguments)
