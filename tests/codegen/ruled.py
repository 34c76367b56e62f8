"""What one rule of normalisation makes of a document."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from accordant_codegen.read.document import operations

Rule = Callable[[dict[str, Any], list[str]], None]


def ruled(rule: Rule, document: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What one rule makes of a copy of the document, and its losses."""
    result, losses = copy.deepcopy(document), list[str]()
    rule(result, losses)
    return result, losses


def document(paths: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """An OpenAPI 3.1 document of these paths."""
    return {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": paths, **parts}


def schemas(**components: Any) -> dict[str, Any]:
    """An OpenAPI 3.0 document of these component schemas."""
    return {**document({}, components={"schemas": components}), "openapi": "3.0.3"}


def of(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The operations of a document by operationId."""
    return {item["operationId"]: item for _, _, item in operations(found)}
