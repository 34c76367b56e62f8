"""Values to try a filter with: some that part of the rows fit, and some that none fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from accordant_runtime import is_array

from ..document.comparison import comparable, moment
from ..document.document import Operation
from ..document.facts import Parameter
from ..document.schemas import types_of
from ..document.values import ABSENT
from ..judges.filters import field_schema, fits, inside

_SHORTEST: Final = 4
"""The letters that a text has at least, for a part of it to be tried."""
_TWO_DIGITS: Final = 10


def values_for(operation: Operation, parameter: Parameter, universe: Sequence[Any]) -> Iterator[Any]:
    """Values for a filter that some rows fit and others do not, if any exist."""
    if parameter.filter is None:
        return
    name, predicate = parameter.filter
    schema = field_schema(operation, name)
    if predicate == "null":
        yield from (True, False)
        return
    shown = [inside(row, name) for row in universe]
    present = _distinct([value for value in shown if value is not None and value is not ABSENT])
    listed = is_array(next(iter(present), None))
    if listed:
        present = _distinct([item for value in present for item in value if item is not None])
    if not present:
        return
    ordered = sorted(present, key=lambda value: _order(comparable(value, schema)))
    middle = ordered[len(ordered) // 2]
    if "array" in types_of(parameter.schema) or predicate in ("in", "any_of"):
        yield [ordered[-1], ordered[0]] if len(ordered) > 1 else [middle]
        yield [middle]
        return
    picks = [middle, ordered[0], ordered[-1]] if predicate in ("gt", "gteq", "lt", "lteq") else [middle, ordered[-1]]
    usable = [value for value in _distinct(picks) if isinstance(value, (str, int, float))]
    yield from usable
    if predicate == "contains" and not listed:
        yield from _inner(middle)


def unfit_values(operation: Operation, parameter: Parameter, universe: Sequence[Any]) -> Iterator[Any]:
    """Values for a filter that no row fits: that nobody has, that some only begin with, documented ones of no row."""
    if parameter.filter is None or parameter.filter[1] not in ("eq", "contains", "in", "any_of"):
        return
    name, predicate = parameter.filter
    row_schema = field_schema(operation, name)
    several = "array" in types_of(parameter.schema) or predicate in ("in", "any_of")
    schema = operation.schemas.schema(parameter.schema.get("items", {}) if several else parameter.schema)
    like = next(iter(_shown(universe, name)), None)
    if like is None:
        return
    candidates = [*schema.get("enum", ()), _nobody(schema, like)]
    if predicate != "contains":
        candidates.append(_beginning(schema, like))
    for each in candidates:
        value = [each] if several else each
        if each is not ABSENT and not any(fits(row, name, predicate, value, row_schema) for row in universe):
            yield value


def _shown(universe: Sequence[Any], name: str) -> list[Any]:
    """The values that rows have in a field, those of a list one by one."""
    present = [value for row in universe if (value := inside(row, name)) is not None and value is not ABSENT]
    if is_array(next(iter(present), None)):
        return [item for value in present if is_array(value) for item in value if item is not None]
    return present


def _distinct(values: Sequence[Any]) -> list[Any]:
    return [value for index, value in enumerate(values) if value not in values[:index]]


def _order(value: Any) -> tuple[str, Any]:
    return type(value).__name__, value if isinstance(value, (str, int, float)) or moment(str(value)) else str(value)


def _inner(text: Any) -> Iterator[str]:
    """A part of a text that is not at its beginning."""
    if isinstance(text, str) and len(text) >= _SHORTEST and text[2:].strip() == text[2:]:
        yield text[2:]


def _beginning(schema: Mapping[str, Any], like: Any) -> Any:
    """What a value begins with: a text without its last letter, a number without its last digit."""
    if "enum" in schema or ("format" in schema and isinstance(like, str)) or isinstance(like, bool):
        return ABSENT
    if isinstance(like, int):
        return like // 10 if like >= _TWO_DIGITS else ABSENT
    if not isinstance(like, str) or "format" in schema or len(like) < _SHORTEST or like[:-1].strip() != like[:-1]:
        return ABSENT
    return like[:-1]


def _nobody(schema: Mapping[str, Any], like: Any) -> Any:
    """A value of the right kind that no row has."""
    if schema.keys() & {"enum", "pattern"} or isinstance(like, bool):
        return ABSENT
    if isinstance(like, int):
        return 2**31 - 19
    if "format" in schema:
        return ABSENT
    return "accordant-nobody-has-this"
