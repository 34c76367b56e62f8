"""The keys that a derived sandbox makes up."""

from __future__ import annotations

import re
from typing import Any

import pytest

from accordant_sandbox.derive.made_keys import key_maker
from accordant_sandbox.http.document import Document

from .test_made_up_records import call, operation, served, variable


@pytest.mark.parametrize(
    ("example", "second", "eleventh"),
    [
        ("secret_S0R1Q", "secret_S0R12", "secret_S0R21"),
        ("job-17", "job-18", "job-27"),
        ("job-99", "job100", "job109"),
        ("abc", "ab2", "a11"),
        ("x", "2", "11"),
        ("0042", "0043", "0052"),
        ("5a0b-44665544000f", "5a0b-446655440002", "5a0b-446655440011"),
        ("", "2", "11"),
    ],
)
def test_made_up_keys_are_like_the_example_and_never_the_same(example: str, second: str, eleventh: str) -> None:
    """The first key is the example; the others have another number at their end, and no two are the same."""
    schema = {"type": "string", "example": example}
    made = key_maker(Document("made", {"openapi": "3.1.0", "paths": {}}), schema, "id").make
    keys = [made(number) for number in range(1, 2001)]
    assert [keys[0], keys[1], keys[10]] == [example, second, eleventh]
    assert len({*keys}) == len(keys)


@pytest.mark.parametrize(
    ("pattern", "second", "eleventh"),
    [
        ("^org:[a-z0-9-_]+$", "org:2", "org:a11"),
        ("^las:[a-f0-9]{4}$", "las:aaa2", "las:aa11"),
        ("^[A-Z]{3}$", "AAB", "AAK"),
        ("^[a-z]{2}-[A-Z]{2}$", "aa-AB", "aa-AK"),
        ("^[0-9]+$", "1", "10"),
    ],
)
def test_made_up_keys_keep_to_their_pattern(pattern: str, second: str, eleventh: str) -> None:
    """No two keys are the same, and each is one that the pattern allows."""
    schema = {"type": "string", "pattern": pattern}
    made = key_maker(Document("made", {"openapi": "3.1.0", "paths": {}}), schema, "id").make
    keys = [made(number) for number in range(1, 201)]
    assert [keys[1], keys[10]] == [second, eleventh]
    assert len({*keys}) == len(keys)
    assert [each for each in keys if not re.search(pattern, each)] == []


def test_one_of_a_few_values_is_no_key() -> None:
    """A path variable of a few values that names a kind of record gives the records of that kind no keys."""
    sheet = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
    of_sheet = {"x-accordant-reference": "sheet"}
    kinds = variable("format", {"type": "string", "enum": ["json", "xml"]}, **of_sheet)
    named = {"x-accordant-key": {"parameter": "id", "field": "id"}}
    one = {"parameters": [variable("id", {"type": "string"}, **of_sheet)], **named}
    paths = {
        "/sheets": {"get": operation("listSheets", "list", "sheet", {"type": "array", "items": sheet})},
        "/sheets/{id}": {"get": operation("getSheet", "get", "sheet", sheet, **one)},
        "/sheets/as/{format}": {"get": operation("getFormat", "custom", "sheet", sheet, parameters=[kinds])},
    }
    with served(paths) as sandbox:
        _, rows = call(sandbox, "/sheets")
    assert len(rows) > 2
    assert not {"json", "xml"} & {each["id"] for each in rows}


def test_the_key_is_that_by_which_a_record_is_found() -> None:
    """Where a list inside of other records calls the key otherwise, both fields hold the key by which a path asks."""
    number = {"type": "integer"}
    member = {"type": "object", "properties": {"id": {"type": ["string", "null"]}, "name": {"type": "string"}}}
    inside = {"type": "object", "properties": {"memberId": {**number, "x-accordant-reference": "member"}}}
    paths = {
        "/teams/members": {
            "get": operation(
                "listInside", "list", "member", {"type": "array", "items": inside}, **_keyed(field="memberId")
            )
        },
        "/members/{id}": {
            "get": operation(
                "getMember",
                "get",
                "member",
                member,
                parameters=[variable("id", number, **{"x-accordant-reference": "member"})],
                **_keyed(parameter="id", field="id"),
            )
        },
    }
    with served(paths) as sandbox:
        _, rows = call(sandbox, "/teams/members")
        found = [call(sandbox, f"/members/{each['memberId']}")[1]["id"] for each in rows]
    assert len({*found}) == len(rows) > 1
    assert found == [str(each["memberId"]) for each in rows]


