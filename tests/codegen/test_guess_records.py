"""Guesses about records: actions, envelopes, keys, references, success codes and idempotency."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_codegen.guess.guess import Guesses, guess
from tests.codegen.ruled import document

TEXT, FLAG = {"type": "string"}, {"type": "boolean"}


def record(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def rows(item: Any) -> dict[str, Any]:
    return {"type": "array", "items": item}


THING = record(id=TEXT, name=TEXT)
SECRET = {**THING["properties"], "secret": TEXT}


def returns(schema: Any = None, status: str = "200", **parts: Any) -> dict[str, Any]:
    """An operation with one success."""
    content = {} if schema is None else {"content": {"application/json": {"schema": schema}}}
    return {"responses": {status: {"description": "", **content}}, **parts}


def made(found: Guesses, kind: str) -> dict[str, Any]:
    """The guesses of one kind by the place that they are about."""
    return {each.target.removeprefix("$.paths"): each.update for each in found.made if each.kind == kind}


def left(found: Guesses, kind: str) -> list[str]:
    return [each.why for each in found.left if each.kind == kind]


class TestActions:
    def test_lists_without_pages(self) -> None:
        """A GET that returns the list which its path names is a list, bare or in an envelope."""
        found = guess(
            document(
                {
                    "/things": {"get": returns(rows(THING))},
                    "/users/{id}/cats": {"get": returns(record(cats=rows(THING), status=TEXT))},
                    "/words": {"get": returns(rows(TEXT))},
                    "/config": {"get": returns(record(name=TEXT, owners=rows(THING)))},
                }
            )
        )
        listed = {"x-accordant-action": "list"}
        assert made(found, "action") == {"['/things'].get": listed, "['/users/{id}/cats'].get": listed}
        assert made(found, "envelope") == {"['/users/{id}/cats'].get": {"x-accordant-envelope": "cats"}}

    def test_a_list_with_company_is_left(self) -> None:
        """A list beside which the response has data of the vendor's stays as it is: an envelope would hide that."""
        found = guess(document({"/things": {"get": returns(record(things=rows(THING), balance=TEXT))}}))
        assert found.made == ()
        assert left(found, "list") == ["`things` is a field of one record"]

    @pytest.mark.parametrize(
        ("paths", "place", "action"),
        [
            (
                {"/a/{a}/things": {"post": returns(THING, "201")}, "/a/{a}/things/{id}": {"get": returns(THING)}},
                "['/a/{a}/things'].post",
                "create",
            ),
            ({"/auth/login": {"post": returns(record(token=TEXT))}}, "['/auth/login'].post", "custom"),
            (
                {"/things/{id}": {"get": returns(THING), "post": returns(THING, requestBody={"content": {}})}},
                "['/things/{id}'].post",
                "update",
            ),
            (
                {
                    "/apps/{app}/secrets": {"get": returns(rows(THING)), "post": returns(record(**SECRET), "201")},
                    "/secrets/{id}": {"delete": returns(None, "204")},
                },
                "['/apps/{app}/secrets'].post",
                "create",
            ),
        ],
        ids=["below a record", "no collection", "change by POST", "beside a list"],
    )
    def test_posts(self, paths: dict[str, Any], place: str, action: str) -> None:
        """What a POST does is told from the operations at and below its path."""
        assert made(guess(document(paths)), "action")[place] == {"x-accordant-action": action}

    @pytest.mark.parametrize(
        "post",
        [
            returns(THING),
            returns(record(id=TEXT, colour=TEXT), "201"),
            returns(THING, "201", requestBody={"content": {"application/json": {"schema": record(thing_id=TEXT)}}}),
        ],
        ids=["nothing is created", "another kind of record", "one that is there already"],
    )
    def test_a_post_beside_a_list_that_makes_none_of_its_rows(self, post: dict[str, Any]) -> None:
        """A POST beside a list is no creation where it shows no new row of that list."""
        wide = record(id=TEXT, name=TEXT, size=TEXT, place=TEXT, owner=TEXT)
        paths = {"/apps/{app}/things": {"get": returns(rows(wide)), "post": post}}
        assert "['/apps/{app}/things'].post" not in made(guess(document(paths)), "action")

    def test_searches_may_be_repeated(self) -> None:
        """A POST to `search` makes nothing, and may be sent again."""
        found = guess(document({"/things/search": {"post": returns(rows(THING))}}))
        expected = {"x-accordant-action": "custom", "x-accordant-idempotent": True}
        assert made(found, "action") == {"['/things/search'].post": expected}

    def test_what_the_path_says_already_is_no_guess(self) -> None:
        """Where method and path decide alone, nothing is guessed."""
        thing = {"get": returns(THING), "delete": returns(None, "204")}
        found = guess(document({"/things": {"post": returns(THING, "201")}, "/things/{id}": thing}))
        assert made(found, "action") == {}


