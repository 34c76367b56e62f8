"""What the references and schemas of a Swagger 2.0 document become."""

from __future__ import annotations

from accordant_codegen.read.checks import check_openapi
from tests.codegen.swagger2_documents import SOURCE, convert, convert_schema, failure


class TestReferences:
    def test_sections(self) -> None:
        """References to definitions, parameters and responses lead to the components."""
        result = convert(
            definitions={"Pet": {"type": "object"}},
            parameters={"Limit": {"name": "limit", "in": "query", "type": "integer"}},
            responses={"Gone": {"description": "Gone.", "schema": {"$ref": "#/definitions/Pet"}}},
            paths={
                "/pets": {
                    "get": {
                        "parameters": [{"$ref": "#/parameters/Limit"}],
                        "responses": {"410": {"$ref": "#/responses/Gone"}},
                    }
                }
            },
        )
        operation = result["paths"]["/pets"]["get"]
        assert operation["parameters"] == [{"$ref": "#/components/parameters/Limit"}]
        assert operation["responses"] == {"410": {"$ref": "#/components/responses/Gone"}}
        gone = result["components"]["responses"]["Gone"]["content"]["application/json"]
        assert gone["schema"] == {"$ref": "#/components/schemas/Pet"}
        check_openapi(result, SOURCE)

    def test_names(self) -> None:
        """A name that OpenAPI 3 does not allow loses its other characters, and every reference follows."""
        schemas = convert(
            definitions={
                "Result[List[Pet]]": {"type": "object"},
                "Plain": {"$ref": "#/definitions/Result[List[Pet]]"},
                "Escaped": {"$ref": "#/definitions/Result%5BList%5BPet%5D%5D"},
            }
        )["components"]["schemas"]
        assert list(schemas) == ["Result_List_Pet", "Plain", "Escaped"]
        assert schemas["Plain"] == schemas["Escaped"] == {"$ref": "#/components/schemas/Result_List_Pet"}

    def test_name_collision(self) -> None:
        """Two names that become alike are told apart by a number, and a name that was fine keeps itself."""
        definitions = {name: {"description": name} for name in ("a/b", "a~b", "a_b")}
        schemas = convert(definitions=definitions)["components"]["schemas"]
        assert schemas == {
            "a_b_2": {"description": "a/b"},
            "a_b_3": {"description": "a~b"},
            "a_b": {"description": "a_b"},
        }

    def test_pointer_escapes(self) -> None:
        """A reference may escape `/` and `~` as JSON Pointer does, and may lead deeper than the definition."""
        definitions = {"a/~b": {"properties": {"id": {"type": "integer"}}}}
        deep = {"$ref": "#/definitions/a~1~0b/properties/id"}
        schemas = convert(definitions={**definitions, "Id": deep})["components"]["schemas"]
        assert schemas["Id"] == {"$ref": "#/components/schemas/a_b/properties/id"}

    def test_siblings(self) -> None:
        """What stands beside a reference is ignored in Swagger 2.0 and goes, but for a description."""
        schema = convert_schema({"$ref": "#/definitions/Other", "description": "The other.", "type": "string"})
        assert schema == {"$ref": "#/components/schemas/Other", "description": "The other."}

    def test_outside_refused(self) -> None:
        """A reference out of the document is refused with the advice to bundle it first."""
        error = failure(definitions={"Pet": {"properties": {"owner": {"$ref": "people.json#/Owner"}}}})
        assert error.path == "$.definitions['Pet'].properties['owner']"
        assert error.advice == "Bundle the document into one file first"

    def test_dangling_refused(self) -> None:
        """A reference to nothing is refused where it stands."""
        error = failure(definitions={"Pet": {"allOf": [{"$ref": "#/definitions/Animal"}]}})
        assert error.path == "$.definitions['Pet'].allOf[0]"
        assert "'#/definitions/Animal' points at no definition" in error.problem


class TestSchemas:
    def test_nested(self) -> None:
        """Schemas are converted at every depth: properties, items, additionalProperties and allOf."""
        reference = {"$ref": "#/definitions/Other"}
        expected = {"$ref": "#/components/schemas/Other"}
        schema = convert_schema(
            {
                "properties": {"one": reference, "many": {"type": "array", "items": reference}},
                "additionalProperties": reference,
                "allOf": [reference],
            }
        )
        assert schema == {
            "properties": {"one": expected, "many": {"type": "array", "items": expected}},
            "additionalProperties": expected,
            "allOf": [expected],
        }

    def test_property_names_are_no_keywords(self) -> None:
        """A property may be called like a keyword of JSON Schema or like a reference."""
        properties = {"example": {"type": "string"}, "items": {"type": "integer"}, "x-nullable": {"type": "string"}}
        assert convert_schema({"properties": properties}) == {"properties": properties}

    def test_boolean_additional_properties(self) -> None:
        """`additionalProperties` may be true or false."""
        assert convert_schema({"additionalProperties": False}) == {"additionalProperties": False}

    def test_unchanged(self) -> None:
        """Types, formats, bounds, enums, defaults and readOnly read the same in both versions."""
        schema = {"type": "integer", "format": "int64", "minimum": 1, "enum": [1, 2], "default": 1, "readOnly": True}
        assert convert_schema(schema) == schema

    def test_data_is_no_schema(self) -> None:
        """Defaults, enum values and examples are data: nothing in them is converted."""
        data = {"$ref": "#/definitions/Nowhere", "example": 1}
        schema = convert_schema({"default": data, "enum": [data], "example": data})
        assert schema == {"default": data, "enum": [data], "examples": [data]}

    def test_exclusive_bounds(self) -> None:
        """A boolean exclusive bound moves the number to `exclusiveMinimum` or `exclusiveMaximum`."""
        assert convert_schema({"minimum": 1, "exclusiveMinimum": True, "maximum": 5, "exclusiveMaximum": False}) == {
            "exclusiveMinimum": 1,
            "maximum": 5,
        }

    def test_discriminator(self) -> None:
        """A discriminator becomes an object that names the property."""
        assert convert_schema({"discriminator": "kind"}) == {"discriminator": {"propertyName": "kind"}}

    def test_example(self) -> None:
        """The example of a schema becomes a list of one."""
        assert convert_schema({"type": "string", "example": "abc"}) == {"type": "string", "examples": ["abc"]}

    def test_nullable(self) -> None:
        """`x-nullable` becomes the type null beside the type, in enums too."""
        assert convert_schema({"type": "string", "enum": ["a"], "x-nullable": True}) == {
            "type": ["string", "null"],
            "enum": ["a", None],
        }
        assert convert_schema({"type": "string", "x-nullable": False}) == {"type": "string"}

    def test_nullable_reference(self) -> None:
        """A nullable reference becomes a choice between it and null."""
        assert convert_schema({"$ref": "#/definitions/Other", "x-nullable": True}) == {
            "anyOf": [{"$ref": "#/components/schemas/Other"}, {"type": "null"}]
        }
