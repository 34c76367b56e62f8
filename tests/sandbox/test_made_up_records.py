"""Records that a derived sandbox makes up: they agree with each other, with their ids and with their schema."""

from __future__ import annotations

import copy
import json
from typing import Any

from accordant_sandbox import Sandbox
from accordant_sandbox.http.documented_answers import nearest_error

from .derived_corpus import successes

UUID = {"type": "string", "format": "uuid"}


def operation(name: str, action: str, entity: str, schema: Any, **more: Any) -> dict[str, Any]:
    """An operation with one success."""
    content = {"content": {"application/json": {"schema": schema}}} if schema is not None else {}
    return {
        "operationId": name,
        "x-accordant-action": action,
        "x-accordant-entity": entity,
        "responses": {"200": {"description": "", **content}, **more.pop("failures", {})},
        **more,
    }


def variable(name: str, schema: Any, **more: Any) -> dict[str, Any]:
    """A path variable."""
    return {"name": name, "in": "path", "required": True, "schema": schema, **more}


def served(paths: dict[str, Any], schemas: dict[str, Any] | None = None) -> Sandbox:
    """The sandbox of a document with these paths."""
    document = {"openapi": "3.1.0", "info": {"title": "Made", "version": "1"}, "paths": copy.deepcopy(paths)}
    return Sandbox.for_document({**document, "components": {"schemas": schemas or {}}}, name="made")


def call(sandbox: Sandbox, path: str, method: str = "GET", body: Any = None) -> tuple[int, Any]:
    """The status and the JSON of a response."""
    sent = b"" if body is None else json.dumps(body).encode()
    headers = [("Content-Type", "application/json")]
    base = str(sandbox.credentials["base_url"])
    status, _, content = sandbox.transport(method, f"{base}{path}", headers, sent, 5.0)
    return status, json.loads(content) if content else None


def test_a_record_was_not_changed_before_it_was_made() -> None:
    """A made-up record says that it was changed when it was made or later, whatever the examples of its fields say."""
    when = {"type": "string", "format": "date-time"}
    shown = {
        "type": "object",
        "properties": {
            "created_at": {**when, "example": "2020-02-02T00:00:00Z"},
            "updated_at": {**when, "example": "2019-01-01T00:00:00Z"},
        },
    }
    whole = {"properties": {"visit": shown}, "type": "object"}
    with served({"/summary": {"get": operation("summary", "custom", "summary", whole)}}) as sandbox:
        _, found = call(sandbox, "/summary")
    assert found["visit"] == {"created_at": "2020-02-02T00:00:00Z", "updated_at": "2020-02-02T00:00:00Z"}


def test_an_id_fits_the_fields_that_refer_to_it() -> None:
    """A kind of record whose path variable is only a text has ids of the format that references to it have."""
    group = {"type": "object", "properties": {"name": {"type": "string"}}}
    item = {"type": "object", "properties": {"group_id": {**UUID, "x-accordant-reference": "group"}}}
    key = {"x-accordant-key": {"parameter": "group_id", "field": "group_id"}}
    parameters = [variable("group_id", {"type": "string"}, **{"x-accordant-reference": "group"})]
    paths = {
        "/groups/{group_id}": {"get": operation("getGroup", "get", "group", group, parameters=parameters, **key)},
        "/items": {"get": operation("listItems", "list", "item", {"type": "array", "items": item})},
    }
    with served(paths) as sandbox:
        _, items = call(sandbox, "/items")
        assert items
        assert {call(sandbox, f"/groups/{each['group_id']}")[0] for each in items} == {200}
        assert not sandbox.defects


def test_an_object_may_be_one_of_a_few() -> None:
    """A property that is one of a few objects is one of them in every row, as the document has them."""
    games = [{"id": 1, "name": "Go"}, {"id": 3, "name": "Chess"}]
    shown = {"id": {"type": "integer"}, "game": {"enum": games}}
    rows = {"type": "array", "items": {"type": "object", "properties": shown, "required": ["game"]}}
    with served({"/matches": {"get": operation("list", "list", "match", rows)}}) as sandbox:
        assert [each["game"] for each in call(sandbox, "/matches")[1][:3]] == [*games, games[0]]
        assert not sandbox.defects


