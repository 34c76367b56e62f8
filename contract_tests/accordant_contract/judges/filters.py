"""Does a filter let through exactly the rows that it should?"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final

from attrs import field, frozen

from accordant_runtime import is_array, is_object

from ..document.comparison import comparable, short
from ..document.document import Operation
from ..document.facts import Parameter
from ..document.values import ABSENT, Exchange, Finding, Findings
from .paging import identities


@frozen
class FilterTrial:
    """One filter value sent to a list.

    ``universe`` are all rows without the filter, ``pages`` the exchanges with it, ``complete`` that both were read to
    their end; ``sample`` is the exchange that the value was taken from.
    """

    parameter: Parameter
    value: Any
    universe: Sequence[Any] = field(repr=False)
    pages: tuple[Exchange, ...] = field(repr=False)
    complete: bool = True


def filter_truth(operation: Operation, trial: FilterTrial) -> Findings:
    """Every row that the filter let through fits it, and every row that fits it came."""
    if trial.parameter.filter is None:
        return
    name, predicate = trial.parameter.filter
    schema = DAY if trial.parameter.by_day else field_schema(operation, name)
    got = [row for page in trial.pages for row in operation.rows(page.document) or []]
    wrong = [row for row in got if fits(row, name, predicate, trial.value, schema) is False]

    def finding(text: str, kind: str) -> Finding:
        message = f"{trial.parameter.name}={short(trial.value)}: {text}"
        return Finding(
            "filter_truth", operation.id, message, kind=f"{trial.parameter.name} {kind}", exchanges=trial.pages
        )

    if wrong:
        found = inside(wrong[0], name) if is_object(wrong[0]) else wrong[0]
        yield finding(f"a row came whose {name} is {short(found)}", "unfit row")
    if trial.complete:
        due = [row for row in trial.universe if fits(row, name, predicate, trial.value, schema)]
        seen: set[Hashable] = set(identities(operation, got))
        missing = [row for row in due if identities(operation, [row])[0] not in seen]
        if missing:
            found = inside(missing[0], name) if is_object(missing[0]) else missing[0]
            yield finding(
                f"{len(missing)} of {len(due)} rows did not come, one whose {name} is {short(found)}", "lost row"
            )
        total = operation.total(trial.pages[0].document) if trial.pages else None
        if total is not None and not wrong and not missing and total != len(got):
            yield finding(f"total is {total}, {len(got)} rows came", "total")


def filter_fills_page(operation: Operation, trial: FilterTrial) -> Findings:
    """A page of rows that fit a filter is not empty where rows fit, and has none that does not."""
    yield from filter_truth(operation, trial)
    shown = [operation.rows(page.document) for page in trial.pages if page.success]
    if shown and not any(shown):
        text = f"{trial.parameter.name}={short(trial.value)}: rows fit, and the first page has none"
        kind = f"{trial.parameter.name} empty page"
        yield Finding("filter_truth", operation.id, text, kind=kind, exchanges=trial.pages)


def fits(row: Any, name: str, predicate: str, value: Any, schema: Mapping[str, Any]) -> bool | None:
    """Whether a row fits a filter; ``None`` where the row does not show."""
    have = inside(row, name)
    if have is ABSENT or predicate not in PREDICATES:
        return None
    if predicate == "null":
        return (have is None) is bool(value)
    if is_array(value):
        return PREDICATES[predicate](_form(have, schema), [_form(each, schema) for each in value])
    return PREDICATES[predicate](_form(have, schema), _form(value, schema))


def field_schema(operation: Operation, name: str) -> dict[str, Any]:
    """The schema of a field of a list's rows; empty where the document does not name it."""
    schema: Mapping[str, Any] = operation.record_schema or {}
    for part in name.split("."):
        schema = operation.schemas.properties(schema.get("items", schema)).get(part, {})
    return dict(schema)


def inside(row: Any, name: str) -> Any:
    """The value of a field, dotted where it lies deeper; of a list that of each item; ``ABSENT`` if there is none."""
    for part in name.split("."):
        if is_array(row):
            row = [each[part] for each in row if is_object(each) and part in each]
        elif is_object(row) and part in row:
            row = row[part]
        else:
            return ABSENT
    return row


def _form(value: Any, schema: Mapping[str, Any]) -> Any:
    if is_array(value):
        return [_form(each, schema) for each in value]
    return value[: len("2026-01-01")] if schema is DAY and isinstance(value, str) else comparable(value, schema)


DAY: Final[Mapping[str, Any]] = {"format": "date"}
"""The schema of what is compared as a day, whatever time it also has."""


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _ordered(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(have: Any, want: Any) -> bool:
        try:
            return have is not None and have is not ABSENT and test(have, want)
        except TypeError:
            return False

    return compare


def _listed(value: Any) -> list[Any]:
    return value if is_array(value) else [value]


def _holds(have: Any, want: Any) -> bool:
    """A list holds a member, a text a part of it (whatever the case)."""
    if is_array(have):
        return want in have
    return isinstance(have, str) and str(want).casefold() in have.casefold()


PREDICATES: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda have, want: _folded(have) == _folded(want),
    "not_eq": lambda have, want: _folded(have) != _folded(want),
    "in": lambda have, want: have in _listed(want),
    "gt": _ordered(lambda have, want: have > want),
    "gteq": _ordered(lambda have, want: have >= want),
    "lt": _ordered(lambda have, want: have < want),
    "lteq": _ordered(lambda have, want: have <= want),
    "null": lambda have, want: (have is None) is bool(want),
    "contains": _holds,
    "any_of": lambda have, want: any(each in _listed(have) for each in _listed(want)),
}
"""What each predicate of ``x-accordant-filter`` lets through. Texts are equal in any case: e-mail addresses are."""
