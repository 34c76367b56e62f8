"""What the plain operations do: a verb on a collection, as its `Plain` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any
from urllib.parse import quote

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.engine.hooks import fault_rows, fault_window
from accordant_sandbox.engine.tables import Rows
from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.exchange import ABSENT, Answer
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.http.response_validation import header_fits
from accordant_sandbox.model.choices import needed
from accordant_sandbox.model.collections import Code, Collection, Int, Made, Natural, Uuid, show
from accordant_sandbox.model.operations import Plain, Verb, Within
from accordant_sandbox.model.paging import placed
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.query import select
from accordant_sandbox.ports import Key, Row

__all__ = ["VERBS"]


def _listed(call: ActiveCall, plain: Plain, rows: Sequence[Row]) -> Answer:
    """The response of a list: rows filtered, ordered, cut to a page, shown and enveloped."""
    collection = call.vendor.collections[plain.collection]
    if plain.period:
        plain.period.of(call.query)
    found = select(rows, plain.filters, call.query, collection.instants)
    if plain.choose:
        found = plain.choose(call, found)
    elif plain.order:
        found = sorted(found, key=plain.order)
    elif isinstance(collection.kind, Int) and not (isinstance(found, Rows) and found.in_key_order):
        found = sorted(found, key=itemgetter(collection.key))
    if plain.newest_first:
        found = found[::-1]
    found = fault_rows(call, found)
    window = None
    if plain.paging:
        window = plain.paging.window(placed(plain.paging, call.query, found), len(found), call.settings)
        if window.lowered and plain.paging.rule:
            call.rule(plain.paging.rule)
        window = fault_window(call, window)
        found = found[window.start : window.stop]
    tx = call.tx
    shown = [show(tx, collection, row) for row in found]
    if plain.row:
        shown = [plain.row(tx, each) for each in shown]
    if plain.shape:
        return plain.shape(call, shown)
    answer = call.answer(call.envelope.many(call, plain.many, shown, window if plain.counted else None))
    for name, value in plain.headers(call, window, len(shown)).items() if plain.headers else ():
        answer.headers.set(name, value)
    return answer


def _plain(call: ActiveCall) -> tuple[Plain, Collection]:
    if call.plain is None:
        raise SandboxError(f"{call.operation.id} is not a plain operation")
    return call.plain, call.vendor.collections[call.plain.collection]


def _key(call: ActiveCall, plain: Plain, collection: Collection, body: Any) -> Key:
    place, _, name = plain.key.partition(":")
    if not place:
        place, name = ("path", next(reversed(call.path))) if call.path else ("body", "")
    if place == "body" and not name and isinstance(collection.kind, Natural):
        return collection.kind.of(body)
    value = _value_at(call, place, name, body)
    if plain.by:
        found = next((row for row in call.tx.rows(collection.name) if str(row.get(plain.by)) == str(value)), None)
        return _as_key(collection, value) if found is None else collection.key_of(found)
    return _as_key(collection, value)


def _value_at(call: ActiveCall, place: str, name: str, body: Any) -> Any:
    source = call.path if place == "path" else call.query if place == "query" else body
    return needed(source, name) if place == "body" else source.get(name)


def _as_key(collection: Collection, value: Any) -> Key:
    """The key that one value means, where a natural key has one field; in the type that the collection's keys have."""
    if isinstance(collection.kind, Int) and isinstance(value, str) and value.isdigit():
        return int(value)
    if isinstance(collection.kind, Uuid | Code | Made) and isinstance(value, int):
        return str(value)
    return collection.kind.of({collection.kind.fields[0]: value}) if isinstance(collection.kind, Natural) else value


def _scope(call: ActiveCall, plain: Plain) -> dict[str, Any]:
    """What the rows inside a parent hold, where the call names the parent."""
    within = plain.within
    if within is None or not within.parameter:
        return {}
    key = _parent_key(call, within)
    owner = _as_key(call.vendor.collections[within.parent], key)
    call.tx.get(within.parent, owner)
    if within.whole:
        call.tx.update(within.parent, key, {})
    return {within.field: key if isinstance(owner, tuple) else owner}


def _is_outside(call: ActiveCall, row: Row, scope: Mapping[str, Any]) -> bool:
    """Whether a row is inside of another parent; under the setting `loose_parents` one that names none is in each."""
    loose = call.settings.get("loose_parents")
    return any(row.get(name) != value and not (loose and row.get(name) is None) for name, value in scope.items())