class TestEnvelopes:
    @pytest.mark.parametrize(
        ("response", "envelope"),
        [
            (record(thing=THING), "thing"),
            (record(data=THING, success=FLAG), "data"),
            (record(data=record(thing=THING)), "data.thing"),
            (record(id=TEXT, data=record(colour=TEXT)), None),
            (record(thing=THING, owner=THING), None),
            (THING, None),
            ({"oneOf": [record(data=THING), record(error=TEXT)]}, None),
        ],
        ids=["its name", "data", "two deep", "a record with data", "two records", "bare", "a choice"],
    )
    def test_records(self, response: Any, envelope: str | None) -> None:
        """A record is unwrapped where one property holds it, and nothing but the state of the response beside it."""
        found = made(guess(document({"/things/{id}": {"get": returns(response)}})), "envelope")
        assert [each["x-accordant-envelope"] for each in found.values()] == ([envelope] if envelope else [])

    def test_an_envelope_that_a_whole_document_has(self) -> None:
        """What stands beside the data in responses about three kinds of records describes the response, whatever
        it is called; beside the data of one kind it may be the vendor's own."""

        def wrapped(*names: str) -> dict[str, Any]:
            records = {name: record(id=TEXT, **{f"{name}_name": TEXT}) for name in names}
            return {
                f"/{name}s/{{id}}": {"get": returns(record(data=row, service=TEXT, operation=TEXT))}
                for name, row in records.items()
            }

        found = made(guess(document(wrapped("cat", "dog", "cow"))), "envelope")
        assert set(found) == {"['/cats/{id}'].get", "['/dogs/{id}'].get", "['/cows/{id}'].get"}
        assert not made(guess(document(wrapped("cat", "dog"))), "envelope")

    def test_a_stated_envelope_that_the_document_lacks(self) -> None:
        """Where an overlay states an envelope and the record is documented bare, its key is still found."""
        found = guess(document({"/things/{thing_id}": {"get": returns(THING, **{"x-accordant-envelope": "thing"})}}))
        assert list(made(found, "key").values()) == [{"x-accordant-key": {"parameter": "thing_id", "field": "id"}}]


