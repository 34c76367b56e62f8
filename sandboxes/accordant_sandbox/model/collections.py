"""Collections: what kinds of record a vendor keeps, how they are keyed, and what they refer to.

A row is a plain dict that is never changed after it was stored, only replaced: snapshots are therefore free. Field
names that begin with `_` belong to the sandbox and never leave it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal, TypeAlias

from accordant_sandbox.model.choices import ValueChoice
from accordant_sandbox.model.lifecycle import Lifecycle
from accordant_sandbox.model.parts import RecordPart
from accordant_sandbox.model.problems import Kind
from accordant_sandbox.ports import Derive, Guard, Key, Make, Principal, Row, Scope, Tx, View, Visible

__all__ = ["Code", "Collection", "Int", "KeyKind", "Made", "Natural", "Ref", "Uuid", "public", "show", "uuid_text"]


@dataclass(frozen=True, slots=True)
class Int:
    """Keys counted up by the server."""

    start: int = 1


@dataclass(frozen=True, slots=True)
class Uuid:
    """Version 4 UUIDs from the sandbox's random source."""


@dataclass(frozen=True, slots=True)
class Code:
    """Short random upper-case codes with a prefix."""

    prefix: str = ""
    length: int = 8


@dataclass(frozen=True, slots=True)
class Natural:
    """Keys made of fields that the client sends; compared without case unless told otherwise."""

    fields: tuple[str, ...]
    any_case: bool = True

    def of(self, row: Row) -> Key:
        """The key of a row: the tuple of its key fields as text."""
        values = (row.get(name) for name in self.fields)
        parts = tuple("" if value is None else str(value) for value in values)
        return tuple(part.casefold() for part in parts) if self.any_case else parts


@dataclass(frozen=True, slots=True)
class Made:
    """Keys that a function makes out of their number, from 1."""

    make: Callable[[int], Any]


KeyKind: TypeAlias = Int | Uuid | Code | Natural | Made


@dataclass(frozen=True, slots=True)
class Ref:
    """A field that holds the key of another collection's row.

    on_delete:
        What happens to this row when that one goes: refuse the deletion, cascade (this one goes as well), null the
        field, or keep it as it is.
    fields:
        All fields that together hold a natural key, in that key's order; `field` is then the one that messages name
        and that is nulled. One of them without a value: no reference.
    """

    field: str
    collection: str
    on_delete: Literal["refuse", "cascade", "null", "keep"] = "keep"
    rule: str | None = None
    fields: tuple[str, ...] = ()

    def held(self, row: Row, parent: Collection) -> dict[str, Any] | None:
        """The key fields of the other row as this row holds them; None where it refers to nothing."""
        names = parent.kind.fields if isinstance(parent.kind, Natural) else (parent.key,)
        values = [row.get(name) for name in self.fields or (self.field,)]
        return None if None in values else dict(zip(names, values, strict=True))

    def key_in(self, row: Row, parent: Collection) -> Key | None:
        """The key of the other row as this row holds it; None where it refers to nothing."""
        held = self.held(row, parent)
        return None if held is None else parent.key_of(held)


