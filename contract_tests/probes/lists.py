"""Probes of lists: walks with several page sizes, edges of the page parameters, and every documented filter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from accordant_runtime import is_array

from ..document.comparison import comparable, moment
from ..document.document import Operation, Parameter
from ..document.schemas import types_of
from ..document.values import ABSENT, Arguments
from ..judges.filters import FilterTrial, field_schema, filter_truth, fits, inside
from ..judges.paging import page_walk
from ..records.examples import Recipe
from .context import ProbeContext

ENOUGH: Final = 5
"""Rows that make a walk worth it."""
_FAR: Final = 2**31 + 7


def walk_pages(context: ProbeContext, operation: Operation) -> None:
    """Read the list by two page sizes, twice by the first, and in one go; then past its end and at its edges."""
    arguments = context.filler.arguments(operation)
    if arguments is None:
        context.session.results.skip(f"{operation.id}: a record that it needs cannot be made or found")
        return
    _fill(context, operation, arguments)
    rows, whole = context.reader.rows(operation, arguments)
    paging = operation.paging
    if paging is None or paging.size is None or not whole.pages:
        return
    most = paging.most
    if paging.position is None:
        for size in (1, 2, most):
            context.store.call(operation, evolve(arguments, query={**arguments.query, paging.size: size}))
        return
    small = max(1, min(2, most, len(rows) - 1), -(-len(rows) // 8))
    walks = [
        whole,
        context.reader.walk(operation, arguments, small),
        context.reader.walk(operation, arguments, small + 1),
    ]
    again = context.reader.walk(operation, arguments, small)
    context.session.results.judge("page_walk", operation.id, page_walk(operation, [*walks, again]), len(walks))
    past = len(rows) + 50 if paging.style == "offset" else len(rows) // most + 2
    context.store.call(
        operation, evolve(arguments, query={**arguments.query, paging.size: most, paging.position: past})
    )
    far = {**arguments.query, paging.size: most, paging.position: _FAR}
    context.store.call(operation, evolve(arguments, query=far), intent="unknown")
    bound = operation.parameter(paging.size)
    intent = "invalid" if bound is not None and "maximum" in bound.schema else "unknown"
    context.store.call(operation, evolve(arguments, query={**arguments.query, paging.size: most * 10}), intent=intent)
    context.store.call(
        operation, evolve(arguments, query={**arguments.query, paging.size: "accordant"}), intent="invalid"
    )


def try_filters(context: ProbeContext, operation: Operation) -> None:
    """Every documented filter, with values taken from rows that are there, at and around them."""
    arguments = context.filler.arguments(operation)
    if arguments is None:
        return
    _vary(context, operation)
    universe, walk = context.reader.rows(operation, arguments)
    for parameter in operation.parameters:
        if parameter.filter is None:
            continue
        tried = 0
        for value in values_for(operation, parameter, universe):
            if parameter.schema.get("format") == "date" and isinstance(value, str):
                value = value[: len("2026-01-01")]
            query = {**arguments.query, parameter.name: value}
            _, filtered = context.reader.rows(operation, evolve(arguments, query=query))
            tried += 1
            complete = walk.finished and filtered.finished and context.session.target.exclusive
            trial = FilterTrial(parameter, value, universe, filtered.pages, complete)
            if filtered.pages:
                context.session.results.judge("filter_truth", operation.id, filter_truth(operation, trial))
        if not tried:
            context.session.results.skip(f"{operation.id}: no row has a value for the filter {parameter.name}")


def values_for(operation: Operation, parameter: Parameter, universe: Sequence[Any]) -> Iterator[Any]:
    """Values for a filter that some rows fit and others do not, where there are such."""
    if parameter.filter is None:
        return
    name, predicate = parameter.filter
    schema = field_schema(operation, name)
    if predicate == "null":
        yield from (True, False)
        return
    shown = [inside(row, name) for row in universe]
    present = _distinct([value for value in shown if value is not None and value is not ABSENT])
    if is_array(next(iter(present), None)):
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
    if predicate == "eq":
        nobody = _nobody(parameter, middle)
        if nobody is not ABSENT and not any(fits(row, name, predicate, nobody, schema) for row in universe):
            yield nobody


def _fill(context: ProbeContext, operation: Operation, arguments: Arguments) -> None:
    """Make rows until a walk has something to walk over."""
    rows = operation.rows(context.store.call(operation, arguments).document) or []
    for number in range(ENOUGH - len(rows)):
        if context.filler.make(operation.entity, Recipe(variant=number)) is None:
            return


def _vary(context: ProbeContext, operation: Operation) -> None:
    """Make rows that differ in what can be filtered: enum values, references, and what may be left out."""
    document = context.session.document
    schema = operation.record_schema
    if schema is None or not document.of(operation.entity, "create", "upsert"):
        return
    references = [
        part["x-accordant-reference"]
        for each in document.of(operation.entity, "create", "upsert")
        if each.body_schema is not None
        for part in document.schemas.properties(each.body_schema).values()
        if "x-accordant-reference" in part
    ]
    for number, full in enumerate((True, True, False)):
        if number:
            for entity in dict.fromkeys(references):
                context.filler.make(entity, Recipe(variant=number))
        context.filler.make(operation.entity, Recipe(full=full, variant=number))


def _distinct(values: Sequence[Any]) -> list[Any]:
    return [value for index, value in enumerate(values) if value not in values[:index]]


def _order(value: Any) -> tuple[str, Any]:
    return type(value).__name__, value if isinstance(value, (str, int, float)) or moment(str(value)) else str(value)


def _nobody(parameter: Parameter, like: Any) -> Any:
    """A value of the right kind that no row has."""
    schema: Mapping[str, Any] = parameter.schema
    if "enum" in schema or "format" in schema or isinstance(like, bool):
        return ABSENT
    if isinstance(like, int):
        return 2**31 - 19
    return "accordant-nobody-has-this"
