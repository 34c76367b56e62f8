"""Reading OpenAPI documents: JSON or YAML 1.2, string keys only, and nothing that is not OpenAPI."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from treaty_runtime import is_array, is_object

from .errors import DocumentError

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_ADVICE = "Fix the document, or pull it again"


class _Yaml12(yaml.CSafeLoader):
    """YAML with the scalar rules of version 1.2: `on` is a text, and so is a date."""


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """PyYAML's table of plain scalars by their first character, with the rules of YAML 1.2."""
    table: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, pattern, first in (
        ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
        ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
        (
            "float",
            r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
            "-+.0123456789",
        ),
        ("null", r"~|null|Null|NULL|", "~nN"),
    ):
        for character in (*first, *([""] if tag == "null" else [])):
            table.setdefault(character, []).append((f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$")))
    return table


_Yaml12.yaml_implicit_resolvers = _resolvers()


def load(path: Path, *, label: str | None = None) -> dict[str, Any]:
    """Read one document; raises :class:`DocumentError` naming the file and the place of what is wrong."""
    name = label or str(path)
    document = read_data(path, label=name)
    check_openapi(document, name)
    return document


def read_data(path: Path, *, label: str | None = None) -> dict[str, Any]:
    """Read a JSON or YAML file that holds one object; integer keys become text."""
    name = label or str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DocumentError(name, "$", "there is no such file", "Check the name, or run `make pull`") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(name, "$", f"it cannot be read ({error})", _ADVICE) from None
    return parse(text, name)


def parse(text: str, name: str) -> dict[str, Any]:
    """Parse JSON or YAML text that holds one object."""
    if not text.strip():
        raise DocumentError(name, "$", "it is empty", _ADVICE)
    if text.lstrip()[:1] == "<":
        raise DocumentError(
            name, "$", "it is an HTML or XML page, not an OpenAPI document", "Name the document's own URL"
        )
    try:
        value: Any = json.loads(text) if text.lstrip()[:1] in "{[" else yaml.load(text, Loader=_Yaml12)
    except json.JSONDecodeError as error:
        raise DocumentError(
            name, f"line {error.lineno}, column {error.colno}", f"it is not whole JSON ({error.msg})", _ADVICE
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark is not None else "$"
        raise DocumentError(name, place, f"it is not YAML ({getattr(error, 'problem', error)})", _ADVICE) from None
    if not is_object(value):
        raise DocumentError(name, "$", f"it holds {type(value).__name__}, not an object", _ADVICE)
    document: dict[str, Any] = with_text_keys(value)
    return document


def with_text_keys(value: Any) -> Any:
    """The same data with every object key as text: YAML reads the status code ``200:`` as a number."""
    if is_object(value):
        return {_key(key): with_text_keys(item) for key, item in value.items()}
    if is_array(value):
        return [with_text_keys(item) for item in value]
    return value


def _key(key: object) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return str(key)


def check_openapi(document: dict[str, Any], name: str) -> None:
    """Refuse what is not an OpenAPI 3.0/3.1 or Swagger 2.0 document, at the place where it stops being one."""
    version = document.get("openapi", document.get("swagger"))
    if version is None:
        raise DocumentError(name, "$", "it has neither `openapi` nor `swagger`: it is not an OpenAPI document", _ADVICE)
    if not re.match(r"^(3\.[01]\.|2\.0$)", str(version)):
        raise DocumentError(
            name, "$.openapi", f"version {version!r} is not supported", "Use OpenAPI 3.0, 3.1 or Swagger 2.0"
        )
    _expect_object(document, "info", name, "$")
    paths = _expect_object(document, "paths", name, "$")
    for path, item in paths.items():
        if not is_object(item):
            raise DocumentError(name, f"$.paths['{path}']", "a path item must be an object", _ADVICE)
        if not path.startswith("/"):
            raise DocumentError(name, f"$.paths['{path}']", "a path must start with '/'", _ADVICE)
        for method in METHODS:
            if method in item and not isinstance(item[method], dict):
                raise DocumentError(name, f"$.paths['{path}'].{method}", "an operation must be an object", _ADVICE)
    check_references(document, name)


def _expect_object(parent: dict[str, Any], key: str, name: str, place: str) -> dict[str, Any]:
    value = parent.get(key)
    if not is_object(value):
        found = "is missing" if value is None else f"is {type(value).__name__}, not an object"
        raise DocumentError(name, f"{place}.{key}", found, _ADVICE)
    return value


def check_references(document: dict[str, Any], name: str) -> None:
    """Refuse a ``$ref`` that points outside the document or at nothing."""
    for place, reference in references(document):
        if not reference.startswith("#"):
            raise DocumentError(
                name,
                place,
                f"$ref {reference!r} points outside the document",
                "Bundle the document into one file first",
            )
        try:
            resolve(document, reference)
        except KeyError:
            raise DocumentError(name, place, f"$ref {reference!r} points at nothing", _ADVICE) from None


def references(node: Any, place: str = "$") -> Iterator[tuple[str, str]]:
    """Every ``$ref`` of a document with its JSON path."""
    if is_object(node):
        reference = node.get("$ref")
        if isinstance(reference, str):
            yield place, reference
        for key, value in node.items():
            yield from references(value, f"{place}.{key}" if key.isidentifier() else f"{place}['{key}']")
    elif is_array(node):
        for index, value in enumerate(node):
            yield from references(value, f"{place}[{index}]")


def resolve(document: dict[str, Any], reference: str) -> Any:
    """The node that a local ``$ref`` points at; raises ``KeyError`` when there is none."""
    node: Any = document
    for segment in reference.removeprefix("#").strip("/").split("/"):
        if not segment:
            continue
        key = segment.replace("~1", "/").replace("~0", "~")
        node = _child(node, key)
    return node


def _child(node: Any, key: str) -> Any:
    if is_array(node) and key.isdigit() and int(key) < len(node):
        return node[int(key)]
    if is_object(node):
        return node[key]
    raise KeyError(key)


def follow(document: dict[str, Any], node: Any) -> Any:
    """The node itself, or what its ``$ref`` (and the next) points at."""
    seen: set[str] = set()
    while is_object(node) and isinstance(node.get("$ref"), str) and node["$ref"] not in seen:
        seen.add(node["$ref"])
        node = resolve(document, node["$ref"])
    return node


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation as (path, method, operation object), in document order."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]
