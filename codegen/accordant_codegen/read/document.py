"""Finding one's way in an OpenAPI document: operations, references and JSON paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from accordant_runtime import is_array, is_object

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# Below these keys stands data, in which nothing is a reference or a schema.
DATA = frozenset({"example", "examples", "default", "enum", "const"})
NAMED = frozenset(
    {"callbacks", "content", "headers", "parameters", "paths", "properties", "requestBodies", "responses", "schemas"}
    | {"$defs", "definitions", "patternProperties", "securitySchemes", "securityDefinitions", "variables", "webhooks"}
)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation as (path, method, operation object), in document order."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if path.startswith("/") and method in item:
                yield path, method, item[method]


def sent_path(path: str) -> str:
    """The part of a path that is sent: what is behind a ``#`` or a ``?`` tells operations apart."""
    return re.split("[#?]", path, maxsplit=1)[0]


def below(place: str, key: str) -> str:
    """The JSON path of a key of the object at ``place``."""
    return f"{place}.{key}" if key.isidentifier() else f"{place}['{key}']"


def walk(node: Any, place: str = "$", *, names: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a document that is not data, with its JSON path; ``names`` says that the keys of ``node`` are the
    vendor's own, as those of ``properties`` are: that map is not among them, what it holds is."""
    pending: list[tuple[Any, str, bool]] = [(node, place, names)]
    while pending:
        node, place, names = pending.pop()
        held: list[tuple[Any, str, bool]] = []
        if is_object(node):
            if not names:
                yield place, node
            held = [
                (value, below(place, key), not names and key in NAMED)
                for key, value in node.items()
                if (names or key not in DATA) and (is_object(value) or is_array(value))
            ]
        elif is_array(node):
            held = [(value, f"{place}[{index}]", False) for index, value in enumerate(node)]
        pending += reversed(held)


def references(node: Any, place: str = "$") -> Iterator[tuple[str, str]]:
    """Every ``$ref`` of a document with its JSON path."""
    for found, item in walk(node, place):
        if isinstance(item.get("$ref"), str):
            yield found, item["$ref"]


def pointer(reference: str) -> list[str]:
    """The keys that a local ``$ref`` goes through."""
    segments = unquote(reference.removeprefix("#")).split("/")
    return [segment.replace("~1", "/").replace("~0", "~") for segment in segments if segment]


def resolve(document: dict[str, Any], reference: str) -> Any:
    """The node that a local ``$ref`` points at; raises ``KeyError`` when there is none."""
    node: Any = document
    for key in pointer(reference):
        if is_array(node) and key.isdigit() and int(key) < len(node):
            node = node[int(key)]
        elif is_object(node):
            node = node[key]
        else:
            raise KeyError(key)
    return node


def follow(document: dict[str, Any], node: Any) -> Any:
    """The node itself, or what its ``$ref`` (and the next) points at."""
    seen: set[str] = set()
    while is_object(node) and isinstance(node.get("$ref"), str) and node["$ref"] not in seen:
        seen.add(node["$ref"])
        node = resolve(document, node["$ref"])
    return node
