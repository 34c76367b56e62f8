"""What public documents do now and then, each on a document of a few lines."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_codegen.guess.guess import guess
from accordant_codegen.read.odd_enums import mended_enum
from accordant_codegen.read.rules import metadata, normalise, shape, wire
from tests.codegen.test_guess_records import made

from .ruled import document, of, ruled

BINARY = {"type": "string", "format": "binary"}
A_FILE = {"type": "object", "format": "file"}
FORM, FILE = "multipart/form-data", "application/octet-stream"


def content(kind: str, schema: Any) -> dict[str, Any]:
    """The content of one media type."""
    return {"content": {kind: {"schema": schema}}}


def test_binary_in_json_is_text() -> None:
    """JSON has no bytes: `format: binary` in it is text, and the report says so; in a file and a form it stays."""
    body = {"type": "object", "properties": {"file": dict(BINARY), "note": {"type": "string"}}}
    found = document(
        {
            "/a": {"post": {"operationId": "json", "requestBody": content("application/json", body), "responses": {}}},
            "/b": {
                "post": {
                    "operationId": "form",
                    "requestBody": content("multipart/form-data", {"properties": {"file": dict(BINARY)}}),
                    "responses": {"200": content("application/octet-stream", dict(BINARY))},
                }
            },
        }
    )
    result, losses = ruled(wire.text_in_json, found)
    sent = of(result)["json"]["requestBody"]["content"]["application/json"]["schema"]
    assert sent["properties"]["file"] == {"type": "string"}
    assert of(result)["form"] == found["paths"]["/b"]["post"]
    assert losses == [
        "$.paths['/a'].post.requestBody.content['application/json'].schema.properties.file: "
        "JSON has no bytes; format binary is taken as text"
    ]


def test_binary_that_a_form_uses_too() -> None:
    """A schema that JSON and a form share keeps its files."""
    shared = {"$ref": "#/components/schemas/Both"}
    operations = {
        "/a": {"post": {"requestBody": content("application/json", shared), "responses": {}}},
        "/b": {"post": {"requestBody": content("multipart/form-data", shared), "responses": {}}},
    }
    found = document(operations, components={"schemas": {"Both": {"properties": {"file": dict(BINARY)}}}})
    assert ruled(wire.text_in_json, found) == (found, [])


def test_a_type_beside_a_reference_says_nothing() -> None:
    """OpenAPI 3.0 ignores what is beside a `$ref`: a type that contradicts its target goes, the same one stays."""
    amount = {"$ref": "#/components/schemas/Amount"}
    task = {
        "properties": {"rate": {**amount, "type": "number", "format": "double"}, "sum": {**amount, "type": "object"}}
    }
    found = {**document({}, components={"schemas": {"Amount": {"type": "object"}, "Task": task}}), "openapi": "3.0.0"}
    result, losses = ruled(shape.newer_version, found)
    assert result["components"]["schemas"]["Task"]["properties"] == {
        "rate": amount,
        "sum": {**amount, "type": "object"},
    }
    assert losses == [
        "$.components.schemas.Task.properties.rate: type 'number' beside a reference to what is 'object' says nothing"
    ]


def test_a_scheme_that_nothing_declares() -> None:
    """A way in by a scheme that the document does not declare goes where there is another one, and is reported once."""
    ways: list[dict[str, list[str]]] = [{"old": []}, {"key": []}]
    lonely: list[dict[str, list[str]]] = [{"old": []}]
    found = document(
        {
            "/a": {"get": {"operationId": "a", "security": ways}, "post": {"operationId": "b", "security": ways}},
            "/b": {"get": {"operationId": "c", "security": lonely}},
        },
        components={"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "K"}}},
    )
    result, losses = ruled(shape.own_security, found)
    assert [each["security"] for each in of(result).values()] == [[{"key": []}], [{"key": []}], lonely]
    assert losses == [
        "$.paths['/a'].get.security and 1 more: the document does not declare old; the other schemes are used"
    ]


def test_an_object_in_a_path_names_no_record() -> None:
    """A path that ends with an object or a list reads no single record: there is no key."""
    last: dict[str, Any] = {"name": "filter", "in": "path", "required": True}
    paths = {
        f"/{kind}s/{{filter}}": {
            "get": {
                "operationId": kind,
                "responses": {"200": {"description": ""}},
                "parameters": [{**last, "schema": {"type": kind}}],
            }
        }
        for kind in ("object", "array", "string")
    }
    found = of(ruled(metadata.operation_facts, document(paths))[0])
    assert {name: each["x-accordant-action"] for name, each in found.items()} == {
        "object": "custom",
        "array": "custom",
        "string": "get",
    }


def test_a_collection_that_is_changed_at_its_own_path() -> None:
    """A POST makes a record although a PUT of the same path changes one, where single records are below it."""
    pet = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
    shown = {"responses": {"200": {"description": "", **content("application/json", pet)}}}
    written = {"requestBody": content("application/json", pet), **shown}
    key = {"parameters": [{"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}]}
    paths = {
        "/pet": {"post": {"operationId": "add", **written}, "put": {"operationId": "change", **written}},
        "/pet/{petId}": {"get": {"operationId": "read", **key, **shown}},
    }
    assert made(guess(document(paths)), "action") == {}
    whole = document(paths)
    normalise(whole)
    assert of(whole)["add"]["x-accordant-action"] == "create"


def test_every_body_says_what_its_media_type_can_hold() -> None:
    """A body without a schema gets that of its media type; a form whose schema is a text takes any fields, and the
    report says so."""
    bodies: dict[str, Any] = {
        "application/json": {}, "application/octet-stream": {"example": "x"}, "text/plain": {},
        "multipart/form-data": {}, "application/x-www-form-urlencoded": {"schema": {"type": "string"}},
    }  # fmt: skip
    post = {"operationId": "send", "requestBody": {"content": bodies}, "responses": {}}
    result, losses = ruled(wire.described_bodies, document({"/a": {"post": post}}))
    found = of(result)["send"]["requestBody"]["content"]
    assert [each["schema"] for each in found.values()] == [
        {}, BINARY, {"type": "string"}, {"type": "object"}, {"type": "object"},
    ]  # fmt: skip
    assert losses == [
        "$.paths['/a'].post.requestBody.content['application/x-www-form-urlencoded'].schema: a form has fields and is "
        "no string; any fields are taken"
    ]


def test_an_address_has_one_slash_where_a_variable_brings_its_own() -> None:
    """The values of a variable that follows a `/` begin without one, and the report says so: servers do not take
    `//api` for `/api`. A whole address in a variable stays."""
    own = {"url": "https://{host}/{base}", "variables": {"host": {"default": "a.test"}, "base": {"default": "/api"}}}
    other = {"url": "{root}/v1", "variables": {"root": {"default": "/", "enum": ["/", "/b"]}}}
    chosen = {"url": "/{base}", "variables": {"base": {"default": "b", "enum": ["b", "/c"]}}}
    get: dict[str, Any] = {"operationId": "get", "responses": {}, "servers": [chosen]}
    result, losses = ruled(wire.single_slashes, document({"/a": {"get": get}}, servers=[own, other]))
    assert [each["default"] for each in result["servers"][0]["variables"].values()] == ["a.test", "api"]
    assert result["servers"][1] == other
    assert of(result)["get"]["servers"][0]["variables"]["base"] == {"default": "b", "enum": ["b", "c"]}
    said = "its values begin with the `/` that is before it; they are read without it"
    assert losses == [
        f"$.servers[0].variables.base: {said}",
        f"$.paths['/a'].get.servers[0].variables.base: {said}",
    ]


@pytest.mark.parametrize(("values", "read"), [(["PKW", "VAN"], True), ([{"name": "PKW"}], False)])
def test_an_object_that_is_one_of_several_texts_is_a_text(values: list[Any], read: bool) -> None:
    """No object could be a value of such an `enum`: its texts count, what it says of an object goes, and it is told."""
    schema: dict[str, Any] = {"type": "object", "description": "A group.", "properties": {"name": {}}, "enum": values}
    schema["required"] = ["name"]
    told = mended_enum(schema)
    assert bool(told) is read
    if read:
        assert schema == {"type": "string", "description": "A group.", "enum": values}


@pytest.mark.parametrize(
    ("bodies", "kept"),
    [
        ({FILE: BINARY, FORM: {"properties": {"media": BINARY}}}, [FORM, FILE]),
        ({"text/csv": {}, "application/json": {}}, ["application/json", "text/csv"]),
        ({FILE: A_FILE, FORM: A_FILE}, [FILE]),
        ({FORM: A_FILE}, [FORM]),
    ],
)
def test_the_body_that_the_client_speaks_comes_first(bodies: dict[str, Any], kept: list[str]) -> None:
    """Who takes the first media type of a request body sends what the client sends; a form that is called a file has no
    field to send, and is left out beside one that is a file, as the report says."""
    content = {name: {"schema": schema} for name, schema in bodies.items()}
    post = {"operationId": "send", "requestBody": {"content": content}, "responses": {}}
    result, losses = ruled(wire.spoken_bodies, document({"/a": {"post": post}}))
    assert list(of(result)["send"]["requestBody"]["content"]) == kept
    place = f"$.paths['/a'].post.requestBody.content['{FORM}']"
    lost = [f"{place}: a form without fields carries nothing; {FILE} is taken"]
    assert losses == (lost if len(kept) < len(bodies) else [])


def test_a_parameter_that_was_cut_off_is_no_media_type() -> None:
    """What is no media type beside those that are is left out, and the report says so; properties called `content` with
    names of their own are none."""
    bodies = {"audio/ogg": {"schema": BINARY}, "codecs=opus": {"schema": BINARY}}
    post = {"operationId": "send", "requestBody": {"content": dict(bodies)}, "responses": {}}
    kept = {"Page": {"type": "object", "properties": {"content": {"properties": {"body": {"type": "string"}}}}}}
    found = document({"/a": {"post": post}}, components={"schemas": kept})
    result, losses = ruled(wire.real_media_types, found)
    assert list(of(result)["send"]["requestBody"]["content"]) == ["audio/ogg"]
    assert result["components"] == found["components"]
    assert losses == ["$.paths['/a'].post.requestBody.content: 'codecs=opus' is no media type; it is left out"]


@pytest.mark.parametrize(
    ("name", "taken"),
    [("PDF", "application/pdf"), ("json", "application/json"), ("binary", "application/octet-stream")],
)
def test_the_ending_of_a_file_is_a_media_type(name: str, taken: str) -> None:
    """What is there alone in the place of a media type is that of files which end so, and the report says which."""
    get = {"operationId": "read", "responses": {"200": {"description": "", "content": {name: {"schema": BINARY}}}}}
    result, losses = ruled(wire.real_media_types, document({"/a": {"get": get}}))
    assert list(of(result)["read"]["responses"]["200"]["content"]) == [taken]
    assert losses == [f"$.paths['/a'].get.responses['200'].content: {name!r} is no media type; {taken} is taken"]
