"""What is guessed about credentials, where a document says nothing about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accordant_codegen.guess.guess import guess
from accordant_codegen.guess.overlay import as_overlay
from accordant_codegen.read.overlay import apply, read_overlay
from tests.codegen.ruled import document

KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
OK: dict[str, Any] = {"responses": {"200": {"description": ""}}}


def header(**more: Any) -> dict[str, Any]:
    """An operation with a header parameter Authorization."""
    return {**OK, "parameters": [{"name": "Authorization", "in": "header", "schema": {"type": "string"}, **more}]}


def overlaid(tmp_path: Path, found: dict[str, Any]) -> dict[str, Any]:
    """The document with the guesses about it."""
    file = tmp_path / "spec.overlay.yaml"
    file.write_text(as_overlay(guess(found), title="A", document="a.yaml"))
    return apply(found, read_overlay(file)).document


def test_schemes_that_nobody_names(tmp_path: Path) -> None:
    """Schemes that are declared, and named by no `security` at all, are alternatives for every operation."""
    found = document({"/a": {"get": OK}})
    found["components"] = {"securitySchemes": {"key": KEY, "other": KEY}}
    applied = overlaid(tmp_path, found)
    assert applied["security"] == [{"key": []}, {"other": []}]
    assert not [each for each in guess(applied).made if each.kind == "security"]


@pytest.mark.parametrize(
    ("more", "scheme"),
    [
        ({}, {"type": "apiKey", "in": "header", "name": "Authorization"}),
        ({"description": "value must be `Bearer <token>`"}, {"type": "http", "scheme": "bearer"}),
    ],
)
def test_a_parameter_that_is_a_key(tmp_path: Path, more: Any, scheme: Any) -> None:
    """A header parameter Authorization is a credential of its operation, a bearer token where its text says so."""
    found = document({"/a": {"get": header(required=True, **more)}, "/b": {"get": header(**more)}, "/c": {"get": OK}})
    applied = overlaid(tmp_path, found)
    assert applied["components"]["securitySchemes"] == {"authorization": scheme}
    security = [item["get"].get("security") for item in applied["paths"].values()]
    assert security == [[{"authorization": []}], [{"authorization": []}, {}], None]


@pytest.mark.parametrize("stated", [[], [{"key": []}]])
def test_what_is_stated_is_not_guessed(stated: Any) -> None:
    """A document that says anywhere what is wanted, be it nothing, is taken at its word."""
    for found in (document({"/a": {"get": {**header(), "security": stated}}}), document({"/a": {"get": header()}})):
        found["components"] = {"securitySchemes": {"key": KEY}}
        if "security" not in found["paths"]["/a"]["get"]:
            found["security"] = stated
        assert not [each for each in guess(found).made if each.kind == "security"]


@pytest.mark.parametrize("names", [("x-auth-key", "x-auth-secret"), ("app_id", "app_key")])
def test_halves_of_a_credential_go_together(tmp_path: Path, names: tuple[str, str]) -> None:
    """Keys of one name that end in `key` and `secret`, or `id` and `key`, are both wanted at once."""
    found = document({"/a": {"get": OK}})
    schemes = {name: {"type": "apiKey", "in": "header", "name": name} for name in names}
    found["components"] = {"securitySchemes": schemes}
    assert overlaid(tmp_path, found)["security"] == [{name: [] for name in names}]


def test_keys_that_an_operation_must_have_go_together(tmp_path: Path) -> None:
    """Keys that are required parameters of one operation are both wanted; where one may be left out, either is."""
    schemes = {name: {"type": "apiKey", "in": "query", "name": name} for name in ("client", "stamp")}
    ways: dict[bool, Any] = {True: [{"client": [], "stamp": []}], False: [{"client": []}, {"stamp": []}]}
    for required, security in ways.items():
        parameters = [
            {"name": "client", "in": "query", "required": True},
            {"name": "stamp", "in": "query", "required": required},
        ]
        found = document({"/a": {"get": {**OK, "parameters": parameters}}})
        found["components"] = {"securitySchemes": schemes}
        assert overlaid(tmp_path, found)["security"] == security
