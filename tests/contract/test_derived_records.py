"""Contract runs over derived sandboxes: what documents say twice, leave open or say of records inside of others."""

from __future__ import annotations

import copy
import json
from typing import Any

from accordant_contract.document.document import Document
from accordant_contract.document.values import Arguments, Exchange, Request, Response
from accordant_contract.judges.conformance import response_schema_conformance
from accordant_contract.judges.defaults import replaced_wholly
from accordant_contract.judges.writes import RecordReading, WriteTrial, read_after_write, same_record
from accordant_runtime import dumps
from accordant_sandbox import Sandbox

from .derived_target import facts, findings, key, probing, shows, takes, variable

NUMBER = {"type": "integer"}
TEXT = {"type": "string"}
FLAG = {"type": "boolean"}


def record(*required: str, **properties: Any) -> dict[str, Any]:
    """An object with these properties."""
    return {"type": "object", "required": list(required), "properties": properties}


def record_paths(kind: str, body: Any, row: Any, **more: Any) -> dict[str, Any]:
    """Records that are made, read and replaced."""
    one = {"parameters": [variable(kind, kind, NUMBER)], **key(kind), **more}
    return {
        f"/{kind}s": {"post": facts(f"make_{kind}", "create", kind, **takes(body), **shows(row), **key(None))},
        f"/{kind}s/{{{kind}}}": {
            "get": facts(f"read_{kind}", "get", kind, **one, **shows(row)),
            "put": facts(f"write_{kind}", "replace", kind, **one, **takes(body), **shows(row)),
        },
    }


