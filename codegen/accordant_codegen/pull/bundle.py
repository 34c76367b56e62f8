"""Making one document out of several: what a ``$ref`` names in another file or at another address comes into it.

Schemas, parameters, responses and their like become components, so that what refers to itself can; a path item, an
operation or anything else in a separate file is written out where it is used.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from accordant_runtime import is_array, is_object

from ..errors import DocumentError
from ..read.document import below, resolve

MOST_DOCUMENTS = 3_000
_ADVICE = "Correct the reference, or bundle the document into one file first"
_LISTS = {
    "parameters": "parameters",
    "allOf": "schemas",
    "anyOf": "schemas",
    "oneOf": "schemas",
    "prefixItems": "schemas",
}
_MAPS = {
    **{name: name for name in ("schemas", "parameters", "responses", "headers", "requestBodies", "securitySchemes")},
    **{name: name for name in ("links", "callbacks", "examples")},
    **dict.fromkeys(("properties", "patternProperties", "definitions", "$defs", "dependentSchemas"), "schemas"),
    **dict.fromkeys(("paths", "webhooks", "pathItems", "content", "mediaTypes", "encoding"), "inline"),
    "securityDefinitions": "securitySchemes",
}
_SINGLE = {
    "requestBody": "requestBodies",
    **dict.fromkeys(("schema", "items", "additionalProperties", "not", "if", "then", "else", "contains"), "schemas"),
    **dict.fromkeys(("propertyNames", "unevaluatedProperties", "unevaluatedItems"), "schemas"),
    **dict.fromkeys(("additionalItems", "contentSchema"), "schemas"),
}
_DATA = frozenset({"example", "default", "enum", "const"})
_SWAGGER = {"schemas": "definitions", "parameters": "parameters", "responses": "responses"}


def is_split(node: Any, *, named: bool = False) -> bool:
    """Whether anything refers to another document."""
    if is_object(node):
        reference = node.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            return True
        return any(
            is_split(value, named=not named and key in _MAPS)
            for key, value in node.items()
            if named or not (key in _DATA or (key == "examples" and is_array(value)))
        )
    return is_array(node) and any(is_split(value) for value in node)


def bundle(document: dict[str, Any], base: str, read: Callable[[str, str], dict[str, Any]]) -> dict[str, Any]:
    """The document with everything that it refers to; ``read(address, referring address)`` gives another document."""
    try:
        return _Bundler(document, base, read).whole()
    except RecursionError:
        raise DocumentError(base, "$", "its files refer to each other too deeply", _ADVICE) from None


class _Bundler:
    def __init__(self, document: dict[str, Any], base: str, read: Callable[[str, str], dict[str, Any]]) -> None:
        self._base = urldefrag(base).url
        self._read = read
        self._swagger = "swagger" in document
        self._root = copy.deepcopy(document)
        self._documents = {self._base: self._root}
        self._placed: dict[str, str] = {}
        self._inlining: list[str] = []
        self._homes: dict[str, str] = {}
        self._added: dict[str, dict[str, Any]] = {}
        self._taken: dict[str, set[str]] = {}

    def whole(self) -> dict[str, Any]:
        self._claim()
        result: dict[str, Any] = self._node(self._root, self._base, "$", "inline")
        for section, entries in self._added.items():
            holder = result if self._swagger else result.setdefault("components", {})
            holder.setdefault(section, {}).update(entries)
        return result

    def _claim(self) -> None:
        """A component that is only a reference to a file is where everything finds that file."""
        holder: Any = self._root if self._swagger else self._root.get("components")
        if not is_object(holder):
            return
        for section, entries in holder.items():
            if not is_object(entries) or (section not in _SWAGGER.values() if self._swagger else section not in _MAPS):
                continue
            if isinstance(entries.get("$ref"), str):  # the whole section is a separate file
                target, there = self._target(entries["$ref"], self._base, f"$..{section}")
                holder[section] = entries = _rebased(target, there)
                self._placed.update({f"{there}#/{name}": _pointer(self._prefix(section), name) for name in entries})
            self._taken[section] = set(entries)
            for name, item in entries.items():
                reference = item.get("$ref") if is_object(item) else None
                if isinstance(reference, str) and not reference.startswith("#"):
                    address = _absolute(self._base, reference)
                    self._placed.setdefault(address, _pointer(self._prefix(section), name))
                    self._homes[below(below("$" if self._swagger else "$.components", section), name)] = address

    def _prefix(self, section: str) -> str:
        return f"#/{section}" if self._swagger else f"#/components/{section}"

    def _node(self, node: Any, base: str, place: str, kind: str, *, named: bool = False) -> Any:
        """A copy of a node of the document at ``base``; ``kind`` says what it is, ``named`` that the keys are
        names."""
        if is_array(node):
            return [self._node(item, base, f"{place}[{index}]", kind) for index, item in enumerate(node)]
        if not is_object(node):
            return node
        if isinstance(node.get("$ref"), str):
            return self._reference(node, base, place, "map:" + kind if named else kind)
        result: dict[str, Any] = {}
        for key, value in node.items():
            spot = below(place, key)
            if named:
                result[key] = self._node(value, base, spot, kind)
            elif key in _DATA or (key == "examples" and not is_object(value)) or (key, kind) == ("value", "examples"):
                result[key] = value
            elif key == "mapping" and is_object(value):
                result[key] = {name: self._mapped(item, base, spot) for name, item in value.items()}
            elif key in _MAPS and is_object(value):
                result[key] = self._node(value, base, spot, _MAPS[key], named=True)
            else:
                result[key] = self._node(value, base, spot, _SINGLE.get(key) or _LISTS.get(key) or "inline")
        return result

    def _reference(self, node: dict[str, Any], base: str, place: str, kind: str) -> Any:
        reference = node["$ref"]
        address = self._address(base, reference)
        beside = {
            key: self._node(value, base, below(place, key), "inline") for key, value in node.items() if key != "$ref"
        }
        if urldefrag(address).url == self._base and (kind in _MAPS.values() and kind != "inline"):
            return {**beside, "$ref": "#" + urldefrag(address).fragment}
        own = self._placed.get(address)
        if kind not in _MAPS.values() or kind == "inline" or self._homes.get(place) == address:
            return self._written_out(address, reference, base, place, kind, beside)
        return {**beside, "$ref": own or self._component(address, reference, base, place, kind)}

    def _written_out(
        self, address: str, reference: str, base: str, place: str, kind: str, beside: dict[str, Any]
    ) -> Any:
        if address in self._inlining:
            raise DocumentError(base, place, f"$ref {reference!r} leads back to itself", _ADVICE)
        target, there = self._target(reference, base, place)
        self._inlining.append(address)
        copied = self._node(target, there, place, kind.removeprefix("map:"), named=kind.startswith("map:"))
        self._inlining.pop()
        return {**copied, **beside} if is_object(copied) and beside else copied

    def _component(self, address: str, reference: str, base: str, place: str, kind: str) -> str:
        """Put what a reference names among the components, once; returns the reference to it."""
        target, there = self._target(reference, base, place)
        if kind == "schemas" and is_object(target) and set(target) == {"$ref"}:  # one file only names another
            further = _absolute(there, target["$ref"])
            if further != address and urldefrag(further).url == self._base and "#" in further:
                self._placed[address] = "#" + urldefrag(further).fragment
                return self._placed[address]
        section = _SWAGGER.get(kind, "definitions") if self._swagger else kind
        taken = self._taken.setdefault(section, set())
        wanted = name = _name(address)
        number = 1
        while name in taken:
            number += 1
            name = f"{wanted}_{number}"
        taken.add(name)
        self._placed[address] = pointer = _pointer(self._prefix(section), name)
        entries = self._added.setdefault(section, {})
        entries[name] = None  # keeps the order in which the references are met
        entries[name] = self._node(target, there, f"{there}#", kind)
        return pointer

    def _mapped(self, value: Any, base: str, place: str) -> Any:
        """A value of a discriminator's mapping: a name, or a reference like any other."""
        if not isinstance(value, str) or not re.search(r"[/#]|\.(json|ya?ml)$", value):
            return value
        return self._reference({"$ref": value}, base, place, "schemas")["$ref"]

    def _address(self, base: str, reference: str) -> str:
        """Where a reference points. One such as ``#/components/schemas/A`` in a file without components means the
        first document's."""
        if reference.startswith("#") and base != self._base and not _has(self._documents[base], reference):
            base = self._base if _has(self._documents[self._base], reference) else base
        return _absolute(base, reference)

    def _target(self, reference: str, base: str, place: str) -> tuple[Any, str]:
        address, fragment = urldefrag(self._address(base, reference))
        if address not in self._documents:
            if len(self._documents) >= MOST_DOCUMENTS:
                raise DocumentError(base, place, f"it consists of more than {MOST_DOCUMENTS} files", _ADVICE)
            self._documents[address] = self._read(address, base)
        try:
            return resolve(self._documents[address], f"#{fragment}"), address
        except KeyError:
            raise DocumentError(base, place, f"$ref {reference!r} points at nothing", _ADVICE) from None


