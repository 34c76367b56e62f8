"""Faults in what a write does to records that it does not name, to items of one body, and to what was not sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.faults.applicability import both, changes, creates, plain_of, readable, removes, sibling
from accordant_sandbox.faults.document_fields import Field, body_fields, body_is_list, place
from accordant_sandbox.faults.effects import addressed, good, put_row, sent_body, tables
from accordant_sandbox.faults.registry import FaultRegistry
from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.http.json_types import is_array, is_object

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS"]

registry = FaultRegistry("state")
BYSTANDER = "bystander_untouched"


def _read_texts(operation: Operation, vendor: Vendor) -> list[str]:
    """The free texts that a reading of the records shows."""
    reader = sibling(operation, vendor, "get") or sibling(operation, vendor, "list")
    where = place(reader) if reader is not None else None
    fields: tuple[Field, ...] = where.fields if where else ()
    return [field.name for field in fields if field.text() and not field.read_only and not field.volatile]


def _has_neighbours(operation: Operation, vendor: Vendor) -> bool:
    plain = plain_of(operation, vendor)
    if plain is None or sibling(operation, vendor, "get", "list") is None:
        return False
    fields = vendor.collections[plain.collection].fields
    return any(name in fields for name in _read_texts(operation, vendor))


def _spoil_others(call: ActiveCall, answer: Answer, named: tuple[Any, Any] | None, values: Mapping[str, Any]) -> Answer:
    """Give every other row of the kind these values, or a longer text if none are given."""
    plain = call.plain
    if not good(call, answer) or named is None or plain is None:
        call.skip()
        return answer
    collection = call.vendor.collections[plain.collection]
    identity = {collection.key, *(getattr(collection.kind, "fields", ()))}
    texts = [name for name in _read_texts(call.operation, call.vendor) if name not in identity]
    acted = False
    for key, row in list(tables(call)[collection.name].items()):
        given = {name: values[name] for name in texts if isinstance(values.get(name), str) and name in row}
        longer = {name: f"{row[name]}." for name in texts if isinstance(row.get(name), str) and not values}
        if key != named[0] and any(row[name] != value for name, value in {**longer, **given}.items()):
            put_row(call, collection, key, {**row, **longer, **given})
            acted = True
    if not acted:
        call.skip()
    return answer


@registry.around(
    does="A change is made to every record of the kind.", oracle=BYSTANDER, where=both(changes, _has_neighbours)
)
def change_hits_all(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A change is made to the record that it names, and to no other."""
    named = addressed(call)
    answer = run()
    return _spoil_others(call, answer, named, call.body if is_object(call.body) else {})


@registry.around(
    does="A deletion changes what it leaves.", oracle=BYSTANDER, where=both(removes, _has_neighbours)
)  # fmt: skip
def delete_touches_others(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A deletion leaves every other record as it was."""
    named = addressed(call)
    answer = run()
    return _spoil_others(call, answer, named, {})


def _removes_several(operation: Operation, vendor: Vendor) -> bool:
    return body_is_list(operation) and readable_somehow(operation, vendor)


def readable_somehow(operation: Operation, vendor: Vendor) -> bool:
    """Whether the records can be read, one by one or in a list."""
    return sibling(operation, vendor, "get", "list") is not None


@registry.validate(
    does="Of several records in the body of a deletion the last one stays.",
    oracle="delete_is_final",
    where=both(removes, _removes_several),
)
def bulk_delete_partial(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A deletion of several records deletes each."""
    return _drop_last(call, run)


def _names_items(operation: Operation, _: Vendor) -> bool:
    return operation.action == "custom" and operation.secured and body_is_list(operation)


@registry.validate(does="Of several items in the body of an action the last one is passed over.", oracle="bulk_effect",
    where=both(_names_items, readable),
)  # fmt: skip
def bulk_item_dropped(call: ActiveCall, run: Callable[[], None]) -> bool:
    """An action on several items does the same to each."""
    return _drop_last(call, run)


def _drop_last(call: ActiveCall, run: Callable[[], None]) -> bool:
    run()
    body: Any = call.body
    if is_array(body) and len(body) > 1:
        call.body = body[:-1]
    else:
        call.skip()
    return True


def _defaults(operation: Operation) -> Iterator[tuple[Field, Any]]:
    """The fields of a body with a documented default that its response shows again, and another value for each."""
    where = place(operation)
    schemas = operation.document.schemas
    for field in body_fields(operation):
        default = schemas.at(field.pointer).get("default")
        back = where.field(field.name) if where else None
        if default is None or back is None or back.read_only:
            continue
        if isinstance(default, bool):
            yield field, not default
        elif isinstance(default, int):
            yield field, default + 1
        elif len(field.enum) > 1:
            yield field, next(each for each in field.enum if each != default)


@registry.validate(
    does="What was not sent does not become the documented default.",
    oracle="documented_default",
    where=lambda operation, vendor: (
        (creates(operation, vendor) or operation.action == "replace") and any(_defaults(operation))
    ),
)
def default_changed(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A field that was not sent has its documented default."""
    run()
    acted = False
    for field, other in _defaults(call.operation):
        if is_object(call.body) and field.name not in _sent(call):
            call.body[field.name] = other
            acted = True
    if not acted:
        call.skip()
    return True


def _sent(call: ActiveCall) -> Mapping[str, Any]:
    body = sent_body(call)
    return body if is_object(body) else {}


FAULTS = registry.faults
