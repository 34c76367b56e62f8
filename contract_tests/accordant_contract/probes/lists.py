"""Probes of lists: walks with several page sizes, edges of the page parameters, and every documented filter."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, permutations
from typing import Any, Final

from attrs import evolve

from ..document.document import Operation
from ..document.facts import Parameter
from ..document.values import Arguments, Finding
from ..judges.filters import FilterTrial, field_schema, filter_fills_page, filter_truth, fits
from ..judges.paging import PageWalk, identities, page_walk
from ..records.examples import Recipe
from ..records.filter_values import unfit_values, values_for
from .context import ProbeContext

ENOUGH: Final = 5
"""Rows that make a walk worth it."""
WALKS: Final = 3
"""How often a list that others change is read anew, until it held still for a while."""
_PAIRS: Final = 4
"""How many pairs of filters are tried at once."""
_UNFIT: Final = 2
"""How many values that no row fits are tried for a filter."""
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
    if paging.cursor is not None:
        _judge_walks(context, operation, arguments, rows, whole)
        return
    if paging.position is None:
        for size in sorted({paging.size_for(1), paging.size_for(2), most}):
            context.store.call(operation, evolve(arguments, query={**arguments.query, paging.size: size}))
        return
    _judge_walks(context, operation, arguments, rows, whole)
    past = len(rows) + 50 if paging.style == "offset" else len(rows) // most + 2
    context.store.call(
        operation, evolve(arguments, query={**arguments.query, paging.size: most, paging.position: past})
    )
    far = {**arguments.query, paging.size: most, paging.position: _FAR}
    context.store.call(operation, evolve(arguments, query=far), intent="unknown")
    bound = operation.parameter(paging.size)
    largest = bound.schema.get("maximum") if bound is not None else None
    beyond = most * 10 if largest is None else max(most * 10, int(largest) + 1)
    context.store.call(
        operation,
        evolve(arguments, query={**arguments.query, paging.size: beyond}),
        intent="unknown" if largest is None else "invalid",
    )
    context.store.call(
        operation, evolve(arguments, query={**arguments.query, paging.size: "accordant"}), intent="invalid"
    )


def _judge_walks(
    context: ProbeContext, operation: Operation, arguments: Arguments, rows: list[Any], whole: PageWalk
) -> None:
    """Walk with two page sizes, and hold the walks against each other; not where the rows changed meanwhile."""
    reader, results = context.reader, context.session.results
    assert operation.paging is not None
    small = operation.paging.size_for(max(1, min(2, len(rows) - 1), -(-len(rows) // 8)))
    sizes = [small, operation.paging.size_for(small + 1), small]
    if small < len(rows) <= operation.paging.most:
        sizes.append(len(rows))  # the last page is full, and no other comes after it
    for _ in range(WALKS):
        walks = [whole, *(reader.walk(operation, arguments, size) for size in sizes)]
        found = list(page_walk(operation, walks))
        if not found or context.session.target.patience is None:
            break
        _, after = reader.rows(operation, arguments)
        if not _moved(operation, whole, after):
            break
        whole = after
    else:
        results.skip(f"{operation.id}: page_walk: its rows changed during each of {WALKS} walks")
        return
    results.judge("page_walk", operation.id, found, len(walks) - 1)


def _moved(operation: Operation, before: PageWalk, after: PageWalk) -> bool:
    """Whether a list holds other rows than before, and as many as it says: others write, or it is a log."""
    held: list[set[Any]] = []
    for walk in (before, after):
        rows = {each for page in walk.pages for each in identities(operation, operation.rows(page.document) or [])}
        total = operation.total(walk.pages[-1].document) if walk.pages else None
        if walk.finished and total is not None and total != len(rows):
            return False
        held.append(rows)
    return held[0] != held[1]


def try_filters(context: ProbeContext, operation: Operation) -> None:
    """Every documented filter, with values taken from rows that are there, at and around them."""
    arguments = context.filler.arguments(operation)
    if arguments is None:
        return
    _vary(context, operation)
    universe, walk = context.reader.rows(operation, arguments)
    single: list[tuple[Parameter, Any]] = []
    for parameter in operation.parameters:
        if parameter.filter is None:
            continue
        tried = 0
        for value in values_for(operation, parameter, universe):
            if parameter.schema.get("format") == "date" and isinstance(value, str):
                value = value[: len("2026-01-01")]
            tried += 1
            single += [(parameter, value)] if parameter.filter[1] in ("eq", "gteq", "lteq", "gt", "lt") else []
            _judge_filter(context, operation, arguments, (parameter, value), walk)
        for value in islice(unfit_values(operation, parameter, universe), _UNFIT):
            _judge_unfit(context, operation, arguments, parameter, value)
        if not tried:
            context.session.results.skip(f"{operation.id}: no row has a value for the filter {parameter.name}")
    _try_first_page(context, operation, arguments, single)
    _try_later_page(context, operation, arguments, single)
    if len(single) > 1:
        _try_two_filters(context, operation, arguments, single)


def _try_first_page(
    context: ProbeContext, operation: Operation, arguments: Arguments, tried: Sequence[tuple[Parameter, Any]]
) -> None:
    """A filter with the smallest pages: rows are chosen before they are cut into pages, so that the first page has one.

    None of the rows of the first page of all may fit; elsewhere both orders give the same.
    """
    paging = operation.paging
    if paging is None or paging.size is None or not context.session.target.exclusive:
        return
    universe, _ = context.reader.rows(operation, arguments)
    chosen = next(
        (
            each
            for each in tried
            if universe
            and not any(_fits(operation, row, each) for row in universe[: paging.size_for(1)])
            and any(_fits(operation, row, each) for row in universe)
        ),
        None,
    )
    if chosen is None:
        return
    query = {**arguments.query, chosen[0].name: chosen[1], paging.size: paging.size_for(1)}
    page = context.store.call(operation, evolve(arguments, query=query))
    trial = FilterTrial(*chosen, universe, (page,), complete=False)
    context.session.results.judge("filter_truth", operation.id, filter_fills_page(operation, trial))


def _try_later_page(
    context: ProbeContext, operation: Operation, arguments: Arguments, tried: Sequence[tuple[Parameter, Any]]
) -> None:
    """A filter with one of the smallest pages that is not the first: every page is filtered.

    A row that is there without the filter must not fit; elsewhere nobody could tell.
    """
    paging = operation.paging
    if paging is None or paging.size is None or paging.position is None or paging.style not in ("offset", "page"):
        return
    universe, _ = context.reader.rows(operation, arguments)
    size = paging.size_for(1)
    later = [*enumerate(universe)][size:]
    places = ((each, place) for each in tried for place, row in later if _unfit(operation, row, each))
    chosen, place = next(places, (None, 0))
    if chosen is None or not context.session.target.exclusive:
        return
    position = place if paging.style == "offset" else place // size + paging.start
    query = {**arguments.query, chosen[0].name: chosen[1], paging.size: size, paging.position: position}
    page = context.store.call(operation, evolve(arguments, query=query))
    trial = FilterTrial(*chosen, universe, (page,), complete=False)
    context.session.results.judge("filter_truth", operation.id, filter_truth(operation, trial))


def _try_two_filters(
    context: ProbeContext, operation: Operation, arguments: Arguments, tried: Sequence[tuple[Parameter, Any]]
) -> None:
    """Two filters at once, whichever is sent first: every row must satisfy both."""
    universe, _ = context.reader.rows(operation, arguments)
    pairs = 0
    for one, other in permutations(tried, 2):
        if one[0] is other[0] or pairs >= _PAIRS:
            continue
        left = [row for row in universe if _fits(operation, row, one)]
        if not left or all(_fits(operation, row, other) for row in left):
            continue  # the second one would leave nothing out
        pairs += 1
        query = {**arguments.query, one[0].name: one[1], other[0].name: other[1]}
        _, filtered = context.reader.rows(operation, evolve(arguments, query=query))
        for parameter, value in (one, other):
            trial = FilterTrial(parameter, value, universe, filtered.pages, complete=False)
            context.session.results.judge("filter_truth", operation.id, filter_truth(operation, trial))


def _fits(operation: Operation, row: Any, chosen: tuple[Parameter, Any]) -> bool:
    name, predicate = chosen[0].filter or ("", "")
    return bool(fits(row, name, predicate, chosen[1], field_schema(operation, name)))


def _unfit(operation: Operation, row: Any, chosen: tuple[Parameter, Any]) -> bool:
    """Whether a row shows that it does not fit."""
    name, predicate = chosen[0].filter or ("", "")
    return fits(row, name, predicate, chosen[1], field_schema(operation, name)) is False


def _judge_unfit(
    context: ProbeContext, operation: Operation, arguments: Arguments, parameter: Parameter, value: Any
) -> None:
    """A filter that no row fits lets none through; whether the value is refused is the vendor's affair."""
    query = {**arguments.query, parameter.name: value}
    page = context.store.call(operation, evolve(arguments, query=query), intent="unknown")
    if page.success:
        trial = FilterTrial(parameter, value, (), (page,), complete=False)
        context.session.results.judge("filter_truth", operation.id, filter_truth(operation, trial))


def _judge_filter(
    context: ProbeContext, operation: Operation, arguments: Arguments, chosen: tuple[Parameter, Any], walk: PageWalk
) -> None:
    """Hold what a filter lets through against all rows; rows that others change meanwhile are read anew."""
    parameter, value = chosen
    query = {**arguments.query, parameter.name: value}
    found: list[Finding] = []
    for turn in range(WALKS):
        if turn:
            _, walk = context.reader.rows(operation, arguments)
        universe = [row for page in walk.pages for row in operation.rows(page.document) or []]
        _, filtered = context.reader.rows(operation, evolve(arguments, query=query))
        complete = walk.finished and filtered.finished and context.session.target.exclusive
        if not filtered.pages:
            return
        found = list(filter_truth(operation, FilterTrial(parameter, value, universe, filtered.pages, complete)))
        if not found or context.session.target.patience is None:
            break
    context.session.results.judge("filter_truth", operation.id, found)


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
