"""Contract runs over derived sandboxes: what a document leaves open is no finding."""

from __future__ import annotations

from typing import Any

from accordant_contract.probes import client_replay
from accordant_contract.records import selection
from accordant_contract.records.record import Record
from accordant_contract.run.profiles import PROFILES

from .derived_target import facts, findings, key, probing, shows, takes, variable

NUMBER = {"type": "integer"}
TEXT = {"type": "string"}
UUID = {"type": "string", "format": "uuid"}
HOOK: dict[str, Any] = {
    "type": "object",
    "required": ["id", "shop"],
    "properties": {"id": NUMBER, "url": TEXT, "active": {"type": "boolean"}, "shop": NUMBER},
}
BODY: dict[str, Any] = {
    "type": "object",
    "required": ["url"],
    "properties": {"url": TEXT, "active": {"type": "boolean"}},
}
SHOP: dict[str, Any] = {"type": "object", "required": ["id"], "properties": {"id": NUMBER, "name": TEXT}}


def _hooks_of_shops() -> dict[str, Any]:
    """Hooks that are made beside the shops, or inside of one."""
    shop, hook = variable("shop", "shop", NUMBER), variable("hook", "hook", NUMBER)
    row = {**HOOK, "properties": {**HOOK["properties"], "shop": {**NUMBER, "x-accordant-reference": "shop"}}}
    inside = {"parameters": [shop, hook], **key("hook")}
    return {
        "/hooks": {
            "post": facts("makeHook", "create", "hook", **takes(BODY), **shows(row), **key(None)),
        },
        "/hooks/{hook}": {
            "get": facts("readHook", "get", "hook", parameters=[hook], **shows(row), **key("hook")),
        },
        "/shops": {"post": facts("makeShop", "create", "shop", **takes(SHOP), **shows(SHOP), **key(None))},
        "/shops/{shop}": {"get": facts("readShop", "get", "shop", parameters=[shop], **shows(SHOP), **key("shop"))},
        "/shops/{shop}/hooks": {
            "post": facts("makeOwnHook", "create", "hook", parameters=[shop], **takes(BODY), **shows(row), **key(None)),
        },
        "/shops/{shop}/hooks/{hook}": {
            "patch": facts("changeHook", "update", "hook", **takes(BODY), **shows(row), **inside),
            "delete": facts("removeHook", "delete", "hook", **inside),
        },
    }


def test_a_write_names_a_record_that_is_inside_of_what_its_path_names() -> None:
    """A record that was made elsewhere is not sought inside of another one: a run over such a document is green."""
    assert findings(_hooks_of_shops()) == []


def test_what_goes_is_not_what_others_are_inside_of() -> None:
    """Of the records that a sandbox began with, one that holds no other goes first: the others stay reachable."""
    meeting, take = variable("meeting", "meeting", NUMBER), variable("take", "take")
    paths = {
        "/meetings/{meeting}": {
            "get": facts("readMeeting", "get", "meeting", parameters=[meeting], **shows(SHOP), **key("meeting")),
            "delete": facts("removeMeeting", "delete", "meeting", parameters=[meeting], **key("meeting")),
        },
        "/meetings/{meeting}/takes/{take}": {
            "delete": facts("removeTake", "delete", "take", parameters=[meeting, take], **key("take", "take")),
        },
    }
    with probing(paths) as context:
        operations = context.session.document.operations
        owner = next(iter(context.store.known("take"))).within["meeting"]
        spares: list[Any] = []
        while (spare := context.filler.spare(operations["removeMeeting"])) is not None:
            spares.append(spare.key)
            context.store.forget("meeting", spare.key)
        assert len(spares) > 1
        assert spares[-1] == owner


def test_a_number_in_a_path_is_the_same_key() -> None:
    """A record whose key is a number is the one that a path names by a text."""
    assert Record("meeting", 1, {}).names("1", {})
    assert not Record("meeting", 1, {}).names("2", {})


def test_a_deletion_of_all_parts_does_not_remove_their_owner() -> None:
    """What a path names on the way to what a deletion removes is still there."""
    paths = {
        "/meetings/{meeting}/takes": {
            "delete": facts("clear", "custom", "take", parameters=[variable("meeting", "meeting")])
        },
        "/takes/meetings/{meeting}": {
            "delete": facts("drop", "custom", "take", parameters=[variable("meeting", "meeting")])
        },
    }
    with probing(paths) as context:
        operations = context.session.document.operations
        assert list(selection.removed(operations["clear"], {"meeting": 7})) == []
        assert list(selection.removed(operations["drop"], {"meeting": 7})) == [("meeting", 7)]


