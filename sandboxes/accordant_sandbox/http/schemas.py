"""Schemas of a document: references followed, validators compiled when first used, errors with their JSON path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.alternatives import as_read, at_read
from accordant_sandbox.http.directions import Direction, direction_of, required_in
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.http.pointers import pointed_at, reference_pointer

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, Registry, ValidationError

__all__ = ["Schemas", "Violation", "json_path"]

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,100}")
_DEEPEST: Final = 12
"""Parts of parts of a schema that are looked into."""
_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule of a schema: the JSON path of the value, the rule's keyword, and a sentence."""

    path: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message} ({self.rule})"


class Schemas:
    """Every schema of one document, by JSON pointer (`/components/schemas/Job`)."""

    def __init__(self, name: str, data: Mapping[str, Any]) -> None:
        self.name = name
        self._data = data
        self._compiled: dict[str, Draft202012Validator] = {}
        self._registries: dict[Direction | None, Registry] = {}
        self._reached: dict[str, Any] = {}
        self.malformed: dict[str, str] = {}
        """Schemas that no validator can be made of, by JSON pointer, each with the reason. They fit every value."""

    def follow(self, node: Any, pointer: str) -> tuple[Mapping[str, Any], str]:
        """The object that a possible `$ref` names, and where it really is.

        Raises:
            SandboxError: The reference is not local, leads nowhere, or goes round in a circle.
        """
        for _ in range(50):
            if not is_object(node):
                raise SandboxError(f"{self.name}: #{pointer}: expected an object")
            if "$ref" not in node:
                return node, pointer
            reference = str(node["$ref"])
            if not reference.startswith("#/"):
                raise SandboxError(f"{self.name}: #{pointer}: only local references are supported, not {reference!r}")
            pointer = reference_pointer(self._data, reference)
            node = self._lookup(pointer)
        raise SandboxError(f"{self.name}: #{pointer}: the reference never ends")

    def at(self, pointer: str) -> Mapping[str, Any]:
        """The object at a JSON pointer, its reference followed."""
        return self.follow(self._lookup(pointer), pointer)[0]

    def stated(self, pointer: str) -> Mapping[str, Any]:
        """The schema of a body at a JSON pointer; one that the document does not state allows everything."""
        return self.at(pointer) if pointed_at(self._data, pointer)[0] else {}

    def deref(self, node: Any) -> Mapping[str, Any]:
        """A schema node with its reference followed."""
        return self.follow(node, "")[0]

    def inside(self, pointer: str, path: Sequence[str | int]) -> str | None:
        """The pointer of the schema of what is at a path of a value; None where none is about it."""
        return next(iter(self.places(pointer, path)), None)

    def places(self, pointer: str, path: Sequence[str | int]) -> list[str]:
        """The pointers of all schemas of what is at a path of a value: parts of one schema may each have their own."""
        found = [pointer]
        for step in path:
            found = list(dict.fromkeys(each for at in found for each in self._steps(at, step, 0)))
        return found

    def _steps(self, pointer: str, step: str | int, depth: int) -> list[str]:
        """The schemas of a member or an item, by the schema and its parts and alternatives."""
        try:
            node, at = self.follow(self._lookup(pointer), pointer)
        except SandboxError:
            return []
        properties = node.get("properties")
        found: list[str] = []
        if isinstance(step, int):
            found += [f"{at}/items"] if is_object(node.get("items")) else []
        elif is_object(properties) and step in properties:
            found.append(f"{at}/properties/{step.replace('~', '~0').replace('/', '~1')}")
        for key in ("allOf", "anyOf", "oneOf") if depth < _DEEPEST else ():
            parts = node.get(key)
            for index in range(len(parts)) if is_array(parts) else ():
                found += self._steps(f"{at}/{key}/{index}", step, depth + 1)
        more = not found and is_object(node.get("additionalProperties"))
        return [f"{at}/additionalProperties"] if more else found

    def is_valid(self, pointer: str, value: Any) -> bool:
        """Whether a value fits the schema at a pointer."""
        validator = self._validator(pointer)
        return validator is None or validator.is_valid(value)

    def violations(self, pointer: str, value: Any) -> list[Violation]:
        """Every rule of the schema at a pointer that a value breaks; empty when it fits.

        Where one schema of several must fit and only one is for values of this type, as with one record or an array of
        them, what that one finds is told.
        """
        validator = self._validator(pointer)
        if validator is None or validator.is_valid(value):
            return []
        return [
            Violation(
                json_path(error.instance_path),
                str(error.schema_path[-1]) if error.schema_path else "schema",
                error.message,
            )
            for error in _findings(validator.iter_errors(value))
        ]

    def misfits(self, pointer: str, value: Any) -> list[tuple[list[str | int], str]]:
        """Where a value breaks the schema at a pointer: the path of keys and indexes, and the broken keyword."""
        validator = self._validator(pointer)
        errors = () if validator is None else validator.iter_errors(value)
        return [(list(error.instance_path), error.kind.name) for error in errors]

    def coerce(self, schema: Mapping[str, Any], text: str) -> Any:
        """A text as the type that a schema asks for; text that fits none of its types stays text."""
        alternatives: Sequence[Any] = schema.get("anyOf") or schema.get("oneOf") or ()
        for alternative in alternatives:
            value = self.coerce(self.deref(alternative), text)
            if not isinstance(value, str):
                return value
        types = schema.get("type", "string")
        wanted: Sequence[str] = [types] if isinstance(types, str) else types
        if "integer" in wanted and _INTEGER.fullmatch(text):
            return int(text)
        if "number" in wanted and _NUMBER.fullmatch(text):
            return float(text)
        if "boolean" in wanted and text in ("true", "false"):
            return text == "true"
        values = schema.get("enum", ())
        null = "null" in wanted and text == "null" and ("string" not in wanted or (values and text not in values))
        return None if null else text

    @cached_property
    def _as_requests(self) -> dict[str, Any]:
        return as_read(self._data, "request")

    @cached_property
    def _as_responses(self) -> dict[str, Any]:
        """As responses are read, and what is in neither direction."""
        return as_read(self._data, "response")

    def _lookup(self, pointer: str) -> Any:
        if pointer not in self._reached:
            found, node = pointed_at(self._data, pointer)
            if not found:
                raise SandboxError(f"{self.name}: #{pointer}: nothing is there")
            self._reached[pointer] = node
        return self._reached[pointer]

    def _validator(self, pointer: str) -> Draft202012Validator | None:
        found = self._compiled.get(pointer)
        if found is None and pointer not in self.malformed:
            import jsonschema_rs

            direction = direction_of(pointer)
            # A fragment is a URI part: braces of path templates must be percent-encoded in it.
            reference = f"urn:document#{quote(at_read(self._data, pointer), safe='/~')}"
            try:
                if direction not in self._registries:
                    data = self._as_requests if direction == "request" else self._as_responses
                    bound = data if direction is None else required_in(data, direction)
                    self._registries[direction] = jsonschema_rs.Registry([("urn:document", bound)])
                found = jsonschema_rs.Draft202012Validator(
                    {"$ref": reference},
                    registry=self._registries[direction],
                    validate_formats=True,
                    formats={"local-date-time": _is_local_date_time, "local-time": _is_local_time},
                )
            except (ValueError, jsonschema_rs.ReferencingError) as problem:
                self.malformed[pointer] = str(problem).partition("\n")[0]
                return None
            self._compiled[pointer] = found
        return found


def json_path(parts: Sequence[str | int]) -> str:
    """A path of keys and indexes as JSONPath text: `$.jobs[0].title`."""
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


def _findings(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """The errors, an `anyOf` replaced by those of its only branch for values of the type at hand."""
    for error in errors:
        own = [branch for branch in _branches(error) if not any(_wrong_type(each, error) for each in branch)]
        if len(own) == 1:
            yield from _findings(own[0])
        else:
            yield error


def _branches(error: ValidationError) -> Sequence[Sequence[ValidationError]]:
    import jsonschema_rs

    return error.kind.context if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.AnyOf) else ()


def _wrong_type(error: ValidationError, whole: ValidationError) -> bool:
    return error.kind.name == "type" and list(error.instance_path) == list(whole.instance_path)


def _is_local_time(text: str) -> bool:
    try:
        return time.fromisoformat(text).tzinfo is None
    except ValueError:
        return False


@lru_cache(maxsize=4096)
def _is_local_date_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None and "T" in text.upper()
    except ValueError:
        return False