def test_a_row_is_one_of_the_alternatives_of_its_schema() -> None:
    """A list whose rows are one of several schemas shows every record once, each as one of them."""
    kinds = [
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["id", field],
            "properties": {"id": {"type": "integer"}, field: {"type": "string"}},
        }
        for field in ("colour", "weight")
    ]
    rows = {"type": "array", "items": {"anyOf": kinds}}
    with served({"/things": {"get": operation("listThings", "list", "thing", rows)}}) as sandbox:
        _, found = call(sandbox, "/things")
    assert len({each["id"] for each in found}) == len(found) > 1
    assert all(len(each) == 2 for each in found)


def test_what_was_sent_stays_where_the_response_shows_more() -> None:
    """The items of a list that a client sent are shown with what the response's schema has beside them."""
    sent = {"type": "object", "properties": {"name": {"type": "string"}}}
    shown = {"type": "object", "required": ["name", "rank"], "properties": {"name": {"type": "string"}, "rank": UUID}}
    parts: dict[str, Any] = {"type": "array", "items": shown, "example": []}
    keyed: dict[str, Any] = {"id": {"type": "integer"}, "parts": parts}
    record: dict[str, Any] = {"type": "object", "required": ["id"], "properties": keyed}
    body = {"type": "object", "properties": {"parts": {"type": "array", "items": sent}}}
    post = operation("createBox", "create", "box", record)
    post["requestBody"] = {"content": {"application/json": {"schema": body}}}
    listing = operation("listBoxes", "list", "box", {"type": "array", "items": record})
    with served({"/boxes": {"get": listing, "post": post}}) as sandbox:
        _, found = call(sandbox, "/boxes", "POST", {"parts": [{"name": "lid"}, {"name": "base"}]})
    assert [each["name"] for each in found["parts"]] == ["lid", "base"]
    assert all(each["rank"] for each in found["parts"])


def test_a_property_that_two_parts_describe_is_as_both_say() -> None:
    """Items that a client sent are shown in a list of records too, where one part of the record's schema asks for less
    in them than another."""
    sent = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    full = {"type": "object", "required": ["name", "rank"], "properties": {"name": {"type": "string"}, "rank": UUID}}
    body = {"type": "object", "properties": {"parts": {"type": "array", "items": sent}}}
    more: dict[str, Any] = {"id": {"type": "integer"}, "parts": {"type": "array", "items": full, "example": []}}
    record: dict[str, Any] = {"allOf": [body, {"type": "object", "required": ["id"], "properties": more}]}
    post = operation("createBox", "create", "box", record)
    post["requestBody"] = {"content": {"application/json": {"schema": body}}}
    rows: dict[str, Any] = {
        "type": "object",
        "properties": {"boxes": {"type": "array", "items": record, "example": []}},
    }
    listing = operation("listBoxes", "list", "box", rows, **{"x-accordant-envelope": "boxes"})
    with served({"/boxes": {"get": listing, "post": post}}) as sandbox:
        before = len(call(sandbox, "/boxes")[1]["boxes"])
        call(sandbox, "/boxes", "POST", {"parts": [{"name": "lid"}, {"name": "base"}]})
        _, found = call(sandbox, "/boxes")
    assert len(found["boxes"]) == before + 1
    assert [each["name"] for each in found["boxes"][-1]["parts"]] == ["lid", "base"]


