"""Faults against the documented schema of a success."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.faults.applicability import (
    anywhere,
    both,
    every_list,
    json_success,
    key_field,
    list_with,
    one_with,
    secured,
)
from accordant_sandbox.faults.document_fields import Field, place, records
from accordant_sandbox.faults.effects import breaks_schema, good, own, replace_container
from accordant_sandbox.faults.registry import FaultRegistry
from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.http.json_types import is_object

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS"]

registry = FaultRegistry("schema")
SCHEMA = "response_schema_conformance"
_OFFSET = re.compile(r"([Zz]|[+-]\d\d:?\d\d)$")


def required(field: Field) -> bool:
    """Whether the document requires the field."""
    return field.required


def never_null(field: Field) -> bool:
    """Whether the field has a type that excludes null, and is no enum."""
    return bool(field.types) and not field.nullable and not field.enum


def enumerated(field: Field) -> bool:
    """Whether the field is a text with listed values."""
    return bool(field.enum) and field.types == frozenset({"string"})


def instant(field: Field) -> bool:
    """Whether the field is a time with an offset."""
    return field.format == "date-time"


def dated(field: Field) -> bool:
    """Whether the field is a time, with or without an offset."""
    return field.format in ("date-time", "local-date-time")


def keyed(operation: Operation, _: Vendor) -> bool:
    """Operations whose response identifies its records."""
    return key_field(operation) is not None


@registry.answer(does="A required field of a record is absent.", oracle=SCHEMA, where=both(secured, one_with(required)))
def missing_required(call: ActiveCall, answer: Answer) -> Answer | None:
    """Every required field of a record is in the response."""
    return _drop(call, answer, slice(0, 1))


@registry.answer(
    does="A required field is absent in one row of a list, the last.", oracle=SCHEMA, where=list_with(required)
)
def missing_required_list(call: ActiveCall, answer: Answer) -> Answer | None:
    """Every required field is in every row of a list."""
    return _drop(call, answer, slice(-1, None))


@registry.answer(does="A number arrives as text.", oracle=SCHEMA, where=anywhere(Field.number))
def wrong_type(call: ActiveCall, answer: Answer) -> Answer | None:
    """A field has the JSON type that is documented for it."""
    return _guarded(call, _spoil(call, answer, Field.number, str))


@registry.answer(does="A field that is never null is null.", oracle=SCHEMA, where=anywhere(never_null))
def null_field(call: ActiveCall, answer: Answer) -> Answer | None:
    """A field is null only where null is documented."""
    return _guarded(call, _spoil(call, answer, never_null, lambda _: None))


@registry.answer(does="An enumerated field has a value that is not listed.", oracle=SCHEMA, where=anywhere(enumerated))
def enum_unknown(call: ActiveCall, answer: Answer) -> Answer | None:
    """An enumerated field has one of its documented values."""
    return _guarded(call, _spoil(call, answer, enumerated, lambda _: "unheard_of"))


@registry.answer(
    does="An enumerated field has a value that is not listed, in about one record of five, always the same ones.",
    oracle=SCHEMA,
    where=both(anywhere(enumerated), keyed),
)
def enum_unknown_rare(call: ActiveCall, answer: Answer) -> Answer | None:
    """An enumerated field has one of its documented values in every record."""
    key = key_field(call.operation)

    def rare(record: dict[str, Any]) -> bool:
        return zlib.crc32(str(record.get(key or "")).encode()) % 5 == 0

    return _guarded(call, _spoil(call, answer, enumerated, lambda _: "unheard_of", rare))


@registry.answer(does="An enumerated value comes in other letter case.", oracle=SCHEMA, where=anywhere(enumerated))
def enum_case(call: ActiveCall, answer: Answer) -> Answer | None:
    """An enumerated value is spelt as documented."""
    return _guarded(call, _spoil(call, answer, enumerated, str.swapcase))


@registry.answer(
    does="An instant has a blank where its `T` belongs, and no offset.", oracle=SCHEMA, where=anywhere(instant)
)
def bad_date(call: ActiveCall, answer: Answer) -> Answer | None:
    """An instant is an RFC 3339 date-time."""
    return _guarded(call, _spoil(call, answer, instant, lambda text: _OFFSET.sub("", str(text).replace("T", " "))))


@registry.answer(
    does="An instant has lost its offset (or a wall-clock time has gained one).",
    oracle=SCHEMA,
    where=anywhere(dated),
)
def date_naive(call: ActiveCall, answer: Answer) -> Answer | None:
    """An instant says its offset, and a wall-clock time has none."""
    return _guarded(call, _spoil(call, answer, dated, _flip_offset))


@registry.answer(does="A list is answered as its first row alone.", oracle=SCHEMA, where=every_list)
def object_for_array(call: ActiveCall, answer: Answer) -> Answer | None:
    """A list is an array, however few its rows."""
    if not good(call, answer) or not records(call.operation, answer.body):
        return None
    return _guarded(call, replace_container(call.operation, _trial(answer), lambda rows: rows[0]))


@registry.answer(
    does="One record is answered as an array of one.",
    oracle=SCHEMA,
    where=both(secured, one_with(lambda field: bool(field.types)), lambda operation, _: operation.action != "list"),
)
def array_for_object(call: ActiveCall, answer: Answer) -> Answer | None:
    """One record is an object."""
    if not good(call, answer) or not records(call.operation, answer.body):
        return None
    return _guarded(call, replace_container(call.operation, _trial(answer), lambda record: [record]))


@registry.answer(
    does="The record stands bare where its envelope is due.",
    oracle=SCHEMA,
    where=lambda operation, _: operation.secured and bool((where := place(operation)) and where.path),
)
def envelope_missing(call: ActiveCall, answer: Answer) -> Answer | None:
    """A record is in the envelope that is documented for it."""
    where = place(call.operation)
    body = answer.body
    for part in where.path if where else ():
        if not is_object(body) or part not in body:
            return None
        body = body[part]
    return _guarded(call, replace(answer, body=body)) if good(call, answer) else None


@registry.answer(
    does="An envelope stands around a record that is documented bare.",
    oracle=SCHEMA,
    where=both(secured, one_with(required), lambda operation, _: bool((where := place(operation)) and not where.path)),
)
def envelope_extra(call: ActiveCall, answer: Answer) -> Answer | None:
    """A record that is documented bare has no envelope."""
    if not good(call, answer) or not is_object(answer.body):
        return None
    name = call.operation.data.get("x-accordant-envelope") or call.operation.entity or "data"
    return _guarded(call, replace(answer, body={str(name): answer.body}))


@registry.answer(
    does="Every key of the records begins with a letter of the other case (`jobId` for `JobId`).",
    oracle=SCHEMA,
    where=anywhere(required),
)
def key_case_flipped(call: ActiveCall, answer: Answer) -> Answer | None:
    """Keys are spelt as documented."""
    if not good(call, answer):
        return None
    trial = _trial(answer)
    for record in records(call.operation, trial.body):
        flipped = {name[:1].swapcase() + name[1:]: value for name, value in record.items()}
        record.clear()
        record.update(flipped)
    return _guarded(call, trial)


@registry.answer(
    does="The identifier changes its type: a number arrives as text, a text as a number.",
    oracle=SCHEMA,
    where=both(secured, json_success, keyed),
)
def id_type_flip(call: ActiveCall, answer: Answer) -> Answer | None:
    """The identifier of a record has its documented type."""
    key = key_field(call.operation)
    if not good(call, answer) or key is None:
        return None
    trial = _trial(answer)
    for record in records(call.operation, trial.body):
        value = record.get(key)
        if value is not None:
            record[key] = zlib.crc32(value.encode()) if isinstance(value, str) else str(value)
    return _guarded(call, trial)


def _candidates(call: ActiveCall, want: Callable[[Field], bool]) -> Iterator[Field]:
    """The fields to spoil: the identifier comes last, so that records can still be told apart."""
    where = place(call.operation)
    fields = [field for field in where.fields if want(field)] if where else []
    key = key_field(call.operation)
    yield from sorted(fields, key=lambda field: field.name == key)


def _spoil(
    call: ActiveCall,
    answer: Answer,
    want: Callable[[Field], bool],
    change: Callable[[Any], Any],
    which: Callable[[dict[str, Any]], bool] = bool,
) -> Answer | None:
    """The response with one field changed: the first that is wanted and has a value."""
    if not good(call, answer):
        return None
    trial = _trial(answer)
    for record in filter(which, records(call.operation, trial.body)):
        for field in _candidates(call, want):
            if record.get(field.name) is not None:
                record[field.name] = change(record[field.name])
                return trial
    return None


def _drop(call: ActiveCall, answer: Answer, which: slice) -> Answer | None:
    if not good(call, answer):
        return None
    trial = _trial(answer)
    for record in records(call.operation, trial.body)[which]:
        for field in _candidates(call, required):
            if field.name in record:
                del record[field.name]
                return _guarded(call, trial)
    return None


def _trial(answer: Answer) -> Answer:
    """A copy to try a change on."""
    return own(replace(answer))


def _guarded(call: ActiveCall, answer: Answer | None) -> Answer | None:
    """The changed response, if its schema really forbids it: an open schema could allow it."""
    return answer if answer is not None and breaks_schema(call.operation, answer) else None


def _flip_offset(text: Any) -> Any:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return text
    return f"{text}Z" if moment.tzinfo is None else _OFFSET.sub("", str(text))


FAULTS = registry.faults
