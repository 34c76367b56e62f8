"""Packages that type checkers judge, with programs that use them rightly and wrongly: ``depot`` takes dicts in every
form, ``old`` is deprecated, and ``renamed`` has old names."""

from __future__ import annotations

import json
from typing import Any

DEPOT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Depot", "version": "1"},
    "paths": {},
    "components": {
        "schemas": {
            "Pack": {
                "type": "object",
                "required": ["x-size", "from"],
                "additionalProperties": False,
                "properties": {
                    "x-size": {"type": "integer"},
                    "from": {"type": "string", "format": "date"},
                    "inner": {"$ref": "#/components/schemas/Pack"},
                    "kind": {"enum": ['"odd"', "even"]},
                },
            },
            "Window": {"type": "object", "properties": {"start": {"type": "string", "format": "date-time"}}},
            "Cat": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"const": "cat"}, "livesLeft": {"type": "integer"}},
            },
            "Dog": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"const": "dog"}, "tricks": {"type": "array", "items": {"type": "string"}}},
            },
            "Pet": {
                "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
                "discriminator": {"propertyName": "kind"},
            },
        }
    },
}


def ref(name: str) -> dict[str, str]:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def add(name: str, media: str, schema: dict[str, Any], *parameters: dict[str, Any]) -> None:
    """Add an operation with a body."""
    DEPOT["paths"][f"/{name}"] = {
        "post": {
            "operationId": name,
            "tags": ["packs"],
            "parameters": list(parameters),
            "requestBody": {"required": True, "content": {media: {"schema": schema}}},
            "responses": {"204": {"description": "Done."}},
        }
    }