def test_a_body_that_fits_several_alternatives_is_kept() -> None:
    """Where alternatives cannot be told apart, a body that fits more than one of them is valid, and the record keeps
    it with its other fields."""
    choice = {"oneOf": [{"type": "object", "properties": {"a": TEXT}}, {"type": "object", "properties": {"b": TEXT}}]}
    written: dict[str, Any] = {"name": TEXT, "parts": {"type": "array", "items": choice}}
    body: dict[str, Any] = {"type": "object", "properties": written}
    shown: dict[str, Any] = {"type": "object", "required": ["id"], "properties": {"id": NUMBER, **written}}
    success = {"responses": {"200": {"description": "", "content": {"application/json": {"schema": shown}}}}}
    item = variable("item", "item", NUMBER)
    paths = {
        "/items/{item}": {
            "get": facts("readItem", "get", "item", parameters=[item], **{**key("item"), **success}),
            "patch": facts(
                "changeItem", "update", "item", parameters=[item], **takes(body), **{**key("item"), **success}
            ),
        },
    }
    assert findings(paths) == []


def test_a_replacement_may_show_what_the_vendor_fills_in() -> None:
    """A choice, or a field that a record always has, holds something after a replacement without it, and this may be
    what was there before; a text that need not be there is gone."""
    written: dict[str, Any] = {"name": TEXT, "mode": {"type": "string", "enum": ["save", "try"]}, "note": TEXT}
    body: dict[str, Any] = {"type": "object", "required": ["note"], "properties": written}
    shown: dict[str, Any] = {"type": "object", "required": ["id", "name"], "properties": {"id": NUMBER, **written}}
    one = {"parameters": [variable("plan", "plan", NUMBER)], **key("plan"), **shows(shown)}
    paths = {
        "/plans/{plan}": {
            "get": facts("readPlan", "get", "plan", **one),
            "put": facts("replacePlan", "replace", "plan", **takes(body), **one),
        },
    }
    assert findings(paths) == []


def test_what_is_inside_of_one_record_is_no_list_of_its_kind() -> None:
    """A list at the key of one record counts no records of its kind, and shows none: a run over it is green."""
    row: dict[str, Any] = {"type": "object", "required": ["id"], "properties": {"id": NUMBER, "topic": TEXT}}
    rows = {"type": "object", "properties": {"data": {"type": "array", "items": row}}}
    one = {"parameters": [variable("shop", "shop", NUMBER)], **key("shop")}
    paging = {"x-accordant-pagination": {"style": "offset", "items": "data", "limit": "limit", "offset": "offset"}}
    pages = [{"name": name, "in": "query", "schema": NUMBER} for name in ("limit", "offset")]
    inside = {**one, "parameters": [*one["parameters"], *pages]}
    paths = {
        "/shops": {"post": facts("makeShop", "create", "shop", **takes(SHOP), **shows(SHOP), **key(None))},
        "/shops/{shop}": {"delete": facts("removeShop", "delete", "shop", **one)},
        "/visits/{shop}": {"get": facts("visits", "list", "shop", **inside, **paging, **shows(rows))},
    }
    assert findings(paths) == []


def test_a_body_loses_what_its_schema_forbids_however_deep() -> None:
    """Where a schema deep inside of an envelope allows no value that is made up, the rest of the body is sent."""
    never = {"type": "string", "minLength": 3, "maxLength": 1}
    plan: dict[str, Any] = {"type": "object", "required": ["name"], "properties": {"name": TEXT, "steps": never}}
    body = {"type": "object", "required": ["plan"], "properties": {"plan": plan}}
    with probing({"/plans": {"post": facts("makePlan", "create", "plan", **takes(body), **shows(SHOP))}}) as context:
        operation = context.session.document.operations["makePlan"]
        arguments = context.filler.arguments(operation)
        assert arguments is not None
        assert operation.allows(arguments.body)
        assert list(arguments.body["plan"]) == ["name"]


