"""Lists and objects in one parameter: a sandbox reads what OpenAPI's styles write, and the contract tests write it."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_contract.document.document import Document as ContractDocument
from accordant_contract.document.values import Arguments
from accordant_contract.target.request_builder import build
from accordant_sandbox import Sandbox
from tests.sandbox.derived_corpus import successes

SENT = {"list": [3, 4], "object": {"kind": "a", "size": 5}, "one": 7}
SCHEMAS: dict[str, Any] = {
    "list": {"type": "array", "items": {"type": "integer"}},
    "object": {"type": "object", "properties": {"kind": {"enum": ["a", "b"]}, "size": {"type": "integer"}}},
    "one": {"type": "integer"},
}


def document(kind: str, where: str, style: str, explode: bool) -> dict[str, Any]:
    """A document with one operation that takes such a parameter."""
    said = {"name": "p", "in": where, "required": True, "style": style, "explode": explode, "schema": SCHEMAS[kind]}
    get = {
        "operationId": "get",
        "parameters": [said],
        "responses": {"204": {"description": ""}, "400": {"description": ""}},
    }
    paths = {"/things/{p}" if where == "path" else "/things": {"get": get}}
    return {"openapi": "3.1.0", "info": {"title": "Things", "version": "1"}, "paths": paths}


def sent(where: str, value: Any) -> Arguments:
    """The arguments of a call with that value in its place."""
    if where == "path":
        return Arguments(path={"p": value})
    return Arguments(header={"p": value}) if where == "header" else Arguments(query={"p": value})


EVERYWHERE = [("path", "simple"), ("path", "label"), ("path", "matrix"), ("header", "simple"), ("query", "form")]
CASES = [(kind, explode, *each) for kind in SCHEMAS for explode in (False, True) for each in EVERYWHERE] + [
    (kind, False, "query", style) for kind in ("list", "object") for style in ("pipeDelimited", "spaceDelimited")
]


@pytest.mark.parametrize(("kind", "explode", "where", "style"), CASES)
def test_what_a_style_writes_is_read(kind: str, explode: bool, where: str, style: str) -> None:
    """A list, an object and a number in each place and style reach the sandbox as they were; a wrong one is refused."""
    data = document(kind, where, style, explode)
    operation = ContractDocument("things", data).operations["get"]
    wrong: dict[str, Any] = {"list": ["x"], "object": {"kind": "c", "size": 5}, "one": "x"}
    with Sandbox.for_document(data, name="things") as sandbox:
        for value, good in ((SENT[kind], True), (wrong[kind], False)):
            request = build(operation, sent(where, value), str(sandbox.credentials["base_url"]))
            status, *_ = sandbox.transport("GET", request.url, list(request.headers), b"", 5.0)
            assert (status == 204) is (good or (where == "query" and kind == "object" and explode)), request


def test_a_path_that_ends_with_an_object_names_no_record() -> None:
    """A POST and a GET at a path that ends with an object are both served: no record has such a key."""
    data = document("object", "path", "simple", False)
    item = data["paths"]["/things/{p}"]
    item["get"] |= {"x-accordant-action": "custom", "x-accordant-entity": "thing"}
    item["post"] = {**item["get"], "operationId": "post"}
    with Sandbox.for_document(data, name="things") as sandbox:
        assert successes(sandbox) == {"get": "good", "post": "good"}