def test_a_cursor_is_written_as_the_response_has_it() -> None:
    """A cursor that the parameter takes as a number and the response shows as a text leads through the whole list."""
    row = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    page = {"type": "object", "properties": {"next": {"type": "string"}}}
    body = {"type": "object", "properties": {"rows": {"type": "array", "items": row}, "page": page}}
    get = operation("listRows", "list", "row", body)
    get["parameters"] = [{"name": name, "in": "query", "schema": {"type": "integer"}} for name in ("limit", "after")]
    paging = {"style": "cursor", "items": "rows", "cursor": "after", "next": "page.next", "limit": "limit"}
    with served({"/rows": {"get": {**get, "x-accordant-pagination": paging}}}) as sandbox:
        seen: list[int] = []
        query = "limit=4"
        while query:
            _, found = call(sandbox, f"/rows?{query}")
            seen += [each["id"] for each in found["rows"]]
            after = found.get("page", {}).get("next")
            query = f"limit=4&after={after}" if after else ""
    assert len(seen) == len(set(seen)) > 4


def test_a_success_in_the_place_of_a_refusal_is_about_what_was_asked() -> None:
    """Where the document has no failure, the record that is shown has the id that was asked for."""
    thing: dict[str, Any] = {"type": "object", "properties": {"id": {"type": "string", "example": "the-first"}}}
    key = {"x-accordant-key": {"parameter": "thing_id", "field": "id"}}
    get = operation("getThing", "get", "thing", thing, parameters=[variable("thing_id", {"type": "string"})], **key)
    with served({"/things/{thing_id}": {"get": get}}) as sandbox:
        assert call(sandbox, "/things/nobody") == (200, {"id": "nobody"})
    thing["properties"]["id"] = {"type": "integer"}
    get["parameters"] = [variable("thing_id", {"type": "number"})]
    with served({"/things/{thing_id}": {"get": get}}) as sandbox:
        found = call(sandbox, "/things/3.5e16")[1]["id"]
        assert (found, type(found)) == (35_000_000_000_000_000, int)


def test_a_record_that_names_no_parent_is_inside_of_each() -> None:
    """What was made without naming what it is inside of is read and listed below any of its parents."""
    note = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "text": {"type": "string"}}}
    user = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    inside = [variable("user_id", {"type": "integer"}, **{"x-accordant-reference": "user"})]
    post = operation("createNote", "create", "note", note)
    body = {"type": "object", "properties": {"text": {"type": "string"}}}
    post["requestBody"] = {"content": {"application/json": {"schema": body}}}
    key = {"x-accordant-key": {"parameter": "user_id", "field": "id"}}
    paths = {
        "/notes": {"post": post},
        "/users/{user_id}": {"get": operation("getUser", "get", "user", user, parameters=inside, **key)},
        "/users/{user_id}/notes": {
            "get": operation("listNotes", "list", "note", {"type": "array", "items": note}, parameters=inside)
        },
    }
    with served(paths) as sandbox:
        _, made = call(sandbox, "/notes", "POST", {"text": "for nobody"})
        for number in (1, 2):
            _, found = call(sandbox, f"/users/{number}/notes")
            assert made["id"] in [each["id"] for each in found]


def test_rows_are_told_apart_by_what_is_not_their_key() -> None:
    """Records that a path names by another field have ids of which no two are the same all the same."""
    role = {
        "type": "object",
        "required": ["id", "slug"],
        "properties": {"id": {"type": "string", "example": "role_1"}, "slug": {"type": "string"}},
    }
    key = {"x-accordant-key": {"parameter": "slug", "field": "slug"}}
    get = operation("getRole", "get", "role", role, parameters=[variable("slug", {"type": "string"})], **key)
    listing = operation("listRoles", "list", "role", {"type": "array", "items": role})
    with served({"/roles": {"get": listing}, "/roles/{slug}": {"get": get}}) as sandbox:
        _, found = call(sandbox, "/roles")
    assert len({each["id"] for each in found}) == len(found) > 1


