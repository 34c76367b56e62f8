"""Which of the records that are known a request may name, and what a request says of the records that it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from accordant_runtime import is_object

from ..document.document import Operation
from ..document.policy import Choice
from ..document.values import ABSENT, Exchange
from .record import Record


@frozen
class Filling:
    """A request that is being filled: the operation, the record that it is about, the ids in it so far by kind."""

    operation: Operation
    subject: Record | None = None
    named: dict[str, Any] = field(factory=dict[str, Any])


def fits(record: Record, filling: Filling | None, choices: Iterable[Choice]) -> bool:
    """Whether a request may name a record: a part of one that it names already, and one that the vendor takes there."""
    if filling is None:
        return True
    if any(filling.named.get(kind, key) != key for kind, key in record.within.items()):
        return False
    return all(each.admits(record.value) for each in choices if each.concerns(filling.operation.id, record.entity))


def within(operation: Operation, exchange: Exchange) -> dict[str, Any]:
    """The records, by kind, within which an exchange showed others: those that its parameters name."""
    given = exchange.arguments.given
    kinds = [(each.reference, each.name) for each in operation.parameters if each.required and each.reference]
    return {kind: given[name] for kind, name in kinds if kind and name in given and _kind(kind) != operation.entity}


def whole(
    operation: Operation, records: Mapping[str, Iterable[Record]], choices: Iterable[Choice], required: Iterable[str]
) -> Any:
    """The key of the record that has a part which the operation needs as well; ``ABSENT`` where none is known.

    ``required`` are properties of its body beside those that the document requires.
    """
    filling, taken = Filling(operation), tuple(choices)
    for kind in _needed(operation, required):
        for part in records.get(kind, ()):
            if operation.entity in part.within and fits(part, filling, taken):
                return part.within[operation.entity]
    return ABSENT


def unborn(operation: Operation) -> dict[str, Any]:
    """The properties of a creation's body that hold an id of the new record itself: nobody can send them."""
    if operation.action != "create" or operation.body_schema is None:
        return {}
    found: dict[str, Any] = {}
    required = operation.body_schema.get("required", ())
    for name, part in operation.schemas.properties(operation.body_schema).items():
        kind, _, inner = str(part.get("x-accordant-reference", "")).partition(".")
        own = name == operation.key.field or (name not in required and plain(name) == plain(f"{kind}id"))
        if kind == operation.entity and (inner or own):
            found[name] = ABSENT
    return found


def plain(name: str) -> str:
    """A name without the marks between its words."""
    return name.replace("_", "").replace("-", "").casefold()


def under_its_key(operation: Operation, key: Any, body: Any) -> Any:
    """A change's body, which calls the record that the path names by no other key."""
    name = operation.key.field
    renames = operation.key.place == "path" and operation.action in ("update", "replace") and is_object(body)
    if not renames or name is None or type(body.get(name)) is not type(key):
        return body
    return {**body, name: key}


def removed(operation: Operation, given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Kind and key of the parts that an operation on a record, called with these parameters, removed from it."""
    if operation.method == "DELETE" and operation.action == "custom":
        for parameter in operation.parameters:
            kind = parameter.reference or ""
            around = parameter.where == "path" and not operation.path.rstrip("/").endswith(f"{{{parameter.name}}}")
            if parameter.required and not around and kind and _kind(kind) != operation.entity:
                yield kind, given.get(parameter.name)


def _needed(operation: Operation, required: Iterable[str]) -> Iterator[str]:
    """The kinds of record, other than its own, that an operation cannot do without."""
    found = [each.reference for each in operation.parameters if each.required]
    body = operation.body_schema
    if body is not None:
        parts = operation.schemas.properties(body)
        found += [parts.get(name, {}).get("x-accordant-reference") for name in (*body.get("required", ()), *required)]
    yield from (_kind(each) for each in found if each and _kind(each) != operation.entity)


def _kind(reference: str) -> str:
    return reference.partition(".")[0]
