"""Guesses about paging: each style is found by its names and shapes, and what only looks like paging is left."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_codegen.guess.guess import Guesses, guess
from tests.codegen.ruled import document

NUMBER, TEXT, FLAG = {"type": "integer"}, {"type": "string"}, {"type": "boolean"}
THING = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
THINGS = {"type": "array", "items": THING}


def record(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def listed(query: dict[str, Any], response: Any, path: str = "/things", method: str = "get", **parts: Any) -> Guesses:
    """The guesses about one operation with these query parameters and this JSON response."""
    parameters = [{"name": name, "in": "query", "schema": schema} for name, schema in query.items()]
    operation: dict[str, Any] = {
        "parameters": parameters,
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": response}}, **parts}},
    }
    return guess(document({path: {method: operation}}))


def paging(found: Guesses) -> Any:
    """What is guessed of the paging; the reason where nothing is."""
    made = [each.update["x-accordant-pagination"] for each in found.made if each.kind == "paging"]
    return made[0] if made else next((each.why for each in found.left if each.kind == "paging"), None)


@pytest.mark.parametrize(
    ("query", "response", "expected"),
    [
        ({"page": NUMBER}, THINGS, {"style": "page", "items": "", "page": "page"}),
        (
            {"page": {"oneOf": [NUMBER, record(number=NUMBER, size=NUMBER)]}},
            THINGS,
            {"style": "page", "items": "", "page": "page"},
        ),
        (
            {"page": {"type": "integer", "default": 0}, "per_page": {"type": "integer", "maximum": 50}},
            record(things=THINGS, meta=record(total_count=NUMBER, current_page=NUMBER)),
            {"style": "page", "items": "things", "page": "page", "size": "per_page", "start": 0}
            | {"total": "meta.total_count", "max-limit": 50},
        ),
        (
            {"page[number]": NUMBER, "page[size]": NUMBER},
            record(data=THINGS, included={"type": "array", "items": {}}, links=record(next=TEXT)),
            {"style": "page", "items": "data", "page": "page[number]", "size": "page[size]"},
        ),
        (
            {"PageIndex": NUMBER, "PageSize": NUMBER},
            record(Items=THINGS, TotalCount=NUMBER, HasNextPage=FLAG),
            {"style": "page", "items": "Items", "page": "PageIndex", "size": "PageSize", "total": "TotalCount"}
            | {"more": "HasNextPage"},
        ),
        (
            {"page": NUMBER, "size": NUMBER},
            record(content=THINGS, totalElements=NUMBER, totalPages=NUMBER, last=FLAG, number=NUMBER),
            {"style": "page", "items": "content", "page": "page", "size": "size", "total": "totalElements"}
            | {"last": "last"},
        ),
        (
            {"limit": NUMBER, "offset": NUMBER},
            record(results=THINGS, count={"type": "integer", "description": "Total number of things"}),
            {"style": "offset", "items": "results", "offset": "offset", "limit": "limit", "total": "count"},
        ),
        (
            {"startAt": NUMBER, "maxResults": NUMBER},
            record(startAt=NUMBER, maxResults=NUMBER, total=NUMBER, issues=THINGS),
            {"style": "offset", "items": "issues", "offset": "startAt", "limit": "maxResults", "total": "total"},
        ),
        (
            {"$top": NUMBER, "$skip": NUMBER},
            record(value=THINGS),
            {"style": "offset", "items": "value", "offset": "$skip", "limit": "$top"},
        ),
        (
            {"cursor": TEXT, "limit": NUMBER},
            record(ok=FLAG, members=THINGS, response_metadata=record(next_cursor=TEXT)),
            {"style": "cursor", "items": "members", "cursor": "cursor", "next": "response_metadata.next_cursor"}
            | {"limit": "limit"},
        ),
        (
            {"PageToken": TEXT, "Page": NUMBER, "PageSize": NUMBER},
            record(things=THINGS, meta=record(next_page_url=TEXT, page=NUMBER)),
            {"style": "cursor", "items": "things", "cursor": "PageToken", "next": "meta.next_page_url"}
            | {"limit": "PageSize"},
        ),
        (
            {"iterator": TEXT},
            record(data=THINGS, iterator={"type": ["string", "null"]}, done=FLAG),
            {"style": "cursor", "items": "data", "cursor": "iterator", "next": "iterator", "last": "done"},
        ),
        (
            {"starting_after": TEXT, "ending_before": TEXT, "limit": NUMBER},
            record(object=TEXT, data=THINGS, has_more=FLAG, url=TEXT),
            {"style": "cursor", "items": "data", "cursor": "starting_after", "next-row": "id", "limit": "limit"}
            | {"more": "has_more"},
        ),
        (
            {"after": TEXT},
            record(_embedded=record(things=THINGS), _links=record(next=record(href=TEXT))),
            {"style": "cursor", "items": "_embedded.things", "cursor": "after", "next": "_links.next.href"},
        ),
    ],
    ids=[
        *(
            "page",
            "a number or an object",
            "page from 0",
            "json:api",
            "asp.net",
            "spring",
            "count",
            "jira",
            "odata",
            "slack",
            "twilio",
            "iterator",
        ),
        *("stripe", "hal"),
    ],
)
def test_styles(query: dict[str, Any], response: Any, expected: dict[str, Any]) -> None:
    """The usual styles of paging are found, with what holds the rows, the total and the next page."""
    assert paging(listed(query, response)) == expected


def test_a_cursor_that_only_words_describe() -> None:
    """Where the response does not declare the next cursor, the parameter's description may name its place."""
    words = "Set `cursor` equal to the `next_cursor` of the previous response's `response_metadata`."
    cursor = {"name": "cursor", "in": "query", "description": words, "schema": TEXT}
    responses = {"200": {"description": "", "content": {"application/json": {"schema": record(members=THINGS)}}}}
    found = guess(document({"/members": {"get": {"parameters": [cursor], "responses": responses}}}))
    assert paging(found)["next"] == "response_metadata.next_cursor"


