"""Faults in what filters let through."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from accordant_sandbox.engine.clock import parse_instant
from accordant_sandbox.faults.applicability import filters_of
from accordant_sandbox.faults.base import Row
from accordant_sandbox.faults.registry import Applies, Shelf
from accordant_sandbox.http.exchange import Call
from accordant_sandbox.http.jsons import is_array
from accordant_sandbox.model.query import Filter, in_form

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS"]

shelf = Shelf("filter")
TRUTH = "filter_truth"


def filtered_by(*predicates: str) -> Applies:
    """Lists with a documented filter of one of these predicates; of any, when none is named."""

    def applies(operation: Operation, vendor: Vendor) -> bool:
        filters = filters_of(operation, vendor).values()
        return any(not predicates or each.predicate in predicates for each in filters)

    return applies


@shelf.validate(does="Filters have no effect.", oracle=TRUTH, where=filtered_by())
def filter_ignored(call: Call, run: Callable[[], None]) -> bool:
    """Every row fits every filter that was sent."""
    run()
    given = _given(call)
    for name in given:
        del call.query[name]
    if not given:
        call.skip()
    return True


@shelf.rows(
    does="A range leaves out the value at its edge, which it should include.",
    oracle=TRUTH,
    where=filtered_by("gteq", "lteq"),
)
def filter_boundary(call: Call, rows: Sequence[Row]) -> Sequence[Row] | None:
    """`at or after` and `at or before` include the value itself."""
    edges = [(each, call.query[name]) for name, each in _given(call).items() if each.predicate in ("gteq", "lteq")]
    kept = [row for row in rows if not any(_same(row.get(each.field), edge, each.form) for each, edge in edges)]
    return kept if len(kept) < len(rows) else None


def _has_twins(operation: Operation, vendor: Vendor) -> bool:
    filters = filters_of(operation, vendor)
    return any(_inclusive(each, filters) for each in filters.values())


@shelf.validate(
    name="filter_boundary.inclusive",
    does="A range takes in the value at its edge, which it should leave out.",
    oracle=TRUTH,
    where=_has_twins,
)
def filter_too_wide(call: Call, run: Callable[[], None]) -> bool:
    """`after` and `before` leave out the value itself."""
    run()
    acted = False
    for name, given in _given(call).items():
        wider = _inclusive(given, filters_of(call.operation, call.engine.vendor))
        if wider and wider not in call.query:
            call.query[wider] = call.query.pop(name)
            acted = True
    if not acted:
        call.skip()
    return True


@shelf.validate(does="Of several wanted values only the first counts.", oracle=TRUTH, where=filtered_by("in", "any_of"))
def filter_in_first_only(call: Call, run: Callable[[], None]) -> bool:
    """A row that fits any of the wanted values is shown."""
    run()
    acted = False
    for name, given in _given(call).items():
        wanted: Any = call.query[name]
        values = wanted.split(",") if isinstance(wanted, str) else wanted
        if given.predicate in ("in", "any_of") and is_array(values) and len(values) > 1:
            call.query[name] = values[0] if isinstance(wanted, str) else values[:1]
            acted = True
    if not acted:
        call.skip()
    return True


def _given(call: Call) -> dict[str, Filter]:
    """The filters that the call uses."""
    filters = filters_of(call.operation, call.engine.vendor)
    return {name: filters[name] for name in list(call.query) if name in filters}


def _inclusive(exclusive: Filter, filters: Mapping[str, Filter]) -> str | None:
    """The name of the filter that asks the same and includes the edge."""
    wider = {"gt": "gteq", "lt": "lteq"}.get(exclusive.predicate)
    return next(
        (name for name, each in filters.items() if (each.field, each.predicate) == (exclusive.field, wider)), None
    )


def _same(have: Any, edge: Any, form: str) -> bool:
    if have is None:
        return False
    if form:
        return bool(in_form(form, have) == in_form(form, edge))
    try:
        return parse_instant(str(have)) == parse_instant(str(edge))
    except ValueError:
        return bool(have == edge)


FAULTS = shelf.faults
