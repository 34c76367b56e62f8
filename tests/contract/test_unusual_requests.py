"""Requests that public documents ask for: files as whole bodies, forms without a list, XML, names with blanks."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from attrs import define

from accordant_contract.document.document import Document, Operation
from accordant_contract.document.forms import may_be_allowed, written
from accordant_contract.document.policy import Policy
from accordant_contract.document.values import Arguments, Exchange, Finding, Part, Request, Response
from accordant_contract.fuzz.excuses import excuses
from accordant_contract.fuzz.expected_rejections import ExpectedRejections, leads_elsewhere
from accordant_contract.judges.defaults import replaced_wholly
from accordant_contract.judges.writes import RecordReading
from accordant_contract.records.selection import under_its_key
from accordant_contract.target.clients import keywords
from accordant_contract.target.request_builder import build
from accordant_runtime import UNSET, Body, Entity, Lazy, Model, Unset, Upload, string
from accordant_runtime import Operation as Generated

TEXT = {"type": "string"}
PET: dict[str, Any] = {
    "type": "object",
    "required": ["photos"],
    "properties": {"id": {"type": "integer"}, "name": TEXT, "photos": {"type": "array", "items": TEXT}},
}


def document(shown: Any = PET, **bodies: Any) -> Document:
    """Changes of a user with these bodies: a media type and its schema; and what they show."""
    paths: dict[str, Any] = {}
    for name, (kind, schema) in bodies.items():
        paths[f"/{name}/{{name}}"] = {
            "put": {
                "operationId": name,
                "x-accordant-entity": "user",
                "x-accordant-action": "replace",
                "x-accordant-key": {"parameter": "name", "field": "name"},
                "parameters": [{"name": "name", "in": "path", "required": True, "schema": TEXT}],
                "requestBody": {"content": {kind: {"schema": schema}}},
                "responses": {
                    "200": {"description": "", "content": {"application/json": {"schema": shown}}},
                    "400": {"description": ""},
                },
            }
        }
    return Document("made", {"openapi": "3.1.0", "info": {}, "paths": paths}, "")


def operation(kind: str, schema: Any = PET, shown: Any = PET) -> Operation:
    """One such change."""
    return document(shown, change=(kind, schema)).operations["change"]


def sent(kind: str, body: Any) -> tuple[ExpectedRejections, Exchange]:
    """What knows why a refusal may be right, and a refused change."""
    found = document(change=(kind, PET))
    request = Request("PUT", "http://a.test/change/a", (("content-type", f"{kind}; charset=utf-8"),), b"")
    exchange = Exchange("change", request, Response(400, (), b""), Arguments({"name": "a"}, body=body))
    return ExpectedRejections(found, Policy(), {"user": {"a"}}), exchange


def test_a_file_is_a_whole_body() -> None:
    """A body that is one file travels as its bytes, under the media type that the document has."""
    upload = operation("application/octet-stream", {**TEXT, "format": "binary"})
    request = build(upload, Arguments({"name": "a"}, body=Part("a.txt", "text/plain", b"\x00a")), "http://a.test", ())
    assert request.body == b"\x00a"
    assert ("Content-Type", "application/octet-stream") in request.headers


def test_several_files_are_uploads_each() -> None:
    """The client gets a list of files as a list of uploads, each under its name."""
    body = Body("multipart/form-data", "multipart", parts={"files": "files"}, files=("files",))
    call: Generated[Any] = Generated("add", "POST", "/voices", "voices", "add", Entity("voice", "create"), body=body)
    parts = [Part(f"{name}.wav", "audio/wav", name.encode()) for name in "ab"]
    given = keywords(call, Arguments(body={"name": "Ann", "files": parts}))
    assert given == {"name": "Ann", "files": [Upload(each.content, each.filename, each.media_type) for each in parts]}


def test_a_form_cannot_say_an_empty_list() -> None:
    """A form that lacks a required list may be refused, since an empty one leaves no trace in it; JSON can say it."""
    rejections, exchange = sent("application/x-www-form-urlencoded", {"name": "a"})
    assert rejections.refusal(exchange) == "an empty list, which a form cannot say"
    rejections, exchange = sent("application/x-www-form-urlencoded", {"name": "a", "photos": []})
    assert rejections.refusal(exchange) == "an empty list, which a form cannot say"
    rejections, exchange = sent("application/x-www-form-urlencoded", {"name": "a", "photos": "b"})
    assert rejections.refusal(exchange) != "an empty list, which a form cannot say"


def test_xml_cannot_say_an_empty_list() -> None:
    """A body that is an empty list is none at all in XML, and may be refused; with an item in it there is no excuse."""
    for body, excused in (([], True), ([PET], False)):
        rejections, exchange = sent("text/xml", body)
        assert (rejections.refusal(exchange) == "an empty list, of which XML has nothing to write") is excused


def test_xml_is_not_judged_as_json() -> None:
    """That a forbidden value is accepted proves nothing where it travels as XML: it may be an allowed one there."""
    for kind, proves_nothing in (("application/xml", True), ("text/xml", True), ("application/json", False)):
        rejections, exchange = sent(kind, {"name": 1})
        assert rejections.acceptance(exchange) is proves_nothing, kind


def test_a_change_calls_its_record_as_the_path_does() -> None:
    """The body of a change has the key that the path names, where it has that field; a body without it gets none."""
    change = operation("application/json")
    assert under_its_key(change, "a", {"name": "b", "photos": []}) == {"name": "a", "photos": []}
    assert under_its_key(change, "a", {"photos": []}) == {"photos": []}
    assert under_its_key(change, "a", ["b"]) == ["b"]


def test_a_replaced_record_keeps_its_id() -> None:
    """A replacement leaves no property that it did not carry; an id may stay, and another property of that name."""
    own: dict[str, Any] = {"id": {"type": "integer"}, "color": TEXT}
    change = operation(
        "application/json",
        {"type": "object", "properties": {**own, "size": {"type": "number"}}},
        {"type": "object", "properties": {**own, "size": {"type": "object"}}},
    )
    request = Request("PUT", "http://a.test/change/a", (), b"")
    exchange = Exchange("change", request, Response(200, (), b""), Arguments({"name": "a"}, body={}))

    def kept(**record: Any) -> list[str]:
        reading = RecordReading(record, change)
        return [each.message.split()[0] for each in replaced_wholly(change, exchange, reading, reading)]

    assert kept(id=5, size={"value": 1}, color="red") == ["color"]


def test_a_document_without_a_404() -> None:
    """A 4xx that a document has says that a record is not there, where it has no 404, 4XX or default for that."""
    data = copy.deepcopy(dict(document(change=("application/json", PET)).data))
    item = data["paths"].pop("/change/{name}")
    inside = {"name": "shop", "in": "path", "required": True, "schema": TEXT, "x-accordant-reference": "shop"}
    item["put"]["parameters"] = [inside, {**item["put"]["parameters"][0], "x-accordant-reference": "user"}]
    data["paths"]["/shops/{shop}/change/{name}"] = item
    request = Request("PUT", "http://a.test/shops/s/change/a", (), b"")
    given = Arguments({"shop": "s", "name": "a"}, body={"photos": []})
    refused = Exchange("change", request, Response(400, (), b""), given)

    def reason() -> str | None:
        return ExpectedRejections(Document("made", data, ""), Policy(), {"user": {"a"}, "shop": {"s"}}).refusal(refused)

    assert reason() == "one record that it names may not be inside of the other, and the document has no 404"
    item["put"]["responses"]["404"] = {"description": ""}
    assert reason() is None


@define(kw_only=True)
class Named(Model):
    """A model whose attributes are called otherwise than its fields."""

    with_default: str | Unset = UNSET


Named.WIRE = {"with_default": ("binary (with default)", string)}


def test_arguments_of_fields_with_blanks() -> None:
    """A field called `binary (with default)` reaches the client's argument for it."""
    made: Generated[Any] = Generated(
        "change",
        "PUT",
        "/change",
        "users",
        "change",
        Entity("user", "replace"),
        body=Body(model=Lazy(__name__, "Named")),
    )
    assert keywords(made, Arguments(body={"binary (with default)": "a"})) == {"with_default": "a"}


