"""Each rule of normalisation: what it makes of a document, and what it reports as lost."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from codegen.document import operations
from codegen.errors import CodegenError
from codegen.rules import RULES, metadata, normalise, shape

KEY = {"parameter": "id", "field": "id"}
EQUAL = {"field": "job_id", "predicate": "eq"}
NULL = {"field": "job_id", "predicate": "null"}
Rule = Callable[[dict[str, Any], list[str]], None]


def ruled(rule: Rule, document: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What one rule makes of a copy of the document, and its losses."""
    result, losses = copy.deepcopy(document), list[str]()
    rule(result, losses)
    return result, losses


def document(paths: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """An OpenAPI 3.1 document of these paths."""
    return {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": paths, **parts}


def schemas(**components: Any) -> dict[str, Any]:
    """An OpenAPI 3.0 document of these component schemas."""
    return {**document({}, components={"schemas": components}), "openapi": "3.0.3"}


def of(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The operations of a document by operationId."""
    return {item["operationId"]: item for _, _, item in operations(found)}


class TestNewerVersion:
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
            ({"type": "string", "nullable": False}, {"type": "string"}),
            (
                {"type": "string", "enum": ["a"], "nullable": True},
                {"type": ["string", "null"], "enum": ["a", None]},
            ),
            ({"enum": ["a"], "nullable": True}, {"enum": ["a", None]}),
            ({"nullable": True}, {}),
            (
                {"$ref": "#/components/schemas/B", "nullable": True},
                {"anyOf": [{"$ref": "#/components/schemas/B"}, {"type": "null"}]},
            ),
            (
                {"allOf": [{"$ref": "#/components/schemas/B"}], "nullable": True, "description": "d"},
                {"anyOf": [{"$ref": "#/components/schemas/B"}, {"type": "null"}], "description": "d"},
            ),
            (
                {"allOf": [{"type": "object"}, {"required": ["a"]}], "nullable": True},
                {"anyOf": [{"allOf": [{"type": "object"}, {"required": ["a"]}]}, {"type": "null"}]},
            ),
            (
                {"oneOf": [{"type": "string"}], "nullable": True},
                {"anyOf": [{"oneOf": [{"type": "string"}]}, {"type": "null"}]},
            ),
            ({"anyOf": [{"type": "string"}], "nullable": True}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
            (
                {"type": "integer", "minimum": 1, "exclusiveMinimum": True},
                {"type": "integer", "exclusiveMinimum": 1},
            ),
            ({"type": "integer", "maximum": 1, "exclusiveMaximum": False}, {"type": "integer", "maximum": 1}),
        ],
    )
    def test_schemas(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        """OpenAPI 3.0's words for null and open bounds become 3.1's; nothing is lost."""
        result, losses = ruled(shape.newer_version, schemas(A=old, B={"type": "object"}))
        assert result["components"]["schemas"]["A"] == new
        assert result["openapi"] == "3.1.0"
        assert losses == []

    def test_properties_that_are_called_so(self) -> None:
        """A property that is called `nullable` is a property."""
        node = {"type": "object", "properties": {"nullable": {"type": "boolean"}, "exclusiveMinimum": {}}}
        assert ruled(shape.newer_version, schemas(A=node))[0]["components"]["schemas"]["A"] == node

    def test_newer_documents(self) -> None:
        """A 3.1 document says nothing with `nullable`, and keeps it."""
        found = {**schemas(A={"type": "string", "nullable": True}), "openapi": "3.1.0"}
        assert ruled(shape.newer_version, found)[0] == found


class TestParameters:
    def test_own(self) -> None:
        """Every operation lists its own parameters: those of the path first, an own namesake instead of a shared."""
        shared = {"name": "tenant", "in": "header"}
        found = document(
            {
                "/a": {
                    "parameters": [
                        {"$ref": "#/components/parameters/T"},
                        {"name": "q", "in": "query", "x-of": "path"},
                    ],
                    "get": {"operationId": "a", "parameters": [{"name": "q", "in": "query"}]},
                    "post": {"operationId": "b"},
                }
            },
            components={"parameters": {"T": shared}},
        )
        result, losses = ruled(shape.own_parameters, found)
        assert "parameters" not in result["paths"]["/a"]
        assert of(result)["a"]["parameters"] == [shared, {"name": "q", "in": "query"}]
        assert of(result)["b"]["parameters"] == [shared, {"name": "q", "in": "query", "x-of": "path"}]
        assert losses == []

    def test_path_variables(self) -> None:
        """Path parameters are required; a variable without one gets one, one without a variable goes; both are said."""
        found = document(
            {
                "/a/{id}/b/{no}": {
                    "get": {
                        "operationId": "a",
                        "parameters": [{"name": "id", "in": "path"}, {"name": "x", "in": "path"}],
                    }
                }
            }
        )
        result, losses = ruled(shape.path_variables, found)
        assert of(result)["a"]["parameters"] == [
            {"name": "id", "in": "path", "required": True},
            {"name": "no", "in": "path", "required": True, "schema": {"type": "string"}},
        ]
        assert losses == [
            "$.paths['/a/{id}/b/{no}'].get: the path has no variable 'x', whose parameter is dropped",
            "$.paths['/a/{id}/b/{no}'].get: the path variable 'no' is not documented, and is taken as text",
        ]

    def test_names(self) -> None:
        """Every parameter has an argument name of its own: brackets open, namesakes are told apart by their place."""
        names = ["filter[status_eq]", "status_eq", "X-Key", "x_key", "class"]
        wheres = ["query", "query", "header", "query", "query"]
        given = [{"name": name, "in": where} for name, where in zip(names, wheres, strict=True)]
        stated = [*given, {"name": "n", "in": "query", "x-treaty-name": "number"}]
        found = document({"/a": {"get": {"operationId": "a", "parameters": stated}}})
        result, _ = ruled(metadata.argument_names, found)
        assert [item["x-treaty-name"] for item in of(result)["a"]["parameters"]] == [
            "status_eq",
            "status_eq_query",
            "x_key",
            "x_key_query",
            "class_",
            "number",
        ]


class TestSecurityAndAnswers:
    def test_security(self) -> None:
        """Silent operations need what the document needs; one that says "nothing" keeps its word; scopes are lists."""
        found = document(
            {"/a": {"get": {"operationId": "a"}, "put": {"operationId": "b", "security": []}}},
            security=[{"bearer": None}, {"oauth": ["x"]}],
        )
        result, losses = ruled(shape.own_security, found)
        assert of(result)["a"]["security"] == [{"bearer": []}, {"oauth": ["x"]}]
        assert of(result)["b"]["security"] == []
        assert losses == []

    def test_some_response(self) -> None:
        """An operation without answers gets an untyped one, and the report says so."""
        result, losses = ruled(shape.some_response, document({"/a": {"get": {"operationId": "a"}}}))
        assert list(of(result)["a"]["responses"]) == ["default"]
        assert losses == ["$.paths['/a'].get: no responses are documented, answers stay untyped"]

    def test_success_codes(self) -> None:
        """`x-treaty-success` names the code of an undocumented success, which stays the first answer."""
        found = document(
            {"/a": {"post": {"operationId": "a", "x-treaty-success": "201", "responses": {"2XX": {}, "404": {}}}}}
        )
        result, losses = ruled(shape.success_codes, found)
        assert list(of(result)["a"]["responses"]) == ["201", "404"]
        assert "x-treaty-success" not in of(result)["a"]
        assert losses == []

    def test_superfluous_success_code(self) -> None:
        """A code for a success that is documented by now is reported."""
        found = document({"/a": {"post": {"operationId": "a", "x-treaty-success": "201", "responses": {"200": {}}}}})
        result, losses = ruled(shape.success_codes, found)
        assert list(of(result)["a"]["responses"]) == ["200"]
        assert losses == ["$.paths['/a'].post: x-treaty-success has no undocumented success to name"]

    @pytest.mark.parametrize(
        ("media", "schema", "plain"),
        [
            ("*/*", {"type": "object"}, "application/json"),
            ("*/*", {"$ref": "#/components/schemas/A"}, "application/json"),
            ("application/*", {"type": "array"}, "application/json"),
            ("*/*", {"type": "string"}, "text/plain"),
            ("*/*", {"type": "string", "format": "binary"}, "application/octet-stream"),
            ("image/*", {"type": "string"}, "application/octet-stream"),
            ("text/*", {"type": "string"}, "text/plain"),
        ],
    )
    def test_media_ranges(self, media: str, schema: dict[str, Any], plain: str) -> None:
        """A media type range becomes the type that its schema speaks for, and the report says so."""
        content = {"responses": {"200": {"content": {media: {"schema": schema}}}}}
        found = document({"/a": {"get": content}}, components={"schemas": {"A": {"type": "object"}}})
        result, losses = ruled(shape.media_types, found)
        assert result["paths"]["/a"]["get"]["responses"]["200"]["content"] == {plain: {"schema": schema}}
        assert losses == [f"$.paths['/a'].get.responses['200'].content: {media} is taken as {plain}"]

    def test_media_by_reference(self) -> None:
        """A media type by reference is written out; one that is documented beside a range wins over it."""
        found = document(
            {
                "/a": {
                    "get": {
                        "requestBody": {"content": {"application/json": {"$ref": "#/components/x-media/M"}}},
                        "responses": {"200": {"content": {"application/json": {"schema": 1}, "*/*": {"schema": {}}}}},
                    }
                }
            },
            components={"x-media": {"M": {"schema": {"type": "object"}}}},
        )
        operation = ruled(shape.media_types, found)[0]["paths"]["/a"]["get"]
        assert operation["requestBody"]["content"] == {"application/json": {"schema": {"type": "object"}}}
        assert operation["responses"]["200"]["content"] == {"application/json": {"schema": 1}}

    def test_repeated_enum_values(self) -> None:
        """A value that stands twice in an enum stands once, and the report says so; 1 and true are two values."""
        result, losses = ruled(shape.distinct_enum_values, schemas(A={"enum": ["a", "a", 1, True, None, None]}))
        assert result["components"]["schemas"]["A"]["enum"] == ["a", 1, True, None]
        assert losses == ["$.components.schemas.A.enum: repeated values stand once"]


class TestComponentNames:
    def test_renamed(self) -> None:
        """`x-treaty-name` renames a component and every reference to it."""
        found = document(
            {"/a": {"get": {"operationId": "a", "x": {"$ref": "#/components/schemas/ApiJobDto"}}}},
            components={
                "schemas": {"ApiJobDto": {"x-treaty-name": "Job", "items": {"$ref": "#/components/schemas/ApiJobDto"}}}
            },
        )
        result, _ = ruled(shape.component_names, found)
        assert result["components"]["schemas"] == {"Job": {"items": {"$ref": "#/components/schemas/Job"}}}
        assert of(result)["a"]["x"] == {"$ref": "#/components/schemas/Job"}

    def test_taken(self) -> None:
        """Two components cannot have one name."""
        with pytest.raises(CodegenError, match=r"\$\.components\.schemas\.A: x-treaty-name 'B' is the name of another"):
            ruled(shape.component_names, schemas(A={"x-treaty-name": "B"}, B={}))


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
        """`x-treaty-filter-style: ransack` explains bracketed filters, longest predicate first; a stated one stays."""
        names = ["filter[job_id_eq]", "filter[status_not_eq]", "filter[name_contains]", "limit", "filter[odd]"]
        given: list[dict[str, Any]] = [{"name": name, "in": "query"} for name in names]
        given.append({"name": "filter[a_eq]", "in": "query", "x-treaty-filter": {"field": "b", "predicate": "in"}})
        found = document(
            {"/a": {"get": {"operationId": "a", "parameters": given}}}, **{"x-treaty-filter-style": "ransack"}
        )
        rules = [item.get("x-treaty-filter") for item in of(ruled(metadata.filters, found)[0])["a"]["parameters"]]
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
            ("get", "/v1/jobs", {"x-treaty-pagination": {}}, ("list", "list", "job", None)),
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
                {"x-treaty-entity": "firm"},
                ("get", "get", "firm", {"parameter": "id", "field": "id"}),
            ),
            (
                "get",
                "/jobs/{id}",
                {"x-treaty-name": "fetch"},
                ("get", "fetch", "job", {"parameter": "id", "field": "id"}),
            ),
            ("get", "/jobs/{id}", {"x-treaty-key": {"field": "no"}}, ("get", "get", "job", {"field": "no"})),
            ("post", "/jobs", {"x-treaty-action": "upsert"}, ("upsert", "upsert", "job", None)),
            ("get", "/", {}, ("custom", "do_it", "root", None)),
        ],
    )
    def test_operation_facts(
        self, method: str, path: str, parts: dict[str, Any], facts: tuple[str, str, str, Any]
    ) -> None:
        """Action, method name, entity and key follow from method and path; what is stated stays."""
        found = document({path: {method: {"operationId": "doIt", "tags": ["Job Things"], **parts}}})
        operation = of(ruled(metadata.operation_facts, found)[0])["doIt"]
        keys = ("x-treaty-action", "x-treaty-name", "x-treaty-entity", "x-treaty-key")
        assert tuple(operation.get(key) for key in keys) == facts
        assert operation["x-treaty-resource"] == "job_things"

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
        assert [item["x-treaty-name"] for item in named.values()] == ["get", "get_b", "get"]

    def test_references(self) -> None:
        """`<entity>_id` and path keys behind a collection hold ids of records that the document knows."""
        found = document(
            {
                "/jobs/{id}/notes": {
                    "get": {
                        "operationId": "a",
                        "x-treaty-entity": "note",
                        "parameters": [
                            {"name": "id", "in": "path"},
                            {"name": "userId", "in": "query"},
                            {
                                "name": "filter[job_id_eq]",
                                "x-treaty-filter": {"field": "job_id", "predicate": "eq"},
                                "in": "query",
                            },
                            {
                                "name": "filter[job_id_null]",
                                "x-treaty-filter": {"field": "job_id", "predicate": "null"},
                                "in": "query",
                            },
                        ],
                    }
                },
                "/jobs": {"get": {"operationId": "b", "x-treaty-entity": "job"}},
            },
            components={
                "schemas": {
                    "Note": {
                        "properties": {
                            "jobId": {},
                            "note_ids": {"type": "array"},
                            "user_id": {},
                            "job_id": {"x-treaty-reference": "other"},
                        }
                    }
                }
            },
        )
        result, _ = ruled(metadata.references_between_records, found)
        properties = result["components"]["schemas"]["Note"]["properties"]
        assert {name: node.get("x-treaty-reference") for name, node in properties.items()} == {
            "jobId": "job",
            "note_ids": "note",
            "user_id": None,
            "job_id": "other",
        }
        assert [item.get("x-treaty-reference") for item in of(result)["a"]["parameters"]] == ["job", None, "job", None]


class TestAll:
    def test_twice(self) -> None:
        """Normalising a normal document changes nothing and loses nothing."""
        found = document(
            {
                "/jobs/{id}": {
                    "parameters": [{"name": "id", "in": "path"}],
                    "get": {"responses": {"200": {"content": {"*/*": {"schema": {"type": "object"}}}}}},
                }
            }
        )
        normalise(found)
        again = copy.deepcopy(found)
        assert normalise(again).losses == []
        assert again == found

    def test_documented(self) -> None:
        """Every rule says in one sentence what it does."""
        assert all(rule.__doc__ and rule.__doc__.strip().endswith(".") for rule in RULES)
