"""The ``x-accordant-*`` extensions: which there are, where they may be used and what they may say.

A misspelt or misplaced extension would be ignored in silence by everybody who reads the document, so it is an error.
``docs/extensions.md`` says what each means.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen

from accordant_runtime import is_array, is_object

from ..errors import DocumentError
from ..names import CLIENT_ATTRIBUTES, LONGEST, identifier, normal
from .document import DATA, METHODS, below, operations

PREFIX = "x-accordant-"
OLD_NAME = "x-accordant-deprecated-name"
ACTIONS = ("create", "get", "list", "update", "replace", "upsert", "delete", "custom")
PREDICATES = ("eq", "not_eq", "in", "gt", "gteq", "lt", "lteq", "null", "contains", "any_of")
PAGINATION = {
    "offset": ("limit", "offset", "total", "max-limit", "more", "last"),
    "page": ("page", "size", "total", "max-limit", "start", "more", "last"),
    "cursor": ("limit", "cursor", "next", "next-header", "next-row", "total", "max-limit", "more", "last"),
    "window": ("from", "to", "cap", "cap-default", "max-limit", "starts", "ends", "identity"),
}
ADVICE = "Correct the spec overlay; docs/extensions.md lists the extensions"

# A check answers what is wrong with a value; empty when nothing is.
Check = Callable[[Any], str]


@frozen
class Extension:
    """One extension: the kinds of node that may carry it, and the check of its value."""

    where: tuple[str, ...]
    check: Check


def _text(value: Any) -> str:
    return "" if isinstance(value, str) else "it must be a text"


def _flag(value: Any) -> str:
    return "" if isinstance(value, bool) else "it must be true or false"


def _name(value: Any) -> str:
    good = (
        isinstance(value, str)
        and value.isidentifier()
        and not value.startswith("_")
        and identifier(value) == normal(value) == value
        and len(value.encode()) <= LONGEST
    )
    return "" if good else f"{value!r} is no name that Python code could use"


def _old_names(value: Any) -> str:
    every: list[Any] = value if is_array(value) and value else [value]
    wrong = [_old_members(item) if is_object(item) else _name(item) for item in every]
    return next(filter(None, wrong), "")


def _old_members(value: dict[str, Any]) -> str:
    if not value:
        return "it names no member"
    strange = next((item for item in value.values() if type(item) not in (str, int)), None)
    return next(filter(None, map(_name, value)), "") or (
        "" if strange is None else f"{strange!r} is no value of an enum: it says the old name first, then the value"
    )


def _resource(value: Any) -> str:
    return _name(value) or (f"the client itself has an attribute {value!r}" if value in CLIENT_ATTRIBUTES else "")


def _kind_of_record(value: Any) -> str:
    good = isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9_]*", value)
    return "" if good else f"{value!r} is no singular in snake_case"


def _texts(value: Any) -> str:
    return "" if is_array(value) and all(isinstance(item, str) for item in value) else "it must be a list of texts"


def _one_of(*allowed: str) -> Check:
    return lambda value: "" if value in allowed else f"{value!r} is none of {', '.join(allowed)}"


def _keys(value: Any, required: set[str], allowed: set[str]) -> str:
    """What is wrong with the keys of an object."""
    if not is_object(value):
        return "it must be an object"
    missing, unknown = sorted(required - set(value)), sorted(set(value) - allowed)
    if missing:
        return f"it lacks {', '.join(missing)}"
    return f"it has no {', '.join(unknown)}; it has {', '.join(sorted(allowed))}" if unknown else ""


def _key(value: Any) -> str:
    problem = _keys(value, set(), {"parameter", "body", "header", "field", "scope", "alternatives", "returned"})
    problem = problem or _texts(value.get("returned", [])).replace("it ", "returned ")
    return problem or ("it names both a parameter and a body property" if {"parameter", "body"} <= set(value) else "")


def _pagination(value: Any) -> str:
    style = value.get("style") if is_object(value) else None
    if style not in PAGINATION:
        return f"its style {style!r} is none of {', '.join(PAGINATION)}"
    problem = _keys(value, {"style", "items"}, {"style", "items", *PAGINATION[style]})
    return problem or _text(value["items"]).replace("it ", "items ")


def _failure(value: Any) -> str:
    problem = _keys(value, {"field", "message"}, {"field", "message", "equals", "success"})
    if not problem and ("equals" in value) == ("success" in value):
        return "it needs either equals or success"
    bounds: Any = [] if problem else value.get("success", [0, 0])
    good = is_array(bounds) and len(bounds) == 2 and all(type(bound) is int for bound in bounds)
    return problem or ("" if good else "success must be two numbers, the first and the last good status")


def _filter(value: Any) -> str:
    problem = _keys(value, {"field", "predicate"}, {"field", "predicate", "unit"})
    return problem or _one_of(*PREDICATES)(value["predicate"])


def _header(value: Any) -> str:
    good = isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", value)
    return "" if good else f"{value!r} is no header name"


def _status(value: Any) -> str:
    return "" if isinstance(value, str) and re.fullmatch(r"[23]\d\d", value) else "it must be a status such as '201'"


EXTENSIONS = {
    "x-accordant-action": Extension(("operation",), _one_of(*ACTIONS)),
    "x-accordant-alias-of": Extension(("operation",), _text),
    "x-accordant-bare": Extension(("operation",), _flag),
    OLD_NAME: Extension(("operation", "parameter", "schema"), _old_names),
    "x-accordant-echo": Extension(("schema",), lambda value: "" if value is False else _text(value)),
    "x-accordant-entity": Extension(("operation",), _kind_of_record),
    "x-accordant-envelope": Extension(("operation",), _text),
    "x-accordant-failure": Extension(("operation",), _failure),
    "x-accordant-filter": Extension(("parameter",), _filter),
    "x-accordant-filter-style": Extension(("document",), _one_of("ransack")),
    "x-accordant-idempotency-key": Extension(("operation",), _header),
    "x-accordant-idempotent": Extension(("operation",), _flag),
    "x-accordant-key": Extension(("operation",), _key),
    "x-accordant-known-values": Extension(("schema",), lambda value: "" if is_array(value) else "it must be a list"),
    "x-accordant-label": Extension(("schema",), _text),
    "x-accordant-models": Extension(("document",), _texts),
    "x-accordant-name": Extension(("operation", "parameter", "body", "schema"), _name),
    "x-accordant-nullable": Extension(("operation",), _flag),
    "x-accordant-pagination": Extension(("operation",), _pagination),
    "x-accordant-read-only": Extension(("schema",), _flag),
    "x-accordant-reference": Extension(("parameter", "schema"), _text),
    "x-accordant-resource": Extension(("operation",), _resource),
    "x-accordant-row-key": Extension(("operation",), _texts),
    "x-accordant-success": Extension(("operation",), _status),
    "x-accordant-volatile": Extension(("schema",), _flag),
}


def check_extensions(document: dict[str, Any], name: str) -> None:
    """Refuse an extension that is unknown, is where nobody reads it, or says what nobody understands."""
    for kind, node, place in _kinds(document):
        for key in node:
            if key.startswith(PREFIX):
                problem = _problem(kind, key, node[key])
                if problem:
                    raise DocumentError(name, below(place, key), problem, ADVICE)
    _check_mentions(document, name)


def with_old_names(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Every object of a document that carries an old name, with its JSON path."""
    yield from ((node, place) for _, node, place in _kinds(document) if OLD_NAME in node)