class TestKeys:
    @pytest.mark.parametrize(
        ("variable", "response", "field"),
        [
            ("thing_id", THING, "id"),
            ("ThingSid", record(sid=TEXT), "sid"),
            ("uid", record(thingUid=TEXT), "thingUid"),
            ("external_thing_id", record(id=TEXT, external_id=TEXT), "external_id"),
            ("id", record(name=TEXT, key=TEXT), "key"),
            ("thing_id", record(guid=TEXT, key=TEXT), "guid"),
            ("code", record(code=TEXT), None),
        ],
        ids=["id", "sid", "entity and sid", "external", "no id but a key", "no id but a guid", "as the path says"],
    )
    def test_fields(self, variable: str, response: Any, field: str | None) -> None:
        """The path variable of a record is matched with the field that holds it, unless both are called alike."""
        found = made(guess(document({f"/things/{{{variable}}}": {"get": returns(response)}})), "key")
        keys = [each["x-accordant-key"] for each in found.values()]
        assert keys == ([{"parameter": variable, "field": field}] if field else [])

    @pytest.mark.parametrize(
        ("variable", "field"),
        [("thingIdOrAlias", "ThingId"), ("name_or_id", "Id"), ("thing_id_or_slug", "Id"), ("alias-or-slug", "Slug")],
    )
    def test_a_path_that_takes_one_of_two_keys(self, variable: str, field: str) -> None:
        """A variable that is called after two keys (`thingIdOrAlias`) carries the one that is more of an id."""
        thing = record(**dict.fromkeys(("Name", "Alias", field), TEXT))
        found = guess(document({f"/things/{{{variable}}}": {"get": returns(thing)}}))
        key = {"parameter": variable, "field": field}
        assert made(found, "key") == {f"['/things/{{{variable}}}'].get": {"x-accordant-key": key}}

    def test_a_deletion_knows_the_key_of_its_path(self) -> None:
        """A deletion shows no record: it has the key that the other operations on its path have."""
        found = guess(document({"/things/{thing_id}": {"get": returns(THING), "delete": returns(None, "204")}}))
        key = {"x-accordant-key": {"parameter": "thing_id", "field": "id"}}
        assert made(found, "key") == {"['/things/{thing_id}'].get": key, "['/things/{thing_id}'].delete": key}

    @pytest.mark.parametrize(("shown", "field"), [("thingId", None), ("ref", "ref")])
    def test_a_change_has_the_key_that_reading_shows(self, shown: str, field: str | None) -> None:
        """A change that shows an `id`, but not the key that the path is called after, knows its record by that key."""
        variable = shown if field is None else "thingRef"
        changed = {"put": returns(record(id=TEXT, name=TEXT)), "get": returns(record(**{shown: TEXT, "name": TEXT}))}
        found = made(guess(document({f"/things/{{{variable}}}": changed})), "key")
        keys = {each["x-accordant-key"]["field"] for each in found.values()}
        assert keys == ({field} if field else set())

    @pytest.mark.parametrize("method", ["put", "delete"])
    @pytest.mark.parametrize(
        ("variable", "row", "field"),
        [("thingId", THING, "id"), ("ownerEmail", record(id=TEXT, email=TEXT), "email"), ("top", THING, None)],
    )
    def test_without_a_record_the_list_above_says_what_the_key_is(
        self, method: str, variable: str, row: Any, field: str | None
    ) -> None:
        """An operation whose response shows no record knows it by the field of the rows above it that is called like
        its variable, or like the end of that."""
        above = {"/a/{a}/things": {"get": returns(rows(row))}}
        found = made(guess(document({**above, f"/a/{{a}}/things/{{{variable}}}": {method: returns()}})), "key")
        keys = [each["x-accordant-key"]["field"] for each in found.values() if "parameter" in each["x-accordant-key"]]
        assert keys == ([field] if field else [])

    def test_the_outcome_of_a_deletion_says_nothing_of_the_key(self) -> None:
        """A deletion that shows a `uid` and no `id` does not know its record by that."""
        gone = {"delete": returns(record(uid=TEXT, state=TEXT)), "get": returns(THING)}
        assert made(guess(document({"/things/{id}": gone})), "key") == {}

    def test_paths_elsewhere_say_what_the_key_of_a_kind_is(self) -> None:
        """A change or a deletion at another path knows its record by the field that the reading of the kind shows."""
        outcome, cats = returns(record(status=TEXT, at=TEXT)), {"x-accordant-entity": "cat"}
        found = guess(
            document(
                {
                    "/data/cats/{cat_id}": {"get": returns(record(number=TEXT, id=TEXT), **cats)},
                    "/push/cats/{catId}": {"put": {**outcome, **cats}, "delete": returns(None, "204", **cats)},
                    "/push/cats/{other}": {"patch": {**outcome, **cats}},
                }
            )
        )
        keys = {place: each["x-accordant-key"] for place, each in made(found, "key").items()}
        assert keys["['/push/cats/{catId}'].put"] == {"parameter": "catId", "field": "id"}
        assert keys["['/push/cats/{catId}'].delete"] == {"parameter": "catId", "field": "id"}
        assert "['/push/cats/{other}'].patch" not in keys

    def test_a_key_that_no_field_holds_is_left(self) -> None:
        """Where no field is called like the path variable, the report says so."""
        found = guess(document({"/things/{uuid}": {"get": returns(record(uri=TEXT))}}))
        assert made(found, "key") == {}
        assert left(found, "key") == ["no field of the record is called like `uuid` or `id`"]

    def test_alternatives_have_their_key_in_common(self) -> None:
        """A record that is one of several schemas is known by the field that each of them has."""
        choice = {"oneOf": [record(id=TEXT, colour=TEXT), record(id=TEXT, weight=TEXT)]}
        found = guess(document({"/things/{thing_id}": {"get": returns(choice)}}))
        assert list(made(found, "key").values()) == [{"x-accordant-key": {"parameter": "thing_id", "field": "id"}}]

    @pytest.mark.parametrize(("variable", "found"), [("{thing_name}", {"field": "name"}), ("{other}", None)])
    def test_rows_are_known_as_the_paths_below_say(self, variable: str, found: dict[str, str] | None) -> None:
        """A list without an `id` knows its records by what the operations on one record call them; a creation may show
        its record under another name, which its response tells."""
        thing = record(name=TEXT, colour=TEXT)
        both = {"get": returns(rows(thing)), "post": returns(thing, "201")}
        guessed = made(guess(document({"/things": both, f"/things/{variable}": {"get": returns(thing)}})), "key")
        keys = [guessed.get(f"['/things'].{method}", {}).get("x-accordant-key") for method in both]
        assert keys == [found, None]

    def test_the_key_of_a_row_is_not_that_of_the_path(self) -> None:
        """A list of what is inside of a record says nothing of the key of that record."""
        paging = {"x-accordant-pagination": {"style": "offset", "offset": "start", "items": ""}}
        start = {"name": "start", "in": "query", "schema": {"type": "integer"}}
        listing = {**returns(rows(record(uid=TEXT))), "parameters": [start], **paging}
        paths = {"/folders/{folder_id}": {"get": listing, "delete": returns(None, "204")}}
        assert "['/folders/{folder_id}'].delete" not in made(guess(document(paths)), "key")

    @pytest.mark.parametrize(("variable", "field"), [("keyid", "keyid"), ("other", "key")])
    def test_a_row_is_known_by_the_very_name_that_the_paths_below_have(self, variable: str, field: str) -> None:
        """A row, or a new record, with several fields that are called like keys has the one that paths name."""
        shown = record(key=TEXT, keyid=TEXT)
        paths = {
            "/keys": {"get": returns(rows(shown)), "post": returns(shown, "201")},
            f"/keys/{{{variable}}}": {"delete": returns()},
        }
        found = made(guess(document(paths)), "key")
        keys = [found[place]["x-accordant-key"]["field"] for place in ("['/keys'].get", "['/keys'].post")]
        assert keys == [field, field]

    def test_a_row_is_not_known_by_what_no_path_takes(self) -> None:
        """Where the paths want another format than the field of that name has, nothing says which field they mean."""
        thing = record(code=TEXT, lago_id={**TEXT, "format": "uuid"})
        one = {"name": "code", "in": "path", "required": True, "schema": {**TEXT, "format": "uuid"}}
        paths = {"/things": {"get": returns(rows(thing))}, "/things/{code}": {"get": returns(thing, parameters=[one])}}
        assert "['/things'].get" not in made(guess(document(paths)), "key")

    @pytest.mark.parametrize(("path", "keyed"), [("/things/list{thing_name}", False), ("/things/{thing_name}", True)])
    def test_a_key_is_a_whole_segment(self, path: str, keyed: bool) -> None:
        """A variable behind other text, such as a file's extension, names no record."""
        found = guess(document({path: {"get": returns(record(name=TEXT))}}))
        assert bool(made(found, "key")) is keyed


