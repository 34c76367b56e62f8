"""What a document must be before anything else is asked of it; every refusal names the place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from accordant_runtime import is_array, is_object

from ..errors import DocumentError
from .document import METHODS, below, follow, references, resolve
from .load import ADVICE, read_data

_KINDS: dict[type, str] = {str: "a text", list: "a list", dict: "an object", bool: "a boolean", type(None): "null"}
_PLACES = {"path", "query", "header", "cookie"}


def load(path: Path, *, label: str | None = None) -> dict[str, Any]:
    """Read one document; raises :class:`DocumentError` naming the file and the place of what is wrong."""
    name = label or str(path)
    document = read_data(path, label=name)
    check_openapi(document, name)
    return document


def check_version(document: dict[str, Any], name: str) -> None:
    """Refuse what does not say that it is an OpenAPI 3.0/3.1 or Swagger 2.0 document."""
    key = "openapi" if "openapi" in document else "swagger"
    version = document.get(key)
    if version is None:
        raise DocumentError(name, "$", "it has neither `openapi` nor `swagger`: it is not an OpenAPI document", ADVICE)
    if not re.match(r"^3\.[01](\.|$)" if key == "openapi" else r"^2\.0$", str(version)):
        problem = f"version {version!r} is not supported"
        raise DocumentError(name, f"$.{key}", problem, "Use OpenAPI 3.0, 3.1 or Swagger 2.0")


def check_paths(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The paths, which have to be an object; a 3.1 document that has other things to say gets an empty one."""
    if str(document.get("openapi")).startswith("3.1") and {"webhooks", "components"} & set(document):
        document.setdefault("paths", {})
    return _object(document.get("paths"), "$.paths", name)


def check_openapi(document: dict[str, Any], name: str) -> None:
    """Refuse what is not an OpenAPI 3.0/3.1 or Swagger 2.0 document, at the place where it stops being one.

    It mends nothing (see ``mending``). A 3.1 document without paths gets an empty ``paths``.
    """
    check_version(document, name)
    _object(document.get("info"), "$.info", name)
    paths = check_paths(document, name)
    for key, value in document.items():
        if key in ("components", "webhooks"):
            _object(value, f"$.{key}", name)
    _object(document.get("components", {}).get("schemas", {}), "$.components.schemas", name)
    for index, tag in enumerate(_list(document.get("tags", []), "$.tags", name)):
        if not isinstance(_object(tag, f"$.tags[{index}]", name).get("name"), str):
            raise DocumentError(name, f"$.tags[{index}]", "a tag needs a `name`", ADVICE)
    _security(document, "$", name)
    check_references(document, name)
    for path, item in paths.items():
        if not path.startswith("x-"):
            _path(document, path, item, name)


def _object(value: Any, place: str, name: str) -> dict[str, Any]:
    if not is_object(value):
        found = "it is missing" if value is None else f"it is {_kind(value)}, not an object"
        raise DocumentError(name, place, found, ADVICE)
    return value


def _list(value: Any, place: str, name: str) -> list[Any]:
    if not is_array(value):
        raise DocumentError(name, place, f"it is {_kind(value)}, not a list", ADVICE)
    return value


def _kind(value: object) -> str:
    kind: type[object] = type(value)
    names: dict[type, str] = {
        str: "a text",
        list: "a list",
        dict: "an object",
        bool: "true or false",
        type(None): "null",
    }
    return names.get(kind, "a number")


def _path(document: dict[str, Any], path: str, item: Any, name: str) -> None:
    place = below("$.paths", path)
    _object(item, place, name)
    if not path.startswith("/"):
        raise DocumentError(name, place, "a path must start with '/'", ADVICE)
    if "$ref" in item:
        raise DocumentError(name, place, "a path item by reference is not supported", "Write the path item out")
    _parameters(document, item.get("parameters", []), f"{place}.parameters", name)
    for method in METHODS:
        if method in item:
            _operation(document, _object(item[method], f"{place}.{method}", name), f"{place}.{method}", name)


def _operation(document: dict[str, Any], operation: dict[str, Any], place: str, name: str) -> None:
    _parameters(document, operation.get("parameters", []), f"{place}.parameters", name)
    for index, tag in enumerate(_list(operation.get("tags", []), f"{place}.tags", name)):
        if not isinstance(tag, str):
            raise DocumentError(name, f"{place}.tags[{index}]", f"it is {_kind(tag)}, not a text", ADVICE)
    _security(operation, place, name)
    if "requestBody" in operation:
        body = _object(follow(document, operation["requestBody"]), f"{place}.requestBody", name)
        _object(body.get("content", {}), f"{place}.requestBody.content", name)
    for status, answer in _object(operation.get("responses", {}), f"{place}.responses", name).items():
        if status.startswith("x-"):
            continue
        spot = below(f"{place}.responses", status)
        if not re.fullmatch(r"default|[1-5](\d\d|XX)", status, re.IGNORECASE):
            raise DocumentError(name, spot, "it is neither a status nor `default`", ADVICE)
        node = _object(follow(document, answer), spot, name)
        _object(node.get("content", {}), f"{spot}.content", name)


def _security(holder: dict[str, Any], place: str, name: str) -> None:
    for index, needed in enumerate(_list(holder.get("security", []), f"{place}.security", name)):
        _object(needed, f"{place}.security[{index}]", name)


def _parameters(document: dict[str, Any], items: Any, place: str, name: str) -> None:
    in_swagger = "swagger" in document
    for index, item in enumerate(_list(items, place, name)):
        spot = f"{place}[{index}]"
        parameter = _object(follow(document, item), spot, name)
        if not isinstance(parameter.get("name"), str) or not parameter["name"]:
            raise DocumentError(name, spot, "a parameter needs a `name`", ADVICE)
        if parameter.get("in") not in (_PLACES | {"body", "formData"} if in_swagger else _PLACES):
            raise DocumentError(name, f"{spot}.in", f"{parameter.get('in')!r} is no place for a parameter", ADVICE)


def check_references(document: dict[str, Any], name: str) -> None:
    """Refuse a ``$ref`` that points outside the document or at nothing."""
    for place, reference in references(document):
        if not reference.startswith("#"):
            problem = f"$ref {reference!r} points outside the document"
            raise DocumentError(name, place, problem, "Bundle the document into one file first")
        try:
            resolve(document, reference)
        except KeyError:
            raise DocumentError(name, place, f"$ref {reference!r} points at nothing", ADVICE) from None
