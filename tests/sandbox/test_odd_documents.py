"""Sandboxes of documents as vendors write them: examples as texts, responses without a schema, redirects, own keys."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accordant_sandbox import Sandbox

from .test_made_up_records import call, operation, served, variable

TEXT = {"type": "string"}
THING: dict[str, Any] = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
JSON = "application/json"


def answered(name: str, content: dict[str, Any], status: str = "200", **more: Any) -> dict[str, Any]:
    """An operation whose success has this content."""
    responses = {status: {"description": "", **({"content": {JSON: content}} if content else {})}}
    return {**operation(name, "custom", "thing", None), "responses": responses, **more}


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ({"example": {"id": "7"}}, {"id": "7"}),
        ({"schema": THING, "example": '{"id": "7"}'}, {"id": "7"}),
        ({"schema": {"properties": {"id": TEXT}}, "example": "see below"}, {"id": "id"}),
        ({"schema": TEXT, "example": '{"id": "7"}'}, '{"id": "7"}'),
    ],
)
def test_an_example_is_shown_as_what_it_means(content: dict[str, Any], shown: object) -> None:
    """An example needs no schema; where an object is promised, a text that holds its JSON is that object."""
    with served({"/thing": {"get": answered("read", content)}}) as sandbox:
        assert call(sandbox, "/thing") == (200, shown)


def test_a_redirect_says_where_it_leads() -> None:
    """A documented redirect has a Location, which many a document leaves out."""
    with served({"/away": {"get": answered("away", {}, "302")}}) as sandbox:
        base = str(sandbox.credentials["base_url"])
        status, headers, _ = sandbox.transport("GET", f"{base}/away", [], b"", 5.0)
        assert (status, [value for name, value in headers if name.lower() == "location"]) == (302, ["/"])


def test_a_request_changes_no_type_in_the_response() -> None:
    """What a request says is shown again where the response has a value of that type."""
    result = {"type": "object", "properties": {"name": TEXT, "subject": {"type": "object"}}}
    body = {"required": True, "content": {JSON: {"schema": {"type": "object"}}}}
    post = answered("check", {"schema": result}, requestBody=body)
    with served({"/checks": {"post": post}}) as sandbox:
        assert call(sandbox, "/checks", "POST", {"name": "Ann", "subject": "x"}) == (
            200,
            {"name": "Ann", "subject": {}},
        )


def test_a_large_number_in_a_path_crashes_nothing() -> None:
    """An integer beyond 64 bits that names a record is shown as it was asked for."""
    whole = {"type": "integer"}
    own = {"parameters": [variable("id", whole)], "x-accordant-key": {"parameter": "id", "field": "id"}}
    read = operation("read", "get", "size", {"type": "object", "properties": {"id": whole}}, **own)
    with served({"/sizes/{id}": {"get": read}}) as sandbox:
        assert call(sandbox, f"/sizes/{2**70}") == (200, {"id": 2**70})


def test_a_filter_that_no_record_has_is_passed_over() -> None:
    """A sandbox starts although a documented `filter[...]` is about nothing that its records show."""
    query = [{"name": f"filter[{name}]", "in": "query", "schema": TEXT} for name in ("name", "mood")]
    rows = {"type": "array", "items": THING}
    paths = {
        "/things": {"get": operation("list", "list", "thing", rows, parameters=query)},
        "/things/{id}": {"get": operation("read", "get", "thing", THING, parameters=[variable("id", TEXT)])},
    }
    with served(paths) as sandbox:
        _, every = call(sandbox, "/things?filter[mood]=good")
        name = every[0]["name"]
        assert call(sandbox, f"/things?filter[name]={name}")[1] == [each for each in every if each["name"] == name]


def test_a_key_that_a_client_may_choose_is_chosen_for_it() -> None:
    """A record without the key that its body may have is a new one, and takes the place of none."""
    own = {"parameters": [variable("code", TEXT)], "x-accordant-key": {"parameter": "code", "field": "code"}}
    thing = {"type": "object", "properties": {"code": {**TEXT, "example": "code"}, "name": TEXT}}
    body = {"required": True, "content": {JSON: {"schema": thing}}}
    paths = {
        "/things": {
            "get": operation("list", "list", "thing", {"type": "array", "items": thing}),
            "post": operation("make", "create", "thing", thing, requestBody=body),
        },
        "/things/{code}": {"get": operation("read", "get", "thing", thing, **own)},
    }
    with served(paths) as sandbox:
        _, before = call(sandbox, "/things")
        made = [call(sandbox, "/things", "POST", {"name": name})[1] for name in ("A", "B")]
        _, after = call(sandbox, "/things")
        assert len(after) == len(before) + 2
        assert len({each["code"] for each in (*before, *made)}) == len(after)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("sort[by]=name&sort[limit]=3", 200),
        ("sort[by]=age", 400),
        ("sort[by]=", 400),
        ("sort[limit]=many", 400),
        ("sort[more]=x", 400),
        ("sort[tags]=x", 200),
        ("sort[by][deeper]=age", 200),
    ],
)
@pytest.mark.parametrize("style", ["deepObject", "form"])
def test_members_of_an_object_in_a_query_are_checked(style: str, query: str, status: int) -> None:
    """A member that one parameter says is of its documented type and values, in both ways of writing an object."""
    members = {
        "by": {**TEXT, "enum": ["name", "size"]},
        "limit": {"type": "integer"},
        "tags": {"type": "array", "items": TEXT},
    }
    schema = {"type": "object", "properties": members, "additionalProperties": False}
    given = query if style == "deepObject" else query.replace("sort[", "").replace("]", "")
    status = 200 if style == "form" and ("more" in query or "[deeper]" in query) else status  # no members of it
    where = {"name": "sort", "in": "query", "style": style, "explode": True, "schema": schema}
    read = answered("read", {"schema": THING}, parameters=[where])
    read["responses"]["400"] = {"description": ""}
    with served({"/thing": {"get": read}}) as sandbox:
        assert call(sandbox, f"/thing?{given}")[0] == status


@pytest.mark.parametrize(("allowed", "status"), [(True, 200), (False, 400)])
def test_a_parameter_may_be_sent_without_a_value(allowed: bool, status: int) -> None:
    """An empty value is taken where the document allows one (`allowEmptyValue`), as if the parameter were not sent."""
    schema = {**TEXT, "enum": ["1", "0"]}
    where = {"name": "optional", "in": "query", "schema": schema, **({"allowEmptyValue": True} if allowed else {})}
    read = answered("read", {"schema": THING}, parameters=[where])
    read["responses"]["400"] = {"description": ""}
    with served({"/thing": {"get": read}}) as sandbox:
        assert call(sandbox, "/thing?optional=")[0] == status


def test_what_two_responses_say_of_a_property_holds_in_both() -> None:
    """A new record fits every response that shows it: where one of them takes null or does not describe a property that
    it requires, the record holds what the other says."""
    loose = {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "cover": {"type": ["string", "null"]}},
        "required": ["id", "cover", "count"],
    }
    firm = {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "cover": TEXT, "count": {"type": "integer"}},
        "required": ["id", "cover", "count"],
    }
    own = {"parameters": [variable("id", {"type": "integer"})], "x-accordant-key": {"parameter": "id", "field": "id"}}
    body = {"required": True, "content": {JSON: {"schema": {"type": "object", "properties": {"name": TEXT}}}}}
    paths = {
        "/things": {"post": operation("make", "create", "thing", firm, requestBody=body)},
        "/things/{id}": {"get": operation("read", "get", "thing", loose, **own)},
    }
    with served(paths) as sandbox:
        _, made = call(sandbox, "/things", "POST", {"name": "A"})
        assert isinstance(made["cover"], str)
        assert call(sandbox, f"/things/{made['id']}") == (200, made)


def test_what_a_body_says_is_shown_among_the_attributes() -> None:
    """Where responses show a record's fields within `attributes` and bodies say them bare, a change is seen there."""
    inner = {"type": "object", "properties": {"name": TEXT, "size": {"type": "integer"}}}
    thing = {"type": "object", "properties": {"id": TEXT, "attributes": inner}}
    own = {"parameters": [variable("id", TEXT)], "x-accordant-key": {"parameter": "id", "field": "id"}}
    body = {"required": True, "content": {JSON: {"schema": {"type": "object", "properties": {"name": TEXT}}}}}
    paths = {
        "/things/{id}": {
            "get": operation("read", "get", "thing", thing, **own),
            "patch": operation("change", "update", "thing", thing, requestBody=body, **own),
        },
        "/things": {"get": operation("list", "list", "thing", {"type": "array", "items": thing})},
    }
    with served(paths) as sandbox:
        _, rows = call(sandbox, "/things")
        before = rows[0]["attributes"]
        assert call(sandbox, f"/things/{rows[0]['id']}", "PATCH", {"name": "New"})[0] == 200
        assert call(sandbox, f"/things/{rows[0]['id']}")[1]["attributes"] == {**before, "name": "New"}


