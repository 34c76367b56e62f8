"""The spec overlay engine: what actions do, and which are refused."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from accordant_codegen.errors import DocumentError
from accordant_codegen.read.overlay import Action, Applied, Overlay, apply, read_overlay
from tests.codegen.checkouts import MINIMAL, OVERLAY, Checkout, refused

DOCUMENT: dict[str, Any] = {
    "info": {"title": "A", "version": "1"},
    "paths": {
        "/a": {"get": {"operationId": "a", "tags": ["x"], "deprecated": True}, "post": {"operationId": "b"}},
        "/b": {"get": {"operationId": "c", "parameters": [{"name": "limit"}, {"name": "page"}, {"name": "limit"}]}},
    },
    "components": {"schemas": {"A": {"type": "string", "required": ["id", "name"]}}},
}


def actions(*items: str) -> str:
    """An overlay file with these actions."""
    return "overlay: 1.0.0\ninfo: {title: C, version: 1.0.0}\nactions:\n" + "".join(f"  - {item}\n" for item in items)


def applied(*actions: dict[str, Any], document: dict[str, Any] | None = None) -> Applied:
    """What the actions make of the document."""
    overlay = Overlay("overlay.yaml", tuple(Action(reason="why", place="$.actions[0]", **item) for item in actions))
    return apply(document or DOCUMENT, overlay)


def changed(*actions: dict[str, Any]) -> dict[str, Any]:
    """The corrected document."""
    return applied(*actions).document


class TestUpdate:
    def test_merges_objects(self) -> None:
        """An object is merged into an object, level by level; what it does not name stays."""
        result = changed({"target": "$.info", "update": {"title": "B", "contact": {"name": "C"}}})
        assert result["info"] == {"title": "B", "version": "1", "contact": {"name": "C"}}
        deep = changed({"target": "$", "update": {"paths": {"/a": {"get": {"summary": "S"}}}}})
        assert deep["paths"]["/a"]["get"] == {**DOCUMENT["paths"]["/a"]["get"], "summary": "S"}

    def test_replaces_scalars(self) -> None:
        """A scalar replaces a scalar, named through its parent or itself; null is a value."""
        result = changed(
            {"target": "$.info", "update": {"version": 2, "title": None}},
            {"target": "$.components.schemas.A.type", "update": "integer"},
        )
        assert result["info"] == {"title": None, "version": 2}
        assert result["components"]["schemas"]["A"]["type"] == "integer"

    def test_replaces_other_kinds(self) -> None:
        """A value of another kind under the same key is replaced."""
        result = changed({"target": "$.paths['/a'].get", "update": {"tags": "x", "operationId": {"a": 1}}})
        assert result["paths"]["/a"]["get"]["tags"] == "x"
        assert result["paths"]["/a"]["get"]["operationId"] == {"a": 1}

    def test_appends_to_arrays(self) -> None:
        """A targeted array grows by the item, or by the items of a list; so does an array within an object."""
        result = changed(
            {"target": "$.paths['/a'].get.tags", "update": "y"},
            {"target": "$.paths['/a'].get.tags", "update": ["z", "w"]},
            {"target": "$.components.schemas.A", "update": {"required": ["size"]}},
            {"target": "$.paths['/b'].get.parameters", "update": {"name": "sort"}},
        )
        assert result["paths"]["/a"]["get"]["tags"] == ["x", "y", "z", "w"]
        assert result["components"]["schemas"]["A"]["required"] == ["id", "name", "size"]
        assert [item["name"] for item in result["paths"]["/b"]["get"]["parameters"]] == [
            "limit",
            "page",
            "limit",
            "sort",
        ]

    def test_appends_once(self) -> None:
        """What an array holds already is not appended again: the lists of a document are sets."""
        result = applied({"target": "$.components.schemas.A.required", "update": ["id", "size"]})
        assert result.document["components"]["schemas"]["A"]["required"] == ["id", "name", "size"]

    def test_several_matches(self) -> None:
        """Wildcards, name lists, filters and descendants update everything that they find."""
        result = changed(
            {"target": "$.paths[*]['get','post']", "update": {"x-all": True}},
            {"target": "$..parameters[?@.name=='limit']", "update": {"in": "query"}},
            {"target": "$.paths['/a','/b'].get", "update": {"x-get": True}},
        )
        operations = [result["paths"]["/a"]["get"], result["paths"]["/a"]["post"], result["paths"]["/b"]["get"]]
        assert all(item["x-all"] for item in operations)
        assert ["x-get" in item for item in operations] == [True, False, True]
        assert result["paths"]["/b"]["get"]["parameters"] == [
            {"name": "limit", "in": "query"},
            {"name": "page"},
            {"name": "limit", "in": "query"},
        ]

    def test_matches_do_not_share(self) -> None:
        """Two places that the same action updates stay two places."""
        first = {"target": "$.paths[*].get", "update": {"x-list": [1], "x-map": {"a": 1}}}
        result = changed(first, {"target": "$.paths['/a'].get['x-list']", "update": 2})
        result["paths"]["/a"]["get"]["x-map"]["a"] = 2
        assert result["paths"]["/b"]["get"]["x-list"] == [1]
        assert result["paths"]["/b"]["get"]["x-map"] == {"a": 1}

    def test_in_order(self) -> None:
        """Actions see what those before them did."""
        result = changed(
            {"target": "$.components.schemas", "update": {"B": {"type": "object"}}},
            {"target": "$.components.schemas.B", "update": {"description": "b"}},
            {"target": "$.components.schemas.B.type", "remove": True},
        )
        assert result["components"]["schemas"]["B"] == {"description": "b"}

    @pytest.mark.parametrize(
        ("target", "update"), [("$.info", "text"), ("$.info.title", {"a": 1}), ("$.info", [1]), ("$", 1)]
    )
    def test_kinds_that_do_not_go_together(self, target: str, update: Any) -> None:
        """A scalar cannot update an object, nor an object a scalar: the action is refused with its place."""
        with pytest.raises(DocumentError, match=r"^overlay\.yaml: \$\.actions\[0\]: .* cannot update "):
            changed({"target": target, "update": update})


class TestRemove:
    def test_removes(self) -> None:
        """Keys and items go, several at once, whatever their order."""
        result = changed(
            {"target": "$.paths['/a'].get.deprecated", "remove": True},
            {"target": "$..parameters[?@.name=='limit']", "remove": True},
            {"target": "$.paths[*].post", "remove": True},
        )
        assert result["paths"] == {
            "/a": {"get": {"operationId": "a", "tags": ["x"]}},
            "/b": {"get": {"operationId": "c", "parameters": [{"name": "page"}]}},
        }

    def test_nested_and_repeated_matches(self) -> None:
        """A match inside another match, or one that is found twice, goes with it."""
        document = {"a": {"x": 1, "b": {"x": 2, "a": {"x": 3}}}}
        overlay = Overlay("overlay.yaml", (Action("$..a", "why", "$.actions[0]", remove=True),))
        assert apply(document, overlay).document == {}
        assert "title" not in changed({"target": "$.info['title','title']", "remove": True})["info"]

    def test_whole_document(self) -> None:
        """The document itself cannot be removed."""
        with pytest.raises(DocumentError, match="the whole document cannot be removed"):
            changed({"target": "$", "remove": True})


class TestStrictness:
    def test_input_untouched(self) -> None:
        """The document that is corrected stays as it was."""
        before = copy.deepcopy(DOCUMENT)
        changed({"target": "$.paths[*].get.tags", "update": "y"}, {"target": "$.paths['/a']", "remove": True})
        assert before == DOCUMENT

    def test_no_match(self) -> None:
        """An action that matches nothing is an error that names it and its target."""
        with pytest.raises(DocumentError) as caught:
            changed({"target": "$.paths['/c'].get", "update": {}})
        assert str(caught.value).startswith("overlay.yaml: $.actions[0]: target \"$.paths['/c'].get\" matches nothing")

    @pytest.mark.parametrize("target", ["paths", "$.paths[", "$.a[?", "", "$.paths[?@.a ~= 1]"])
    def test_no_path(self, target: str) -> None:
        """A target that is no RFC 9535 path is an error that quotes it."""
        with pytest.raises(DocumentError) as caught:
            changed({"target": target, "update": {}})
        assert caught.value.path == "$.actions[0].target"
        assert repr(target) in caught.value.problem
        assert "is not an RFC 9535 path" in caught.value.problem

    @pytest.mark.parametrize(
        ("target", "update"),
        [
            ("$.info", {"title": "A"}),
            ("$.info.title", "A"),
            ("$.info", {}),
            ("$.components.schemas.A", {"required": ["name"]}),
            ("$.components.schemas.A.required", "name"),
            ("$.paths['/a'].get.tags", ["x"]),
        ],
    )
    def test_superfluous(self, target: str, update: Any) -> None:
        """An action that changes nothing is reported: the vendor has made the correction."""
        result = applied({"target": target, "update": update})
        assert [action.target for action in result.superfluous] == [target]
        assert result.document == DOCUMENT

    def test_not_superfluous(self) -> None:
        """An action that changes one of several places is needed."""
        assert not applied({"target": "$.paths[*].get", "update": {"deprecated": True}}).superfluous


class TestFile:
    @pytest.mark.parametrize(
        ("text", "place", "said"),
        [
            ("openapi: 3.1.0\n", "$.overlay", "the overlay version must be 1.0.x"),
            ("overlay: 2.0.0\nactions: []\n", "$.overlay", "the overlay version must be 1.0.x"),
            ("overlay: 1.0.0\n", "$.actions", "it must be a list"),
            ("overlay: 1.0.0\nactions: {}\n", "$.actions", "it must be a list"),
            ("overlay: 1.0.0\nactions: [x]\n", "$.actions[0]", "an action needs a `target`"),
            ("overlay: 1.0.0\nactions: [{update: {}, description: a}]\n", "$.actions[0]", "needs a `target`"),
            ("overlay: 1.0.0\nactions: [{target: $, update: {}}]\n", "$.actions[0]", "needs a `description`"),
            (
                "overlay: 1.0.0\nactions: [{target: $, update: {}, description: ' '}]\n",
                "$.actions[0]",
                "needs a `description`",
            ),
            ("overlay: 1.0.0\nactions: [{target: $, description: a}]\n", "$.actions[0]", "either `update` or"),
            (
                "overlay: 1.0.0\nactions: [{target: $, description: a, update: {}, remove: true}]\n",
                "$.actions[0]",
                "either `update` or",
            ),
            (
                "overlay: 1.0.0\nactions: [{target: $, description: a, remove: false}]\n",
                "$.actions[0]",
                "either `update` or",
            ),
            (
                "overlay: 1.0.0\nactions: [{target: $, description: a, remove: 'no'}]\n",
                "$.actions[0].remove",
                "it must be true or false",
            ),
            (
                "overlay: 1.0.0\nactions:\n- {target: $, description: a, update: {}}\n- {target: $, description: a, "
                "updates: {}, update: {}}\n",
                "$.actions[1]",
                "unknown keys updates",
            ),
            ("", "$", "it is empty"),
        ],
    )
    def test_half_an_action(self, text: str, place: str, said: str, tmp_path: Path) -> None:
        """A file that is no overlay, or an action that lacks a part, is refused with its place."""
        (tmp_path / "spec.overlay.yaml").write_text(text)
        with pytest.raises(DocumentError) as caught:
            read_overlay(tmp_path / "spec.overlay.yaml", label="overlays/a")
        assert caught.value.file == "overlays/a"
        assert caught.value.path == place
        assert said in caught.value.problem

    def test_read(self, tmp_path: Path) -> None:
        """A good file gives its actions in order, each with its reason and place."""
        (tmp_path / "spec.overlay.yaml").write_text(OVERLAY)
        [action] = read_overlay(tmp_path / "spec.overlay.yaml").actions
        assert action.target == "$.components.schemas.Thing.properties"
        assert action.reason == "[docs] Things have a name."
        assert action.place == "$.actions[0]"
        assert action.update == {"name": {"type": "string"}}


class TestCommand:
    def test_applied(self, checkout: Checkout) -> None:
        """The generated client has what the overlay says."""
        checkout.add("shop", MINIMAL, OVERLAY)
        assert checkout.run("regenerate") == 0
        assert "name: str | Unset" in (checkout.package("shop") / "models" / "thing.py").read_text()

    def test_bad_action(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A bad action is refused with the overlay's file, exit status 1 and no traceback."""
        checkout.add("shop", MINIMAL, OVERLAY.replace("schemas.Thing", "schemas.Thin"))
        said = refused(checkout, capsys)
        assert said.startswith("overlays/accordant/shop/spec.overlay.yaml: $.actions[0]: target")
        assert "matches nothing" in said

    def test_broken_by_the_overlay(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A document that the overlay breaks is refused as well, and the message says that the overlay took part."""
        checkout.add("shop", MINIMAL, OVERLAY.replace("{type: string}", '{$ref: "#/components/schemas/No"}'))
        assert refused(checkout, capsys).startswith("specs/shop/openapi.yaml with its overlay: $.components.schemas")

    def test_mends_what_would_be_refused(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """An overlay comes before every check: it mends missing paths, a list in the place of an object, null."""
        broken = MINIMAL.replace("openapi: 3.1.0", "openapi: 3.0.3").replace("paths:", "x-paths:")
        checkout.add("shop", broken)
        assert "$.paths: it is missing" in refused(checkout, capsys)
        checkout.add("shop", broken, actions("{target: $, description: d, update: {paths: {/a: {get: {}}}}}"))
        assert checkout.run("regenerate") == 0
        listed = MINIMAL.replace("responses:\n", "responses: []\n      x-responses:\n")
        checkout.add(
            "shop",
            listed.replace("parameters: [{", "parameters: null\n      x-parameters: [{"),
            actions(
                '{target: "$.paths[*].get.responses", description: d, remove: true}',
                "{target: \"$.paths[*].get\", description: d, update: {responses: {'204': {description: d}}}}",
                '{target: "$.paths[*].get.parameters", description: d, update: [{name: id, in: path, '
                "schema: {type: integer}}]}",
            ),
        )
        capsys.readouterr()
        assert checkout.run("regenerate") == 0
        assert "left out" not in capsys.readouterr().out
        assert 'Answer("204"' in (checkout.package("shop") / "things.py").read_text()
        assert "id: int" in (checkout.package("shop") / "things.py").read_text()

    def test_mends_a_missing_schema(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A reference to a schema that is missing costs its type, unless the overlay adds the schema."""
        broken = MINIMAL.replace('schemas/State"', 'schemas/Missing"')
        checkout.add("shop", broken)
        assert checkout.run("regenerate") == 0
        assert "properties.state: $ref '#/components/schemas/Missing' points at nothing" in capsys.readouterr().out
        checkout.add(
            "shop",
            broken,
            actions("{target: $.components.schemas, description: d, update: {Missing: {type: string}}}"),
        )
        assert checkout.run("regenerate") == 0
        assert "points at nothing" not in capsys.readouterr().out
        assert "state: str" in (checkout.package("shop") / "models" / "thing.py").read_text()

    def test_mends_swagger(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """What only Swagger 2.0 has is corrected before the conversion, and so is what says that it wants to be;
        everything else after it."""
        text = 'swagger: "2.0"\ninfo: {title: T, version: "1"}\npaths:\n  /a: {get: {operationId: a, parameters: null, '
        text += "responses: {'200': {description: d, schema: {$ref: '#/definitions/A'}}}}}\n"
        text += "definitions: {A: {properties: {b: {$ref: '#/definitions/B'}}}}\n"
        field, original = "{name: x, in: query, type: string}", "x-accordant-original: true"
        checkout.add(
            "shop",
            text,
            actions(
                "{target: $.definitions, description: d, update: {B: {type: integer}}}",
                f"{{target: \"$.paths['/a'].get.parameters\", description: d, update: [{field}], {original}}}",
                "{target: $.components.schemas.A, description: d, update: {description: Corrected.}}",
            ),
        )
        assert checkout.run("regenerate") == 0, capsys.readouterr().err
        assert "left out" not in capsys.readouterr().out
        assert "x: str" in (checkout.package("shop") / "a.py").read_text()
        assert "b: int" in (model := (checkout.package("shop") / "models" / "a.py").read_text())
        assert "Corrected." in model

    def test_every_unmatched_action(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """All actions that match nothing are told at once, those of every file."""
        checkout.add(
            "shop",
            MINIMAL,
            actions("{target: $.a, description: d, update: {}}", "{target: $.b, description: d, remove: true}"),
        )
        other = checkout.root / "overlays" / "accordant" / "shop" / "more.overlay.yaml"
        other.write_text(actions("{target: $.c, description: d, update: {}}"))
        said = refused(checkout, capsys)
        assert said.startswith("3 overlay actions match nothing")
        places = [line.split(": ", 2)[1] for line in said.splitlines()[1:]]
        assert places == ["$.actions[0]", "$.actions[1]", "$.actions[0]"]
        assert "more.overlay.yaml" in said

    def test_left_out_once_it_has_matched(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """An action that has matched before is left out when the vendor takes away what it corrects, and told with its
        line each time; a new one that matches nothing is refused."""
        checkout.add("shop", MINIMAL, OVERLAY)
        assert checkout.run("regenerate") == 0
        without = MINIMAL.replace("Thing", "Item")
        checkout.add("shop", without, OVERLAY)
        for _ in range(2):
            capsys.readouterr()
            assert checkout.run("regenerate") == 0
            said = capsys.readouterr().out
            assert "overlays/accordant/shop/spec.overlay.yaml:4: $.actions[0]: target" in said
            assert "matches nothing, and it was left out" in said
        assert checkout.run("check-generated") == 1
        assert "and it was left out" in capsys.readouterr().out
        checkout.add("shop", without, OVERLAY.replace("schemas.Thing", "schemas.Thin"))
        assert "matches nothing" in refused(checkout, capsys)

    def test_hides_a_change(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """An action that replaces the vendor's word is told with its line when that word is another one."""
        title = actions("{target: $.info, description: d, update: {title: Ours}}")
        checkout.add("shop", MINIMAL, title)
        assert checkout.run("regenerate") == 0
        assert "is not what it was" not in capsys.readouterr().out
        checkout.add("shop", MINIMAL.replace("title: Small", "title: Large").replace("summary", "x-summary"), title)
        assert checkout.run("regenerate") == 0
        assert "spec.overlay.yaml" in (said := capsys.readouterr().out)
        assert "$.actions[0]: what '$.info' replaces is not what it was: does the action still hold?" in said

    def test_required_of_a_lost_field(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A field that an action requires and the vendor has renamed is required no more, and told."""
        required = actions("{target: $.components.schemas.Thing, description: d, update: {required: [state]}}")
        checkout.add("shop", MINIMAL, required)
        assert checkout.run("regenerate") == 0
        checkout.add("shop", MINIMAL.replace("state:", "status:"), required)
        assert checkout.run("regenerate") == 0
        assert "requires state, which the schema does not have, and it was left out" in capsys.readouterr().out
        assert '"state"' not in checkout.document("shop").read_text()

    def test_superfluous(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A superfluous action is reported, and generates all the same."""
        checkout.add("shop", MINIMAL, OVERLAY.replace("name: {type: string}", "id: {type: integer}"))
        assert checkout.run("regenerate") == 0
        assert "shop: superfluous overlay action $.actions[0]" in capsys.readouterr().out
