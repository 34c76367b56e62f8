"""Responses that a document allows: made up from its schemas and examples, or mended until they fit."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.directions import without_written
from accordant_sandbox.http.document import Operation
from accordant_sandbox.http.exchange import ABSENT, Answer, Headers
from accordant_sandbox.http.given_examples import as_json, example_bytes, given_examples, promises_object
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.http.record_dates import ordered_within, stamped
from accordant_sandbox.http.response_validation import fits
from accordant_sandbox.http.value_paths import MISSING, has, last_name, part_at, put, replaced

__all__ = [
    "PAGE_COUNTS",
    "example_answer",
    "fitting_answer",
    "fitting_value",
    "named_answer",
    "nearest_error",
    "present_answer",
]

_ROUNDS: Final = 6
_JSON: Final = "application/json"
_CALLERS: Final = frozenset({401, 403, 429})
_NARROW: Final = frozenset({402, 405, 406, 408, 411, 413, 414, 415, 417, 426, 428, 431})
_FAILURES: Final = range(400, 600)
PAGE_COUNTS: Final = ("total_pages", "totalPages", "TotalPages", "page_count", "pageCount", "PageCount")
"""What responses usually call their number of pages."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


def example_answer(operation: Operation, status: int, number: int = 1) -> Answer:
    """A response of a documented status with a made-up body and the headers that it must have."""
    found = _response(operation, status)
    if found is None:
        return Answer(status, media_type=None)
    response, pointer = found
    content: Mapping[str, Any] = response.get("content") or {}
    kind = _media_type(content)
    answer = Answer(status, headers=_headers(operation, response, pointer), media_type=kind)
    if status in _REDIRECTS and "Location" not in answer.headers:
        answer.headers.set("Location", "/")
    if kind is None:
        return answer
    if "json" in kind:
        schema_at = _schema_at(pointer, kind, content[kind])
        answer.body = _example_body(operation, content[kind], schema_at, number)
    elif "yaml" in kind and (schema_at := _schema_at(pointer, kind, content[kind])) and "example" not in content[kind]:
        answer.content = orjson.dumps(_example_body(operation, content[kind], schema_at, number))  # JSON is YAML
    else:
        answer.content = example_bytes(content[kind])
    return answer


def fitting_answer(operation: Operation, answer: Answer, number: int = 1) -> Answer:
    """A response as the document allows it: what does not fit is replaced out of an example, what is missing added."""
    if fits(operation, answer):
        return answer
    example = example_answer(operation, answer.status, number)
    found = _response(operation, answer.status)
    kind = example.media_type
    mended = replace(example, headers=answer.headers.copy(), delay=answer.delay, wire=answer.wire)
    for name, value in example.headers:
        if name not in mended.headers:
            mended.headers.add(name, value)
    said = answer.body.get("message") if is_object(answer.body) else None
    if kind is not None and kind.startswith("text/") and isinstance(said, str) and answer.status in _FAILURES:
        mended.content = said.encode()
    if found is not None and kind is not None and "json" in kind and answer.body is not ABSENT:
        content: Mapping[str, Any] = found[0].get("content") or {}
        schema_at = _schema_at(found[1], kind, content[kind])
        if schema_at is not None:
            mended.body = fitting_value(operation, schema_at, answer.body, example.body)
    return mended


def present_answer(operation: Operation, answer: Answer, now: str) -> Answer:
    """The made-up outcome of a write: what it shows was made and changed now."""
    way = _envelope(operation)
    shown = part_at(answer.body, way)
    if operation.method in ("GET", "HEAD") or shown is MISSING:
        return answer
    present = replace(answer, body=put(answer.body, way, stamped(shown, now)))
    return answer if not fits(operation, present) else present


def _envelope(operation: Operation) -> list[str]:
    envelope = operation.data.get("x-accordant-envelope")
    return envelope.split(".") if isinstance(envelope, str) and envelope else []


def named_answer(operation: Operation, answer: Answer, asked: Mapping[str, Any]) -> Answer:
    """A made-up record with the key that was asked for, where the document says which of its fields that is."""
    key, way = operation.data.get("x-accordant-key"), _envelope(operation)
    parameter, name = (key.get("parameter"), key.get("field")) if is_object(key) else (None, None)
    if not isinstance(name, str) or parameter not in asked or not has(answer.body, [*way, name]):
        return answer
    given = asked[str(parameter)]
    given = int(given) if isinstance(given, float) and given.is_integer() else given  # which every number may be
    for value in (given, int(given)) if isinstance(given, str) and given.isdecimal() else (given,):
        named = replace(answer, body=put(answer.body, [*way, name], value))
        if fits(operation, named):
            return named
    return answer