def test_a_choice_in_a_path_is_one_of_its_values() -> None:
    """What a path may say is one of the values that the document lists, whatever a record is called elsewhere."""
    kind = {"name": "kind", "in": "path", "required": True, "schema": {"type": "string", "enum": ["ip", "email"]}}
    action = variable("action", "list", {"type": "string", "enum": ["block", "allow"]})
    more = {"parameters": [kind, action], **key("action", "action")}
    item = {"/lists/{kind}/{action}": {"post": facts("addEntry", "update", "list", **takes(SHOP), **more)}}
    with probing(item) as context:
        record = Record("list", "allow", {}, {"kind": "block"})
        arguments = context.filler.arguments(context.session.document.operations["addEntry"], record)
        assert arguments is not None
        assert arguments.path == {"kind": "ip", "action": "allow"}


def test_a_count_is_of_the_records_around_and_not_of_those_inside() -> None:
    """Where two paths call different records by one name, the rows of the one are not counted for the other."""
    secret: dict[str, Any] = {"type": "object", "required": ["id"], "properties": {"id": NUMBER, "hint": TEXT}}
    body = {"type": "object", "properties": {"hint": TEXT}}
    one = {"parameters": [variable("id", "app", NUMBER)], **key("id")}
    of_app = [variable("id", "app", NUMBER)]
    rows = {"type": "array", "items": secret}
    paths = {
        "/apps": {"post": facts("makeApp", "create", "app", **takes(SHOP), **shows(SHOP), **key(None))},
        "/apps/{id}": {"get": facts("readApp", "get", "app", **one, **shows(SHOP))},
        "/apps/{id}/secrets": {
            "get": facts("listSecrets", "list", "secret", parameters=of_app, **key(None), **shows(rows)),
            "post": facts(
                "makeSecret", "create", "secret", parameters=of_app, **key(None), **takes(body), **shows(secret)
            ),
        },
        "/secrets/{id}": {
            "delete": facts(
                "removeSecret", "delete", "secret", parameters=[variable("id", "secret", NUMBER)], **key("id")
            )
        },
    }
    assert findings(paths) == []


def test_a_response_of_another_kind_is_not_held_against_the_record() -> None:
    """A field in which a response says of what kind it is is not compared with a reading of another kind."""
    written: dict[str, Any] = {"name": TEXT}
    shown: dict[str, Any] = {"id": NUMBER, "name": TEXT}
    team = {"type": "object", "required": ["id", "object"], "properties": {**shown, "object": {"const": "team"}}}
    member = {"type": "object", "required": ["id", "object"], "properties": {**shown, "object": {"const": "member"}}}
    one = {"parameters": [variable("member", "member", NUMBER)], **key("member")}
    paths = {
        "/members": {
            "post": facts("add", "create", "member", **takes({"properties": written}), **shows(team), **key(None))
        },
        "/members/{member}": {"get": facts("readMember", "get", "member", **one, **shows(member))},
    }
    assert findings(paths) == []


def test_a_deletion_may_be_told_as_the_document_can_tell_it() -> None:
    """Where a document has no other failure than 400, that is how it says that a record is gone."""
    failing = {"responses": {"200": {"description": ""}, "400": {"description": ""}}}
    read = {**failing, **shows(SHOP)}
    read["responses"] = {"200": read["responses"]["200"], "400": {"description": ""}}
    one = {"parameters": [variable("shop", "shop", NUMBER)], **key("shop")}
    paths = {
        "/shops/{shop}": {
            "get": facts("readShop", "get", "shop", **{**one, **read}),
            "delete": facts("removeShop", "delete", "shop", **{**one, **failing}),
        },
    }
    assert findings(paths) == []


def test_a_change_repeats_the_key_that_its_path_names() -> None:
    """A body that has the key of the record which the path names carries that key: no probe tries to change it."""
    body: dict[str, Any] = {"type": "object", "properties": {"shopId": TEXT, "name": TEXT}}
    one = {"parameters": [variable("shopId", "shop")], **key("shopId", "shopId"), **shows(body)}
    paths = {
        "/shops/{shopId}": {
            "get": facts("readShop", "get", "shop", **one),
            "put": facts("changeShop", "replace", "shop", **takes(body), **one),
        },
    }
    with probing(paths) as context:
        operation = context.session.document.operations["changeShop"]
        record = context.store.known("shop")[0]
        arguments = context.filler.arguments(operation, record)
        assert arguments is not None
        assert arguments.body["shopId"] == record.key
    assert findings(paths) == []


