"""Filters: one internal form (field, predicate, value) for every vendor's way of writing them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from accordant_sandbox.errors import unknown
from accordant_sandbox.http.json_types import is_array
from accordant_sandbox.model.instants import parse_instant
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.ports import Row

__all__ = [
    "PREDICATES",
    "Aspnet",
    "Filter",
    "Filters",
    "Named",
    "Period",
    "QueryStyle",
    "Ransack",
    "in_form",
    "plain",
    "ransack",
    "select",
]

Predicate: TypeAlias = Callable[[Any, Any], bool]

PREDICATES: Final[Mapping[str, Predicate]] = {
    "eq": lambda have, want: have == want,
    "eq_any_case": lambda have, want: have is not None and str(have).casefold() == str(want).casefold(),
    "not_eq": lambda have, want: have != want,
    "in": lambda have, want: have in want,
    "not_in": lambda have, want: have not in want,
    "gt": lambda have, want: have is not None and have > want,
    "gteq": lambda have, want: have is not None and have >= want,
    "lt": lambda have, want: have is not None and have < want,
    "lteq": lambda have, want: have is not None and have <= want,
    "null": lambda have, want: (have is None) is bool(want),
    "contains": lambda have, want: want in (have or ()),
    "any_of": lambda have, want: any(each in (have or ()) for each in _listed(want)),
    "if_asked": lambda have, want: bool(have) or not want,
    "above_zero": lambda have, want: (have > 0) is want,
    "part": lambda have, want: have is not None and str(want).casefold() in str(have).casefold(),
}
"""What a filter may ask of a field: `contains` and `any_of` of an array, `part` of a text (without case).

`if_asked` lets only rows through whose field is true where the parameter is true, else all; `above_zero` asks whether a
number is positive.
"""


@dataclass(frozen=True, slots=True)
class Filter:
    """One query parameter that filters: the field that it looks at, what it asks of it, and in which form they compare.

    form:
        day: as days, the first ten characters of ISO 8601 text; text: the field as text, where the document gives the
        parameter of a number as text; empty: as they are.
    stored:
        The stored value that each value of the parameter means, where they differ.
    """

    field: str
    predicate: str
    form: Literal["", "day", "text"] = ""
    stored: Mapping[Any, Any] = attribute(default_factory=dict[Any, Any])

    def __post_init__(self) -> None:
        if self.predicate not in PREDICATES:
            raise unknown("predicate", self.predicate, PREDICATES)

    def meant(self, value: Any) -> Any:
        """The stored value that a value of the parameter means."""
        return self.stored.get(value, value) if self.stored else value


Filters: TypeAlias = Mapping[str, Filter]
"""Filters by the wire name of their parameter."""


def ransack(*lines: str, **named: tuple[str, str]) -> dict[str, Filter]:
    """Filters in the way of Rails' Ransack: `"job_id eq in"` gives `filter[job_id_eq]` and `filter[job_id_in]`.

    Args:
        lines: A field and its predicates, separated by blanks.
        named: Names that do not follow the rule, with their field and predicate.
    """
    filters: dict[str, Filter] = {}
    for line in lines:
        field, *predicates = line.split()
        for predicate in predicates:
            filters[f"filter[{field}_{predicate}]"] = Filter(field, predicate)
    for name, (field, predicate) in named.items():
        filters[f"filter[{name}]"] = Filter(field, predicate)
    return filters


def plain(form: Literal["", "day", "text"] = "", /, **named: tuple[str, str]) -> dict[str, Filter]:
    """Filters with a parameter name each: `plain(system=("slug", "eq"), from_=("at", "gteq"))`.

    A trailing underscore, needed for names that Python reserves, is dropped. All of them compare in the same form.
    """
    return {name.rstrip("_"): Filter(field, predicate, form) for name, (field, predicate) in named.items()}


class QueryStyle:
    """How a vendor spells query parameters. The base takes names as they are and ignores unknown ones."""

    any_case: bool = False
    alias_rule: str | None = None
    """The vendor's rule behind names that are read as others, noted when one is."""

    def canonical(self, name: str, known: Mapping[str, str]) -> str | None:
        """The documented name of a name on the wire; None for an unknown one.

        `known` maps documented names (case-folded where `any_case`) to themselves, and aliases to them.
        """
        return known.get(name.casefold() if self.any_case else name)

    def refuses(self, name: str) -> bool:
        """Whether an unknown name is an error rather than ignored."""
        del name
        return False

    def read(self, name: str, schema: Mapping[str, Any], text: str) -> str | None:
        """The documented spelling of one value of a parameter; None for a value that the vendor passes over."""
        del name, schema
        return text


