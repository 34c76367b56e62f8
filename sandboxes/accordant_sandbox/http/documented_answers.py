"""Responses that a document allows: made up from its schemas and examples, or mended until they fit."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.document import Operation
from accordant_sandbox.http.exchange import ABSENT, Answer, Headers
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.http.response_validation import validate_response

__all__ = ["example_answer", "fitting_answer", "fitting_value", "nearest_error"]

_ROUNDS: Final = 6
_MISSING: Final = object()
_JSON: Final = "application/json"
_CALLERS: Final = frozenset({401, 403, 429})
_FAILURES: Final = range(400, 600)


def example_answer(operation: Operation, status: int, number: int = 1) -> Answer:
    """A response of a documented status with a made-up body and the headers that it must have."""
    found = _response(operation, status)
    if found is None:
        return Answer(status, media_type=None)
    response, pointer = found
    content: Mapping[str, Any] = response.get("content") or {}
    kind = _media_type(content)
    answer = Answer(status, headers=_headers(operation, response, pointer), media_type=kind)
    if kind is None:
        return answer
    if "json" in kind:
        schema_at = _schema_at(pointer, kind, content[kind])
        answer.body = _example_body(operation, content[kind], schema_at, number)
    else:
        answer.content = _example_bytes(content[kind])
    return answer


def fitting_answer(operation: Operation, answer: Answer, number: int = 1) -> Answer:
    """A response as the document allows it: what does not fit is replaced out of an example, what is missing added."""
    if validate_response(operation, answer) is None:
        return answer
    example = example_answer(operation, answer.status, number)
    found = _response(operation, answer.status)
    kind = example.media_type
    mended = replace(example, headers=answer.headers.copy(), delay=answer.delay, wire=answer.wire)
    for name, value in example.headers:
        if name not in mended.headers:
            mended.headers.add(name, value)
    if found is not None and kind is not None and "json" in kind and answer.body is not ABSENT:
        content: Mapping[str, Any] = found[0].get("content") or {}
        schema_at = _schema_at(found[1], kind, content[kind])
        if schema_at is not None:
            mended.body = fitting_value(operation, schema_at, answer.body, example.body)
    return mended


def fitting_value(operation: Operation, pointer: str, value: Any, example: Any) -> Any:
    """A value that fits a schema: the given one, with whatever breaks the schema replaced out of an example."""
    schemas = operation.document.schemas
    mended = copy.deepcopy(value)
    for _ in range(_ROUNDS):
        misfits = schemas.misfits(pointer, mended)
        if not misfits:
            return mended
        for path, rule in misfits:
            mended = _mended(mended, path, rule, example)
    return mended if schemas.is_valid(pointer, mended) else example


def nearest_error(operation: Operation, status: int) -> int | None:
    """The documented failure that is nearest to a status: the status itself, else one that means something alike.

    What is wrong with a request is never told as what is wrong with the caller, nor as a failure of the server.
    """
    if status in _FAILURES and operation.response(status) is not None:
        return status
    codes = {_number(key) for key in operation.responses}
    about_caller = status in _CALLERS
    alike = [code for code in codes if 400 <= code < 500 and (about_caller or code not in _CALLERS)]
    return min(alike, key=lambda code: ((code in _CALLERS) is not about_caller, abs(code - status), code), default=None)


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
        given = _given(operation, content)
        return given[0] if given else dict[str, Any]()
    schemas = operation.document.schemas
    for value in _given(operation, content):
        if schemas.is_valid(pointer, value):
            return value
    return operation.document.examples.value(pointer, "response", number)


def _given(operation: Operation, content: Mapping[str, Any]) -> list[Any]:
    """The whole bodies that the document gives as examples."""
    named = content.get("examples")
    found = [content["example"]] if "example" in content else []
    for each in named.values() if is_object(named) else ():
        try:
            node = operation.document.schemas.deref(each)
        except SandboxError:
            continue
        found += [node["value"]] if "value" in node else []
    return found


def _example_bytes(content: Any) -> bytes:
    given = content.get("example") if is_object(content) else None
    return given.encode() if isinstance(given, str) else b"content"


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
        if is_object(value) and is_object(example):
            if rule in ("required", "minProperties", "dependentRequired"):
                return {**example, **value}
            if rule in ("additionalProperties", "unevaluatedProperties", "propertyNames", "maxProperties"):
                return {name: each for name, each in value.items() if name in example} or example
        return example
    step, rest = path[0], path[1:]
    if is_object(value) and isinstance(step, str) and step in value:
        inner = example.get(step, _MISSING) if is_object(example) else _MISSING
        if inner is _MISSING:
            return {name: each for name, each in value.items() if name != step}
        return {**value, step: _mended(value[step], rest, rule, inner)}
    if is_array(value) and isinstance(step, int) and step < len(value):
        others = example if is_array(example) else []
        if not others:
            return [each for index, each in enumerate(value) if index != step]
        inner = others[min(step, len(others) - 1)]
        return [_mended(each, rest, rule, inner) if index == step else each for index, each in enumerate(value)]
    return example