def test_an_example_is_of_the_type_that_properties_say() -> None:
    """A text is no example of an object whose schema has properties and no type."""
    secret = {"properties": {"name": TEXT}, "required": ["name"], "example": '{"name": "Gogs"}'}
    result = {"type": "object", "properties": {"id": TEXT, "secret": secret}}
    with served({"/result": {"get": answered("read", {"schema": result})}}) as sandbox:
        assert call(sandbox, "/result")[1]["secret"] == {"name": "name"}


def test_fields_with_an_underscore_are_shown_and_kept() -> None:
    """A record's own `_id` leads to it, and what a client writes into `_note` is shown again; what the sandbox keeps
    for itself is not."""
    row = {"type": "object", "required": ["_id"], "properties": {"_id": {**TEXT, "example": "a1"}, "_note": TEXT}}
    body = {"required": True, "content": {JSON: {"schema": {"type": "object", "properties": {"_note": TEXT}}}}}
    by_id = {"parameters": [variable("id", TEXT)], "x-accordant-key": {"parameter": "id", "field": "_id"}}
    paths = {
        "/plays": {
            "get": operation("listPlays", "list", "play", {"type": "array", "items": row}),
            "post": operation("makePlay", "create", "play", row, requestBody=body),
        },
        "/plays/{id}": {
            "get": operation("readPlay", "get", "play", row, **by_id),
            "put": operation("changePlay", "replace", "play", row, requestBody=body, **by_id),
        },
    }
    with served(paths) as sandbox:
        _, made = call(sandbox, "/plays", "POST", {"_note": "loud"})
        assert made == {"_id": "a7", "_note": "loud"}
        assert call(sandbox, "/plays/a7") == (200, made)
        assert call(sandbox, "/plays/a7", "PUT", {"_note": "quiet"}) == (200, {"_id": "a7", "_note": "quiet"})
        assert sandbox.state.plays.one(_id="a7") == {"_id": "a7", "_note": "quiet"}


