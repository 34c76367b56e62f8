"""What a Swagger 2.0 document becomes as a whole, and eSPACE's in particular."""

from __future__ import annotations

import copy
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from accordant_codegen.errors import DocumentError
from accordant_codegen.read.checks import check_openapi, load
from accordant_codegen.read.document import operations
from accordant_codegen.read.swagger2 import to_openapi3
from tests.codegen.swagger2_documents import SOURCE, convert, convert_operation, failure, swagger

ESPACE = Path(__file__).parents[2] / "specs" / "espace" / "swagger.yaml"


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    return load(ESPACE)


@pytest.fixture(scope="module")
def converted(published: dict[str, Any]) -> dict[str, Any]:
    return to_openapi3(published, source="swagger.yaml")


class TestDocument:
    def test_version(self) -> None:
        """The result is OpenAPI 3.1.0 with the title, version and texts of the original."""
        result = convert(info={"title": "Shop", "version": "2", "description": "Sells."}, tags=[{"name": "orders"}])
        assert result["openapi"] == "3.1.0"
        assert "swagger" not in result
        assert result["info"] == {"title": "Shop", "version": "2", "description": "Sells."}
        assert result["tags"] == [{"name": "orders"}]

    def test_original_untouched(self) -> None:
        """The document that is converted stays as it is, and shares nothing with the result."""
        document = swagger(definitions={"Pet": {"type": "object", "enum": [["a"]]}}, **{"x-owner": {"team": "a"}})
        before = copy.deepcopy(document)
        result = to_openapi3(document, source=SOURCE)
        result["x-owner"]["team"] = "b"
        result["components"]["schemas"]["Pet"]["enum"][0].append("b")
        assert document == before

    def test_servers(self) -> None:
        """Host, base path and schemes become one server per scheme."""
        result = convert(host="api.example.com", basePath="/v2/", schemes=["https", "http"])
        assert result["servers"] == [{"url": "https://api.example.com/v2"}, {"url": "http://api.example.com/v2"}]

    def test_servers_without_scheme(self) -> None:
        """A host without schemes is taken to speak https."""
        assert convert(host="api.example.com")["servers"] == [{"url": "https://api.example.com"}]

    def test_servers_without_host(self) -> None:
        """A base path without a host is a relative server, and neither is no server at all."""
        assert convert(basePath="/v2")["servers"] == [{"url": "/v2"}]
        assert "servers" not in convert()

    def test_extensions(self) -> None:
        """Extensions are kept where they stand: document, paths, path, operation, parameter, answer and schema."""
        result = convert(
            paths={
                "x-paths": 2,
                "/orders": {
                    "x-path": 3,
                    "get": {
                        "x-operation": 4,
                        "parameters": [{"name": "q", "in": "query", "type": "string", "x-parameter": 5}],
                        "responses": {"200": {"description": "Done.", "x-answer": 6}, "x-answers": 7},
                    },
                },
            },
            definitions={"Pet": {"x-schema": 8}},
            **{"x-document": 1},
        )
        operation = result["paths"]["/orders"]["get"]
        assert result["x-document"] == 1
        assert result["paths"]["x-paths"] == 2
        assert result["paths"]["/orders"]["x-path"] == 3
        assert operation["x-operation"] == 4
        assert operation["parameters"][0]["x-parameter"] == 5
        assert operation["responses"]["200"]["x-answer"] == 6
        assert operation["responses"]["x-answers"] == 7
        assert result["components"]["schemas"]["Pet"] == {"x-schema": 8}

    def test_other_version_refused(self) -> None:
        """A document of another version is refused by name and place."""
        with pytest.raises(DocumentError, match=r"swagger\.json: \$\.swagger: it is not a Swagger 2\.0 document"):
            to_openapi3({"openapi": "3.0.0", "paths": {}}, source=SOURCE)

    def test_wrong_kind_refused(self) -> None:
        """A node of the wrong kind is refused with its JSON path, the kind expected and the kind found."""
        error = failure(paths={"/orders": {"get": {"responses": {"200": []}}}})
        assert error.path == "$.paths['/orders'].get.responses['200']"
        assert error.problem == "an object is expected here, not list"
        assert failure(definitions=[]).path == "$.definitions"
        assert failure(paths={"/orders": {"get": {"parameters": {}}}}).problem == "a list is expected here, not dict"

    def test_path_by_reference_refused(self) -> None:
        """A path item that stands elsewhere is refused: the document has to be bundled first."""
        error = failure(paths={"/orders": {"$ref": "orders.json"}})
        assert error.path == "$.paths['/orders']"
        assert error.advice == "Bundle the document into one file first"

    def test_schemes(self) -> None:
        """An operation with schemes of its own gets servers of its own."""
        result = convert_operation({"schemes": ["wss"]}, host="api.example.com", schemes=["https"])
        assert result["servers"] == [{"url": "wss://api.example.com"}]