def _rows_inside(call: ActiveCall, collection: Collection, scope: Mapping[str, Any]) -> Sequence[Row]:
    rows = call.tx.rows(collection.name, **scope)
    loose = scope and call.settings.get("loose_parents")
    nowhere = call.tx.rows(collection.name, **dict.fromkeys(scope)) if loose else ()
    return [*rows, *nowhere] if nowhere else rows


def _parent_key(call: ActiveCall, within: Within) -> Any:
    place, _, name = within.parameter.rpartition(":")
    value = _value_at(call, place or "path", name, call.body)
    named = (row for row in call.tx.rows(within.parent) if within.by and str(row.get(within.by)) == str(value))
    row = next(named, None)
    if row is None:
        return value
    key: Any = call.vendor.collections[within.parent].key_of(row)
    parts: list[Any] = [*key] if isinstance(key, tuple) else [key]
    return parts[-1]


def _row_at(call: ActiveCall, plain: Plain, collection: Collection, body: Any) -> tuple[Key, Row]:
    """The row that a write is of, with its key; it must be inside the parent that the call names.

    Raises:
        Problem: `not_found`, or `forbidden` where the caller may not change the parent.
    """
    scope = _scope(call, plain)
    key = _key(call, plain, collection, body)
    row = call.tx.get(collection.name, key)
    for name, value in scope.items():
        if _is_outside(call, row, {name: value}):
            raise Problem("not_found", f"there is no record with that key in {collection.name} where {name} is {value}")
    if plain.within and plain.within.whole and not scope:
        call.tx.update(plain.within.parent, row[plain.within.field], {})
    return key, row


def _owner_kept(call: ActiveCall, plain: Plain, row: Row) -> dict[str, Any]:
    """The parent of a row whose path names it: under the setting `loose_parents` no body moves the row elsewhere."""
    within = plain.within
    if within is None or not within.parameter or not call.settings.get("loose_parents"):
        return {}
    return {within.field: row.get(within.field)}


def _with_parts(call: ActiveCall, plain: Plain, collection: Collection, row: Row) -> dict[str, Any]:
    """A record with its parts: those that the operation or the call names, and null for the others."""
    shown = show(call.tx, collection, row)
    if not collection.parts:
        return shown
    asked: Sequence[str] = call.query.get(call.dialect.include, ()) if call.dialect.include else ()
    if call.dialect.include_rule and not plain.parts:
        call.rule(call.dialect.include_rule)
    parts = {
        name: part.shown(call.tx, row) for name, part in collection.parts.items() if name in (*plain.parts, *asked)
    }
    return {**dict.fromkeys(collection.parts), **shown, **parts}


def _shown(call: ActiveCall, plain: Plain, collection: Collection, row: Row, status: int | None = None) -> Answer:
    if plain.within and plain.within.whole:
        collection = call.vendor.collections[plain.within.parent]
        row = call.tx.get(collection.name, row[plain.within.field])
    shown = _with_parts(call, plain, collection, row)
    return plain.shape(call, shown) if plain.shape else call.one(plain.one, shown, status)


def _written(call: ActiveCall, write: Callable[[Mapping[str, Any]], Row]) -> list[Row]:
    """The rows of one record or an array of them, written in order."""
    plain, _ = _plain(call)
    if plain.write and plain.verb != "create":
        _scope(call, plain)
    given: Any = {} if call.body is ABSENT or isinstance(call.body, bytes) else call.body
    bodies: Sequence[Any] = given if is_array(given) else [given if is_object(given) else {}]  # a text says no field
    rows: list[Row] = []
    for body in bodies:
        try:
            rows.append(plain.write(call, body) if plain.write else write(body))
        except Problem as problem:
            if len(bodies) > 1:
                problem.message = f"record {len(rows) + 1} of {len(bodies)}: {problem.message}"
            raise
        if plain.keeps_earlier:
            call.tx.commit()
    return rows


def _values(call: ActiveCall, body: Mapping[str, Any], *, changing: bool = False) -> Mapping[str, Any]:
    """What is stored of a body."""
    plain, collection = _plain(call)
    return plain.values(call, body) if plain.values else call.values(collection.name, body, changing=changing)


def _each(call: ActiveCall, write: Callable[[Mapping[str, Any]], Row]) -> Answer:
    """Write one record or an array of them, in order; the response has the same form as the body."""
    return _answered(call, _written(call, write))


def _answered(call: ActiveCall, rows: Sequence[Row]) -> Answer:
    """The response that shows what was written: one record, or an array where the body was one."""
    plain, collection = _plain(call)
    if not is_array(call.body):
        return _shown(call, plain, collection, rows[0])
    shown = [show(call.tx, collection, row) for row in rows]
    return plain.shape(call, shown) if plain.shape else call.many(plain.many, shown)


