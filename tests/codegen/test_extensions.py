"""The x-treaty extensions: misspelt, misplaced and senseless ones are refused, and all are documented."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from codegen.errors import DocumentError
from codegen.extensions import ACTIONS, EXTENSIONS, PAGINATION, PREDICATES, check_extensions
from codegen.rules import metadata
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
        (document({"x-treaty-resorce": "a"}), OPERATION, "there is no such extension; did you mean x-treaty-resource?"),
        (document({"x-treaty-zzzz": 1}), OPERATION, "there is no such extension"),
        (document(parameter={"x-treaty-action": "get"}), PARAMETER, "it belongs on operation, not on parameter"),
        (document(schema={"x-treaty-success": "201"}), PROPERTY, "it belongs on operation, not on schema"),
        (document({"x-treaty-read-only": True}), OPERATION, "it belongs on schema, not on operation"),
        (document(**{"x-treaty-envelope": "a"}), "$", "it belongs on operation, not on document"),
        (document({"x-treaty-action": "fetch"}), OPERATION, "'fetch' is none of create, get, "),
        (document({"x-treaty-name": "class"}), OPERATION, "'class' is no name that Python code could use"),
        (document({"x-treaty-name": "get it"}), OPERATION, "'get it' is no name"),
        (document(parameter={"x-treaty-name": "options"}), PARAMETER, "'options' is no name"),
        (document({"x-treaty-resource": "_a"}), OPERATION, "'_a' is no name"),
        (document({"x-treaty-resource": "raw"}), OPERATION, "the client itself has an attribute 'raw'"),
        (document({"x-treaty-resource": "a" * 121}), OPERATION, "is no name"),
        (document({"x-treaty-name": "\ufb01nd"}), OPERATION, "is no name"),
        (document({"x-treaty-entity": "Jobs And More"}), OPERATION, "is no singular in snake_case"),
        (document({"x-treaty-idempotent": "yes"}), OPERATION, "it must be true or false"),
        (document({"x-treaty-idempotency-key": "Idempotency Key"}), OPERATION, "'Idempotency Key' is no header name"),
        (document({"x-treaty-idempotency-key": True}), OPERATION, "True is no header name"),
        (document({"x-treaty-success": 201}), OPERATION, "it must be a status such as '201'"),
        (document({"x-treaty-success": "404"}), OPERATION, "it must be a status such as '201'"),
        (document({"x-treaty-envelope": ["a"]}), OPERATION, "it must be a text"),
        (document({"x-treaty-key": "id"}), OPERATION, "it must be an object"),
        (document({"x-treaty-key": {"param": "id"}}), OPERATION, "it has no param; it has "),
        (document({"x-treaty-key": {"parameter": "a", "body": "b"}}), OPERATION, "both a parameter and a body"),
        (document({"x-treaty-key": {"field": "a", "returned": "a"}}), OPERATION, "returned must be a list of texts"),
        (document({"x-treaty-row-key": "id"}), OPERATION, "it must be a list of texts"),
        (document(**{"x-treaty-row-key": ["id"]}), "$", "it belongs on operation, not on document"),
        (document({"x-treaty-pagination": {"items": "a"}}), OPERATION, "its style None is none of offset, "),
        (document({"x-treaty-pagination": {"style": "page"}}), OPERATION, "it lacks items"),
        (
            document({"x-treaty-pagination": {"style": "page", "items": "a", "offset": "o"}}),
            OPERATION,
            "it has no offset; it has ",
        ),
        (document({"x-treaty-pagination": {"style": "page", "items": 3}}), OPERATION, "items must be a text"),
        (document({"x-treaty-failure": {"field": "a", "message": "b"}}), OPERATION, "either equals or success"),
        (
            document({"x-treaty-failure": {"field": "a", "message": "b", "success": [200]}}),
            OPERATION,
            "success must be two numbers",
        ),
        (document({"x-treaty-alias-of": "getB"}), OPERATION, "there is no operation 'getB'"),
        (document(parameter={"x-treaty-filter": {"field": "a"}}), PARAMETER, "it lacks predicate"),
        (
            document(parameter={"x-treaty-filter": {"field": "a", "predicate": "like"}}),
            PARAMETER,
            "'like' is none of eq, not_eq",
        ),
        (document(schema={"x-treaty-known-values": "a"}), PROPERTY, "it must be a list"),
        (document(schema={"x-treaty-echo": True}), PROPERTY, "it must be a text"),
        (document(**{"x-treaty-filter-style": "rails"}), "$", "'rails' is none of ransack"),
        (document(**{"x-treaty-models": ["B"]}), "$['x-treaty-models'][0]", "there is no component 'B'"),
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
        document({"x-treaty-name": "fetch", "x-treaty-envelope": "", "x-treaty-idempotent": False}),
        document({"x-treaty-alias-of": "getA", "x-treaty-nullable": True, "x-treaty-success": "201"}),
        document({"x-treaty-idempotency-key": "Idempotency-Key"}),
        document({"x-treaty-failure": {"field": "a", "message": "b", "success": [200, 299]}}),
        document({"x-treaty-key": {"body": "Id", "field": "Id", "scope": ["a"], "alternatives": {"a": ["b"]}}}),
        document(parameter={"x-treaty-filter": {"field": "a", "predicate": "lteq", "unit": "day"}}),
        document(parameter={"x-treaty-name": "b", "x-treaty-reference": "job.no"}),
        document(schema={"x-treaty-name": "c", "x-treaty-echo": False, "x-treaty-volatile": True}),
        document(body={"x-treaty-name": "ids"}),
        document(schema={"example": {"x-treaty-nothing": 1}, "x-evidence": "seed"}),
        document(**{"x-treaty-models": ["A"], "x-treaty-filter-style": "ransack"}),
    ],
)
def test_good(found: Any) -> None:
    """Extensions where they belong, with what they may say, pass; what stands in examples is data."""
    check_extensions(found, "a.yaml")


@pytest.mark.parametrize("style", PAGINATION)
def test_every_style_of_paging(style: str) -> None:
    """Every style of paging takes its own words."""
    words = dict.fromkeys(PAGINATION[style], "a")
    check_extensions(document({"x-treaty-pagination": {"style": style, "items": "", **words}}), "a.yaml")


def test_derived_values_are_good() -> None:
    """What normalisation derives is what the extensions may say."""
    assert set(metadata.PREDICATES) == set(PREDICATES)
    assert {"get", "update", "replace", "delete", "create", "list", "custom"} <= set(ACTIONS)


def test_command(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """A command refuses a bad extension with the file, the place and what to do."""
    checkout.add("shop", MINIMAL.replace("tags: [things]", "tags: [things]\n      x-treaty-nam: fetch"))
    assert refused(checkout, capsys) == (
        "specs/shop/openapi.yaml with its overlay: $.paths['/things/{id}'].get['x-treaty-nam']: there is no such "
        "extension; did you mean x-treaty-name?. Correct the spec overlay; docs/extensions.md lists the extensions"
    )


def test_documented() -> None:
    """The reference describes exactly the extensions that there are."""
    assert set(re.findall(r"^### `(x-treaty-[a-z-]+)`", DOCS.read_text(), re.MULTILINE)) == set(EXTENSIONS)
