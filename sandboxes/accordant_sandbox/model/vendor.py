"""A vendor: everything that one package under `vendors` says."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from accordant_sandbox.errors import SandboxError, unknown
from accordant_sandbox.http.document import Document
from accordant_sandbox.model.collections import Collection, Ref
from accordant_sandbox.model.dialect import Dialect
from accordant_sandbox.model.events import Delivery, Event, Notice
from accordant_sandbox.model.faults import Fault
from accordant_sandbox.model.operations import Operations
from accordant_sandbox.model.rules import Rule, RuleBook
from accordant_sandbox.ports import Page, Tx

__all__ = ["Seed", "Vendor"]

Seed: TypeAlias = Callable[..., None]
"""Fills an empty state: takes the transaction, and integers by keyword as options."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Vendor:
    """One vendor, whole.

    Args:
        name: Package name; also that of its document.
        dialect: How it speaks.
        collections: What it keeps.
        operations: What it serves.
        rules: Its behaviours with their evidence.
        seeds: Named data sets; `default` and `empty` are expected.
        credentials: Client arguments that log in, by principal; `default` has every right.
        document: The effective document; by default the one of that name in `accordant_documents`.
        unserved: Documented operations that are not served, each with the reason.
        timers: What falls due on the clock, by name: functions of the transaction and keyword arguments.
        actions: What people do in the vendor's web product, for tests: functions of the transaction and keywords.
        pages: Paths outside the API, by prefix (`/_files/`).
        deliver: Turns an announced event into what the vendor sends, webhooks and notices: subscriptions and addresses
            are read through the transaction.
        faults: Faults of this vendor alone.
        partial: The document says the rest: what it has and the vendor does not state is derived from it (see
            `derive.completing`). Until that is done, nothing is checked.
        derived: What was derived from the document, as rules with the evidence `document`.
        stale: Hand-written lines that name what the document no longer has, each as a sentence with its place.
    """

    name: str
    dialect: Dialect
    collections: Mapping[str, Collection]
    operations: Operations
    rules: RuleBook
    seeds: Mapping[str, Seed]
    credentials: Mapping[str, Mapping[str, str]]
    document: Document
    unserved: Mapping[str, str] = field(default_factory=dict[str, str])
    timers: Mapping[str, Callable[..., None]] = field(default_factory=dict[str, Callable[..., None]])
    actions: Mapping[str, Callable[..., Any]] = field(default_factory=dict[str, Callable[..., Any]])
    pages: Mapping[str, Page] = field(default_factory=dict[str, Page])
    deliver: Callable[[Tx, Event], Iterable[Delivery | Notice]] | None = None
    faults: tuple[Fault, ...] = ()
    partial: bool = False
    derived: RuleBook = field(default_factory=lambda: RuleBook(()))
    stale: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.partial:
            return
        documented, served = set(self.document.operations), set(self.operations.served)
        for name in sorted(served - documented):
            raise SandboxError(f"{self.name} serves {name!r}, which its document does not have")
        for name in sorted(documented - served - set(self.unserved)):
            raise SandboxError(f"{self.name} does not serve the documented operation {name!r}, and gives no reason")
        for problem in self._lint():
            raise SandboxError(f"{self.name}: {problem}")

    def rule(self, name: str) -> Rule:
        """The vendor's rule of that name, or the derived one.

        Raises:
            SandboxError: There is no such rule.
        """
        return self.derived[name] if name in self.derived else self.rules[name]

    def referrers(self, collection: str) -> list[tuple[Collection, Ref]]:
        """The collections that refer to one, with the reference."""
        return self._referrers.get(collection, [])

    def options_of(self, seed: str) -> tuple[str, ...]:
        """The names of a seed's options.

        Raises:
            SandboxError: The seed does not exist.
        """
        if seed not in self.seeds:
            raise unknown("seed", seed, self.seeds)
        return tuple(inspect.signature(self.seeds[seed]).parameters)[1:]

    @cached_property
    def _referrers(self) -> dict[str, list[tuple[Collection, Ref]]]:
        found: dict[str, list[tuple[Collection, Ref]]] = {}
        for collection in self.collections.values():
            for ref in collection.refs:
                found.setdefault(ref.collection, []).append((collection, ref))
        return found

    def _lint(self) -> Iterator[str]:
        for collection in self.collections.values():
            for ref in collection.refs:
                if ref.collection not in self.collections:
                    yield f"{collection.name}.{ref.field} refers to the unknown collection {ref.collection!r}"
        for name, served in self.operations.served.items():
            if served.plain is None:
                continue
            if served.plain.collection not in self.collections:
                yield f"{name} uses the unknown collection {served.plain.collection!r}"
            parameters = {each.name for each in self.document.operations[name].parameters}
            for missing in sorted(served.plain.filters.keys() - parameters):
                yield f"{name}: the filter {missing!r} is not documented"
            for missing in sorted(each for each in parameters if each.startswith("filter[")):
                if missing not in served.plain.filters and not served.derived:
                    yield f"{name}: the documented filter {missing!r} is not served"
