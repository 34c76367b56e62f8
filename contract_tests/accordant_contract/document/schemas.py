"""The document's schemas: references followed, validators compiled on first use, violations with their JSON path."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast
from urllib.parse import quote

import jsonschema_rs
from attrs import frozen

from accordant_runtime import is_object
from accordant_sandbox.http.alternatives import as_read, at_read, mapped
from accordant_sandbox.http.directions import Direction, direction_of, required_in
from accordant_sandbox.http.pointers import pointed_at, reference_pointer

from ..errors import ContractError

_DEEPEST = 50
_BOUNDS = (
    *("format", "pattern", "enum", "const", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
)
T = TypeVar("T")


@frozen
class Violation:
    """One rule of a schema that a value breaks: the JSON path of the value, the rule's keyword, a sentence, and the
    path once more, as keys and indexes."""

    path: str
    rule: str
    message: str
    place: tuple[str | int, ...] = ()


@frozen
class _TooDeep:
    """The error of a value that the validator cannot go through to its end."""

    message: str = "it breaks the schema, and is nested too deep to say where"
    instance_path: tuple[str | int, ...] = ()
    schema_path: tuple[str | int, ...] = ()


class Schemas:
    """Every schema of one document, by JSON pointer (``/components/schemas/Job``)."""

    def __init__(self, name: str, document: Mapping[str, Any]) -> None:
        self._name = name
        self._document = document
        self._registries: dict[Direction | None, jsonschema_rs.Registry] = {}
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self._flat: dict[int, tuple[Any, dict[str, Any]]] = {}
        self._parts: dict[int, tuple[Any, dict[str, dict[str, Any]]]] = {}
        self._remembered: dict[tuple[Any, int], tuple[Any, Any]] = {}

    def follow(self, node: Any, pointer: str = "") -> tuple[dict[str, Any], str]:
        """The object that a possible ``$ref`` names, and where it is; keywords beside the reference are kept."""
        beside: dict[str, Any] = {}
        for _ in range(_DEEPEST):
            if not is_object(node):
                raise ContractError(f"{self._name}: #{pointer}: expected an object, found {type(node).__name__}")
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return ({**node, **beside} if beside else node), pointer
            beside = {**{key: value for key, value in node.items() if key != "$ref"}, **beside}
            pointer = reference_pointer(self._document, reference)
            node = self._lookup(pointer)
        raise ContractError(f"{self._name}: #{pointer}: the reference never ends")

    def schema(self, node: Any) -> dict[str, Any]:
        """A schema with its reference followed, and ``allOf`` parts and the one part of a nullable choice merged in.

        The result may carry ``nullable: true`` (our mark): it was a choice between a schema and ``null``. It is shared
        and not to be changed.
        """
        # By identity, the node kept with it: the same few nodes are asked for again and again.
        known = self._flat.get(id(node))
        if known is None or known[0] is not node:
            known = self._flat[id(node)] = (node, self._flattened(node))
        return known[1]

    def _flattened(self, node: Any) -> dict[str, Any]:
        plain, _ = self.follow(node)
        for keyword in ("anyOf", "oneOf"):
            parts = [self.follow(part)[0] for part in plain.get(keyword, ())]
            real = [part for part in parts if part.get("type") != "null"]
            if len(real) == 1 and len(parts) > 1:
                rest = {key: value for key, value in plain.items() if key != keyword}
                return {**self.schema(real[0]), **rest, "nullable": True}
        if "allOf" in plain:
            merged: dict[str, Any] = {"properties": {}, "required": []}
            for part in [*plain["allOf"], {key: value for key, value in plain.items() if key != "allOf"}]:
                flat = self.schema(part)
                properties = {**merged["properties"], **flat.get("properties", {})}
                required = [*merged["required"], *flat.get("required", [])]
                merged = {**merged, **flat, "properties": properties, "required": required}
            return merged
        return plain

    def properties(self, node: Any) -> dict[str, dict[str, Any]]:
        """The named properties of an object schema, each as :meth:`schema` gives it; shared and not to be changed."""
        plain = self.schema(node)
        known = self._parts.get(id(plain))
        if known is None or known[0] is not plain:
            parts = {name: self.schema(part) for name, part in plain.get("properties", {}).items()}
            known = self._parts[id(plain)] = (plain, parts)
        return known[1]

    def told(self, node: Mapping[str, Any], choice: Any) -> dict[str, str]:
        """What the discriminator of a union says of one of its alternatives: the property, and its value."""
        for keyword in ("oneOf", "anyOf"):
            name, values = mapped(node, keyword, self._document) or ("", [])
            own = (each for each, part in zip(values, node.get(keyword, ()), strict=False) if part is choice)
            if (found := next(own, None)) is not None:
                return {name: found[0]}
        return {}

    def remembered(self, work: Callable[[Schemas, Any], T], node: Any) -> T:
        """What some work makes of a node, done once for each node of the document."""
        key = (work, id(node))
        known = self._remembered.get(key)
        if known is None or known[0] is not node:
            known = self._remembered[key] = (node, work(self, node))
        return cast("T", known[1])

    def violations(self, pointer: str, value: Any) -> Iterator[Violation]:
        """Every rule of the schema at a pointer that a value breaks; formats are rules too."""
        validator = self._of(pointer)
        if not _fits(validator, value):
            for error in _errors(validator, value):
                rule = str(error.schema_path[-1]) if error.schema_path else "schema"
                yield Violation(json_path(error.instance_path), rule, error.message, tuple(error.instance_path))

    def misfits(self, pointer: str, value: Any) -> list[tuple[str | int, ...]]:
        """The places, as keys and indexes, of what breaks a rule of the schema at a pointer."""
        return [each.place for each in self.violations(pointer, value)]

    def valid(self, pointer: str, value: Any) -> bool:
        """Whether a value fits the schema at a pointer."""
        return _fits(self._of(pointer), value)

    def has_format(self, name: str, text: str) -> bool:
        """Whether a text has a format."""
        key = f"format {name}"
        if key not in self._validators:
            self._validators[key] = self._validator({"type": "string", "format": name})
        return _fits(self._validators[key], text)

    def within(self, value: Any, schema: Mapping[str, Any]) -> bool:
        """Whether null, a text or a number keeps to the format, the pattern and the bounds of a schema; others do."""
        if value is not None and not isinstance(value, (str, int, float)):
            return True
        said = {name: schema[name] for name in _BOUNDS if name in schema}
        key = f"bounds {sorted(said.items(), key=str)}"
        if said and key not in self._validators:
            try:
                self._validators[key] = self._validator(said)
            except ValueError:  # a pattern that nobody can read binds nobody
                self._validators[key] = self._validator({})
        return not said or _fits(self._validators[key], value)

    def _of(self, pointer: str) -> jsonschema_rs.Draft202012Validator:
        """The validator of the schema at a pointer."""
        validator = self._validators.get(pointer)
        if validator is None:
            # A fragment is part of a URI: the braces of path templates must be percent-encoded in it.
            reference = {"$ref": f"urn:document#{quote(at_read(self._document, pointer), safe='/~')}"}
            validator = self._validators[pointer] = self._validator(reference, direction_of(pointer))
        return validator

    def _validator(
        self, schema: Mapping[str, Any], direction: Direction | None = None
    ) -> jsonschema_rs.Draft202012Validator:
        """The validator of a schema; what the document requires in the other direction only is not required of it."""
        if direction not in self._registries:
            data = as_read(self._document, direction)
            bound = data if direction is None else required_in(data, direction)
            self._registries[direction] = jsonschema_rs.Registry([("urn:document", bound)])
        return jsonschema_rs.Draft202012Validator(
            dict(schema),
            registry=self._registries[direction],
            validate_formats=True,
            formats={"local-date-time": _is_wall_clock},
        )

    def _lookup(self, pointer: str) -> Any:
        found, node = pointed_at(self._document, pointer)
        if not found:
            raise ContractError(f"{self._name}: #{pointer}: nothing is there")
        return node


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The JSON types that a schema allows, as far as it says so."""
    found = schema.get("type", ())
    names = (found,) if isinstance(found, str) else tuple(found)
    return (*names, "null") if schema.get("nullable") and "null" not in names else names