def test_a_key_is_a_number_where_one_operation_asks_for_one() -> None:
    """A key that some operations take as a text and others as a number is one that all of them can take."""
    thing = {"type": "object", "properties": {"id": {"type": "string"}}}
    key = {"x-accordant-key": {"parameter": "thing_id", "field": "id"}}
    text, whole = ([variable("thing_id", {"type": kind})] for kind in ("string", "integer"))
    failure = {"404": {"description": ""}}
    paths = {
        "/things/{thing_id}": {
            "get": operation("one", "get", "thing", thing, parameters=text, failures=failure, **key)
        },
        "/v2/things/{thing_id}": {
            "get": operation("two", "get", "thing", thing, parameters=whole, failures=failure, **key)
        },
    }
    with served(paths) as sandbox:
        assert call(sandbox, "/things/2") == (200, {"id": "2"})
        assert call(sandbox, "/v2/things/2") == (200, {"id": "2"})


def test_a_page_says_how_many_there_are() -> None:
    """The number of pages that a response states is that of the rows and of the size that was asked for."""
    row = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    counts = {name: {"type": "integer"} for name in ("page_count", "total_records")}
    body = {"type": "object", "properties": {"rows": {"type": "array", "items": row}, **counts}}
    get = operation("listRows", "list", "row", body)
    get["parameters"] = [{"name": name, "in": "query", "schema": {"type": "integer"}} for name in ("size", "page")]
    paging = {"style": "page", "items": "rows", "page": "page", "size": "size", "total": "total_records"}
    with served({"/rows": {"get": {**get, "x-accordant-pagination": paging}}}) as sandbox:
        _, found = call(sandbox, "/rows?size=4")
    assert found["page_count"] == -(-found["total_records"] // 4) > 1


def test_a_refusal_is_no_rate_limit() -> None:
    """A caller without a credential is never told to come back later because 429 is the only failure of its kind."""
    failures = {code: {"description": ""} for code in ("400", "429")}
    with served({"/a": {"get": operation("a", "custom", "a", {"type": "object"}, failures=failures)}}) as sandbox:
        found = sandbox.vendor.document.operations["a"]
        assert nearest_error(found, 401) == 400
        assert nearest_error(found, 429) == 429


def test_a_list_below_the_key_of_its_own_kind_shows_what_is_inside_of_one() -> None:
    """A list whose path ends with the key of one record lists what is inside of it, under keys of their own."""
    room = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
    row = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "topic": {"type": "string"}}}
    whole = {"type": "object", "properties": {"meetings": {"type": "array", "items": row}}}
    paging = {"x-accordant-pagination": {"style": "page", "items": "meetings", "page": "page", "size": "size"}}
    one = [variable("room", {"type": "string"}, **{"x-accordant-reference": "room"})]
    pages = [{"name": name, "in": "query", "schema": {"type": "integer"}} for name in ("page", "size")]
    key = {"x-accordant-key": {"field": "id"}}
    paths = {
        "/rooms": {"get": operation("listRooms", "list", "room", {"type": "array", "items": room}, **key)},
        "/rooms/{room}": {
            "get": operation("readRoom", "list", "room", whole, parameters=[*one, *pages], **key, **paging)
        },
    }
    with served(paths) as sandbox:
        rows = call(sandbox, "/rooms/any")[1]["meetings"]
        assert rows
        assert len({each["id"] for each in rows}) == len(rows)
        assert not {each["id"] for each in rows} & {each["id"] for each in call(sandbox, "/rooms")[1]}


