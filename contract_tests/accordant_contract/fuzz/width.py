"""How wide a request body is: the fuzzer's coverage phase makes several cases of each place in it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from accordant_runtime import is_object

from ..document.document import Operation
from ..document.schemas import Schemas


def wider(operation: Operation, most: int) -> bool:
    """Whether the JSON body of an operation has more than ``most`` properties, those of the objects in it counted at
    each place where they occur."""
    if not operation.body_schema:
        return False
    return len(list(islice(_properties(operation.schemas, operation.body_schema, ()), most + 1))) > most


def _properties(schemas: Schemas, node: Any, around: tuple[int, ...]) -> Iterator[str]:
    """The properties of a schema, each as often as it can be filled; what holds itself is counted once."""
    schema = schemas.schema(node)
    if id(schema) in around:
        return
    inside = (*around, id(schema))
    for name, part in schemas.properties(schema).items():
        yield name
        yield from _properties(schemas, part, inside)
    for part in (schema.get("items"), *schema.get("oneOf", ()), *schema.get("anyOf", ())):
        if is_object(part):
            yield from _properties(schemas, part, inside)
