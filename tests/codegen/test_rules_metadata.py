"""The rules that write down what an operation does."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_codegen.read.rules import metadata
from tests.codegen.ruled import document, of, ruled

KEY = {"parameter": "id", "field": "id"}
EQUAL = {"field": "job_id", "predicate": "eq"}
NULL = {"field": "job_id", "predicate": "null"}


class TestMetadata:
    def test_operation_ids(self) -> None:
        """Missing ids are made from method and path, equal ones numbered, and the report says so."""
        found = document(
            {"/a/{id}": {"get": {}}, "/b": {"get": {"operationId": "getIt"}, "put": {"operationId": "get_it"}}}
        )
        result, losses = ruled(metadata.operation_ids, found)
        assert list(of(result)) == ["get_a_id", "getIt", "get_it2"]
        assert losses == [
            "$.paths['/a/{id}'].get.operationId: it is called 'get_a_id' here",
            "$.paths['/b'].put.operationId: it is called 'get_it2' here",
        ]

    def test_filters(self) -> None:
        """`x-accordant-filter-style: ransack` explains bracketed filters, longest predicate first."""
        names = ["filter[job_id_eq]", "filter[status_not_eq]", "filter[name_contains]", "limit", "filter[odd]"]
        given: list[dict[str, Any]] = [{"name": name, "in": "query"} for name in names]
        given.append({"name": "filter[a_eq]", "in": "query", "x-accordant-filter": {"field": "b", "predicate": "in"}})
        found = document(
            {"/a": {"get": {"operationId": "a", "parameters": given}}}, **{"x-accordant-filter-style": "ransack"}
        )
        rules = [item.get("x-accordant-filter") for item in of(ruled(metadata.filters, found)[0])["a"]["parameters"]]
        assert rules == [
            {"field": "job_id", "predicate": "eq"},
            {"field": "status", "predicate": "not_eq"},
            {"field": "name", "predicate": "contains"},
            None,
            None,
            {"field": "b", "predicate": "in"},
        ]

    def test_filters_without_style(self) -> None:
        """Without that word brackets mean nothing."""
        found = document({"/a": {"get": {"operationId": "a", "parameters": [{"name": "filter[a_eq]", "in": "query"}]}}})
        assert ruled(metadata.filters, found)[0] == found

    @pytest.mark.parametrize(
        ("method", "path", "parts", "facts"),
        [
            ("get", "/v1/jobs", {"x-accordant-pagination": {}}, ("list", "list", "job", None)),
            ("get", "/v1/jobs", {}, ("custom", "do_it", "job", None)),
            ("post", "/v1/jobs", {}, ("create", "create", "job", None)),
            ("get", "/jobs/{id}", {}, ("get", "get", "job", KEY)),
            ("patch", "/jobs/{uid}", {}, ("update", "update", "job", {"parameter": "uid", "field": "uid"})),
            ("put", "/jobs/{id}/", {}, ("replace", "replace", "job", KEY)),
            ("delete", "/jobs/{id}", {}, ("delete", "delete", "job", KEY)),
            ("post", "/jobs/{id}/accept", {}, ("custom", "do_it", "accept", None)),
            (
                "get",
                "/companies/{id}",
                {"x-accordant-entity": "firm"},
                ("get", "get", "firm", {"parameter": "id", "field": "id"}),
            ),
            (
                "get",
                "/jobs/{id}",
                {"x-accordant-name": "fetch"},
                ("get", "fetch", "job", {"parameter": "id", "field": "id"}),
            ),
            ("get", "/jobs/{id}", {"x-accordant-key": {"field": "no"}}, ("get", "get", "job", {"field": "no"})),
            ("post", "/jobs", {"x-accordant-action": "upsert"}, ("upsert", "upsert", "job", None)),
            ("get", "/", {}, ("custom", "do_it", "root", None)),
        ],
    )
    def test_operation_facts(
        self, method: str, path: str, parts: dict[str, Any], facts: tuple[str, str, str, Any]
    ) -> None:
        """Action, method name, entity and key follow from method and path; what is stated stays."""
        found = document({path: {method: {"operationId": "doIt", "tags": ["Job Things"], **parts}}})
        operation = of(ruled(metadata.operation_facts, found)[0])["doIt"]
        keys = ("x-accordant-action", "x-accordant-name", "x-accordant-entity", "x-accordant-key")
        assert tuple(operation.get(key) for key in keys) == facts
        assert operation["x-accordant-resource"] == "job_things"

    def test_distinct_method_names(self) -> None:
        """Two operations of a resource never share a method; the later one is called by its operationId."""
        found = document(
            {
                "/a/{id}": {"get": {"operationId": "getA", "tags": ["x"]}},
                "/b/{id}": {"get": {"operationId": "getB", "tags": ["x"]}},
                "/c/{id}": {"get": {"operationId": "getC"}},
            }
        )
        named = of(ruled(metadata.operation_facts, found)[0])
        assert [item["x-accordant-name"] for item in named.values()] == ["get", "get_b", "get"]

    def test_references(self) -> None:
        """`<entity>_id` and path keys behind a collection hold ids of records that the document knows."""
        found = document(
            {
                "/jobs/{id}/notes": {
                    "get": {
                        "operationId": "a",
                        "x-accordant-entity": "note",
                        "parameters": [
                            {"name": "id", "in": "path"},
                            {"name": "userId", "in": "query"},
                            {
                                "name": "filter[job_id_eq]",
                                "x-accordant-filter": {"field": "job_id", "predicate": "eq"},
                                "in": "query",
                            },
                            {
                                "name": "filter[job_id_null]",
                                "x-accordant-filter": {"field": "job_id", "predicate": "null"},
                                "in": "query",
                            },
                        ],
                    }
                },
                "/jobs": {"get": {"operationId": "b", "x-accordant-entity": "job"}},
            },
            components={
                "schemas": {
                    "Note": {
                        "properties": {
                            "jobId": {},
                            "note_ids": {"type": "array"},
                            "user_id": {},
                            "job_id": {"x-accordant-reference": "other"},
                        }
                    }
                }
            },
        )
        result, _ = ruled(metadata.references_between_records, found)
        properties = result["components"]["schemas"]["Note"]["properties"]
        assert {name: node.get("x-accordant-reference") for name, node in properties.items()} == {
            "jobId": "job",
            "note_ids": "note",
            "user_id": None,
            "job_id": "other",
        }
        assert [item.get("x-accordant-reference") for item in of(result)["a"]["parameters"]] == [
            "job",
            None,
            "job",
            None,
        ]

    def test_what_comes_after_a_key_is_no_key(self) -> None:
        """A path variable right after another one names a part of the record, and no record of that kind."""
        names = [{"name": name, "in": "path"} for name in ("job", "format")]
        found = document(
            {"/jobs/{job}/{format}": {"get": {"operationId": "a", "x-accordant-entity": "job", "parameters": names}}}
        )
        result, _ = ruled(metadata.references_between_records, found)
        assert [item.get("x-accordant-reference") for item in of(result)["a"]["parameters"]] == ["job", None]

    def test_what_comes_after_a_word_is_no_key(self) -> None:
        """A path variable in the midst of a segment (`/jobs.{format}`) names no record; one in brackets does."""
        paths: dict[str, Any] = {
            path: {
                "get": {"operationId": name, "x-accordant-entity": "job", "parameters": [{"name": "x", "in": "path"}]}
            }
            for name, path in (("a", "/jobs.{x}"), ("b", "/jobs({x})"), ("c", "/jobs{x}"))
        }
        result, _ = ruled(metadata.references_between_records, document(paths))
        found = {name: each["parameters"][0].get("x-accordant-reference") for name, each in of(result).items()}
        assert found == {"a": None, "b": "job", "c": None}


@pytest.mark.parametrize(
    ("paths", "resources"),
    [
        (["/toys", "/toys/{id}", "/cars"], ["toys", "toys", "cars"]),
        (["/api/v1/toys/{id}/parts", "/api/v1/cars"], ["toys", "cars"]),
        (["/maps/api/geocode/json", "/maps/api/place/details/json"], ["geocode", "place"]),
        (["/chat.post", "/chat.delete", "/users:list"], ["chat", "chat", "users"]),
        (["/toys", "/toys/{id}/parts"], ["toys", "toys"]),
        (["/toys/{id}"], ["toys"]),
        (["/", "/{id}", "/2.0"], ["default", "default", "default"]),
        (["/raw/{id}", "/close"], ["raw_", "close_"]),
    ],
)
def test_resources_without_tags(paths: list[str], resources: list[str]) -> None:
    """An operation without a tag belongs to the first word of its path that says something, never hidden by the
    client's own attributes."""
    given: dict[str, Any] = {path: {"get": {"operationId": path, "responses": {}}} for path in paths}
    result, _ = ruled(metadata.operation_facts, document(given))
    assert [of(result)[path]["x-accordant-resource"] for path in paths] == resources
