"""The bodies that a document gives as examples of a response."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.document import Operation
from accordant_sandbox.http.json_types import is_object

__all__ = ["given_bodies"]


def given_bodies(operation: Operation, content: Mapping[str, Any]) -> list[Any]:
    """The whole bodies that the document gives as examples; one that was pasted as a text of JSON is read."""
    named = content.get("examples")
    found = [content["example"]] if "example" in content else []
    for each in named.values() if is_object(named) else ():
        try:
            node = operation.document.schemas.deref(each)
        except SandboxError:
            continue
        found += [node["value"]] if "value" in node else []
    return [each if not isinstance(each, str) else _read(operation, content, each) for each in found]


def _read(operation: Operation, content: Mapping[str, Any], text: str) -> Any:
    try:
        schema = operation.document.schemas.deref(content.get("schema", {}))
        return text if schema.get("type") == "string" or text.lstrip()[:1] not in ("{", "[") else json.loads(text)
    except (SandboxError, ValueError):
        return text
