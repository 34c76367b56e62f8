"""The records that a sandbox of ours begins with, where its vendor is described by a document alone.

Many kinds of its records are neither listed nor made by any operation. Whoever tests the vendor itself has
some ids of theirs; those of our own sandbox are read here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import evolve, field, frozen

from accordant_runtime import is_object
from accordant_sandbox import Sandbox
from accordant_sandbox.model.operations import Plain, Within

from ..document.document import Document, Operation

_DEEPEST: Final = 3
"""How deep records are looked for inside of one another."""


@frozen
class HeldRecord:
    """One record: kind, id and fields, the path arguments that lead to it, and what it is inside of by kind."""

    entity: str
    key: Any
    value: Mapping[str, Any] = field(repr=False)
    context: Mapping[str, Any] = field(factory=dict[str, Any])
    within: Mapping[str, Any] = field(factory=dict[str, Any])


def held(sandbox: Sandbox, document: Document) -> tuple[HeldRecord, ...]:
    """What the tables of a sandbox hold, by the kinds of record that operations name."""
    found: dict[tuple[str, str], HeldRecord] = {}
    for operation in document.operations.values():
        if operation.action in ("get", "update", "replace", "delete") and operation.key.name:
            for record in _of(sandbox, operation, _shown(document, operation)):
                known = found.setdefault((record.entity, str(record.key)), record)
                found[record.entity, str(record.key)] = evolve(
                    known,
                    context={**record.context, **known.context},
                    within={**record.within, **known.within},
                )
    for _ in range(_DEEPEST):
        found = {name: _with_whole(record, found) for name, record in found.items()}
    return tuple(found.values())


def _with_whole(record: HeldRecord, known: Mapping[tuple[str, str], HeldRecord]) -> HeldRecord:
    """A record with what leads to those that it is inside of."""
    wholes = [known[kind, str(key)] for kind, key in record.within.items() if (kind, str(key)) in known]
    context = {name: value for each in wholes for name, value in each.context.items()}
    within = {kind: key for each in wholes for kind, key in each.within.items()}
    return evolve(record, context={**context, **record.context}, within={**within, **record.within})


def _shown(document: Document, operation: Operation) -> frozenset[str]:
    """The fields that responses show of a kind of record; empty where one of them may show others."""
    readers = document.of(operation.entity, "get", "list", "create")
    schemas = [each.record_schema for each in readers if each.record_schema is not None]
    names = [frozenset(document.schemas.properties(each)) for each in schemas]
    is_open = any(each.get("additionalProperties") for each in schemas) or not all(names)
    return frozenset() if is_open or not names else frozenset[str]().union(*names)


def _of(sandbox: Sandbox, operation: Operation, shown: frozenset[str]) -> Iterator[HeldRecord]:
    served = sandbox.vendor.operations.served.get(operation.id)
    plain = served.plain if served is not None else None
    if plain is None:
        return
    table: Mapping[Any, Any] = sandbox.engine.state.tables.get(plain.collection, {})
    for key, row in table.items():
        if not is_object(row):
            continue
        context = {plain.within.parameter: _owner(sandbox, plain.within, row)} if plain.within is not None else {}
        kinds = {parameter.name: parameter.reference for parameter in operation.parameters}
        within = {kind: value for each, value in context.items() if (kind := kinds.get(each))}
        if None not in context.values():
            known = {*shown, operation.key.field} if shown else row.keys()
            value = {name: each for name, each in row.items() if name in known}
            yield HeldRecord(operation.entity, _called(operation, plain, key, row), value, context, within)


def _called(operation: Operation, plain: Plain, key: Any, row: Mapping[str, Any]) -> Any:
    """What the path of an operation calls a record: its key, the last part of one, or the field that it asks by."""
    parts = row.get(operation.key.field or "", key) if isinstance(key, tuple) else key
    return row.get(plain.by, parts) if plain.by else parts


def _owner(sandbox: Sandbox, within: Within, row: Mapping[str, Any]) -> Any:
    """What a path calls the record that a row is inside of."""
    key = row.get(within.field)
    owners: Mapping[Any, Any] = sandbox.engine.state.tables.get(within.parent, {})
    owner: Any = owners.get(key) if within.by else None
    return owner.get(within.by, key) if is_object(owner) else key
