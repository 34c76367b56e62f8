"""Unions as clients read them: several alternatives may fit, and a discriminator says which one has to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from accordant_sandbox.http.directions import Direction
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.http.pointers import pointed_at, reference_pointer

__all__ = ["as_read", "at_read", "mapped"]

_KEYWORDS: Final = ("oneOf", "anyOf")
_COMPONENT: Final = "#/components/schemas/"
_DEEPEST: Final = 12
_NESTED: Final = (dict, list)


def as_read(document: Mapping[str, Any], direction: Direction | None) -> dict[str, Any]:
    """A document whose unions are as clients read them.

    A value may fit more than one alternative: many a document lets an object with one member pass for several, which
    JSON Schema alone would take for none. Of a union in a response whose discriminator maps values to every
    alternative, none takes a value that is mapped to another; what is not mapped is left to the schemas.
    """
    return {key: _read(value, document, direction != "request") for key, value in document.items()}


def mapped(node: Mapping[str, Any], keyword: str, document: Mapping[str, Any]) -> tuple[str, list[list[str]]] | None:
    """The property that tells the alternatives of a union apart, and the values of each in their order; None where the
    document does not say it of all of them, or where an alternative forbids what the mapping says of it."""
    told, choices = node.get("discriminator"), node.get(keyword)
    mapping = told.get("mapping") if is_object(told) else None
    name = told.get("propertyName") if is_object(told) else None
    if not is_object(mapping) or not isinstance(name, str) or not is_array(choices) or len(choices) < 2:
        return None
    places = [each.get("$ref") if is_object(each) else None for each in choices]
    targets = {value: _reference(str(target)) for value, target in mapping.items()}
    values = [[value for value, target in targets.items() if target == place] for place in places]
    if len({*map(str, places)}) < len(places) or not all(values):
        return None
    allowed = all(_allows(choice, name, own, document) for choice, own in zip(choices, values, strict=True))
    return (name, values) if allowed else None


def _reference(target: str) -> str:
    return target if "#" in target else f"{_COMPONENT}{target}"


def _read(node: Any, document: Mapping[str, Any], narrow: bool) -> Any:
    """The node itself where there is no union inside of it."""
    if is_array(node):
        items: list[Any] | None = None
        for place, each in enumerate(node):
            one = _read(each, document, narrow) if isinstance(each, _NESTED) else each
            if one is not each:
                items = list(node) if items is None else items
                items[place] = one
        return node if items is None else items
    if not is_object(node):
        return node
    made = {key: _read(each, document, narrow) for key, each in node.items() if isinstance(each, _NESTED)}
    changed = {key: each for key, each in made.items() if each is not node[key]}
    for keyword in _KEYWORDS if narrow and "discriminator" in node else ():
        found = mapped(node, keyword, document)
        if found is not None:
            name, values = found
            changed[keyword] = [_narrowed(choice, name, values, place) for place, choice in enumerate(node[keyword])]
    reference = node.get("$ref")
    if isinstance(reference, str) and "/oneOf/" in reference:
        changed["$ref"] = f"#{at_read(document, reference_pointer(document, reference))}"
    renamed = _renamed(node)
    if not changed and not renamed:
        return node
    whole = {**node, **changed}
    if renamed:
        whole["anyOf"] = whole.pop("oneOf")
    return whole


def at_read(document: Mapping[str, Any], pointer: str) -> str:
    """Where a schema of the document is after `as_read`."""
    node: Any = document
    tokens = [""]
    for token in pointer.split("/")[1:]:
        tokens.append("anyOf" if token == "oneOf" and _renamed(node) else token)
        node = pointed_at(node, f"/{token}")[1]
    return "/".join(tokens)


def _renamed(node: Any) -> bool:
    return is_object(node) and is_array(node.get("oneOf")) and "anyOf" not in node


def _narrowed(choice: Mapping[str, Any], name: str, values: list[list[str]], place: int) -> dict[str, Any]:
    others = [value for index, each in enumerate(values) if index != place for value in each]
    return {"allOf": [choice, {"properties": {name: {"not": {"enum": others}}}}]}


def _allows(choice: Any, name: str, values: list[str], document: Mapping[str, Any], depth: int = 0) -> bool:
    """Whether an alternative has nothing against these values of a property."""
    node = _followed(choice, document)
    if not is_object(node) or depth > _DEEPEST:
        return True
    properties, parts = node.get("properties"), node.get("allOf")
    own = _followed(properties.get(name), document) if is_object(properties) else None
    fixed = own.get("enum", [own["const"]] if "const" in own else None) if is_object(own) else None
    if is_array(fixed) and not {*values} <= {*map(str, fixed)}:
        return False
    return all(_allows(part, name, values, document, depth + 1) for part in parts) if is_array(parts) else True


def _followed(node: Any, document: Mapping[str, Any]) -> Any:
    for _ in range(_DEEPEST):
        reference = node.get("$ref") if is_object(node) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return node
        node = pointed_at(document, reference_pointer(document, reference))[1]
    return None
