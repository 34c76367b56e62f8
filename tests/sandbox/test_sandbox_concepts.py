"""What a vendor states in place of code: names, choices, parts, members of lists, texts beside ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from accordant_sandbox import Sandbox
from accordant_sandbox.engine.auth import Bearer, issue, revoke_all
from accordant_sandbox.engine.integrity import check_choices
from accordant_sandbox.http.document import Document
from accordant_sandbox.http.exchange import Answer, Request
from accordant_sandbox.model.choices import ValueChoice
from accordant_sandbox.model.collections import Collection, Ref, Uuid
from accordant_sandbox.model.dialect import Dialect
from accordant_sandbox.model.envelopes import Bare
from accordant_sandbox.model.names import names, nulls, words
from accordant_sandbox.model.operations import Operations, Within
from accordant_sandbox.model.own_collections import OWN_COLLECTIONS
from accordant_sandbox.model.parts import RecordPart
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.query import Filter, plain
from accordant_sandbox.model.rules import Rule, RuleBook
from accordant_sandbox.model.several import (
    create_all,
    delete_all,
    first,
    grouped,
    in_state,
    some,
    there,
    update_all,
    where,
)
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.model.views import NameBeside, RecordView
from accordant_sandbox.ports import Call, Tx
from tests.sandbox import caller

_STATUS = {"bad_request": 400, "invalid": 400, "conflict": 409, "forbidden": 403, "not_found": 404}
_ANY: Mapping[str, Any] = {"description": "good", "content": {"application/json": {"schema": {}}}}
_RESPONSES = dict.fromkeys(("200", "400", "401", "403", "404", "409"), _ANY)
_OPERATIONS = {
    "createCrew": "post /crews",
    "getCrew": "get /crews/{id} include",
    "listCrews": "get /crews hired status",
    "updateCrew": "patch /crews/{id}",
    "addPeople": "post /crews/{id}/people",
    "removePeople": "delete /crews/{id}/people",
    "listMembers": "get /crews/{id}/people",
    "addTool": "post /crews/{crew}/tools",
    "updateTool": "patch /tools/{id}",
    "moveTool": "patch /crews/{crew}/tools/{id}",
    "deletePerson": "delete /people/{id}",
}


def _document() -> Document:
    paths: dict[str, Any] = {}
    for name, line in _OPERATIONS.items():
        method, path, *query = line.split()
        parts = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        parameters = [{"name": each, "in": "path", "required": True, "schema": {"type": "integer"}} for each in parts]
        for each in query:
            schema: dict[str, Any] = {"type": "boolean"} if each == "hired" else {"type": "string"}
            if each == "include":
                schema = {"type": "array", "items": {"type": "string"}}
            parameters.append({"name": each, "in": "query", "schema": schema})
        operation: dict[str, Any] = {"operationId": name, "parameters": parameters, "responses": _RESPONSES}
        if method in ("post", "patch") or name == "removePeople":
            operation["requestBody"] = {"content": {"application/json": {"schema": {}}}}
        paths.setdefault(path, {})[method] = operation
    return Document(
        "crews",
        {
            "openapi": "3.1.0",
            "info": {},
            "security": [{"token": []}],
            "servers": [{"url": "https://crews.example.com"}],
            "paths": paths,
        },
    )


_PARTS = {
    "People": RecordPart("people", "PersonIds"),
    "Tools": RecordPart("tools", "id", "crew"),
    "Chief": RecordPart("people", "ChiefId"),
}
_PERSON = "{First} {Last}"
_NOT_HIRED = "{field}: {value} is not hired"


def _locked(_: Any, row: Mapping[str, Any]) -> str | None:
    return "locked" if row["Name"] == "Locked" else None


def _collections() -> Sequence[Collection]:
    return [
        Collection(name="people", stamps=(), defaults={"Hired": True}),
        Collection(
            name="crews",
            stamps=(),
            fields=names("Name ChiefId PersonIds Size Status"),
            later=names("Status"),
            names={"Title": "Name", "LeaderId": "ChiefId"},
            ignored={"Color": "colorless"},
            defaults={**nulls("ChiefId Size"), "PersonIds": list, "Status": "new", "Name": ""},
            refs=(Ref("ChiefId", "people", rule="ids"),),
            choices=(
                ValueChoice("PersonIds", "people", "ids", {"Hired": True}, unfit=_NOT_HIRED, on_delete="refuse"),
                ValueChoice("Size", {1: "small", 2: "large"}, "ids"),
            ),
            parts=_PARTS,
            guard=_locked,
            view=RecordView(
                hidden="Size",
                named={
                    "Chief Name": NameBeside("ChiefId", "people", _PERSON, NameBeside("Status", "states")),
                    "Names": NameBeside("PersonIds", "people", _PERSON),
                },
                parts={"Tools": _PARTS["Tools"]},
                also=lambda _, row: {"Upper": row["Name"].upper()},
                rules=("ids",),
            ),
        ),
        Collection(name="tools", stamps=(), fields=names("What"), refs=(Ref("crew", "crews", "cascade"),)),
        Collection(name="states", kind=Uuid(), key="code", stamps=()),
    ]  # fmt: skip


def _operations() -> Operations:
    operations = Operations()
    operations.create("createCrew", "crews", rules=("ids",))
    operations.get("getCrew", "crews")
    stored = Filter("Status", "eq", stored={"1": "new", "2": "old"})
    operations.list("listCrews", "crews", filters={**plain(hired=("ChiefId", "if_asked")), "status": stored})
    operations.update("updateCrew", "crews")
    operations.add("addPeople", "crews", field="PersonIds")
    operations.remove("removePeople", "crews", field="PersonIds")
    operations.list("listMembers", "people", within=Within("crews", "id", part="People"))
    operations.create("addTool", "tools", within=Within("crews", "crew", "crew", whole=True))
    operations.update("updateTool", "tools", within=Within("crews", "", "crew", whole=True))
    operations.update("moveTool", "tools", within=Within("crews", "crew", "crew"))
    operations.delete("deletePerson", "people")
    return operations


def _problem(problem: Problem, call: Call | None, request: Request) -> Answer:
    del call, request
    return Answer(_STATUS[problem.kind], {"message": problem.message, "fields": [name for name, _ in problem.details]})


def _seed(tx: Tx) -> None:
    tx.put("_principals", {"name": "default", "tenant": "t", "role": "admin"})
    issue(tx, "default", text=lambda _: "token")
    create_all(tx, "people", "First Last", ("Ada", "Ash"), ("Bo", "Birch"), ("Cy", "Cedar"))
    tx.create("people", {"First": "Di", "Last": "Dogwood", "Hired": False})
    tx.create("states", {"code": "new", "Name": "New here"})
    create_all(tx, "crews", "Name PersonIds", ("North", [1, 2]), ("Locked", []))
    tx.create("tools", {"crew": 1, "What": "Saw"})


class Api(caller.Caller[caller.Got]):
    """Calls of the one principal."""

    got = caller.Got


@pytest.fixture
def api() -> Api:
    vendor = Vendor(
        name="crews",
        dialect=Dialect(
            envelope=Bare(),
            problem=_problem,
            authenticators={"token": Bearer()},
            include="include",
            include_rule="parts_asked",
        ),
        collections={**OWN_COLLECTIONS, **{each.name: each for each in _collections()}},
        operations=_operations(),
        rules=RuleBook([Rule(name, "assumed", "A rule.") for name in words("ids colorless locked parts_asked")]),
        seeds={"default": _seed},
        credentials={"default": {}},
        document=_document(),
    )
    api = Api(Sandbox(vendor))
    api.token = "token"
    return api


def _rules(api: Api) -> Sequence[str]:
    return api.sandbox.journal[-1].rules


# Names of a body


def test_a_body_may_call_a_field_otherwise(api: Api) -> None:
    """A property is stored in the field that the collection names for it, and shown under that field's name."""
    made = api.post("/crews", {"Title": "South", "LeaderId": 2}).body
    assert (made["Name"], made["ChiefId"]) == ("South", 2)


