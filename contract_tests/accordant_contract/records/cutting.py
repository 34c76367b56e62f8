"""Bodies that a document allows: without the members that it forbids, and with those that it wants together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from accordant_runtime import is_array, is_object

from ..document.document import Operation
from ..document.schemas import Schemas, types_of
from .examples import Examples, Recipe

_SAYING: Final = frozenset({"pattern", "format", "enum", "const", "x-accordant-reference"})
"""What says of a text more than that it is one."""
_ROUNDS: Final = 6
"""How often a body is looked at again: what is left after a cut may break another rule."""


def fitting_part(operation: Operation, body: Mapping[str, Any], kept: Collection[str]) -> Any:
    """A body without its members that break a rule, however deep they are; those that are ``kept`` stay, at its top."""
    pointer = operation.body[next(iter(operation.body))]
    left: Any = body
    for _ in range(_ROUNDS):
        places = [place for place in operation.schemas.misfits(pointer, left) if place]
        if not places:
            break
        before = left
        for place in places:
            left = _without(left, place, kept)
        if left == before:
            break
    return left


def _without(value: Any, place: Sequence[str | int], kept: Collection[str]) -> Any:
    """A value without the member at a place; what has no name goes with the nearest member around it that has one."""
    last = max((at for at, step in enumerate(place) if isinstance(step, str)), default=-1)
    if last < 0 or (last == 0 and place[0] in kept):
        return value

    def cut(inner: Any, at: int) -> Any:
        step = place[at]
        if is_object(inner) and isinstance(step, str):
            if at == last:
                return {name: each for name, each in inner.items() if name != step}
            return {name: cut(each, at + 1) if name == step else each for name, each in inner.items()}
        if is_array(inner) and isinstance(step, int):
            return [cut(each, at + 1) if index == step else each for index, each in enumerate(inner)]
        return inner

    return cut(value, 0)


def showable(
    operation: Operation, shown: Mapping[str, Mapping[str, Any]], examples: Examples, recipe: Recipe
) -> dict[str, Any]:
    """Texts for the properties of a body that take any text, where a record shows only those that fit a pattern: what
    it cannot show, it cannot be known by."""
    found: dict[str, Any] = {}
    schema, schemas = operation.body_schema or {}, operation.schemas
    bound = schemas.remembered(_bound, shown) if schema else {}
    for name, part in schemas.properties(schema).items() if bound else ():
        told = bound.get(name, {})
        plain = bool(told) and types_of(part) == ("string",) and not part.keys() & _SAYING
        if plain and (recipe.full or name in schema.get("required", ())):
            value = examples.value(name, {**part, "pattern": told["pattern"]}, recipe)
            if schemas.within(value, told):
                found[name] = value
    return found


def _bound(schemas: Schemas, shown: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The fields of a record that show texts of a pattern alone."""
    told = {name: schemas.schema(part) for name, part in shown.items()}
    return {name: each for name, each in told.items() if "pattern" in each and types_of(each) == ("string",)}


def with_alternative(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema of an object that says which of its properties go together: once for each of its alternatives."""
    for keyword in ("oneOf", "anyOf"):
        for part in schema.get(keyword, ()) if "properties" in schema else ():
            properties = {**schema["properties"], **part.get("properties", {})}
            required = [*schema.get("required", ()), *part.get("required", ())]
            yield {**schema, "properties": properties, "required": required}
