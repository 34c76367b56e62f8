"""Documents nobody has thought of: the generator reads all of them, or says why not."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accordant_codegen.read.checks import check_openapi
from accordant_codegen.read.rules import normalise
from accordant_codegen.render.methods import view_methods
from accordant_codegen.render.models import Catalogue, view_enum, view_model
from accordant_codegen.render.problems import Problems
from accordant_codegen.render.resources import resources
from accordant_codegen.types.parser import parse

COMPONENTS = ("A", "B", "C_c", "DInput", "D", "Model")
NAMES = st.sampled_from(["id", "Id", "type", "class", "x-y", "kind", "field", "list"])
MEDIA = st.sampled_from(
    ["application/json", "multipart/form-data", "application/x-www-form-urlencoded", "text/csv", "*/*"]
)
REFERENCES = st.sampled_from(COMPONENTS).map(lambda name: {"$ref": f"#/components/schemas/{name}"})
SCALARS: st.SearchStrategy[Any] = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer"},
        {"type": ["string", "null"]},
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "binary"},
        {"const": "a"},
        {"enum": ["a", "A", None]},
        {"enum": [1, 2]},
        {"enum": ["a", 1]},
        {"type": "null"},
        {"type": "odd"},
        {},
        True,
    ]
)


def around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Schemas that hold other schemas."""
    several = st.lists(inner, min_size=1, max_size=3)
    properties = st.dictionaries(NAMES, inner, max_size=3)
    keywords: list[dict[str, st.SearchStrategy[Any]]] = [
        {"type": st.just("array"), "items": inner},
        {"type": st.just("object"), "additionalProperties": inner},
        {"type": st.just("object"), "properties": properties, "required": st.lists(NAMES, max_size=2)},
        {"type": st.just(["object", "null"]), "properties": properties},
        {"oneOf": several, "discriminator": st.just({"propertyName": "kind"})},
        {"anyOf": several},
        {"allOf": several},
        {"allOf": several, "properties": properties},
        {"anyOf": several, "properties": properties},
        {"prefixItems": several},
    ]
    return st.one_of([st.fixed_dictionaries(found) for found in keywords])


SCHEMAS = st.recursive(st.one_of(SCALARS, REFERENCES), around, max_leaves=6)


def operation(index: int, schema: Any, parameter: Any, where: str, media: str, status: str) -> dict[str, Any]:
    """One operation with these schemas."""
    content = {media: {"schema": schema}}
    return {
        "operationId": f"do{index}",
        "tags": ["things" if index % 2 else "models"],
        "parameters": [{"name": "a", "in": where, "schema": parameter}],
        "requestBody": {"required": bool(index % 2), "content": content},
        "responses": {status: {"description": "", "content": content}},
    }


OPERATIONS = st.builds(
    operation,
    st.integers(0, 1),
    SCHEMAS,
    SCHEMAS,
    st.sampled_from(["query", "header", "cookie", "path"]),
    MEDIA,
    st.sampled_from(["200", "2XX", "default", "302"]),
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries(dict.fromkeys(COMPONENTS, SCHEMAS)), st.lists(OPERATIONS, max_size=2))
def test_no_schema_is_too_odd(components: dict[str, Any], found: list[dict[str, Any]]) -> None:
    """Any combination of legal schemas, circles included, is read into classes, methods and resources."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "A", "version": "1"},
        "paths": {f"/{index}/{{a}}": {"put": item} for index, item in enumerate(found)},
        "components": {"schemas": components},
    }
    check_openapi(document, "a.yaml")
    normalise(document)
    parsed = parse(document, "test")
    catalogue = Catalogue(parsed)
    resources(view_methods(document, catalogue, Problems(catalogue)), document, catalogue)
    for name in parsed.schemas.facts:
        assert (
            view_model(catalogue, name, request_only=False) if name in catalogue.models else view_enum(catalogue, name)
        )
