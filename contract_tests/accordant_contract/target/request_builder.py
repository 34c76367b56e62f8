"""From arguments to a request, by OpenAPI's styles; written anew here so that client and tests cannot err together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from accordant_runtime import dumps, is_array, is_object

from ..document.document import Operation
from ..document.facts import Parameter
from ..document.forms import encoding_of
from ..document.values import ABSENT, Arguments, Pairs, Part, Request

BOUNDARY = "accordant-contract-test-boundary"
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}
_MARKS = {"label": (".", "."), "matrix": (";", ";")}
"""What a style writes before everything, and between the items of what is exploded."""


def build(operation: Operation, arguments: Arguments, base: str, headers: Pairs = ()) -> Request:
    """The request that sends ``arguments`` to an operation.

    ``base`` is the target's address with the document's base path; ``headers`` are added, credentials among them, and
    those of them that are query parameters (``vendor.in_query``).
    """
    path = re.split("[#?]", operation.path, maxsplit=1)[0]  # what is behind it tells operations apart
    for name, value in arguments.path.items():
        path = path.replace("{" + name + "}", _styled(operation.parameter(name), value, _quoted))
    pairs = [pair for name, value in arguments.query.items() for pair in _query(operation, name, value)]
    pairs += [(name[1:], value) for name, value in headers if name.startswith("?")]
    url = f"{base}{path}" + (f"?{urlencode(pairs)}" if pairs else "")
    sent = [("Accept", "application/json"), *(pair for pair in headers if not pair[0].startswith("?"))]
    sent += [(name, _styled(operation.parameter(name), value, str)) for name, value in arguments.header.items()]
    content, content_type = _content(operation, arguments)
    if content_type:
        sent.append(("Content-Type", content_type))
    return Request(operation.method, url, tuple(sent), content)


def text(value: Any) -> str:
    """A value in a path, a query or a form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_object(value) or is_array(value):
        return dumps(value).decode()
    return "" if value is None else str(value)


def _quoted(item: str) -> str:
    return quote(item, safe="")


def _styled(parameter: Parameter | None, value: Any, encode: Callable[[str], str]) -> str:
    """A value in a path or a header, as its style has it."""
    if parameter is None or not (is_array(value) or is_object(value) or parameter.style in _MARKS):
        return encode(_joined(value, ","))
    first, between = _MARKS.get(parameter.style, ("", ","))
    own = f"{parameter.name}=" if parameter.style == "matrix" else ""
    if is_object(value):
        pairs = [(encode(text(key)), encode(text(item))) for key, item in value.items()]
        if parameter.explode:
            return first + between.join("=".join(pair) for pair in pairs)
        return first + own + ",".join(part for pair in pairs for part in pair)
    items = [encode(text(item)) for item in (value if is_array(value) else [value])]
    return first + (between.join(own + item for item in items) if parameter.explode else own + ",".join(items))


def _joined(value: Any, separator: str) -> str:
    return separator.join(text(item) for item in value) if is_array(value) else text(value)


def _query(operation: Operation, name: str, value: Any) -> Iterator[tuple[str, str]]:
    parameter = operation.parameter(name) or Parameter(name, "query", False, {}, "form", True, None, None)
    yield from _pairs(parameter, value)


def _pairs(parameter: Parameter, value: Any) -> Iterator[tuple[str, str]]:
    name = parameter.name
    if is_object(value) and not parameter.explode and parameter.style != "deepObject":
        flat = [part for pair in value.items() for part in pair]
        yield name, _joined(flat, _SEPARATORS.get(parameter.style, ","))
    elif is_object(value):
        for key, item in value.items():
            yield (f"{name}[{key}]" if parameter.style == "deepObject" else key), text(item)
    elif is_array(value) and parameter.explode:
        yield from ((name, text(item)) for item in value)
    else:
        yield name, _joined(value, _SEPARATORS.get(parameter.style, ","))


def _content(operation: Operation, arguments: Arguments) -> tuple[bytes, str]:
    kind = arguments.media_type or next(iter(operation.body), "application/json")
    if arguments.raw is not None:
        return arguments.raw, kind
    body = arguments.body
    if body is ABSENT:
        return b"", ""
    if isinstance(body, Part):
        return body.content, kind
    if kind == "multipart/form-data" and is_object(body):
        return _multipart(_fields(operation, kind, body)), f"{kind}; boundary={BOUNDARY}"
    if kind == "application/x-www-form-urlencoded" and is_object(body):
        fields = _fields(operation, kind, body)
        sent = [(name, each.content if isinstance(each, Part) else each) for name, each in fields]
        return urlencode(sent).encode(), kind
    if kind.startswith("application/") or kind == "text/json":
        return dumps(body), kind
    return text(body).encode(), kind


def _fields(operation: Operation, kind: str, body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields of a form: texts, and files as they are; by ``encoding`` where the document has one for them."""
    encoding = encoding_of(operation, kind)
    for name, value in body.items():
        stated: Mapping[str, Any] = encoding.get(name, {})
        items: list[Any] = list(value) if is_array(value) else [value]
        if any(isinstance(item, Part) for item in items):
            yield from ((name, item) for item in items)
        elif not stated.get("contentType") and {"style", "explode"} & stated.keys():
            style = str(stated.get("style", "form"))
            exploded = bool(stated.get("explode", style in ("form", "deepObject")))
            yield from _pairs(Parameter(name, "query", False, {}, style, exploded, None, None), value)
        elif "json" in str(stated.get("contentType")):
            yield name, dumps(value).decode()
        else:
            yield from ((name, text(item)) for item in items if item is not None)


def _multipart(fields: Iterable[tuple[str, Any]]) -> bytes:
    lines: list[bytes] = []
    for name, value in fields:
        lines.append(f"--{BOUNDARY}".encode())
        if isinstance(value, Part):
            shown = f'Content-Disposition: form-data; name="{name}"; filename="{value.filename}"'
            lines += [shown.encode(), f"Content-Type: {value.media_type}".encode(), b"", value.content]
        else:
            lines += [f'Content-Disposition: form-data; name="{name}"'.encode(), b"", text(value).encode()]
    return b"\r\n".join([*lines, f"--{BOUNDARY}--".encode(), b""])