class TestParts:
    def test_what_comes_after_a_key_is_a_part(self) -> None:
        """An operation whose path goes on after the key of a record, with what is no key, is about a part of it."""
        one = {"get": returns(THING), "delete": returns(None, "204")}
        part = {"put": returns(THING), "delete": returns(None, "204")}
        found = guess(document({"/things/{thing_id}": one, "/things/{thing_id}/{side}": part}))
        custom = {"x-accordant-action": "custom"}
        assert made(found, "action") == {
            "['/things/{thing_id}/{side}'].put": custom,
            "['/things/{thing_id}/{side}'].delete": custom,
        }

    def test_references(self) -> None:
        """`<entity>_uuid` refers to that kind of record, unless it may be the record's own key."""
        parts = {"Cat": record(id=TEXT, thing_uuid=TEXT, colour_uuid=TEXT), "Own": record(thing_uuid=TEXT)}
        paths = {"/things/{thing_uuid}": {"get": returns(record(uuid=TEXT))}}
        found = guess(document(paths, components={"schemas": parts}))
        assert {each.target: each.update for each in found.made if each.kind == "reference"} == {
            "$.components.schemas['Cat'].properties['thing_uuid']": {"x-accordant-reference": "thing"}
        }

    def test_success_codes(self) -> None:
        """A success documented as 2XX is 201 for what makes a record, 204 for a deletion without a body, else 200."""
        thing = {"get": returns(THING, "2XX"), "delete": returns(None, "2XX")}
        found = guess(document({"/things": {"post": returns(THING, "2XX")}, "/things/{id}": thing}))
        codes = {
            place.rpartition(".")[2]: each["x-accordant-success"] for place, each in made(found, "success").items()
        }
        assert codes == {"post": "201", "get": "200", "delete": "204"}

    def test_no_success(self) -> None:
        """An operation without a documented success gets one without a body; `default` may be the success."""
        missing, default = {"404": {"description": ""}}, {"default": {"description": ""}}
        thing = {"delete": {"responses": missing}, "put": {"responses": missing}, "get": {"responses": default}}
        found = made(guess(document({"/things/{id}": thing})), "success")
        codes = {place.rpartition(".")[2]: list(each["responses"]) for place, each in found.items()}
        assert codes == {"delete": ["204"], "put": ["200"]}

    @pytest.mark.parametrize("name", ["Idempotency-Key", "idempotency-key", "X-Idempotency-Key"])
    def test_idempotency(self, name: str) -> None:
        """A header parameter that is called like one is the key under which a call is done once."""
        parameters = [{"name": name, "in": "header", "schema": TEXT}]
        found = guess(document({"/things": {"post": returns(THING, "201", parameters=parameters)}}))
        assert made(found, "idempotency") == {"['/things'].post": {"x-accordant-idempotency-key": name}}
