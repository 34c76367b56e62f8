"""The function that reads one model: a line or two for each field, made from the model's table.

Values of the documented type are taken over as they are; whatever else comes goes to the field's decoder, which notes
it. An object without unknown keys is known by their number, and its fields are set without a constructor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import fields

from ._decoders import at, number, untyped
from ._json_types import is_array
from ._notes import Decode, Notes
from ._plain import optional_fields
from ._plain import read as read_plainly
from ._straight import EXACT, bare, class_of, enum_of, item_of, made
from ._unset import UNSET

_HEAD = """\
def decode(cls, value, notes):
    if cls is not OWNER or type(value) is not dict:
        return plain(cls, value, notes)
    get = value.get
    self = new(OWNER)
    absent = 0
    noted = notes.items
    mark = len(noted)"""


def reader(owner: type[Any]) -> Callable[[type[Any], Any, Notes], Any]:
    """The function that reads a model."""
    if not _only_sets_fields(owner):
        return read_plainly
    names: dict[str, Any] = {
        **{"OWNER": owner, "UNSET": UNSET, "KNOWN": frozenset(wire for wire, _ in owner.WIRE.values())},
        **{"plain": read_plainly, "new": object.__new__, "at": at, "below": below, "items_of": items_of},
        "rest_of": rest_of,
    }
    lines = [_HEAD]
    optional = optional_fields(owner)
    for index, (attribute, (wire, decode)) in enumerate(owner.WIRE.items()):
        names[f"decode_{index}"] = bare(decode)[0]
        lines += _field(index, wire, decode, attribute in optional, names)
        lines.append(f"    self.{attribute} = v")
    if owner.REST is untyped:
        lines.append(f"    self.additional_properties = {{}} if len(value) == {len(owner.WIRE)} - absent else ")
        lines[-1] += "rest_of(value, KNOWN)"
    else:
        names["REST"] = owner.REST
        lines.append("    self.additional_properties = rest_of(value, KNOWN, REST, notes)")
    return made(owner, "decode", [*lines, "    return self"], names)


def _only_sets_fields(owner: type[Any]) -> bool:
    """Whether a model's constructor and its attributes do nothing but keep values."""
    if "__attrs_attrs__" not in vars(owner) or hasattr(owner, "__attrs_post_init__"):
        return False
    kept = getattr(owner, "__setattr__", None) is getattr(object, "__setattr__", None)
    return kept and all(item.validator is None and item.converter is None for item in fields(owner))


def _field(index: int, wire: str, decode: Any, optional: bool, names: dict[str, Any]) -> list[str]:
    """The lines that leave a field's value in ``v``."""
    decode, null = bare(decode)
    lines = [f"    v = get({wire!r}, UNSET)"]
    if decode is untyped:
        return [*lines, "    if v is UNSET:", "        absent += 1"]
    unfit = _unfit(index, wire)
    if decode in EXACT or decode is number:
        kinds = [EXACT[decode]] if decode in EXACT else [float, int]
        lines.append(f"    if {' and '.join(f'type(v) is not {kind.__name__}' for kind in kinds)}:")
        lines += ["        if v is UNSET:", "            absent += 1"]
        if optional:
            return [*lines, "        elif v is not None:" if null else "        else:", *_in(unfit, 12)]
        return [*lines, *([*_in(["if v is not None:"], 8), *_in(unfit, 12)] if null else _in(unfit, 8))]
    reading = _reading(index, wire, decode, names)
    if optional:
        lines += ["    if v is UNSET:", "        absent += 1"]
        return [*lines, "    elif v is not None:" if null else "    else:", *_in(reading, 8)]
    lines += ["    if v is UNSET:", "        absent += 1"]
    return [*lines, *(["    if v is not None:", *_in(reading, 8)] if null else _in(reading, 4))]


def _reading(index: int, wire: str, decode: Any, names: dict[str, Any]) -> list[str]:
    """The lines that turn a value which is there from JSON into its Python form."""
    item = item_of(decode)
    if (enum := enum_of(decode)) is not None:
        names[f"members_{index}"] = enum._value2member_map_
        kind = "str" if issubclass(enum, str) else "int"
        return [
            f"m = members_{index}.get(v) if type(v) is {kind} else None",
            "if m is not None:",
            "    v = m",
            "else:",
            *_in(_unfit(index, wire), 4),
        ]
    if item in EXACT:
        names[f"exact_{index}"] = frozenset((EXACT[item],))
        return [
            f"if type(v) is list and exact_{index}.issuperset(map(type, v)):",
            "    v = v.copy()",
            "else:",
            *_in(_unfit(index, wire), 4),
        ]
    lift = ["if len(noted) != mark:", f"    mark = below({'.' + wire!r}, mark, notes)"]
    inner = decode if item is None else item
    if (model := class_of(inner, _model())) is not None:
        names[f"Model_{index}"] = model
        read = f"Model_{index}.decode(v, notes)" if item is None else f"items_of(v, Model_{index}.decode, notes)"
        return [f"v = {read}", *lift]
    return [f"v = decode_{index}(v, notes)", *lift]


def _unfit(index: int, wire: str) -> list[str]:
    return [f"v = at({'.' + wire!r}, decode_{index}, v, notes)", "mark = len(noted)"]


def _in(lines: list[str], indent: int) -> list[str]:
    return [" " * indent + line for line in lines]


def _model() -> type[Any]:
    from ._model import Model

    return Model


def below(segment: str, mark: int, notes: Notes) -> int:
    """Move what was noted since ``mark`` below a segment of the path; returns the new mark."""
    noted = notes.items
    noted[mark:] = [item.below(segment) for item in noted[mark:]]
    return len(noted)


def items_of(value: Any, decode: Decode[Any], notes: Notes) -> Any:
    """The models of a list."""
    if not is_array(value):
        return notes.mismatch(value, "", "array")
    noted = notes.items
    mark = len(noted)
    result: list[Any] = []
    add = result.append
    for item in value:
        add(decode(item, notes))
        if len(noted) != mark:
            mark = below(f"[{len(result) - 1}]", mark, notes)
    return result


def rest_of(
    value: dict[str, Any], known: frozenset[str], decode: Decode[Any] | None = None, notes: Notes | None = None
) -> dict[str, Any]:
    """What an object holds beside its fields."""
    rest = {name: item for name, item in value.items() if name not in known}
    if decode is None or notes is None:
        return rest
    return {name: at(f".{name}", decode, item, notes) for name, item in rest.items()}
