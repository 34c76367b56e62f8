"""The records that a request names: the ids in its path and in its body, each with the kind of record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from accordant_runtime import is_array, is_object

from .document import Operation
from .values import ABSENT, Arguments


def references(operation: Operation, arguments: Arguments) -> Iterator[tuple[str, Any]]:
    """Every id of a record in a request, with the kind of record."""
    for parameter in operation.parameters:
        value = arguments.given.get(parameter.name, ABSENT)
        if parameter.where == "path" and value is not ABSENT:
            entity = parameter.reference or (operation.entity if parameter.name == operation.key.name else None)
            if entity:
                yield entity, value
    if operation.body_schema is not None:
        many = operation.takes_many and is_array(arguments.body)
        for body in arguments.body if many else [arguments.body]:
            yield from _within(operation, operation.body_schema, body)


def _within(operation: Operation, schema: Mapping[str, Any], value: Any) -> Iterator[tuple[str, Any]]:
    plain = operation.schemas.schema(schema)
    entity = plain.get("x-accordant-reference")
    if entity and not is_object(value):
        yield from ((str(entity), each) for each in (value if is_array(value) else [value]) if each is not None)
    elif is_object(value):
        for name, part in operation.schemas.properties(plain).items():
            if name in value:
                yield from _within(operation, part, value[name])
    elif is_array(value) and "items" in plain:
        for each in value:
            yield from _within(operation, plain["items"], each)
