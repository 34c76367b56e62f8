"""Comparing records: what was sent with what came back, what was there with what is there now."""

from __future__ import annotations

import datetime
from collections.abc import Container, Iterator, Mapping
from typing import Any

from attrs import frozen

from accordant_runtime import is_array, is_object

from .schemas import Schemas, types_of
from .values import ABSENT

_INSTANTS = ("date-time", "local-date-time")


@frozen
class Difference:
    """One place where two records differ; ``instant`` says that both are times."""

    path: str
    wanted: Any
    found: Any
    instant: bool = False

    def __str__(self) -> str:
        return f"{self.path} is {short(self.found)}, not {short(self.wanted)}"


def lost(sent: Any, found: Any, schema: Mapping[str, Any], schemas: Schemas, path: str = "$") -> Iterator[Difference]:
    """What was sent and did not come back as it was.

    Only what the response's ``schema`` knows is compared, and not what the vendor sets itself (``readOnly``,
    ``x-accordant-read-only``) or keeps to itself (``writeOnly``). An object may have gained members. What the schema
    forbids to show, by its type, format, pattern or bounds, cannot come back as it was.
    """
    plain = schemas.schema(schema)
    if is_object(sent) and is_object(found):
        if not schemas.properties(plain):  # any object, or one of several kinds: what both have is compared
            more = plain.get("additionalProperties")
            part = more if is_object(more) else {}
            for name in sent.keys() & found.keys():
                yield from lost(sent[name], found[name], part, schemas, f"{path}.{name}")
        for name, part in schemas.properties(plain).items():
            if name in sent and not (_vendor_sets(part) or part.get("writeOnly")):
                yield from lost(sent[name], found.get(name, ABSENT), part, schemas, f"{path}.{name}")
    elif is_array(sent) and is_array(found) and len(sent) == len(found):
        for index, (one, other) in enumerate(zip(sent, found, strict=True)):
            yield from lost(one, other, plain.get("items", {}), schemas, f"{path}[{index}]")
    elif sent is None and found is ABSENT:
        return
    elif shown_alike(sent, plain) and schemas.within(sent, plain) and not same(sent, found, plain):
        yield Difference(path, sent, found, sent is not None and plain.get("format") in _INSTANTS)


def changes(
    before: Any, after: Any, schema: Mapping[str, Any], schemas: Schemas, ignore: Container[str] = (), path: str = "$"
) -> Iterator[Difference]:
    """What is different in two readings of a record, but for what changes without a write (``x-accordant-volatile``).

    ``ignore`` are names at the top of the record. A member that one reading has and the other lacks is a difference.
    """
    plain = schemas.schema(schema)
    if is_object(before) and is_object(after):
        parts = schemas.properties(plain)
        for name in dict.fromkeys([*before, *after]):
            part = parts.get(name, {})
            if name not in ignore and not part.get("x-accordant-volatile"):
                yield from changes(
                    before.get(name, ABSENT), after.get(name, ABSENT), part, schemas, path=f"{path}.{name}"
                )
    elif is_array(before) and is_array(after) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from changes(one, other, plain.get("items", {}), schemas, path=f"{path}[{index}]")
    elif not same(before, after, plain):
        yield Difference(path, before, after, plain.get("format") in _INSTANTS)


def beside(record: Mapping[str, Any]) -> frozenset[str]:
    """The members of a response that are none of its record's: in JSON:API, the other records that it refers to."""
    return frozenset({"included"}) if "data" in record and is_array(record.get("included")) else frozenset()


def same(one: Any, other: Any, schema: Mapping[str, Any]) -> bool:
    """Whether two values are the same to a reader: times as instants, numbers by value."""
    if one is ABSENT or other is ABSENT:
        return one is other
    if schema.get("format") in _INSTANTS and isinstance(one, str) and isinstance(other, str):
        first, second = moment(one), moment(other)
        return one == other if first is None or second is None else first == second
    if schema.get("format") == "uuid" and isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def moment(text: Any) -> datetime.datetime | None:
    """A date-time text as an instant (naive without an offset), or ``None`` when it is none."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(datetime.UTC) if found.tzinfo else found


def comparable(value: Any, schema: Mapping[str, Any]) -> Any:
    """A value in the form that it is compared and ordered by."""
    if schema.get("format") in _INSTANTS:
        found = moment(value)
        return value if found is None else found
    return value


def short(value: Any) -> str:
    """A value in a message."""
    shown = "absent" if value is ABSENT else repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


def shown_alike(sent: Any, schema: Mapping[str, Any]) -> bool:
    """Whether the response's schema could show a sent value as it is: a name may come back as the record it names."""
    types = types_of(schema)
    return not types or any(isinstance(sent, _KINDS[each]) for each in types if each in _KINDS)


_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "null": type(None), "boolean": bool, "integer": int, "number": (int, float), "string": str, "array": list,
    "object": dict,
}  # fmt: skip


def _vendor_sets(schema: Mapping[str, Any]) -> bool:
    return bool(schema.get("readOnly") or schema.get("x-accordant-read-only"))
