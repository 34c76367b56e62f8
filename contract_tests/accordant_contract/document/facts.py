"""What the document says of one parameter, of a record's key, and of how a list is paged."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from attrs import field, frozen

from .schemas import Schemas

Place = Literal["path", "query", "header", "body"]


@frozen
class Parameter:
    """One path, query, header or cookie parameter.

    ``filter`` is (field, predicate) where it filters a list, ``by_day`` whether only the days of the two are compared.
    """

    name: str
    where: str
    required: bool
    schema: Mapping[str, Any]
    style: str
    explode: bool
    filter: tuple[str, str] | None
    reference: str | None
    by_day: bool = False


@frozen
class Key:
    """Where a record's id travels: the parameter or body property that carries it, and the response's field.

    ``scope`` are the properties that it is unique within, ``others`` those that may replace one of them.
    ``header`` is the header field of a response whose last path segment is the id of a new record.
    """

    field: str | None
    place: Place | None = None
    name: str | None = None
    scope: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    header: str | None = None


@frozen
class Paging:
    """How a list pages: ``x-accordant-pagination``, its parameters by their wire names.

    ``identity`` are the fields that tell rows apart, where the key alone does not. ``start`` is the number of the first
    page. ``cursor`` is the parameter of a cursor, and ``leads`` says what of a page leads to the next. ``default`` is
    the documented page size of a request that names none, ``least`` and ``largest`` are the bounds of the size.
    """

    style: str
    items: str
    size: str | None
    position: str | None
    total: str | None
    maximum: int | None
    identity: tuple[str, ...] = ()
    start: int = 1
    cursor: str | None = None
    leads: Mapping[str, str] = field(factory=dict[str, str])
    default: Any = None
    least: int = 1
    largest: int | None = None

    @property
    def most(self) -> int:
        """The rows to ask for when all are wanted: a list without further pages is asked for everything."""
        bound = min((each for each in (self.maximum, self.largest) if each), default=100)
        return max(bound if self.style == "window" else min(bound, 100), self.least)

    def size_for(self, rows: int) -> int:
        """The page size nearest to a number of rows that a request may name."""
        return max(min(rows, self.most), self.least)

    @property
    def first(self) -> int:
        """The position of the first page."""
        return self.start if self.style == "page" else 0

    @property
    def parameters(self) -> frozenset[str]:
        """The parameters that page, rather than choose."""
        return frozenset(name for name in (self.size, self.position, self.cursor) if name)


def bounds(schema: Mapping[str, Any]) -> tuple[int, int | None]:
    """The least and the largest whole number that a schema allows, of those from 1 on."""
    low, high = schema.get("minimum"), schema.get("maximum")
    least = math.ceil(low) if isinstance(low, (int, float)) and low > 1 else 1
    return least, int(high) if isinstance(high, (int, float)) and high >= least else None


def action_of(data: Mapping[str, Any], parameters: Iterable[Parameter]) -> str:
    """What an operation does, as the document says; where it names one of a few values it is about no record."""
    said = str(data.get("x-accordant-action", "custom"))
    name = data.get("x-accordant-key", {}).get("parameter")
    choice = any(each.name == name and "enum" in each.schema for each in parameters)
    return "custom" if choice and said in ("get", "update", "replace", "delete") else said


def named_last(path: str, parameters: Iterable[Parameter]) -> str | None:
    """The kind of record that a path names at its end, if it names one."""
    return next((each.reference for each in parameters if path.rstrip("/").endswith(f"/{{{each.name}}}")), None)


def parameter_of(raw: Any, schemas: Schemas) -> Parameter:
    """What the document says of a parameter."""
    node, _ = schemas.follow(raw)
    where = str(node["in"])
    style = str(node.get("style", "form" if where in ("query", "cookie") else "simple"))
    rule = node.get("x-accordant-filter")
    schema = schemas.schema(node.get("schema", {}))
    if where == "path" and "" in schema.get("enum", ()) and len(schema["enum"]) > 1:
        schema = {**schema, "enum": [each for each in schema["enum"] if each != ""]}  # a path without it is another one
    return Parameter(
        str(node["name"]),
        where,
        bool(node.get("required")),
        schema,
        style,
        bool(node.get("explode", style == "form")),
        (str(rule["field"]), str(rule["predicate"])) if rule else None,
        node.get("x-accordant-reference"),
        rule is not None and rule.get("unit") == "day",
    )
