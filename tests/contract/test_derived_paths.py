"""Contract runs over derived sandboxes: records that several paths name, and records inside of others."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_contract.document.possible import impossible
from accordant_contract.document.values import Arguments
from accordant_contract.records import record_keys
from accordant_contract.records.record import Record
from accordant_contract.run.plan import plan

from .derived_target import facts, findings, key, probing, shows, takes, variable

NUMBER = {"type": "integer"}
TEXT = {"type": "string"}


def record(*required: str, **properties: Any) -> dict[str, Any]:
    """An object of these properties."""
    return {"type": "object", "required": [*required], "properties": properties}


def referring(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A property that holds the key of a record."""
    return {**schema, "x-accordant-reference": kind}


def test_a_path_says_what_the_record_itself_says() -> None:
    """What a path names before a record is what the record shows of it: its owner, and a field of the same name. A run
    over such a document is green."""
    owner = variable("owner", "owner", NUMBER)
    item = record("id", "owner", "kind", "code", id=NUMBER, owner=referring("owner", NUMBER), kind=TEXT, code=TEXT)
    body = record("owner", "kind", "code", owner=referring("owner", NUMBER), kind=TEXT, code=TEXT, size=NUMBER)
    inside = {"parameters": [owner, variable("kind", "item"), variable("code", "item")], **key("code", "code")}
    shown = record("id", id=NUMBER, name=TEXT)
    paths = {
        "/owners": {
            "post": facts("makeOwner", "create", "owner", **takes(record("name", name=TEXT)), **shows(shown)),
            "get": facts("listOwners", "list", "owner", **shows({"type": "array", "items": shown})),
        },
        "/owners/{owner}": {
            "get": facts("readOwner", "get", "owner", parameters=[owner], **shows(shown), **key("owner"))
        },
        "/items": {"post": facts("makeItem", "create", "item", **takes(body), **shows(item))},
        "/owners/{owner}/items/{kind}/{code}": {
            "get": facts("readItem", "get", "item", **shows(item), **inside),
            "delete": facts("removeItem", "delete", "item", **inside),
        },
    }
    assert findings(paths) == []
    with probing(paths) as context:
        operations = context.session.document.operations
        made = context.filler.create(operations["makeItem"])
        context.filler.create(operations["makeOwner"])
        assert made is not None
        arguments = context.filler.arguments(operations["readItem"], made)
        assert arguments is not None
        assert arguments.path == {name: made.value[name] for name in ("owner", "kind", "code")}


def test_a_list_knows_a_record_by_another_field() -> None:
    """A record that a change names by its slug is found in a list that knows its rows by their ids."""
    shop = variable("shop", "shop", NUMBER)
    shown = record("id", "slug", "on", id=TEXT, slug=TEXT, on={"type": "boolean"})
    listed = record("data", data={"type": "array", "items": shown})
    one = {"parameters": [shop, variable("slug", "conf")], **key("slug", "slug")}
    paths = {
        "/shops/{shop}": {
            "get": facts("readShop", "get", "shop", parameters=[shop], **shows(record("id", id=NUMBER)), **key("shop"))
        },
        "/shops/{shop}/confs": {
            "get": facts(
                "listConfs", "list", "conf", parameters=[shop], **shows(listed), **{"x-accordant-envelope": "data"}
            )
        },
        "/shops/{shop}/confs/{slug}": {
            "put": facts("setConf", "replace", "conf", **takes(record(on={"type": "boolean"})), **shows(shown), **one)
        },
    }
    assert findings(paths) == []


def test_what_an_action_returns_is_no_record_of_a_sandbox() -> None:
    """The response that a sandbox makes up for an action does not pass for a record that can be deleted."""
    role, permission = variable("role", "role"), variable("permission", "permission")
    shown = record("id", "slug", id=TEXT, slug={**TEXT, "example": "read"})
    slug = takes(record("slug", slug=TEXT))
    paths = {
        "/roles/{role}": {
            "get": facts("readRole", "get", "role", parameters=[role], **shows(shown), **key("role", "slug"))
        },
        "/roles/{role}/permissions": {
            "post": facts("grant", "custom", "permission", parameters=[role], **slug, **shows(shown))
        },
        "/roles/{role}/permissions/{permission}": {
            "delete": facts(
                "revoke", "delete", "permission", parameters=[role, permission], **key("permission", "slug")
            )
        },
    }
    with probing(paths) as context:
        operation = context.session.document.operations["grant"]
        known = {each.key for each in context.store.known("permission")}
        arguments = context.filler.arguments(operation)
        assert arguments is not None
        assert context.store.call(operation, arguments).success
        assert {each.key for each in context.store.known("permission")} == known
    assert findings(paths) == []


