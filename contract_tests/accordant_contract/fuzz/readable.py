"""The document as the fuzzer can read it: the same promises, without what schemathesis reads otherwise than accordant.

Each change makes its reading no stricter than the effective document is for the generated client.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator
from typing import Any, Final

from accordant_runtime import is_array, is_object
from accordant_sandbox.http.alternatives import at_read
from accordant_sandbox.http.pointers import reference_pointer

_ONE: Final = ("items", "additionalProperties")
"""Where a schema says what a value is; what stands under `not` or `if` is a condition, and is left as it is."""
_LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS: Final = ("properties", "patternProperties", "$defs", "definitions")
_SAYS_MORE: Final = frozenset({"type", "$ref", "enum", "const", *_LISTS[:3]})
_PATHS: Final = "#/paths/"
_KEPT: Final = "x-accordant-paths"
_FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")
_TOKENS: Final = ("application/jwt", "application/jose+jwe")
"""Signed and encrypted texts, which the fuzzer takes for JSON."""


def make_readable(document: dict[str, Any], keys: Collection[str] = ()) -> None:
    """Rewrite, in place, what the fuzzer would misread.

    A schema with properties or items and no type is an object or an array, as the client reads it. A discriminator
    without a mapping goes: it would be held to the names of schemas, where the schemas themselves know their values.
    The items of a tuple become alternatives. What is one of several schemas may fit more than one of them. A form goes
    where JSON says the same, as a form knows nothing but texts. What tells paths apart behind a `?` goes behind a `#`:
    its variables are query parameters. A link gives only what its operation takes. A token in a response is a text.
    ``keys`` are the schemes whose keys the fuzzer puts into a request itself: it does so only where it has all that an
    operation asks for, so that what every request has anyhow goes from beside them. What references find in paths is
    kept elsewhere too: not every run has every path.
    """
    _leave_keys(document, frozenset(keys))
    _rename_paths(document)
    _mend_links(document)
    _rename_choices(document)
    for schema in list(_roots(document)):
        for each in list(_schemas(schema)):
            _rewrite(each)
    for body in list(_bodies(document)):
        _rewrite_body(body)
    _keep_paths(document)
    for node in (*_objects(document.get("paths", {})), *_objects(document.get("components", {}))):
        _leave_tokens(node.get("responses"))


def _keep_paths(document: dict[str, Any]) -> None:
    referring = [node for node in _objects(document) if str(node.get("$ref", "")).startswith(_PATHS)]
    for node in referring:
        node["$ref"] = node["$ref"].replace(_PATHS, f"#/{_KEPT}/", 1)
    if referring:
        document[_KEPT] = copy.deepcopy(document["paths"])


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if is_object(node):
        yield node
    for inner in node.values() if is_object(node) else node if is_array(node) else ():
        yield from _objects(inner)


def _leave_keys(document: dict[str, Any], keys: frozenset[str]) -> None:
    operations = (each for item in document.get("paths", {}).values() if is_object(item) for each in item.values())
    for node in (document, *operations):
        asked = node.get("security") if is_object(node) else None
        if is_object(node) and is_array(asked):
            node["security"] = [
                {name: each[name] for name in each if name in keys} if is_object(each) and keys & each.keys() else each
                for each in asked
            ]


def _rename_paths(document: dict[str, Any]) -> None:
    paths: dict[str, Any] = document.get("paths", {})
    for path in [path for path in paths if "?" in path.partition("#")[0]]:
        told = path.replace("?", "#", 1).partition("#")
        paths["".join((*told[:2], told[2].replace("{", "").replace("}", "")))] = paths.pop(path)


def _mend_links(document: dict[str, Any]) -> None:
    """Take away what a link gives to a parameter that its operation does not have, which the fuzzer refuses."""
    known = {
        each["operationId"]: {str(one.get("name")) for one in each.get("parameters", []) if is_object(one)}
        for item in document.get("paths", {}).values()
        for each in (item.values() if is_object(item) else ())
        if is_object(each) and isinstance(each.get("operationId"), str)
    }
    for link in list(_links(document)):
        given, target = link.get("parameters"), link.get("operationId")
        if is_object(given) and target in known:
            link["parameters"] = {
                name: value for name, value in given.items() if name.rpartition(".")[2] in known[str(target)]
            }


def _links(node: Any) -> Iterator[dict[str, Any]]:
    if is_array(node):
        for item in node:
            yield from _links(item)
    elif is_object(node):
        for key, value in node.items():
            if key == "links" and is_object(value):
                yield from (each for each in value.values() if is_object(each))
            elif key not in ("example", "examples", "schemas", "schema"):
                yield from _links(value)


def _rewrite(schema: dict[str, Any]) -> None:
    if not _SAYS_MORE & schema.keys():
        if is_object(schema.get("properties")):
            schema["type"] = "object"
        elif "items" in schema or "prefixItems" in schema:
            schema["type"] = "array"
    told = schema.get("discriminator")
    if is_object(told) and not told.get("mapping"):
        del schema["discriminator"]
    if "oneOf" in schema and "anyOf" not in schema:
        schema["anyOf"] = schema.pop("oneOf")
    first = schema.pop("prefixItems", None)
    if is_array(first):
        rest = schema.get("items", True)
        if rest is True:
            schema.pop("items", None)  # any item at all may follow
        else:
            schema["items"] = {"anyOf": [*first, rest] if is_object(rest) else [*first]}


def _rewrite_body(body: dict[str, Any]) -> None:
    media = body["content"]
    known = [each.get("schema") for name, each in media.items() if "json" in name and is_object(each)]
    for name in [each for each in _FORMS if each in media and media[each].get("schema") in known]:
        del media[name]


def _leave_tokens(responses: Any) -> None:
    """Take away what is inside of a token that a response has: on the way it is a text, and no object."""
    for response in responses.values() if is_object(responses) else ():
        content = response.get("content") if is_object(response) else None
        media = [content.get(kind) for kind in _TOKENS] if is_object(content) else []
        for each in filter(is_object, media):
            each.pop("schema", None)


def _rename_choices(document: dict[str, Any]) -> None:
    """Let references that name an alternative by its place find it where it will be."""
    referring = [node for node in _objects(document) if "/oneOf/" in str(node.get("$ref", ""))]
    places = [at_read(document, reference_pointer(document, node["$ref"])) for node in referring]
    for node, place in zip(referring, places, strict=True):
        node["$ref"] = f"#{place}"


def _schemas(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and all that are written inside of it."""
    if not is_object(schema):
        return
    yield schema
    inner = [schema.get(key) for key in _ONE]
    for key in _LISTS:
        inner.extend(schema[key] if is_array(schema.get(key)) else [])
    for key in _MAPS:
        found = schema.get(key)
        inner.extend(found.values() if is_object(found) else [])
    for each in inner:
        yield from _schemas(each)


def _roots(node: Any, *, named: bool = False) -> Iterator[Any]:
    """Every schema that is not written inside of another one."""
    if is_array(node):
        for item in node:
            yield from _roots(item)
    elif is_object(node):
        for key, value in node.items():
            if key == "schemas" and not named:
                yield from value.values() if is_object(value) else ()
            elif key == "schema" and not named:
                yield value
            elif key not in ("example", "examples"):
                yield from _roots(value, named=key in ("paths", "responses", "callbacks", "webhooks"))


def _bodies(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every body of a request that is written in the document."""
    parts = document.get("components", {})
    places = [*document.get("paths", {}).values(), *document.get("webhooks", {}).values()]
    found = [each.get("requestBody") for item in places for each in item.values() if is_object(each)]
    for body in [*found, *parts.get("requestBodies", {}).values()]:
        if is_object(body) and is_object(body.get("content")):
            yield body
