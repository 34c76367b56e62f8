"""Habits of public documents that a derived sandbox has to live with: each was met in the wild."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

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


def test_an_example_that_was_pasted_as_a_text() -> None:
    """A response whose example is a text of JSON is the JSON, not the text."""
    content = {"application/json": {"schema": {"properties": {"id": TEXT}}, "example": '{"id": "7"}'}}
    get = {"operationId": "joke", "responses": {"200": {"description": "", "content": content}}}
    with Sandbox.for_document(document({"/joke": {"get": get}}), name="jokes") as sandbox:
        assert sandbox.transport("GET", f"{sandbox.credentials['base_url']}/joke", [], b"", 5.0)[2] == b'{"id":"7"}'


def test_a_redirect_leads_somewhere() -> None:
    """A documented redirect has the header Location, whether or not the document mentions it."""
    get = {"operationId": "go", "responses": {"302": {"description": "Elsewhere."}}}
    with Sandbox.for_document(document({"/go": {"get": get}}), name="going") as sandbox:
        status, headers, _ = sandbox.transport("GET", f"{sandbox.credentials['base_url']}/go", [], b"", 5.0)
        assert (status, dict(headers)["Location"]) == (302, "/")


def test_schemes_with_one_secret() -> None:
    """Two schemes that the client gives one token for are both opened by it."""
    flows = {"authorizationCode": {"authorizationUrl": "https://a.test/a", "tokenUrl": "https://a.test/t"}}
    shown = {"type": "oauth2", "x-accordant-arguments": {"token": "token"}}
    schemes = {
        "user": {**shown, "flows": flows},
        "client": {**shown, "flows": {"clientCredentials": {"tokenUrl": "https://a.test/t"}}},
    }
    paths: dict[str, Any] = {
        f"/{name}": {"get": {"operationId": name, "security": [{name: []}], "responses": FINE}} for name in schemes
    }
    whole = document(paths, components={"securitySchemes": schemes}, servers=[{"url": "https://b.test"}])
    with Sandbox.for_document(whole, name="tokens") as sandbox:
        assert set(successes(sandbox).values()) == {"good"}


def test_several_keys_in_a_path_name_no_owner() -> None:
    """A path that takes a list of keys before what it lists returns a success."""
    several = {**in_path("ids")[0], "schema": {"type": "array", "items": {"type": "integer"}}}
    number = {"type": "object", "properties": {"id": {"type": "integer"}}}
    one = {**in_path("id")[0], "schema": {"type": "integer"}, "x-accordant-reference": "group"}
    whole = {
        "/groups/{id}": {"get": {"operationId": "group", "parameters": [one], "responses": returning(number)}},
        "/groups/{ids}/members": {
            "get": {
                "operationId": "members",
                "x-accordant-action": "list",
                "x-accordant-entity": "member",
                "parameters": [{**several, "x-accordant-reference": "group"}],
                "responses": returning({"type": "array", "items": number}),
            }
        },
    }
    whole["/groups/{id}"]["get"] |= {"x-accordant-action": "get", "x-accordant-entity": "group"}
    assert verdicts(whole) == {"good"}


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


def test_a_success_in_the_place_of_a_refusal_shows_no_rows() -> None:
    """Where a document has no failure, a page that cannot be asked for is empty, and counts nothing."""
    counts = {name: {"type": "integer"} for name in ("total", "total_pages")}
    page = {"type": "object", "properties": {"rows": {"type": "array", "items": BANK}, **counts}}
    banks = {
        "operationId": "banks",
        "x-accordant-action": "list",
        "x-accordant-entity": "bank",
        "x-accordant-pagination": {"style": "offset", "items": "rows", "offset": "offset", "total": "total"},
        "parameters": [query("offset", {"type": "integer"}), query("order", {"type": "string", "enum": ["up"]})],
        "responses": returning(page),
    }
    with Sandbox.for_document(document({"/banks": {"get": banks}}), name="banks") as sandbox:
        address = f"{sandbox.credentials['base_url']}/banks?offset=9&order=sideways"
        status, _, content = sandbox.transport("GET", address, [], b"", 5.0)
    assert (status, json.loads(content)) == (200, {"rows": [], "total": 0, "total_pages": 0})


def test_a_variable_of_few_values_ends_the_one_before_it() -> None:
    """In `{id}{format}` what is one of the few formats is none of the id's; what is none of them is a wrong format."""
    form = {"name": "format", "in": "path", "required": True, "schema": {"type": "string", "enum": [".json", ".xml"]}}
    refused = {"404": {"description": ""}}
    get = {"operationId": "find", "parameters": [*in_path("id"), form], "responses": {**FINE, **refused}}
    with Sandbox.for_document(document({"/records/{id}{format}": {"get": get}}), name="records") as sandbox:
        assert called(sandbox, "/records/seven.json") == (204, "find")
        assert called(sandbox, "/records/seven.txt") == (404, "find")


