"""Filters out of a document: what query parameters ask of the fields of a list's records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from accordant_sandbox.derive.names import snake
from accordant_sandbox.derive.shapes import Shapes, types_of
from accordant_sandbox.http.document import Operation, Parameter
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.model.query import PREDICATES, Filter

__all__ = ["filters_of"]

_TEXTS: Final = frozenset({"string"})


def filters_of(operation: Operation, known: Mapping[str, Any], shapes: Shapes) -> dict[str, Filter]:
    """The filters of a list by parameter: as the document says, else those that are called like a simple property."""
    paging = {str(value) for value in (operation.pagination or {}).values()}
    folded = {snake(name): name for name in known}
    prefix = f"{operation.entity}_"
    folded |= {name.removeprefix(prefix): folded[name] for name in folded if name.startswith(prefix)} | folded
    found: dict[str, Filter] = {}
    for parameter in operation.parameters:
        if parameter.where != "query" or parameter.name in paging:
            continue
        stated = parameter.data.get("x-accordant-filter")
        if is_object(stated):
            one = _stated(stated, parameter, known, shapes)
        else:
            one = _guessed(parameter, folded.get(snake(_meant(parameter.name))), known, shapes)
        if one is not None:
            found[parameter.name] = one
    return found


def _meant(name: str) -> str:
    """The property that a parameter is called like: `filter[account-type]` asks for `account_type`."""
    return name[len("filter[") : -1] if name.startswith("filter[") and name.endswith("]") else name


def _stated(stated: Mapping[str, Any], parameter: Parameter, known: Mapping[str, Any], shapes: Shapes) -> Filter | None:
    field, predicate = str(stated.get("field", "")), str(stated.get("predicate", "eq"))
    if predicate not in PREDICATES:
        return None
    node = shapes.node(known.get(field, {}))
    if predicate == "contains" and "array" not in types_of(node) and "items" not in node:
        predicate = "part"
    if predicate == "in" and "array" in types_of(node):
        predicate = "any_of"
    return Filter(field, predicate, "day" if stated.get("unit") == "day" else _form(parameter, node))


def _guessed(parameter: Parameter, field: str | None, known: Mapping[str, Any], shapes: Shapes) -> Filter | None:
    """A parameter that is called like a property: its values pick the records that have one of them."""
    if field is None:
        return None
    node = shapes.node(known[field])
    types, wanted = types_of(node), types_of(parameter.schema)
    if "object" in types or "properties" in node:
        return None
    listed = "array" in wanted
    if "array" in types or "items" in node:
        return Filter(field, "any_of" if listed else "contains")
    return Filter(field, "in" if listed else "eq", "" if listed else _form(parameter, node))


def _form(parameter: Parameter, node: Mapping[str, Any]) -> Literal["", "text"]:
    """`text` where a parameter gives the value of a number as text."""
    number = types_of(node) & {"integer", "number"}
    return "text" if number and types_of(parameter.schema) == _TEXTS else ""