class Named(QueryStyle):
    """Plain named parameters, exact names, unknown ones ignored."""


class Aspnet(QueryStyle):
    """Flat parameters whose names and booleans match in any case, as ASP.NET does; unknown ones ignored."""

    any_case = True

    def read(self, name: str, schema: Mapping[str, Any], text: str) -> str | None:
        """True and false in the documented spelling; other values as they are."""
        del name
        folded = text.casefold()
        return folded if "boolean" in schema.get("type", ()) and folded in ("true", "false") else text


class Ransack(QueryStyle):
    """`filter[field_predicate]`: a bare field name means equality, an unknown filter is an error."""

    def __init__(self, alias_rule: str | None = None) -> None:
        self.alias_rule = alias_rule

    def canonical(self, name: str, known: Mapping[str, str]) -> str | None:
        """The documented name of a parameter; a field without a predicate means equality. None: unknown."""
        found = known.get(name)
        if found is None and name.startswith("filter[") and name.endswith("]"):
            found = known.get(f"{name[:-1]}_eq]")
        return found

    def refuses(self, name: str) -> bool:
        """Whether an unknown parameter of this name is an error: any filter is."""
        return name == "filter" or name.startswith("filter[")


@dataclass(frozen=True, slots=True)
class Period:
    """Two query parameters with instants: the first that counts, and the first that no longer does."""

    start: str = "from"
    end: str = "to"

    def of(self, query: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
        """Both instants, None where a parameter is absent.

        Raises:
            Problem: `bad_request`: one is no instant, or the second lies before the first.
        """
        start, end = (_instant(name, query[name]) if name in query else None for name in (self.start, self.end))
        if start is not None and end is not None and end < start:
            message = f"{self.end} lies before {self.start}"
            raise Problem("bad_request", message, details=[(self.end, message)])
        return start, end


def select(
    rows: Sequence[Row], filters: Filters, query: Mapping[str, Any], instants: Sequence[str] = ()
) -> Sequence[Row]:
    """The rows that every given filter lets through; instants compare as instants, not as text.

    Raises:
        Problem: `bad_request`: a value that should be an instant is none.
    """
    tests: list[tuple[str, Predicate, Any, Callable[[Any], Any]]] = []
    for name, given in filters.items():
        if name in query:
            as_instant = given.field in instants and given.predicate != "null"
            wanted = _instant(name, query[name]) if as_instant else given.meant(query[name])
            if given.predicate == "in":
                wanted = _listed(wanted)
            read = _moment if as_instant else _FORMS[given.form]
            tests.append((given.field, PREDICATES[given.predicate], wanted if as_instant else read(wanted), read))
    for field, predicate, wanted, read in tests:
        rows = [row for row in rows if predicate(read(row.get(field)), wanted)]
    return rows


def in_form(form: str, value: Any) -> Any:
    """A value, or a list of them, in the form in which a filter compares it; null stays null."""
    return _FORMS[form](value)


def _day(value: Any) -> Any:
    return [_day(each) for each in value] if is_array(value) else None if value is None else str(value)[:10]


def _text(value: Any) -> Any:
    return [_text(each) for each in value] if is_array(value) else None if value is None else str(value)


_FORMS: Final[Mapping[str, Callable[[Any], Any]]] = {"": lambda value: value, "day": _day, "text": _text}


def _moment(value: Any) -> Any:
    return None if value is None else parse_instant(value)


def _instant(name: str, value: Any) -> Any:
    try:
        return [parse_instant(each) for each in value] if is_array(value) else parse_instant(str(value))
    except ValueError as problem:
        raise Problem("bad_request", f"{name}: {problem}", details=[(name, str(problem))]) from problem


def _listed(value: Any) -> Sequence[Any]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value if is_array(value) else [value]