class TestSecurity:
    def test_basic(self) -> None:
        """Basic authentication becomes the http scheme `basic`."""
        result = convert(securityDefinitions={"login": {"type": "basic", "description": "Name and password."}})
        assert result["components"]["securitySchemes"] == {
            "login": {"type": "http", "scheme": "basic", "description": "Name and password."}
        }

    def test_api_key(self) -> None:
        """An API key keeps its name and place."""
        scheme = {"type": "apiKey", "name": "X-Key", "in": "header"}
        assert convert(securityDefinitions={"key": scheme})["components"]["securitySchemes"]["key"] == scheme

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("implicit", "implicit"),
            ("password", "password"),
            ("application", "clientCredentials"),
            ("accessCode", "authorizationCode"),
        ],
    )
    def test_oauth(self, old: str, new: str) -> None:
        """The four OAuth flows get their new names and keep their URLs and scopes."""
        details = {"tokenUrl": "https://example.com/token", "scopes": {"read": "Read."}}
        result = convert(securityDefinitions={"auth": {"type": "oauth2", "flow": old, **details}})
        assert result["components"]["securitySchemes"]["auth"] == {"type": "oauth2", "flows": {new: details}}

    def test_oauth_without_scopes(self) -> None:
        """A flow without scopes has none, which OpenAPI 3 wants to be said."""
        result = convert(securityDefinitions={"auth": {"type": "oauth2", "flow": "password", "tokenUrl": "/token"}})
        flows = result["components"]["securitySchemes"]["auth"]["flows"]
        assert flows == {"password": {"tokenUrl": "/token", "scopes": {}}}

    def test_requirements(self) -> None:
        """Security requirements are kept on the document and on operations, the empty list included."""
        result = convert(security=[{"key": []}], paths={"/": {"get": {"security": [], "responses": {}}}})
        assert result["security"] == [{"key": []}]
        assert result["paths"]["/"]["get"]["security"] == []

    def test_unknown_refused(self) -> None:
        """A kind of security or a flow that Swagger 2.0 does not have is refused."""
        assert failure(securityDefinitions={"a": {"type": "mutual"}}).path == "$.securityDefinitions['a'].type"
        unknown_flow = {"type": "oauth2", "flow": "device"}
        assert failure(securityDefinitions={"a": unknown_flow}).path == "$.securityDefinitions['a'].flow"


class TestWholeDocument:
    def test_counts(self, published: dict[str, Any], converted: dict[str, Any]) -> None:
        """eSPACE's document keeps its 99 operations, their names and tags, and its 66 definitions."""
        before = {item["operationId"]: (path, method, item["tags"]) for path, method, item in operations(published)}
        after = {item["operationId"]: (path, method, item["tags"]) for path, method, item in operations(converted)}
        assert before == after
        assert Counter(method for _, method, _ in after.values()) == {"get": 51, "post": 18, "put": 17, "delete": 13}
        assert len(converted["components"]["schemas"]) == len(published["definitions"]) == 66

    def test_parameters(self, converted: dict[str, Any]) -> None:
        """Its 194 parameters become 156 in the query and 38 bodies in the five published media types."""
        items = [item for _, _, item in operations(converted)]
        assert sum(len(item.get("parameters", [])) for item in items) == 156
        bodies = [item["requestBody"] for item in items if "requestBody" in item]
        assert len(bodies) == 38
        assert {tuple(body["content"]) for body in bodies} == {
            (
                "application/json",
                "text/json",
                "application/xml",
                "text/xml",
                "application/x-www-form-urlencoded",
            )
        }

    def test_answers(self, converted: dict[str, Any]) -> None:
        """Every operation answers 200 with a schema in the four published media types."""
        for _, _, item in operations(converted):
            content = item["responses"]["200"]["content"]
            assert list(content) == ["application/json", "text/json", "application/xml", "text/xml"]
            assert all(media["schema"] for media in content.values())

    def test_references(self, converted: dict[str, Any]) -> None:
        """Every reference leads somewhere, also those to the definition whose name OpenAPI 3 does not allow."""
        check_openapi(converted, "swagger.yaml")
        lookup = converted["paths"]["/api/v2/maintenance/frequencytype"]["get"]["responses"]["200"]["content"]
        reference = {"$ref": "#/components/schemas/GenericApiModel_Dictionary_Int32_String"}
        assert lookup["application/json"]["schema"] == reference

    def test_server(self, converted: dict[str, Any]) -> None:
        """Its one server is the published host over https."""
        assert converted["servers"] == [{"url": "https://api.espace.cool"}]
