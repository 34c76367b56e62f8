"""The x-accordant extensions: misspelt, misplaced and senseless ones are refused, and all are documented."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from accordant_codegen.errors import DocumentError
from accordant_codegen.read.extensions import ACTIONS, EXTENSIONS, PAGINATION, PREDICATES, check_extensions
from accordant_codegen.read.rules import metadata
from tests.codegen.checkouts import MINIMAL, Checkout, refused

DOCS = Path(__file__).parents[2] / "docs" / "extensions.md"


def document(operation: Any = None, parameter: Any = None, schema: Any = None, body: Any = None, **root: Any) -> Any:
    """A document with these keys on its operation, parameter, property and body."""
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "paths": {
            "/a": {
                "get": {
                    "operationId": "getA",
                    "parameters": [{"name": "id", "in": "query", **(parameter or {})}],
                    "requestBody": {"content": {}, **(body or {})},
                    **(operation or {}),
                }
            }
        },
        "components": {"schemas": {"A": {"properties": {"b": {"type": "string", **(schema or {})}}}}},
        **root,
    }
    return found


def problem(found: Any) -> tuple[str, str]:
    """The place and the words with which a document is refused."""
    with pytest.raises(DocumentError) as caught:
        check_extensions(found, "a.yaml")
    return caught.value.path, caught.value.problem


OPERATION, PARAMETER = "$.paths['/a'].get", "$.paths['/a'].get.parameters[0]"
PROPERTY = "$.components.schemas.A.properties.b"


@pytest.mark.parametrize(
    ("found", "place", "said"),
    [
        (
            document({"x-accordant-resorce": "a"}),
            OPERATION,
            "there is no such extension; did you mean x-accordant-resource?",
        ),
        (document({"x-accordant-zzzz": 1}), OPERATION, "there is no such extension"),
        (document(parameter={"x-accordant-action": "get"}), PARAMETER, "it belongs on operation, not on parameter"),
        (document(schema={"x-accordant-success": "201"}), PROPERTY, "it belongs on operation, not on schema"),
        (document({"x-accordant-read-only": True}), OPERATION, "it belongs on schema, not on operation"),
        (document(**{"x-accordant-envelope": "a"}), "$", "it belongs on operation, not on document"),
        (document({"x-accordant-action": "fetch"}), OPERATION, "'fetch' is none of create, get, "),
        (document({"x-accordant-name": "class"}), OPERATION, "'class' is no name that Python code could use"),
        (document({"x-accordant-name": "get it"}), OPERATION, "'get it' is no name"),
        (document(parameter={"x-accordant-name": "options"}), PARAMETER, "'options' is no name"),
        (document({"x-accordant-resource": "_a"}), OPERATION, "'_a' is no name"),
        (document({"x-accordant-resource": "raw"}), OPERATION, "the client itself has an attribute 'raw'"),
        (document({"x-accordant-resource": "a" * 121}), OPERATION, "is no name"),
        (document({"x-accordant-name": "\ufb01nd"}), OPERATION, "is no name"),
        (document({"x-accordant-entity": "Jobs And More"}), OPERATION, "is no singular in snake_case"),
        (document({"x-accordant-idempotent": "yes"}), OPERATION, "it must be true or false"),
        (
            document({"x-accordant-idempotency-key": "Idempotency Key"}),
            OPERATION,
            "'Idempotency Key' is no header name",
        ),
        (document({"x-accordant-idempotency-key": True}), OPERATION, "True is no header name"),
        (document({"x-accordant-success": 201}), OPERATION, "it must be a status such as '201'"),
        (document({"x-accordant-success": "404"}), OPERATION, "it must be a status such as '201'"),
        (document({"x-accordant-envelope": ["a"]}), OPERATION, "it must be a text"),
        (document({"x-accordant-key": "id"}), OPERATION, "it must be an object"),
        (document({"x-accordant-key": {"param": "id"}}), OPERATION, "it has no param; it has "),
        (document({"x-accordant-key": {"parameter": "a", "body": "b"}}), OPERATION, "both a parameter and a body"),
        (document({"x-accordant-key": {"field": "a", "returned": "a"}}), OPERATION, "returned must be a list of texts"),
        (document({"x-accordant-row-key": "id"}), OPERATION, "it must be a list of texts"),
        (document(**{"x-accordant-row-key": ["id"]}), "$", "it belongs on operation, not on document"),
        (document({"x-accordant-pagination": {"items": "a"}}), OPERATION, "its style None is none of offset, "),
        (document({"x-accordant-pagination": {"style": "page"}}), OPERATION, "it lacks items"),
        (
            document({"x-accordant-pagination": {"style": "page", "items": "a", "offset": "o"}}),
            OPERATION,
            "it has no offset; it has ",
        ),
        (document({"x-accordant-pagination": {"style": "page", "items": 3}}), OPERATION, "items must be a text"),
        (document({"x-accordant-failure": {"field": "a", "message": "b"}}), OPERATION, "either equals or success"),
        (
            document({"x-accordant-failure": {"field": "a", "message": "b", "success": [200]}}),
            OPERATION,
            "success must be two numbers",
        ),
        (document({"x-accordant-alias-of": "getB"}), OPERATION, "there is no operation 'getB'"),
        (document(parameter={"x-accordant-filter": {"field": "a"}}), PARAMETER, "it lacks predicate"),
        (
            document(parameter={"x-accordant-filter": {"field": "a", "predicate": "like"}}),
            PARAMETER,
            "'like' is none of eq, not_eq",
        ),
        (document(schema={"x-accordant-known-values": "a"}), PROPERTY, "it must be a list"),
        (document(schema={"x-accordant-echo": True}), PROPERTY, "it must be a text"),
        (document(**{"x-accordant-filter-style": "rails"}), "$", "'rails' is none of ransack"),
        (document(**{"x-accordant-models": ["B"]}), "$['x-accordant-models'][0]", "there is no component 'B'"),
    ],
)
def test_refused(found: Any, place: str, said: str) -> None:
    """An extension that nobody would understand is refused with its place, and a near one is suggested."""
    where, words = problem(found)
    assert where.startswith(place)
    assert words.startswith(said) or said in words


@pytest.mark.parametrize(
    "found",
    [
        document({"x-accordant-name": "fetch", "x-accordant-envelope": "", "x-accordant-idempotent": False}),
        document({"x-accordant-alias-of": "getA", "x-accordant-nullable": True, "x-accordant-success": "201"}),
        document({"x-accordant-idempotency-key": "Idempotency-Key"}),
        document({"x-accordant-failure": {"field": "a", "message": "b", "success": [200, 299]}}),
        document({"x-accordant-key": {"body": "Id", "field": "Id", "scope": ["a"], "alternatives": {"a": ["b"]}}}),
        document(parameter={"x-accordant-filter": {"field": "a", "predicate": "lteq", "unit": "day"}}),
        document(parameter={"x-accordant-name": "b", "x-accordant-reference": "job.no"}),
        document(schema={"x-accordant-name": "c", "x-accordant-echo": False, "x-accordant-volatile": True}),
        document(body={"x-accordant-name": "ids"}),
        document(schema={"example": {"x-accordant-nothing": 1}, "x-evidence": "seed"}),
        document(**{"x-accordant-models": ["A"], "x-accordant-filter-style": "ransack"}),
    ],
)
def test_good(found: Any) -> None:
    """Extensions where they belong, with what they may say, pass; what stands in examples is data."""
    check_extensions(found, "a.yaml")


@pytest.mark.parametrize("style", PAGINATION)
def test_every_style_of_paging(style: str) -> None:
    """Every style of paging takes its own words."""
    words = dict.fromkeys(PAGINATION[style], "a")
    check_extensions(document({"x-accordant-pagination": {"style": style, "items": "", **words}}), "a.yaml")


def test_derived_values_are_good() -> None:
    """What normalisation derives is what the extensions may say."""
    assert set(metadata.PREDICATES) == set(PREDICATES)
    assert {"get", "update", "replace", "delete", "create", "list", "custom"} <= set(ACTIONS)


def test_command(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """A command refuses a bad extension with the file, the place and what to do."""
    checkout.add("shop", MINIMAL.replace("tags: [things]", "tags: [things]\n      x-accordant-nam: fetch"))
    assert refused(checkout, capsys) == (
        "specs/shop/openapi.yaml with its overlay: $.paths['/things/{id}'].get['x-accordant-nam']: there is no such "
        "extension; did you mean x-accordant-name?. Correct the spec overlay; docs/extensions.md lists the extensions"
    )


def test_documented() -> None:
    """The reference describes exactly the extensions that there are."""
    assert set(re.findall(r"^### `(x-accordant-[a-z-]+)`", DOCS.read_text(), re.MULTILINE)) == set(EXTENSIONS)
