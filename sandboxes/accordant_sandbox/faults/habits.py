"""Faults that vendors' habits bring: what languages, databases and frameworks do to values behind everybody's back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.faults.applicability import (
    both,
    changes,
    creates,
    every_list,
    filters_of,
    key_field,
    lists_pages,
    paging_value,
    readable,
    sibling,
)
from accordant_sandbox.faults.document_fields import Field, body_fields, place, records
from accordant_sandbox.faults.effects import addressed, good, main_collection, own, put_row, sent_body, tables
from accordant_sandbox.faults.registry import Applies, FaultRegistry
from accordant_sandbox.faults.text import texts_shown
from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.model.paging import Window
from accordant_sandbox.ports import Row

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS", "holds_lists", "rewritten", "written"]

registry = FaultRegistry("state")
READ_BACK = "read_after_write"


def written(want: Callable[[Field], bool]) -> Applies:
    """Creations and changes of a suitable field that a reading shows again."""

    def applies(operation: Operation, vendor: Vendor) -> bool:
        return any(True for _ in _written(operation, vendor, want))

    return applies


def _written(operation: Operation, vendor: Vendor, want: Callable[[Field], bool]) -> list[Field]:
    if not operation.secured or operation.action not in ("create", "update", "replace", "upsert"):
        return []
    reader = sibling(operation, vendor, "get") or sibling(operation, vendor, "list")
    where = place(reader) if reader is not None else None
    if where is None:
        return []
    shown = {field.name: field.types for field in where.fields if not field.read_only and not field.volatile}
    return [field for field in body_fields(operation) if want(field) and shown.get(field.name) == field.types]


def rewritten(
    call: ActiveCall, run: Callable[[], None], want: Callable[[Field], bool], change: Callable[[Any], Any]
) -> bool:
    """Admit the call, then change what was sent for suitable fields; ABSENT-like `...` takes a value out."""
    run()
    bodies: list[Any] = call.body if is_array(call.body) else [call.body]
    acted = False
    for body in filter(is_object, bodies):
        for field in _written(call.operation, call.vendor, want):
            if field.name not in body:
                continue
            other = change(body[field.name])
            if other is ...:
                del body[field.name]
                acted = True
            elif other != body[field.name] or type(other) is not type(body[field.name]):
                body[field.name] = other
                acted = True
    if not acted:
        call.skip()
    return True


def _clearable(field: Field) -> bool:
    return field.nullable and not field.required and field.format is None


def _keeps(vendor: Vendor) -> bool:
    """Whether it is the vendor's own rule that null in a change means that nothing was sent."""
    return any(rule.name == "keeps_omitted" for rule in vendor.rules)