def test_a_file_in_a_body_of_an_unknown_media_type_is_some_text() -> None:
    """A body of a media type that nobody knows is written as a text, with a word in the place of a file."""
    operation = document(send=("application/x-form", {"type": "object"})).operations["send"]
    assert written(operation, {"file": Part("a.txt", "text/plain", b"a")}) == '{"file":"file"}'


@pytest.mark.parametrize(
    ("asked", "elsewhere"),
    [("?full=true&id=7", False), ("?id=7", True), ("?full=false&id=7", True), ("?full=true", True)],
)
def test_a_path_without_what_it_says_behind_its_query_is_another(asked: str, elsewhere: bool) -> None:
    """Where a document tells paths apart by a query, a request without it is none of that operation's."""
    get = {"operationId": "full", "responses": {"200": {"description": ""}}}
    paths = {"/templates?full=true&id={id}": {"get": get}}
    known = Document("made", {"openapi": "3.1.0", "paths": paths}, "").operations["full"]
    request = Request("GET", f"http://a.test/templates{asked}#full=true", (), b"")
    assert leads_elsewhere(known, Exchange("full", request, None, Arguments())) is elsewhere


@pytest.mark.parametrize(("value", "elsewhere"), [({"id": "a/b"}, True), ({"id": "ab"}, False), ("a/b", False)])
def test_a_path_that_holds_an_object_may_be_another(value: object, elsewhere: bool) -> None:
    """What a link gives to a path as an object is written unescaped: with a slash in it the path is another one."""
    get = {"operationId": "find", "responses": {"200": {"description": ""}}}
    known = Document("made", {"openapi": "3.1.0", "paths": {"/bills/{id}": {"get": get}}}, "").operations["find"]
    exchange = Exchange("find", Request("GET", f"http://a.test/bills/{value}", (), b""), None, Arguments({"id": value}))
    assert leads_elsewhere(known, exchange) is elsewhere


