"""What a vendor's callbacks may ask for: two small protocols, and the types of the callbacks.

The data types of `model` carry callbacks, and the machine in `engine` runs them. Both import this file, and neither
needs to know the other: the engine's transaction and call have everything that is named here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, Protocol, TypeAlias

from accordant_sandbox.http.document import Document, Operation
from accordant_sandbox.http.exchange import ABSENT, Answer, Reply, Request

__all__ = [
    "Authenticator",
    "Call",
    "Change",
    "Derive",
    "Guard",
    "Handler",
    "Key",
    "Make",
    "Page",
    "Principal",
    "Row",
    "Scope",
    "Tx",
    "View",
    "Visible",
]

Row: TypeAlias = Mapping[str, Any]
"""A stored record. Fields whose names begin with `_` belong to the sandbox and never leave it."""
Key: TypeAlias = Any
"""An integer, a text, or a tuple of case-folded texts for natural keys."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller: its name in the sandbox, its tenant, its role, and whatever the vendor's rules need to know of it."""

    name: str
    tenant: str
    role: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @classmethod
    def of(cls, row: Row) -> Principal:
        """The principal that a row of `_principals` describes."""
        return cls(row["name"], row["tenant"], row["role"], row.get("data", {}))


@dataclass(frozen=True, slots=True)
class Change:
    """One stored write: `old` is None for a new row, `new` is None for a removed one."""

    collection: str
    key: Key
    old: Row | None
    new: Row | None


class Tx(Protocol):
    """The transaction of a request, a timer, an action or a seed: what it raises leaves no trace."""

    @property
    def principal(self) -> Principal | None:
        """Who asks: rows that it may not see do not exist for it. None sees everything."""
        ...

    @property
    def now(self) -> datetime:
        """The present instant on the sandbox's clock."""
        ...

    @property
    def now_text(self) -> str:
        """The present instant as RFC 3339 text, to the second."""
        ...

    @property
    def random(self) -> Random:
        """The sandbox's seeded random source."""
        ...

    @property
    def settings(self) -> Mapping[str, Any]:
        """The sandbox's settings."""
        ...

    @property
    def document(self) -> Document:
        """The vendor's document."""
        ...

    @property
    def changes(self) -> Sequence[Change]:
        """What was written so far, in order."""
        ...

    def rule(self, name: str) -> None:
        """Note that a rule of the vendor takes part."""
        ...

    # Reading

    def table(self, collection: str) -> Mapping[Key, Row]:
        """Every row of a collection by key, whoever asks, deleted ones included."""
        ...

    def rows(self, collection: str, **equals: Any) -> Sequence[Row]:
        """The live rows that the caller may see and whose fields have these values, in order of creation."""
        ...

    def matching(self, collection: str, fields: tuple[str, ...], owner: Row) -> Sequence[Row]:
        """The live rows that the caller may see and whose fields are those of an owner, in any letter case."""
        ...

    def find(self, collection: str, key: Key) -> Row | None:
        """The live row with that key, None when there is none that the caller may see."""
        ...

    def get(self, collection: str, key: Key) -> Row:
        """The live row with that key.

        Raises:
            Problem: `not_found`.
        """
        ...

    def read(self, collection: str, key: Key) -> Row:
        """`get` for a caller who looks at one record: under `progress=reads:n` that may bring its next state about."""
        ...

    def key_of(self, collection: str, row: Row) -> Key:
        """The key of a row."""
        ...

    def key_fields(self, collection: str) -> tuple[str, ...]:
        """The fields of a natural key; empty where the server makes the key."""
        ...

    def fields(self, collection: str) -> frozenset[str]:
        """The fields that a client may set at creation."""
        ...

    def show(self, collection: str, row: Row) -> dict[str, Any]:
        """A stored row as the vendor shows it to the caller."""
        ...

    # Writing

    def create(self, collection: str, values: Mapping[str, Any], /) -> Row:
        """Store a new row: defaults, key, derived fields, references, uniqueness, stamps, effects.

        Raises:
            Problem: A reference leads nowhere, or a unique group is taken.
        """
        ...

    def make(self, collection: str, values: Mapping[str, Any]) -> Row:
        """`create` with made-up values for whatever is not given."""
        ...

    def update(self, collection: str, key: Key, values: Mapping[str, Any], /, *, by: str | None = None) -> Row:
        """Change some fields of a row; the others keep their values.

        `by` says who moves its state, when it is not the operation itself: `effect` for what follows from a move.

        Raises:
            Problem: `not_found`, `forbidden`, a forbidden move, a broken reference or a taken unique group.
        """
        ...

    def upsert(self, collection: str, values: Mapping[str, Any], /) -> tuple[Row, bool]:
        """Create or update by natural key; the flag says whether the row is new."""
        ...

    def delete(self, collection: str, key: Key, /) -> Row:
        """Remove a row (or hide it, where the collection deletes softly), after its references were seen to.

        Raises:
            Problem: `not_found`, `forbidden`, or the collection's refusal while other rows refer to it.
        """
        ...

    def restore(self, collection: str, key: Key, /) -> Row:
        """Bring a softly deleted row back (a live one stays as it is).

        Raises:
            Problem: `not_found`, or a unique group was taken meanwhile.
        """
        ...

    def put(self, collection: str, row: Row) -> Row:
        """Store a row as it is, without a rule of the collection."""
        ...

    def next(self, sequence: str) -> int:
        """The next number of a sequence."""
        ...

    def later(self, seconds: float, name: str, **arguments: Any) -> None:
        """Have the vendor's timer function of that name run when the clock has moved on by some seconds."""
        ...

    def emit(self, topic: str, payload: Mapping[str, Any]) -> None:
        """Announce an event; it reaches the outbox when the transaction is committed."""
        ...

    def commit(self) -> None:
        """Make every write visible at once."""
        ...