def _wallets() -> dict[str, Any]:
    """Wallets with an id, and with a code inside of a customer; both ways lead to what is inside of them."""
    customer, wallet, code = variable("customer", "customer"), variable("id", "wallet"), variable("code", "wallet")
    shown = record("id", "code", id={**TEXT, "example": "w_1"}, code={**TEXT, "example": "prepaid"}, name=TEXT)
    by_id = {"parameters": [wallet], **key("id")}
    by_code = {"parameters": [customer, code], **key("code", "code")}
    part = variable("part", "part")
    every = {"type": "array", "items": shown}
    return {
        "/customers/{customer}": {
            "get": facts(
                "readCustomer",
                "get",
                "customer",
                parameters=[customer],
                **shows(record("id", id=TEXT)),
                **key("customer"),
            )
        },
        "/wallets": {"get": facts("listWallets", "list", "wallet", **shows(every), **key(None))},
        "/wallets/{id}": {
            "get": facts("readWallet", "get", "wallet", **shows(shown), **by_id),
            "delete": facts("removeWallet", "delete", "wallet", **by_id),
        },
        "/customers/{customer}/wallets/{code}": {
            "get": facts("readOwnWallet", "get", "wallet", **shows(shown), **by_code),
            "delete": facts("removeOwnWallet", "delete", "wallet", **by_code),
        },
        "/wallets/{id}/parts/{part}": {
            "delete": facts("removePart", "delete", "part", parameters=[wallet, part], **key("part", "part"))
        },
        "/customers/{customer}/wallets/{code}/parts/{part}": {
            "delete": facts("removeOwnPart", "delete", "part", parameters=[customer, code, part], **key("part", "part"))
        },
    }


def test_a_record_with_two_keys_is_one_record() -> None:
    """A record that some paths name by one field and others by another is not its own bystander, and is gone by both
    names, with all that is inside of it; a run over such a document is green."""
    assert findings(_wallets()) == []
    with probing(_wallets()) as context:
        store, operations = context.store, context.session.document.operations
        store.call(operations["listWallets"], Arguments())
        twins = [each for each in store.known("wallet") if each.value["id"] == "w_1"]
        assert {each.key for each in twins} == {"w_1", "prepaid"}
        assert store.same(*twins)
        assert all(store.holds(each) for each in twins)
        store.forget("wallet", "w_1")
        assert [each for each in store.known("wallet") if each.value["id"] == "w_1"] == []
        assert [each for each in store.known("part") if each.within["wallet"] in ("w_1", "prepaid")] == []


def test_what_is_inside_of_others_is_deleted_first() -> None:
    """Deletions are tried from the inside out: nothing is gone with what it was inside of before its turn."""
    with probing(_wallets()) as context:
        operations = list(context.session.document.operations.values())
        order = [each.id for probe, each in plan(context.session.target.vendor, operations) if probe.name == "delete"]
    assert order == ["removeOwnPart", "removeOwnWallet", "removePart", "removeWallet"]


def test_a_field_that_is_called_like_the_owners_key_names_no_other_owner() -> None:
    """A path that says `member_id` names a member by its key, whatever a member holds under that name."""
    member = variable("member_id", "member")
    inner = record("id", "member_id", id=TEXT, member_id={**TEXT, "example": "m_1"})
    shown = record("id", id={**TEXT, "example": "m_1"}, member_id={**TEXT, "example": "m_2"})
    paths = {
        "/members/{member_id}": {
            "get": facts("readMember", "get", "member", parameters=[member], **shows(shown), **key("member_id"))
        },
        "/members/{member_id}/roles/{role}": {
            "get": facts(
                "readRole", "get", "role", parameters=[member, variable("role", "role")], **shows(inner), **key("role")
            )
        },
    }
    with probing(paths) as context:
        sandbox = context.session.target.sandbox
        assert sandbox is not None
        plain = sandbox.vendor.operations.served["readRole"].plain
        assert plain is not None
        assert plain.within is not None
        assert plain.within.by == ""
    assert findings(paths) == []


