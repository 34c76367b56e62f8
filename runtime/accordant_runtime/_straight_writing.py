"""The function that writes one model: a line or two for each field, made from the model's table.

A value of the class that the table names is written without asking what it is; any other goes to ``to_wire``.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from math import isfinite
from typing import Any, Final

from ._decoders import day, identifier, instant, number
from ._encode import to_wire
from ._instants import identifier_text, instant_text
from ._model import OddValueError, RequestModel, made_for, table_owner
from ._plain import with_rest
from ._straight import EXACT, bare, class_of, enum_of, item_of, made, rest_of
from ._unset import UNSET

_OTHERWISE: Final = "to_wire(v)"


def writer(owner: type[Any], _within: tuple[type[Any], ...]) -> Callable[[Any], dict[str, Any]]:
    """The function that writes a model."""
    names = _names(owner)
    lines = ["def to_dict(self):", "    result = {}"]
    for index, (attribute, (wire, decode)) in enumerate(owner.WIRE.items()):
        write, test = _written(index, *bare(decode), names)
        lines += [f"    v = self.{attribute}", f"    if {test}:", f"        result[{wire!r}] = {write}"]
        if write != _OTHERWISE:
            lines += ["    elif v is not UNSET:", f"        result[{wire!r}] = {_OTHERWISE}"]
    lines += [f"    rest = {_rest(owner)}", "    return with_rest(result, rest) if rest else result"]
    return made(owner, "to_dict", lines, names)


def native_writer(owner: type[Any], within: tuple[type[Any], ...]) -> Callable[[Any], dict[str, Any]]:
    """The function that gives orjson what it can write itself; raises ``OddValueError`` for whatever the table does not
    say, which NaN and other keys are as well."""
    names = _names(owner)
    lines = ["def native(self):", "    if type(self) is not OWNER:", "        raise OddValueError", "    result = {}"]
    for index, (attribute, (wire, decode)) in enumerate(owner.WIRE.items()):
        write, test = _native(index, *bare(decode), names, within)
        lines += [f"    v = self.{attribute}", f"    if {test}:", f"        result[{wire!r}] = {write}"]
        lines += ["    elif v is not UNSET:", "        raise OddValueError"]
    lines += [f"    if {_rest(owner)}:", "        raise OddValueError", "    return result"]
    return made(owner, "native", lines, names)


def _rest(owner: type[Any]) -> str:
    """The expression for what an object holds beside its fields, None where nobody has asked for it."""
    return "self.additional_properties" if rest_of(owner) is None else "self._rest"


def _names(owner: type[Any]) -> dict[str, Any]:
    kinds = {"OWNER": owner, "UUID": uuid.UUID, "date": datetime.date, "datetime": datetime.datetime}
    texts = {"instant_text": instant_text, "identifier_text": identifier_text, "OddValueError": OddValueError}
    names = {"UNSET": UNSET, "UTC": datetime.UTC, "isfinite": isfinite, "to_wire": to_wire, "with_rest": with_rest}
    return {**kinds, **texts, **names}


def _native(
    index: int, decode: Any, null: bool, names: dict[str, Any], within: tuple[type[Any], ...]
) -> tuple[str, str]:
    """The expression for what orjson is given for ``v``, and the test that it asks for."""
    if null:
        write, test = _native(index, decode, False, names, within)
        return (write if write == "v" else f"None if v is None else {write}"), f"v is None or {test}"
    if decode is number:
        return "v", "type(v) is int or type(v) is float and isfinite(v)"
    if decode is instant:
        return "v", "type(v) is datetime and v.tzinfo is UTC"
    if decode is identifier:
        return "v", "type(v) is UUID or type(v) is str"
    if (enum := enum_of(decode)) is not None:
        names[f"Enum_{index}"] = enum
        return f"v._value_ if type(v) is Enum_{index} else v", f"type(v) is Enum_{index} or type(v) is str"
    item = item_of(decode)
    model = class_of(decode if item is None else item, RequestModel)
    if model is not None:
        names[f"Model_{index}"] = model
        names[f"native_{index}"] = made_for(table_owner(model), "_native", native_writer, within)
        if item is None:
            return f"native_{index}(v)", f"type(v) is Model_{index}"
        return f"[*map(native_{index}, v)]", "type(v) is list"
    write, test = _written(index, decode, False, names)
    return ("v", "False") if write == _OTHERWISE else (write, test)


def _written(index: int, decode: Any, null: bool, names: dict[str, Any]) -> tuple[str, str]:
    """The expression for the JSON form of ``v``, and the test that it asks for."""
    none = " or v is None" if null else ""
    if decode in EXACT:
        return "v", f"type(v) is {EXACT[decode].__name__}{none}"
    if decode is number:
        return "v", f"type(v) is float or type(v) is int{none}"
    if decode is instant:
        return "instant_text(v)", "type(v) is datetime"
    if decode is identifier:
        return "identifier_text(v)", "type(v) is UUID"
    if decode is day:
        return "v.isoformat()", "type(v) is date"
    if (enum := enum_of(decode)) is not None:
        names[f"Enum_{index}"] = enum
        return "v._value_", f"type(v) is Enum_{index}"
    item = item_of(decode)
    if item in EXACT:
        names[f"exact_{index}"] = frozenset((EXACT[item],))
        return "v.copy()", f"type(v) is list and exact_{index}.issuperset(map(type, v))"
    if (model := class_of(decode if item is None else item, RequestModel)) is not None:
        names[f"Model_{index}"] = model
        if item is None:
            return "v.to_dict()", f"type(v) is Model_{index}"
        return f"[i.to_dict() if type(i) is Model_{index} else to_wire(i) for i in v]", "type(v) is list"
    return _OTHERWISE, "v is not UNSET"