def document_of(paths: dict[str, Any], schemas: dict[str, Any] | None = None) -> Document:
    """The document with these paths."""
    return Document("made", {"openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas or {}}}, "")


def shown(operation: str, value: Any, body: Any = None, method: str = "GET") -> Exchange:
    """An exchange whose response is a JSON value."""
    response = Response(200, (("content-type", "application/json"),), dumps(value))
    arguments = Arguments() if body is None else Arguments(body=body)
    return Exchange(operation, Request(method, "", (), b""), response, arguments)


# Alternatives

KINDS = {"enum": ["mail", "chat"], "type": "string"}
RECEIVERS: dict[str, Any] = {
    "Chat": record("id", "kind", "name", id=NUMBER, kind=KINDS, name=TEXT),
    "Mail": record("id", "kind", "name", "to", id=NUMBER, kind=KINDS, name=TEXT, to=TEXT),
    "NewChat": record("kind", "name", "hook", kind=KINDS, name=TEXT, hook=TEXT),
    "NewMail": record("kind", "name", "to", kind=KINDS, name=TEXT, to=TEXT),
}


def choice(mail: str, chat: str) -> dict[str, Any]:
    """One of two schemas, told apart by their kind."""
    places = {"chat": f"#/components/schemas/{chat}", "mail": f"#/components/schemas/{mail}"}
    alternatives = [{"$ref": place} for place in places.values()]
    return {"oneOf": alternatives, "discriminator": {"propertyName": "kind", "mapping": places}}


def test_a_record_is_the_alternative_that_its_discriminator_names() -> None:
    """A mail receiver has all that chat receivers have: it is one of the former, and is kept and shown as one."""
    receivers = record_paths("receiver", choice("NewMail", "NewChat"), choice("Mail", "Chat"))
    rows = {"type": "array", "items": choice("Mail", "Chat")}
    receivers["/receivers"]["get"] = facts("list_receivers", "list", "receiver", **shows(rows), **key(None))
    assert findings(receivers, RECEIVERS) == []
    with probing(receivers, RECEIVERS) as context:
        operations = context.session.document.operations
        sent = {"kind": "mail", "name": "a", "to": "b"}
        made = context.store.call(operations["make_receiver"], Arguments(body=sent))
        assert {**made.document, **sent} == made.document
        rows = context.store.call(operations["list_receivers"], Arguments()).document
        assert {each["kind"] for each in rows} == {"mail", "chat"}
        assert all("to" in each for each in rows if each["kind"] == "mail")


def test_a_response_is_held_to_the_alternative_that_it_names() -> None:
    """A response that fits two alternatives is none of the wrong ones: only what it says it is counts, and a kind
    that no mapping knows is left to the schemas."""
    paths = {"/receivers/{receiver}": {"get": facts("read", "get", "receiver", **shows(choice("Mail", "Chat")))}}
    document = document_of(paths, RECEIVERS)
    operation = document.operations["read"]
    mail = {"id": 1, "kind": "mail", "name": "a"}
    assert list(response_schema_conformance(operation, shown("read", {**mail, "to": "b"}))) == []
    assert list(response_schema_conformance(operation, shown("read", {**mail, "kind": "chat"}))) == []
    assert [each.check for each in response_schema_conformance(operation, shown("read", mail))] == [
        "response_schema_conformance"
    ]
    assert list(response_schema_conformance(operation, shown("read", {**mail, "kind": "fax", "to": "b"})))


def test_a_reference_into_a_choice_leads_there() -> None:
    """A schema that is named by its place in a choice is the one that it was, in a run and in a sandbox."""
    parts = {"Both": {"oneOf": [TEXT, NUMBER]}, "Second": {"$ref": "#/components/schemas/Both/oneOf/1"}}
    row = record("id", "count", id=NUMBER, count={"$ref": "#/components/schemas/Second"})
    paths = record_paths("box", record("count", count={"$ref": "#/components/schemas/Second"}), row)
    assert findings(paths, parts) == []
    operation = document_of(paths, parts).operations["read_box"]
    found = response_schema_conformance(operation, shown("read_box", {"id": 1, "count": "a"}))
    assert [each.path for each in found] == ["$.count"]


def test_a_body_may_fit_several_alternatives() -> None:
    """Where nothing tells alternatives apart, a request with the members of one is valid, though it fits the others."""
    source = {"oneOf": [record(git=record("url", url=TEXT)), record(chart=TEXT)]}
    body = record("name", "source", name=TEXT, source=source)
    row = record("id", "name", "source", id=NUMBER, name=TEXT, source=source)
    assert findings(record_paths("release", body, row)) == []
    with Sandbox.for_document(
        {"openapi": "3.1.0", "info": {"title": "Made", "version": "1"}, "paths": record_paths("release", body, row)}
    ) as sandbox:
        sent = {"name": "a", "source": {"git": {"url": "b"}}}
        base, headers = str(sandbox.credentials["base_url"]), [("Content-Type", "application/json")]
        assert sandbox.transport("POST", f"{base}/releases", headers, dumps(sent), 5.0)[0] == 200
        wrong = {"name": "a", "source": "none of them"}
        assert sandbox.transport("POST", f"{base}/releases", headers, dumps(wrong), 5.0)[0] != 200


# What a document says twice, or not at all


def test_a_member_that_is_required_and_not_described_is_sent() -> None:
    """A body that requires a member of which no property tells is made with any value for it; what a record shows
    under that name is not held against it."""
    body = record("name", "plan", name=TEXT)
    row = record("id", "name", "plan", id=NUMBER, name=TEXT, plan={"type": "string", "enum": ["free", "paid"]})
    paths = record_paths("account", body, row)
    assert findings(paths) == []
    operation = document_of(paths).operations["write_account"]
    sent = {"name": "a", "plan": "b"}
    assert not list(
        read_after_write(operation, WriteTrial(shown("write_account", {"id": 1, **sent, "plan": "c"}, sent)))
    )
    lost = shown("write_account", {"id": 1, **sent, "name": "c"}, sent)
    assert [each.path for each in read_after_write(operation, WriteTrial(lost))] == ["$.name"]


def test_a_default_of_the_body_is_what_becomes_of_a_field() -> None:
    """Where a body and a response have different defaults for a field, a record that was made without it shows that
    of the body, in its objects too."""
    engine = record("type", type=TEXT, settings={**TEXT, "default": "plain"})
    body = record("name", "engine", name=TEXT, size={**NUMBER, "default": 40}, engine=engine)
    shape = record("type", "settings", type=TEXT, settings=TEXT)
    row = record("id", "name", id=NUMBER, name=TEXT, size={**NUMBER, "default": 20}, engine=shape)
    assert findings(record_paths("cluster", body, row)) == []


def test_a_field_may_keep_the_default_of_the_record() -> None:
    """A replacement without a field leaves in it what the record has there by default, or nothing (a number's 0)."""
    body = record("name", name=TEXT, size=NUMBER)
    row = record("id", "name", id=NUMBER, name=TEXT, size={**NUMBER, "default": 10})
    operation = document_of(record_paths("disk", body, row)).operations["write_disk"]
    for size, count in ((10, 0), (20, 1), (0, 0)):
        kept = RecordReading({"id": 1, "name": "a", "size": size}, operation)
        written = shown("write_disk", kept.record, {"name": "a"}, "PUT")
        assert len(list(replaced_wholly(operation, written, kept, kept))) == count


def test_a_record_without_its_key_is_found_among_alternatives() -> None:
    """A record of one of several kinds that is shown without the asked key is another one; a key that none of its
    kinds has is not asked for."""
    one, other = record(id=NUMBER, colour=TEXT), record(id=NUMBER, weight=TEXT)
    for field, count in (("id", 1), ("code", 0)):
        given = {"parameters": [variable("thing", "thing", NUMBER)], **key("thing", field)}
        paths = {"/things/{thing}": {"get": facts("read", "get", "thing", **given, **shows({"oneOf": [one, other]}))}}
        operation = document_of(paths).operations["read"]
        assert len(list(same_record(operation, 7, RecordReading({"id": 8}, operation)))) == count


def test_a_reading_may_write_a_number_as_a_text() -> None:
    """Where one operation shows a field as a number and another as a text, as their schemas say, the same digits are
    the same value, and others are not."""
    paths = record_paths("visit", record("length", length=NUMBER), record("id", "length", id=NUMBER, length=NUMBER))
    paths["/visits/{visit}"]["get"] |= shows(record("id", "length", id=TEXT, length=TEXT))
    operations = document_of(paths).operations
    made = shown("make_visit", {"id": 1, "length": 30}, {"length": 30}, "POST")
    for length, count in (("30", 0), ("31", 1)):
        reading = RecordReading({"id": "1", "length": length}, operations["read_visit"])
        assert len(list(read_after_write(operations["make_visit"], WriteTrial(made, after=reading)))) == count
    assert findings(paths) == []


def test_a_list_may_write_the_number_of_a_key_as_a_text() -> None:
    """What was made under a number is found in a list that shows the same number as a text."""
    rows = {"type": "array", "items": record(keyid=TEXT, name=TEXT)}
    one = {"parameters": [variable("keyid", "key", NUMBER)], **key("keyid", "keyid")}
    paths = {
        "/keys": {
            "get": facts("list", "list", "key", **shows(rows), **key(None, "keyid")),
            "post": facts("make", "create", "key", **shows(record(keyid=NUMBER)), **key(None, "keyid")),
        },
        "/keys/{keyid}": {"delete": facts("drop", "delete", "key", **one)},
    }
    assert findings(paths) == []
    with probing(paths) as context:
        made = context.filler.make("key")
        found = context.reader.read(made) if made is not None else None
        assert made is not None
        assert found is not None
        assert (type(made.key), found.record["keyid"]) == (int, str(made.key))


def test_a_reading_shows_what_its_schema_has_room_for() -> None:
    """A field that is null in one response and a text in another, as their schemas say, is not held against either."""
    null = {"type": "null"}
    paths = record_paths("alert", record("name", name=TEXT), record("id", id=NUMBER, name=TEXT, owner=null))
    paths["/alerts/{alert}"]["get"] |= shows(record("id", id=NUMBER, name=TEXT, owner=TEXT))
    operations = document_of(paths).operations
    made = shown("make_alert", {"id": 1, "name": "a", "owner": None}, {"name": "a"}, "POST")
    for name, count in (("a", 0), ("b", 2)):
        reading = RecordReading({"id": 1, "name": name, "owner": "c"}, operations["read_alert"])
        assert len(list(read_after_write(operations["make_alert"], WriteTrial(made, after=reading)))) == count


# Records inside of others


def test_a_file_proves_nothing_of_what_was_written() -> None:
    """What is read as a file, and not as JSON, is not said to be gone after a write."""
    row = record("id", "name", id=NUMBER, name=TEXT)
    paths = record_paths("page", record("name", name=TEXT), row)
    file = {"200": {"description": "", "content": {"application/pdf": {"schema": {"type": "string"}}}}}
    read = paths["/pages/{page}"]["get"]
    read["responses"] = {**read["responses"], **file}
    assert findings(paths) == []


def _inside_of_two() -> dict[str, Any]:
    """Notes that two kinds of records are around, with a body that may name the other one."""
    row = record("id", "text", id=NUMBER, text=TEXT, shop={**NUMBER, "x-accordant-reference": "shop"})
    body = copy.deepcopy(record("text", text=TEXT, shop={**NUMBER, "x-accordant-reference": "shop"}))
    plain = record("id", id=NUMBER, name=TEXT)
    paths: dict[str, Any] = {}
    for kind in ("shop", "user"):
        owner = variable(kind, kind, NUMBER)
        inside = {"parameters": [owner, variable("note", "note", NUMBER)], **key("note")}
        paths |= record_paths(kind, record(name=TEXT), plain)
        paths[f"/{kind}s/{{{kind}}}/notes/{{note}}"] = {
            "get": facts(f"read_note_of_{kind}", "get", "note", **inside, **shows(row)),
            "put": facts(f"write_note_of_{kind}", "replace", "note", **inside, **takes(body), **shows(row)),
        }
        paths[f"/{kind}s/{{{kind}}}/notes/{{note}}/words"] = {
            "get": facts(f"words_of_{kind}", "custom", "word", parameters=inside["parameters"], **shows(record(w=TEXT)))
        }
    return paths


def test_a_write_leaves_a_record_where_it_is() -> None:
    """A body names no other owner of a record than the one that it is inside of, and it is found below both after."""
    assert findings(_inside_of_two()) == []


def test_a_body_moves_no_record_out_of_the_owner_that_its_path_names() -> None:
    """A sandbox keeps a record below the owner by which it was changed, whatever the body says of it."""
    document = {"openapi": "3.1.0", "info": {"title": "Made", "version": "1"}, "paths": _inside_of_two()}
    with Sandbox.for_document(document) as sandbox:
        note = next(iter(sandbox.state.notes.all()))
        base, headers = str(sandbox.credentials["base_url"]), [("Content-Type", "application/json")]
        place = f"{base}/shops/{note['shop']}/notes/{note['id']}"
        other = next(each["id"] for each in sandbox.state.shops.all() if each["id"] != note["shop"])
        assert sandbox.transport("PUT", place, headers, dumps({"text": "a", "shop": other}), 5.0)[0] == 200
        assert sandbox.transport("GET", place, headers, b"", 5.0)[0] == 200


def test_a_path_names_records_that_belong_together() -> None:
    """The records that a path names come from one that leads through it, and not each on its own."""
    with probing(_inside_of_two()) as context:
        operation = context.session.document.operations["words_of_shop"]
        newest = context.filler.make("shop")
        arguments = context.filler.arguments(operation)
        assert newest is not None
        assert arguments is not None
        assert arguments.path["shop"] != newest.key
        assert context.store.call(operation, arguments).success


def test_what_was_known_to_be_around_a_record_stays_known() -> None:
    """A response that shows a record below one of its owners does not make the run forget the others."""
    with probing(_inside_of_two()) as context:
        operation = context.session.document.operations["read_note_of_user"]
        (first, *_) = context.store.known("note")
        around = {"shop", "user"}
        assert set(first.context) == around
        arguments = context.filler.arguments(operation, first)
        assert arguments is not None
        context.store.call(operation, arguments)
        assert [set(each.context) for each in context.store.known("note") if each.key == first.key] == [around]


def test_made_up_records_are_not_taken_for_kept_ones() -> None:
    """What a sandbox makes up for an operation is no record that another one could find."""
    cluster = record("id", "name", id={"type": "string", "format": "uuid"}, name=TEXT)
    paths = record_paths("cluster", record("name", name=TEXT), cluster)
    for each in paths["/clusters/{cluster}"].values():
        each["parameters"] = [variable("cluster", "cluster", {"type": "string", "format": "uuid"})]
    paths["/status"] = {"get": facts("status", "custom", "cluster", **shows(cluster))}
    with probing(paths) as context:
        before = [each.key for each in context.store.known("cluster")]
        operation = context.session.document.operations["status"]
        assert context.store.call(operation, Arguments()).success
        assert [each.key for each in context.store.known("cluster")] == before


def test_rows_are_known_by_the_key_of_their_records() -> None:
    """A list that knows its rows by another field than the one in which records show their key has the key in both."""
    uuid = {"type": "string", "format": "uuid"}
    row = record("id", "name", id=uuid, name=TEXT)
    paths = record_paths("cluster", record("name", name=TEXT), row)
    for each in paths["/clusters/{cluster}"].values():
        each["parameters"] = [variable("cluster", "cluster", uuid)]
    listed = {"type": "array", "items": record("cluster_id", cluster_id=uuid, name=TEXT)}
    paths["/fleet"] = {"get": facts("fleet", "list", "cluster", **shows(listed), **key(None, "cluster_id"))}
    assert findings(paths) == []
    with probing(paths) as context:
        operation = context.session.document.operations["fleet"]
        rows = operation.rows(context.store.call(operation, Arguments()).document)
        assert rows is not None
        assert {each["cluster_id"] for each in rows} == {each.key for each in context.store.known("cluster")}


def test_an_action_shows_nothing_that_its_response_has_not() -> None:
    """What a client sends inside of an object, and the response's schema does not have there, is not shown again."""
    secret = record("key", "secret", key=TEXT, secret=TEXT)
    body, row = record("login", login=secret), record("login", login=record("key", key=TEXT))
    document = {"openapi": "3.1.0", "info": {"title": "Made", "version": "1"}}
    paths = {"/provider": {"put": facts("set_provider", "custom", "provider", **takes(body), **shows(row))}}
    with Sandbox.for_document({**document, "paths": paths}) as sandbox:
        base, headers = str(sandbox.credentials["base_url"]), [("Content-Type", "application/json")]
        sent = dumps({"login": {"key": "a", "secret": "b"}})
        _, _, content = sandbox.transport("PUT", f"{base}/provider", headers, sent, 5.0)
    assert json.loads(content) == {"login": {"key": "a"}}


def test_what_comes_after_a_key_is_no_record() -> None:
    """An operation on a part of a record, which its path names after the record's key, leaves the record alone."""
    paths = record_paths("stamp", record("name", name=TEXT), record("id", "name", id=NUMBER, name=TEXT))
    side = {"name": "side", "in": "path", "required": True, "schema": TEXT}
    given = {"parameters": [variable("stamp", "stamp", NUMBER), side]}
    paths["/stamps/{stamp}/{side}"] = {
        "get": facts("read_side", "custom", "stamp", **given, **shows(record(picture=TEXT))),
        "delete": facts("drop_side", "custom", "stamp", **given),
    }
    assert findings(paths) == []
