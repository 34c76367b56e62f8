"""Derived sandboxes of documents that say one thing in two ways: the records stay the same wherever they are shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accordant_sandbox.http.documented_answers import nearest_error

from .test_made_up_records import call, operation, served, variable

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}


def record(*required: str, **properties: Any) -> dict[str, Any]:
    """The schema of a record."""
    return {"type": "object", "required": [*required], "properties": properties}


def body(schema: Any) -> dict[str, Any]:
    """A required body of JSON."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def one(path: str, field: str = "id") -> dict[str, Any]:
    """The variable at the end of a path, which names a record by a field."""
    return {"parameters": [variable(path, TEXT)], "x-accordant-key": {"parameter": path, "field": field}}


def test_a_body_holds_its_record_where_responses_hold_it() -> None:
    """What a body says inside of the member that holds the record in responses is kept, and shown by later readings."""
    order = record(key=TEXT, amount=NUMBER)
    shown = record(order=order, missing={"type": "array", "items": TEXT})
    named = one("key", "key")
    paths = {
        "/orders": {
            "get": operation("list", "list", "order", record(orders={"type": "array", "items": order})),
            "post": operation("make", "create", "order", shown, **body(record("order", order=order, manual=NUMBER))),
        },
        "/orders/{key}": {
            "get": operation("read", "get", "order", shown, **named),
            "put": operation("write", "replace", "order", shown, **body(record(order=order)), **named),
        },
    }
    with served(paths) as sandbox:
        made = call(sandbox, "/orders", "POST", {"order": {"amount": 7}})[1]["order"]
        assert made["amount"] == 7
        assert call(sandbox, f"/orders/{made['key']}", "PUT", {"order": {"amount": 8}})[1]["order"]["amount"] == 8
        assert call(sandbox, f"/orders/{made['key']}")[1]["order"] == {**made, "amount": 8}


@pytest.mark.parametrize(
    ("status", "documented", "nearest"),
    [(404, (400, 405), 400), (422, (400, 415), 400), (405, (400, 405), 405), (404, (405,), 405)],
)
def test_a_failure_is_told_by_no_status_of_another_matter(
    status: int, documented: tuple[int, ...], nearest: int
) -> None:
    """A record that is not there is told by 400 rather than by 405, which is about the method."""
    failures = {str(code): {"description": ""} for code in documented}
    with served({"/a": {"get": operation("a", "custom", "a", {"type": "object"}, failures=failures)}}) as sandbox:
        assert nearest_error(sandbox.vendor.document.operations["a"], status) == nearest


def test_true_is_shown_as_one_where_a_number_is_due() -> None:
    """A field that is a number in one response and true or false in another one says the same in both."""
    paths = {
        "/payments": {
            "post": operation("pay", "create", "payment", record(id=TEXT, approved=NUMBER), **body(record(sum=NUMBER)))
        },
        "/payments/{id}": {
            "get": operation("read", "get", "payment", record(id=TEXT, approved={"type": "boolean"}), **one("id"))
        },
    }
    with served(paths) as sandbox:
        made = call(sandbox, "/payments", "POST", {"sum": 3})[1]
        assert made["approved"] == 0
        assert call(sandbox, f"/payments/{made['id']}")[1]["approved"] is False


def test_a_new_record_begins_with_a_value_that_every_response_may_show() -> None:
    """Of two enumerations of one field the values that are in both are shown."""
    wide = {"type": "string", "enum": ["LIVE", "NEW"]}
    paths = {
        "/cards": {
            "get": operation("list", "list", "card", {"type": "array", "items": record(id=TEXT, status=wide)}),
            "post": operation(
                "make", "create", "card", record(id=TEXT, status={**TEXT, "enum": ["NEW"]}), **body(record(pin=TEXT))
            ),
        }
    }
    with served(paths) as sandbox:
        made = call(sandbox, "/cards", "POST", {"pin": "1"})[1]
        assert made["status"] == "NEW"
        assert made in call(sandbox, "/cards")[1]


