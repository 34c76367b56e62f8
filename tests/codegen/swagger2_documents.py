"""Small Swagger 2.0 documents and what becomes of their parts."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_codegen.errors import DocumentError
from accordant_codegen.read.swagger2 import to_openapi3

SOURCE = "swagger.json"


def swagger(**parts: Any) -> dict[str, Any]:
    """A Swagger 2.0 document with the given top-level parts."""
    return {"swagger": "2.0", "info": {"title": "Shop", "version": "1"}, "paths": {}, **parts}


def convert(**parts: Any) -> dict[str, Any]:
    """Such a document, converted."""
    return to_openapi3(swagger(**parts), source=SOURCE)


def convert_operation(operation: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """What becomes of one operation."""
    whole = {"responses": {"200": {"description": "Done."}}, **operation}
    result: dict[str, Any] = convert(paths={"/orders": {"post": whole}}, **parts)["paths"]["/orders"]["post"]
    return result


def convert_schema(schema: dict[str, Any]) -> Any:
    """What becomes of one definition, beside another one called Other."""
    definitions = {"Thing": schema, "Other": {"type": "object"}}
    return convert(definitions=definitions)["components"]["schemas"]["Thing"]


def failure(**parts: Any) -> DocumentError:
    """The error that a document with the given parts is refused with."""
    with pytest.raises(DocumentError) as caught:
        convert(**parts)
    return caught.value


def failing_parameter(**parameter: Any) -> DocumentError:
    """The error that a parameter is refused with."""
    return failure(paths={"/orders": {"get": {"parameters": [{"name": "color", **parameter}]}}})
