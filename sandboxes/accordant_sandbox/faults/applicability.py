"""Where faults apply: questions about an operation and its vendor, decided from document and dialect alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from accordant_sandbox.faults.document_fields import Field, Place, body_fields, json_errors, place
from accordant_sandbox.faults.registry import Applies
from accordant_sandbox.http.document import Operation
from accordant_sandbox.model.operations import Plain
from accordant_sandbox.model.query import Filter
from accordant_sandbox.model.vendor import Vendor

__all__ = [
    "WRITES",
    "anywhere",
    "both",
    "changes",
    "countable",
    "creates",
    "cuts_short",
    "every_list",
    "filters_of",
    "has_body",
    "has_errors",
    "json_success",
    "key_field",
    "list_with",
    "lists_pages",
    "one_with",
    "paging_value",
    "plain_of",
    "readable",
    "removes",
    "secured",
    "sibling",
    "token_operation",
    "writes",
]

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})

_entities: WeakKeyDictionary[Vendor, dict[str | None, list[Operation]]] = WeakKeyDictionary()


def both(*conditions: Applies) -> Applies:
    """Where all of the conditions hold."""
    return lambda operation, vendor: all(each(operation, vendor) for each in conditions)


def secured(operation: Operation, _: Vendor) -> bool:
    """Operations that need a credential."""
    return operation.secured


def writes(operation: Operation, _: Vendor) -> bool:
    """Secured operations that change something."""
    return operation.method in WRITES and operation.secured


def json_success(operation: Operation, _: Vendor) -> bool:
    """Operations whose success has a JSON body."""
    return place(operation) is not None


def has_errors(operation: Operation, _: Vendor) -> bool:
    """Operations with a documented JSON error."""
    return bool(json_errors(operation))


def has_body(want: Callable[[Field], bool]) -> Applies:
    """Operations whose JSON body has a suitable field."""
    return lambda operation, _: any(map(want, body_fields(operation)))


def one_with(want: Callable[[Field], bool]) -> Applies:
    """Operations that return one record with a suitable field."""

    def applies(operation: Operation, _: Vendor) -> bool:
        where = place(operation)
        return where is not None and not where.many and any(map(want, where.fields))

    return applies


def list_with(want: Callable[[Field], bool]) -> Applies:
    """Operations that return a list of records with a suitable field."""

    def applies(operation: Operation, _: Vendor) -> bool:
        where = place(operation)
        return where is not None and where.many and any(map(want, where.fields))

    return applies


def anywhere(want: Callable[[Field], bool]) -> Applies:
    """Secured operations that return one record or a list of records with a suitable field.

    Operations without a credential are left alone: they hand out tokens, and who has none meets no other fault.
    """
    one, many = one_with(want), list_with(want)
    return lambda operation, vendor: operation.secured and (one(operation, vendor) or many(operation, vendor))


def every_list(operation: Operation, _: Vendor) -> bool:
    """Operations that return a list."""
    where = place(operation)
    return where is not None and where.many


def plain_of(operation: Operation, vendor: Vendor) -> Plain | None:
    """How the vendor package serves the operation, where it is a plain one."""
    served = vendor.operations.served.get(operation.id)
    return served.plain if served else None


def filters_of(operation: Operation, vendor: Vendor) -> Mapping[str, Filter]:
    """The filters of a plain list, by parameter name."""
    plain = plain_of(operation, vendor)
    return plain.filters if plain is not None and plain.verb == "list" else {}


def lists_pages(operation: Operation, vendor: Vendor) -> bool:
    """Lists that are documented and served in pages which a client can walk."""
    plain = plain_of(operation, vendor)
    paging = operation.pagination
    return paging is not None and paging.get("style") in ("offset", "page") and bool(plain and plain.paging)


def cuts_short(operation: Operation, vendor: Vendor) -> bool:
    """Lists that are documented and served with a most of rows, whether further pages follow or not."""
    plain = plain_of(operation, vendor)
    return operation.pagination is not None and bool(plain and plain.paging)


def paging_value(operation: Operation, name: str) -> str | None:
    """What the document says about paging under a name (`limit`, `offset`, `page`, `total`...)."""
    value = (operation.pagination or {}).get(name)
    return value if isinstance(value, str) and value else None


def key_field(operation: Operation) -> str | None:
    """The response's field that identifies a record."""
    key: Mapping[str, Any] = operation.data.get("x-accordant-key") or {}
    field = key.get("field", "id")
    where: Place | None = place(operation)
    return field if isinstance(field, str) and where is not None and where.field(field) else None


def sibling(operation: Operation, vendor: Vendor, *actions: str) -> Operation | None:
    """The served operation that does one of these actions to the same entity."""
    entity = operation.entity
    if entity is None:
        return None
    return next((other for other in _by_entity(vendor).get(entity, ()) if other.action in actions), None)


def _by_entity(vendor: Vendor) -> dict[str | None, list[Operation]]:
    """The served operations in document order, by entity; every fault asks about every operation."""
    found = _entities.get(vendor)
    if found is None:
        found = _entities[vendor] = {}
        for operation in vendor.document.operations.values():
            if operation.id in vendor.operations.served:
                found.setdefault(operation.entity, []).append(operation)
    return found


def readable(operation: Operation, vendor: Vendor) -> bool:
    """Whether the entity's records can be read one by one."""
    reader = sibling(operation, vendor, "get")
    return reader is not None and place(reader) is not None


def countable(operation: Operation, vendor: Vendor) -> bool:
    """Whether the entity's records can be counted: a list with a total, or one without pages."""
    lister = sibling(operation, vendor, "list")
    if lister is None or place(lister) is None:
        return False
    return lister.pagination is None or paging_value(lister, "total") is not None


def creates(operation: Operation, _: Vendor) -> bool:
    """Creations that return the new record."""
    return operation.action == "create" and operation.secured and place(operation) is not None


def changes(operation: Operation, _: Vendor) -> bool:
    """Changes of one record, partial or whole."""
    return operation.action in ("update", "replace") and operation.secured


def removes(operation: Operation, _: Vendor) -> bool:
    """Deletions."""
    return operation.action == "delete" and operation.secured


def token_operation(operation: Operation, _: Vendor) -> bool:
    """Open operations that return a token: as a field of that name, or as the whole response."""
    where = place(operation)
    if operation.secured or where is None or where.many:
        return False
    text = frozenset({"string"})
    schema = operation.answer_schema() or {}
    whole = schema.get("type") == "string" and "token" in operation.path.lower()
    return whole or any("token" in field.name.lower() and field.types == text for field in where.fields)