@dataclass(frozen=True, kw_only=True)
class Collection:
    """One kind of record.

    Args:
        name: Plural name; also the attribute of `Sandbox.state`.
        kind: How keys are made.
        key: Field that holds a server-made key.
        fields: Fields that a client may set at creation.
        fixed: Those of them that cannot be changed afterwards; they are ignored in updates.
        later: Those of them that only a change may set; they are ignored at creation.
        from_caller: Those of them that a new record takes from whoever makes it, where the body leaves them out: field
            to the name in the principal's data. A caller without it has to name the field: `invalid`.
            `from_caller_rule` is noted where a record takes it.
        names: What a body calls a field, where that is not its stored name: body name to field.
        ignored: Properties of a body that change nothing, each with the vendor's rule that says so.
        defaults: Values of fields that the client left out.
        instants: Fields that are stored as instants in UTC.
        refs: References to other collections.
        choices: Fields whose value, or each value of whose list, is one of a collection's ids or of a table's.
        parts: What belongs to a record, by the name under which a response holds it where a call asks for it.
        unique: Groups of fields that no two live rows may share (null never collides); `unique_rule` says so.
        derive: Computes further fields at every write, from the transaction and the row.
        view: Turns a stored row into what the vendor shows; receives a copy without the sandbox's own fields.
        withheld: Fields that a role neither sets nor sees, by role; `withheld_rule` is the rule that says so.
        visible: Whether a principal may see a row; others get "not found".
        scope: The same as data, for lists that need not look at every row: the field and the values of it that pick
            exactly the rows which a principal may see; None = ask `visible`. Notes the rules that `visible` notes of
            every row; `scope_rule` is noted where it leaves rows out.
        guard: The rule that forbids a principal to change or delete a row that it sees; None = it may.
        soft_delete: Deleted rows stay, hidden, and can be restored.
        stamps: Names of the creation and change instants; empty where the vendor keeps none.
        lifecycle: States, moves and effects.
        make: Values for the n-th row that a factory makes up.
        refusal: Problem kind of a deletion that references forbid, and of a broken `unique`.
        unkept: Documented properties of bodies that are not kept under their own name: they say how to write, or are
            kept under another. Every other one is kept, one that the document gains as well.
        gained: Those of the fields that the document has and the vendor's tables do not: they are shown as stored.
        underscored: Fields that begin with an underscore and are the vendor's; all others are the sandbox's own.
    """

    name: str
    kind: KeyKind = Int()
    key: str = "id"
    fields: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    from_caller: Mapping[str, str] = field(default_factory=dict[str, str])
    from_caller_rule: str | None = None
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    ignored: Mapping[str, str] = field(default_factory=dict[str, str])
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    instants: tuple[str, ...] = ()
    refs: tuple[Ref, ...] = ()
    choices: tuple[ValueChoice, ...] = ()
    parts: Mapping[str, RecordPart] = field(default_factory=dict[str, RecordPart])
    unique: tuple[tuple[str, ...], ...] = ()
    unique_rule: str | None = None
    derive: Derive | None = None
    view: View | None = None
    withheld: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    withheld_rule: str | None = None
    visible: Visible | None = None
    scope: Scope | None = None
    scope_rule: str | None = None
    guard: Guard | None = None
    soft_delete: bool = False
    stamps: tuple[str, ...] = ("created_at", "updated_at")
    lifecycle: Lifecycle | None = None
    make: Make | None = None
    refusal: Kind = "conflict"
    unkept: frozenset[str] = frozenset()
    gained: frozenset[str] = frozenset()
    underscored: frozenset[str] = frozenset()

    def key_of(self, row: Row) -> Key:
        """The key of a row."""
        return self.kind.of(row) if isinstance(self.kind, Natural) else row[self.key]

    @property
    def accounted(self) -> frozenset[str]:
        """The properties of a body that the collection says something of."""
        return self.fields | self.unkept | self.names.keys() | self.ignored.keys()

    def hides(self, name: str) -> bool:
        """Whether a field is the sandbox's own, which nobody is shown."""
        return name.startswith("_") and name not in self.underscored

    def spoken(self, field: str) -> str:
        """What a body calls a field."""
        return next((name for name, stored in self.names.items() if stored == field), field)

    def withheld_from(self, principal: Principal | None) -> frozenset[str]:
        """The fields that a principal neither sets nor sees."""
        found = self.withheld.get(principal.role) if principal and self.withheld else None
        return found or frozenset()

    def new_key(self, sequence: int, random: Random) -> Key:
        """A key for a new row: the next number, or a random text."""
        if isinstance(self.kind, Int):
            return sequence
        if isinstance(self.kind, Made):
            return self.kind.make(sequence)
        if isinstance(self.kind, Code):
            letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
            return self.kind.prefix + "".join(random.choices(letters, k=self.kind.length))
        return uuid_text(random)


def uuid_text(random: Random) -> str:
    """A version 4 UUID from a random source."""
    bits = random.getrandbits(128)
    bits = bits & ~(0xF << 76) | (4 << 76)
    bits = bits & ~(0x3 << 62) | (2 << 62)
    text = f"{bits:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def public(collection: Collection, row: Row) -> dict[str, Any]:
    """A copy of a row without the sandbox's own fields."""
    kept = collection.underscored
    return {name: value for name, value in row.items() if name[:1] != "_" or name in kept}


def show(tx: Tx, collection: Collection, row: Row) -> dict[str, Any]:
    """A stored row as the vendor shows it to the caller."""
    withheld = collection.withheld_from(tx.principal)
    if withheld and collection.withheld_rule:
        tx.rule(collection.withheld_rule)
    shown = public(collection, row)
    if withheld:
        shown = {name: value for name, value in shown.items() if name not in withheld}
    if not collection.view:
        return shown
    viewed = collection.view(tx, dict(shown))
    return {**{name: shown[name] for name in collection.gained if name in shown}, **viewed}
