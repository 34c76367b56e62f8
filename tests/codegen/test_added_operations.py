"""A vendor adds an operation: whatever it returns, the package is generated, with the vendor's envelope around it."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_codegen.__main__ import ROOT
from accordant_codegen.read.document import operations
from accordant_codegen.read.effective import prepare
from accordant_codegen.read.load import read_data
from accordant_codegen.read.overlay import read_overlay
from accordant_codegen.render.package import render
from accordant_codegen.vendors import find_all

VENDORS = {vendor.name: vendor for vendor in find_all(ROOT)}
KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "Object": ({"type": "object"}, "dict[str, Any]"),
    "Map": ({"type": "object", "additionalProperties": {"type": "integer"}}, "dict[str, int]"),
    "Objects": ({"type": "array", "items": {"type": "object"}}, "list[dict[str, Any]]"),
    "Lists": ({"type": "array", "items": {"type": "array", "items": {"type": "string"}}}, "list[list[str]]"),
    "Both": ({"allOf": [{"type": "object"}, {"additionalProperties": {"type": "string"}}]}, "dict[str, str]"),
    "Text": ({"type": "string"}, "str"),
    "Number": ({"type": "number"}, "float"),
    "Truth": ({"type": "boolean"}, "bool"),
    "Moment": ({"type": "string", "format": "date-time"}, "datetime.datetime"),
    "Identity": ({"type": "string", "format": "uuid"}, "UUID"),
    "Choice": ({"type": "string", "enum": ["a", "b"]}, "AddedChoiceAnswer"),
    "Inline": ({"type": "object", "properties": {"x": {"type": "integer"}}}, "AddedInlineAnswer"),
    "Anything": ({}, "Any"),
}


_INLINE = ("AddedChoiceAnswer", "AddedInlineAnswer")


def added(document: dict[str, Any]) -> dict[str, Any]:
    """The document with an operation for each kind of response, and one without any content."""
    for name, (schema, _) in KINDS.items():
        content = {"schema": schema} if "swagger" in document else {"content": {"application/json": {"schema": schema}}}
        item = {"operationId": f"added{name}", "responses": {"200": {"description": "It.", **content}}}
        document["paths"][f"/added/{name}"] = {"get": item}
    empty = {"operationId": "addedNothing", "responses": {"204": {"description": "Done."}}}
    document["paths"]["/added/nothing"] = {"delete": empty}
    return document


@pytest.mark.parametrize("name", VENDORS)
def test_every_kind_of_response(name: str) -> None:
    """An operation that a vendor adds is generated with the type of its response, whatever that is."""
    vendor = VENDORS[name]
    overlays = [read_overlay(file) for file in vendor.overlays]
    effective = prepare(added(read_data(vendor.document)), overlays, name)
    files = render(vendor, effective.document).files
    found = {item["operationId"]: item for _, _, item in operations(effective.document)}
    for kind, (_, annotation) in KINDS.items():
        text = files[f"{found[f'added{kind}']['x-accordant-resource']}.py"]
        constant = f"ADDED_{kind.upper()}: Final[Operation["
        [line] = [line for line in text.splitlines() if line.startswith(constant)]
        inside = "Data" if name == "espace" and annotation in _INLINE else ""  # a part of what the vendor wraps
        expected = f"{annotation}{inside}"
        assert line.removeprefix(constant).removesuffix("]] = operation(").replace("builtins.", "") == expected
    assert "addedNothing" in found
