"""Each rule of normalisation: what it makes of a document, and what it reports as lost."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from accordant_codegen.errors import CodegenError
from accordant_codegen.names import snake
from accordant_codegen.read.rules import RULES, metadata, normalise, shape
from tests.codegen.ruled import document, of, ruled, schemas


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
        """Every parameter has an argument name of its own: brackets open, namesakes are told apart by their place, and
        the one that is spelt like the argument keeps it."""
        names = ["filter[status_eq]", "status_eq", "X-Key", "x_key", "class"]
        wheres = ["query", "query", "header", "query", "query"]
        given = [{"name": name, "in": where} for name, where in zip(names, wheres, strict=True)]
        stated = [*given, {"name": "n", "in": "query", "x-accordant-name": "number"}]
        found = document({"/a": {"get": {"operationId": "a", "parameters": stated}}})
        result, _ = ruled(metadata.argument_names, found)
        assert [item["x-accordant-name"] for item in of(result)["a"]["parameters"]] == [
            "filter_status_eq",
            "status_eq",
            "x_key_header",
            "x_key",
            "class_",
            "number",
        ]

    @pytest.mark.parametrize(
        ("names", "arguments"),
        [
            (["a-b", "a_b", "aB"], ["a_b_2", "a_b", "a_b_3"]),
            (["a-b", "aB"], ["a_b", "a_b_2"]),
            (["page[size]", "filter[size]"], ["size", "filter_size"]),
        ],
    )
    def test_namesakes(self, names: list[str], arguments: list[str]) -> None:
        """Parameters that Python spells alike are numbered, and whoever loses its name is reported."""
        given = [{"name": name, "in": "query"} for name in names]
        result, losses = ruled(
            metadata.argument_names, document({"/a": {"get": {"operationId": "a", "parameters": given}}})
        )
        assert [item["x-accordant-name"] for item in of(result)["a"]["parameters"]] == arguments
        moved = [index for index, name in enumerate(arguments) if name != snake(names[index])]
        assert [line.partition(": ")[0] for line in losses] == [
            f"$.paths['/a'].get.parameters[{index}]" for index in moved
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
        """`x-accordant-success` names the code of an undocumented success, which stays the first answer."""
        found = document(
            {"/a": {"post": {"operationId": "a", "x-accordant-success": "201", "responses": {"2XX": {}, "404": {}}}}}
        )
        result, losses = ruled(shape.success_codes, found)
        assert list(of(result)["a"]["responses"]) == ["201", "404"]
        assert "x-accordant-success" not in of(result)["a"]
        assert losses == []

    def test_superfluous_success_code(self) -> None:
        """A code for a success that is documented by now is reported."""
        found = document({"/a": {"post": {"operationId": "a", "x-accordant-success": "201", "responses": {"200": {}}}}})
        result, losses = ruled(shape.success_codes, found)
        assert list(of(result)["a"]["responses"]) == ["200"]
        assert losses == ["$.paths['/a'].post: x-accordant-success has no undocumented success to name"]

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

    @pytest.mark.parametrize("code", ["204", "205", "304"])
    def test_no_content(self, code: str) -> None:
        """A response that has no body has no content, whatever is documented of it; its headers stay."""
        text = {"application/json": {"schema": {"type": "string"}}}
        found = document({"/a": {"delete": {"responses": {code: {"description": "Gone.", "content": text}}}}})
        result, losses = ruled(shape.media_types, found)
        assert result["paths"]["/a"]["delete"]["responses"] == {code: {"description": "Gone."}}
        assert losses == [f"$.paths['/a'].delete.responses['{code}'].content: a {code} has no content"]

    def test_a_charset_is_no_media_type(self) -> None:
        """`application/json;charset=UTF-8` is JSON; any other parameter stays, as it may tell versions apart."""
        kinds = ("application/json;charset=UTF-8", "text/csv; charset=utf-8; header=present", "a/b;version=2")
        found = document({"/a": {"get": {"responses": {"200": {"content": {kind: {"schema": {}} for kind in kinds}}}}}})
        result, losses = ruled(shape.media_types, found)
        content = result["paths"]["/a"]["get"]["responses"]["200"]["content"]
        assert [*content] == ["a/b;version=2", "application/json", "text/csv; header=present"]
        assert losses == []

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
        """`x-accordant-name` renames a component and every reference to it."""
        found = document(
            {"/a": {"get": {"operationId": "a", "x": {"$ref": "#/components/schemas/ApiJobDto"}}}},
            components={
                "schemas": {
                    "ApiJobDto": {"x-accordant-name": "Job", "items": {"$ref": "#/components/schemas/ApiJobDto"}}
                }
            },
        )
        result, _ = ruled(shape.component_names, found)
        assert result["components"]["schemas"] == {"Job": {"items": {"$ref": "#/components/schemas/Job"}}}
        assert of(result)["a"]["x"] == {"$ref": "#/components/schemas/Job"}

    def test_taken(self) -> None:
        """Two components cannot have one name."""
        with pytest.raises(
            CodegenError, match=r"\$\.components\.schemas\.A: x-accordant-name 'B' is the name of another"
        ):
            ruled(shape.component_names, schemas(A={"x-accordant-name": "B"}, B={}))


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