def test_a_field_like_a_hidden_key_is_the_vendors() -> None:
    """Where records show an `_id` that is no key, the sandbox keeps them by another."""
    shown = {"type": "object", "properties": {"_id": {"type": "array", "items": TEXT}, "name": TEXT}}
    with served({"/rows": {"get": operation("listRows", "list", "row", {"type": "array", "items": shown})}}) as sandbox:
        status, rows = call(sandbox, "/rows")
    assert status == 200
    assert all(isinstance(each["_id"], list) for each in rows)


def _written_and_shown(body: dict[str, Any], shown: dict[str, Any]) -> Sandbox:
    """Records that are made and read, with the properties of bodies and of responses."""
    known: dict[str, Any] = {"id": {"type": "integer"}, **shown}
    row = {"type": "object", "required": [*known], "properties": known}
    sent = {"required": True, "content": {JSON: {"schema": {"type": "object", "properties": body}}}}
    by_id = {"parameters": [variable("id", {"type": "integer"})]}
    again = {**row, "properties": {name: {**each, "title": "again"} for name, each in known.items()}}
    return served(
        {
            "/plays": {"post": operation("makePlay", "create", "play", row, requestBody=sent)},
            "/plays/{id}": {
                "get": operation("readPlay", "get", "play", again, **by_id),
                "patch": operation("changePlay", "update", "play", row, requestBody=sent, **by_id),
            },
        }
    )


