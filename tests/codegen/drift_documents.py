"""One API in four forms, and edits of it by JSON path."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from accordant_codegen.drift.lines import DriftLine
from accordant_codegen.drift.operations import compare_documents
from accordant_codegen.drift.report import ordered
from accordant_codegen.read.effective import prepare
from accordant_codegen.read.load import parse

Edit = Callable[[dict[str, Any]], None]

MODERN = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: https://api.shop.example}]
security: [{key: []}]
tags: [{name: things, description: Things.}]
paths:
  /things:
    get:
      operationId: listThings
      tags: [things]
      summary: List things.
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
        - {name: state, in: query, schema: {$ref: "#/components/schemas/State"}}
        - {name: ids, in: query, schema: {type: array, items: {type: integer}, maxItems: 50}}
        - {name: since, in: query, schema: {type: string, format: date}}
        - {name: word, in: query, schema: {type: string, pattern: "^[a-z]+$", maxLength: 10, minLength: 2}}
        - {name: X-Trace, in: header, schema: {type: string}}
        - {name: needed, in: query, required: true, schema: {type: [string, integer, "null"]}}
      responses:
        "200":
          description: Things.
          headers: {X-Total: {required: true, schema: {type: integer}}}
          content:
            application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Thing"}}}
            text/csv: {schema: {type: string}}
        "404": {description: None.}
    post:
      operationId: createThing
      tags: [things]
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/ThingWrite"}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getThing
      tags: [things]
      responses:
        "200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
    delete:
      operationId: deleteThing
      tags: [things]
      security: [{token: [write]}, {key: []}]
      responses: {"204": {description: Gone.}}
  /ping:
    post:
      operationId: ping
      tags: [ping]
      security: []
      requestBody: {content: {application/json: {schema: {type: object, properties: {a: {type: string}}}}}}
      responses:
        "200": {description: Well., content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    token:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: https://api.shop.example/token, scopes: {write: Write., read: Read.}}}
  schemas:
    State: {type: string, enum: [open, closed]}
    Thing:
      type: object
      required: [id, name, kind]
      properties:
        id: {type: integer, format: int32}
        name: {type: string, maxLength: 40}
        kind: {type: string, enum: [a, b]}
        price: {type: number, minimum: 0}
        at: {type: string, format: date-time}
        note: {type: [string, "null"]}
        owner: {$ref: "#/components/schemas/Owner"}
        tags: {type: array, items: {type: string}}
    Owner: {type: object, required: [id], properties: {id: {type: integer}, email: {type: string}}}
    ThingWrite:
      type: object
      required: [name]
      properties:
        name: {type: string, minLength: 1, maxLength: 40}
        kind: {type: string, enum: [a, b]}
        price: {type: number, minimum: 0, maximum: 1000, default: 1}
        note: {type: [string, "null"]}
        size: {type: integer}
        owner: {$ref: "#/components/schemas/Owner"}
        either: {oneOf: [{type: string}, {type: integer}]}
        both: {allOf: [{$ref: "#/components/schemas/Owner"}, {type: object, properties: {extra: {type: string}}}]}
        map: {type: object, additionalProperties: {type: string}}
    Pet:
      oneOf: [{$ref: "#/components/schemas/Cat"}, {$ref: "#/components/schemas/Dog"}]
      discriminator: {propertyName: kind, mapping: {cat: "#/components/schemas/Cat", dog: "#/components/schemas/Dog"}}
    Cat: {type: object, required: [kind], properties: {kind: {type: string}, purrs: {type: boolean}}}
    Dog: {type: object, required: [kind], properties: {kind: {type: string}, barks: {type: boolean}}}
    Bird: {type: object, required: [kind], properties: {kind: {type: string}, sings: {type: boolean}}}
"""

