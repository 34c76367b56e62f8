"""Does a list show of a record what the record shows of itself?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from accordant_runtime import is_array, is_object

from ..document.comparison import Difference, same, short
from ..document.document import Operation
from ..document.schemas import Schemas, types_of
from ..document.values import Exchange, Finding, Findings
from .writes import RecordReading


def list_truth(operation: Operation, listed: Exchange, row: Mapping[str, Any], reading: RecordReading) -> Findings:
    """What a row of a list shows is what the same record shows when it is read alone.

    A row may have fewer fields, and may leave out what is inside of a record, but no field says something else.
    """
    name = operation.key.field
    alone = reading.record
    if name is None or not is_object(alone) or not same(row.get(name), alone.get(name), {}):
        return
    parts = operation.schemas.properties(operation.record_schema or {})
    for each in _differences(row, alone, parts, reading.schema, operation.schemas, "$"):
        text = f"a row of the list shows something else than the record: {each}"
        values = (short(each.wanted), short(each.found))
        yield Finding("list_truth", operation.id, text, each.path, "", (listed, *reading.exchanges), *values)


def _differences(
    row: Mapping[str, Any],
    alone: Mapping[str, Any],
    parts: Mapping[str, Mapping[str, Any]],
    schema: Mapping[str, Any],
    schemas: Schemas,
    path: str,
) -> Iterator[Difference]:
    others = schemas.properties(schemas.schema(schema))
    for name in (each for each in row if each in alone and each in parts and each in others):
        listed, own = schemas.schema(parts[name]), schemas.schema(others[name])
        if not _alike(listed, own):
            continue
        one, other, place = row[name], alone[name], f"{path}.{name}"
        if is_object(one) and is_object(other):
            yield from _differences(one, other, schemas.properties(listed), own, schemas, place)
        elif not any(is_array(each) or is_object(each) for each in (one, other)) and not same(one, other, own):
            yield Difference(place, other, one)


def _alike(listed: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Whether two schemas of one name say the same of it: else it may be another thing in lists."""
    volatile = any(each.get("x-accordant-volatile") or each.get("writeOnly") for each in (listed, own))
    kinds = [{*types_of(each)} - {"null"} for each in (listed, own)]
    alike = all(listed.get(name) == own.get(name) for name in ("format", "enum", "const"))
    return not volatile and kinds[0] == kinds[1] and alike
