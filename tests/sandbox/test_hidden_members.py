"""What only requests carry is never shown by a derived sandbox, however deep inside it lies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accordant_sandbox import Sandbox

TEXT = {"type": "string"}
CODE = {**TEXT, "writeOnly": True}


def payments(source: Any, path: str) -> dict[str, Any]:
    """A document that takes payments out of such a source, and returns them as they came."""
    payment = {
        "type": "object",
        "properties": {"id": TEXT, "note": CODE, "source": source, "all": {"type": "array", "items": source}},
    }
    content = {"content": {"application/json": {"schema": payment}}}
    post = {"operationId": "pay", "requestBody": content, "responses": {"201": {"description": "", **content}}}
    listed = {"content": {"application/json": {"schema": {"type": "array", "items": payment}}}}
    get = {"operationId": "payments", "responses": {"200": {"description": "", **listed}}}
    paths = {path: {"post": post} if path == "/pay" else {"post": post, "get": get}}
    return {"openapi": "3.1.0", "info": {"title": "Payments", "version": "1"}, "paths": paths}


CARD = {"type": "object", "required": ["name", "code"], "properties": {"name": TEXT, "code": CODE}}
BANK = {"type": "object", "required": ["bank"], "properties": {"bank": TEXT}}


@pytest.mark.parametrize("path", ["/pay", "/payments"])
@pytest.mark.parametrize(
    "source",
    [CARD, {"anyOf": [CARD, BANK]}, {**CARD, "additionalProperties": True}],
    ids=["an object", "one of several", "an open object"],
)
def test_what_only_requests_carry_is_not_shown(path: str, source: Any) -> None:
    """A member that only requests carry is left out of objects in a response; the rest of them is as it was sent."""
    sent = {"note": "n", "source": {"name": "Ann", "code": "123"}, "all": [{"name": "Bob", "code": "456"}]}
    with Sandbox.for_document(payments(source, path), name="payments") as sandbox:
        address, headers = f"{sandbox.credentials['base_url']}{path}", [("Content-Type", "application/json")]
        status, _, content = sandbox.transport("POST", address, headers, json.dumps(sent).encode(), 5.0)
        assert not sandbox.defects
    body = json.loads(content)
    assert (status, body["source"], body["all"]) == (201, {"name": "Ann"}, [{"name": "Bob"}])
    assert "note" not in body


def test_an_example_does_not_show_what_only_requests_carry() -> None:
    """A response's example that has such a member is shown without it."""
    document = payments({"anyOf": [CARD, BANK]}, "/pay")
    content = document["paths"]["/pay"]["post"]["responses"]["201"]["content"]["application/json"]
    content["example"] = {"id": "7", "source": {"name": "Ann", "code": "123"}}
    with Sandbox.for_document(document, name="payments") as sandbox:
        content = sandbox.transport("POST", f"{sandbox.credentials['base_url']}/pay", [], b"", 5.0)[2]
    assert json.loads(content) == {"id": "7", "source": {"name": "Ann"}}
