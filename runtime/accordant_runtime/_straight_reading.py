"""The function that reads one model: a line or two for each field, made from the model's table.

Values of the documented type are taken over as they are; whatever else comes goes to the field's decoder, which notes
it. An object without unknown keys is known by their number, and its fields are set without a constructor.
"""

from __future__ import annotations

from typing import Any

from attrs import frozen

from ._decoders import at, below, identifier, instant, number, untyped, usual_instant
from ._instants import usual_identifier
from ._json_types import is_array
from ._model import Read, RequestModel, has_own_decode, reading_of, table_owner
from ._notes import Decode, Notes
from ._plain import optional_fields
from ._plain import read as read_plainly
from ._straight import EXACT, bare, class_of, enum_of, item_of, made, only_sets_fields, rest_of
from ._straight_inside import is_small, list_lines, object_lines
from ._unset import UNSET

_HEAD = """\
def decode(cls, value, notes):
    if cls is not OWNER or type(value) is not dict:
        return plain(cls, value, notes)
    absent = 0
    self = new(OWNER)"""
_MARK = "    noted = notes.items\n    mark = len(noted) if noted else 0"
_TEXT = "    text = NO_TEXT"
_ABSENT = """\
    except KeyError:
        {targets} = taken = present(value, REQUIRED)
        absent = taken.count(UNSET)"""


def reader(owner: type[Any], within: tuple[type[Any], ...]) -> Read:
    """The function that reads a model; ``within`` are the models whose functions are being made."""
    if rest_of(owner) is None or not only_sets_fields(owner):
        return read_plainly
    names: dict[str, Any] = {
        **{"OWNER": owner, "UNSET": UNSET, "KNOWN": frozenset(wire for wire, _ in owner.WIRE.values())},
        **{"plain": read_plainly, "new": object.__new__, "at": at, "below": below, "items_of": items_of},
        **{"unknown": unknown, "present": present, "usual_instant": usual_instant},
        "usual_identifier": usual_identifier,
    }
    optional = optional_fields(owner)
    needed = [wire for attribute, (wire, _) in owner.WIRE.items() if attribute not in optional]
    lines: list[str] = []
    if len(needed) > 1:
        names["REQUIRED"] = tuple(needed)
        lines += ["    try:", *(f"        v{number} = value[{wire!r}]" for number, wire in enumerate(needed))]
        lines.append(_ABSENT.format(targets=", ".join(f"v{number}" for number in range(len(needed)))))
    for index, (attribute, (wire, decode)) in enumerate(owner.WIRE.items()):
        names[f"decode_{index}"] = bare(decode)[0]
        known = f"v{needed.index(wire)}" if wire in needed and len(needed) > 1 else ""
        field = _Field(index, wire, known or "v", attribute in optional, names, within)
        lines += field.lines(decode, taken=bool(known))
        lines.append(f"    self.{attribute} = {known or 'v'}")
    read = "" if owner.REST is untyped else ", REST, notes"
    names["REST"] = owner.REST
    lines.append(f"    more = len(value) - {len(owner.WIRE)} + absent")
    lines.append(f"    self._rest = unknown(value, KNOWN, more{read}) if more else None")
    body = "\n".join(lines)
    begun = [_TEXT] if " == text:" in body else []
    if "mark:" in body:
        begun.append(_MARK)
    else:  # nothing asks what was noted meanwhile
        lines = [line for line in lines if not line.endswith("mark = len(noted)")]
    return made(owner, "decode", [_HEAD, *begun, *lines, "    return self"], names)


