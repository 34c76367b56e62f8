"""Values that fit a schema: the document's own examples where they fit, else made up from types, formats and bounds."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias

import orjson

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.example_parts import own_kind, told_apart, without
from accordant_sandbox.http.json_types import is_array, is_number, is_object
from accordant_sandbox.http.patterns import matching
from accordant_sandbox.http.record_dates import in_order
from accordant_sandbox.http.schemas import Schemas

__all__ = ["ExampleValues", "Side"]

Side: TypeAlias = Literal["request", "response"]
_FORMATS: Final = {
    "date-time": "2026-03-01T09:00:00Z",
    "date": "2026-03-01",
    "time": "09:00:00Z",
    "local-date-time": "2026-03-01T09:00:00",
    "local-time": "09:00:00",
    "duration": "PT1H",
    "email": "person@example.com",
    "idn-email": "person@example.com",
    "uri": "https://example.com/page",
    "url": "https://example.com/page",
    "uri-reference": "/page",
    "iri": "https://example.com/page",
    "hostname": "host.example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "byte": "dGV4dA==",
    "json-pointer": "/part",
    "regex": "a",
    "uri-template": "https://example.com/{page}",
}
_DEEP: Final = 3
"""Levels of a value at which optional properties are filled in; below them only what is required is."""
_DEEPEST: Final = 24
_TRIES: Final = 4
_TYPED: Final = frozenset({"type", "properties", "items", "prefixItems"})
"""Each of these says of what type a value is."""
_JSON: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,), "boolean": (bool,), "object": (dict,), "array": (list,), "null": (type(None),),
}  # fmt: skip


_WRITTEN: Final = {
    "uuid": re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "date-time": re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})"),
}
"""What a text of some formats looks like: examples in documents are mistyped now and then."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How a value is made: for which side, the n-th of its kind, with the document's examples or without, which of
    several alternatives, and with optional properties or without."""

    side: Side
    number: int
    examples: bool = True
    branch: int = 0
    optional: bool = True
    maps: bool = False
    """Whether an object that is a map gets an entry: alternatives that differ by it alone would all fit."""


class ExampleValues:
    """Values for the schemas of one document."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._made_before: dict[tuple[str, str, int], bytes] = {}

    def value(self, pointer: str, side: Side = "response", number: int = 1) -> Any:
        """A value that fits the schema at a pointer; the nearest to one where none of some tries fits.

        Args:
            pointer: JSON pointer of the schema.
            side: A request leaves out what only the vendor sets, a response what is only written.
            number: The n-th value of its kind: texts and numbers differ by it.
        """
        return self.once((pointer, side, number), lambda: self._best(pointer, side, number))

    def once(self, key: tuple[str, str, int], make: Callable[[], Any]) -> Any:
        """A value that is made when it is asked for first, and a copy of it whenever it is asked for."""
        known = self._made_before.get(key)
        if known is None:
            made = make()
            try:
                known = self._made_before[key] = orjson.dumps(made)
            except TypeError:  # an example with a number beyond 64 bits
                return made
        return orjson.loads(known)

    def _best(self, pointer: str, side: Side, number: int) -> Any:
        made: Any = None
        for way in _ways(side, number):
            try:
                made = self._made({"$ref": f"#{pointer}"}, way, (), "")
            except (SandboxError, RecursionError):
                continue
            made = self._without_misfits(pointer, made)
            if self._schemas.is_valid(pointer, made):
                return made
        return made

    def _without_misfits(self, pointer: str, value: Any) -> Any:
        """The value without the members that do not fit, where they can be left out."""
        for _ in range(_TRIES):
            paths = [path for path, _ in self._schemas.misfits(pointer, value) if path]
            if not paths:
                return value
            for path in paths:
                value = without(value, path)
        return value

    def of(self, node: Any, side: Side = "response", number: int = 1, name: str = "") -> Any:
        """A value for a schema that is at hand, unproved; `name` is the property that it is for."""
        try:
            return self._made(node, _Way(side, number), (), name)
        except (SandboxError, RecursionError):
            return None

    # One value

    def _made(self, raw: Any, way: _Way, above: tuple[str, ...], name: str) -> Any:
        if not is_object(raw):
            return name or "text" if raw is True else None
        if len(above) > _DEEPEST:
            raise SandboxError(f"{self._schemas.name}: a schema has no end")
        reference = str(raw.get("$ref", ""))
        node = self._schemas.deref(raw)
        inside = (*above, reference)
        if reference and above.count(reference) > 1:
            way = replace(way, branch=way.branch + 1, optional=False, maps=False)
        given = self._given(node, way, raw)
        if given:
            return given[0]
        whole = self._whole(node, way)
        if whole is not node and (chosen := self._given(whole, way, raw)):
            return chosen[0]
        types = _types(whole)
        if "object" in types:
            return self._object(whole, way, inside)
        if "array" in types:
            return self._array(whole, way, inside, name)
        return _simple(whole, types, way, name)

    def _given(self, node: Mapping[str, Any], way: _Way, raw: Mapping[str, Any]) -> list[Any]:
        """The value that the document itself gives, if one fits as far as a look can tell."""
        if "const" in node:
            return [node["const"]]
        values = node.get("enum")
        enum: list[Any] = values if is_array(values) else []
        offered: list[Any] = []
        if way.examples:
            shown = node.get("examples")
            offered = [each[key] for each in (raw, node) for key in ("example", "default") if key in each]
            offered += shown if is_array(shown) else []
        offered = [each for each in offered if not enum or each in enum]
        offered += [enum[(way.number - 1) % len(enum)], *enum] if enum else []
        # An example of an object may lack what it must have; one of an enumeration is what it has to be.
        fitting = (each for each in offered if _plausible(node, each) and (enum or not is_object(each)))
        return [copy.deepcopy(each) for each in fitting][:1]

    def _whole(self, node: Mapping[str, Any], way: _Way) -> Mapping[str, Any]:
        """A schema with all of its parts in one, and one of its alternatives."""
        parts = node.get("allOf")
        chosen: list[Any] = list(parts) if is_array(parts) else []
        for keyword in ("oneOf", "anyOf"):
            choices = node.get(keyword)
            if way.branch and not way.optional and is_array(choices) and any(map(self._is_null, choices)):
                return {"type": "null"}  # inside of itself, or where nothing else fitted
            open_to = [each for each in choices if not self._is_null(each)] if is_array(choices) else []
            if open_to:
                picked = open_to[way.branch % len(open_to)]
                chosen += [picked, told_apart(node, picked)]
        if not chosen:
            return node
        merged: dict[str, Any] = {}
        for part in chosen:
            if is_object(part):
                _merge(merged, self._whole(self._schemas.deref(part), way))
        _merge(merged, {key: value for key, value in node.items() if key not in ("allOf", "oneOf", "anyOf")})
        return merged

    def _is_null(self, raw: Any) -> bool:
        return is_object(raw) and self._schemas.deref(raw).get("type") == "null"

    def _object(self, node: Mapping[str, Any], way: _Way, above: tuple[str, ...]) -> dict[str, Any]:
        properties, listed = node.get("properties"), node.get("required")
        known: Mapping[str, Any] = properties if is_object(properties) else {}
        required = [str(each) for each in listed] if is_array(listed) else []
        made: dict[str, Any] = {}
        depth = len(above)
        for name, raw in known.items():
            if name not in required and (not way.optional or depth > _DEEP or self._hidden(raw, way)):
                continue
            if name in required and way.side == "request" and self._hidden(raw, way):
                continue
            if name in required:
                made[name] = self._made(raw, way, above, name)
                continue
            try:
                made[name] = self._made(raw, way, above, name)
            except SandboxError:
                continue
        made |= {name: each for name, each in own_kind(node, above[-1], way.number).items() if name in made}
        more = node.get("additionalProperties")
        for name in required:
            if name not in made and name not in known:
                made[name] = self._made(more if is_object(more) else True, way, above, name)
        least = node.get("minProperties")
        entries = least if isinstance(least, int) else int(way.maps and not known and is_object(more))
        while len(made) < min(entries, 20) and more is not False:
            made[f"key{len(made) + 1}"] = self._made(more if is_object(more) else True, way, above, "value")
        return in_order(made)

    def _hidden(self, raw: Any, way: _Way) -> bool:
        marks = ("readOnly", "x-accordant-read-only") if way.side == "request" else ("writeOnly",)
        nodes = (raw, self._schemas.deref(raw)) if is_object(raw) else ()
        return any(each.get(mark) is True for each in nodes for mark in marks)

    def _array(self, node: Mapping[str, Any], way: _Way, above: tuple[str, ...], name: str) -> list[Any]:
        first, least, most = node.get("prefixItems"), node.get("minItems"), node.get("maxItems")
        items = [self._made(each, way, above, name) for each in first] if is_array(first) else []
        wanted = least if isinstance(least, int) else 1 if way.optional and len(above) <= _DEEP else 0
        wanted = min(wanted, most) if isinstance(most, int) else wanted
        schema = node.get("items", True)
        while len(items) < min(wanted, 200) and schema is not False:
            one = replace(way, number=way.number + len(items), examples=way.examples and not items)
            items.append(self._made(schema, one, above, name))
        return items


