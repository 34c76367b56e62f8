"""A call: one request at one operation, as the engine and the faults see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accordant_sandbox.engine.store import Store
from accordant_sandbox.engine.tables import Table
from accordant_sandbox.engine.transaction import Transaction
from accordant_sandbox.http.document import Operation
from accordant_sandbox.http.exchange import ABSENT, Answer, Request
from accordant_sandbox.model.collections import Collection
from accordant_sandbox.model.dialect import Dialect
from accordant_sandbox.model.envelopes import Envelope
from accordant_sandbox.model.faults import Armed
from accordant_sandbox.model.limits import Spent
from accordant_sandbox.model.operations import Plain, Served
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.ports import Principal

__all__ = ["ActiveCall", "CallAttempt"]


@dataclass(slots=True)
class CallAttempt:
    """What one run of the handler works with. A fault may have a call attempted several times, each time afresh."""

    tx: Transaction
    principal: Principal | None = None
    query: dict[str, Any] = field(default_factory=dict[str, Any])
    header: dict[str, Any] = field(default_factory=dict[str, Any])
    body: Any = ABSENT
    validated: bool = False
    problem: str | None = None
    """Kind of the problem that refused the call, if one did."""


class ActiveCall:
    """One request at one operation; `ports.Call` says what handlers may ask of it.

    Args:
        store: The sandbox's state.
        operation: The operation.
        request: The request.
        path: Its path parameters, still text.
        armed: The faults that may act on this call.
    """

    __slots__ = (
        "_store",
        "armed",
        "attempt",
        "dialect",
        "faults",
        "memory",
        "notes",
        "operation",
        "options",
        "path",
        "request",
        "rules",
        "served",
        "settings",
        "skipped",
        "spent",
        "vendor",
    )

    def __init__(
        self, store: Store, operation: Operation, request: Request, path: dict[str, Any], armed: Sequence[Armed] = ()
    ) -> None:
        self._store = store
        self.vendor: Vendor = store.vendor
        self.dialect: Dialect = store.vendor.dialect
        self.settings: Mapping[str, Any] = store.settings
        self.operation = operation
        self.request = request
        self.path = path
        self.armed = armed
        self.served: Served | None = store.vendor.operations.served.get(operation.id)
        self.faults: list[str] = []
        """Names of the faults that acted."""
        self.rules: list[str] = []
        self.notes: list[str] = []
        self.memory: dict[str, Any] = {}
        """Scratch memory of the armed fault whose hook runs; it lasts as long as the fault is armed."""
        self.options: Mapping[str, Any] = {}
        """Options given when the fault whose hook runs was armed."""
        self.skipped = False
        self.spent: Spent | None = None
        """Where the caller stands in the first rate-limit bucket of the operation, or in the one that refused it."""
        self.attempt = CallAttempt(self.transaction())

    # The attempt at hand

    def begin(self) -> None:
        """CallAttempt the call afresh."""
        self.attempt = CallAttempt(self.transaction())

    @property
    def tx(self) -> Transaction:
        """The open transaction."""
        return self.attempt.tx

    @property
    def principal(self) -> Principal | None:
        """Who calls."""
        return self.attempt.principal

    @property
    def query(self) -> dict[str, Any]:
        """Validated query parameters."""
        return self.attempt.query

    @property
    def header(self) -> dict[str, Any]:
        """Validated header parameters."""
        return self.attempt.header

    @property
    def body(self) -> Any:
        """The parsed body."""
        return self.attempt.body

    @body.setter
    def body(self, value: Any) -> None:
        self.attempt.body = value

    @property
    def validated(self) -> bool:
        """Whether parameters and body were found to be in order."""
        return self.attempt.validated

    @property
    def problem(self) -> str | None:
        """Kind of the problem that refused the call, if one did."""
        return self.attempt.problem

    # What it rests on

    @property
    def plain(self) -> Plain | None:
        """How the operation is served, where it is a plain one."""
        return self.served.plain if self.served else None

    @property
    def singular(self) -> str:
        """The name that a plain operation's envelope has for one record."""
        return self.plain.one if self.plain else ""

    @property
    def envelope(self) -> Envelope:
        """What surrounds the records of a success: the operation's own envelope, else the vendor's."""
        return (self.plain.envelope if self.plain else None) or self.dialect.envelope

    @property
    def now(self) -> datetime:
        """The present instant on the sandbox's clock."""
        return self._store.clock.now()

    @property
    def tables(self) -> dict[str, Table]:
        """Every stored table, as it is at this moment: tables are replaced by writes, never changed."""
        return self._store.state.tables

    @tables.setter
    def tables(self, tables: dict[str, Table]) -> None:
        self._store.state.tables = tables

    def transaction(self, principal: Principal | None = None) -> Transaction:
        """A transaction of this call as somebody; None sees everything."""
        return Transaction(self._store, principal, self.operation.id, self.rules)

    def silent_transaction(self, principal: Principal | None = None) -> Transaction:
        """A transaction beside the call: nothing of what it does is noted on the call."""
        return Transaction(self._store, principal)

    # What handlers and faults say

    def rule(self, name: str) -> None:
        """Note that a rule of the vendor took part in this response (see `rules`)."""
        self.vendor.rule(name)
        if name not in self.rules:
            self.rules.append(name)

    def skip(self) -> None:
        """Said by a fault's `around`, `authenticate` or `validate` hook that has changed nothing after all."""
        self.skipped = True

    def values(self, collection: str, body: Mapping[str, Any], *, changing: bool = False) -> dict[str, Any]:
        """The part of a body that may be stored: the collection's fields, fewer for some roles, fewer in a change.

        Fields that cannot be changed are ignored, or refused under the setting `strict_fields`.

        Raises:
            Problem: `invalid`.
        """
        kept = self.vendor.collections[collection]
        for name, rule in kept.ignored.items():
            if name in body:
                self.rule(rule)
        stored = {kept.names.get(name, name): value for name, value in body.items()}
        fields = kept.fields - kept.withheld_from(self.principal)
        if changing:
            touched = kept.fixed & stored.keys()
            if touched and self.settings.get("strict_fields"):
                raise Problem(
                    "invalid",
                    "a field cannot be changed",
                    details=[(name, f"{name} cannot be changed") for name in sorted(touched)],
                )
            fields = fields - kept.fixed
        else:
            fields = fields - kept.later
            stored = {**self._from_caller(kept, stored), **stored}
        return {name: value for name, value in stored.items() if name in fields}

    def _from_caller(self, kept: Collection, stored: Mapping[str, Any]) -> dict[str, Any]:
        """What a new record takes from the caller, as the body leaves it out."""
        data: Mapping[str, Any] = self.principal.data if self.principal else {}
        taken = {
            name: data[source] for name, source in kept.from_caller.items() if name not in stored and source in data
        }
        if taken and kept.from_caller_rule:
            self.rule(kept.from_caller_rule)
        return taken

    def answer(self, body: Any = ABSENT, status: int | None = None) -> Answer:
        """A success: the given status, else the operation's documented success status."""
        return Answer(status if status is not None else self.operation.success_status, body)

    def one(self, key: str, value: Any, status: int | None = None) -> Answer:
        """A success with one record in the vendor's envelope."""
        return self.answer(self.envelope.one(self, key, value), status)

    def many(self, key: str, rows: Sequence[Any], status: int | None = None) -> Answer:
        """A success with unpaged records in the vendor's envelope."""
        return self.answer(self.envelope.many(self, key, rows, None), status)
