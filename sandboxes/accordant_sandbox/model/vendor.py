"""A vendor: everything that one package under `vendors` says, and the registry of those packages."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

import accordant_documents
from accordant_sandbox.engine.auth import PRINCIPALS, TOKENS
from accordant_sandbox.engine.limits import WINDOWS
from accordant_sandbox.errors import SandboxError, unknown
from accordant_sandbox.http.document import Document
from accordant_sandbox.model.collections import Collection, Ref
from accordant_sandbox.model.dialect import Dialect
from accordant_sandbox.model.operations import Operations
from accordant_sandbox.model.rules import RuleBook
from accordant_sandbox.vendors import names

if TYPE_CHECKING:
    from accordant_sandbox.engine.engine import Engine
    from accordant_sandbox.engine.outbox import Delivery, Event
    from accordant_sandbox.engine.transaction import Transaction
    from accordant_sandbox.faults.base import Fault
    from accordant_sandbox.http.exchange import Reply, Request

__all__ = ["Seed", "Vendor", "load", "vendors"]

Seed: TypeAlias = "Callable[..., None]"
"""Fills an empty state: takes the transaction, and integers by keyword as options."""


@dataclass(frozen=True, kw_only=True)
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
        deliver: Turns an announced event into webhooks: the subscriptions are read through the transaction.
        faults: Faults of this vendor alone.
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
    pages: Mapping[str, Callable[[Engine, Request], Reply]] = field(
        default_factory=dict[str, "Callable[[Engine, Request], Reply]"]
    )
    deliver: Callable[[Transaction, Event], Iterable[Delivery]] | None = None
    faults: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        documented, served = set(self.document.operations), set(self.operations.served)
        for name in sorted(served - documented):
            raise SandboxError(f"{self.name} serves {name!r}, which its document does not have")
        for name in sorted(documented - served - set(self.unserved)):
            raise SandboxError(f"{self.name} does not serve the documented operation {name!r}, and gives no reason")
        for problem in self._lint():
            raise SandboxError(f"{self.name}: {problem}")

    @cached_property
    def catalogue(self) -> tuple[Fault, ...]:
        """The faults that apply to at least one operation, each with the ids of those operations."""
        from accordant_sandbox.faults import all_faults

        operations = [self.document.operations[name] for name in self.operations.served]
        placed = [fault.at(operations, self) for fault in (*all_faults(), *self.faults)]
        return tuple(fault for fault in placed if fault.operations)

    def referrers(self, collection: str) -> list[tuple[Collection, Ref]]:
        """The collections that refer to one, with the reference."""
        return self._referrers.get(collection, [])

    def options_of(self, seed: str) -> tuple[str, ...]:
        """The names of a seed's options.

        Raises:
            SandboxError: There is no such seed.
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
                if missing not in served.plain.filters:
                    yield f"{name}: the documented filter {missing!r} is not served"


def vendors() -> tuple[str, ...]:
    """The vendors that have a sandbox, in alphabetical order."""
    return names()


@cache
def load(name: str) -> Vendor:
    """A vendor by name; its compiled document is shared by all sandboxes of the process.

    Raises:
        SandboxError: There is no such vendor, or its package contradicts its document.
    """
    if name not in vendors():
        raise unknown("vendor", name, vendors())
    vendor: Vendor = import_module(f"accordant_sandbox.vendors.{name}").vendor(
        Document(name, accordant_documents.load(name))
    )
    return vendor


OWN_COLLECTIONS: Mapping[str, Collection] = {each.name: each for each in (PRINCIPALS, TOKENS, WINDOWS)}
"""The engine's own tables; a vendor's `collections` include them."""