def _ways(side: Side, number: int) -> Iterator[_Way]:
    yield _Way(side, number)
    yield _Way(side, number, examples=False)
    yield _Way(side, number, examples=False, maps=True)
    for branch in range(1, _TRIES):
        yield _Way(side, number, examples=False, branch=branch)
    for branch in range(_TRIES):
        yield _Way(side, number, examples=False, branch=branch, optional=False)


def _merge(into: dict[str, Any], other: Mapping[str, Any]) -> None:
    for key, value in other.items():
        if key == "properties" and is_object(value) and is_object(into.get(key)):
            into[key] = {**into[key], **value}
        elif key == "required" and is_array(value) and is_array(into.get(key)):
            into[key] = [*into[key], *(each for each in value if each not in into[key])]
        else:
            into[key] = value


def _types(node: Mapping[str, Any]) -> tuple[str, ...]:
    """The types of a schema, those without which it would allow anything guessed; null last."""
    types = node.get("type")
    named = [types] if isinstance(types, str) else [str(each) for each in types] if is_array(types) else []
    if not named:
        if "properties" in node or "required" in node or "additionalProperties" in node or "minProperties" in node:
            return ("object",)
        if "items" in node or "prefixItems" in node or "minItems" in node:
            return ("array",)
        if any(key in node for key in ("minimum", "maximum", "exclusiveMinimum", "multipleOf")):
            return ("number",)
        return ("string",)
    return tuple(sorted(named, key=lambda each: each == "null"))


