"""Contract runs over derived sandboxes of documents that show one record in an array, or take several in one."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from .derived_target import facts, findings, key, probing, shows, takes, variable

TEXT = {"type": "string"}
ROW: dict[str, Any] = {"type": "object", "required": ["id"], "properties": {"id": TEXT, "name": TEXT}}
BODY: dict[str, Any] = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}
MANY: dict[str, Any] = {"type": "array", "items": ROW}


def _teams(shown: Any, body: Any, made: Any) -> dict[str, Any]:
    by_id = {"parameters": [variable("team", "team")], **key("team")}
    return {
        "/teams": {
            "get": facts("listTeams", "list", "team", **shows(MANY), **key(None)),
            "post": facts("makeTeam", "create", "team", **takes(body), **shows(made, "201"), **key(None)),
        },
        "/teams/{team}": {
            "get": facts("readTeam", "get", "team", **shows(shown), **by_id),
            "put": facts("changeTeam", "replace", "team", **takes(BODY), **shows(ROW), **by_id),
        },
    }


def test_one_record_may_be_shown_in_an_array() -> None:
    """The only record of an array is the record that was asked for: it can be read back."""
    assert findings(_teams(MANY, BODY, ROW)) == []
    with probing(_teams(MANY, BODY, ROW)) as context:
        read, listed = (context.session.document.operations[each] for each in ("readTeam", "listTeams"))
        assert read.record([{"id": "a"}]) == {"id": "a"}
        assert read.record([{"id": "a"}, {"id": "b"}]) == [{"id": "a"}, {"id": "b"}]
        assert listed.record([{"id": "a"}]) == [{"id": "a"}]


def test_a_creation_of_several_adds_as_many() -> None:
    """A list that goes up by as many rows as a body has records is right."""
    assert findings(_teams(ROW, {"type": "array", "minItems": 2, "items": BODY}, MANY)) == []


def test_a_deletion_forgets_no_record_that_holds_the_same_text_elsewhere() -> None:
    """A record that is gone takes none with it that happens to hold its key in another field."""
    own = {**ROW, "properties": {**ROW["properties"], "site_id": TEXT}}
    by_id = {"parameters": [variable("site", "site"), variable("asset", "asset")], **key("asset")}
    paths = {
        "/sites/{site}/assets": {
            "get": facts(
                "listAssets",
                "list",
                "asset",
                parameters=[variable("site", "site")],
                **shows({"type": "array", "items": own}),
            ),
        },
        "/sites/{site}/assets/{asset}": {"delete": facts("removeAsset", "delete", "asset", **by_id)},
        "/sites/{site}": {
            "get": facts("readSite", "get", "site", parameters=[variable("site", "site")], **shows(ROW), **key("site"))
        },
    }
    with probing(paths) as context:
        store = context.store
        first, second = store.known("asset")[:2]
        alike = evolve(second, value={**second.value, "site_key": first.key})
        store.records["asset"] = [first, alike]
        for _ in range(2):
            store.forget("asset", first.key)
            assert store.known("asset") == [alike]