def test_large_documents_get_more_time() -> None:
    """The seconds of probing grow with the operations of a document, and its clients call each of them less often."""
    quick = PROFILES["quick"]
    assert (quick.probing(20), quick.probing(500)) == (quick.seconds, 5 * quick.seconds)
    assert (client_replay.turns(100), client_replay.turns(500)) == (client_replay.TURNS, 1)


def test_properties_that_go_together_are_sent_together() -> None:
    """Where an object has to have the one or the other of its properties, and not both, one of them is sent."""
    body = {
        "type": "object",
        "required": ["what"],
        "properties": {"what": TEXT, "id": TEXT, "code": TEXT},
        "oneOf": [{"required": ["id"]}, {"required": ["code"]}],
    }
    with probing({"/checks": {"post": facts("check", "custom", "check", **takes(body), **shows(SHOP))}}) as context:
        operation = context.session.document.operations["check"]
        arguments = context.filler.arguments(operation)
        assert arguments is not None
        assert operation.allows(arguments.body)


def test_a_reference_has_the_format_that_its_property_has() -> None:
    """Where a property wants an id in a format that the record's key does not have, the record's other id is sent."""
    code = {**TEXT, "example": "storage"}
    shown = {"type": "object", "required": ["code", "lago_id"], "properties": {"code": code, "lago_id": UUID}}
    body = {"type": "object", "properties": {"metric_id": {**UUID, "x-accordant-reference": "metric"}}}
    one = {"parameters": [variable("code", "metric")], **key("code", "code"), **shows(shown)}
    paths = {
        "/metrics/{code}": {"get": facts("readMetric", "get", "metric", **one)},
        "/charges": {"post": facts("charge", "custom", "charge", **takes(body))},
    }
    with probing(paths) as context:
        arguments = context.filler.arguments(context.session.document.operations["charge"])
        assert arguments is not None
        assert arguments.body["metric_id"] == context.store.known("metric")[0].value["lago_id"]


def test_records_lead_through_all_that_they_are_inside_of() -> None:
    """A record that is inside of one which is inside of another is named with both, and there are enough of them for
    every operation that deletes some."""
    plan, charge = variable("plan", "plan"), variable("charge", "charge")
    filters = [plan, charge, variable("filter", "filter")]
    named = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}
    paths: dict[str, Any] = {
        "/plans/{plan}": {
            "get": facts("readPlan", "get", "plan", parameters=[plan], **key("plan", "plan"), **shows(named))
        },
        "/plans/{plan}/charges/{charge}": {
            "get": facts(
                "readCharge", "get", "charge", parameters=[plan, charge], **key("charge", "charge"), **shows(named)
            )
        },
        "/plans/{plan}/charges/{charge}/filters/{filter}": {
            "delete": facts("removeFilter", "delete", "filter", parameters=filters, **key("filter", "filter"))
        },
    }
    for number in range(3):
        paths[f"/old{number}/{{plan}}/charges/{{charge}}/filters/{{filter}}"] = {
            "delete": facts(f"removeOld{number}", "delete", "filter", parameters=filters, **key("filter", "filter"))
        }
    with probing(paths) as context:
        found = context.store.known("filter")
        assert len(found) > 3 * 4
        assert {*found[0].context} == {"plan", "charge"}


def test_a_choice_is_no_record() -> None:
    """What a path names by one of a few values can be deleted as often as one likes: a run over it is green."""
    action = variable("action", "list", {"type": "string", "enum": ["block", "allow"]})
    one = {"parameters": [action], **key("action", "action")}
    paths = {"/lists/{action}": {"delete": facts("clear", "delete", "list", **one)}}
    assert findings(paths) == []


def test_a_member_that_has_one_name_in_common_is_not_the_record() -> None:
    """A response that shows nothing of a record is not compared with it because another thing has a name too."""
    author = {"type": "object", "properties": {"name": TEXT}}
    body = {"type": "object", "required": ["name", "value"], "properties": {"name": TEXT, "value": TEXT}}
    shown = {"type": "object", "required": ["id", "author"], "properties": {"id": NUMBER, "author": author}}
    paths = {"/secrets": {"post": facts("keep", "create", "secret", **takes(body), **shows(shown), **key(None))}}
    assert findings(paths) == []
