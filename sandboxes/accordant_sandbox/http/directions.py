"""What a schema requires in one direction: `readOnly` binds responses alone, `writeOnly` requests alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.http.pointers import pointed_at, reference_pointer

__all__ = ["Direction", "direction_of", "required_in", "without_written"]

Direction = Literal["request", "response"]
_OTHER: Final = {"request": "readOnly", "response": "writeOnly"}
_DEEPEST: Final = 50


def direction_of(pointer: str) -> Direction | None:
    """The way that a value travels whose schema is at a JSON pointer; `None` where the document does not say."""
    segments = pointer.split("/")
    if "requestBody" in segments or "requestBodies" in segments:
        return "request"
    return "response" if "responses" in segments else None


def required_in(document: Mapping[str, Any], direction: Direction) -> dict[str, Any]:
    """A document whose schemas do not require what travels the other way only."""
    if not _mentions(document, _OTHER[direction]):
        return dict(document)
    loosened: dict[str, Any] = _loosened(document, document, _OTHER[direction])
    return loosened


def without_written(value: Any, schema: Any, document: Mapping[str, Any], depth: int = 0) -> Any:
    """A value without the members, at any depth, that the document says only requests carry."""
    node = _followed(schema, document)
    if not is_object(node) or depth > _DEEPEST:
        return value
    if is_array(value):
        return [without_written(each, node.get("items"), document, depth + 1) for each in value]
    if not is_object(value):
        return value
    known = dict(_properties(node, document, alternatives=True))
    return {
        name: without_written(each, known.get(name), document, depth + 1)
        for name, each in value.items()
        if not _is_marked(known.get(name), document, "writeOnly")
    }


def _mentions(document: Mapping[str, Any], mark: str) -> bool:
    pending: list[Any] = [document]
    while pending:
        node = pending.pop()
        if is_object(node):
            if node.get(mark) is True:
                return True
            pending.extend(node.values())
        elif is_array(node):
            pending.extend(node)
    return False


def _loosened(node: Any, document: Mapping[str, Any], mark: str) -> Any:
    if is_array(node):
        return [_loosened(item, document, mark) for item in node]
    if not is_object(node):
        return node
    result = {key: _loosened(value, document, mark) for key, value in node.items()}
    required = node.get("required")
    if is_array(required):
        marked = {name for name, schema in _properties(node, document) if _is_marked(schema, document, mark)}
        if marked:
            result["required"] = [name for name in required if name not in marked]
    return result


def _properties(
    schema: Any, document: Mapping[str, Any], depth: int = 0, *, alternatives: bool = False
) -> Iterator[tuple[str, Any]]:
    """The properties of a schema and of what it puts together, of what it chooses from too where that is wanted."""
    schema = _followed(schema, document)
    if not is_object(schema) or depth > _DEEPEST:
        return
    own = schema.get("properties")
    yield from (own if is_object(own) else {}).items()
    for part in _all_of(schema):
        yield from _properties(part, document, depth + 1, alternatives=alternatives)
    for keyword in ("anyOf", "oneOf") if alternatives else ():
        choices = schema.get(keyword)
        for part in choices if is_array(choices) else ():
            yield from _properties(part, document, depth + 1, alternatives=True)


def _is_marked(schema: Any, document: Mapping[str, Any], mark: str) -> bool:
    if is_object(schema) and schema.get(mark) is True:
        return True
    followed = _followed(schema, document)
    parts = [followed, *_all_of(followed)]
    return any(is_object(part) and part.get(mark) is True for part in parts)


def _all_of(schema: Any) -> list[Any]:
    parts = schema.get("allOf") if is_object(schema) else None
    return parts if is_array(parts) else []


def _followed(node: Any, document: Mapping[str, Any]) -> Any:
    for _ in range(_DEEPEST):
        reference = node.get("$ref") if is_object(node) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return node
        node = pointed_at(document, reference_pointer(document, reference))[1]
    return None
