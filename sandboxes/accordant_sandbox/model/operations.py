"""Who serves which operation: one line for a plain one, a decorated function for a special one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, TypedDict, Unpack

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.model.envelopes import Envelope
from accordant_sandbox.model.paging import Paging, Window
from accordant_sandbox.model.query import Filters, Period
from accordant_sandbox.ports import Call, Handler, Row, Tx

__all__ = ["Differences", "Operations", "Plain", "Served", "Verb", "Within", "differing_plain"]

Verb: TypeAlias = Literal["create", "get", "list", "update", "replace", "upsert", "delete", "restore", "add", "remove"]


@dataclass(frozen=True, slots=True)
class Within:
    """A collection inside another.

    Args:
        parent: The collection that this one is inside of.
        parameter: The path parameter that names the parent's row, or another place (`query:orderId`). Empty: the row
            at hand names it, which a change or a deletion is of.
        field: The field of each row that holds the parent's key.
        part: In place of the field: the name of the parent's part that a list returns.
        whole: Whether a write here is a change of the parent: the caller must be allowed to change it, and the
            response is the parent as it is afterwards.
        by: The field of the parent that the call names it by, where that is not its key.
    """

    parent: str
    parameter: str
    field: str = ""
    part: str = ""
    whole: bool = False
    by: str = ""


class PlainOptions(TypedDict, total=False):
    """What may be said about a plain operation; see `Plain`."""

    one: str
    many: str
    key: str
    by: str
    filters: Filters
    period: Period
    paging: Paging | None
    aliases: Mapping[str, str]
    alias_rule: str
    within: Within
    order: Callable[[Row], Any]
    newest_first: bool
    counted: bool
    row: Callable[[Tx, dict[str, Any]], dict[str, Any]]
    shape: Callable[[Call, Any], Answer]
    source: Callable[[Call], Sequence[Row]]
    choose: Callable[[Call, Sequence[Row]], Sequence[Row]]
    find: Callable[[Call], Row | None]
    values: Callable[[Call, Mapping[str, Any]], Mapping[str, Any]]
    write: Callable[[Call, Mapping[str, Any]], Row]
    keeps_earlier: bool
    parts: tuple[str, ...]
    field: str
    rules: tuple[str, ...]
    envelope: Envelope | None
    headers: Callable[[Call, Window | None, int], Mapping[str, str]] | None


class Differences(PlainOptions, total=False):
    """What may be said about an operation that the document gives: see `Operations.differ`."""

    verb: Verb
    collection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A plain operation: a verb on a collection.

    Args:
        verb: create, get, list, update (partial), replace (whole), upsert, delete, restore, add or remove (members of a
            list field).
        collection: The collection's name.
        one, many: Names in the envelope; by default those of the collection, without its last letter for one.
        key: Where the key comes from: `path:id`, `query:eventId`, `body:Id`, or `body` for natural keys. Default: the
            last path parameter, and the body where there is none.
        by: The field whose value that is, where it is not the collection's key.
        filters: Filters by parameter name. Every one must be documented.
        period: The filters that bound a time; it must not end before it begins.
        paging: How a list is cut; None = not at all. Default: the dialect's.
        aliases: Undocumented parameter names, each with the documented one that it is read as.
        alias_rule: The vendor's rule for the aliases, noted when one is used.
        within: The collection that this one is inside of.
        order: Sort key of a list; without one, numbered records come in the order of their keys, others in that of
            their creation.
        newest_first: Turn the order round.
        counted: Whether the envelope of a page tells the numbers of the page.
        row: Turns a shown record into a row of the list, where a row holds less than the record.
        shape: Makes the response out of a shown record (a list of them for an array or a list) in the envelope's place.
        source: Gives the rows that a list begins with, where they are not just the collection's: some of them, or rows
            joined with those of other collections.
        choose: Chooses and orders the rows of a list where filters cannot say it.
        find: Finds the record to get where a key cannot say it.
        values: Makes what is stored out of a body, where that is not just the body's fields.
        write: Writes (or deletes) one record of the body instead of the verb; returns its row.
        keeps_earlier: Of an array of records, those before the first failure stay written; else none does.
        envelope: What surrounds the records, where it is not the dialect's envelope.
        headers: Further headers of a list, out of the page that it shows and the number of its rows.
        parts: The parts of the collection that a response always holds, asked for or not.
        field: The list field whose members are added or removed.
        rules: The vendor's rules behind the operation, noted at every call.
    """

    verb: Verb
    collection: str
    one: str
    many: str
    key: str = ""
    by: str = ""
    filters: Filters = field(default_factory=dict[str, Any])
    period: Period | None = None
    paging: Paging | None = None
    aliases: Mapping[str, str] = field(default_factory=dict[str, str])
    alias_rule: str | None = None
    within: Within | None = None
    order: Callable[[Row], Any] | None = None
    newest_first: bool = False
    counted: bool = True
    row: Callable[[Tx, dict[str, Any]], dict[str, Any]] | None = None
    shape: Callable[[Call, Any], Answer] | None = None
    source: Callable[[Call], Sequence[Row]] | None = None
    choose: Callable[[Call, Sequence[Row]], Sequence[Row]] | None = None
    find: Callable[[Call], Row | None] | None = None
    values: Callable[[Call, Mapping[str, Any]], Mapping[str, Any]] | None = None
    write: Callable[[Call, Mapping[str, Any]], Row] | None = None
    keeps_earlier: bool = False
    parts: tuple[str, ...] = ()
    field: str = ""
    rules: tuple[str, ...] = ()
    envelope: Envelope | None = None
    headers: Callable[[Call, Window | None, int], Mapping[str, str]] | None = None


