"""What parameters, bodies and answers of a Swagger 2.0 document become."""

from __future__ import annotations

from typing import Any

import pytest

from tests.codegen.swagger2_documents import convert, convert_operation, failing_parameter, failure


def convert_parameter(**parameter: Any) -> dict[str, Any]:
    """What becomes of one query parameter."""
    given = {"name": "color", "in": "query", **parameter}
    result: dict[str, Any] = convert_operation({"parameters": [given]})["parameters"][0]
    return result


class TestParameters:
    def test_schema(self) -> None:
        """What describes the value of a parameter moves into its schema; the rest stays."""
        parameter = convert_parameter(
            description="How many.", required=True, allowEmptyValue=True, type="integer", format="int32", maximum=9
        )
        assert parameter == {
            "name": "color",
            "in": "query",
            "description": "How many.",
            "required": True,
            "allowEmptyValue": True,
            "schema": {"type": "integer", "format": "int32", "maximum": 9},
        }

    def test_extensions(self) -> None:
        """An extension stays on the parameter; `x-nullable` is about the value and goes into the schema."""
        parameter = convert_parameter(**{"type": "string", "x-note": "a", "x-nullable": True})
        assert parameter == {"name": "color", "in": "query", "x-note": "a", "schema": {"type": ["string", "null"]}}

    @pytest.mark.parametrize(
        ("where", "given", "style", "explode"),
        [
            ("query", {}, "form", False),
            ("query", {"collectionFormat": "csv"}, "form", False),
            ("query", {"collectionFormat": "multi"}, "form", True),
            ("query", {"collectionFormat": "ssv"}, "spaceDelimited", False),
            ("query", {"collectionFormat": "pipes"}, "pipeDelimited", False),
            ("path", {}, "simple", False),
            ("header", {"collectionFormat": "csv"}, "simple", False),
        ],
    )
    def test_arrays(self, where: str, given: dict[str, str], style: str, explode: bool) -> None:
        """`collectionFormat` becomes a style, and an array without one is comma-separated."""
        items = {"type": "string", "collectionFormat": "csv"}
        parameter = convert_parameter(**{"in": where}, type="array", items=items, **given)
        assert (parameter["style"], parameter["explode"]) == (style, explode)
        assert parameter["schema"] == {"type": "array", "items": {"type": "string"}}

    @pytest.mark.parametrize(("where", "given"), [("query", "tsv"), ("path", "pipes"), ("header", "multi")])
    def test_unknown_collection_format_refused(self, where: str, given: str) -> None:
        """A `collectionFormat` for which OpenAPI 3 has no style is refused, never guessed."""
        error = failing_parameter(**{"in": where}, type="array", items={}, collectionFormat=given)
        assert error.path == "$.paths['/orders'].get.parameters[0].collectionFormat"
        assert repr(given) in error.problem

    def test_nested_array_refused(self) -> None:
        """An array of arrays outside a body is refused."""
        error = failing_parameter(**{"in": "query"}, type="array", items={"type": "array", "items": {}})
        assert error.path == "$.paths['/orders'].get.parameters[0].items"

    def test_unknown_place_refused(self) -> None:
        """A parameter in a place that Swagger 2.0 does not have is refused."""
        error = failing_parameter(**{"in": "cookie"})
        assert error.path == "$.paths['/orders'].get.parameters[0].in"

    def test_path_parameters(self) -> None:
        """Parameters of a path stay there, but for those that make up a body, which every operation gets."""
        shared = [
            {"name": "id", "in": "path", "required": True, "type": "string"},
            {"name": "order", "in": "body", "schema": {"type": "object"}},
        ]
        item = convert(paths={"/orders/{id}": {"parameters": shared, "put": {"responses": {}}}})["paths"][
            "/orders/{id}"
        ]
        assert [parameter["name"] for parameter in item["parameters"]] == ["id"]
        assert item["put"]["requestBody"]["x-body-name"] == "order"

    def test_own_body_wins(self) -> None:
        """A body of the operation replaces the body of its path."""
        item: dict[str, Any] = {
            "parameters": [{"name": "order", "in": "body", "schema": {"type": "object"}}],
            "put": {"parameters": [{"name": "change", "in": "body", "schema": {"type": "array", "items": {}}}]},
        }
        body = convert(paths={"/orders": item})["paths"]["/orders"]["put"]["requestBody"]
        assert body["x-body-name"] == "change"
        assert body["content"]["application/json"]["schema"]["type"] == "array"


