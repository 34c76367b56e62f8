"""What responses showed at each place of a document's schemas."""

from __future__ import annotations

import contextlib
import datetime
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from attrs import define, field

from accordant_runtime import is_array, is_object

from ..document.document import Document, Operation, token
from ..document.values import ABSENT, Exchange
from ..judges.exposure import json_type
from ..traffic.masked import is_mask
from .places import Place

_MOST_VALUES: Final = 40
_DEEPEST: Final = 20
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_URI: Final = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)


@define(eq=False)
class Observed:
    """The values that were seen at one place.

    ``members`` counts in how many of ``objects`` objects a property was; ``values`` are the different texts, until
    there are too many; ``fits`` counts the texts by the formats that they have.
    """

    count: int = 0
    kinds: Counter[str] = field(factory=Counter[str])
    objects: int = 0
    members: Counter[str] = field(factory=Counter[str])
    values: Counter[str] = field(factory=Counter[str])
    many: bool = False
    least: float = math.inf
    most: float = -math.inf
    shortest: int = 2**31
    longest: int = 0
    fits: Counter[str] = field(factory=Counter[str])

    def add(self, value: Any) -> None:
        """One more value."""
        self.count += 1
        kind = json_type(value)
        self.kinds[kind] += 1
        if kind in ("integer", "number"):
            self.least, self.most = min(self.least, value), max(self.most, value)
        elif kind == "string":
            self.shortest, self.longest = min(self.shortest, len(value)), max(self.longest, len(value))
            self.fits.update(formats_of(value))
            if not self.many:
                self.values[value] += 1
                self.many = len(self.values) > _MOST_VALUES
        elif kind == "object":
            self.objects += 1
            self.members.update(list(value))
        elif kind == "array":
            self.shortest, self.longest = min(self.shortest, len(value)), max(self.longest, len(value))


def observe(document: Document, exchanges: Iterable[tuple[Operation, Exchange]]) -> dict[Place, Observed]:
    """What the successes among these exchanges showed."""
    seen: dict[Place, Observed] = {}
    for operation, exchange in exchanges:
        found = operation.response(exchange.status)
        if not exchange.success or found is None or exchange.document is ABSENT:
            continue
        node, pointer = found
        if node.get("content", {}).get("application/json", {}).get("schema") is not None:
            pointer = f"{pointer}/content/{token('application/json')}/schema"
            _see(document, pointer, exchange.document, seen, 0)
    return seen


def formats_of(text: str) -> list[str]:
    """The formats of OpenAPI that a text has."""
    found: list[str] = []
    try:
        moment = datetime.datetime.fromisoformat(text) if "T" in text else None
        found += ["date-time"] if moment is not None and moment.tzinfo is not None else []
        found += ["date"] if len(text) == 10 and datetime.date.fromisoformat(text) else []
    except ValueError:
        pass
    if len(text) == 36:
        with contextlib.suppress(ValueError):
            found += ["uuid"] if str(UUID(text)) == text.lower() else []
    found += ["email"] if _EMAIL.fullmatch(text) else []
    return [*found, *(["uri"] if _URI.fullmatch(text) else [])]


def _see(document: Document, pointer: str, value: Any, seen: dict[Place, Observed], depth: int) -> None:
    """Note a value at its schema and those within; where several schemas are offered, which it is cannot be told."""
    schema, pointer = document.schemas.follow({"$ref": f"#{pointer}"})
    if depth > _DEEPEST or is_mask(value):
        return
    seen.setdefault(place_of(pointer, document.data), Observed()).add(value)
    for keyword in ("anyOf", "oneOf"):
        real = [index for index, part in enumerate(schema.get(keyword, ())) if part.get("type") != "null"]
        if len(real) == 1 and value is not None:
            _see(document, f"{pointer}/{keyword}/{real[0]}", value, seen, depth + 1)
    for index in range(len(schema.get("allOf", ()))):
        _see(document, f"{pointer}/allOf/{index}", value, seen, depth + 1)
    if is_object(value):
        for name in schema.get("properties", {}):
            if name in value:
                _see(document, f"{pointer}/properties/{token(name)}", value[name], seen, depth + 1)
    elif is_array(value) and is_object(schema.get("items")):
        for each in value:
            _see(document, f"{pointer}/items", each, seen, depth + 1)


def place_of(pointer: str, document: Mapping[str, Any]) -> Place:
    """A JSON pointer as a place; what indexes a list is a number."""
    place: list[str | int] = []
    node: Any = document
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if is_array(node):
            place.append(int(name))
            node = node[int(name)]
        else:
            place.append(name)
            node = node[name]
    return tuple(place)