def test_null_is_not_kept_where_a_response_cannot_show_it() -> None:
    """A new record has nothing in a field that a body may call null, and that one of two responses knows as an
    object."""
    image = {"type": ["object", "null"]}
    shown, written = record(id=NUMBER, image=record(url=TEXT)), body(record(name=TEXT))
    change = {**body(record(image=image)), **one("id"), "parameters": [variable("id", NUMBER)]}
    paths = {
        "/pages": {"post": operation("make", "create", "page", shown, **written)},
        "/pages/{id}": {
            "get": operation("read", "get", "page", record(id=NUMBER, image=image), **one("id")),
            "put": operation("write", "replace", "page", shown, **change),
        },
    }
    with served(paths) as sandbox:
        made = call(sandbox, "/pages", "POST", {"name": "a"})[1]
        assert call(sandbox, f"/pages/{made['id']}")[1] == made == {"id": made["id"]}


def test_a_field_that_is_a_number_refers_to_no_name() -> None:
    """A record that paths call by its name gives that name to no field which is a number: a list and a reading show
    the same there."""
    owner: dict[str, Any] = {"type": ["integer", "null"], "x-accordant-reference": "club"}
    row = record("id", id=NUMBER, club_id=owner)
    read = operation("read", "get", "note", record("id", id=NUMBER, club_id=NUMBER), **one("id"))
    read["responses"]["200"]["content"]["application/json"]["example"] = {"id": 7, "club_id": 327}
    paths = {
        "/clubs/{name}": {"get": operation("club", "get", "club", record("name", name=TEXT), **one("name", "name"))},
        "/notes": {
            "get": operation("list", "list", "note", {"type": "array", "items": row}),
            "post": operation("make", "create", "note", row, **body(record(club_id=owner))),
        },
        "/notes/{id}": {"get": read},
    }
    with served(paths) as sandbox:
        rows = call(sandbox, "/notes")[1]
        assert [call(sandbox, f"/notes/{each['id']}")[1] for each in rows] == rows


def test_an_array_has_no_properties_whatever_is_described() -> None:
    """A list whose schema describes properties beside its items is one of records, each with its own key."""
    jobs = {"type": "array", "items": record(uuid=TEXT), "properties": {"links": {"type": "array", "items": TEXT}}}
    listed = operation("list", "list", "job", jobs, **{"x-accordant-key": {"field": "uuid"}})
    with served({"/jobs": {"get": listed}}) as sandbox:
        rows = call(sandbox, "/jobs")[1]
    assert len(rows) > 1
    assert len({each["uuid"] for each in rows}) == len(rows)


def test_a_field_of_bodies_names_no_record_that_shows_its_id() -> None:
    """A path variable that ends like a field which only bodies have takes the id that records show."""
    shown = record("id", id=TEXT, name=TEXT)
    named = one("member_slug", "member_slug")
    paths = {
        "/members": {
            "post": operation("make", "create", "member", shown, **body(record(name=TEXT, slug=TEXT))),
        },
        "/members/{member_slug}": {"get": operation("read", "get", "member", shown, **named)},
    }
    with served(paths) as sandbox:
        made = call(sandbox, "/members", "POST", {"name": "Ann", "slug": "a"})[1]
        assert call(sandbox, f"/members/{made['id']}")[1] == made


def test_a_text_that_is_no_instant_is_not_shown_as_one() -> None:
    """What a body calls a text and responses show as an instant is the same instant in each of them."""
    shown = [
        record(id=TEXT, held_at={**TEXT, "format": "date-time", "example": f"2020-01-0{day}T00:00:00Z"})
        for day in (1, 2)
    ]
    paths = {
        "/talks": {"post": operation("make", "create", "talk", shown[0], **body(record(held_at=TEXT)))},
        "/talks/{id}": {"get": operation("read", "get", "talk", shown[1], **one("id"))},
    }
    with served(paths) as sandbox:
        made = call(sandbox, "/talks", "POST", {"held_at": "soon"})[1]
        assert call(sandbox, f"/talks/{made['id']}")[1] == made


