"""Lists of a derived sandbox that page by cursor: a walk over them ends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accordant_sandbox import Sandbox

TEXT = {"type": "string", "example": "more-of-it"}
ROWS = {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}}


def places(cursor: Any, required: list[str], action: str, path: str) -> dict[str, Any]:
    """A document with one list that pages by cursor."""
    paging = {"style": "cursor", "items": "results", "cursor": "token", "next": "page.next", "limit": "limit"}
    page = {"type": "object", "required": required, "properties": {"next": cursor}}
    rows = {**ROWS, "example": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}
    body = {"type": "object", "required": ["results", "page"], "properties": {"results": rows, "page": page}}
    get = {
        "operationId": "find",
        "x-accordant-action": action,
        "x-accordant-pagination": paging,
        "parameters": [
            {"name": "token", "in": "query", "schema": {"type": "string"}},
            {"name": "limit", "in": "query", "schema": {"type": "number", "minimum": 1}},
        ],
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": body}}}},
    }
    return {"openapi": "3.1.0", "info": {"title": "Places", "version": "1"}, "paths": {path: {"get": get}}}


@pytest.mark.parametrize(
    ("cursor", "required", "end"),
    [(TEXT, [], None), (TEXT, ["next"], ""), ({**TEXT, "type": ["string", "null"]}, ["next"], None)],
    ids=["may be absent", "has to be there", "may be null"],
)
@pytest.mark.parametrize(("action", "path"), [("custom", "/places/find"), ("list", "/places")])
def test_a_walk_by_cursor_ends(cursor: Any, required: list[str], end: str | None, action: str, path: str) -> None:
    """The pages are as long as asked for, lead to each other, and the last one names no next, whatever the example."""
    sandbox = Sandbox.for_document(places(cursor, required, action, path), name="places")
    query, pages = "limit=1", list[Any]()
    for _ in range(9):
        _, _, content = sandbox.transport("GET", f"{sandbox.credentials['base_url']}{path}?{query}", [], b"", 5.0)
        pages.append(json.loads(content))
        assert len(pages[-1]["results"]) == 1
        if not pages[-1]["page"].get("next"):
            break
        query = f"limit=1&token={pages[-1]['page']['next']}"
    assert 2 <= len(pages) <= 6
    assert pages[-1]["page"].get("next") == end
    assert not sandbox.defects


def test_pages_of_records_without_a_key_differ() -> None:
    """Records that show no key differ in another property: the second page is not the first one again."""
    row = {"type": "object", "properties": {"color": {"type": "string", "example": "red"}, "userId": TEXT}}
    document = places(TEXT, [], "list", "/places")
    get = document["paths"]["/places"]["get"]
    body = {"type": "object", "properties": {"results": {"type": "array", "items": row}}}
    get["responses"]["200"]["content"]["application/json"]["schema"] = body
    get["x-accordant-pagination"] = {"style": "page", "items": "results", "page": "page", "size": "limit"}
    get["parameters"][0] = {"name": "page", "in": "query", "schema": {"type": "integer", "default": 1}}
    sandbox = Sandbox.for_document(document, name="places")
    shown = list[str]()
    for page in (1, 2, 3):
        address = f"{sandbox.credentials['base_url']}/places?limit=2&page={page}"
        shown += [each["userId"] for each in json.loads(sandbox.transport("GET", address, [], b"", 5.0)[2])["results"]]
    assert len(shown) == len(set(shown)) == 6
    assert not sandbox.defects


def test_a_search_by_post_makes_no_record() -> None:
    """A POST beside a list that may be sent twice is a search: the list does not grow by it."""
    document = places(TEXT, [], "custom", "/places/search")
    item = document["paths"]["/places/search"]
    del item["get"]["x-accordant-pagination"]
    form = {"type": "object", "properties": {"name": {"type": "string"}}}
    item["post"] = {
        **item["get"],
        "operationId": "search",
        "x-accordant-idempotent": True,
        "parameters": [],
        "requestBody": {"content": {"application/json": {"schema": form}}},
    }
    sandbox = Sandbox.for_document(document, name="places")
    address = f"{sandbox.credentials['base_url']}/places/search"
    before = sandbox.transport("GET", address, [], b"", 5.0)[2]
    for name in ("a", "b"):
        body = json.dumps({"name": name}).encode()
        assert sandbox.transport("POST", address, [("Content-Type", "application/json")], body, 5.0)[0] == 200
    assert sandbox.transport("GET", address, [], b"", 5.0)[2] == before