def test_a_key_that_is_a_text_here_and_a_number_there() -> None:
    """Records whose key a list shows as text, and others show or ask for as a number, are known by digits."""
    number: dict[str, Any] = {"type": "integer"}
    refused = {"404": {"description": ""}}
    asked = {**in_path("bank_id")[0], "x-accordant-reference": "bank"}
    one = {"type": "object", "required": ["id"], "properties": {"id": number}}
    get = {"operationId": "bank", "parameters": [asked], "responses": {**returning(one), **refused}}
    rows = {**returning({"type": "array", "items": BANK}), **refused}
    clerks: dict[str, Any] = {"operationId": "clerks", "parameters": [{**asked, "schema": number}], "responses": rows}
    kinds: dict[str, dict[str, Any]] = {
        "banks": {"/banks/{bank_id}": {"get": get}},
        "clerks": {"/banks/{bank_id}/clerks": {"get": clerks}},
    }
    listed = {"operationId": "banks", "responses": returning({"type": "array", "items": BANK})}
    for whole in kinds.values():
        with Sandbox.for_document(document({"/banks": {"get": listed}, **whole}), name="banks") as sandbox:
            keys = [row["id"] for row in _json(sandbox, "/banks")]
            assert keys
            assert all(key.isdecimal() for key in keys)
            path = next(iter(whole))
            assert [called(sandbox, path.format(bank_id=key))[0] for key in keys] == [200] * len(keys)
            assert path.endswith("clerks") or [str(_json(sandbox, f"/banks/{key}")["id"]) for key in keys] == keys


def _json(sandbox: Sandbox, path: str) -> Any:
    return json.loads(sandbox.transport("GET", f"{sandbox.credentials['base_url']}{path}", [], b"", 5.0)[2])


def test_null_is_a_value_of_a_filter_that_takes_it() -> None:
    """A member of a query's object that is one of a few values or null takes the text `null`, and no other word."""
    status = {"type": ["string", "null"], "enum": ["open", None]}
    filters = query("filter", {"type": "object", "properties": {"status": status}})
    responses = {**FINE, "400": {"description": ""}}
    get = {"operationId": "find", "parameters": [{**filters, "style": "deepObject"}], "responses": responses}
    with Sandbox.for_document(document({"/banks": {"get": get}}), name="banks") as sandbox:
        found = {each: called(sandbox, f"/banks?filter[status]={each}")[0] for each in ("open", "null", "shut")}
    assert found == {"open": 204, "null": 204, "shut": 400}


def test_a_page_leads_on_by_a_cursor_as_long_as_it_has_to_be() -> None:
    """A cursor whose length the document fixes has that length, and leads to the rest of the list."""
    cursor = {"type": "string", "minLength": 16, "maxLength": 16}
    page = {"type": "object", "properties": {"rows": {"type": "array", "items": BANK}, "next": TEXT}}
    paging = {"style": "cursor", "items": "rows", "cursor": "after", "next": "next", "limit": "limit"}
    get = {
        "operationId": "banks",
        "parameters": [query("after", cursor), query("limit", {"type": "integer"})],
        "responses": {**returning(page), "400": {"description": ""}},
        "x-accordant-pagination": paging,
    }
    with Sandbox.for_document(document({"/banks": {"get": get}}), name="banks") as sandbox:
        first = _json(sandbox, "/banks?limit=4")
        second = _json(sandbox, f"/banks?limit=4&after={first['next']}")
    assert len(first["next"]) == 16
    assert {each["id"] for each in first["rows"]}.isdisjoint({each["id"] for each in second["rows"]})


def test_an_object_that_its_discriminator_describes_says_of_what_kind_it_is() -> None:
    """What is no choice, and has a discriminator, is of its own kind where the mapping has it, else of a known one."""
    kinds = {"dog": "#/components/schemas/Dog", "cat": "#/components/schemas/Cat"}
    told = {"propertyName": "kind", "mapping": kinds}
    pet = {"type": "object", "required": ["kind"], "properties": {"kind": TEXT}, "discriminator": told}
    cat = {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "object", "properties": {"purr": TEXT}}]}
    refs = {name: {"$ref": f"#/components/schemas/{name.title()}"} for name in ("pet", "cat")}
    get = {"operationId": "find", "responses": returning({"type": "object", "properties": refs})}
    whole = {**document({"/pets/first": {"get": get}}), "components": {"schemas": {"Pet": pet, "Cat": cat, "Dog": cat}}}
    with Sandbox.for_document(whole, name="pets") as sandbox:
        found = _json(sandbox, "/pets/first")
    assert found["pet"]["kind"] in kinds
    assert found["cat"]["kind"] == "cat"


def test_errors_beside_a_record_are_no_rows() -> None:
    """A GET that shows one record, and what went wrong beside it, lists nothing: no errors are made up as records."""
    problem = {"type": "object", "properties": {"title": TEXT}}
    both = {"data": BANK, "errors": {"type": "array", "items": problem}}
    get = {"operationId": "find", "responses": returning({"type": "object", "properties": both})}
    with Sandbox.for_document(document({"/banks/mine": {"get": get}}), name="banks") as sandbox:
        assert sandbox.vendor.operations.served["find"].plain is None