def test_a_message_speaks_as_the_body_does(api: Api) -> None:
    """A refusal names the property that the body has, not the field in which it is stored."""
    got = api.patch("/crews/1", {"LeaderId": 99})
    assert (got.status, got.body["fields"]) == (400, ["LeaderId"])
    assert got.body["message"] == "LeaderId refers to a record that does not exist"


def test_a_field_may_be_for_changes_alone(api: Api) -> None:
    """A field that only a change may set is ignored at creation."""
    key = api.post("/crews", {"Title": "South", "Status": "old"}).body["id"]
    assert api.get(f"/crews/{key}").body["Status"] == "new"
    assert api.patch(f"/crews/{key}", {"Status": "old"}).body["Status"] == "old"


def test_an_ignored_property_notes_its_rule(api: Api) -> None:
    """A property that changes nothing is not stored, and the rule that says so is noted."""
    assert "Color" not in api.patch("/crews/1", {"Color": "red"}).body
    assert "colorless" in _rules(api)


# Choices


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"PersonIds": [1, 99]}, "PersonIds: 99 does not exist"),
        ({"PersonIds": [4]}, "PersonIds: 4 is not hired"),
        ({"Size": 3}, "Size: 3 is not one of 1, 2"),
    ],
    ids=["no row", "a row that does not fit", "not in the table"],
)
def test_a_value_that_is_not_to_be_chosen_is_refused(api: Api, body: dict[str, Any], message: str) -> None:
    """A value that is none of a collection's ids, or of a table's, is refused with its field and the rule."""
    got = api.patch("/crews/1", body)
    assert (got.status, got.body) == (400, {"message": message, "fields": list(body)})
    assert "ids" in _rules(api)
    assert api.get("/crews/1").body["PersonIds"] == [1, 2]


