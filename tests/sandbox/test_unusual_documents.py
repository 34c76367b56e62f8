"""Habits of public documents that a derived sandbox has to live with: each was met in the wild."""

from __future__ import annotations

from typing import Any

from accordant_sandbox import Sandbox
from tests.codegen.ruled import document
from tests.sandbox.derived_corpus import successes

TEXT = {"type": "string"}
BANK = {"type": "object", "properties": {"id": TEXT, "account_type": TEXT}}
FINE = {"204": {"description": ""}}


def returning(schema: Any) -> dict[str, Any]:
    """The responses of an operation that returns JSON of a schema."""
    return {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}


def query(name: str, schema: Any = TEXT, *, required: bool = False) -> dict[str, Any]:
    """A query parameter."""
    return {"name": name, "in": "query", "required": required, "schema": schema}


def in_path(*names: str) -> list[dict[str, Any]]:
    """Parameters of a path."""
    return [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in names]


def verdicts(paths: dict[str, Any]) -> set[str]:
    """What the operations of a document return to valid requests."""
    with Sandbox.for_document(document(paths), name="unusual") as sandbox:
        return set(successes(sandbox).values())


def called(sandbox: Sandbox, path: str) -> tuple[int, Any]:
    """The status and the operation of a GET."""
    status, *_ = sandbox.transport("GET", f"{sandbox.credentials['base_url']}{path}", [], b"", 5.0)
    return status, list(sandbox.journal)[-1].operation


def test_a_filter_of_something_else_is_no_obstacle() -> None:
    """A sandbox starts although a `filter[...]` asks for nothing that a record shows, and filters by the others."""
    parameters = [query("filter[account-type]"), query("filter[since]")]
    banks = {
        "operationId": "banks",
        "x-accordant-action": "list",
        "x-accordant-entity": "bank",
        "parameters": parameters,
        "responses": returning({"type": "array", "items": BANK}),
    }
    with Sandbox.for_document(document({"/banks": {"get": banks}}), name="banks") as sandbox:
        filters = sandbox.vendor.operations.served["banks"].plain
        assert filters is not None
        assert {name: each.field for name, each in filters.filters.items()} == {"filter[account-type]": "account_type"}


def test_a_response_of_an_example_alone() -> None:
    """A write whose response has an example and no schema returns the example."""
    content = {"application/json": {"example": {"data": {"id": "7"}}}}
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {"data": TEXT}}}}}
    post = {"operationId": "add", "requestBody": body, "responses": {"201": {"description": "", "content": content}}}
    assert verdicts({"/identities": {"post": post}}) == {"good"}


def test_a_body_that_lists_texts() -> None:
    """A POST that is given a list of texts makes no record, and returns its documented success."""
    names = {"content": {"application/json": {"schema": {"type": "array", "minItems": 1, "items": TEXT}}}}
    listing = {"operationId": "banks", "responses": returning({"type": "array", "items": BANK})}
    stated = {"x-accordant-action": "create", "x-accordant-entity": "bank"}
    adding = {"operationId": "check", "requestBody": names, "responses": returning(BANK), **stated}
    assert verdicts({"/banks": {"get": listing, "post": adding}}) == {"good"}


def test_the_path_with_more_text_comes_first() -> None:
    """`/records/7.schema.json` is served by the path that ends so, although `/records/{id}.json` comes before it."""
    paths = {
        f"/records/{{id}}{end}": {"get": {"operationId": name, "parameters": in_path("id"), "responses": FINE}}
        for name, end in (("plain", ".json"), ("schema", ".schema.json"))
    }
    with Sandbox.for_document(document(paths), name="records") as sandbox:
        assert called(sandbox, "/records/7.schema.json") == (204, "schema")
        assert called(sandbox, "/records/7.json") == (204, "plain")


def test_a_number_is_taken_for_a_number() -> None:
    """Of two paths that differ by the type of their variable, a number reaches the one with the number."""
    number = [{**in_path("id")[0], "schema": {"type": "integer"}}]
    paths = {
        "/icons/{term}": {"get": {"operationId": "byTerm", "parameters": in_path("term"), "responses": FINE}},
        "/icons/{id}": {"get": {"operationId": "byId", "parameters": number, "responses": FINE}},
    }
    with Sandbox.for_document(document(paths), name="icons") as sandbox:
        assert called(sandbox, "/icons/7") == (204, "byId")
        assert called(sandbox, "/icons/tree") == (204, "byTerm")


def test_one_path_with_several_queries() -> None:
    """Operations whose paths differ behind a `?` are told apart by the values of their query."""
    paths = {
        f"/rest?method={name}": {
            "get": {
                "operationId": name,
                "parameters": [query("method", {"type": "string", "enum": [name]}, required=True)],
                "responses": FINE,
            }
        }
        for name in ("people", "photos")
    }
    assert verdicts(paths) == {"good"}
    with Sandbox.for_document(document(paths), name="rest") as sandbox:
        assert called(sandbox, "/rest?method=photos") == (204, "photos")
