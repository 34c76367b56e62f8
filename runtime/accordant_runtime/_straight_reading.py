"""The function that reads one model: a line or two for each field, made from the model's table.

Values of the documented type are taken over as they are; whatever else comes goes to the field's decoder, which notes
it. An object without unknown keys is known by their number, and its fields are set without a constructor.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from ._decoders import at, below, identifier, instant, number, untyped, usual_instant
from ._instants import usual_identifier
from ._json_types import is_array
from ._model import Read, RequestModel, has_own_decode, reading_of, table_owner
from ._notes import Decode, Notes
from ._plain import optional_fields
from ._plain import read as read_plainly
from ._straight import EXACT, bare, class_of, enum_of, item_of, key_named, made, only_sets_fields, rest_of
from ._straight_inside import is_small, list_lines, object_lines
from ._unset import UNSET

_HEAD = """\
def decode(cls, value, notes):
    if cls is not OWNER or type(value) is not dict:
        return plain(cls, value, notes)
    size, absent = len(value), 0
    self = new(OWNER)"""
_MARK = "    noted = notes.items\n    mark = len(noted) if noted else 0"
_TEXT = "    text = NO_TEXT"
_REQUIRED = """\
    except KeyError:
        {targets}= taken = present(value, REQUIRED)
        absent = taken.count(UNSET)"""
_OPTIONAL = """\
        except KeyError:
            {targets}= present(value, OPTIONAL)"""


def reader(owner: type[Any], within: tuple[type[Any], ...]) -> Read:
    """The function that reads a model; ``within`` are the models whose functions are being made."""
    if rest_of(owner) is None or not only_sets_fields(owner):
        return read_plainly
    names: dict[str, Any] = {
        **{"OWNER": owner, "UNSET": UNSET, "plain": read_plainly, "new": object.__new__, "at": at, "below": below},
        **{"items_of": items_of, "unknown": unknown, "present": present, "usual_instant": usual_instant},
        **{"usual_identifier": usual_identifier, "SHAPE": slice(4, None, 3)},
    }
    optional, variables = optional_fields(owner), _variables(owner.WIRE)
    lines = _taken({attribute: wire for attribute, (wire, _) in owner.WIRE.items()}, optional, names)
    for index, (attribute, (wire, decode)) in enumerate(owner.WIRE.items()):
        names[f"decode_{index}"] = bare(decode)[0]
        v = variables[attribute]
        lines += _Field(index, wire, v, attribute in optional, names, within).lines(decode)
        lines.append(f"    self.{attribute} = {v}")
    read = "" if owner.REST is untyped else ", REST, notes"
    names["REST"] = owner.REST
    lines.append(f"    more = size - {len(owner.WIRE)} + absent")
    lines.append(f"    self._rest = unknown(value, KNOWN, more{read}) if more else None")
    body = "\n".join(lines)
    begun = [_TEXT] if " == text:" in body else []
    if "mark:" in body:
        begun.append(_MARK)
    else:  # nothing asks what was noted meanwhile
        lines = [line for line in lines if not line.endswith("mark = len(noted)")]
    return made(owner, "decode", [_HEAD, *begun, *lines, "    return self"], names)


def _taken(wires: dict[str, str], optional: frozenset[str], names: dict[str, Any]) -> list[str]:
    """The lines that take the values of all fields out of an object, each into its variable; ``wires`` are their names
    on the wire by attribute.

    Most objects have all optional fields or none of them, which their number of keys says; a key that is there is
    found in a third of the time then.
    """
    v = _variables(wires)
    take = {each: f"{v[each]} = value[{key_named(names, each, wire)}]" for each, wire in wires.items()}
    needed, others = [each for each in wires if each not in optional], [each for each in wires if each in optional]
    names["REQUIRED"], names["OPTIONAL"] = (tuple(names[f"key_{each}"] for each in kind) for kind in (needed, others))
    names["KNOWN"] = frozenset((*names["REQUIRED"], *names["OPTIONAL"]))
    lines: list[str] = []
    if needed:
        targets = "".join(f"{v[each]}, " for each in needed)
        lines += ["    try:", *(f"        {take[each]}" for each in needed), _REQUIRED.format(targets=targets)]
    if others:
        targets = "".join(f"{v[each]}, " for each in others)
        lines += [f"    if size >= {len(wires)}:", "        try:"]
        lines += [*(f"            {take[each]}" for each in others), _OPTIONAL.format(targets=targets)]
        lines += [f"    elif size == {len(needed)} and not absent:"]
        lines += [f"        {' = '.join(v[each] for each in others)} = UNSET", "    else:"]
        lines += [f"        {v[each]} = value.get(key_{each}, UNSET)" for each in others]
    return lines


def _variables(attributes: Iterable[str]) -> dict[str, str]:
    """The local variables in which the values of attributes are."""
    return {attribute: f"v{number}" for number, attribute in enumerate(attributes)}


@frozen
class _Field:
    """The lines that read one field: they leave its value in a local variable."""

    index: int
    wire: str
    v: str
    optional: bool
    names: dict[str, Any]
    within: tuple[type[Any], ...]

    def lines(self, decode: Any) -> list[str]:
        """All lines; an optional field that is absent is counted."""
        decode, null = bare(decode)
        count = [f"    if {self.v} is UNSET:", "        absent += 1"]
        if decode is untyped:
            return count if self.optional else []
        if decode in EXACT or decode is number:
            kinds = [EXACT[decode]] if decode in EXACT else [float, int]
            test = " and ".join(f"type({self.v}) is not {kind.__name__}" for kind in kinds)
            inner = self._unless_null(self._unfit(), null, 8)
            if not self.optional:
                return [f"    if {test}:", *inner]
            return [f"    if {test}:", *_in(count, 4), "        else:", *_in(inner, 4)]
        reading = self._unless_null(self._reading(decode), null, 4)
        return [*count, "    else:", *_in(reading, 4)] if self.optional else reading

    def _unless_null(self, lines: list[str], null: bool, indent: int) -> list[str]:
        if not null:
            return _in(lines, indent)
        return [*_in([f"if {self.v} is not None:"], indent), *_in(lines, indent + 4)]

    def _reading(self, decode: Any) -> list[str]:
        """The lines that turn a value from JSON into its Python form."""
        v, index, item = self.v, self.index, item_of(decode)
        if (enum := enum_of(decode)) is not None:
            self.names[f"members_{index}"] = enum._value2member_map_
            if issubclass(enum, str):
                member = ["try:", f"    m = members_{index}[{v}]", "except (KeyError, TypeError):", "    m = None"]
            else:  # 1.0 and True are 1 as keys
                member = [f"m = members_{index}.get({v}) if type({v}) is int else None"]
            return [*member, "if m is not None:", f"    {v} = m", "else:", *_in(self._unfit(), 4)]
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
            inside = (object_lines if item is None else list_lines)(v, model, index, self.names)
            return [*inside, "if m is not None:", f"    {v} = m", "else:", *_in(reading, 4)]
        return self._decoded()

    def _instant(self) -> list[str]:
        """The lines for a date-time. A record that was never changed has its creation's time twice: one object serves
        for both."""
        v, first = self.v, "NO_TEXT" not in self.names
        self.names["NO_TEXT"] = object()
        usual = self._usual(f"usual_instant({v}) if {v}[SHAPE] == '--T::Z' else None")
        usual += ["else:", f"    text, {v} = {v}, m", "    moment = m"]
        return usual if first else [f"if {v} == text:", f"    {v} = moment", "else:", *_in(usual, 4)]

    def _usual(self, read: str) -> list[str]:
        """The lines that read a text in its usual form into ``m``; any other goes to its decoder."""
        tried = ["try:", f"    m = {read}", "except (ValueError, TypeError, KeyError):", "    m = None"]
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
