"""eSPACE's document with its spec overlay: corrections land, and what is said of operations names what is there."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from accordant_codegen.errors import DocumentError
from accordant_codegen.read.checks import check_openapi, load
from accordant_codegen.read.document import follow, operations
from accordant_codegen.read.overlay import Overlay, apply, read_overlay
from accordant_codegen.read.swagger2 import to_openapi3
from accordant_runtime import is_array, is_object

ROOT = Path(__file__).parents[2]
BARE = {"RequestToken_RequestToken", "MinistryV2_ServiceCategories"}
ANSWER = "application/json"


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    return load(ROOT / "specs" / "espace" / "swagger.yaml")


@pytest.fixture(scope="module")
def overlay() -> Overlay:
    return read_overlay(ROOT / "overlays" / "accordant" / "espace" / "spec.overlay.yaml")


@pytest.fixture(scope="module")
def corrected(published: dict[str, Any], overlay: Overlay) -> dict[str, Any]:
    return apply(to_openapi3(published, source="swagger.yaml"), overlay).document


def answer(operation: dict[str, Any]) -> dict[str, Any]:
    """The schema of the success answer."""
    schema: dict[str, Any] = operation["responses"]["200"]["content"][ANSWER]["schema"]
    return schema


def record(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """The schema of the record, or of one row, under the envelope; empty where it is no object."""
    schema: dict[str, Any] = follow(document, answer(operation))
    for name in operation["x-accordant-envelope"].split("."):
        schema = one(document, schema["properties"][name])
    return schema


def one(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The object behind a reference, a choice with null, or the items of an array."""
    if "anyOf" in schema:
        schema = schema["anyOf"][0]
    found: dict[str, Any] = follow(document, schema)
    return one(document, found["items"]) if "items" in found else found


