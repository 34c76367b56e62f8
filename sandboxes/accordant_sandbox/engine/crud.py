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
from accordant_sandbox.http.json_types import is_array
from accordant_sandbox.model.collections import Code, Collection, Int, Made, Natural, Uuid, show
from accordant_sandbox.model.operations import Plain, Verb
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
        window = plain.paging.window(call.query, len(found), call.settings)
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
    source = call.path if place == "path" else call.query if place == "query" else body
    value = source.get(name)
    if value is None and place == "body":
        raise Problem("invalid", f"{name} is required", details=[(name, f"{name} is required")])
    if plain.by:
        found = next((row for row in call.tx.rows(collection.name) if str(row.get(plain.by)) == str(value)), None)
        return _as_key(collection, value) if found is None else collection.key_of(found)
    return _as_key(collection, value)


def _as_key(collection: Collection, value: Any) -> Key:
    """The key that one value means, where a natural key has one field; in the type that the collection's keys have."""
    if isinstance(collection.kind, Int) and isinstance(value, str) and value.isdigit():
        return int(value)
    if isinstance(collection.kind, Uuid | Code | Made) and isinstance(value, int):
        return str(value)
    return collection.kind.of({collection.kind.fields[0]: value}) if isinstance(collection.kind, Natural) else value


def _scope(call: ActiveCall, plain: Plain) -> dict[str, Any]:
    if plain.within is None:
        return {}
    key = call.path[plain.within.parameter]
    owner = _as_key(call.vendor.collections[plain.within.parent], key)
    call.tx.get(plain.within.parent, owner)
    return {plain.within.field: key if isinstance(owner, tuple) else owner}


def _shown(call: ActiveCall, plain: Plain, collection: Collection, row: Row, status: int | None = None) -> Answer:
    shown = show(call.tx, collection, row)
    return plain.shape(call, shown) if plain.shape else call.one(plain.one, shown, status)


def _written(call: ActiveCall, write: Callable[[Mapping[str, Any]], Row]) -> list[Row]:
    """The rows of one record or an array of them, written in order."""
    plain, _ = _plain(call)
    given: Any = {} if call.body is ABSENT or isinstance(call.body, bytes) else call.body
    bodies: Sequence[Any] = given if is_array(given) else [given]
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
        return call.tx.create(collection.name, {**call.values(collection.name, body), **scope})

    made = _written(call, write)
    answer = _answered(call, made)
    found = call.operation.response(answer.status)
    if len(made) == 1 and found and "Location" in found[0].get("headers", {}):
        key = quote(str(collection.key_of(made[0])), safe="")
        answer.headers.set("Location", f"{call.request.path}/{key}")
    return answer


def _get(call: ActiveCall) -> Answer:
    plain, collection = _plain(call)
    scope = _scope(call, plain)
    row = plain.find(call) if plain.find else call.tx.read(collection.name, _key(call, plain, collection, call.body))
    if row is None or any(row.get(name) != value for name, value in scope.items()):
        raise Problem("not_found", f"there is no record with that key in {collection.name}")
    return _shown(call, plain, collection, row)


def _list(call: ActiveCall) -> Answer:
    plain, collection = _plain(call)
    rows = plain.source(call) if plain.source else call.tx.rows(collection.name, **_scope(call, plain))
    return _listed(call, plain, rows)


def _update(call: ActiveCall) -> Answer:
    plain, collection = _plain(call)

    def write(body: Mapping[str, Any]) -> Row:
        key = _key(call, plain, collection, body)
        call.tx.get(collection.name, key)
        return call.tx.update(collection.name, key, call.values(collection.name, body, changing=True))

    return _each(call, write)


def _replace(call: ActiveCall) -> Answer:
    plain, collection = _plain(call)

    def write(body: Mapping[str, Any]) -> Row:
        key = _key(call, plain, collection, body)
        call.tx.get(collection.name, key)
        return call.tx.replace(collection.name, key, call.values(collection.name, body, changing=True))

    return _each(call, write)


def _upsert(call: ActiveCall) -> Answer:
    _, collection = _plain(call)
    return _each(call, lambda body: call.tx.upsert(collection.name, call.values(collection.name, body))[0])


def _delete(call: ActiveCall) -> Answer:
    plain, collection = _plain(call)
    scope = _scope(call, plain)

    def remove(body: Mapping[str, Any]) -> Row:
        key = _key(call, plain, collection, body)
        row = call.tx.get(collection.name, key)
        if any(row.get(name) != value for name, value in scope.items()):
            raise Problem("not_found", f"there is no record with that key in {collection.name}")
        return call.tx.delete(collection.name, key)

    if call.operation.success_status == 204:
        _written(call, remove)
        return call.answer()
    return _each(call, remove)


def _restore(call: ActiveCall) -> Answer:
    plain, collection = _plain(call)
    row = call.tx.restore(collection.name, _key(call, plain, collection, call.body))
    return _shown(call, plain, collection, row)


VERBS: Mapping[Verb, Callable[[ActiveCall], Answer]] = {
    "create": _create,
    "get": _get,
    "list": _list,
    "update": _update,
    "replace": _replace,
    "upsert": _upsert,
    "delete": _delete,
    "restore": _restore,
}
