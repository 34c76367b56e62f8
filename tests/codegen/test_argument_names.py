"""What a client calls its credentials is in the effective document, for sandboxes and contract tests."""

from __future__ import annotations

from typing import Any

from accordant_codegen.render.client import note_arguments
from tests.codegen.ruled import document


def noted(schemes: dict[str, Any], *security: dict[str, list[str]]) -> dict[str, Any]:
    """The names that are noted at each scheme."""
    get: dict[str, Any] = {"operationId": "get", "security": list(security), "responses": {}}
    found = document({"/a": {"get": get}}, components={"securitySchemes": schemes})
    note_arguments(found)
    return {name: scheme.get("x-accordant-arguments") for name, scheme in schemes.items()}


def test_names_of_secrets() -> None:
    """Each scheme that an operation names says what the client calls its secrets; others say nothing."""
    key = {"type": "apiKey", "in": "header"}
    schemes = {
        "appKey": {**key, "name": "X-App"},
        "userKey": {**key, "name": "X-User"},
        "login": {"type": "http", "scheme": "basic"},
        "idle": {**key, "name": "X-Idle"},
    }
    assert noted(schemes, {"appKey": [], "userKey": []}, {"login": []}) == {
        "appKey": {"argument": "app_key"},
        "userKey": {"argument": "user_key"},
        "login": {"username": "username", "password": "password"},
        "idle": None,
    }


def test_no_schemes() -> None:
    """A document without schemes stays as it is."""
    found = document({"/a": {"get": {"operationId": "get", "security": [{"nobody": []}], "responses": {}}}})
    note_arguments(found)
    assert "components" not in found
