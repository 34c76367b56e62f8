"""Probes of ids that nobody gave out: nothing can be read, changed, deleted or acted on under one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from accordant_runtime import is_object

from ..document.document import Operation
from ..document.schemas import types_of
from ..document.values import ABSENT, Arguments
from ..judges.unknown import unknown_is_refused
from ..records.examples import Recipe
from ..records.record import Record
from .context import ProbeContext

_UNKNOWN_IDS: Final = {"integer": 2**31 - 19, "string": "accordant-no-such-id"}


def nobody(context: ProbeContext, operation: Operation, like: Record) -> Record | None:
    """A record of the kind of another, inside of the same ones, under an id that nobody gave out; ``None`` where an
    operation names its records by no single id."""
    schema = _key_schema(operation)
    if schema is None or "enum" in schema:
        return None
    kind = next(iter(types_of(schema)), "string")
    formatted = kind == "string" and "format" in schema  # a made-up number might be an id that was given out
    invented = context.filler.examples.value("", schema, Recipe()) if formatted else None
    return Record(like.entity, invented or _UNKNOWN_IDS.get(kind, "accordant"), {}, like.context)


def write_unknown(context: ProbeContext, operation: Operation) -> None:
    """Change, delete or act on what nobody made."""
    if not any(code in operation.responses for code in ("404", "410")):
        return  # without them the document gives no way to say that a record is not there
    like = context.filler.need(operation.entity)
    unknown = nobody(context, operation, like) if like is not None else None
    arguments = context.filler.arguments(operation, unknown) if unknown is not None else None
    if unknown is None or arguments is None or context.session.refusal(operation, arguments):
        return
    if not _names(operation, unknown, arguments):
        return
    exchange = context.store.call(operation, arguments, intent="unknown")
    if exchange.response is not None:
        found = unknown_is_refused(operation, exchange)
        context.session.results.judge("read_after_write", operation.id, found)


def _names(operation: Operation, record: Record, arguments: Arguments) -> bool:
    """Whether a request names a record: what an operation may leave out, it may have left out."""
    body = arguments.body if is_object(arguments.body) else {}
    name = operation.key.name or ""
    given = body.get(name, ABSENT) if operation.key.place == "body" else arguments.given.get(name, ABSENT)
    return bool(given == record.key)


def _key_schema(operation: Operation) -> Mapping[str, Any] | None:
    """The schema of what names the record in a request."""
    parameter = operation.parameter(operation.key.name)
    if parameter is not None:
        return parameter.schema
    if operation.key.place != "body" or operation.body_schema is None or operation.key.scope:
        return None
    part: Mapping[str, Any] | None = operation.schemas.properties(operation.body_schema).get(operation.key.name or "")
    return {name: each for name, each in part.items() if name != "x-accordant-reference"} if part else None