def _simple(node: Mapping[str, Any], types: tuple[str, ...], way: _Way, name: str) -> Any:
    kind = types[0]
    if kind in ("integer", "number"):
        return _number(node, kind, way.number)
    if kind == "boolean":
        return True
    return None if kind == "null" else _text(node, way.number, name)


def _number(node: Mapping[str, Any], kind: str, number: int) -> int | float:
    low, high, step = node.get("minimum"), node.get("maximum"), node.get("multipleOf")
    over, under = node.get("exclusiveMinimum"), node.get("exclusiveMaximum")
    unit = 1 if kind == "integer" else 0.5
    least = max(
        [each for each in (low, over + unit if is_number(over) else None) if is_number(each)], default=-math.inf
    )
    most = min(
        [each for each in (high, under - unit if is_number(under) else None) if is_number(each)], default=math.inf
    )
    value: int | float = min(max(number, least), most)
    if is_number(step) and step > 0:
        value = math.ceil(value / step) * step
    if kind == "integer" and math.isfinite(value):
        return math.ceil(value)
    return value


def _text(node: Mapping[str, Any], number: int, name: str) -> str:
    form, pattern = str(node.get("format", "")), node.get("pattern")
    least, most = node.get("minLength"), node.get("maxLength")
    if isinstance(pattern, str):
        found = matching(pattern)
        if found is not None:
            return found
    if form == "uuid":
        return f"00000000-0000-4000-8000-{number:012d}"
    if form in _FORMATS:
        return _FORMATS[form]
    text = f"{name or 'text'} {number}" if number > 1 else name or "text"
    if isinstance(least, int) and len(text) < least:
        text = (text + "x" * least)[: min(least, 10_000)]
    return text[:most] if isinstance(most, int) else text


def _plausible(node: Mapping[str, Any], value: Any) -> bool:
    """Whether a value has a type that the schema names, a length that it allows, and looks like its format."""
    types = _types(node) if _TYPED & node.keys() else ()
    if not types:
        return True
    if isinstance(value, str) and isinstance(node.get("maxLength"), int) and len(value) > node["maxLength"]:
        return False
    written = _WRITTEN.get(str(node.get("format")))
    if isinstance(value, str) and written is not None and written.fullmatch(value) is None:
        return False
    if is_number(value):
        return "number" in types or ("integer" in types and float(value).is_integer())
    return any(isinstance(value, _JSON.get(each, ())) for each in types)
