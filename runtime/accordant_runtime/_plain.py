"""Models read and written field by field: what the straight-line functions do, in a form that is easy to check.

It serves subclasses that users derive from models, whose constructors may do more than set fields; the tests hold the
straight-line functions against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import NOTHING, fields

from ._decoders import MapOf, at, untyped
from ._encode import to_wire
from ._json_types import is_object
from ._notes import Notes
from ._unset import UNSET


def optional_fields(owner: type[Any]) -> frozenset[str]:
    """The attributes of a model that a response need not have: those with a default."""
    return frozenset(item.name for item in fields(owner) if item.default is not NOTHING)


def read(cls: type[Any], value: Any, notes: Notes) -> Any:
    """Read one object."""
    if not is_object(value):
        return notes.mismatch(value, "", "object")
    rest = value.copy()
    optional = optional_fields(cls)
    found: dict[str, Any] = {}
    for attribute, (wire, decode) in cls.WIRE.items():
        item = rest.pop(wire, UNSET)
        absent = item is UNSET and attribute in optional
        found[attribute] = UNSET if absent else at(f".{wire}", decode, item, notes)
    unknown = rest if cls.REST is untyped else MapOf(cls.REST)(rest, notes)
    return cls(**found, additional_properties=unknown)


def write(model: Any) -> dict[str, Any]:
    """Write one object: absent fields are left out."""
    result: dict[str, Any] = {}
    for attribute, (wire, _) in model.WIRE.items():
        value = getattr(model, attribute)
        if value is not UNSET:
            result[wire] = to_wire(value)
    return with_rest(result, model.additional_properties)


def with_rest(result: dict[str, Any], rest: Mapping[str, Any]) -> dict[str, Any]:
    """Add what an object holds beside its fields, in its JSON form."""
    for name, value in rest.items():
        result[name] = to_wire(value)
    return result
