"""References whose characters are percent-encoded, as in the address that a reference is a part of."""

from __future__ import annotations

from typing import Any

from accordant_contract.document.document import Document as ContractDocument
from accordant_sandbox import Sandbox
from tests.sandbox.derived_corpus import successes


def jobs() -> dict[str, Any]:
    """A document in which one operation takes its parameter and its success from another one, braces encoded."""
    other = "#/paths/~1jobs~1%7Bjob_id%7D/get"
    schema = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}
    get = {
        "operationId": "getJob",
        "parameters": [{"name": "job_id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}},
    }
    close = {
        "operationId": "closeJob",
        "parameters": [{"$ref": f"{other}/parameters/0"}],
        "requestBody": {
            "content": {
                "application/json": {"schema": {"$ref": f"{other}/responses/200/content/application~1json/schema"}}
            }
        },
        "responses": {"200": {"$ref": f"{other}/responses/200"}},
    }
    paths = {"/jobs/{job_id}": {"get": get}, "/jobs/{job_id}/close": {"post": close}}
    return {"openapi": "3.1.0", "info": {"title": "Jobs", "version": "1"}, "paths": paths}


def test_a_reference_may_be_percent_encoded() -> None:
    """An operation is served whose reference into another path encodes the braces of that path."""
    with Sandbox.for_document(jobs(), name="jobs") as sandbox:
        assert successes(sandbox) == {"getJob": "good", "closeJob": "good"}
        assert not sandbox.vendor.document.left_out


def test_the_judges_follow_a_percent_encoded_reference() -> None:
    """A response that breaks a schema behind an encoded reference is found by the contract tests."""
    operation = ContractDocument("jobs", jobs()).operations["closeJob"]
    pointer = next(iter(operation.body.values()))
    assert [each.path for each in operation.schemas.violations(pointer, {})] == ["$"]
    assert operation.schemas.schema({"$ref": f"#{pointer}"})["required"] == ["title"]
