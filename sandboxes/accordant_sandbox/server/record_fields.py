"""The fields of a kind of record as a test may name them, and the values that they may have.

A misspelt field or value would make a test prove nothing: what is stored under it is never shown, and a search finds
no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from accordant_sandbox.derive.kinds import RecordKind, kinds_of
from accordant_sandbox.derive.names import snake
from accordant_sandbox.errors import SandboxError, unknown
from accordant_sandbox.http.document import Document
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.model.collections import Collection, Natural
from accordant_sandbox.model.vendor import Vendor

__all__ = ["RecordFields"]

_DEEPEST = 8
"""Schemas in one another that may lead to the list of a field's values."""


class RecordFields:
    """The fields of a vendor's kinds of record."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._kinds: dict[str, RecordKind] | None = None

    def stored(self, collection: str, values: Mapping[str, Any], seen: Iterable[str]) -> dict[str, Any]:
        """The values under the names that rows have; ``event_name`` and ``eventName`` are `EventName` as well.

        seen: Names that rows of the collection have beside those that the document and the vendor's package name.

        Raises:
            SandboxError: A field that does not exist, or a value that is none of those that the document lists for it.
        """
        if not values:
            return {}
        known = self._names(self._vendor.collections[collection]) | set(seen)
        spelt = {snake(name): name for name in sorted(known)}
        found: dict[str, Any] = {}
        for name, value in values.items():
            field = name if name in known or name.startswith("_") else spelt.get(snake(name))
            if field is None:
                raise unknown(f"field of {collection}", name, known)
            if field in found:
                raise SandboxError(f"{collection}: {field} is given twice, as {name!r} too")
            self._check_value(collection, field, value)
            found[field] = value
        return found

    def _names(self, collection: Collection) -> set[str]:
        names = {*collection.fields, *collection.later, *collection.defaults, *collection.gained, *collection.stamps}
        names |= {*collection.instants, *collection.names.values()}
        names |= {each for group in collection.unique for each in group}
        names |= set(collection.kind.fields) if isinstance(collection.kind, Natural) else {collection.key}
        for ref in collection.refs:
            names |= {ref.field, *ref.fields}
        if collection.lifecycle:
            names.add(collection.lifecycle.field)
        kind = self._kind(collection.name)
        return names if kind is None else names | kind.shown.keys() | kind.written.keys()

    def _kind(self, collection: str) -> RecordKind | None:
        if self._kinds is None:
            self._kinds = {kind.name: kind for kind in kinds_of(self._vendor.document).values()}
        return self._kinds.get(collection)

    def _check_value(self, collection: str, field: str, value: Any) -> None:
        kind = self._kind(collection)
        if kind is None or not isinstance(value, str):
            return
        listed = list(_listed(self._vendor.document, {**kind.written, **kind.shown}.get(field)))
        if listed and value not in listed:
            texts = [each for each in listed if isinstance(each, str)]
            raise unknown(f"value of {field} of {collection}", value, texts)


def _listed(document: Document, node: Any, deep: int = 0) -> Iterator[Any]:
    """The values that a schema lists; none where any may be."""
    if not is_object(node) or deep > _DEEPEST:
        return
    node = document.schemas.deref(node)
    if is_array(node.get("enum")):
        yield from node["enum"]
    for word in ("allOf", "anyOf", "oneOf"):
        parts = node.get(word)
        if is_array(parts):
            lists = [list(_listed(document, part, deep + 1)) for part in parts]
            open_ones = [part for part, found in zip(parts, lists, strict=True) if not found and not _is_null(part)]
            if word == "allOf" or not open_ones:
                for found in lists:
                    yield from found


def _is_null(node: Any) -> bool:
    return is_object(node) and node.get("type") == "null"