def _create(call: ActiveCall) -> Answer:
    plain, collection = _plain(call)
    scope = _scope(call, plain)

    def write(body: Mapping[str, Any]) -> Row:
        return call.tx.create(collection.name, {**_values(call, body), **scope})

    made = _written(call, write)
    answer = _answered(call, made)
    found = call.operation.response(answer.status)
    if len(made) == 1 and found and "Location" in found[0].get("headers", {}):
        place = f"{call.request.path.rstrip('/')}/{quote(str(collection.key_of(made[0])), safe='')}"
        parts = place.split("/")[1:]
        ends = (f"/{'/'.join(parts[start:])}" for start in range(len(parts)))  # some documents leave the start out
        for said in [each for each in ends if header_fits(call.operation, answer.status, "Location", each)][:1]:
            answer.headers.set("Location", said)
    return answer


def _get(call: ActiveCall) -> Answer:
    plain, collection = _plain(call)
    scope = _scope(call, plain)
    row = plain.find(call) if plain.find else call.tx.read(collection.name, _key(call, plain, collection, call.body))
    if row is None or _is_outside(call, row, scope):
        raise Problem("not_found", f"there is no record with that key in {collection.name}")
    return _shown(call, plain, collection, row)


def _list(call: ActiveCall) -> Answer:
    plain, collection = _plain(call)
    if plain.source:
        rows = plain.source(call)
    elif plain.within and plain.within.part:
        parent = call.vendor.collections[plain.within.parent]
        rows = parent.parts[plain.within.part].rows(call.tx, call.tx.get(parent.name, _parent_key(call, plain.within)))
    else:
        rows = _rows_inside(call, collection, _scope(call, plain))
    return _listed(call, plain, rows)


def _update(call: ActiveCall) -> Answer:
    plain, collection = _plain(call)

    def write(body: Mapping[str, Any]) -> Row:
        key, row = _row_at(call, plain, collection, body)
        values = {**_values(call, body, changing=True), **_owner_kept(call, plain, row)}
        return call.tx.update(collection.name, key, values)

    return _each(call, write)


def _replace(call: ActiveCall) -> Answer:
    plain, collection = _plain(call)

    def write(body: Mapping[str, Any]) -> Row:
        key, row = _row_at(call, plain, collection, body)
        values = {**_values(call, body, changing=True), **_owner_kept(call, plain, row)}
        return call.tx.replace(collection.name, key, values)

    return _each(call, write)


def _upsert(call: ActiveCall) -> Answer:
    _, collection = _plain(call)
    return _each(call, lambda body: call.tx.upsert(collection.name, _values(call, body))[0])


def _delete(call: ActiveCall) -> Answer:
    plain, collection = _plain(call)

    def remove(body: Mapping[str, Any]) -> Row:
        return call.tx.delete(collection.name, _row_at(call, plain, collection, body)[0])

    if call.operation.success_status == 204:
        _written(call, remove)
        return call.answer()
    return _each(call, remove)


def _restore(call: ActiveCall) -> Answer:
    plain, collection = _plain(call)
    row = call.tx.restore(collection.name, _key(call, plain, collection, call.body))
    return _shown(call, plain, collection, row)


def _add(call: ActiveCall) -> Answer:
    return _members(call, lambda old, given: [*old, *given])


def _remove(call: ActiveCall) -> Answer:
    return _members(call, lambda old, given: [each for each in old if each not in given])


def _members(call: ActiveCall, change: Callable[[Sequence[Any], Sequence[Any]], Sequence[Any]]) -> Answer:
    """Change which values a list field holds; the given ones must be such as the field may hold."""
    plain, collection = _plain(call)
    key, row = _row_at(call, plain, collection, {})
    call.tx.update(collection.name, key, {})
    given: Sequence[Any] = call.body if is_array(call.body) else [call.body]
    for choice in collection.choices:
        if choice.field == plain.field:
            given = choice.checked(call.tx, given, collection.spoken(plain.field))
    values = list(dict.fromkeys(change(row[plain.field], given)))
    return _shown(call, plain, collection, call.tx.update(collection.name, key, {plain.field: values}))


VERBS: Mapping[Verb, Callable[[ActiveCall], Answer]] = {
    "create": _create,
    "get": _get,
    "list": _list,
    "update": _update,
    "replace": _replace,
    "upsert": _upsert,
    "delete": _delete,
    "restore": _restore,
    "add": _add,
    "remove": _remove,
}