def test_texts_that_the_response_repeats_are_numbers() -> None:
    """A page that is documented as text without words is a number where the response repeats it beside its rows."""
    response = record(files=THINGS, paging=record(page=NUMBER, count=NUMBER, total=NUMBER))
    found = listed({"page": TEXT, "count": TEXT}, response, "/files")
    assert paging(found) == {
        "style": "page",
        "items": "files",
        "page": "page",
        "size": "count",
        "total": "paging.total",
    }
    assert len([each for each in found.made if each.kind == "number"]) == 2


@pytest.mark.parametrize(
    ("response", "items"),
    [
        (record(envelopeTemplates=THINGS, folders=THINGS, nextUri=TEXT, start=NUMBER), "envelopeTemplates"),
        (record(items=THINGS, parentTemplates=THINGS, nextUri=TEXT, start=NUMBER), "items"),
        (record(template=THING, comments=THINGS, paging=record(total=NUMBER)), None),
    ],
    ids=["named by the path", "the usual word", "a record with a list"],
)
def test_which_list(response: Any, items: str | None) -> None:
    """Of several lists the one that the path names is meant, after the usual words; beside a record none is."""
    found = paging(listed({"start": NUMBER, "count": NUMBER}, response, "/templates"))
    assert (found["items"] if isinstance(found, dict) else None) == items


def test_link_header() -> None:
    """A cursor that only a Link header carries is found."""
    found = listed({"after": TEXT}, THINGS, headers={"Link": {"schema": TEXT}})
    assert paging(found) == {"style": "cursor", "items": "", "cursor": "after", "next-header": "Link"}


