"""Faults in the values that are stored and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.engine.tables import Table
from accordant_sandbox.faults.applicability import both, changes, creates, key_field, plain_of, readable
from accordant_sandbox.faults.document_fields import Field, body_fields, place, records
from accordant_sandbox.faults.effects import good, main_collection, own, replace_container, tables
from accordant_sandbox.faults.registry import Applies, FaultRegistry
from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.model.collections import show

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS"]

registry = FaultRegistry("value")
READ_BACK = "read_after_write"
ZONE = timedelta(hours=5)


def optional(field: Field) -> bool:
    """Whether the document lets the field be absent."""
    return not field.required


def decimal(field: Field) -> bool:
    """Whether the field is a number that may have a fraction."""
    return "number" in field.types


def dated(field: Field) -> bool:
    """Whether the field is a time, with or without an offset."""
    return field.format in ("date-time", "local-date-time")


def shown(want: Callable[[Field], bool]) -> Applies:
    """Operations with a suitable field in their body that is shown again in their response."""
    return lambda operation, _: any(True for _ in _shown_fields(operation, want))


@registry.validate(
    does="The last character of a text is lost when a record is created.",
    oracle=READ_BACK,
    where=both(creates, readable, shown(Field.text)),
)
def create_mangles(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A text is stored as it was sent."""
    return _store_otherwise(call, run, Field.text, lambda text: text[:-1])


@registry.validate(
    does="An optional field is not stored when a record is created.",
    oracle=READ_BACK,
    where=both(creates, readable, shown(optional)),
)
def create_drops_field(call: ActiveCall, run: Callable[[], None]) -> bool:
    """Every field that was sent is stored."""
    run()
    for body in _bodies(call):
        for field in _shown_fields(call.operation, optional):
            if body.get(field.name):
                del body[field.name]
                return True
    call.skip()
    return True


@registry.around(
    does="The answer to a change shows the record as it was before.",
    oracle=READ_BACK,
    where=both(changes, readable, shown(lambda _: True)),
)
def patch_stale_echo(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """The response to a change shows the changed record."""
    before = tables(call)
    answer = run()
    collection = main_collection(call, answer, before) if good(call, answer) else None
    key = key_field(call.operation)
    found = records(call.operation, own(answer).body)
    if collection is None or key is None or not found:
        call.skip()
        return answer
    row = before.get(collection.name, Table()).get(found[0].get(key))
    was = show(call.silent_transaction(call.principal), collection, row) if row is not None else {}
    differing = {name: was[name] for name in found[0] if name in was and was[name] != found[0][name]}
    if not differing:
        call.skip()
    found[0].update(differing)
    return answer


@registry.around(
    does="Another record is shown than the one that was asked for.",
    oracle=READ_BACK,
    where=lambda operation, vendor: operation.action == "get" and _plain_get(operation, vendor),
)
def get_other_id(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """The record that was asked for is shown."""
    answer = run()
    key = key_field(call.operation)
    found = records(call.operation, answer.body)
    if not good(call, answer) or call.plain is None or key is None or not found:
        call.skip()
        return answer
    collection = call.vendor.collections[call.plain.collection]
    tx = call.silent_transaction(call.principal)
    others = [row for row in tx.rows(collection.name) if collection.key_of(row) != found[0].get(key)]
    if not others:
        call.skip()
        return answer
    return replace_container(call.operation, own(answer), lambda _: show(tx, collection, others[0])) or answer


@registry.validate(
    does="Instants are stored five hours late, as if a zone had been forgotten.",
    oracle="date_truth",
    where=both(
        lambda operation, vendor: creates(operation, vendor) or changes(operation, vendor), readable, shown(dated)
    ),
)
def time_shifted(call: ActiveCall, run: Callable[[], None]) -> bool:
    """An instant is stored as the instant that was sent."""
    return _store_otherwise(call, run, dated, _later)


@registry.validate(
    does="Decimals are rounded to whole numbers.",
    oracle=READ_BACK,
    where=both(
        lambda operation, vendor: creates(operation, vendor) or changes(operation, vendor), readable, shown(decimal)
    ),
)
def precision_lost(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A number is stored with its decimals."""
    return _store_otherwise(call, run, decimal, round)


def _store_otherwise(
    call: ActiveCall, run: Callable[[], None], want: Callable[[Field], bool], change: Callable[[Any], Any]
) -> bool:
    """Admit the call, then change the first wanted field of its body that `change` makes a difference to."""
    run()
    for body in _bodies(call):
        for field in _shown_fields(call.operation, want):
            value = body.get(field.name)
            if value is None or isinstance(value, bool | list | dict):
                continue
            other = change(value)
            if other != value and call.operation.document.schemas.is_valid(field.pointer, other):
                body[field.name] = other
                return True
    call.skip()
    return True


def _bodies(call: ActiveCall) -> list[dict[str, Any]]:
    """The records of the admitted body, which may be changed: nothing else holds them."""
    bodies = call.body if is_array(call.body) else [call.body]
    return [body for body in bodies if is_object(body)]


def _shown_fields(operation: Operation, want: Callable[[Field], bool]) -> Iterator[Field]:
    where = place(operation)
    for field in body_fields(operation):
        back = where.field(field.name) if where else None
        if back is not None and want(field) and not back.read_only and not back.volatile:
            yield field


def _plain_get(operation: Operation, vendor: Vendor) -> bool:
    return plain_of(operation, vendor) is not None and key_field(operation) is not None


def _later(text: Any) -> Any:
    try:
        moved = (datetime.fromisoformat(str(text)) + ZONE).isoformat()
    except (ValueError, OverflowError):
        return text
    return moved.replace("+00:00", "Z") if str(text).endswith(("Z", "z")) else moved


FAULTS = registry.faults