OLDER = """\
openapi: 3.0.3
info: {title: Shop, version: "1"}
servers: [{url: https://api.shop.example}]
paths:
  /things:
    get:
      operationId: listThings
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 0, exclusiveMinimum: true}}
        - {name: word, in: query, schema: {type: string, nullable: true}}
      responses:
        200: {description: Things., content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
components:
  schemas:
    Thing:
      type: object
      properties:
        name: {type: string}
        maybe: {type: string, nullable: true}
        owner: {nullable: true, allOf: [{$ref: "#/components/schemas/Owner"}]}
    Owner: {type: object, properties: {id: {type: integer}}}
"""

SWAGGER = """\
swagger: "2.0"
info: {title: Shop, version: "1"}
host: api.shop.example
schemes: [https]
consumes: [application/json]
produces: [application/json]
securityDefinitions: {key: {type: apiKey, in: header, name: X-Key}}
security: [{key: []}]
paths:
  /things:
    get:
      operationId: listThings
      parameters:
        - {name: limit, in: query, type: integer, maximum: 100}
        - {name: ids, in: query, type: array, items: {type: integer}, collectionFormat: csv}
      responses: {200: {description: Things., schema: {type: array, items: {$ref: "#/definitions/Thing"}}}}
    post:
      operationId: createThing
      parameters: [{name: body, in: body, required: true, schema: {$ref: "#/definitions/ThingWrite"}}]
      responses: {201: {description: Made., schema: {$ref: "#/definitions/Thing"}}}
definitions:
  Thing: {type: object, required: [id], properties: {id: {type: integer}, state: {type: string, enum: [open, closed]}}}
  ThingWrite: {type: object, required: [name], properties: {name: {type: string}, size: {type: integer}}}
"""


def _step(holder: Any, key: str) -> Any:
    return int(key) if isinstance(holder, list) else key


def at(document: Any, path: str) -> Any:
    """The node below keys that `>` separates."""
    node = document
    for key in path.split(">"):
        node = node[_step(node, key)]
    return node


def put(path: str, **values: Any) -> Edit:
    """Sets keys of an object; ``in_`` is ``in``, and an underscore ends what is a word of Python's."""

    def edit(document: dict[str, Any]) -> None:
        at(document, path).update({name.rstrip("_").replace("__", "-"): value for name, value in values.items()})

    return edit


def set_to(path: str, value: Any) -> Edit:
    """Replaces what is there, or adds it."""

    def edit(document: dict[str, Any]) -> None:
        home, _, key = path.rpartition(">")
        holder = at(document, home) if home else document
        holder[_step(holder, key)] = value

    return edit


def cut(*paths: str) -> Edit:
    """Takes things away."""

    def edit(document: dict[str, Any]) -> None:
        for path in paths:
            home, _, key = path.rpartition(">")
            holder = at(document, home) if home else document
            del holder[_step(holder, key)]

    return edit


def add(path: str, *items: Any) -> Edit:
    """Appends to a list."""

    def edit(document: dict[str, Any]) -> None:
        at(document, path).extend(items)

    return edit


def move(path: str, name: str) -> Edit:
    """Gives a key another name, in its place."""

    def edit(document: dict[str, Any]) -> None:
        home, _, key = path.rpartition(">")
        holder = at(document, home) if home else document
        items = [(name if each == key else each, value) for each, value in holder.items()]
        holder.clear()
        holder.update(items)

    return edit


def all_of(*edits: Edit) -> Edit:
    """Several edits."""

    def edit(document: dict[str, Any]) -> None:
        for each in edits:
            each(document)

    return edit


def drifted(document: str, edit: Edit, *, strict: bool = False) -> tuple[DriftLine, ...]:
    """What an edit of a document comes to on the wire."""
    new = parse(document, "new")
    edit(new)
    lines = compare_documents(_before(document), prepare(new, [], "document").document)
    return ordered(lines, strict=strict)


@cache
def _before(document: str) -> dict[str, Any]:
    """The effective document without an edit; many edits begin with the same."""
    return prepare(parse(document, "old"), [], "document").document