@pytest.mark.parametrize(
    ("query", "response", "why"),
    [
        ({"limit": NUMBER}, record(id=TEXT, limit=NUMBER, remaining=NUMBER), "the response has no list"),
        ({"limit": NUMBER}, THINGS, "`limit` bounds the list, and no parameter leads to the next page"),
        ({"offset": NUMBER}, record(id=TEXT, name=TEXT, tags=THINGS), "`tags` is a field of one record"),
        (
            {"page": NUMBER},
            {"type": "array", "items": {"type": "array", "items": NUMBER}},
            "the rows are lists themselves",
        ),
        ({"cursor": TEXT}, record(data=THINGS), "nothing in the response gives the next `cursor`"),
        ({"after": NUMBER}, record(data=THINGS, more=FLAG), "nothing in the response gives the next `after`"),
        ({"page": NUMBER}, record(cats=THINGS, dogs=THINGS), "the response has several lists: cats, dogs"),
        ({"page": NUMBER}, {"oneOf": [THINGS, record(data=THINGS)]}, "the response is one of several schemas"),
        ({"page": NUMBER}, {}, "the response is not described"),
        ({"start": {"type": "integer", "minimum": 1}, "count": NUMBER}, THINGS, "`start` counts from 1, for which"),
    ],
    ids=[
        *("a rate", "no way on", "one record", "lists in lists", "no cursor", "a number for a text", "two lists"),
        *("union", "nothing", "from 1"),
    ],
)
def test_what_only_looks_like_paging_is_left(query: dict[str, Any], response: Any, why: str) -> None:
    """Parameters that look like paging, without a list that they page, are not guessed, and the report says why."""
    assert str(paging(listed(query, response))).startswith(why)


@pytest.mark.parametrize(
    "query",
    [
        {"page": {"type": "string", "enum": ["home", "about"]}},
        {"page": TEXT},
        {"after": {"type": "string", "format": "date-time"}},
        {"start": {"type": "string", "format": "date"}},
        {"filter": TEXT},
    ],
    ids=["a page of a site", "the name of a page", "a time", "a day", "a filter"],
)
def test_other_meanings_are_no_paging(query: dict[str, Any]) -> None:
    """A `page` that is the name of a page and an `after` that is a time are no paging at all."""
    assert paging(listed(query, THINGS)) is None


def test_a_search_by_post_is_left() -> None:
    """A POST is not paged, whatever its parameters are called."""
    assert paging(listed({"page": NUMBER}, THINGS, "/things/search", "post")) is None


def test_a_record_with_a_list_is_left() -> None:
    """A path that names one record is not paged by a `limit` alone."""
    found = listed({"limit": NUMBER}, record(data=THINGS), "/things/{id}")
    assert paging(found) == "the path names one record"


def test_a_stated_paging_is_never_guessed() -> None:
    """What an overlay has said of a list's paging stays."""
    operation = {
        "parameters": [{"name": "page", "in": "query", "schema": NUMBER}],
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": THINGS}}}},
        "x-accordant-pagination": {"style": "page", "items": "", "page": "page", "start": 5},
    }
    found = guess(document({"/things": {"get": operation}}))
    assert [each for each in found.made if each.kind == "paging"] == []


def test_numbers_that_are_documented_as_text() -> None:
    """A page size that is documented as text becomes a number where it is declared: inline, shared or at the path."""
    shared = {"name": "count", "in": "query", "description": "Number of results", "schema": TEXT}
    position = {"name": "start_position", "in": "query", "description": "The first of the items", "schema": TEXT}
    response = {"200": {"description": "", "content": {"application/json": {"schema": record(things=THINGS)}}}}
    operation = {"parameters": [{"$ref": "#/components/parameters/Count"}], "responses": response}
    found = guess(
        document(
            {"/things": {"parameters": [position], "get": operation}}, components={"parameters": {"Count": shared}}
        )
    )
    targets = {each.target: each.update for each in found.made if each.kind == "number"}
    assert targets == {
        "$['components']['parameters']['Count']": {"schema": {"type": "integer"}},
        "$.paths['/things'].parameters[?@.name == 'start_position']": {"schema": {"type": "integer"}},
    }
