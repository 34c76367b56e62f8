"""The fuzzer is given the document in a form that it reads as accordant does."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from attrs import evolve

from accordant_contract.document.document import Document, load
from accordant_contract.document.schemas import Schemas
from accordant_contract.document.values import ABSENT, Arguments, Exchange, Finding, Request, Response
from accordant_contract.fuzz.expected_rejections import ExpectedRejections
from accordant_contract.fuzz.readable import make_readable
from accordant_contract.target import vendor

from .widget_api import DOCUMENT, exchange, widget

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"properties": {"items": TEXT}}, {"type": "object", "properties": {"items": TEXT}}),
        ({"items": {"properties": {}}}, {"type": "array", "items": {"type": "object", "properties": {}}}),
        ({"properties": {}, "allOf": [{"$ref": "#"}]}, {"properties": {}, "allOf": [{"$ref": "#"}]}),
        ({"not": {"properties": {}}}, {"not": {"properties": {}}}),
        ({"oneOf": [TEXT], "discriminator": {"propertyName": "type"}}, {"anyOf": [TEXT]}),
        ({"type": "array", "prefixItems": [TEXT]}, {"type": "array"}),
        (
            {"type": "array", "prefixItems": [TEXT], "items": NUMBER},
            {"type": "array", "items": {"anyOf": [TEXT, NUMBER]}},
        ),
        ({"type": "array", "prefixItems": [TEXT], "items": False}, {"type": "array", "items": {"anyOf": [TEXT]}}),
    ],
)
def test_what_the_fuzzer_would_misread_is_rewritten(written: dict[str, Any], read: dict[str, Any]) -> None:
    """A schema without a type, a discriminator without a mapping, a choice and a tuple reach the fuzzer as the client
    reads them, wherever the document says them; a condition stays as it is."""
    media = {"application/json": {"schema": {"type": "array", "items": dict(written)}, "example": dict(written)}}
    document: dict[str, Any] = {
        "paths": {"/schema": {"get": {"responses": {"200": {"content": media}}}}},
        "components": {"schemas": {"schema": dict(written)}},
    }
    make_readable(document)
    assert media["application/json"]["schema"]["items"] == document["components"]["schemas"]["schema"] == read
    assert media["application/json"]["example"] == written


@pytest.mark.parametrize("kind", ["application/jwt", "application/jose+jwe"])
def test_a_token_in_a_response_is_a_text(kind: str) -> None:
    """What is inside of a signed or encrypted token is not looked for in a response, which the fuzzer would read as
    JSON; what other media types and bodies hold stays."""
    claims = {"type": "object", "properties": {"sub": TEXT}}
    plain = {"application/json": {"schema": claims}, kind: {"schema": claims}}
    response: dict[str, Any] = {"content": copy.deepcopy(plain)}
    put: dict[str, Any] = {"requestBody": {"content": copy.deepcopy(plain)}, "responses": {"200": response}}
    shared = copy.deepcopy(response)
    make_readable({"paths": {"/a": {"put": put}}, "components": {"responses": {"404": shared}}})
    left = {"application/json": {"schema": claims}, kind: {}}
    assert response["content"] == shared["content"] == left
    assert put["requestBody"]["content"] == plain


def test_paths_with_a_query_are_told_apart_otherwise() -> None:
    """What is behind a `?` in a path goes behind a `#`, without variables: the fuzzer would look for them there."""
    document: dict[str, Any] = {"paths": {"/a?x={x}&v=2": {"get": {}}, "/a": {"get": {}}, "/a#b?c": {"get": {}}}}
    make_readable(document)
    assert set(document["paths"]) == {"/a#x=x&v=2", "/a", "/a#b?c"}


def test_a_link_gives_what_its_operation_takes() -> None:
    """A parameter of a link that its operation does not have is left out: the fuzzer would refuse the link."""
    given = {"query.page": "$response.body#/next", "query.gone": "$response.body#/gone", "size": 5}
    link = {"operationId": "list", "parameters": dict(given)}
    other = {"operationRef": "#/paths/~1b/get", "parameters": dict(given)}
    responses = {"200": {"links": {"next": link, "other": other}}}
    taken = [{"name": "page", "in": "query"}, {"name": "size", "in": "query"}]
    get = {"operationId": "list", "parameters": taken, "responses": responses}
    make_readable({"paths": {"/a": {"get": get}}})
    assert link["parameters"] == {"query.page": "$response.body#/next", "size": 5}
    assert other["parameters"] == given


def test_the_fuzzer_puts_a_key_beside_what_every_request_has() -> None:
    """Where an operation asks for a header and a key in its query at once, the fuzzer is asked for the key alone: it
    puts keys only where it has everything that is asked for, and the header is in every request."""
    get: dict[str, Any] = {"security": [{"header": [], "key": []}, {"header": []}], "responses": {}}
    document: dict[str, Any] = {"paths": {"/users": {"get": get}}, "security": [{"header": [], "key": []}]}
    make_readable(document, ["key"])
    assert get["security"] == [{"key": []}, {"header": []}]
    assert document["security"] == [{"key": []}]


def test_what_a_path_lends_to_others_is_there_without_it() -> None:
    """A reference into a path leads to what it did, though the path is left out of a part of a run."""
    lent = {"description": "Not found"}
    borrowing = {"responses": {"404": {"$ref": "#/paths/~1a/get/responses/404"}}}
    document: dict[str, Any] = {"paths": {"/a": {"get": {"responses": {"404": lent}}}, "/b": {"get": borrowing}}}
    make_readable(document)
    del document["paths"]["/a"]
    assert Schemas("made", document).follow(borrowing["responses"]["404"])[0] == lent


def test_a_discriminator_with_a_mapping_stays() -> None:
    """The fuzzer holds the values of a discriminator to the mapping that the document has for them."""
    schema = {"oneOf": [TEXT], "discriminator": {"propertyName": "type", "mapping": {"a": "A"}}}
    document: dict[str, Any] = {"paths": {}, "components": {"schemas": {"A": dict(schema)}}}
    make_readable(document)
    assert document["components"]["schemas"]["A"] == {"anyOf": [TEXT], "discriminator": schema["discriminator"]}


def test_a_reference_to_an_alternative_finds_it_in_the_document_that_the_fuzzer_is_given() -> None:
    """Where a reference leads into a choice, the fuzzer may take several of it all the same, and finds the place."""
    schemas: dict[str, Any] = {"A": {"oneOf": [TEXT, NUMBER]}, "B": {"$ref": "#/components/schemas/A/oneOf/1"}}
    document: dict[str, Any] = {"paths": {}, "components": {"schemas": schemas}}
    make_readable(document)
    found = {"A": {"anyOf": [TEXT, NUMBER]}, "B": {"$ref": "#/components/schemas/A/anyOf/1"}}
    assert document["components"]["schemas"] == found


@pytest.mark.parametrize(
    ("form", "kept"), [({"type": "object"}, False), ({"type": "object", "minProperties": 1}, True)]
)
def test_a_form_is_fuzzed_where_json_does_not_say_the_same(form: dict[str, Any], kept: bool) -> None:
    """A form with the schema of the JSON body is left out of the fuzzing, any other is not."""
    content: dict[str, Any] = {
        "application/json": {"schema": {"type": "object"}},
        "multipart/form-data": {"schema": form},
    }
    make_readable({"paths": {"/a": {"post": {"requestBody": {"content": content}}}}})
    assert ("multipart/form-data" in content) is kept


def test_what_is_one_of_several_may_fit_two_of_them() -> None:
    """The fuzzer can make values where the schemas of a choice overlap, of which a value fits exactly one by chance."""
    content: dict[str, Any] = {"application/json": {"schema": {"oneOf": [TEXT, NUMBER]}}}
    make_readable({"paths": {"/a": {"post": {"requestBody": {"content": content}}}}})
    assert content["application/json"]["schema"] == {"anyOf": [TEXT, NUMBER]}


def _rejections(body: object, operation: str) -> tuple[ExpectedRejections, Exchange]:
    known = ExpectedRejections(load("dispatch"), vendor.load("dispatch").policy, {})
    request = Request("POST", "http://127.0.0.1/", (("Content-Type", "application/json"),), b"")
    return known, Exchange(operation, request, Response(201, (), b""), Arguments(body=body))


@pytest.mark.parametrize(
    ("where", "body", "misread"),
    [
        ("in body - violates", {"name": "a"}, True),
        ("in body - violates", {"name": 1}, False),
        ("in query", {"name": "a"}, False),
    ],
)
def test_a_body_that_the_document_allows_may_be_accepted(where: str, body: object, misread: bool) -> None:
    """The fuzzer's word that a body is forbidden counts only where the document forbids it; for the rest of a request
    its word counts."""
    rejections, sent = _rejections(body, "createBrand")
    message = f"Schema-violating request accepted: Invalid component: {where}"
    assert rejections.misread(Finding("negative_data_rejection", "", message, exchanges=(sent,))) is misread


@pytest.mark.parametrize(("status", "misread"), [(412, True), (418, False), (200, False)])
def test_a_refusal_that_the_document_knows_is_one(status: int, misread: bool) -> None:
    """A forbidden request may be refused with any status that its operation documents for failures, usual or not."""
    get = {"operationId": "get", "responses": {"200": {"description": ""}, "412": {"description": ""}}}
    document = Document("made", {"openapi": "3.1.0", "paths": {"/library": {"get": get}}}, "")
    rejections = ExpectedRejections(document, vendor.load("dispatch").policy, {})
    sent = Exchange("get", Request("GET", "http://127.0.0.1/?all=x", (), b""), Response(status, (), b""), Arguments())
    message = "Schema-violating request accepted: Invalid component: parameter `all` in query - violates `type`"
    assert rejections.misread(Finding("negative_data_rejection", "", message, exchanges=(sent,))) is misread


@pytest.mark.parametrize(
    ("blamed", "query", "misread"),
    [
        ("parameter `most`", "all=1", True),
        ("parameters `most`, `all`", "", True),
        ("parameters `most`, `all`", "all=x", False),
        ("parameter `most`", "most=x", False),
        ("parameter `most`", "most%5Ba%5D=x", False),
        ("parameter `key`", "", False),
    ],
)
def test_a_parameter_that_left_no_trace_was_left_out(blamed: str, query: str, misread: bool) -> None:
    """An object without members is nothing in a URL: a request whose only fault that is may be accepted, unless the
    parameter must be there."""
    parameters: list[Any] = [{"name": name, "in": "query", "schema": NUMBER} for name in ("most", "all")]
    parameters.append({"name": "key", "in": "query", "required": True, "schema": NUMBER})
    get = {"operationId": "get", "parameters": parameters, "responses": {"200": {"description": ""}}}
    document = Document("made", {"openapi": "3.1.0", "paths": {"/library": {"get": get}}}, "")
    rejections = ExpectedRejections(document, vendor.load("dispatch").policy, {})
    request = Request("GET", f"http://127.0.0.1/?{query}", (), b"")
    sent = Exchange("get", request, Response(200, (), b""), Arguments())
    message = f"Schema-violating request accepted: Invalid component: {blamed} in query - violates `type`"
    assert rejections.misread(Finding("negative_data_rejection", "", message, exchanges=(sent,))) is misread


@pytest.mark.parametrize(
    ("required", "body", "misread"), [(False, {}, True), (True, {}, False), (False, {"a": 1}, False)]
)
def test_a_form_without_a_field_is_no_body(required: bool, body: object, misread: bool) -> None:
    """An empty form leaves nothing in a request: where its body may be left out, it may be accepted."""
    form = "application/x-www-form-urlencoded"
    schema = {"type": "object", "required": ["y"], "properties": {"y": TEXT}}
    given = {"required": required, "content": {form: {"schema": schema}}}
    post = {"operationId": "post", "requestBody": given, "responses": {"200": {"description": ""}}}
    document = Document("made", {"openapi": "3.1.0", "paths": {"/register": {"post": post}}}, "")
    rejections = ExpectedRejections(document, vendor.load("dispatch").policy, {})
    request = Request("POST", "http://127.0.0.1/", (("Content-Type", form),), b"")
    sent = Exchange("post", request, Response(200, (), b""), Arguments(body=body))
    message = "Schema-violating request accepted: Invalid component: in body - violates `required`"
    assert rejections.misread(Finding("negative_data_rejection", "", message, exchanges=(sent,))) is misread


@pytest.mark.parametrize("given", [["a"], ABSENT], ids=["a list", "bytes"])
@pytest.mark.parametrize(("media", "misread"), [("application/x-yaml", True), ("application/json", False)])
def test_whatever_is_sent_as_a_text_is_a_text(media: str, misread: bool, given: Any) -> None:
    """A body that is a text, in another media type than JSON, has no other type: the fuzzer's list is a text there, and
    so are any bytes."""
    body = {"content": {media: {"schema": {"type": "string"}}}}
    put = {"operationId": "put", "requestBody": body, "responses": {"204": {"description": ""}}}
    document = Document("made", {"openapi": "3.1.0", "paths": {"/config": {"put": put}}}, "")
    rejections = ExpectedRejections(document, vendor.load("dispatch").policy, {})
    request = Request("PUT", "http://127.0.0.1/", (("Content-Type", media),), b"- a")
    sent = Exchange("put", request, Response(204, (), b""), Arguments(body=given))
    message = "Schema-violating request accepted: Invalid component: in body - violates"
    assert rejections.misread(Finding("negative_data_rejection", "", message, exchanges=(sent,))) is misread


@pytest.mark.parametrize(("body", "misread"), [("\0", True), ({}, False)])
def test_a_body_without_a_record_creates_none(body: object, misread: bool) -> None:
    """That a created record is missing counts where the body was an object, as only that can be a record."""
    rejections, sent = _rejections(body, "createBrand")
    assert rejections.misread(Finding("ensure_resource_availability", "", "", exchanges=(sent,))) is misread


@pytest.mark.parametrize(
    ("key", "place", "misread"),
    [("", "", True), ("..", "", True), ("7", "", False), ("8", "", True), ("8", "/brands/8", False)],
)
def test_a_record_is_missed_under_its_own_name_alone(key: str, place: str, misread: bool) -> None:
    """That a created record is missing counts where a path can name it and does: an empty key or dots cannot be named,
    and a key that neither response nor request held is that of another record."""
    rejections, sent = _rejections({}, "createBrand")
    created = evolve(sent, response=Response(201, (("Location", place),), b'{"id": 7}'))
    read = evolve(sent, operation="getBrand", arguments=Arguments(path={"id": key}))
    assert rejections.misread(Finding("ensure_resource_availability", "", "", exchanges=(created, read))) is misread


@pytest.mark.parametrize(("body", "misread"), [({"name": 1}, True), ({"name": "a"}, False)])
def test_a_record_is_missed_by_allowed_requests_alone(body: object, misread: bool) -> None:
    """A change whose body the document forbids may be refused with 404 where that is what the document has."""
    rejections, sent = _rejections({}, "createBrand")
    created = evolve(sent, response=Response(201, (), b'{"id": 7}'))
    _, change = _rejections(body, "updateBrand")
    change = evolve(change, arguments=evolve(change.arguments, path={"id": 7}))
    assert rejections.misread(Finding("ensure_resource_availability", "", "", exchanges=(created, change))) is misread


@pytest.mark.parametrize(("refused", "misread"), [("a name is missing", True), ("", False)])
@pytest.mark.parametrize(
    ("check", "changing", "reading"),
    [("ensure_resource_availability", "createBrand", 404), ("use_after_free", "deleteBrand", 200)],
)
def test_a_change_that_a_success_refuses_is_none(
    check: str, changing: str, reading: int, refused: str, misread: bool
) -> None:
    """Where the body of a success says that nothing was created or deleted, a record may be absent, or still there."""
    rejections, sent = _rejections({"name": "a"}, "createBrand")
    created = evolve(sent, response=Response(201, (), b'{"id": 7}'))
    method = {"createBrand": "POST", "deleteBrand": "DELETE"}[changing]
    change = evolve(created, operation=changing, request=evolve(sent.request, method=method), refused=refused)
    read = evolve(sent, operation="getBrand", request=evolve(sent.request, method="GET"))
    read = evolve(read, arguments=Arguments(path={"id": 7}), response=Response(reading, (), b'{"id": 7}'))
    chain = (change, read) if method == "POST" else (created, change, read)
    assert rejections.misread(Finding(check, "getBrand", "", exchanges=chain)) is misread


@pytest.mark.parametrize("refuses", [True, False])
def test_a_reading_that_cannot_fail_shows_nothing_to_exist(refuses: bool) -> None:
    """A success of a reading without a documented failure does not make its id one that exists."""
    data = copy.deepcopy(DOCUMENT)
    responses = data["paths"]["/widgets/{id}"]["get"]["responses"]
    if not refuses:
        data["paths"]["/widgets/{id}"]["get"]["responses"] = {"200": responses["200"]}
    rejections = ExpectedRejections(Document("widgets", data, ""), vendor.load("dispatch").policy, {})
    rejections.learn(exchange("getWidget", 200, widget(1)))
    assert ("1" in rejections.known.get("widget", ())) is refuses