class Call(Protocol):
    """One request at one operation, as handlers and a dialect's functions see it."""

    @property
    def operation(self) -> Operation:
        """The operation of the document."""
        ...

    @property
    def request(self) -> Request:
        """The request as it came in."""
        ...

    @property
    def path(self) -> dict[str, Any]:
        """Path parameters by name; text as it came until the parameters are validated, then typed."""
        ...

    @property
    def query(self) -> dict[str, Any]:
        """Validated query parameters by wire name, typed by the document; absent ones are absent."""
        ...

    @property
    def header(self) -> dict[str, Any]:
        """Validated header parameters by name in lower case."""
        ...

    @property
    def body(self) -> Any:
        """The parsed body: a JSON value, or for multipart a dict whose files are `Upload` values."""
        ...

    @property
    def principal(self) -> Principal | None:
        """Who calls; None before the credentials were looked at, and at operations that are open to everyone."""
        ...

    @property
    def tx(self) -> Tx:
        """The open transaction; every run of the handler gets a new one."""
        ...

    @property
    def now(self) -> datetime:
        """The present instant on the sandbox's clock."""
        ...

    @property
    def settings(self) -> Mapping[str, Any]:
        """The sandbox's settings."""
        ...

    @property
    def validated(self) -> bool:
        """Whether parameters and body were found in order, so that a problem is a business rule of the vendor."""
        ...

    @property
    def singular(self) -> str:
        """The name that a plain operation's envelope has for one record; empty at a special operation."""
        ...

    def rule(self, name: str) -> None:
        """Note that a rule of the vendor took part in this response (see `rules`)."""
        ...

    def values(self, collection: str, body: Mapping[str, Any], *, changing: bool = False) -> dict[str, Any]:
        """The part of a body that may be stored: the collection's fields, fewer for some roles, fewer in a change.

        Raises:
            Problem: `invalid`: a field cannot be changed, under the setting `strict_fields`.
        """
        ...

    def answer(self, body: Any = ABSENT, status: int | None = None) -> Answer:
        """A success: the given status, else the operation's documented success status."""
        ...

    def one(self, key: str, value: Any, status: int | None = None) -> Answer:
        """A success with one record in the vendor's envelope."""
        ...

    def many(self, key: str, rows: Sequence[Any], status: int | None = None) -> Answer:
        """A success with unpaged records in the vendor's envelope."""
        ...


Handler: TypeAlias = Callable[[Call], Answer]
"""Serves one operation."""
Authenticator: TypeAlias = Callable[[Call], Principal | None]
"""Checks the credential of one security scheme.

It returns the principal, or None when the request carries no credential of this kind. It raises the problem
`unauthenticated` when there is a credential and it is not good.
"""
Page: TypeAlias = Callable[[Tx, Request], Reply]
"""Serves a path outside the API."""

Derive: TypeAlias = Callable[[Tx, Row], Mapping[str, Any]]
"""Computes further fields of a row that is about to be written."""
View: TypeAlias = Callable[[Tx, dict[str, Any]], dict[str, Any]]
"""Turns a stored row into what the vendor shows; it gets a copy without the sandbox's own fields."""
Visible: TypeAlias = Callable[[Tx, Principal, Row], bool]
"""Whether a principal may see a row."""
Scope: TypeAlias = Callable[[Tx, Principal], tuple[str, tuple[Any, ...]] | None]
"""The field, and the values of it, that pick exactly the rows which a principal may see; None = ask `Visible`."""
Guard: TypeAlias = Callable[[Principal, Row], str | None]
"""The rule that forbids a principal to change or delete a row that it sees; None = it may."""
Make: TypeAlias = Callable[[Tx, int], Mapping[str, Any]]
"""Values for the n-th row that a test asks for without giving its own."""
