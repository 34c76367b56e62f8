"""Contract runs over derived sandboxes: where a record is sought after it was made."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_contract.records.record_keys import around, kinds

from .derived_target import facts, findings, key, probing, shows, takes, variable

TEXT = {"type": "string"}
GROUP: dict[str, Any] = {"type": "object", "required": ["id"], "properties": {"id": TEXT, "name": TEXT}}
USER: dict[str, Any] = {"type": "object", "required": ["id"], "properties": {"id": TEXT, "name": TEXT}}
NAMED: dict[str, Any] = {"type": "object", "required": ["uuid"], "properties": {"uuid": TEXT}}


def _members() -> dict[str, Any]:
    """Members of clubs and of teams, whose paths call both of them a group."""
    club, team, member = variable("group", "club"), variable("group", "team"), variable("uuid", "member")
    members = shows({"type": "array", "items": USER})
    return {
        "/clubs/{group}": {"get": facts("readClub", "get", "club", parameters=[club], **shows(GROUP), **key("group"))},
        "/teams/{group}": {"get": facts("readTeam", "get", "team", parameters=[team], **shows(GROUP), **key("group"))},
        "/clubs/{group}/members": {
            "get": facts("listClub", "list", "member", parameters=[club], **members, **key(None)),
        },
        "/teams/{group}/members": {
            "get": facts("listTeam", "list", "member", parameters=[team], **members),
            "post": facts(
                "join", "create", "member", parameters=[team], **takes(NAMED), **shows(NAMED), **key(None, "uuid")
            ),
        },
        "/teams/{group}/members/{uuid}": {
            "delete": facts("leave", "delete", "member", parameters=[team, member], **key("uuid", "uuid"))
        },
    }


def test_a_record_is_not_sought_in_a_list_that_calls_it_otherwise() -> None:
    """What was made in a team is not sought in a club, nor by an id that its creation does not show."""
    assert findings(_members()) == []


@pytest.mark.parametrize(("listing", "found"), [("listClub", False), ("listTeam", True)])
def test_a_list_inside_of_another_kind_does_not_show_a_record(listing: str, found: bool) -> None:
    """Of two lists whose paths have a variable of one name, the one inside of the same kind shows a record."""
    with probing(_members()) as context:
        operations = context.session.document.operations
        named = kinds(operations["join"])
        arguments = around(operations[listing], {}, {"group": "a"}, named)
    assert (arguments is not None) is found