def body(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """The properties of the request body."""
    schema = follow(document, operation["requestBody"]["content"][ANSWER]["schema"])
    properties: dict[str, Any] = schema["properties"]
    return properties


def leads_somewhere(document: dict[str, Any], schema: dict[str, Any], path: str) -> bool:
    """Whether a dotted path names a property of a schema."""
    for name in path.split("."):
        if name not in schema.get("properties", {}):
            return False
        schema = one(document, schema["properties"][name])
    return True


def without_texts(node: Any) -> Any:
    """A document in which every summary is gone and every description empty."""
    if is_object(node):
        texts = {key for key, item in node.items() if key in ("summary", "description") and isinstance(item, str)}
        kept = {key: without_texts(item) for key, item in node.items() if key not in texts}
        return kept | ({"description": ""} if "description" in texts else {})
    return [without_texts(item) for item in node] if is_array(node) else node


class TestCorrections:
    def test_every_action_is_needed(self, published: dict[str, Any], overlay: Overlay) -> None:
        """Every action of the overlay matches the published document and changes something."""
        assert apply(to_openapi3(published, source="swagger.yaml"), overlay).superfluous == ()

    def test_texts_do_not_matter(self, published: dict[str, Any], overlay: Overlay) -> None:
        """The overlay fits the vendor's own document too, in which every text is another."""

        document = to_openapi3(without_texts(published), source="swagger.yaml")
        assert len(list(operations(apply(document, overlay).document))) == 108

    def test_mended_document_is_noticed(self, published: dict[str, Any], overlay: Overlay) -> None:
        """The day the vendor publishes a list as a list, the action that made it one is an error."""
        document = copy.deepcopy(published)
        response = document["paths"]["/api/v2/workorder/list"]["get"]["responses"]["200"]
        response["schema"] = {"type": "array", "items": response["schema"]}
        with pytest.raises(DocumentError, match=r"/api/v2/workorder/list.*matches nothing"):
            apply(to_openapi3(document, source="swagger.yaml"), overlay)

    def test_operations(self, published: dict[str, Any], corrected: dict[str, Any]) -> None:
        """Nine operations join the 99: POST to five collections and four times PATCH."""
        before = {(path, method) for path, method, _ in operations(published)}
        added = {(path, method) for path, method, _ in operations(corrected)} - before
        assert len(before) == 99
        assert sorted(added) == [
            ("/api/v2/event/list", "post"),
            ("/api/v2/event/update", "patch"),
            ("/api/v2/maintenance/list", "post"),
            ("/api/v2/maintenance/update", "patch"),
            ("/api/v2/ministry/equipment/list", "post"),
            ("/api/v2/ministry/equipment/update", "patch"),
            ("/api/v2/webhook/list", "post"),
            ("/api/v2/workorder/list", "post"),
            ("/api/v2/workorder/update", "patch"),
        ]
        check_openapi(corrected, "espace")

    def test_wrapper(self, corrected: dict[str, Any]) -> None:
        """Every answer is wrapped, but for the token and the service categories."""
        for _, _, operation in operations(corrected):
            schema = follow(corrected, answer(operation))
            wrapped = {"IsSuccessStatusCode", "Message", "Data"} <= set(schema.get("required", ()))
            assert wrapped == (operation["operationId"] not in BARE), operation["operationId"]

    def test_lists(self, corrected: dict[str, Any]) -> None:
        """Every operation that lists records answers with an array."""
        for _, _, operation in operations(corrected):
            if operation["x-accordant-action"] == "list":
                schema = follow(corrected, answer(operation))
                for name in operation["x-accordant-envelope"].split("."):
                    inner = schema["properties"][name]
                    schema = follow(corrected, inner["anyOf"][0] if "anyOf" in inner else inner)
                assert "array" in schema["type"], operation["operationId"]

    def test_media_type(self, corrected: dict[str, Any]) -> None:
        """Requests and answers are JSON and nothing else."""
        for _, _, operation in operations(corrected):
            assert list(operation["responses"]["200"]["content"]) == [ANSWER]
            if "requestBody" in operation:
                assert list(operation["requestBody"]["content"]) == [ANSWER]

    def test_dates(self, corrected: dict[str, Any]) -> None:
        """No property claims to be an RFC 3339 date-time: all are local."""
        formats = {
            node.get("format", "")
            for schema in corrected["components"]["schemas"].values()
            for item in schema.get("properties", {}).values()
            for node in (item, item.get("items", {}))
        }
        assert "local-date-time" in formats
        assert "date-time" not in formats

    def test_required_properties_exist(self, corrected: dict[str, Any]) -> None:
        """Whatever a schema requires is one of its properties, once."""
        for name, schema in corrected["components"]["schemas"].items():
            required = schema.get("required", [])
            assert set(required) <= set(schema.get("properties", {})), name
            assert len(set(required)) == len(required), name

    def test_patch_offers_what_put_offers(self, corrected: dict[str, Any]) -> None:
        """A PATCH takes every property that its PUT takes, in the same form."""
        for path, method, operation in operations(corrected):
            if method == "patch":
                assert body(corrected, operation).keys() == body(corrected, corrected["paths"][path]["put"]).keys()

    def test_topics(self, corrected: dict[str, Any]) -> None:
        """Each of the 14 topics has a webhook whose payload names its topic."""
        topics = corrected["components"]["schemas"]["WebhookTopicName"]["x-accordant-known-values"]
        assert list(corrected["webhooks"]) == topics
        assert len(topics) == 14
        for item in corrected["webhooks"].values():
            assert "Topic" in follow(corrected, item["post"]["requestBody"]["content"][ANSWER]["schema"])["required"]


class TestMetadata:
    def test_method_names(self, corrected: dict[str, Any]) -> None:
        """Every operation has a room and a method name that no other operation of the room has."""
        rooms = [tag["name"] for tag in corrected["tags"]]
        names = [(operation["tags"], operation["x-accordant-name"]) for _, _, operation in operations(corrected)]
        assert all(len(tags) == 1 and tags[0] in rooms for tags, _ in names)
        assert len({(tags[0], name) for tags, name in names}) == 108

    def test_keys(self, corrected: dict[str, Any]) -> None:
        """A key names a parameter or body property of the request and a field of the answer."""
        for _, _, operation in operations(corrected):
            key = operation.get("x-accordant-key", {})
            if "parameter" in key:
                assert key["parameter"] in [item["name"] for item in operation["parameters"]], operation["operationId"]
            if "body" in key:
                assert key["body"] in body(corrected, operation), operation["operationId"]
            if "field" in key:
                assert key["field"] in record(corrected, operation)["properties"], operation["operationId"]

    def test_filters(self, corrected: dict[str, Any]) -> None:
        """A filter names a field of the rows."""
        for _, _, operation in operations(corrected):
            for parameter in operation.get("parameters", []):
                rule = parameter.get("x-accordant-filter")
                if rule is not None:
                    place = f"{operation['operationId']}.{parameter['name']}"
                    assert leads_somewhere(corrected, record(corrected, operation), rule["field"]), place

    def test_windows(self, corrected: dict[str, Any]) -> None:
        """A window names its parameters, and the fields of the rows that it is measured by."""
        windows = [item for _, _, item in operations(corrected) if "x-accordant-pagination" in item]
        assert [item["operationId"] for item in windows] == ["EventV2_List", "EventV2_Occurrences"]
        for operation in windows:
            window = operation["x-accordant-pagination"]
            names = [item["name"] for item in operation["parameters"]]
            fields = record(corrected, operation)["properties"]
            assert all(window[key] in names for key in ("from", "to", "cap"))
            assert all(field in fields for field in (window["starts"], window["ends"], *window["identity"]))

    def test_echoes(self, corrected: dict[str, Any]) -> None:
        """What a write says of where its properties come back is a place in the record."""
        readers = {
            item["x-accordant-entity"]: record(corrected, item)
            for _, _, item in operations(corrected)
            if item["x-accordant-action"] == "get"
        }
        for _, _, operation in operations(corrected):
            if operation["x-accordant-action"] in ("create", "update") and operation["x-accordant-entity"] in readers:
                for name, schema in body(corrected, operation).items():
                    echo = schema.get("x-accordant-echo", False)
                    reader = readers[operation["x-accordant-entity"]]
                    assert echo is False or leads_somewhere(corrected, reader, echo), (
                        f"{operation['operationId']}.{name}"
                    )

    def test_aliases(self, corrected: dict[str, Any]) -> None:
        """An alias names the published operation that it does the same as."""
        known = {item["operationId"]: item for _, _, item in operations(corrected)}
        aliases = [item for item in known.values() if "x-accordant-alias-of" in item]
        assert len(aliases) == 9
        for item in aliases:
            original = known[item["x-accordant-alias-of"]]
            assert "x-accordant-alias-of" not in original
            assert item["x-accordant-action"] == original["x-accordant-action"]
            assert answer(item) == answer(original)
