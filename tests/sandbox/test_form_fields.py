"""Lists and objects in the fields of forms: what `encoding` says is written, read, and held against the document."""

from __future__ import annotations

from typing import Any

import pytest
from schemathesis.transport.serialization import Binary

from accordant_contract.document.document import Document as ContractDocument
from accordant_contract.document.forms import may_be_allowed
from accordant_contract.document.policy import Policy
from accordant_contract.document.values import Arguments, Exchange, Part, Request, Response
from accordant_contract.fuzz.expected_rejections import ExpectedRejections
from accordant_contract.target.request_builder import build
from accordant_sandbox import Sandbox

BODY: dict[str, Any] = {"one": 7, "many": [3, 4], "member": {"kind": "a", "size": 5}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["one", "many", "member"],
    "properties": {
        "one": {"type": "integer"},
        "many": {"type": "array", "items": {"type": "integer"}, "minItems": 2},
        "member": {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"enum": ["a", "b"]}, "size": {"type": "integer"}},
        },
    },
}
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
STYLES = [{}, {"contentType": "application/json"}] + [
    {"style": style, "explode": explode}
    for style, explode in [
        ("form", True),
        ("form", False),
        ("spaceDelimited", False),
        ("pipeDelimited", False),
        ("deepObject", True),
    ]
]


def document(kind: str, encoding: dict[str, Any], schema: Any = None) -> dict[str, Any]:
    """A document with one operation that takes such a form."""
    media: dict[str, Any] = {"schema": schema or SCHEMA, "encoding": dict.fromkeys(["many", "member"], encoding)}
    post = {
        "operationId": "send",
        "x-accordant-action": "custom",
        "requestBody": {"required": True, "content": {kind: media}},
        "responses": {"204": {"description": ""}, "400": {"description": ""}},
    }
    info = {"title": "Forms", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": {"/forms": {"post": post}}}


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("encoding", STYLES, ids=str)
def test_a_form_is_read_as_its_encoding_says(kind: str, encoding: dict[str, Any]) -> None:
    """A form with a list and an object reaches the sandbox as it was, however they travel; a wrong one is refused."""
    data = document(kind, encoding)
    operation = ContractDocument("forms", data).operations["send"]
    with Sandbox.for_document(data, name="forms") as sandbox:
        wrong = [{**BODY, "many": [3]}, {**BODY, "member": {"kind": "c"}}, {**BODY, "one": "x"}]
        for body, status in [(BODY, 204), *((each, 400) for each in wrong)]:
            request = build(operation, Arguments(body=body), str(sandbox.credentials["base_url"]))
            found, *_ = sandbox.transport("POST", request.url, list(request.headers), request.body, 5.0)
            assert found == status, (body, request.body)


@pytest.mark.parametrize(
    ("encoding", "body", "allowed"),
    [
        ({}, {"one": "7", "many": 3, "member": {"kind": "a"}}, False),
        ({}, {"note": 7, "names": "a"}, True),
        ({}, {"note": ["a", "b"], "names": [True]}, True),
        ({}, {"member": "x"}, False),
        ({"style": "form"}, {"member": "x"}, True),
        ({}, {"note": Binary(b"\xff"), "names": [Binary(b"a")]}, True),
        ({}, {"one": Part("a.txt", "text/plain", b"7")}, False),
        ({}, {"one": "x"}, False),
    ],
)
def test_what_a_form_cannot_tell_is_not_called_wrong(encoding: dict[str, Any], body: Any, allowed: bool) -> None:
    """Everything in a form is text, and one text is a list of one: a body that is wrong as JSON may be right in it."""
    parts: dict[str, Any] = SCHEMA["properties"]
    text = {"type": "string"}
    every = {**parts, "note": text, "names": {"type": "array", "items": text}}
    data = document(FORMS[0], encoding, {"type": "object", "properties": every})
    operation = ContractDocument("forms", data).operations["send"]
    assert may_be_allowed(operation, FORMS[0], body) is allowed


@pytest.mark.parametrize(("encoding", "explained"), [({}, False), ({"style": "deepObject"}, True)])
def test_the_fuzzer_does_not_write_styles(encoding: dict[str, Any], explained: bool) -> None:
    """A form whose fields have styles is not held against a vendor as the fuzzer writes it; others are."""
    found = ContractDocument("forms", document(FORMS[1], encoding))
    request = Request("POST", "http://a.test/forms", (("content-type", f"{FORMS[1]}; boundary=b"),), b"")
    rejections = ExpectedRejections(found, Policy())
    refused = Exchange("send", request, Response(400, (), b""), Arguments(body=BODY))
    assert (rejections.refusal(refused) is not None) is explained
    taken = Exchange("send", request, Response(204, (), b""), Arguments(body={"one": "x"}))
    assert rejections.acceptance(taken) is explained


def test_one_value_in_a_path_may_be_a_list_of_one() -> None:
    """What should be a list or an object and is one text in a path looks like a list of one, or an object of one."""
    schemas: dict[str, Any] = {"texts": {"items": {"type": "string"}}, "numbers": {"items": {"type": "integer"}}}
    for name, more in schemas.items():
        said = {"name": name, "in": "path", "required": True, "style": "label", "schema": {"type": "array", **more}}
        get = {"operationId": "get", "parameters": [said], "responses": {"204": {"description": ""}, "400": {}}}
        data = {"openapi": "3.1.0", "info": {}, "paths": {f"/{{{name}}}": {"get": get}}}
        request = Request("GET", "http://a.test/.x", (), b"")
        taken = Exchange("get", request, Response(204, (), b""), Arguments(path={name: "x"}))
        assert ExpectedRejections(ContractDocument("paths", data), Policy()).acceptance(taken) is (name == "texts")