def fitting_value(operation: Operation, pointer: str, value: Any, example: Any) -> Any:
    """A value that fits a schema: the given one, with whatever breaks the schema replaced out of an example."""
    schemas = operation.document.schemas
    mended = copy.deepcopy(value)
    for _ in range(_ROUNDS):
        misfits = schemas.misfits(pointer, mended)
        if not misfits:
            return mended
        filled: list[Sequence[str | int]] = []  # each property that is missing there is a misfit of its own
        for path, rule in misfits:
            if rule == "required" and path in filled:
                continue
            chosen = _alternative(operation, pointer, (mended, example), path, rule)
            if chosen is not MISSING:
                mended = replaced(mended, path, chosen)
            elif rule == "required" and (needed := _needed(operation, pointer, (mended, example), path)):
                mended = replaced(mended, path, needed)
                filled.append(path)
            else:
                mended = _mended(mended, path, rule, _with_part(operation, pointer, example, path))
    return mended if schemas.is_valid(pointer, mended) else example


def _needed(operation: Operation, pointer: str, whole: tuple[Any, Any], path: Sequence[str | int]) -> dict[str, Any]:
    """The object at a path with what it must have and has not, out of the example; empty where that adds nothing."""
    value, example = part_at(whole[0], path), part_at(whole[1], path, last=True)
    at = operation.document.schemas.inside(pointer, path)
    if at is None or not is_object(value) or not is_object(example):
        return {}
    node, _ = operation.document.schemas.follow({"$ref": f"#{at}"}, at)
    names = node.get("required")
    added = {name: example[name] for name in (names if is_array(names) else ()) if name in example}
    return {**added, **value} if added.keys() - value.keys() else {}


def _with_part(operation: Operation, pointer: str, example: Any, path: Sequence[str | int]) -> Any:
    """The example; where it has nothing at a path, it gets a part that is made out of the schemas there, if it fits."""
    document = operation.document
    places = [] if has(example, path) else document.schemas.places(pointer, path)
    parts = [document.examples.of({"$ref": f"#{at}"}, "response", 1, last_name(path)) for at in places]
    merged = {name: each for part in parts for name, each in part.items()} if all(map(is_object, parts)) else None
    if len(parts) > 1 and merged is not None and all(document.schemas.is_valid(at, merged) for at in places):
        return put(example, path, merged)  # one property, which several parts of a schema describe
    fits_there = bool(parts) and document.schemas.is_valid(places[0], parts[0])
    return put(example, path, parts[0]) if fits_there else example


def _alternative(
    operation: Operation, pointer: str, whole: tuple[Any, Any], path: Sequence[str | int], rule: str
) -> Any:
    """The object at a path as one of the alternatives that its schema has: the one that keeps most of it; where they
    cannot be told apart by it, the example with what both have."""
    schemas = operation.document.schemas
    value, example = part_at(whole[0], path), part_at(whole[1], path, last=True)
    at = schemas.inside(pointer, path) if rule in ("anyOf", "oneOf") and is_object(value) else None
    if at is None:
        return MISSING
    node, at = schemas.follow({"$ref": f"#{at}"}, at)
    best: Any = MISSING
    keyword = rule if rule in node else "oneOf"
    choices = node.get(keyword)
    for index in range(len(choices)) if is_array(choices) else ():
        own = operation.document.examples.value(f"{at}/{keyword}/{index}", "response")
        fitting = fitting_value(operation, f"{at}/{keyword}/{index}", value, own)
        if is_object(fitting) and schemas.is_valid(at, fitting) and _kept(fitting, value) > _kept(best, value):
            best = fitting
    if best is MISSING and is_object(example):
        both = {name: each for name, each in value.items() if type(example.get(name)) is type(each)}
        merged: dict[str, Any] = {**example, **both}
        if schemas.is_valid(at, merged):
            return merged
        if schemas.is_valid(at, example):
            best = example
            for name, each in both.items():
                more = {**best, name: each}
                best = more if schemas.is_valid(at, more) else best
    return best


def _kept(value: Any, original: Mapping[str, Any]) -> int:
    return sum(name in value and value[name] == each for name, each in original.items()) if is_object(value) else 0


def nearest_error(operation: Operation, status: int) -> int | None:
    """The documented failure that is nearest to a status: the status itself, else one that means something alike.

    What is wrong with a request is never told as what is wrong with the caller, nor as a failure of the server; what
    only speaks of its method, size or form says so of nothing else where another one is documented.
    """
    if status in _FAILURES and operation.response(status) is not None:
        return status
    codes = {_number(key) for key in operation.responses}
    about_caller = status in _CALLERS
    alike = [code for code in codes if 400 <= code < 500 and (about_caller or code not in _CALLERS)]
    alike = [code for code in alike if code != 429 or status == 429]  # which says when to come back

    def distance(code: int) -> tuple[bool, bool, int, int]:
        return (code in _CALLERS) is not about_caller, code in _NARROW, abs(code - status), code

    return min(alike, key=distance, default=None)


