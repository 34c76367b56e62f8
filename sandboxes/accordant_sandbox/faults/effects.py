"""What faults do with calls, responses and stored rows."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import orjson

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.engine.tables import Table
from accordant_sandbox.faults.applicability import key_field, plain_of
from accordant_sandbox.faults.document_fields import JSON, body_fields, place, records
from accordant_sandbox.http.exchange import ABSENT, Answer
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.model.collections import Collection, Natural
from accordant_sandbox.model.problems import Kind, Problem
from accordant_sandbox.ports import Key, Row

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation

__all__ = [
    "Tables",
    "added",
    "addressed",
    "body_schema",
    "breaks_schema",
    "changed",
    "good",
    "main_collection",
    "own",
    "put_back",
    "put_row",
    "refuse",
    "replace_container",
    "sent_body",
    "tables",
    "twin",
    "valid_part",
]

Tables: TypeAlias = Mapping[str, Table]


def good(call: ActiveCall, answer: Answer) -> bool:
    """Whether the call succeeded."""
    return call.problem is None and answer.status < 400


def own(answer: Answer) -> Answer:
    """The response with a separate body, which shares nothing with stored rows."""
    if answer.body is not ABSENT:
        answer.body = copy.deepcopy(answer.body)
    return answer


def refuse(
    call: ActiveCall, kind: Kind, message: str, status: int | None = None, retry_after: int | None = None
) -> Answer:
    """A refusal in the vendor's own form, under another status where one is given."""
    answer = call.dialect.problem(Problem(kind, message, retry_after=retry_after), call, call.request)
    if status is not None:
        answer.status = status
    return answer


def breaks_schema(operation: Operation, answer: Answer) -> bool:
    """Whether the response's JSON body breaks the schema documented for its status."""
    found = operation.response(answer.status)
    if found is None or "schema" not in found[0].get("content", {}).get(JSON, {}):
        return False
    pointer = f"{found[1]}/content/application~1json/schema"
    return not operation.document.schemas.is_valid(pointer, answer.body)


def replace_container(operation: Operation, answer: Answer, change: Callable[[Any], Any]) -> Answer | None:
    """The response with its record, or its list of records, replaced by what `change` makes of it."""
    where = place(operation)
    if where is None:
        return None
    parent, name = None, ""
    value = answer.body
    for part in where.path:
        if is_object(value) and part in value:
            parent, name, value = value, part, value[part]
    if parent is None:
        answer.body = change(value)
    else:
        parent[name] = change(value)
    return answer


# Bodies


def sent_body(call: ActiveCall) -> Any:
    """The JSON body as it was sent, valid or not; `ABSENT` when it is no JSON."""
    try:
        return orjson.loads(call.request.body)
    except orjson.JSONDecodeError:
        return ABSENT


def body_schema(operation: Operation) -> str | None:
    """The pointer of the JSON body's schema."""
    return operation.body_content.get(JSON)


def valid_part(operation: Operation, body: Mapping[str, Any]) -> dict[str, Any]:
    """The documented fields of a body whose values fit their own schemas."""
    schemas = operation.document.schemas
    return {
        field.name: body[field.name]
        for field in body_fields(operation)
        if field.name in body and schemas.is_valid(field.pointer, body[field.name])
    }


# Rows


def tables(call: ActiveCall) -> Tables:
    """Every stored table, as it is at this moment: tables are replaced by writes, never changed."""
    return call.tables


def changed(before: Tables, after: Tables) -> list[str]:
    """The vendor's collections that differ."""
    return [name for name, rows in after.items() if not name.startswith("_") and rows is not before.get(name, _NOTHING)]


def added(before: Tables, after: Tables, name: str) -> list[Key]:
    """The keys that a collection has gained."""
    old = before.get(name, _NOTHING)
    return [key for key in after.get(name, _NOTHING) if key not in old]


def put_back(call: ActiveCall, before: Tables, names: Iterable[str]) -> None:
    """Undo what happened to some collections."""
    call.tables = {**call.tables, **{name: before.get(name, _NOTHING) for name in names}}


def put_row(call: ActiveCall, collection: Collection, key: Key, row: Row | None) -> None:
    """Store a row under a key, or with None remove what is there; no rule of the collection is asked."""
    table = Table.of(call.tables.get(collection.name, _NOTHING))
    call.tables = {**call.tables, collection.name: table.without(key) if row is None else table.put(key, row)}


def addressed(call: ActiveCall) -> tuple[Key, Row] | None:
    """The row that the request names in its path, query or body, whoever asks; its key and itself."""
    if call.plain is None:
        return None
    place_of_key, _, name = call.plain.key.partition(":")
    body = sent_body(call)
    kind = call.vendor.collections[call.plain.collection].kind
    if isinstance(kind, Natural) and not call.path and not name and is_object(body):
        given = {each.casefold(): value for each, value in body.items()}
        key = kind.of({each: given.get(each.casefold()) for each in kind.fields})
        row = tables(call).get(call.plain.collection, _NOTHING).get(key)
        return None if row is None else (key, row)
    if place_of_key == "query":
        named = [value for each, value in call.request.query if each.casefold() == name.casefold()]
    elif place_of_key == "body" or not call.path:
        found = {each.casefold(): value for each, value in body.items()} if is_object(body) else {}
        named = [str(found[name.casefold()])] if name.casefold() in found else []
    else:
        named = [str(call.path[name] if name in call.path else next(reversed(call.path.values())))]
    rows = tables(call).get(call.plain.collection, _NOTHING)
    return next(((key, row) for key, row in rows.items() if named and str(key) == named[-1]), None)


def twin(call: ActiveCall, collection: Collection, row: Row) -> Row:
    """Store a copy of a row under a new key, and return it."""
    tx = call.silent_transaction()
    if isinstance(collection.kind, Natural):
        number = tx.next(f"twin.{collection.name}")
        tx.commit()
        put_row(call, collection, (*collection.key_of(row), number), row)
        return row
    copied = {**row, collection.key: collection.new_key(tx.next(collection.name), tx.random)}
    tx.commit()
    put_row(call, collection, copied[collection.key], copied)
    return copied


def main_collection(call: ActiveCall, answer: Answer, before: Tables) -> Collection | None:
    """The collection that a write was about: the plain operation's, else the changed one that holds its response."""
    plain = plain_of(call.operation, call.vendor)
    if plain is not None:
        return call.vendor.collections[plain.collection]
    after = tables(call)
    field = key_field(call.operation)
    shown = [record.get(field) for record in records(call.operation, answer.body)] if field else []
    for name in changed(before, after):
        if any(key in after[name] for key in shown if isinstance(key, int | str)):
            return call.vendor.collections[name]
    return None


_NOTHING: Final = Table()
