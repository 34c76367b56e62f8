"""What a vendor states about a collection that the document describes: nothing but the differences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypedDict, Unpack

from accordant_sandbox.model.collections import Collection, KeyKind, Ref
from accordant_sandbox.model.lifecycle import Lifecycle
from accordant_sandbox.model.problems import Kind
from accordant_sandbox.ports import Derive, Guard, Make, Scope, View, Visible

__all__ = ["CollectionDifferences", "differing"]


class _Replaced(TypedDict, total=False):
    kind: KeyKind
    key: str
    fixed: frozenset[str]
    instants: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...]
    unique_rule: str
    derive: Derive
    view: View
    withheld: Mapping[str, frozenset[str]]
    withheld_rule: str
    from_caller: Mapping[str, str]
    from_caller_rule: str
    visible: Visible
    scope: Scope
    scope_rule: str
    guard: Guard
    soft_delete: bool
    stamps: tuple[str, ...]
    lifecycle: Lifecycle
    make: Make | None
    refusal: Kind


class CollectionDifferences(_Replaced, total=False):
    """What may be said about a collection of the document; the rest replaces what was derived.

    more: Further fields that a client may set. defaults: Further blanks, and other ones. unkept: Fields that say how to
    write, or are kept under another name. refs: References with what a deletion does; they replace derived ones of the
    same field. loose: Fields that need not name a record that exists; `*` for all that `refs` does not have.
    """

    more: Iterable[str]
    defaults: Mapping[str, Any]
    unkept: Iterable[str]
    refs: Iterable[Ref]
    loose: str


def differing(collection: Collection, **differences: Unpack[CollectionDifferences]) -> Collection:
    """The collection with what is stated about it."""
    said = dict(differences)
    unkept, stated = frozenset(differences.get("unkept", ())), {ref.field: ref for ref in differences.get("refs", ())}
    loose = frozenset(differences.get("loose", "").split())
    for name in ("more", "defaults", "unkept", "refs", "loose"):
        said.pop(name, None)
    blanks = {name: blank for name, blank in collection.defaults.items() if name not in unkept}
    derived = {ref.field: ref for ref in collection.refs if ref.field not in unkept | loose and "*" not in loose}
    changes: dict[str, Any] = {
        "unkept": unkept,
        "fields": (collection.fields - unkept) | frozenset(differences.get("more", ())),
        "fixed": collection.fixed - unkept,
        "defaults": {**blanks, **differences.get("defaults", {})},
        "refs": tuple({**derived, **stated}.values()),
        **said,
    }
    return replace(collection, **changes)