def _keyed(**key: str) -> dict[str, dict[str, str]]:
    """By what an operation knows a record."""
    return {"x-accordant-key": key}


def test_a_path_that_takes_one_of_two_keys_takes_the_key() -> None:
    """A path variable called `noteIdOrAlias` carries the field that is called like the first of the two."""
    note = {"type": "object", "properties": {"NoteId": {"type": "integer"}, "Alias": {"type": "string"}}}
    reading = operation(
        "getNote",
        "get",
        "note",
        note,
        parameters=[variable("noteIdOrAlias", {"type": "string"}, **{"x-accordant-reference": "note"})],
        failures={"404": {"description": ""}},
        **_keyed(parameter="noteIdOrAlias", field="noteIdOrAlias"),
    )
    listing = operation("listNotes", "list", "note", {"type": "array", "items": note}, **_keyed(field="NoteId"))
    with served({"/notes": {"get": listing}, "/notes/{noteIdOrAlias}": {"get": reading}}) as sandbox:
        _, rows = call(sandbox, "/notes")
        found = [call(sandbox, f"/notes/{each['NoteId']}") for each in rows]
    assert found == [(200, each) for each in rows]


def test_the_longest_ending_of_a_path_variable_says_which_key_it_is() -> None:
    """`bookingUid` is the `uid` of records that have an `id`, too; and no two of those are the same."""
    shown = {"uid": {"type": "string", "example": "b_1"}, "id": {"type": "number", "example": 123}}
    booking = {"type": "object", "properties": shown, "required": ["uid", "id"]}
    one = {"parameters": [variable("bookingUid", {"type": "string"}, **{"x-accordant-reference": "booking"})]}
    reading = operation("read", "get", "booking", booking, **one, **_keyed(parameter="bookingUid", field="bookingUid"))
    listing = operation("list", "list", "booking", {"type": "array", "items": booking})
    with served({"/bookings": {"get": listing}, "/bookings/{bookingUid}": {"get": reading}}) as sandbox:
        _, rows = call(sandbox, "/bookings")
        found = [call(sandbox, f"/bookings/{each['uid']}") for each in rows]
    assert found == [(200, each) for each in rows]
    assert len({each["id"] for each in rows}) == len(rows) > 1


@pytest.mark.parametrize("forms", ["anyOf", "oneOf"])
def test_a_key_of_one_of_several_forms_has_the_first_of_them(forms: str) -> None:
    """A key that the document says in several forms is made up in the first that is not null, or as a number where
    one of them is one."""
    text, null = {"type": "string", "pattern": "^las:[a-f0-9]{4}$"}, {"type": "null"}
    shared = {"type": "string", "pattern": "^las:commons-[a-z]+$"}
    keys: dict[str, list[Any]] = {}
    plain: dict[str, Any] = {"type": "string"}
    for name, shown, asked in (
        ("text", {forms: [null, text, shared]}, plain),
        ("number", {forms: [text, {"type": "integer"}]}, plain),
        ("path", plain, {forms: [text, shared]}),
    ):
        note = {"type": "object", "properties": {"noteId": shown}, "required": ["noteId"]}
        named = {"parameters": [variable("noteId", asked)]}
        reading = operation("read", "get", "note", note, **named, **_keyed(parameter="noteId", field="noteId"))
        listing = operation("list", "list", "note", {"type": "array", "items": note})
        with served({"/notes": {"get": listing}, "/notes/{noteId}": {"get": reading}}) as sandbox:
            keys[name] = [each["noteId"] for each in call(sandbox, "/notes")[1]]
            assert [call(sandbox, f"/notes/{key}")[1]["noteId"] for key in keys[name]] == keys[name]
    assert keys["text"][:3] == keys["path"][:3] == ["las:aaaa", "las:aaa2", "las:aaa3"]
    assert keys["number"][:3] == [1, 2, 3]