def test_a_record_that_says_only_when_it_changed_was_changed_now() -> None:
    """A field for the last change shows the present after a creation and a change, where no format says what it is."""
    when = {"type": "string", "example": "2020-02-02T00:00:00.000Z"}
    shown = {
        "type": "object",
        "required": ["id", "updated_at"],
        "properties": {"id": {"type": "integer"}, "updated_at": when},
    }
    properties: dict[str, Any] = {"name": {"type": "string"}}
    body = {"requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": properties}}}}}
    key = {"x-accordant-key": {"parameter": "note", "field": "id"}}
    one = [variable("note", {"type": "integer"})]
    paths = {
        "/notes": {"post": operation("makeNote", "create", "note", shown, **body)},
        "/notes/{note}": {
            "get": operation("readNote", "get", "note", shown, parameters=one, **key),
            "patch": operation("changeNote", "update", "note", shown, parameters=one, **body, **key),
        },
    }
    with served(paths) as sandbox:
        _, made = call(sandbox, "/notes", "POST", {"name": "a"})
        assert made["updated_at"] == "2026-03-01T09:00:00Z"
        sandbox.clock.advance(seconds=60)
        _, changed = call(sandbox, f"/notes/{made['id']}", "PATCH", {"name": "b"})
        assert changed["updated_at"] == "2026-03-01T09:01:00Z"


def test_an_alternative_keeps_what_fits_of_a_record() -> None:
    """Where one value of a record fits no alternative of its schema, the others are still those of the record."""
    fields = {"id": {"type": "integer"}, "scopes": {"type": "array", "items": {"type": "string"}}}
    link = {"type": "string", "format": "uri"}
    choices = [
        {
            "type": "object",
            "required": ["id", "scopes", "link", name],
            "properties": {**fields, "link": link, name: {"const": name}},
        }
        for name in ("one", "two")
    ]
    body = {"type": "object", "properties": {**fields, "link": {"type": "string"}}}
    content = {"requestBody": {"content": {"application/json": {"schema": body}}}}
    paths = {"/apps": {"post": operation("makeApp", "create", "app", {"anyOf": choices}, **content)}}
    with served(paths) as sandbox:
        assert call(sandbox, "/apps", "POST", {"scopes": ["mine"], "link": "https://é ß"})[1]["scopes"] == ["mine"]


def _tags_of_two_kinds() -> dict[str, Any]:
    """Tags inside of orders, by their id, and inside of wallets, by their code or their id."""
    text, number = {"type": "string"}, {"type": "integer"}
    order = {"type": "object", "required": ["id"], "properties": {"id": number}}
    shown = {"id": {**text, "format": "uuid"}, "code": {**text, "example": "prepaid"}}
    wallet = {"type": "object", "required": [*shown], "properties": shown}
    orders = [variable("id", number, **{"x-accordant-reference": "order"})]
    by_id = [variable("id", {**text, "format": "uuid"}, **{"x-accordant-reference": "wallet"})]
    by_code = [variable("code", text, **{"x-accordant-reference": "wallet"})]
    gone = {"failures": {"404": {"description": ""}}}
    tag = variable("tag", text, **{"x-accordant-reference": "tag"})

    def own(parameter: str, field: str) -> dict[str, Any]:
        return {"x-accordant-key": {"parameter": parameter, "field": field}}

    return {
        "/orders/{id}": {"get": operation("readOrder", "get", "order", order, parameters=orders, **own("id", "id"))},
        "/wallets/{code}": {
            "get": operation("readWallet", "get", "wallet", wallet, parameters=by_code, **own("code", "code")),
            "delete": operation("closeWallet", "delete", "wallet", None, parameters=by_code, **own("code", "code")),
        },
        "/shops/wallets/{code}": {
            "delete": operation("dropWallet", "delete", "wallet", None, parameters=by_code, **own("code", "code")),
        },
        "/orders/{id}/tags/{tag}": {
            "delete": operation("untagOrder", "delete", "tag", None, parameters=[*orders, tag], **own("tag", "tag"))
        },
        "/wallets/{id}/tags/{tag}": {
            "delete": operation(
                "untagWallet", "delete", "tag", None, parameters=[*by_id, tag], **own("tag", "tag"), **gone
            )
        },
    }


