"""Probes of values that many programs take for none, null, nothing, zero and false, and of the largest numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Final, TypeAlias

from attrs import evolve

from accordant_runtime import is_object

from ..document.document import Operation
from ..document.schemas import types_of
from ..document.values import ABSENT, Exchange
from ..judges.writes import WriteTrial, read_after_write, untouched_fields
from ..records.examples import Recipe
from ..records.record import Record
from .context import ProbeContext

_ALONE: Final = 4
"""How many properties are tried one by one where all of them at once are refused."""
_EXACT: Final = {"int32": 2**31 - 1, "int64": 2**53 + 1}
"""Whole numbers by format: the largest that four bytes hold, and the least that a JSON reader of floats spoils."""

_MAKES: Final = ("create", "upsert")
_BOUNDS: Final = ("minItems", "minLength", "minimum", "maximum")

_Edge: TypeAlias = Callable[[Operation, str, Mapping[str, Any]], Any]


def write_edges(context: ProbeContext, operation: Operation) -> None:
    """Empty a record that is full, or make an empty one: once with zero, false, empty texts and lists, once with null;
    then write the largest numbers. It must show that."""
    makes = operation.action in _MAKES
    # In a new record null may mean that nothing is said, and the vendor has a value of its own for that.
    for edge in (_least, _most) if makes else (_least, _null, _most):
        values = _edges(context, operation, edge)
        # By an empty text no address could name a new record, whichever field it is named by.
        values = {name: value for name, value in values.items() if not (makes and value == "")}
        record = context.filler.changeable(operation) if values and not makes else None
        if not values or (record is None and not makes):
            continue
        exchange = _write(context, operation, record, values)
        if exchange is not None and 400 <= exchange.status < 500:
            for name, value in islice(values.items(), _ALONE):
                _write(context, operation, record, {name: value})


def change_nothing(context: ProbeContext, operation: Operation) -> None:
    """Send a change that names no field: the record stays as it is."""
    record = context.filler.changeable(operation)
    arguments = context.filler.arguments(operation, record, Recipe(full=False)) if record is not None else None
    before = context.reader.read(record) if record is not None and arguments is not None else None
    if record is None or arguments is None or before is None or not is_object(arguments.body):
        return
    names = {operation.key.name, *operation.key.scope, *(operation.body_schema or {}).get("required", ())}
    if arguments.body.keys() - names or context.session.refusal(operation, arguments):
        return
    exchange = context.store.call(operation, arguments, intent="unknown")
    if exchange.success:
        trial = WriteTrial(exchange, before, context.reader.read(record))
        context.session.results.judge("untouched_fields", operation.id, untouched_fields(operation, trial))


def _edges(context: ProbeContext, operation: Operation, edge: _Edge) -> dict[str, Any]:
    """A value of that sort for each property of a body that may have one, and that names no record."""
    if operation.body_schema is None:
        return {}
    naming = {name for names in context.session.document.scopes.values() for name in names} | {
        operation.key.name,
        operation.key.field,
    }
    shown = context.reader.shown(operation)
    found: dict[str, Any] = {}
    for name, part in operation.schemas.properties(operation.body_schema).items():
        if name in naming or name not in shown or part.get("x-accordant-reference") or _set_by_vendor(part):
            continue
        if f"{operation.id}.{name}" in context.policy.hints or name in context.policy.hints:
            continue
        value = edge(operation, name, part)
        if value is not ABSENT and edge(operation, name, {**part, **_bounds(shown[name])}) == value:
            found[name] = value  # which a response may show, too
    return found


def _bounds(part: Any) -> dict[str, Any]:
    known: Mapping[str, Any] = part if is_object(part) else {}
    return {name: known[name] for name in _BOUNDS if name in known}


def _null(operation: Operation, name: str, part: Mapping[str, Any]) -> Any:
    required = name in (operation.body_schema or {}).get("required", ())
    return None if "null" in types_of(part) and not required else ABSENT


def _least(operation: Operation, name: str, part: Mapping[str, Any]) -> Any:
    del operation, name
    kinds = types_of(part)
    if part.keys() & {"enum", "const", "oneOf", "anyOf", "multipleOf", "exclusiveMinimum"}:
        return ABSENT
    if "boolean" in kinds:
        return False
    if kinds and kinds[0] in ("integer", "number"):
        return 0 if float(part.get("minimum", 0)) <= 0 <= float(part.get("maximum", 0)) else ABSENT
    if kinds and kinds[0] == "array":
        return [] if not int(part.get("minItems", 0)) else ABSENT
    plain = "string" in kinds and not part.keys() & {"format", "pattern"}
    return "" if plain and not int(part.get("minLength", 0)) else ABSENT


def _most(operation: Operation, name: str, part: Mapping[str, Any]) -> Any:
    """The documented maximum of a whole number, or the largest of its format that a reader of floats may spoil."""
    del operation, name
    kinds = types_of(part)
    if not kinds or kinds[0] != "integer" or part.keys() & {"enum", "const", "oneOf", "anyOf", "multipleOf"}:
        return ABSENT
    return part.get("maximum", ABSENT if "exclusiveMaximum" in part else _EXACT.get(part.get("format", ""), ABSENT))


def _set_by_vendor(part: Mapping[str, Any]) -> bool:
    return bool(part.get("readOnly") or part.get("x-accordant-read-only") or part.get("x-accordant-echo") is False)


def _write(
    context: ProbeContext, operation: Operation, record: Record | None, values: Mapping[str, Any]
) -> Exchange | None:
    """Write these values: into a record, or into a new one, which other requests do not name then."""
    whole = operation.action != "update"
    arguments = context.filler.arguments(operation, record, Recipe(full=whole, fixed=values))
    if arguments is None or context.session.refusal(operation, arguments):
        return None
    exchange = context.store.call(operation, arguments, intent="unknown")
    if not exchange.success:
        return exchange
    if record is None:
        context.store.remember(operation, evolve(exchange, intent="valid"))
        record = context.store.of(operation, exchange)
        if record is None:
            return exchange
        context.store.forget(record.entity, record.key, record.context)
    trial = WriteTrial(exchange, after=context.reader.read(record))
    context.session.results.judge("read_after_write", operation.id, read_after_write(operation, trial))
    return exchange
