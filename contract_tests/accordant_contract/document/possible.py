"""Whether a request can be made at all: a document may ask for a value that is a text and a number at once."""

from __future__ import annotations

from typing import Any, Final

from accordant_runtime import is_array, is_object

from ..errors import ContractError
from .document import Operation
from .schemas import Schemas, types_of

_DEEPEST: Final = 8
"""Schemas inside of one another that are looked into."""


def impossible(operation: Operation) -> str:
    """Why nobody can make a request that the document allows: a required body that no value can be; else empty."""
    if not operation.body_required:
        return ""
    nodes = [{"$ref": f"#{pointer}"} for pointer in operation.body.values()]
    found = [_contradiction(operation.schemas, node, _DEEPEST) for node in nodes]
    return f"the document asks for a body that is {found[0]} at once, so no request can be made" if all(found) else ""


def _contradiction(schemas: Schemas, node: Any, depth: int) -> str:
    """The types that a value would have to have at once; empty where a value can be."""
    if not is_object(node) or not depth:
        return ""
    try:
        plain = schemas.follow(node)[0]
    except ContractError:  # what leads nowhere says nothing
        return ""
    parts = plain.get("allOf")
    every = [plain, *(schemas.follow(each)[0] for each in (parts if is_array(parts) else []) if is_object(each))]
    kinds = [{*types_of(each)} for each in every if types_of(each)]
    wider = [each | {"integer"} if "number" in each else each for each in kinds]
    if wider and not set[str].intersection(*wider):
        return " and ".join(sorted(set[str]().union(*kinds)))
    for each in every:
        properties = each.get("properties")
        for name in each.get("required", ()):
            part = properties.get(name) if is_object(properties) else None
            if found := _contradiction(schemas, part, depth - 1):
                return found
    return ""
