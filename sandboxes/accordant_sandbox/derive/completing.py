"""A vendor's tables with what the document says and the vendor does not: new operations, new fields, plain tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from accordant_sandbox.derive.acts import act, acted_on
from accordant_sandbox.derive.envelopes import DocumentedEnvelope
from accordant_sandbox.derive.mentions import mentions
from accordant_sandbox.derive.paging import DocumentedPaging
from accordant_sandbox.derive.tables import Tables
from accordant_sandbox.http.document import Operation
from accordant_sandbox.model.collections import Collection
from accordant_sandbox.model.operations import Differences, Operations, Plain, Served, differing_plain
from accordant_sandbox.model.paging import Paging
from accordant_sandbox.model.query import Filters
from accordant_sandbox.model.rules import Rule, RuleBook
from accordant_sandbox.model.vendor import Vendor

__all__ = ["collection_names", "completed"]


def completed(vendor: Vendor) -> Vendor:
    """The vendor with everything that its document has.

    What the vendor states stays as it is, but for what the document no longer has: that is left out, and listed in
    `stale` with the lines that name it.
    """
    return _Completion(vendor).vendor()


def collection_names(vendor: Vendor) -> dict[str, str]:
    """The collection of each entity that a vendor states: the one that most of its operations use."""
    votes: dict[str, Counter[str]] = {}
    operations = vendor.operations
    for operation in vendor.document.operations.values():
        served, differs = operations.served.get(operation.id), operations.differences.get(operation.id, {})
        name = differs.get("collection") or (served.plain.collection if served and served.plain else None)
        if name and operation.entity:
            votes.setdefault(operation.entity, Counter())[name] += 1
    return {entity: counts.most_common(1)[0][0] for entity, counts in votes.items()}


@dataclass
class _Completion:
    stated: Vendor
    rules: list[Rule] = field(default_factory=list[Rule])
    gone: dict[str, str] = field(default_factory=dict[str, str])
    """Names that the document no longer has, each with what it was."""

    def __post_init__(self) -> None:
        self.document = self.stated.document
        self.tables = Tables(self.document, collection_names(self.stated))
        self.envelope = DocumentedEnvelope(self.tables.shapes, self.stated.dialect.envelope)
        self.collections: dict[str, Collection] = dict(self.stated.collections)
        self.newly_written: set[str] = set()

    def vendor(self) -> Vendor:
        """The whole vendor."""
        served = list(self._served())
        self._grow()
        self.collections = {
            name: replace(each, refs=tuple(ref for ref in each.refs if ref.collection in self.collections))
            for name, each in self.collections.items()
        }
        self._look_for_gone()
        return replace(
            self.stated,
            partial=False,
            collections=self.collections,
            operations=Operations.of(served),
            unserved={name: why for name, why in self.stated.unserved.items() if name in self.document.operations},
            derived=RuleBook(self.rules),
            stale=tuple(self._stale()),
        )

    # Operations

    def _served(self) -> Iterator[Served]:
        operations = self.stated.operations
        for name, each in operations.served.items():
            if name in self.document.operations:
                yield self._fitting(each)
            else:
                self.gone[name] = "no operation of the document"
        for name in operations.differences.keys() - self.document.operations.keys():
            self.gone[name] = "no operation of the document"
        for name, operation in self.document.operations.items():
            if name not in operations.served and name not in self.stated.unserved:
                yield self._derived(operation, operations.differences.get(name))

    def _fitting(self, served: Served) -> Served:
        """A stated operation without the filters that the document no longer has, and with those that it gained."""
        plain = served.plain
        if plain is None or plain.verb != "list":
            return served
        operation = self.document.operations[served.id]
        described = self.tables.plain(operation)
        gained: Filters = described.filters if described else {}
        new = {name: each for name, each in gained.items() if name.startswith("filter[")}
        known = self._with_known_filters(operation, replace(plain, filters={**new, **plain.filters}))
        return replace(served, plain=known)

    def _with_known_filters(self, operation: Operation, plain: Plain) -> Plain:
        """A plain operation without the filters that the document no longer has."""
        known = {each.name for each in operation.parameters}
        for name in plain.filters.keys() - known:
            self.gone[name] = f"no parameter of {operation.id}"
        return replace(plain, filters={name: each for name, each in plain.filters.items() if name in known})

    def _derived(self, operation: Operation, differs: Differences | None) -> Served:
        plain = self.tables.plain(operation)
        if differs is not None and "verb" in differs and plain is None:
            plain = Plain(verb=differs["verb"], collection="", one="", many="")
        rule = f"document.{operation.id}"
        if plain is None and differs is not None:
            self.gone[operation.id] = "no plain operation of the document"
        if plain is None or (differs is None and not (self.tables.shows_records(operation) and self._stored(plain))):
            self.rules.append(Rule(rule, "document", f"{_call(operation)} returns a made-up success."))
            on = acted_on(operation, self.tables.kinds, self.tables.names, self.tables.shapes)
            known = on is not None and self._kept(on.collection)
            return Served(operation.id, on.act if on and known else act, rules=(rule,), derived=True)
        if differs is not None:
            plain = self._with_known_filters(
                operation, differing_plain(replace(plain, paging=self._paging(plain)), differs)
            )
        else:
            plain = replace(plain, envelope=self.envelope, paging=self._paging(plain))
            self.newly_written |= {plain.collection} if plain.verb not in ("list", "get", "delete") else set()
        self._stored(plain)
        self.rules.append(Rule(rule, "document", _sentence(operation, plain)))
        return Served(operation.id, plain=plain, rules=(rule,), derived=differs is None)

    def _paging(self, plain: Plain) -> Paging | None:
        """The vendor's own way of paging where it reads the documented parameters."""
        own, said = self.stated.operations.paging, plain.paging
        alike = isinstance(said, DocumentedPaging) and own is not None and {said.size, said.position} == {*own.names}
        return own if alike else said

    def _stored(self, plain: Plain) -> bool:
        return self._kept(plain.collection)

    def _kept(self, name: str) -> bool:
        """Whether there is a collection for a derived operation: one that is stated, else one of the document's."""
        if name not in self.collections and name in self.tables.collections:
            self.collections[name] = self.tables.living(name)
        return name in self.collections

    # Collections

    def _grow(self) -> None:
        """The collections with the writable fields that the document gives them and the vendor does not mention."""
        for name, collection in self.collections.items():
            derived = self.tables.collections.get(name)
            if derived is None:
                continue
            stated = self.stated.collections.get(name)
            gained = derived.fields - collection.accounted
            if stated is not None and gained and (collection.fields or name in self.newly_written):
                self.collections[name] = replace(
                    collection,
                    fields=collection.fields | gained,
                    fixed=collection.fixed | (gained & derived.fixed),
                    gained=gained & self.tables.kept[name].shown.keys(),
                )
            self.rules.append(
                Rule(f"document.records.{name}", "document", _holds(self.collections[name], derived, gained))
            )

    # What points at nothing

    def _look_for_gone(self) -> None:
        known = self.document.operations
        dialect = self.stated.dialect
        moved = (
            name
            for each in self.stated.collections.values()
            if each.lifecycle
            for move in each.lifecycle.moves
            for name in move.by.split()
            if name != "effect"
        )
        exact = (name for role in dialect.denied.values() for name in role if not set("*?[") & set(name))
        for name in (*moved, *exact, *dialect.opened_by, *self.stated.unserved):
            if name not in known:
                self.gone[name] = "no operation of the document"

    def _stale(self) -> Iterator[str]:
        if not self.gone:
            return
        found = list(mentions(f"accordant_sandbox.vendors.{self.stated.name}", self.gone))
        for name, what in sorted(self.gone.items()):
            places = [f"{file}:{line}" for each, file, line in found if each == name]
            yield f"{', '.join(places) or self.stated.name}: {name} is {what}"


def _call(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def _sentence(operation: Operation, plain: Plain) -> str:
    does = {"list": "lists", "get": "reads one of", "create": "makes one of", "delete": "removes one of"}
    filters = f", filtered by {', '.join(sorted(plain.filters))}" if plain.filters else ""
    return f"{_call(operation)} {does.get(plain.verb, f'{plain.verb}s one of')} the {plain.collection}{filters}."


def _holds(collection: Collection, derived: Collection, gained: frozenset[str]) -> str:
    fields = ", ".join(sorted(derived.fields & collection.fields)) or "nothing that a client sets"
    refs = ", ".join(f"{ref.field} to {ref.collection}" for ref in derived.refs if ref in collection.refs)
    new = f"; not in the vendor's tables: {', '.join(sorted(gained))}" if gained and gained <= collection.fields else ""
    return f"{collection.name}: a record holds {fields}{f'; it refers by {refs}' if refs else ''}{new}."
