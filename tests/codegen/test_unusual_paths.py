"""Habits of public documents that one rule each makes good: queries in paths, keys that are parameters too."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_codegen.read.document import follow, sent_path
from accordant_codegen.read.rules import shape, wire
from accordant_codegen.render import operation_values
from accordant_contract.document.document import Document
from accordant_contract.document.values import Arguments
from accordant_contract.target.request_builder import build
from tests.codegen.ruled import document, of, ruled

TEXT = {"type": "string"}


def getting(*parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A GET with parameters."""
    return {
        "get": {"operationId": "find", "parameters": [*parameters], "responses": {"200": {"description": ""}}, **more}
    }


def parameter(name: str, where: str, *, required: bool = True) -> dict[str, Any]:
    """A parameter that takes a text."""
    return {"name": name, "in": where, "required": required, "schema": TEXT}


def found(path: str, *parameters: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """The parameters of an operation after what is in its path has been read."""
    result, losses = ruled(shape.query_in_paths, document({path: getting(*parameters)}))
    assert list(result["paths"]) == [path]
    return of(result)["find"].get("parameters", []), losses


def test_a_variable_behind_a_question_mark_is_a_query_parameter() -> None:
    """`/pictures?key={APIKEY}` takes the query parameter `key`, documented as the path parameter was."""
    shown = {**parameter("APIKEY", "path"), "description": "Yours."}
    got, losses = found("/users/{id}/pictures?key={APIKEY}", parameter("id", "path"), shown)
    assert got == [parameter("id", "path"), {**parameter("key", "query"), "description": "Yours."}]
    assert losses == ["$.paths['/users/{id}/pictures?key={APIKEY}']: what is behind the ? is taken as query parameters"]


def test_a_value_behind_a_question_mark_is_the_only_one() -> None:
    """`/rest?method=people&v` takes `method` with that value alone, whatever was documented, and an empty `v`."""
    got, _ = found("/rest?method=people&v", parameter("method", "query", required=False))
    one = {"type": "string", "enum": ["people"]}
    assert got == [
        {**parameter("method", "query"), "schema": one},
        {**parameter("v", "query"), "schema": {"type": "string", "enum": [""]}},
    ]


def test_a_variable_that_is_documented_twice() -> None:
    """A query parameter that is documented, and in the path too, is there once; one nowhere documented is a text."""
    got, _ = found("/a?x={x}&y={y}", parameter("x", "path"), parameter("x", "query"))
    assert got == [parameter("x", "query"), parameter("y", "query")]


def test_a_path_without_a_query_stays_as_it_is() -> None:
    """A path without `?`, or with one behind a `#`, is not touched."""
    for path in ("/a/{b}", "/a#what?x=1"):
        assert found(path, parameter("b", "path")) == ([parameter("b", "path")], [])


@pytest.mark.parametrize("path", ["/files?view=info", "/files#view", "/files#view?x", "/files?view#x"])
def test_what_tells_operations_apart_is_not_sent(path: str) -> None:
    """The client and the contract tests send a path without what is behind a `?` or a `#`."""
    assert sent_path(path) == "/files"
    stated = {"x-accordant-entity": "file", "x-accordant-action": "custom", "operationId": "find"}
    facts = operation_values.facts(path, "get", {"responses": {}, **stated}, {}, operation_values.CommonFacts("()", ""))
    assert "'GET /files'," in [each.replace('"', "'") for each in facts]
    operation = Document("files", document({path: getting()})).operations["find"]
    assert build(operation, Arguments(), "http://files.test").url == "http://files.test/files"


def keyed(where: str, name: str) -> dict[str, Any]:
    """A document with a key that is a parameter too, beside one that is none."""
    scheme = {"type": "apiKey", "in": where, "name": "X-Key"}
    paths: dict[str, Any] = {
        "/closed": getting(parameter(name, where), parameter("x", where), security=[{"key": []}]),
        "/open": {"get": {**getting(parameter(name, where))["get"], "operationId": "open", "security": []}},
    }
    return document(paths, components={"securitySchemes": {"key": scheme}})


@pytest.mark.parametrize(
    ("where", "name", "noun"),
    [("header", "x-key", "header"), ("query", "X-Key", "query parameter"), ("cookie", "X-Key", "cookie")],
)
def test_a_key_is_no_argument(where: str, name: str, noun: str) -> None:
    """A parameter that is the operation's key is sent by the client alone; without security it is an argument."""
    result, losses = ruled(wire.own_headers, keyed(where, name))
    assert [each["name"] for each in of(result)["find"]["parameters"]] == ["x"]
    assert [each["name"] for each in of(result)["open"]["parameters"]] == [name]
    assert losses == [f"$.paths['/closed'].get: the {noun} {name} is the client's own, and no argument"]


@pytest.mark.parametrize("name", ["Content-Length", "content-length", "Transfer-Encoding", "Connection", "Host"])
def test_what_follows_from_the_request_is_no_argument(name: str) -> None:
    """A documented header that says where a request begins and ends is set by the client, whatever is called for."""
    paths = {"/files": getting(parameter(name, "header"), parameter("x", "header"))}
    result, _ = ruled(wire.own_headers, document(paths))
    assert [each["name"] for each in of(result)["find"]["parameters"]] == ["x"]


def test_what_is_no_path_goes() -> None:
    """A key among the paths that is no path, such as an extension that holds a text, is left out."""
    result, _ = ruled(shape.own_parameters, document({"x-codegen-contextRoot": "/v2", "/a": getting()}))
    assert list(result["paths"]) == ["/a"]


def test_schemes_that_fill_one_place_are_alternatives() -> None:
    """Two tokens that are wanted at once, and would both be `Authorization`, are two ways in; keys elsewhere stay."""
    key = {"type": "apiKey", "in": "header"}
    schemes: dict[str, Any] = {
        "a": {"type": "oauth2", "flows": {}},
        "b": {"type": "http", "scheme": "bearer"},
        "x": {**key, "name": "X-Key"},
        "same": {**key, "name": "x-key"},
        "tls": {"type": "mutualTLS"},
    }
    ways: list[Any] = [{"a": ["read"], "b": [], "x": [], "tls": []}, {"x": [], "same": []}]
    found = document({"/a": getting(security=ways)}, components={"securitySchemes": schemes})
    result, losses = ruled(shape.own_security, found)
    assert of(result)["find"]["security"] == [
        {"a": ["read"], "x": [], "tls": []},
        {"b": [], "x": [], "tls": []},
        {"x": []},
        {"same": []},
    ]
    assert losses == [
        "$.paths['/a'].get.security: schemes that are wanted at once fill one place; any one of them is sent"
    ]


@pytest.mark.parametrize("kind", ["application/xml; charset=utf-8", "*/*"])
def test_a_reference_through_a_renamed_media_type(kind: str) -> None:
    """A reference that leads through a media type still leads there after the type lost its charset or its range."""
    responses = {"200": {"description": "", "content": {kind: {"schema": {"allOf": [{"type": "object"}]}}}}}
    written = kind.replace("/", "~1")
    inner = f"#/paths/~1a%3Fb/get/responses/200/content/{written}/schema/allOf/0"
    schemas = {"Part": {"$ref": inner}}
    found = document({"/a?b": getting(responses=responses)}, components={"schemas": schemas})
    result, _ = ruled(shape.media_types, found)
    assert follow(result, result["components"]["schemas"]["Part"]) == {"type": "object"}
