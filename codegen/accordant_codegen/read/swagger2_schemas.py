"""The schemas and references of a Swagger 2.0 document in the words of OpenAPI 3.1."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from attrs import frozen

from accordant_runtime import is_array, is_object

from ..errors import DocumentError

SECTIONS = {"definitions": "schemas", "parameters": "parameters", "responses": "responses"}
# Keywords that hold schemas: by name, in a list, or one. Swagger 2.0 allows few of them; documents use them all.
_MAPS = frozenset({"properties", "patternProperties", "definitions", "$defs", "dependentSchemas", "dependencies"})
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_SINGLE = frozenset(
    {"items", "additionalItems", "additionalProperties", "unevaluatedItems", "unevaluatedProperties", "contains"}
    | {"propertyNames", "not", "if", "then", "else", "contentSchema"}
)
FIX = "Correct it in a spec overlay, or fetch the document from the vendor again"
BUNDLE = "Bundle the document into one file first"


def component_names(names: Iterable[str]) -> dict[str, str]:
    """A component name for each name: OpenAPI 3 allows letters, digits, ``.``, ``-`` and ``_`` only."""
    result: dict[str, str] = {name: name for name in names}
    taken = {name for name in result if re.fullmatch(r"[A-Za-z0-9._-]+", name)}
    for name in [name for name in result if name not in taken]:
        plain = re.sub(r"[^A-Za-z0-9.-]+", "_", name).strip("_") or "Component"
        free, count = plain, 2
        while free in taken:
            free, count = f"{plain}_{count}", count + 1
        taken.add(free)
        result[name] = free
    return result


def copied(node: dict[str, Any], *keys: str, extensions: bool = True) -> dict[str, Any]:
    """What reads the same in both versions: the given keys and, usually, the extensions."""
    return {
        key: copy.deepcopy(item)
        for key, item in node.items()
        if key in keys or (extensions and key.startswith("x-") and key != "x-nullable")
    }


@frozen
class Swagger2Schemas:
    """One document's schemas and references; ``names`` holds the component names of each shared section."""

    root: dict[str, Any]
    source: str
    names: dict[str, dict[str, str]]

    @classmethod
    def of(cls, root: dict[str, Any], source: str) -> Swagger2Schemas:
        """Those of a document; ``source`` is the file that errors name."""
        unnamed = cls(root, source, {})
        return cls(root, source, {key: component_names(unnamed.section(key)) for key in SECTIONS})

    def error(self, place: str, problem: str, advice: str = FIX) -> DocumentError:
        """What is wrong at a JSON path."""
        return DocumentError(self.source, place, problem, advice)

    def mapping(self, node: Any, place: str) -> dict[str, Any]:
        """The node, which has to be an object."""
        if not is_object(node):
            raise self.error(place, f"an object is expected here, not {type(node).__name__}")
        return node

    def listing(self, node: Any, place: str) -> list[Any]:
        """The node, which has to be a list."""
        if not is_array(node):
            raise self.error(place, f"a list is expected here, not {type(node).__name__}")
        return node

    def section(self, key: str) -> dict[str, Any]:
        """A section of the document, empty where there is none."""
        return self.mapping(self.root.get(key, {}), f"$.{key}")

    def reference(self, text: str, place: str) -> str:
        """The new form of a local reference to something shared."""
        section, name, rest = self.pointer(text, place)
        return f"#/components/{SECTIONS[section]}/{self.names[section][name]}{rest}"

    def pointer(self, text: str, place: str) -> tuple[str, str, str]:
        """Section, name and whatever follows of ``#/<section>/<name>``."""
        if not text.startswith("#/"):
            raise self.error(place, f"$ref {text!r} points outside the document", BUNDLE)
        section, _, tail = text[2:].partition("/")
        segment, slash, rest = tail.partition("/")
        plain = segment.replace("~1", "/").replace("~0", "~")
        for name in (plain, unquote(plain)):
            if name in self.names.get(section, {}):
                return section, name, slash + rest
        raise self.error(place, f"$ref {text!r} points at no definition, parameter or response")

    def followed(self, node: Any, place: str) -> dict[str, Any]:
        """A parameter or response itself, or the shared one that it refers to."""
        found = self.mapping(node, place)
        if "$ref" not in found:
            return found
        section, name, _ = self.pointer(str(found["$ref"]), place)
        return self.mapping(self.section(section)[name], f"$.{section}['{name}']")

    def schema(self, node: Any, place: str) -> Any:
        """One schema with everything below it; true and false, which newer documents have there, stay."""
        if isinstance(node, bool):
            return node
        given = self.mapping(node, place)
        if isinstance(given.get("$ref"), str):
            # Swagger 2.0 ignores what stands beside a reference; a description there is harmless and worth keeping.
            kept = copied(given, "description", extensions=False)
            result = {"$ref": self.reference(given["$ref"], place), **kept}
        else:
            plain = {key: item for key, item in given.items() if key != "x-nullable"}
            result = _reworded({key: self._keyword(key, item, f"{place}.{key}") for key, item in plain.items()})
        return _nullable(result) if given.get("x-nullable") is True else result

    def _keyword(self, key: str, value: Any, place: str) -> Any:
        if key == "properties" or (key in _MAPS and is_object(value)):
            return {name: self.schema(item, f"{place}['{name}']") for name, item in self.mapping(value, place).items()}
        if key == "allOf" or (key in _LISTS and is_array(value)):
            return [self.schema(item, f"{place}[{index}]") for index, item in enumerate(self.listing(value, place))]
        if key in _SINGLE and not isinstance(value, bool):
            return self.schema(value, place)
        if key == "discriminator" and is_object(value) and is_object(value.get("mapping")):
            return {**value, "mapping": {name: self._mapped(item, place) for name, item in value["mapping"].items()}}
        return copy.deepcopy(value)

    def _mapped(self, target: Any, place: str) -> Any:
        return self.reference(target, place) if isinstance(target, str) and target.startswith("#/") else target


def _reworded(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with what JSON Schema 2020-12 words differently."""
    result = {key: value for key, value in schema.items() if key != "example"}
    if result.get("type") == "file":
        result |= {"type": "string", "format": "binary"}
    if isinstance(result.get("discriminator"), str):
        result["discriminator"] = {"propertyName": result["discriminator"]}
    if "example" in schema:
        result["examples"] = [schema["example"]]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(result.get(exclusive), bool):
            excluded = result.pop(exclusive)
            if excluded and bound in result:
                result[exclusive] = result.pop(bound)
    return result


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema or null, which ``x-nullable: true`` means."""
    if not isinstance(schema.get("type"), str):
        return {"anyOf": [schema, {"type": "null"}]}
    result = {**schema, "type": [schema["type"], "null"]}
    if is_array(schema.get("enum")) and None not in schema["enum"]:
        result["enum"] = [*schema["enum"], None]
    return result