def test_records_are_inside_of_records_of_several_kinds() -> None:
    """A kind of record that is inside of two others is found in each, whatever their path variables are called, and
    by whichever field of theirs a path names them."""
    with served(_tags_of_two_kinds()) as sandbox:
        tags = list(sandbox.engine.state.tables["tags"])
        wallet = call(sandbox, "/wallets/prepaid")[1]["id"]
        assert call(sandbox, f"/orders/1/tags/{tags[0]}", "DELETE")[0] == 200
        assert call(sandbox, f"/wallets/{wallet}/tags/{tags[1]}", "DELETE")[0] == 200
        assert call(sandbox, f"/wallets/{wallet}/tags/{tags[0]}", "DELETE")[0] == 404


def test_what_others_are_inside_of_is_deleted_last() -> None:
    """Each operation of a document succeeds once: the measure of a folder deletes no record before what is inside."""
    with served(_tags_of_two_kinds()) as sandbox:
        assert set(successes(sandbox).values()) == {"good"}


def test_a_replacement_keeps_what_only_the_vendor_sets() -> None:
    """A replaced record has its other id still, and what it has to show it shows in each response alike."""
    text, number = {"type": "string"}, {"type": "integer"}
    properties = {"code": text, "ref": text, "notes": {"type": "object"}}
    shown = {"type": "object", "required": ["code", "ref", "notes"], "properties": properties}
    made = {**shown, "properties": {**properties, "notes": {"type": "object", "example": {"tier": "gold"}}}}
    body = {"type": "object", "properties": {"rank": number, "notes": {"type": ["object", "null"]}}}
    sent = {"requestBody": {"content": {"application/json": {"schema": body}}}}

    def own(name: str) -> dict[str, Any]:
        return {"parameters": [variable(name, text)], "x-accordant-key": {"parameter": name, "field": name}}

    paths = {
        "/items": {"post": operation("makeItem", "create", "item", made, **sent)},
        "/items/{code}": {"get": operation("readItem", "get", "item", shown, **own("code"))},
        "/items/by/{ref}": {"put": operation("changeItem", "replace", "item", shown, **sent, **own("ref"))},
    }
    with served(paths) as sandbox:
        _, item = call(sandbox, "/items", "POST", {})
        assert call(sandbox, f"/items/by/{item['ref']}", "PUT", {"rank": 1})[1]["ref"] == item["ref"]
        assert call(sandbox, f"/items/{item['code']}")[1]["notes"] == item["notes"]


def test_a_made_up_alternative_says_which_one_it_is() -> None:
    """A made-up value of a choice holds what the document's discriminator says of its alternative."""
    text = {"type": "string"}
    schemas: dict[str, Any] = {
        "Dog": {"type": "object", "required": ["kind"], "properties": {"kind": text, "bark": text}},
        "Cat": {"type": "object", "required": ["kind"], "properties": {"kind": text, "purr": text}},
    }
    places = {"canine": "#/components/schemas/Dog", "feline": "#/components/schemas/Cat"}
    choice = {"anyOf": [{"$ref": each} for each in places.values()]}
    pet = {**choice, "discriminator": {"propertyName": "kind", "mapping": places}}
    whole = {"type": "object", "properties": {"pet": pet}}
    with served({"/pet": {"get": operation("pet", "custom", "pet", whole)}}, schemas) as sandbox:
        found = call(sandbox, "/pet")[1]["pet"]
        assert found["kind"] == {"bark": "canine", "purr": "feline"}["bark" if "bark" in found else "purr"]


def test_a_new_key_is_never_that_of_the_example() -> None:
    """No two records have one key, also where the document's example of a key ends with a number."""
    hook = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "example": "we_0123456789"}}}
    key = {"x-accordant-key": {"field": "id"}}
    paths = {
        "/hooks": {
            "get": operation("listHooks", "list", "hook", {"type": "array", "items": hook}, **key),
            "post": operation("makeHook", "create", "hook", hook, **key),
        }
    }
    with served(paths) as sandbox:
        keys = [each["id"] for each in call(sandbox, "/hooks")[1]]
        keys += [call(sandbox, "/hooks", "POST")[1]["id"] for _ in range(30)]
        assert len({*keys}) == len(keys)