@frozen
class _Field:
    """The lines that read one field: they leave its value in a local variable."""

    index: int
    wire: str
    v: str
    optional: bool
    names: dict[str, Any]
    within: tuple[type[Any], ...]

    def lines(self, decode: Any, *, taken: bool) -> list[str]:
        """All lines; what is ``taken`` is in its variable already, and counted where it is absent."""
        decode, null = bare(decode)
        lines = [] if taken else [f"    {self.v} = value.get({self.wire!r}, UNSET)"]
        count = [f"    if {self.v} is UNSET:", "        absent += 1"]
        if decode is untyped:
            return lines if taken else [*lines, *count]
        if decode in EXACT or decode is number:
            kinds = [EXACT[decode]] if decode in EXACT else [float, int]
            test = " and ".join(f"type({self.v}) is not {kind.__name__}" for kind in kinds)
            inner = self._unless_null(self._unfit(), null, 8)
            if taken:
                return [*lines, f"    if {test}:", *inner]
            if not self.optional:
                return [*lines, *count, f"    if {test}:", *inner]
            return [*lines, f"    if {test}:", *_in(count, 4), "        else:", *_in(inner, 4)]
        reading = self._unless_null(self._reading(decode), null, 4)
        if self.optional:
            return [*lines, *count, "    else:", *_in(reading, 4)]
        return [*lines, *([] if taken else count), *reading]

    def _unless_null(self, lines: list[str], null: bool, indent: int) -> list[str]:
        if not null:
            return _in(lines, indent)
        return [*_in([f"if {self.v} is not None:"], indent), *_in(lines, indent + 4)]

    def _reading(self, decode: Any) -> list[str]:
        """The lines that turn a value from JSON into its Python form."""
        v, index, item = self.v, self.index, item_of(decode)
        if (enum := enum_of(decode)) is not None:
            self.names[f"members_{index}"] = enum._value2member_map_
            kind = "str" if issubclass(enum, str) else "int"
            member = f"members_{index}.get({v}) if type({v}) is {kind} else None"
            return [f"m = {member}", "if m is not None:", f"    {v} = m", "else:", *_in(self._unfit(), 4)]
        if decode is instant:
            return self._instant()
        if decode is identifier:
            return [*self._usual(f"usual_identifier({v}) if type({v}) is str else None"), "else:", f"    {v} = m"]
        if item in EXACT:
            self.names[f"exact_{index}"] = frozenset((EXACT[item],))
            test = f"type({v}) is list and exact_{index}.issuperset(map(type, {v}))"
            return [f"if {test}:", f"    {v} = {v}.copy()", "else:", *_in(self._unfit(), 4)]
        inner = decode if item is None else item
        if (model := class_of(inner, RequestModel)) is not None and not has_own_decode(model):
            self.names[f"Model_{index}"] = model
            self.names[f"read_{index}"] = reading_of(table_owner(model), self.within)
            of_one, of_list = (
                f"read_{index}(Model_{index}, {v}, notes)",
                f"items_of({v}, Model_{index}, read_{index}, notes)",
            )
            reading = self._decoded(of_one if item is None else of_list)
            if not is_small(model):
                return reading
            inside = (object_lines if item is None else list_lines)(v, model, f"Model_{index}")
            return [*inside, "if m is not None:", f"    {v} = m", "else:", *_in(reading, 4)]
        return self._decoded()

    def _instant(self) -> list[str]:
        """The lines for a date-time. A record that was never changed has its creation's time twice: one object serves
        for both."""
        v, first = self.v, "NO_TEXT" not in self.names
        self.names["NO_TEXT"] = object()
        usual = self._usual(f"usual_instant({v}) if type({v}) is str and {v}[4::3] == '--T::Z' else None")
        usual += ["else:", f"    text, {v} = {v}, m", "    moment = m"]
        return usual if first else [f"if {v} == text:", f"    {v} = moment", "else:", *_in(usual, 4)]

    def _usual(self, read: str) -> list[str]:
        """The lines that read a text in its usual form into ``m``; any other goes to its decoder."""
        tried = ["try:", f"    m = {read}", "except ValueError:", "    m = None"]
        return [*tried, "if m is None:", *_in(self._decoded(), 4)]

    def _decoded(self, read: str = "") -> list[str]:
        """The lines for a value that is no scalar: what it notes lies below this field."""
        below_it = ["if noted and len(noted) != mark:", f"    mark = below({'.' + self.wire!r}, mark, notes)"]
        return [f"{self.v} = {read or f'decode_{self.index}({self.v}, notes)'}", *below_it]

    def _unfit(self) -> list[str]:
        """The lines for a value that is not what the table says: its decoder notes it."""
        return [f"{self.v} = at({'.' + self.wire!r}, decode_{self.index}, {self.v}, notes)", "mark = len(noted)"]


def _in(lines: list[str], indent: int) -> list[str]:
    return [" " * indent + line for line in lines]


def present(value: dict[str, Any], names: tuple[str, ...]) -> list[Any]:
    """The values of some names; UNSET for each that is absent."""
    return [value.get(name, UNSET) for name in names]


def items_of(value: Any, model: type[Any], read: Read, notes: Notes) -> Any:
    """The models of a list."""
    if not is_array(value):
        return notes.mismatch(value, "", "array")
    noted = notes.items
    mark = len(noted)
    result: list[Any] = value.copy()  # as long as it has to be, which one that grows is not
    for index, item in enumerate(value):
        result[index] = read(model, item, notes)
        if noted and len(noted) != mark:
            mark = below(f"[{index}]", mark, notes)
    return result


def unknown(
    value: dict[str, Any],
    known: frozenset[str],
    more: int,
    decode: Decode[Any] | None = None,
    notes: Notes | None = None,
) -> dict[str, Any]:
    """What an object holds beside its fields, in its order; ``more`` says how many there are. A vendor adds a field at
    the end more often than elsewhere: looking from there, few keys have to be looked at."""
    if more == 1 and decode is None:
        for name in reversed(value):
            if name not in known:
                return {name: value[name]}
    names: list[str] = []
    for name in reversed(value):
        if name not in known:
            names.append(name)
            if len(names) == more:
                break
    names.reverse()
    if decode is None or notes is None:
        return {name: value[name] for name in names}
    return {name: at(f".{name}", decode, value[name], notes) for name in names}