class TestBodies:
    def test_body(self) -> None:
        """A body parameter becomes a request body that keeps description, requiredness and name."""
        body = {"name": "order", "in": "body", "description": "It.", "required": True, "schema": {"type": "object"}}
        result = convert_operation({"parameters": [body]})
        assert "parameters" not in result
        assert result["requestBody"] == {
            "description": "It.",
            "required": True,
            "x-body-name": "order",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }

    def test_media_types(self) -> None:
        """A body is offered in every media type that the operation consumes, or else the document."""
        body: list[dict[str, Any]] = [{"name": "order", "in": "body", "schema": {}}]
        own = convert_operation({"parameters": body, "consumes": ["text/json", "text/xml"]}, consumes=["text/plain"])
        assert list(own["requestBody"]["content"]) == ["text/json", "text/xml"]
        default = convert_operation({"parameters": body}, consumes=["text/plain"])
        assert list(default["requestBody"]["content"]) == ["text/plain"]

    def test_shared_body(self) -> None:
        """A shared body parameter is written out where it is used and leaves no component behind."""
        result = convert(
            parameters={"Order": {"name": "order", "in": "body", "schema": {"type": "object"}}},
            paths={"/orders": {"post": {"parameters": [{"$ref": "#/parameters/Order"}]}}},
        )
        assert result["paths"]["/orders"]["post"]["requestBody"]["x-body-name"] == "order"
        assert "components" not in result

    def test_form(self) -> None:
        """Form fields become the properties of a urlencoded object."""
        fields = [
            {"name": "name", "in": "formData", "type": "string", "required": True, "description": "Who."},
            {"name": "age", "in": "formData", "type": "integer"},
        ]
        assert convert_operation({"parameters": fields})["requestBody"] == {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {
                        "type": "object",
                        "properties": {"name": {"description": "Who.", "type": "string"}, "age": {"type": "integer"}},
                        "required": ["name"],
                    }
                }
            },
        }

    def test_form_media_types(self) -> None:
        """A form is offered in those media types that the operation consumes and that are forms."""
        fields = [{"name": "name", "in": "formData", "type": "string"}]
        body = convert_operation({"parameters": fields, "consumes": ["multipart/form-data", "text/plain"]})[
            "requestBody"
        ]
        assert body["required"] is False
        assert list(body["content"]) == ["multipart/form-data"]

    def test_file(self) -> None:
        """A form with a file is multipart, whatever the document says, and the file a binary text."""
        fields = [{"name": "photo", "in": "formData", "type": "file"}]
        forms = ["application/x-www-form-urlencoded"]
        content = convert_operation({"parameters": fields, "consumes": forms})["requestBody"]["content"]
        photo = content["multipart/form-data"]["schema"]["properties"]["photo"]
        assert photo == {"type": "string", "format": "binary"}
        assert list(content) == ["multipart/form-data"]

    def test_form_arrays(self) -> None:
        """An array in a form keeps its way of travelling in the encoding."""
        fields = [
            {"name": "a", "in": "formData", "type": "array", "items": {"type": "string"}, "collectionFormat": "multi"},
            {"name": "b", "in": "formData", "type": "array", "items": {"type": "string"}},
        ]
        content = convert_operation({"parameters": fields})["requestBody"]["content"]
        assert content["application/x-www-form-urlencoded"]["encoding"] == {
            "a": {"style": "form", "explode": True},
            "b": {"style": "form", "explode": False},
        }

    @pytest.mark.parametrize("other", ["body", "formData"])
    def test_two_bodies_refused(self, other: str) -> None:
        """A second body, or form fields beside a body, are refused."""
        parameters: list[dict[str, Any]] = [
            {"name": "a", "in": "body", "schema": {}},
            {"name": "b", "in": other, "type": "string", "schema": {}},
        ]
        error = failure(paths={"/orders": {"post": {"parameters": parameters}}})
        assert error.path == "$.paths['/orders'].post"


class TestAnswers:
    def test_content(self) -> None:
        """The schema of an answer is offered in every media type that the operation produces, or else the document."""
        answers = {"200": {"description": "It.", "schema": {"type": "string"}}}
        media = {"schema": {"type": "string"}}
        own = convert_operation({"responses": answers, "produces": ["text/json"]}, produces=["text/plain"])
        assert own["responses"]["200"] == {"description": "It.", "content": {"text/json": media}}
        default = convert_operation({"responses": answers}, produces=["text/plain", "text/xml"])
        assert default["responses"]["200"]["content"] == {"text/plain": media, "text/xml": media}
        assert list(convert_operation({"responses": answers})["responses"]["200"]["content"]) == ["application/json"]

    def test_empty(self) -> None:
        """An answer without a schema has no content, and one without a description an empty one."""
        result = convert_operation({"responses": {"204": {}, "default": {"description": "Else."}}})
        assert result["responses"] == {"204": {"description": ""}, "default": {"description": "Else."}}

    def test_file_answer(self) -> None:
        """An answer that is a file is binary, in bytes where no media type is named."""
        result = convert_operation({"responses": {"200": {"description": "It.", "schema": {"type": "file"}}}})
        binary = {"schema": {"type": "string", "format": "binary"}}
        assert result["responses"]["200"]["content"] == {"application/octet-stream": binary}

    def test_headers(self) -> None:
        """Headers get a schema as parameters do."""
        headers = {"X-Left": {"description": "Calls left.", "type": "integer"}}
        result = convert_operation({"responses": {"200": {"description": "It.", "headers": headers}}})
        assert result["responses"]["200"]["headers"] == {
            "X-Left": {"description": "Calls left.", "schema": {"type": "integer"}}
        }

    def test_examples(self) -> None:
        """Examples stand with the schema under their media type."""
        answer = {"description": "It.", "schema": {"type": "string"}, "examples": {"text/csv": "a,b"}}
        content = convert_operation({"responses": {"200": answer}})["responses"]["200"]["content"]
        assert content == {
            "application/json": {"schema": {"type": "string"}},
            "text/csv": {"schema": {"type": "string"}, "example": "a,b"},
        }

    def test_shared_answer_in_other_media_type(self) -> None:
        """An operation with media types of its own gets a copy of a shared answer in those."""
        answers = {"Gone": {"description": "Gone.", "schema": {"type": "string"}}}
        operation = {"produces": ["text/plain"], "responses": {"410": {"$ref": "#/responses/Gone"}}}
        result = convert_operation(operation, responses=answers)
        assert result["responses"]["410"] == {
            "description": "Gone.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