WINDOW = {"name": "window", "in": "query", "style": "deepObject", "explode": True, "schema": ref("Window")}
ONE_OR_MANY = {"oneOf": [ref("Pack"), {"type": "array", "items": ref("Pack")}]}
BY_NAME = {"type": "object", "additionalProperties": ref("Window")}
PARTS = {
    "type": "object",
    "required": ["about"],
    "properties": {"about": ref("Window"), "file": {"type": "string", "format": "binary"}},
}
FIELDS = {"type": "object", "properties": {"pet": ref("Pet"), "packs": {"type": "array", "items": ref("Pack")}}}
add("storePacks", "application/json", ONE_OR_MANY, WINDOW)
add("putPet", "application/json", {"type": "array", "items": ref("Pet")})
add("putNames", "application/json", BY_NAME)
add("upload", "multipart/form-data", PARTS)
add("send", "application/x-www-form-urlencoded", FIELDS)
DEPOT_PROGRAM = """\
import datetime
from accordant_generated.depot.models import CatParam, PackParam, WindowParam
from accordant_generated.depot.packs import Packs

def right(packs: Packs) -> None:
    pack: PackParam = {"x-size": 1, "from": "2026-01-02", "kind": "even"}
    other: PackParam = {"x-size": 1, "from": datetime.date(2026, 1, 2), "inner": pack}
    window: WindowParam = {"start": datetime.datetime.now(datetime.UTC)}
    cat: CatParam = {"kind": "cat", "livesLeft": 7}
    packs.create(pack, window=window)
    packs.create([pack, other, {"x-size": 2, "from": "2026-01-02"}], window={"start": "2026-01-02T03:04:05Z"})
    packs.put_pet([cat, {"kind": "dog", "tricks": ["sit"]}])
    packs.put_names({"first": window, "second": {}})
    packs.upload(about={"start": "2026-01-02T03:04:05Z"}, file=b"")
    packs.send(pet={"kind": "cat"}, packs=[other])

def wrong(packs: Packs) -> None:
    packs.create({"x-size": 1})  # WRONG
    packs.create({"x-size": "1", "from": "2026-01-02"})  # WRONG
    packs.create([{"x-size": 1, "from": "2026-01-02", "form": ""}])  # WRONG
    packs.create({"x-size": 1, "from": "", "kind": "uneven"})  # WRONG
    packs.create({"x-size": 1, "from": "", "inner": {"x-size": 1}})  # WRONG
    packs.create([], window={"strat": "2026-01-02T03:04:05Z"})  # WRONG
    packs.put_pet([{"kind": "cat", "tricks": []}])  # WRONG
    packs.put_names({"first": {"started": ""}})  # WRONG
    packs.upload(about={"strat": ""})  # WRONG
    packs.send(pet={"kind": "cow"})  # WRONG
"""
OLD = """\
openapi: 3.1.0
info: {title: Old, version: "1"}
paths:
  /toys:
    get:
      operationId: listToys
      tags: [toys]
      deprecated: true
      parameters:
        - {name: size, in: query, deprecated: true, description: How large., schema: {type: integer}}
        - {name: page, in: query, schema: {type: integer}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Toy"}}}}
        "404": {description: None.}
    post:
      operationId: makeToy
      x-accordant-name: deprecated
      tags: [toys]
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Toy"}}}}
      responses: {"204": {description: ok}}
    put: {operationId: putToys, tags: [toys], deprecated: true, responses: {"204": {description: ok}}}
components:
  schemas:
    Toy:
      type: object
      properties: {name: {type: string, deprecated: true}, age: {type: integer, description: In years.}}
"""
OLD_PROGRAM = """\
from accordant_generated.old.client import AsyncResources, Resources

def use(api: Resources) -> None:
    api.toys.list_toys(page=1)
    api.toys.deprecated_(age=1)

async def use_async(api: AsyncResources) -> None:
    await api.toys.list_toys(page=1)
"""
OLD_USES = [4, 8]
"""The lines of the program that call a deprecated method."""
RENAMED = """\
openapi: 3.1.0
info: {title: Renamed, version: "1"}
paths:
  /toys:
    get:
      operationId: searchToys
      x-accordant-name: search
      tags: [toys]
      parameters:
        - {name: size, in: query, schema: {type: integer}}
        - {name: state, in: query, schema: {$ref: "#/components/schemas/State"}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Toy"}}}}
    post:
      operationId: makeToy
      x-accordant-name: make
      tags: [toys]
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/NewToy"}}}
      responses: {"204": {description: ok}}
  /toys/{id}:
    get:
      operationId: getToy
      x-accordant-name: get
      tags: [toys]
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: part, in: query, required: true, schema: {type: string}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Toy"}}}}
components:
  schemas:
    Toy:
      type: object
      required: [name]
      properties:
        name: {type: string}
        state: {$ref: "#/components/schemas/State"}
    NewToy:
      type: object
      required: [name]
      properties: {name: {type: string}, colour: {type: string}}
    State: {type: string, enum: [new, used]}
"""
RENAMED_OVERLAY = """\
overlay: 1.0.0
info: {title: Old names, version: 1.0.0}
actions:
  - target: $.paths['/toys'].get
    description: "[docs] Renamed."
    update: {x-accordant-deprecated-name: [list, all_of_them]}
  - target: $.paths['/toys/{id}'].get
    description: "[docs] Renamed."
    update: {x-accordant-deprecated-name: fetch}
  - target: $.paths['/toys'].get.parameters[?@.name == 'size']
    description: "[docs] Renamed."
    update: {x-accordant-deprecated-name: width}
  - target: $.paths['/toys/{id}'].get.parameters[?@.name == 'id']
    description: "[docs] Renamed."
    update: {x-accordant-deprecated-name: number}
  - target: $.components.schemas.Toy
    description: "[docs] Renamed."
    update: {x-accordant-deprecated-name: Plaything}
  - target: $.components.schemas.Toy.properties.state
    description: "[docs] Renamed."
    update: {x-accordant-deprecated-name: condition}
  - target: $.components.schemas.NewToy.properties.name
    description: "[docs] Renamed."
    update: {x-accordant-deprecated-name: title}
  - target: $.components.schemas.State
    description: "[docs] Renamed."
    update: {x-accordant-deprecated-name: [Condition, {WORN: used}]}
"""
RENAMED_PROGRAM = """\
from accordant_generated.renamed.client import AsyncResources, Resources
from accordant_generated.renamed.models import NewToy, Plaything, State, Toy

def use(api: Resources) -> Plaything:
    api.toys.search(size=1)
    api.toys.list(size=1)
    api.toys.search(width=1)
    api.toys.get(1, part="a")
    api.toys.get(number=1, part="a")
    api.toys.make(name="a")
    api.toys.make(title="a")
    NewToy(name="a")
    NewToy(title="a")
    print(State.USED, State.WORN)
    toy: Toy = api.toys.search()
    print(toy.state, toy.condition)
    return toy

async def use_async(api: AsyncResources) -> None:
    await api.toys.search(size=1)
    await api.toys.list(size=1)
    await api.toys.search(width=1)

def values(state: State) -> int:
    match state:
        case State.NEW:
            return 1
        case State.USED:
            return 2

# mypy: enable-error-code="deprecated"
"""
OLD_NAMES = [6, 7, 9, 11, 13, 14, 16, 21, 22]
"""The lines of the program that use an old name of what a type checker can mark."""
EVERY = (("depot", json.dumps(DEPOT), None), ("old", OLD, None), ("renamed", RENAMED, RENAMED_OVERLAY))
"""Vendors with their documents and overlays."""
PROGRAMS = {"uses_depot.py": DEPOT_PROGRAM, "uses_old.py": OLD_PROGRAM, "uses_renamed.py": RENAMED_PROGRAM}
"""Programs by file name."""