@pytest.mark.parametrize("sent", ["old", ["old"], [{}]])
@pytest.mark.parametrize("shown", [{"type": "object"}, {}, {"type": "null"}])
def test_what_is_sent_in_another_form_is_shown_as_one_record_everywhere(sent: object, shown: dict[str, Any]) -> None:
    """For the name of a stage every response shows the same stage, whatever example each of them has."""
    known = {"required": ["at"], "properties": {"at": {"type": "string", "example": "first"}}}
    stage = {"anyOf": [known, shown]} if shown == {"type": "null"} else {**known, **shown}
    with _written_and_shown({"stage": {}}, {"stage": stage}) as sandbox:
        _, made = call(sandbox, "/plays", "POST", {"stage": sent})
        kept = sandbox.state.plays.one(id=made["id"])
    assert made["stage"] == kept["stage"] == {"at": "first"}


def test_what_a_body_says_is_inside_of_the_object_that_holds_it() -> None:
    """A record that shows its body in an object of its own shows there what was sent, after a change too."""
    rights = {"type": "object", "properties": {"read": TEXT, "write": TEXT}}
    with _written_and_shown({"read": TEXT, "write": TEXT}, {"rights": rights}) as sandbox:
        _, made = call(sandbox, "/plays", "POST", {"read": "all", "write": "none"})
        assert made["rights"] == {"read": "all", "write": "none"}
        _, changed = call(sandbox, f"/plays/{made['id']}", "PATCH", {"write": "one"})
        assert changed["rights"] == {"read": "all", "write": "one"}
        assert call(sandbox, f"/plays/{made['id']}") == (200, changed)


def test_a_text_takes_the_place_of_no_instant() -> None:
    """What was made now was changed now, whatever text a body has for it."""
    when = {"type": "string", "format": "date-time", "example": "2020-01-01T00:00:00Z"}
    result = {"type": "object", "properties": {"created_at": when, "updated_at": when, "name": TEXT}}
    sent = {"type": "object", "properties": {"updated_at": TEXT, "name": TEXT}}
    post = answered("check", {"schema": result}, "201", requestBody={"content": {JSON: {"schema": sent}}})
    with served({"/checks": {"post": post}}) as sandbox:
        _, made = call(sandbox, "/checks", "POST", {"updated_at": "soon", "name": "Ann"})
        assert made == {"created_at": made["updated_at"], "updated_at": made["created_at"], "name": "Ann"}
        _, other = call(sandbox, "/checks", "POST", {"updated_at": "2031-01-01T00:00:00Z"})
        assert other["updated_at"] == "2031-01-01T00:00:00Z"


def test_rows_are_told_apart_by_the_key_that_their_list_has() -> None:
    """Records that a path names by their `key` differ in the `_id` by which their list knows them."""
    row = {"type": "object", "properties": {"_id": {**TEXT, "example": "57be1d"}, "key": {**TEXT, "example": "first"}}}
    by_key = {"parameters": [variable("playKey", TEXT)], "x-accordant-key": {"parameter": "playKey", "field": "key"}}
    by_id = {"x-accordant-key": {"field": "_id"}}
    listed = operation("listPlays", "list", "play", {"type": "array", "items": row}, **by_id)
    one = operation("readPlay", "get", "play", row, **by_key)
    gone = operation("dropPlay", "delete", "play", None, **by_key)
    paths = {"/plays": {"get": listed}, "/plays/{playKey}": {"get": one, "delete": gone}}
    with served(paths) as sandbox:
        _, rows = call(sandbox, "/plays")
        assert len({each["_id"] for each in rows}) == len(rows) > 1
        assert [call(sandbox, f"/plays/{each['key']}") for each in rows] == [(200, each) for each in rows]


def test_rows_are_told_apart_by_a_key_that_is_called_like_a_reference() -> None:
    """Records that paths name by their `domain`, and lists know by `domainId`, differ in both."""
    number = {"type": "integer", "x-accordant-reference": "domain"}
    row = {"type": "object", "properties": {"domain": TEXT, "domainId": number}}
    by_key = {"parameters": [variable("domain", TEXT)], "x-accordant-key": {"parameter": "domain", "field": "domain"}}
    array = {"type": "array", "items": row}
    listed = operation("listDomains", "list", "domain", array, **{"x-accordant-key": {"field": "domainId"}})
    paths = {
        "/domains": {"get": listed},
        "/domains/{domain}": {"get": operation("read", "get", "domain", row, **by_key)},
    }
    with served(paths) as sandbox:
        _, rows = call(sandbox, "/domains")
        assert len({each["domainId"] for each in rows}) == len({each["domain"] for each in rows}) == len(rows) > 1