def test_every_way_to_a_record_is_kept() -> None:
    """A record that a list below one owner shows is still inside of another one: its own path is not forgotten."""
    user, meeting = variable("user", "user"), variable("meeting", "meeting")
    row = record("id", id=TEXT, topic=TEXT)
    ids = record("id", id=TEXT)
    inside = {"parameters": [meeting, variable("take", "take")], **key("take")}
    listed = {"parameters": [user], **shows({"type": "array", "items": row}), **key(None)}
    paths = {
        "/users/{user}": {"get": facts("readUser", "get", "user", parameters=[user], **shows(ids), **key("user"))},
        "/meetings/{meeting}": {
            "get": facts("readMeeting", "get", "meeting", parameters=[meeting], **shows(ids), **key("meeting"))
        },
        "/users/{user}/takes": {"get": facts("listTakes", "list", "take", **listed)},
        "/meetings/{meeting}/takes/{take}": {"delete": facts("removeTake", "delete", "take", **inside)},
    }
    assert findings(paths) == []
    with probing(paths) as context:
        operation = context.session.document.operations["listTakes"]
        arguments = context.filler.arguments(operation)
        assert arguments is not None
        context.store.call(operation, arguments)
        assert all({"meeting"} <= each.context.keys() for each in context.store.known("take"))
        assert any({"meeting", "user"} <= each.context.keys() for each in context.store.known("take"))


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        ({"allOf": [TEXT, NUMBER]}, "integer and string"),
        (record("a", a={"allOf": [{"type": "object"}, {"type": ["array", "null"]}]}), "array and null and object"),
        ({"allOf": [NUMBER, {"type": "number"}]}, ""),
        (record(a={"allOf": [TEXT, NUMBER]}), ""),
    ],
)
def test_a_body_that_nobody_can_make_is_told(schema: dict[str, Any], types: str) -> None:
    """An operation that asks for a value of two types at once proves nothing, and that is the document's fault."""
    with probing({"/things": {"post": facts("send", "custom", "thing", **takes(schema))}}) as context:
        said = impossible(context.session.document.operations["send"])
    assert said == (f"the document asks for a body that is {types} at once, so no request can be made" if types else "")


def test_a_field_of_another_type_looks_otherwise() -> None:
    """Where a creation shows an id as a text and a reading as a number, as the document says, both show the same."""
    shown = record("id", "name", id=TEXT, name=TEXT)
    read = record("id", "name", id=NUMBER, name=TEXT)
    paths = {
        "/things": {
            "post": facts("make", "create", "thing", **takes(record("name", name=TEXT)), **shows(shown), **key(None))
        },
        "/things/{thing}": {
            "get": facts(
                "read", "get", "thing", parameters=[variable("thing", "thing", NUMBER)], **shows(read), **key("thing")
            )
        },
    }
    assert findings(paths) == []


def test_what_is_null_where_no_variant_allows_it_is_not_shown() -> None:
    """Of a record that is one of several objects, a field that a body said null for is left out where the document
    allows no null in it: no variant has it so."""
    text_or_null = {"type": ["string", "null"]}
    variants = [record("kind", "owner", kind={"const": "a"}, owner=TEXT), record("kind", kind={"const": "b"})]
    shown = {"allOf": [record("id", id=NUMBER), {"oneOf": variants}]}
    body = record("kind", kind={"enum": ["a", "b"]}, owner=text_or_null)
    paths = {
        "/apps": {"post": facts("make", "create", "app", **takes(body), **shows(shown), **key(None))},
        "/apps/{app}": {
            "get": facts(
                "read", "get", "app", parameters=[variable("app", "app", NUMBER)], **shows(shown), **key("app")
            )
        },
    }
    with probing(paths) as context:
        made = context.session.call("make", Arguments(body={"kind": "b", "owner": None}))
        assert made.document["kind"] == "b"
        assert "owner" not in made.document


def test_a_path_names_a_record_by_what_it_shows() -> None:
    """A variable `walletKey` is the `key` of a wallet that lists know by another field; one that shows its key is named
    rather than one that does not."""
    by_key = {"parameters": [variable("walletKey", "wallet")], **key("walletKey", "walletKey")}
    with probing({"/wallets/{walletKey}": {"get": facts("readWallet", "get", "wallet", **by_key)}}) as context:
        operation = context.session.document.operations["readWallet"]
        bare, shown = Record("wallet", "w_1", {"id": "w_1"}), Record("wallet", "w_2", {"_id": "w_2", "key": "cash"})
        parameter = operation.parameter("walletKey")
        assert parameter is not None
        assert record_keys.spelt(operation, parameter, shown) == "cash"
        assert record_keys.leading(operation, [bare, shown]) == [shown]
        assert record_keys.leading(operation, [bare]) == [bare]


def test_a_path_names_a_record_by_the_end_of_its_variable() -> None:
    """A variable `coachEmail` that names a user is the `email` that the user shows, rather than another key; one that
    takes either of two is the key."""
    for name, shown, called in (
        ("coachEmail", {"email": "a@b.test"}, "a@b.test"),
        ("coachEmail", {"mail": "a@b.test"}, 7),
        ("coachIdOrEmail", {"email": "a@b.test"}, 7),
    ):
        named = {"parameters": [variable(name, "user")], **key(name, name)}
        with probing({f"/marks/{{{name}}}": {"get": facts("marks", "get", "mark", **named)}}) as context:
            operation = context.session.document.operations["marks"]
            parameter = operation.parameter(name)
            assert parameter is not None
            assert record_keys.spelt(operation, parameter, Record("user", 7, {"id": 7, **shown})) == called