def _problem(kind: str, key: str, value: Any) -> str:
    extension = EXTENSIONS.get(key)
    if extension is None:
        close = difflib.get_close_matches(key, EXTENSIONS, n=1)
        return "there is no such extension" + (f"; did you mean {close[0]}?" if close else "")
    if kind not in extension.where:
        return f"it belongs on {' or '.join(extension.where)}, not on {kind}"
    return extension.check(value)


def _check_mentions(document: dict[str, Any], name: str) -> None:
    """What an extension names is there: components, operations, parameters."""
    schemas: dict[str, Any] = document.get("components", {}).get("schemas", {})
    for index, key in enumerate(document.get("x-accordant-models", [])):
        if key not in schemas:
            raise DocumentError(name, f"$['x-accordant-models'][{index}]", f"there is no component {key!r}", ADVICE)
    ids = {operation.get("operationId") for _, _, operation in operations(document)}
    for path, method, operation in operations(document):
        place = f"{below('$.paths', path)}.{method}"
        original = operation.get("x-accordant-alias-of")
        if original is not None and original not in ids:
            raise DocumentError(name, f"{place}['x-accordant-alias-of']", f"there is no operation {original!r}", ADVICE)


_HOLDERS = {"parameters": "parameter", "requestBody": "body", "requestBodies": "body", "responses": "answer"}
# The keys of these are the vendor's names.
_NAMED = frozenset(
    {"properties", "schemas", "responses", "parameters", "requestBodies", "headers", "content", "webhooks"}
)


def _kinds(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every object of a document with its JSON path and what it is: document, operation, parameter, body, response or
    schema (which is everything else)."""
    yield "document", document, "$"
    for key, value in document.items():
        if key in ("paths", "webhooks") and is_object(value):
            for path, item in value.items():
                yield from _below(item, below(f"$.{key}", path), "path")
        elif key not in DATA and not key.startswith(PREFIX):
            yield from _below(value, below("$", key), "document")


def _below(node: Any, place: str, kind: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    if is_array(node):
        for index, item in enumerate(node):
            yield from _below(item, f"{place}[{index}]", kind)
    if not is_object(node):
        return
    yield kind, node, place
    for key, value in node.items():
        if key in DATA or key.startswith(PREFIX):
            continue
        inner = _HOLDERS.get(key, "operation" if kind == "path" and key in METHODS else "schema")
        inside = below(place, key)
        if key in _NAMED and is_object(value):
            for name, item in value.items():
                yield from _below(item, below(inside, name), inner)
        else:
            yield from _below(value, inside, inner)
