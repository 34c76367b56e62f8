"""Faults in what a write does to the vendor's data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.engine.tables import Table
from accordant_sandbox.faults.applicability import (
    both,
    changes,
    countable,
    creates,
    key_field,
    plain_of,
    readable,
    removes,
    sibling,
)
from accordant_sandbox.faults.document_fields import Field, body_fields, body_is_list, place, records
from accordant_sandbox.faults.effects import (
    Tables,
    added,
    addressed,
    changed,
    good,
    main_collection,
    own,
    put_back,
    put_row,
    sent_body,
    tables,
    twin,
    valid_part,
)
from accordant_sandbox.faults.registry import FaultRegistry
from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.model.collections import Collection
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.ports import Key, Row

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS"]

registry = FaultRegistry("state")
READ_BACK = "read_after_write"
COUNT = "count_effect"


@registry.around(
    does="A deletion is confirmed and does nothing.", oracle="delete_is_final", where=both(removes, readable)
)
def delete_noop(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A deleted record is gone."""
    before = tables(call)
    answer = run()
    _undo(call, answer, before)
    return answer


@registry.around(does="A deletion takes another record along.", oracle=COUNT, where=both(removes, countable))
def delete_other(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A deletion removes one record, the one that it names."""
    before = tables(call)
    answer = run()
    collection = main_collection(call, answer, before) if good(call, answer) else None
    others: Sequence[Row] = call.silent_transaction(call.principal).rows(collection.name) if collection else ()
    for row in reversed(others):
        if collection is not None and _delete(call, collection, row):
            return answer
    call.skip()
    return answer


@registry.around(does="A creation is confirmed and nothing is stored.", oracle=READ_BACK, where=both(creates, readable))
def create_not_readable(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A created record can be read."""
    before = tables(call)
    answer = run()
    _undo(call, answer, before)
    return answer


@registry.around(
    does="New and changed records are read as before until the clock has moved on by `seconds`.",
    oracle=READ_BACK,
    where=lambda operation, vendor: readable(operation, vendor) and operation.action in ("create", "update", "get"),
    options={"seconds": 5},
)
def read_lag(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A write is seen by the next read."""
    late: list[tuple[datetime, str, Key, Row | None]] = call.memory.setdefault("late", [])
    late[:] = [each for each in late if each[0] > call.now]
    before = tables(call)
    if call.operation.action == "get":
        stale = _stale(before, late)
        if not stale:
            call.skip()
            return run()
        call.tables = {**before, **stale}
        answer = run()
        put_back(call, before, stale)
        return answer
    answer = run()
    due = call.now + timedelta(seconds=call.options["seconds"])
    for name in changed(before, tables(call)):
        old, new = before.get(name, Table()), tables(call)[name]
        late.extend((due, name, key, old.get(key)) for key, row in new.items() if row is not old.get(key))
    call.skip()
    return answer


@registry.around(does="One creation stores two records.", oracle=COUNT, where=both(creates, countable))
def create_dup(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A creation makes one record."""
    before = tables(call)
    answer = run()
    collection = main_collection(call, answer, before) if good(call, answer) else None
    made = added(before, tables(call), collection.name) if collection else []
    if collection is None or not made:
        call.skip()
        return answer
    twin(call, collection, tables(call)[collection.name][made[0]])
    return answer


def _merges(operation: Operation, vendor: Vendor) -> bool:
    """Creations that recognise a record which is there already: upserts, and those documented with 200 and 201."""
    recognising = {"200", "201"} <= operation.responses.keys() and operation.action == "create"
    plain = plain_of(operation, vendor)
    upsert = operation.action == "upsert" and plain is not None
    repeatable = bool(operation.data.get("x-accordant-idempotent")) and operation.action == "create"
    return operation.secured and (recognising or upsert or repeatable)


@registry.around(
    does="A repeated write that should find its record makes another one.",
    oracle="idempotency",
    where=both(_merges, countable),
)
def retry_creates_again(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """The same record written again is the same record."""
    before = tables(call)
    answer = run()
    collection = main_collection(call, answer, before) if good(call, answer) else None
    if collection is None or added(before, tables(call), collection.name):
        call.skip()
        return answer
    field = key_field(call.operation)
    shown = records(call.operation, own(answer).body)
    rows = tables(call)[collection.name]
    found = rows.get(shown[0].get(field)) if field and shown else rows.last()
    if found is None:
        call.skip()
        return answer
    again = twin(call, collection, found)
    if field and shown:
        shown[0][field] = again[collection.key]
        answer.status = call.operation.success_status if call.operation.response(201) is None else 201
    return answer


@registry.around(does="A change is echoed and not stored.", oracle=READ_BACK, where=both(changes, readable))
def patch_lost(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A change is stored."""
    before = tables(call)
    answer = run()
    _undo(call, answer, before)
    return answer


def _resettable(field: Field) -> bool:
    plain = field.nullable or (field.text() and not field.read_only)
    return plain and not field.read_only and not field.volatile


def _read_fields(operation: Operation, vendor: Vendor) -> tuple[Field, ...]:
    """The fields of the record that a change is about: as its response shows it, else as others read it."""
    own = operation if key_field(operation) else sibling(operation, vendor, "get", "list")
    where = place(own) if own else None
    return where.fields if where else ()


def _partial(operation: Operation, vendor: Vendor) -> bool:
    return operation.action == "update" and any(map(_resettable, _read_fields(operation, vendor)))


@registry.around(
    does="A change resets a field that it does not name.", oracle="untouched_fields", where=both(_partial, readable)
)
def patch_clobbers(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A partial change leaves the fields that it does not name as they were."""
    before = tables(call)
    answer = run()
    collection = main_collection(call, answer, before) if good(call, answer) else None
    key = key_field(call.operation)
    shown = records(call.operation, own(answer).body) if key else []
    if collection is None or (key and not shown) or not is_object(call.body):
        call.skip()
        return answer
    found = addressed(call)
    named: Row = found[1] if found else {}
    row = tables(call)[collection.name].get(shown[0].get(key), {}) if key else named
    for field in _read_fields(call.operation, call.vendor):
        if _resettable(field) and field.name != key and field.name not in call.body and row.get(field.name):
            blank = None if field.nullable else ""
            for record in shown[:1]:
                record[field.name] = blank
            put_row(call, collection, collection.key_of(row), {**row, field.name: blank})
            return answer
    call.skip()
    return answer


@registry.around(
    does="A write that is refused is stored all the same.",
    oracle="failed_write_no_trace",
    where=lambda operation, vendor: bool(body_fields(operation)) and plain_of(operation, vendor) is not None
    and ((creates(operation, vendor) and countable(operation, vendor))
         or (changes(operation, vendor) and readable(operation, vendor))),
)  # fmt: skip
def failed_write_leaks(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A refused write leaves no trace."""
    answer = run()
    body = sent_body(call)
    if call.problem in (None, "unauthenticated", "forbidden", "not_found") or not is_object(body) or not call.plain:
        call.skip()
        return answer
    collection = call.vendor.collections[call.plain.collection]
    # Plain values only: what is inside lists and objects may need to be completed before it can be shown again.
    values = {
        name: value
        for name, value in valid_part(call.operation, body).items()
        if name in collection.fields and not is_object(value) and not is_array(value)
    }
    if call.operation.action == "create":
        every = call.silent_transaction(call.principal).rows(collection.name)
        seen = [row for row in every if all(row.get(name, value) == value for name, value in call.path.items())]
        if not seen:
            call.skip()
            return answer
        made = twin(call, collection, seen[-1])
        put_row(call, collection, collection.key_of(made), {**made, **values})
        return answer
    key, row = addressed(call) or (None, None)
    if row is None or all(row.get(name) == value for name, value in values.items()):
        call.skip()
        return answer
    put_row(call, collection, key, {**row, **values})
    return answer


def _batch(operation: Operation, vendor: Vendor) -> bool:
    written = operation.action in ("create", "upsert", "update", "replace") and body_is_list(operation)
    return operation.secured and written and sibling(operation, vendor, "get", "list") is not None


@registry.validate(
    does="Of several records in one body only the first half is written.", oracle=READ_BACK, where=_batch
)
def partial_batch(call: ActiveCall, run: Callable[[], None]) -> bool:
    """Every record of a batch that succeeds is written."""
    run()
    body: Any = call.body
    if is_array(body) and len(body) > 1:
        call.body = body[: len(body) // 2]
    else:
        call.skip()
    return True


def _undo(call: ActiveCall, answer: Answer, before: Tables) -> None:
    """Take back everything that a successful call did to the vendor's data."""
    names = changed(before, tables(call))
    if good(call, answer) and names:
        put_back(call, before, names)
    else:
        call.skip()


def _delete(call: ActiveCall, collection: Collection, row: Row) -> bool:
    """Delete one row by the vendor's own rules, if they let it go."""
    tx = call.silent_transaction(call.principal)
    try:
        tx.delete(collection.name, collection.key_of(row))
    except Problem:
        return False
    tx.commit()
    return True


def _stale(now: Tables, late: list[tuple[datetime, str, Key, Row | None]]) -> dict[str, Table]:
    stale: dict[str, Table] = {}
    for _, name, key, row in reversed(late):
        rows = stale.get(name) or now.get(name) or Table()
        stale[name] = rows.without(key) if row is None else rows.put(key, row)
    return stale


FAULTS = registry.faults