def test_an_act_on_what_is_not_there_is_refused() -> None:
    """An operation that is made up wants its record to be there as well, where the document has a 404 for it."""
    known = {"operationId": "banks", "x-accordant-action": "list", "x-accordant-entity": "bank"}
    key = {"parameter": "bank", "field": "bank"}
    facts: dict[str, Any] = {"x-accordant-action": "custom", "x-accordant-entity": "bank", "x-accordant-key": key}
    act: dict[str, Any] = {"operationId": "close", **facts, "parameters": in_path("bank")}
    paths = {
        "/banks": {"get": {**known, "responses": returning({"type": "array", "items": BANK})}},
        "/banks/{bank}/close": {"post": {**act, "responses": {**FINE, "404": {"description": ""}}}},
        "/banks/{bank}/open": {"post": {**act, "operationId": "open", "responses": FINE}},
    }
    with Sandbox.for_document(document(paths), name="banks") as sandbox:
        assert set(successes(sandbox).values()) == {"good"}
        base = sandbox.credentials["base_url"]
        found = [sandbox.transport("POST", f"{base}/banks/nobody/{each}", [], b"", 5.0) for each in ("close", "open")]
    assert [status for status, *_ in found] == [404, 204]


def test_one_of_a_few_values_names_no_record_that_has_to_be_there() -> None:
    """A path that ends with one of a few values returns a made-up success for each of them, and no 404."""
    known = {"operationId": "banks", "x-accordant-action": "list", "x-accordant-entity": "bank"}
    facts: dict[str, Any] = {"x-accordant-action": "get", "x-accordant-entity": "bank"}
    form = {"name": "form", "in": "path", "required": True, "schema": {"type": "string", "enum": ["ubl", "json"]}}
    read = {"operationId": "read", **facts, "parameters": [*in_path("bank"), form]}
    paths = {
        "/banks": {"get": {**known, "responses": returning({"type": "array", "items": BANK})}},
        "/banks/{bank}/{form}": {
            "get": {
                **read,
                "x-accordant-key": {"parameter": "form", "field": "form"},
                "responses": {**returning(BANK), "404": {"description": ""}},
            }
        },
    }
    with Sandbox.for_document(document(paths), name="banks") as sandbox:
        base = sandbox.credentials["base_url"]
        found = [sandbox.transport("GET", f"{base}/banks/any/{each}", [], b"", 5.0)[0] for each in ("ubl", "json")]
    assert found == [200, 200]


@pytest.mark.parametrize("key", [TEXT, {"type": "number"}])
def test_a_part_of_what_is_not_there_is_refused(key: dict[str, Any]) -> None:
    """An operation on a part of a record wants the record to be there, by whichever of its fields the path names it,
    where the document has a failure for it."""
    known = {"operationId": "banks", "x-accordant-action": "list", "x-accordant-entity": "bank"}
    bank = {"type": "object", "properties": {"id": key, "alias": key}, "required": ["id", "alias"]}
    variable: dict[str, Any] = {**in_path("bank")[0], "schema": key, "x-accordant-reference": "bank"}
    part: dict[str, Any] = {"x-accordant-action": "custom", "x-accordant-entity": "metadata", "parameters": [variable]}
    paths = {
        "/banks": {"get": {**known, "responses": returning({"type": "array", "items": bank})}},
        "/banks/{bank}/metadata": {
            "get": {"operationId": "read", **part, "responses": {**returning({}), "default": {"description": ""}}},
            "put": {"operationId": "write", **part, "responses": FINE},
        },
    }
    with Sandbox.for_document(document(paths), name="banks") as sandbox:
        assert set(successes(sandbox).values()) == {"good"}
        base, row = sandbox.credentials["base_url"], [*sandbox.engine.state.tables["banks"].values()][-1]
        places = {each: f"{base}/banks/{quote(str(each))}/metadata" for each in (row["id"], row["alias"], "77")}
        found = {
            (method, each): sandbox.transport(method, place, [], b"", 5.0)[0]
            for method in ("GET", "PUT")
            for each, place in places.items()
        }
    assert [each for each, status in found.items() if status == 404] == [("GET", "77")]


def test_a_post_without_a_body_changes_no_record() -> None:
    """A POST to the path of one record that is given nothing and shows nothing acts: it needs no record to change."""
    facts: dict[str, Any] = {"x-accordant-entity": "agent", "parameters": in_path("name")}
    one = {**facts, "x-accordant-key": {"parameter": "name", "field": "name"}}
    done = {"default": {"description": ""}}
    paths = {
        "/agents/{name}": {
            "get": {"operationId": "read", "x-accordant-action": "get", **one, "responses": done},
            "post": {"operationId": "start", "x-accordant-action": "custom", **facts, "responses": done},
        }
    }
    with Sandbox.for_document(document(paths), name="agents") as sandbox:
        base = sandbox.credentials["base_url"]
        found = [sandbox.transport(method, f"{base}/agents/nobody", [], b"", 5.0)[0] for method in ("GET", "POST")]
    assert found == [404, 200]