@pytest.mark.parametrize(("key", "alike"), [(4.5, True), ("a.b", True), ("seven", False)])
def test_a_value_that_runs_into_the_next_one_looks_like_a_shorter_one(key: object, alike: bool) -> None:
    """Of `{id}.{format}` nobody can tell that an id had a dot: that it was accepted proves nothing."""
    responses = {"200": {"description": ""}, "400": {"description": ""}}
    paths = {"/tags/{id}.{format}": {"get": {"operationId": "find", "responses": responses}}}
    document = Document("made", {"openapi": "3.1.0", "paths": paths}, "")
    request = Request("GET", f"http://a.test/tags/{key}.json", (), b"")
    exchange = Exchange("find", request, Response(200, (), b""), Arguments({"id": key, "format": "json"}))
    assert ExpectedRejections(document, Policy(), {}).acceptance(exchange) is alike


@pytest.mark.parametrize(("part", "allowed"), [({"type": "string"}, True), ({"type": "integer"}, False)])
def test_an_object_in_a_form_is_some_text(part: dict[str, Any], allowed: bool) -> None:
    """A part of a form that is a text, or a file, takes an object: it is written as one. A number takes none."""
    schema = {"type": "object", "properties": {"file": {"type": "array", "items": part}}}
    upload = operation("multipart/form-data", schema)
    assert may_be_allowed(upload, "multipart/form-data", {"file": {"a": 1}}) is allowed


def test_what_was_made_is_no_record_of_another_kind() -> None:
    """That a story was made says nothing of a file which has its key; a story with that key has to be there."""

    def facts(name: str, entity: str, key: str | None, **more: Any) -> dict[str, Any]:
        known = {"name": key, "in": "path", "required": True, "schema": TEXT}
        stated = {"x-accordant-key": {"parameter": key, "field": "id"}, "parameters": [known]} if key else {}
        responses = {"200": {"description": ""}, "404": {"description": ""}}
        return {"operationId": name, "responses": responses, "x-accordant-entity": entity, **stated, **more}

    paths = {
        "/stories": {"post": facts("make", "story", None, **{"x-accordant-action": "create"})},
        "/stories/{id}": {"get": facts("read", "story", "id")},
        "/stories/{id}/files/{file}": {"get": facts("open", "file", "file")},
    }
    document = Document("made", {"openapi": "3.1.0", "paths": paths}, "")
    rejections = ExpectedRejections(document, Policy(), {})
    request = Request("POST", "http://a.test/stories", (), b"")
    headers = (("Content-Type", "application/json"),)
    made = Exchange("make", request, Response(200, headers, b'{"id": "a"}'), Arguments(body={"id": "a"}))

    def misread(name: str, **path: str) -> bool:
        last = Exchange(name, request, Response(404, (), b""), Arguments(dict(path)))
        return rejections.misread(Finding("ensure_resource_availability", name, "", exchanges=(made, last)))

    assert not misread("read", id="a")
    assert misread("open", id="a", file="a")


@pytest.mark.parametrize(("failures", "excused"), [({}, True), ({"400": {"description": ""}}, False)])
def test_who_lacks_a_credential_may_be_told_without_a_word_in_the_document(
    failures: dict[str, Any], excused: bool
) -> None:
    """A 401 is no undocumented status at a secured operation that lists no failure at all."""
    responses = {"200": {"description": ""}, **failures}
    post: dict[str, Any] = {"operationId": "in", "security": [{"key": []}], "responses": responses}
    known = Document("made", {"openapi": "3.1.0", "paths": {"/in": {"post": post}}}, "").operations["in"]
    seen = Exchange("in", Request("POST", "http://a.test/in", (), b""), Response(401, (), b""), Arguments())
    assert ("status_code_conformance" in excuses(known, seen, refused=False, accepted=False)) is excused
