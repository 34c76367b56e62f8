"""Small documents that have something at every place that reading knows, and what becomes of them when one is wrong."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from accordant_codegen.read.document import below
from accordant_codegen.read.load import parse
from accordant_runtime import is_array, is_object

WRONG: tuple[Any, ...] = (None, True, [], [7], 5, "text", {}, {"$ref": "#/no/such"})

OPENAPI = """\
openapi: 3.1.0
info: {title: Toy, version: "1"}
servers: [{url: "https://{host}.test", variables: {host: {default: a, enum: [a, b]}}}]
tags: [{name: toys, description: All toys.}]
security: [{key: []}]
paths:
  /toys/{id}:
    parameters: [{$ref: "#/components/parameters/Id"}]
    get:
      operationId: getToy
      tags: [toys]
      deprecated: true
      parameters:
        - {name: fields, in: query, style: form, explode: false, schema: {type: array, items: {type: string}}}
        - {name: shape, in: query, content: {application/json: {schema: {type: object}}}}
      responses:
        "200":
          description: It.
          headers: {X-Rate: {schema: {type: integer}}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Toy"}}}
        "404": {$ref: "#/components/responses/Gone"}
    put:
      operationId: putToy
      security: []
      servers: [{url: "https://b.test"}]
      requestBody: {$ref: "#/components/requestBodies/Toy"}
      responses: {default: {description: Done.}}
      callbacks: {done: {"{$request.body#/url}": {post: {responses: {"200": {description: ok}}}}}}
  /other: {$ref: "#/components/pathItems/Other"}
webhooks:
  toy-broke: {post: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Toy"}}}}}}
components:
  parameters: {Id: {name: id, in: path, required: true, schema: {type: integer, minimum: 1}}}
  responses: {Gone: {description: Gone.}}
  requestBodies:
    Toy:
      required: true
      content:
        multipart/form-data:
          schema: {$ref: "#/components/schemas/Toy"}
          encoding: {name: {contentType: text/plain}}
  pathItems: {Other: {get: {responses: {"200": {description: ok, content: {text/plain: {schema: {type: string}}}}}}}}
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  schemas:
    Toy:
      type: object
      description: A toy.
      required: [name]
      additionalProperties: {type: string}
      properties:
        name: {type: string, minLength: 1, pattern: "^a", format: uuid, deprecated: true}
        size: {type: [integer, "null"], minimum: 0, exclusiveMaximum: 9, multipleOf: 3}
        state: {$ref: "#/components/schemas/State"}
        pair: {type: array, prefixItems: [{type: string}], items: {type: integer}, minItems: 1, uniqueItems: true}
        part: {oneOf: [{$ref: "#/components/schemas/Ball"}, {$ref: "#/components/schemas/Car"}],
               discriminator: {propertyName: kind, mapping: {ball: "#/components/schemas/Ball", car: Car}}}
        rest: {patternProperties: {"^x": {type: integer}}, type: object}
        kind: {const: toy}
        not: {not: {type: string}, if: {type: string}, then: {minLength: 3}}
    Ball: {allOf: [{$ref: "#/components/schemas/Part"}, {type: object, properties: {round: {type: boolean}}}]}
    Car: {anyOf: [{$ref: "#/components/schemas/Part"}, {type: "null"}]}
    Part: {type: object, properties: {kind: {type: string}, owner: {$ref: "#/components/schemas/Toy"}}}
    State: {type: string, enum: [new, old]}
"""
SWAGGER = """\
swagger: "2.0"
info: {title: Toy, version: "1"}
host: a.test
basePath: /v1
schemes: [https]
consumes: [application/json]
produces: [application/json]
tags: [{name: toys}]
security: [{key: []}, {auth: [read]}]
paths:
  /toys/{id}:
    parameters: [{$ref: "#/parameters/Id"}]
    get:
      tags: [toys]
      parameters:
        - {name: fields, in: query, type: array, items: {type: string, enum: [a]}, collectionFormat: csv}
      responses:
        "200": {description: It., schema: {$ref: "#/definitions/Toy"}, headers: {X-Rate: {type: integer}},
                examples: {application/json: {a: 1}}}
        "404": {$ref: "#/responses/Gone"}
    post:
      parameters: [{name: body, in: body, required: true, schema: {$ref: "#/definitions/Toy"}}]
      responses: {"201": {description: Made.}}
    put:
      consumes: [multipart/form-data]
      parameters: [{name: file, in: formData, type: file}, {name: note, in: formData, type: string}]
      responses: {"200": {description: ok, schema: {type: file}}}
parameters: {Id: {name: id, in: path, required: true, type: integer, minimum: 1}}
responses: {Gone: {description: Gone., schema: {type: string}}}
securityDefinitions:
  key: {type: apiKey, in: header, name: X-Key}
  auth: {type: oauth2, flow: application, tokenUrl: "https://a.test/token", scopes: {read: Read.}}
definitions:
  Toy:
    type: object
    required: [name]
    discriminator: name
    properties:
      name: {type: string, x-nullable: true}
      parts: {type: array, items: {$ref: "#/definitions/Part"}}
      more: {type: object, patternProperties: {"^a": {$ref: "#/definitions/Part"}}}
      pair: {type: array, items: [{type: string}, {$ref: "#/definitions/Part"}]}
  Part:
    allOf:
      - {$ref: "#/definitions/Toy"}
      - {type: object, properties: {size: {type: number, exclusiveMinimum: true, minimum: 0}}}
"""
DOCUMENTS = {"openapi": parse(OPENAPI, "openapi"), "swagger": parse(SWAGGER, "swagger")}


def places(node: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a document, as keys and indexes."""
    items = node.items() if is_object(node) else enumerate(node) if is_array(node) else ()
    for key, item in items:
        yield (*way, key)
        yield from places(item, (*way, key))


def changed(document: dict[str, Any], way: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """A copy of the document with another value at one place."""
    result = copy.deepcopy(document)
    node: Any = result
    for key in way[:-1]:
        node = node[key]
    node[way[-1]] = copy.deepcopy(value)
    return result


def path(way: tuple[str | int, ...]) -> str:
    """The JSON path of a place."""
    text = "$"
    for key in way:
        text = f"{text}[{key}]" if isinstance(key, int) else below(text, key)
    return text