def _has(document: dict[str, Any], reference: str) -> bool:
    try:
        resolve(document, reference)
    except KeyError:
        return False
    return True


def _rebased(node: Any, base: str) -> Any:
    """A copy in which every reference is a whole address, so that another document can hold it."""
    if is_array(node):
        return [_rebased(item, base) for item in node]
    if not is_object(node):
        return node
    return {
        key: _absolute(base, value) if key == "$ref" and isinstance(value, str) else _rebased(value, base)
        for key, value in node.items()
    }


def _absolute(base: str, reference: str) -> str:
    try:
        joined = urljoin(base, reference)
        urlsplit(joined)
    except ValueError:
        raise DocumentError(base, "$", f"$ref {reference!r} is no address", _ADVICE) from None
    address, fragment = urldefrag(joined)
    return f"{address}#{fragment}" if fragment.strip("/") else address


def _pointer(prefix: str, name: str) -> str:
    return f"{prefix}/{name.replace('~', '~0').replace('/', '~1')}"


def _name(address: str) -> str:
    """What a component is called: the last key of the pointer, or else the file without its ending."""
    path, fragment = urldefrag(address)
    word = fragment.rstrip("/").rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    stem = word or urlsplit(path).path.rstrip("/").rpartition("/")[2].partition(".")[0]
    return re.sub(r"[^A-Za-z0-9._-]+", "_", unquote(stem)) or "Part"
