"""The tables that the four vendors run on, held against what their documents say alone."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

import pytest

from accordant_sandbox.derive.completing import collection_names
from accordant_sandbox.derive.tables import Tables
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.vendors import load

FLOORS = {
    "dibop": {"verbs": 18, "fields": 18, "references": 4, "filters": 10},
    "dime_scheduler": {"verbs": 129, "fields": 488, "references": 23, "filters": 6},
    "dispatch": {"verbs": 31, "fields": 63, "references": 13, "filters": 32},
    "espace": {"verbs": 65, "fields": 76, "references": 40, "filters": 45},
}
"""How many of a vendor's facts the document alone gives. These figures only rise."""
ALL = {"verbs": 243, "fields": 645, "references": 80, "filters": 93}


@dataclass
class Figures:
    """Facts of the vendor's tables, and those of them that the document gives."""

    stated: dict[str, int] = field(default_factory=dict[str, int])
    derived: dict[str, int] = field(default_factory=dict[str, int])
    missing: list[str] = field(default_factory=list[str])

    def count(self, kind: str, name: str, *, found: bool) -> None:
        self.stated[kind] = self.stated.get(kind, 0) + 1
        self.derived[kind] = self.derived.get(kind, 0) + found
        if not found:
            self.missing.append(f"{kind}: {name}")

    def line(self, vendor: str) -> str:
        """The figures in a line."""
        return f"{vendor}: " + ", ".join(f"{self.derived[kind]} of {n} {kind}" for kind, n in self.stated.items())


def figures_of(vendor: Vendor) -> Figures:
    """What the document gives of the tables of a vendor."""
    figures = Figures()
    tables = Tables(vendor.document, collection_names(vendor))
    for name, served in vendor.operations.served.items():
        if served.plain is None:
            continue
        plain = tables.plain(vendor.document.operations[name])
        figures.count("verbs", name, found=plain is not None and plain.verb == served.plain.verb)
        for parameter, one in served.plain.filters.items():
            other = plain.filters.get(parameter) if plain else None
            same = other is not None and (other.field, other.predicate) == (
                one.field,
                one.predicate.removesuffix("_any_case"),
            )
            figures.count("filters", f"{name} {parameter}", found=same)
    for collection in vendor.collections.values():
        described = tables.collections.get(collection.name)
        for each in collection.fields:
            figures.count(
                "fields", f"{collection.name}.{each}", found=described is not None and each in described.fields
            )
        choices = [(each.field, each.among) for each in collection.choices if isinstance(each.among, str)]
        for name, parent in (*((ref.field, ref.collection) for ref in collection.refs), *choices):
            found = described is not None and any(
                (other.field, other.collection) == (name, parent) for other in described.refs
            )
            known = tables.references.get(name) in (*_entities(tables, parent), _singular(parent))
            figures.count("references", f"{collection.name}.{name}", found=found or known)
    return figures


def _entities(tables: Tables, collection: str) -> list[str]:
    return [entity for entity, name in tables.names.items() if name == collection]


def _singular(name: str) -> str:
    return name.removesuffix("s")


@pytest.mark.parametrize("vendor", sorted(FLOORS))
def test_the_document_gives_most_of_a_vendors_tables(vendor: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Verbs, fields, references and filters are in the document; what is not, the vendor states as a difference."""
    figures = figures_of(load(vendor))
    with capsys.disabled():
        sys.stdout.write(f"\n{figures.line(vendor)}\n")
    assert {kind: n for kind, n in figures.derived.items() if n < FLOORS[vendor][kind]} == {}, figures.missing


def test_the_documents_give_as_much_as_was_measured() -> None:
    """All four documents together give what the floor of the project says."""
    every = [figures_of(load(vendor)) for vendor in FLOORS]
    sums = {kind: sum(each.derived.get(kind, 0) for each in every) for kind in ALL}
    assert {kind: n for kind, n in sums.items() if n < ALL[kind]} == {}


def test_dispatch_and_dime_scheduler_run_on_derived_tables() -> None:
    """Their plain operations are those of the document but for the differences: taken away, the rest still derives."""
    for vendor, most in (("dispatch", 6), ("dime_scheduler", 120)):
        made = load(vendor)
        plain = {name: each for name, each in made.operations.served.items() if each.plain}
        listed = {rule.name.removeprefix("document.") for rule in made.derived}
        assert plain.keys() - listed <= {name for name in plain if "ubscribe" in name}
        assert sum(not each.derived for each in plain.values()) <= most