def test_a_key_that_a_path_leaves_open_is_what_its_field_is() -> None:
    """A path that takes an id or a name, and does not say of what type, finds records by the text that they show."""
    play = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}
    either = {"parameters": [variable("idOrName", {"oneOf": [TEXT, {"type": "boolean"}]})]}
    key = {"x-accordant-key": {"parameter": "idOrName", "field": "name"}}
    with served({"/plays/{idOrName}": {"get": operation("readPlay", "get", "play", play, **either, **key)}}) as sandbox:
        names = [each["name"] for each in sandbox.state.plays.all()]
        assert names[:2] == ["name", "name 2"]
        assert call(sandbox, "/plays/name%202") == (200, {"name": "name 2"})


def test_a_key_may_be_said_in_parts() -> None:
    """A key whose schema is the whole of a shared one is a text of its pattern; a time so described is the present."""
    when, mark = {"type": "string", "format": "date-time"}, {**TEXT, "pattern": "^se-[0-9]+$", "example": "se-28"}
    schemas = {"mark": mark, "when": {**when, "example": "2020-01-01T00:00:00Z"}}
    shown = {
        name: {"allOf": [{"$ref": f"#/components/schemas/{each}"}], "title": name}
        for name, each in {"id": "mark", "created_at": "when"}.items()
    }
    row = {"type": "object", "required": ["id", "created_at"], "properties": {**shown, "name": TEXT}}
    body = {"required": True, "content": {JSON: {"schema": {"type": "object", "properties": {"name": TEXT}}}}}
    by_id = {"parameters": [variable("id", shown["id"])]}
    paths = {
        "/plays": {"post": operation("makePlay", "create", "play", row, requestBody=body)},
        "/plays/{id}": {"get": operation("readPlay", "get", "play", row, **by_id)},
    }
    with served(paths, schemas) as sandbox:
        _, made = call(sandbox, "/plays", "POST", {"name": "Ann"})
        assert made["id"] == "se-34"
        assert made["created_at"] > "2026"
        assert call(sandbox, "/plays/se-34") == (200, made)


def test_a_variable_beside_a_sign_is_no_key() -> None:
    """What a path has before or after a variable makes it no key: any value there gives a success."""
    play = {"type": "object", "required": ["id"], "properties": {"id": TEXT}}
    missing = {"404": {"description": ""}}
    found = {
        "get": operation("findPlay", "custom", "play", play, parameters=[variable("play", TEXT)], failures=missing)
    }
    listed = {"get": operation("listPlays", "list", "play", {"type": "array", "items": play})}
    with served({"/plays": listed, "/plays/${play}": found}) as sandbox:
        assert call(sandbox, "/plays/$hamlet")[0] == 200


@pytest.mark.parametrize("start", ["/v2/plays", "/plays"])
def test_a_new_record_is_where_its_header_says(start: str) -> None:
    """The address of a new record has the form that its header has: with the path of the server, or from there on."""
    play = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    made = operation("makePlay", "create", "play", play)
    body = {"content": {JSON: {"schema": {"type": "object", "properties": {"name": TEXT}}}}}
    header = {"Location": {"schema": {**TEXT, "pattern": f"^{start}/[0-9]+$"}}}
    made |= {"requestBody": body, "responses": {"201": {**made["responses"]["200"], "headers": header}}}
    whole = {"openapi": "3.1.0", "info": {"title": "Plays", "version": "1"}, "paths": {"/plays/": {"post": made}}}
    with Sandbox.for_document({**whole, "servers": [{"url": "https://plays.example.com/v2"}]}, name="plays") as sandbox:
        base = str(sandbox.credentials["base_url"])
        sent = ("POST", f"{base}/plays/", [("Content-Type", "application/json")], b'{"name": "Hamlet"}', 5.0)
        status, headers, content = sandbox.transport(*sent)
        assert (status, dict(headers)["Location"]) == (201, f"{start}/{json.loads(content)['id']}")