def _number(key: str) -> int:
    return int(key) if key.isdigit() else int(key[0]) * 100 if key[:1].isdigit() else 0


def _response(operation: Operation, status: int) -> tuple[Mapping[str, Any], str] | None:
    try:
        return operation.response(status)
    except SandboxError:
        return None


def _media_type(content: Mapping[str, Any]) -> str | None:
    """The media type of a response: JSON if possible."""
    return next((kind for kind in content if kind == _JSON), None) or next(
        (kind for kind in content if "json" in kind), next(iter(content), None)
    )


def _schema_at(pointer: str, kind: str, content: Any) -> str | None:
    token = kind.replace("~", "~0").replace("/", "~1")
    return f"{pointer}/content/{token}/schema" if is_object(content) and "schema" in content else None


def _example_body(operation: Operation, content: Mapping[str, Any], pointer: str | None, number: int) -> Any:
    if pointer is None:
        given = given_examples(operation, content)
        return given[0] if given else dict[str, Any]()
    examples = operation.document.examples
    return examples.once((pointer, "body", number), lambda: _made_body(operation, content, pointer, number))


def _made_body(operation: Operation, content: Mapping[str, Any], pointer: str, number: int) -> Any:
    schemas, document = operation.document.schemas, operation.document.data
    holds = promises_object(operation, pointer)
    given = (as_json(each) if holds else each for each in given_examples(operation, content))
    shown = (without_written(each, {"$ref": f"#{pointer}"}, document) for each in given)
    for value in map(ordered_within, shown):
        if schemas.is_valid(pointer, value) and not (holds and isinstance(value, str)):
            return _distinct(operation, value)
    return operation.document.examples.value(pointer, "response", number)


def _distinct(operation: Operation, body: Any) -> Any:
    """A list that shows each record once: many an example repeats one, its key included."""
    paging, key = operation.pagination or {}, operation.data.get("x-accordant-key")
    way = paging.get("items") or operation.data.get("x-accordant-envelope")
    path = way.split(".") if isinstance(way, str) and way else []
    tells: Any = operation.data.get("x-accordant-row-key")
    name = tells[0] if is_array(tells) and tells else key.get("field", "id") if is_object(key) else "id"
    rows = body
    for step in path:
        rows = rows.get(step) if is_object(rows) else None
    if not is_array(rows) or not all(is_object(row) and name in row for row in rows):
        return body
    once = list({str(row[name]): row for row in rows}.values())
    total = paging.get("total")
    counted = body
    if isinstance(total, str) and type(part_at(body, total.split("."))) is int:
        counted = put(body, total.split("."), len(once))
    return put(counted, path, once) if rows else body


def _headers(operation: Operation, response: Mapping[str, Any], pointer: str) -> Headers:
    """The headers that a response must have."""
    made = Headers()
    schemas = operation.document.schemas
    named = response.get("headers")
    for name, raw in named.items() if is_object(named) else ():
        try:
            header, at = schemas.follow(raw, f"{pointer}/headers/{name}")
        except SandboxError:
            continue
        if header.get("required"):
            value = operation.document.examples.value(f"{at}/schema") if "schema" in header else "value"
            made.set(name, str(value).lower() if isinstance(value, bool) else str(value))
    return made


def _mended(value: Any, path: Sequence[str | int], rule: str, example: Any) -> Any:
    """A value with the part at a path taken from an example, or left out where the example has none."""
    if not path:
        if type(value) is int and isinstance(example, str) and rule == "type":
            return str(value)  # a key that is a number here and a text there
        if isinstance(value, str) and value.isdecimal() and type(example) is int and rule == "type":
            return int(value)
        if type(value) is int and value in (0, 1) and isinstance(example, bool) and rule == "type":
            return bool(value)
        if isinstance(value, bool) and type(example) is int and rule == "type":
            return int(value)
        if is_object(value) and is_object(example):
            if rule in ("required", "minProperties", "dependentRequired"):
                return {**example, **value}
            if rule in ("additionalProperties", "unevaluatedProperties", "propertyNames", "maxProperties"):
                return {name: each for name, each in value.items() if name in example} or example
        return example
    step, rest = path[0], path[1:]
    if is_object(value) and isinstance(step, str) and step in value:
        inner = example.get(step, MISSING) if is_object(example) else MISSING
        if inner is MISSING:
            return {name: each for name, each in value.items() if name != step}
        return {**value, step: _mended(value[step], rest, rule, inner)}
    if is_array(value) and isinstance(step, int) and step < len(value):
        others = example if is_array(example) else []
        if not others:
            return [each for index, each in enumerate(value) if index != step]
        inner = others[min(step, len(others) - 1)]
        return [_mended(each, rest, rule, inner) if index == step else each for index, each in enumerate(value)]
    return value  # what broke a rule there is gone: it was left out with what broke another rule
