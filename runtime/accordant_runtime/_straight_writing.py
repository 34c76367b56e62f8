"""The function that writes one model: a line or two for each field, made from the model's table.

A value of the class that the table names is written without asking what it is; any other goes to ``to_wire``.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from typing import Any

from ._decoders import identifier, instant, number
from ._encode import to_wire
from ._instants import identifier_text, instant_text
from ._plain import with_rest
from ._straight import EXACT, bare, class_of, enum_of, item_of, made
from ._unset import UNSET

_PLAIN = "to_wire(v)"


def writer(owner: type[Any]) -> Callable[[Any], dict[str, Any]]:
    """The function that writes a model."""
    names: dict[str, Any] = {
        **{"UNSET": UNSET, "to_wire": to_wire, "instant_text": instant_text, "identifier_text": identifier_text},
        **{"with_rest": with_rest, "datetime": datetime.datetime, "UUID": uuid.UUID},
    }
    lines = ["def to_dict(self):", "    result = {}"]
    for index, (attribute, (wire, decode)) in enumerate(owner.WIRE.items()):
        lines.append(f"    if (v := self.{attribute}) is not UNSET:")
        lines.append(f"        result[{wire!r}] = {_written(index, *bare(decode), names)}")
    lines += ["    rest = self.additional_properties", "    return with_rest(result, rest) if rest else result"]
    return made(owner, "to_dict", lines, names)


def _written(index: int, decode: Any, null: bool, names: dict[str, Any]) -> str:
    """The expression for the JSON form of ``v``."""
    none = " or v is None" if null else ""
    if decode in EXACT:
        return f"v if type(v) is {EXACT[decode].__name__}{none} else {_PLAIN}"
    if decode is number:
        return f"v if type(v) is float or type(v) is int{none} else {_PLAIN}"
    if decode is instant:
        return f"instant_text(v) if type(v) is datetime else {_PLAIN}"
    if decode is identifier:
        return f"identifier_text(v) if type(v) is UUID else {_PLAIN}"
    if (enum := enum_of(decode)) is not None:
        names[f"Enum_{index}"] = enum
        return f"v._value_ if type(v) is Enum_{index} else {_PLAIN}"
    item = item_of(decode)
    if item in EXACT:
        names[f"exact_{index}"] = frozenset((EXACT[item],))
        return f"v.copy() if type(v) is list and exact_{index}.issuperset(map(type, v)) else {_PLAIN}"
    if (model := class_of(decode if item is None else item, _request_model())) is not None:
        names[f"Model_{index}"] = model
        if item is None:
            return f"v.to_dict() if type(v) is Model_{index} else {_PLAIN}"
        each = f"[i.to_dict() if type(i) is Model_{index} else to_wire(i) for i in v]"
        return f"{each} if type(v) is list else {_PLAIN}"
    return _PLAIN


def _request_model() -> type[Any]:
    from ._model import RequestModel

    return RequestModel
