"""A vendor of whom nothing but the document is known: everything is derived."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from accordant_sandbox.derive.completing import completed
from accordant_sandbox.derive.credentials import SchemeBook
from accordant_sandbox.derive.generic_dialect import generic_dialect
from accordant_sandbox.derive.names import snake
from accordant_sandbox.derive.rows import first_key
from accordant_sandbox.derive.shapes import Shapes
from accordant_sandbox.derive.tables import Tables
from accordant_sandbox.derive.token_endpoints import token_handler, token_operations, token_pages
from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.document import Document
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.model.collections import Collection
from accordant_sandbox.model.factories import make_row
from accordant_sandbox.model.operations import Operations, Served
from accordant_sandbox.model.own_collections import CLIENTS, OWN_COLLECTIONS
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.rules import RuleBook
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.ports import Tx

__all__ = ["vendor_from", "vendor_of"]

_ROWS = 6
"""Records of each kind in the data set `default`."""
_EACH = 3
"""Records beyond that for each further operation that deletes them."""


def vendor_from(source: Mapping[str, Any] | str | Path, name: str | None = None) -> Vendor:
    """A vendor out of an effective document: the document as data, or the file that holds it.

    Args:
        source: The document (OpenAPI 3.1, JSON), or where it is.
        name: The vendor's name; by default that of the file, else the document's title.

    Raises:
        SandboxError: The file cannot be read, or is no such document.
    """
    data = source if isinstance(source, Mapping) else _read(Path(source))
    title = data.get("info", {}).get("title") if is_object(data.get("info")) else None
    stem = "" if isinstance(source, Mapping) else Path(source).stem
    label = name or snake(stem or str(title or "")) or "vendor"
    return vendor_of(Document(label if re.match("[a-z]", label) else f"vendor_{label}", data, lenient=True))


def vendor_of(document: Document) -> Vendor:
    """The vendor that a document describes: its records, what one can do to them, and who may."""
    tables, book, shapes = Tables(document), SchemeBook(document), Shapes(document)
    gives = token_operations(document, book)
    stated = Operations.of(Served(each, token_handler(book, shapes), derived=True, grants=True) for each in gives)
    made = completed(
        Vendor(
            name=document.name,
            dialect=generic_dialect(shapes, book),
            collections={**OWN_COLLECTIONS, CLIENTS.name: CLIENTS},
            operations=stated,
            rules=RuleBook(()),
            seeds={"empty": book.fill},
            credentials={"default": book.credentials},
            document=document,
            pages=token_pages(document, book),
            partial=True,
        )
    )
    owners = {name: tables.owners(name) for name in tables.kept if name in made.collections}
    return replace(made, seeds={"empty": book.fill, "default": _seed(book, made, owners)})


def _seed(book: SchemeBook, vendor: Vendor, owners: Mapping[str, Mapping[str, str]]) -> Callable[[Tx], None]:
    """Some records of each kind; those that others refer to, or are inside of, come first."""
    order: list[str] = []

    def add(name: str, above: tuple[str, ...]) -> None:
        if name in above or name in order or name not in vendor.collections:
            return
        for other in (*owners.get(name, {}).values(), *(ref.collection for ref in vendor.collections[name].refs)):
            add(other, (*above, name))
        order.append(name)

    for each in owners:
        add(each, ())

    def default(tx: Tx) -> None:
        book.fill(tx)
        for name in order:
            for _ in range(_rows(vendor, name)):
                try:
                    make_row(tx, vendor.collections[name], {})
                except (Problem, SandboxError):
                    break  # a kind of record whose schema gives no row: it begins empty
        for name in order:
            _settle(tx, vendor.collections[name], owners.get(name, {}))

    return default


def _rows(vendor: Vendor, collection: str) -> int:
    """How many records a collection begins with: more, where several operations delete; what is made in one place
    cannot be deleted in each."""
    plains = [each.plain for each in vendor.operations.served.values() if each.plain is not None]
    deletions = [each.verb for each in plains if each.collection == collection].count("delete")
    return _ROWS + _EACH * max(0, deletions - 1)


def _settle(tx: Tx, collection: Collection, owners: Mapping[str, str]) -> None:
    """Give records an owner that was made after them."""
    for row in tx.rows(collection.name):
        missing = {name: owner for name, owner in owners.items() if row.get(name) is None}
        found = {name: first_key(tx, owner) for name, owner in missing.items()}
        if any(value is not None for value in found.values()):
            tx.put(collection.name, {**row, **found})


def _read(path: Path) -> Mapping[str, Any]:
    try:
        data: Any = orjson.loads(path.read_bytes())
    except OSError as problem:
        raise SandboxError(f"{path}: {problem.strerror or problem}") from problem
    except orjson.JSONDecodeError as problem:
        raise SandboxError(
            f"{path}: no JSON ({problem}): give the effective document, such as `accordant spec` prints"
        ) from problem
    if not is_object(data):
        raise SandboxError(f"{path}: no OpenAPI document: its outermost value is no object")
    return data
