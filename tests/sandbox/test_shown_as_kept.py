"""What a derived sandbox shows of a record is what it keeps, however little of it fits a response as it is."""

from __future__ import annotations

from typing import Any

from .test_made_up_records import call, operation, served, variable


def test_a_row_that_lacks_something_inside_stays_the_record_that_it_is() -> None:
    """A record whose parts lack what responses must show is listed with its own key and its parts, filled up."""
    part = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("id", "state", "target")},
        "required": ["id", "state"],
    }
    room = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "parts": {"type": "array", "items": part}},
        "required": ["id"],
    }
    written = {"type": "object", "properties": {"parts": {"type": "array", "items": {"type": "object"}}}}
    rooms = {"type": "object", "properties": {"data": {"type": "array", "items": room}}, "required": ["data"]}
    listing = operation("listRooms", "list", "room", rooms)
    shown = listing["responses"]["200"]["content"]["application/json"]
    shown["example"] = {"data": [{"id": "one"}, {"id": "two"}]}
    creation = operation("makeRoom", "create", "room", room)
    creation["requestBody"] = {"content": {"application/json": {"schema": written}}}
    with served({"/rooms": {"get": listing, "post": creation}}) as sandbox:
        _, made = call(sandbox, "/rooms", "POST", {"parts": [{"target": "here"}]})
        _, found = call(sandbox, "/rooms")
    assert found["data"][-1]["id"] == made["id"]
    assert found["data"][-1]["parts"][0]["target"] == "here"
    assert "state" in found["data"][-1]["parts"][0]


def test_a_creation_shows_no_more_than_the_record_holds() -> None:
    """A creation that must show a field which only the reading describes shows it as it is kept, and nothing of the
    example beside it."""
    fields: dict[str, Any] = {"id": {"type": "string"}, "name": {"type": "string"}}
    kept = {"size": {"type": ["integer", "null"]}, "url": {"type": ["string", "null"]}}
    whole = {"type": "object", "properties": {**fields, **kept}, "required": ["id"]}
    pending = {"type": "object", "properties": fields, "required": ["id", "size"]}
    creation = operation("makeSheet", "create", "sheet", pending)
    creation["requestBody"] = {
        "content": {"application/json": {"schema": {"type": "object", "properties": {"name": {"type": "string"}}}}}
    }
    shown = creation["responses"]["200"]["content"]["application/json"]
    shown["example"] = {"id": "s1", "name": "One", "size": 3, "url": "/cache/one"}
    reading = operation(
        "getSheet",
        "get",
        "sheet",
        whole,
        parameters=[variable("id", {"type": "string"}, **{"x-accordant-reference": "sheet"})],
        **{"x-accordant-key": {"parameter": "id", "field": "id"}},
    )
    with served({"/sheets": {"post": creation}, "/sheets/{id}": {"get": reading}}) as sandbox:
        _, made = call(sandbox, "/sheets", "POST", {"name": "Two"})
        _, read = call(sandbox, f"/sheets/{made['id'].replace(' ', '%20')}")
    assert {name: read[name] for name in made} == made


def test_a_time_is_one_whatever_its_format_is_called() -> None:
    """A stamp whose format no standard knows, and whose example is an instant, says when the record was made."""
    when = {"type": "string", "format": "ISO 8601 timestamp", "example": "2020-02-02T00:00:00Z"}
    note = {"type": "object", "properties": {"id": {"type": "string"}, "created_at": when}}
    creation = operation("makeNote", "create", "note", note)
    creation["requestBody"] = {"content": {"application/json": {"schema": {"type": "object"}}}}
    listing = operation("listNotes", "list", "note", {"type": "array", "items": note})
    with served({"/notes": {"get": listing, "post": creation}}) as sandbox:
        _, made = call(sandbox, "/notes", "POST", {})
    assert made["created_at"] != when["example"]


def test_records_beside_the_data_are_no_rows() -> None:
    """A response with one record, and with others beside it that it refers to, is no list of those."""
    user = {"type": "object", "properties": {"id": {"type": "string"}, "kind": {"type": "string", "const": "user"}}}
    note = {"type": "object", "properties": {"id": {"type": "string"}, "kind": {"type": "string", "const": "note"}}}
    whole = {
        "type": "object",
        "properties": {"data": note, "included": {"type": "array", "items": user}},
        "required": ["data", "included"],
    }
    reading = operation(
        "getNote",
        "get",
        "note",
        whole,
        parameters=[variable("id", {"type": "string"}, **{"x-accordant-reference": "note"})],
        **{"x-accordant-key": {"parameter": "id", "field": "id"}},
    )
    paths = {"/notes": {"get": operation("findNote", "custom", "note", whole)}, "/notes/{id}": {"get": reading}}
    with served(paths) as sandbox:
        kept = sandbox.engine.state.tables["notes"]
        assert {row["kind"] for row in kept.values()} == {"note"}


def test_several_members_that_are_required_and_not_described_are_added_to_the_record() -> None:
    """A record is shown as it is kept although its response wants two members more than the document describes."""
    text = {"type": "string"}
    post = {"type": "object", "properties": {"_id": text, "link": text}, "required": ["id", "name"]}
    one = {"parameters": [variable("id", text)], "x-accordant-key": {"parameter": "id", "field": "_id"}}
    whole = {"type": "object", "properties": {"post": post}}
    change = operation("change", "replace", "post", whole, **one, **{"x-accordant-envelope": "post"})
    change["requestBody"] = {"content": {"application/json": {"schema": post}}}
    listing = operation("list", "list", "post", {"type": "array", "items": {**post, "required": []}})
    with served({"/posts": {"get": listing}, "/posts/{id}": {"put": change}}) as sandbox:
        key = call(sandbox, "/posts")[1][-1]["_id"].replace(" ", "%20")
        status, shown = call(sandbox, f"/posts/{key}", "PUT", {"id": "a", "name": "b"})
    assert (status, {*shown["post"]}) == (200, {"_id", "id", "name"})