def differing_plain(plain: Plain, differences: Differences) -> Plain:
    """A plain operation with what differs; filters are added to its own."""
    changes: dict[str, Any] = {**differences, "filters": {**plain.filters, **differences.get("filters", {})}}
    return replace(plain, **changes)


@dataclass(frozen=True, slots=True)
class Served:
    """An operation that a vendor package serves: a plain one, or one with its own handler."""

    id: str
    handler: Handler | None = None
    plain: Plain | None = None
    accepts: tuple[str, ...] = ()
    """Request media types accepted beyond the documented ones; they are read by the documented JSON schema."""
    rules: tuple[str, ...] = ()
    """The vendor's rules behind it, noted when it is called."""
    derived: bool = False
    """Whether the document alone says how it is served. What does not fit the document is then mended, no defect."""
    grants: bool = False
    """Whether it gives tokens: a body that every token endpoint understands is taken, whatever the document adds."""


class Operations:
    """The operations that a vendor package serves.

    Args:
        paging: Paging of lists that do not name their own.
    """

    def __init__(self, paging: Paging | None = None) -> None:
        self.paging = paging
        self.served: dict[str, Served] = {}
        self.differences: dict[str, Differences] = {}
        """What the vendor states about operations that are otherwise derived from the document, by operation id."""

    @classmethod
    def of(cls, served: Iterable[Served]) -> Operations:
        """The operations that these are."""
        made = cls()
        for each in served:
            made._put(each)
        return made

    def create(self, operation_id: str, collection: str, **options: Unpack[PlainOptions]) -> None:
        """Serve a creation."""
        self._add(operation_id, "create", collection, options)

    def get(self, operation_id: str, collection: str, **options: Unpack[PlainOptions]) -> None:
        """Serve the reading of one record."""
        self._add(operation_id, "get", collection, options)

    def list(self, operation_id: str, collection: str, **options: Unpack[PlainOptions]) -> None:
        """Serve a list."""
        self._add(operation_id, "list", collection, options)

    def update(self, operation_id: str, collection: str, **options: Unpack[PlainOptions]) -> None:
        """Serve a partial change."""
        self._add(operation_id, "update", collection, options)

    def replace(self, operation_id: str, collection: str, **options: Unpack[PlainOptions]) -> None:
        """Serve a change of the whole record."""
        self._add(operation_id, "replace", collection, options)

    def upsert(self, operation_id: str, collection: str, **options: Unpack[PlainOptions]) -> None:
        """Serve an insert-or-update of one record or of an array of them."""
        self._add(operation_id, "upsert", collection, options)

    def delete(self, operation_id: str, collection: str, **options: Unpack[PlainOptions]) -> None:
        """Serve a deletion."""
        self._add(operation_id, "delete", collection, options)

    def restore(self, operation_id: str, collection: str, **options: Unpack[PlainOptions]) -> None:
        """Serve the undoing of a soft deletion."""
        self._add(operation_id, "restore", collection, options)

    def differ(self, operation_id: str, **options: Unpack[Differences]) -> None:
        """Say what differs at an operation that is otherwise served as the document says; filters are added to its."""
        if operation_id in self.served or operation_id in self.differences:
            raise SandboxError(f"operation {operation_id!r} is served twice")
        self.differences[operation_id] = options

    def add(self, operation_id: str, collection: str, **options: Unpack[PlainOptions]) -> None:
        """Serve the adding of values to a list field of a record; the body is one or an array of them."""
        self._add(operation_id, "add", collection, options)

    def remove(self, operation_id: str, collection: str, **options: Unpack[PlainOptions]) -> None:
        """Serve the removal of values from a list field of a record; the body is one or an array of them."""
        self._add(operation_id, "remove", collection, options)

    def special(self, operation_id: str, *, accepts: Sequence[str] = ()) -> Callable[[Handler], Handler]:
        """Serve an operation by the decorated function."""

        def register(handler: Handler) -> Handler:
            self._put(Served(operation_id, handler, accepts=tuple(accepts)))
            return handler

        return register

    def alias(self, operation_id: str, of: str, rule: str) -> None:
        """Serve an operation that does the same as another one, which is served already; the rule says that it does."""
        original = self.served[of]
        self._put(replace(original, id=operation_id, rules=(rule, *original.rules)))

    def _add(self, operation_id: str, verb: Verb, collection: str, options: PlainOptions) -> None:
        singular = collection[:-1] if collection.endswith("s") else collection
        plain = Plain(verb=verb, collection=collection, one=singular, many=collection, paging=self.paging)
        plain = replace(plain, **options)
        self._put(Served(operation_id, plain=plain, rules=plain.rules))

    def _put(self, served: Served) -> None:
        if served.id in self.served or served.id in self.differences:
            raise SandboxError(f"operation {served.id!r} is served twice")
        self.served[served.id] = served
