"""The whole bodies that a document gives as examples, as vendors write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.document import Operation
from accordant_sandbox.http.json_types import is_object

__all__ = ["as_json", "example_bytes", "given_examples", "promises_object"]


def promises_object(operation: Operation, pointer: str) -> bool:
    """Whether the schema at a pointer is one of an object or of a list, with a type or without."""
    try:
        return bool({"properties", "items"} & operation.document.schemas.stated(pointer).keys())
    except SandboxError:
        return False


def as_json(example: Any) -> Any:
    """An example of an object or a list; many a document writes it as a text that holds the JSON."""
    try:
        return orjson.loads(example) if isinstance(example, str) else example
    except ValueError:
        return example


def given_examples(operation: Operation, content: Mapping[str, Any]) -> list[Any]:
    """The whole bodies that the document gives as examples."""
    named = content.get("examples")
    found = [content["example"]] if "example" in content else []
    for each in named.values() if is_object(named) else ():
        try:
            node = operation.document.schemas.deref(each)
        except SandboxError:
            continue
        found += [node["value"]] if "value" in node else []
    return found


def example_bytes(content: Any) -> bytes:
    """The body that a document gives as its example, where it is no JSON."""
    given = content.get("example") if is_object(content) else None
    return given.encode() if isinstance(given, str) else b"content"