@pytest.mark.parametrize("kind", ["application/json", ""])
def test_a_reading_needs_no_body(kind: str) -> None:
    """A list whose document demands a body of its GET is read without one, whatever the media type."""
    rows = {"type": "array", "items": record("id", id=TEXT)}
    listed = operation("list", "list", "mark", rows, failures={"400": {"description": ""}}, **body(record(of=TEXT)))
    with served({"/marks": {"get": listed}}) as sandbox:
        base = str(sandbox.credentials["base_url"])
        headers = [("Content-Type", kind)] if kind else []
        status, _, content = sandbox.transport("GET", f"{base}/marks", headers, b"", 5.0)
        assert status == 200
        assert len(json.loads(content)) > 1


@pytest.mark.parametrize(("kind", "status"), [("text/plain", 200), ("application/json", 400)])
def test_a_text_may_be_empty(kind: str, status: int) -> None:
    """A body of plain text that is empty is a body; one of JSON is none."""
    taken = {"requestBody": {"required": True, "content": {kind: {"schema": TEXT}}}}
    failures = {"400": {"description": ""}}
    paths = {"/modules": {"put": operation("put", "custom", "module", record(id=TEXT), failures=failures, **taken)}}
    with served(paths) as sandbox:
        base = str(sandbox.credentials["base_url"])
        assert sandbox.transport("PUT", f"{base}/modules", [("Content-Type", kind)], b"", 5.0)[0] == status


@pytest.mark.parametrize(("required", "status"), [((), 200), (("name",), 400)])
def test_a_form_may_be_empty(required: tuple[str, ...], status: int) -> None:
    """A form in which nothing is sent is a body, where no field of it is required."""
    form = {"application/x-www-form-urlencoded": {"schema": record(*required, name=TEXT)}}
    taken = {"requestBody": {"required": True, "content": form}}
    failures = {"400": {"description": ""}}
    paths = {"/skins": {"post": operation("make", "custom", "skin", record(id=TEXT), failures=failures, **taken)}}
    with served(paths) as sandbox:
        base = str(sandbox.credentials["base_url"])
        headers = [("Content-Type", next(iter(form)))]
        assert sandbox.transport("POST", f"{base}/skins", headers, b"", 5.0)[0] == status


def test_what_is_made_up_in_yaml_has_the_form_that_the_document_says() -> None:
    """A response that is documented as an object in YAML holds one."""
    read = operation("read", "custom", "definition", None)
    read["responses"]["200"]["content"] = {"application/yaml": {"schema": record("name", name=TEXT)}}
    with served({"/definition": {"get": read}}) as sandbox:
        assert call(sandbox, "/definition") == (200, {"name": "name"})


def test_nothing_is_done_to_a_record_that_is_not_there() -> None:
    """A change that is given bare texts succeeds for a record that is there, and keeps it as it is; another is 404."""
    shown = record("id", id=TEXT, label=TEXT)
    missing = {"404": {"description": ""}}
    grant = operation("grant", "update", "right", None, failures=missing, **one("id"))
    paths = {
        "/rights": {"get": operation("list", "list", "right", {"type": "array", "items": shown})},
        "/rights/{id}": {
            "get": operation("read", "get", "right", shown, failures=missing, **one("id")),
            "post": {**grant, **body({"type": "array", "items": TEXT})},
        },
    }
    with served(paths) as sandbox:
        row = call(sandbox, "/rights")[1][0]
        assert call(sandbox, f"/rights/{row['id']}", "POST", ["read"])[0] == 200
        assert call(sandbox, f"/rights/{row['id']}")[1] == row
        assert call(sandbox, "/rights/nobody", "POST", ["read"])[0] == 404