def test_a_list_of_choices_holds_each_value_once(api: Api) -> None:
    """A list field with a choice stores each value once, in the order in which it came first."""
    assert api.patch("/crews/1", {"PersonIds": [3, 1, 3]}).body["PersonIds"] == [3, 1]


def test_a_row_that_a_list_holds_is_not_deleted(api: Api) -> None:
    """A row is not deleted while a list holds its key, where the choice says so; others are."""
    assert api.delete("/people/1").status == 409
    assert api.delete("/people/3").status == 200


# Members of a list field


def test_members_are_added_once_and_removed(api: Api) -> None:
    """An added value stands at the end of the list, one that is there changes nothing; a removed one is gone."""
    assert api.post("/crews/1/people", [2, 3]).body["PersonIds"] == [1, 2, 3]
    assert api.delete("/crews/1/people", [1]).body["PersonIds"] == [2, 3]
    assert api.post("/crews/1/people", 1).body["PersonIds"] == [2, 3, 1]


def test_members_are_chosen_as_the_field_says(api: Api) -> None:
    """What is added or removed must be to be chosen, and the record must be one that the caller may change."""
    assert api.post("/crews/1/people", [4]).body["message"] == "PersonIds: 4 is not hired"
    assert api.delete("/crews/1/people", [99]).status == 400
    assert api.post("/crews/2/people", [1]).status == 403


# Parts


def test_parts_come_where_they_are_asked_for(api: Api) -> None:
    """A part is null until the call names it: rows of ids that the record holds, rows that refer to it, or one row."""
    bare = api.get("/crews/1").body
    assert (bare["People"], bare["Tools"], bare["Chief"]) == (None, None, None)
    assert "parts_asked" in _rules(api)
    api.patch("/crews/1", {"LeaderId": 3})
    whole = api.get("/crews/1?include=People&include=Tools&include=Chief").body
    assert [each["First"] for each in whole["People"]] == ["Ada", "Bo"]
    assert whole["Tools"] == [{"id": 1, "crew": 1, "What": "Saw"}]
    assert whole["Chief"]["First"] == "Cy"


def test_a_part_is_a_list_too(api: Api) -> None:
    """A list may return a part of the parent that the path names; an unknown parent is not found."""
    assert [each["First"] for each in api.get("/crews/1/people").body] == ["Ada", "Bo"]
    assert api.get("/crews/9/people").status == 404


def test_a_part_of_a_whole_answers_with_the_whole(api: Api) -> None:
    """A write of a part is a change of its owner, which the response shows; who may not change that is refused."""
    assert api.post("/crews/1/tools", {"What": "Axe"}).body["Name"] == "North"
    assert [each["What"] for each in api.get("/crews/1?include=Tools").body["Tools"]] == ["Saw", "Axe"]
    assert api.patch("/tools/1", {"What": "Big saw"}).body["Name"] == "North"
    assert api.post("/crews/2/tools", {"What": "Axe"}).status == 403


def test_a_part_of_another_owner_is_not_found(api: Api) -> None:
    """A change finds only what is inside the parent that the path names."""
    assert api.patch("/crews/1/tools/1", {"What": "Axe"}).body["What"] == "Axe"
    assert api.patch("/crews/2/tools/1", {"What": "Axe"}).status == 404


# Views as tables


