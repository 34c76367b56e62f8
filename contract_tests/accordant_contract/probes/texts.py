"""Probes of written text: the whole vocabulary, and the longest texts, on every path that writes one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from accordant_runtime import is_object

from ..document.document import Operation
from ..document.schemas import types_of
from ..document.values import ABSENT, Arguments, Exchange
from ..judges.texts import text_is_shown, text_truth
from ..judges.writes import WriteTrial, read_after_write
from ..records.examples import Recipe
from ..records.record import Record
from ..records.texts import Kind, marked
from .context import ProbeContext
from .custom_operations import prepared
from .readings import about

_DEEPEST: Final = 3
_LESS: Final[Mapping[Kind, Kind]] = {"marks": "one line", "longest": "shorter"}
"""What is tried where a vendor refuses a text of a kind."""
_WHOLE: Final = ("create", "upsert", "replace")
"""Actions that send a whole record."""


def write_texts(context: ProbeContext, operation: Operation) -> None:
    """Write texts of each kind, and hold every response that shows them against what was sent."""
    schema = operation.body_schema
    if operation.retires or schema is None or not writes_text(operation, schema):
        return
    if operation.action != "custom" and not context.reader.shown(operation).keys() & operation.schemas.properties(
        schema
    ):
        return  # no response shows what was written
    for kind in _kinds(operation):
        written, record = _write(context, operation, kind)
        if written is not None and 400 <= written.status < 500 and kind in _LESS:
            written, record = _write(context, operation, _LESS[kind])
        if written is None or not written.success:
            continue
        readings = tuple(about(context, operation, record)) if record is not None else ()
        found = list(text_truth(operation, written, readings))
        if not found and record is not None and _acts_on(operation, record, written):
            found = list(text_is_shown(operation, written, readings, _readable(context, readings)))
        context.session.results.judge("text_truth", operation.id, found)
        if record is not None and not found and written.intent == "valid" and operation.action != "custom":
            trial = WriteTrial(written, after=context.reader.read(record))  # a text that came back as no text at all
            context.session.results.judge("read_after_write", operation.id, read_after_write(operation, trial))
        if record is not None and operation.action in ("create", "upsert"):
            context.store.forget(record.entity, record.key, record.context)  # other requests name plainer ones


def _acts_on(operation: Operation, record: Record, written: Exchange) -> bool:
    """Whether an action names that record, and nothing inside of it that may be another's."""
    if operation.action != "custom":
        return False
    body = written.arguments.body
    given = body if operation.key.place == "body" and is_object(body) else written.arguments.given
    others = [each for each in operation.parameters if each.required and each.name != operation.key.name]
    return not others and str(given.get(operation.key.name or "")) == str(record.key)


def _readable(context: ProbeContext, readings: Sequence[Exchange]) -> set[str]:
    """The fields that the records of some readings have, by the document."""
    operations = [context.session.document.operations[each.operation] for each in readings if each.success]
    schemas = [each.record_schema for each in operations if each.record_schema is not None]
    return {name for each in schemas for name in context.session.document.schemas.properties(each)}


def writes_text(operation: Operation, schema: Mapping[str, Any], depth: int = 0) -> bool:
    """Whether a value of a request has room for free text."""
    plain = operation.schemas.schema(schema)
    if plain.get("x-accordant-reference") or plain.get("readOnly") or plain.get("x-accordant-read-only"):
        return False
    if depth < _DEEPEST and "properties" in plain:
        parts = operation.schemas.properties(plain).values()
        return any(writes_text(operation, part, depth + 1) for part in parts)
    if depth < _DEEPEST and "items" in plain:
        return writes_text(operation, plain["items"], depth + 1)
    return "string" in types_of(plain) and not plain.keys() & {"format", "enum", "pattern", "const"}


def _kinds(operation: Operation) -> Iterator[Kind]:
    yield from ("marks", "longest")
    if operation.action in ("create", "upsert"):
        yield "digits"
    if "maxLength" in str(operation.body_schema):
        yield "shorter"


def _write(context: ProbeContext, operation: Operation, kind: Kind) -> tuple[Exchange | None, Record | None]:
    """Write texts of one kind; the exchange, and the record that it is about."""
    makes = operation.action in ("create", "upsert")
    record = None if makes else prepared(context, operation, fresh=False)
    if record is None and operation.action in ("update", "replace"):
        return None, None
    arguments = _arguments(context, operation, record, kind)
    if arguments is None or not any(marked(arguments.body)) or context.session.refusal(operation, arguments):
        return None, None
    # How long a text may be is said by ``maxLength`` alone: where there is none, a refusal is no finding.
    exchange = context.store.call(operation, arguments, intent="unknown" if kind in ("longest", "shorter") else "valid")
    if makes and exchange.success:
        context.store.remember(operation, evolve(exchange, intent="valid"))
        record = context.store.of(operation, exchange)
    return exchange, record


def _arguments(context: ProbeContext, operation: Operation, record: Record | None, kind: Kind) -> Arguments | None:
    """A request with texts of that kind wherever one may be, but for what names a record: that stays plain."""
    if operation.body_schema is None:
        return None
    naming = frozenset(name for names in context.session.document.scopes.values() for name in names)
    naming |= {operation.key.name or "", operation.key.field or ""}
    if operation.action in _WHOLE:
        return context.filler.arguments(operation, record, Recipe(variant=4, text=kind, plain=naming))
    own = {str(operation.key.name), *record.context} if record is not None else set[str]()
    fixed = {
        name: value
        for name, part in operation.schemas.properties(operation.body_schema).items()
        if writes_text(operation, part) and name not in naming and name not in own
        if f"{operation.id}.{name}" not in context.policy.hints
        if (value := context.filler.examples.value(name, part, Recipe(text=kind))) is not ABSENT
    }
    return context.filler.arguments(operation, record, Recipe(full=False, text=kind, plain=naming, fixed=fixed))