def undescribed(schema: Mapping[str, Any]) -> list[str]:
    """The members that an object must have, and of which its schema says nothing more: any value will do."""
    if {"oneOf", "anyOf"} & schema.keys() or schema.get("additionalProperties") is False:
        return []
    return [name for name in schema.get("required", ()) if name not in schema.get("properties", {})]


def json_path(parts: Sequence[str | int]) -> str:
    """A path of keys and indexes as JSONPath text: ``$.jobs[0].title``."""
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


@lru_cache(maxsize=4096)
def _is_wall_clock(text: str) -> bool:
    try:
        return "T" in text and datetime.datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False


def _fits(validator: jsonschema_rs.Draft202012Validator, value: Any) -> bool:
    try:
        return validator.is_valid(value)
    except UnicodeEncodeError:
        pass
    try:
        return validator.is_valid(_whole(value))
    except RecursionError:
        return False


def _errors(
    validator: jsonschema_rs.Draft202012Validator, value: Any
) -> Sequence[jsonschema_rs.ValidationError | _TooDeep]:
    try:
        return list(validator.iter_errors(value))
    except UnicodeEncodeError:
        pass
    except ValueError:
        return [_TooDeep()]
    try:
        return list(validator.iter_errors(_whole(value)))
    except (ValueError, RecursionError):
        return [_TooDeep()]


def cut(value: Any) -> bool:
    """Whether a text in parsed JSON holds half a character."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except RecursionError:  # nested deeper than the client reads
        return False
    return False


def _whole(value: Any) -> Any:
    """Parsed JSON with whole characters: it can say half of one, which the validator cannot be given."""
    text = json.dumps(value, ensure_ascii=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