@registry.validate(
    does="A change to null is passed over.",
    oracle=READ_BACK,
    where=both(lambda operation, vendor: operation.action == "update" and not _keeps(vendor), written(_clearable)),
)
def null_ignored(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A field that was set to null is null."""
    return rewritten(call, run, _clearable, lambda value: ... if value is None else value)


@registry.validate(
    does="An empty text is stored as null.",
    oracle=READ_BACK,
    where=both(changes, texts_shown, written(lambda field: field.text() and field.nullable)),
)
def empty_becomes_null(call: ActiveCall, run: Callable[[], None]) -> bool:
    """An empty text is an empty text."""
    return rewritten(
        call, run, lambda field: field.text() and field.nullable, lambda text: None if text == "" else text
    )


def _plain_number(field: Field) -> bool:
    return field.number() and not field.enum


@registry.validate(does="Zero counts as not sent.", oracle=READ_BACK, where=both(changes, written(_plain_number)))
def zero_ignored(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A number may be zero."""
    return rewritten(
        call, run, _plain_number, lambda value: ... if type(value) in (int, float) and value == 0 else value
    )


def _flag(field: Field) -> bool:
    return field.types == frozenset({"boolean"})


@registry.validate(does="False counts as not sent.", oracle=READ_BACK, where=both(changes, written(_flag)))
def false_ignored(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A flag may be false."""
    return rewritten(call, run, _flag, lambda value: ... if value is False else value)


def _instant(field: Field) -> bool:
    return field.format == "date-time"


@registry.validate(
    does="The offset of an instant is cut off, and its wall-clock time taken for UTC.",
    oracle="date_truth",
    where=written(_instant),
)
def offset_ignored(call: ActiveCall, run: Callable[[], None]) -> bool:
    """An instant is the same instant whatever its offset."""
    return rewritten(call, run, _instant, _without_offset)


def _without_offset(text: Any) -> Any:
    if not isinstance(text, str) or text.endswith("Z"):
        return text
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None).isoformat() + "Z"
    except ValueError:
        return text


def _numeric_text(text: Any) -> Any:
    if not isinstance(text, str) or not text.replace(".", "", 1).isdigit():
        return text
    return f"{float(text):.10g}"


@registry.validate(
    does="A text of digits is taken for a number: its zeros at both ends are lost.", oracle="text_truth",
    where=texts_shown,
)  # fmt: skip
def zeros_lost(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A text of digits is a text."""
    return rewritten(call, run, Field.text, _numeric_text)


def _list_field(field: Field) -> bool:
    return field.types == frozenset({"array"})


def holds_lists(operation: Operation, vendor: Vendor) -> bool:
    """Whether a list of texts or of objects is written and shown as it is: lists of ids and dates are of one item."""
    schemas = operation.document.schemas
    for field in _written(operation, vendor, _list_field):
        items = schemas.deref(schemas.at(field.pointer).get("items", {}))
        if not items.keys() & {"format", "enum", "x-accordant-reference"} and items.get("type") != "integer":
            return True
    return False


@registry.validate(does="Of a list within a record only the first item is stored.", oracle=READ_BACK,
    where=holds_lists,
)  # fmt: skip
def inner_list_cut(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A list within a record keeps every item."""
    return rewritten(call, run, _list_field, lambda value: value[:1] if is_array(value) else value)


@registry.validate(does="A list within a record is stored the other way round.", oracle=READ_BACK,
    where=holds_lists,
)  # fmt: skip
def inner_list_turned(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A list within a record keeps its order."""
    return rewritten(call, run, _list_field, lambda value: value[::-1] if is_array(value) else value)


@registry.validate(
    does="A record that is replaced keeps what the new one leaves out.",
    oracle="documented_default",
    where=both(lambda operation, _: operation.action == "replace", readable),
)
def replace_keeps(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A record that is replaced has nothing of the old one that was not sent."""
    run()
    named = addressed(call)
    row: Row = named[1] if named is not None and is_object(call.body) else {}
    sent = sent_body(call)
    missing = [field.name for field in body_fields(call.operation) if not is_object(sent) or field.name not in sent]
    kept: dict[str, Any] = {name: row[name] for name in missing if name in row}
    if not kept or all(call.body.get(name) == value for name, value in kept.items()):
        call.skip()
    else:
        call.body.update(kept)
    return True


@registry.around(does="The response to a creation shows the id of an older record.", oracle=READ_BACK,
    where=both(creates, readable),
)  # fmt: skip
def create_shows_other_id(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """The response to a creation shows the id of what was made."""
    before = tables(call)
    answer = run()
    collection = main_collection(call, answer, before) if good(call, answer) else None
    field = key_field(call.operation)
    shown = records(call.operation, own(answer).body)
    older = list(before.get(collection.name, {})) if collection else []
    if not older or field is None or not shown:
        call.skip()
        return answer
    shown[0][field] = older[-1]
    return answer


def _totalled(operation: Operation, vendor: Vendor) -> bool:
    return lists_pages(operation, vendor) and paging_value(operation, "total") is not None


@registry.window(does="A page holds one row fewer than its size.", oracle="page_shape", where=_totalled)
def limit_minus_one(call: ActiveCall, window: Window) -> Window | None:
    """A page that is not the last is full."""
    del call
    short = window.stop - window.start > 1 and window.stop < window.total
    return replace(window, stop=window.stop - 1) if short else None


@registry.window(does="A page past the end is the last one once more.", oracle="page_shape", where=_totalled)
def past_end_repeats(call: ActiveCall, window: Window) -> Window | None:
    """A page past the end is empty."""
    del call
    if window.start < window.total or not window.total:
        return None
    return replace(window, start=max(0, window.total - window.size), stop=window.total)


def _filters_two(operation: Operation, vendor: Vendor) -> bool:
    required = {each.name for each in operation.parameters if each.required}
    return len(filters_of(operation, vendor).keys() - required) > 1 and every_list(operation, vendor)


@registry.before(does="Of several filters only the first one counts.", oracle="filter_truth", where=_filters_two)
def filter_first_only(call: ActiveCall) -> bool | None:
    """Several filters narrow a list together."""
    required = {each.name for each in call.operation.parameters if each.required}
    named = filters_of(call.operation, call.vendor).keys() - required
    given = [each for each in call.request.query if each[0] in named]
    kept = [each for each in call.request.query if each[0] not in named or each[0] == given[0][0]]
    if len(kept) == len(call.request.query):
        return None
    call.request = replace(call.request, query=kept)
    return True


def _made_stamp(operation: Operation, vendor: Vendor) -> str | None:
    reader = sibling(operation, vendor, "get")
    where = place(reader) if reader is not None else None
    names = [each.name for each in where.fields] if where else []
    return next((each for each in names if each.lower().replace("_", "") in ("createdat", "createdon")), None)


@registry.around(does="A change moves the stamp of creation.", oracle="untouched_fields",
    where=both(lambda operation, _: operation.action in ("update", "replace"),
               lambda operation, vendor: _made_stamp(operation, vendor) is not None),
)  # fmt: skip
def made_stamp_moves(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A record keeps the stamp of its creation."""
    before = tables(call)
    answer = run()
    collection = main_collection(call, answer, before) if good(call, answer) else None
    name = _made_stamp(call.operation, call.vendor)
    shown = records(call.operation, own(answer).body)
    row = tables(call)[collection.name].get(shown[0].get(collection.key)) if collection and shown else None
    if collection is None or row is None or name is None or not isinstance(row.get(name), str):
        call.skip()
        return answer
    moved = (datetime.fromisoformat(row[name]) + timedelta(seconds=61)).isoformat().replace("+00:00", "Z")
    put_row(call, collection, collection.key_of(row), {**row, name: moved})
    return answer


FAULTS = registry.faults