def test_texts_beside_ids(api: Api) -> None:
    """A view names the row of an id, or of each id of a list, and falls back where the id is null."""
    shown = api.get("/crews/1").body
    assert (shown["Names"], shown["Chief Name"]) == ("Ada Ash, Bo Birch", "New here")
    assert api.patch("/crews/1", {"LeaderId": 3}).body["Chief Name"] == "Cy Cedar"
    assert api.get("/crews/2").body["Names"] is None


def test_a_view_hides_flags_and_computes(api: Api) -> None:
    """A view leaves fields out, says of each part whether there is any, and has room for what is computed."""
    shown = {key: api.get(f"/crews/{key}").body for key in (1, 2)}
    assert "Size" not in shown[1]
    assert (shown[1]["HasTools"], shown[2]["HasTools"]) == (True, False)
    assert shown[1]["Upper"] == "NORTH"
    assert "ids" in _rules(api)


# Filters


def test_filters_that_say_more(api: Api) -> None:
    """A filter may translate its values, and may choose only where it is asked to."""
    api.patch("/crews/1", {"Status": "old", "LeaderId": 1})
    assert [each["id"] for each in api.get("/crews?status=2").body] == [1]
    assert [each["id"] for each in api.get("/crews?hired=true").body] == [1]
    assert [each["id"] for each in api.get("/crews?hired=false").body] == [1, 2]


# Several rows


def test_several_rows_at_once(api: Api) -> None:
    """Rows are changed, deleted and grouped without a loop; a question that must find something says what it missed."""

    def run(tx: Tx) -> None:
        assert first(tx, "people", First="Bo")["id"] == 2
        with pytest.raises(Problem, match="there is no record with First Zoe in people"):
            some(tx, "people", First="Zoe")
        changed = update_all(tx, "people", where(tx.rows("people"), "id", "gt", 2), {"Last": "Elm"})
        assert {key: len(rows) for key, rows in grouped(changed, "Hired").items()} == {True: 1, False: 1}
        delete_all(tx, "people", changed)
        assert [row["First"] for row in tx.rows("people")] == ["Ada", "Bo"]

    run(api.sandbox.engine.transaction())


def test_what_must_be_there(api: Api) -> None:
    """A row that must be there is returned, else refused with the vendor's message, kind and rule."""
    tx = api.sandbox.engine.transaction()
    assert there(tx.find("people", 1), "nobody")["First"] == "Ada"
    with pytest.raises(Problem) as refused:
        there(tx.find("people", 99), "nobody is called that", "ids", "conflict")
    assert (refused.value.message, refused.value.rule, refused.value.kind) == (
        "nobody is called that",
        "ids",
        "conflict",
    )


def test_the_state_that_an_operation_demands(api: Api) -> None:
    """A row in the demanded state is returned; in another it is refused with both states and the field."""
    row = api.sandbox.engine.transaction().get("crews", 1)
    assert in_state(row, "Status", "new", "crew", "ids") is row
    with pytest.raises(Problem, match="the crew is new, not old") as refused:
        in_state(row, "Status", "old", "crew", "ids")
    assert refused.value.details == (("Status", "the crew is new, not old"),)


def test_a_choice_by_another_field(api: Api) -> None:
    """A value may mean a row by another field than its key, among the rows that hold further values."""
    tx = api.sandbox.engine.transaction()
    tool = ValueChoice("tool", "tools", "ids", {"crew": 1}, "{among} has no {value!r}", by="What")
    assert tool.row(tx, "Saw")["id"] == 1
    with pytest.raises(Problem, match="tools has no 'Axe'"):
        tool.row(tx, "Axe")


def test_a_choice_within_an_object(api: Api) -> None:
    """A choice may be of a member of an object, which a message calls by the whole field; absent members are none."""
    collection = Collection(name="boxes", choices=(ValueChoice("scope.people", "people", "ids"),))
    tx = api.sandbox.engine.transaction()
    check_choices(tx, collection, {"scope": {"people": [1]}}, {"scope"})
    check_choices(tx, collection, {"scope": {}}, {"scope"})
    with pytest.raises(Problem) as refused:
        check_choices(tx, collection, {"scope": {"people": [99]}}, {"scope"})
    assert refused.value.details == (("scope", "scope: 99 does not exist"),)


def test_tokens_die_together(api: Api) -> None:
    """All live tokens with some values are killed at once; those that are dead or hold others are not counted."""
    tx = api.sandbox.engine.transaction()
    assert revoke_all(tx, principal="default") == 1
    assert revoke_all(tx, principal="default") == 0
