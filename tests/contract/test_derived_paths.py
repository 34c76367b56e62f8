"""Contract runs over derived sandboxes: records that several paths name, and records inside of others."""

from __future__ import annotations

from typing import Any

from accordant_contract.document.values import Arguments
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
