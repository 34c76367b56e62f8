"""Contract runs over derived sandboxes whose records several operations delete."""

from __future__ import annotations

from typing import Any

from accordant_contract.document.values import Arguments
from accordant_contract.fuzz.expected_rejections import ExpectedRejections
from accordant_contract.probes.client_replay import KEPT, are_few

from .derived_target import facts, findings, key, probing, shows, takes, variable

TEXT = {"type": "string"}
TEAM: dict[str, Any] = {"type": "object", "required": ["id"], "properties": {"id": TEXT, "name": TEXT}}


def _notes() -> dict[str, Any]:
    """Notes that are made in one place, by an operation that does not say how they are called, and go in two."""
    team, note = variable("team", "team"), variable("note", "note")
    deletion = {**key("note", "note")}
    return {
        "/notes": {"post": facts("makeNote", "create", "note", **takes(TEAM))},
        "/notes/{note}": {"delete": facts("removeNote", "delete", "note", parameters=[note], **deletion)},
        "/teams/{team}": {"get": facts("readTeam", "get", "team", parameters=[team], **shows(TEAM), **key("team"))},
        "/teams/{team}/notes/{note}": {
            "delete": facts("removeTeamNote", "delete", "note", parameters=[team, note], **deletion)
        },
    }


def test_the_client_leaves_records_to_each_operation_that_deletes_them() -> None:
    """The client deletes while enough records are left for the probes of every operation that deletes."""
    with probing(_notes()) as context:
        operation = context.session.document.operations["removeNote"]
        assert not are_few(context, operation)
        while not are_few(context, operation):
            first = context.store.known("note")[0]
            context.store.forget("note", first.key)
        assert len(context.store.known("note")) == 2 * KEPT


def test_a_body_that_names_a_record_does_not_say_how_it_is_found() -> None:
    """Where only a body calls a field like the key of its own kind, paths name records by the key that they show."""
    number: dict[str, Any] = {"type": "integer"}
    paper = {"type": "object", "required": ["id"], "properties": {"id": number, "title": TEXT}}
    body = {"type": "object", "properties": {"paper_id": {**number, "example": 42}, "title": TEXT}}
    shelf, one, other = (
        variable("shelf", "shelf"),
        variable("id", "paper", number),
        variable("paper_id", "paper", number),
    )
    paths = {
        "/papers/{id}": {"get": facts("readPaper", "get", "paper", parameters=[one], **shows(paper), **key("id"))},
        "/shelves/{shelf}": {
            "get": facts("readShelf", "get", "shelf", parameters=[shelf], **shows(TEAM), **key("shelf"))
        },
        "/shelves/{shelf}/papers": {
            "post": facts("addPaper", "create", "paper", parameters=[shelf], **takes(body), **shows(paper), **key(None))
        },
        "/shelves/{shelf}/papers/{paper_id}": {
            "delete": facts("takeAway", "delete", "paper", parameters=[shelf, other], **key("paper_id", "paper_id"))
        },
    }
    with probing(paths) as context:
        assert 42 not in {each.key for each in context.store.known("paper")}
    assert findings(paths) == []


def test_a_record_that_only_its_creator_can_name_is_not_named_by_what_is_seen() -> None:
    """Where a path asks for what a creation was sent and no response shows, ids that lists show name no record there:
    the run does not send them, and does not wonder when they are refused."""
    box = variable("box", "box")
    shown = {"type": "object", "required": ["id"], "properties": {"id": TEXT, "owner": TEXT}}
    body = {"type": "object", "required": ["box"], "properties": {"box": TEXT}}
    paths = {
        "/boxes": {
            "get": facts("listBoxes", "list", "box", **shows({"type": "array", "items": shown}), **key(None)),
            "post": facts("makeBox", "create", "box", **takes(body)),
        },
        "/boxes/{box}": {"delete": facts("removeBox", "delete", "box", parameters=[box], **key("box", "box"))},
    }
    with probing(paths) as context:
        operations = context.session.document.operations
        listed = context.store.call(operations["listBoxes"], Arguments())
        rejections = ExpectedRejections(context.session.document, context.policy, {})
        rejections.learn(listed)
        seen = [each["id"] for each in listed.document]
        gone = context.session.call("removeBox", Arguments(path={"box": seen[0]}), "unknown")
        assert gone.status == 404
        assert rejections.refusal(gone) is not None
        while (spare := context.filler.spare(operations["removeBox"])) is not None:
            assert spare.key not in seen
            context.store.forget("box", spare.key)
        assert {each.key for each in context.store.known("box")} == {*seen}


def test_a_deletion_takes_a_row_away_whatever_else_its_document_says() -> None:
    """A deletion that is documented with 201 too is counted as one: 200 does not say that nothing was there."""
    one = {"parameters": [variable("id", "team")], **key("id")}
    rows = facts("listTeams", "list", "team", **shows({"type": "array", "items": TEAM}), **key(None))
    gone = facts("removeTeam", "delete", "team", **one)
    gone["responses"]["201"] = {"description": ""}
    paths = {
        "/teams": {"get": rows, "post": facts("makeTeam", "create", "team", **takes(TEAM), **shows(TEAM, "201"))},
        "/teams/{id}": {"get": facts("readTeam", "get", "team", **one, **shows(TEAM)), "delete": gone},
    }
    assert findings(paths) == []
