"""From arguments to an immutable request value: nothing is sent here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from attrs import field, frozen

from ._encode import is_mapping, is_sequence, to_text, to_wire
from ._errors import RequestError
from ._json import dumps
from ._json_types import is_array, is_object
from ._operation import Body, Operation, Parameter
from ._unset import UNSET

_SEPARATORS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}


@frozen
class Request:
    """What one call sends, as a value: it can be kept, compared and sent again.

    ``path`` is expanded and percent-encoded; ``query`` and ``headers`` are pairs in sending order. ``content`` holds a
    JSON or raw body; ``form`` the fields of a urlencoded or multipart body and ``files`` its files.
    """

    operation: Operation[Any]
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes | None = field(default=None, repr=False)
    content_type: str | None = None
    form: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    files: tuple[tuple[str, Any], ...] = field(default=(), repr=False)

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.operation.method


def build_request(operation: Operation[Any], arguments: Mapping[str, Any]) -> Request:
    """Turn Python arguments into the request of ``operation``; UNSET arguments are left out.

    Raises :class:`RequestError` for an argument that cannot travel: an empty path segment or ``..``, a required
    argument that is missing.
    """
    values = dict(arguments)
    path = operation.path
    query: list[tuple[str, str]] = []
    headers: list[tuple[str, str]] = []
    cookies: list[str] = []
    for parameter in operation.parameters:
        value = values.pop(parameter.name, UNSET)
        if value is UNSET or (value is None and parameter.where != "path"):
            if parameter.required:
                raise RequestError(f"{operation.id}: argument {parameter.name!r} is required")
            continue
        if parameter.where == "path":
            path = path.replace("{" + parameter.wire + "}", _segment(operation, parameter, value))
        elif parameter.where == "query":
            query.extend(_pairs(parameter, value))
        elif parameter.where == "header":
            headers.append((parameter.wire, ",".join(_texts(value))))
        else:
            cookies.append(f"{parameter.wire}={','.join(_texts(value))}")
    if cookies:
        headers.append(("Cookie", "; ".join(cookies)))
    body = _body(operation, values)
    return Request(operation=operation, path=path, query=tuple(query), headers=tuple(headers), **body)


def _segment(operation: Operation[Any], parameter: Parameter, value: Any) -> str:
    text = ",".join(_texts(value))
    if text in ("", ".", ".."):
        raise RequestError(f"{operation.id}: argument {parameter.name!r} cannot be {text!r}: it is a path segment")
    return quote(text, safe="")


def _texts(value: Any) -> list[str]:
    return [to_text(item) for item in value] if is_sequence(value) else [to_text(value)]


def _pairs(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    """Serialise one query argument by OpenAPI's style and explode."""
    if is_mapping(value):
        if parameter.style == "deepObject":
            return [(f"{parameter.wire}[{key}]", to_text(item)) for key, item in value.items()]
        if parameter.explode:
            return [(str(key), to_text(item)) for key, item in value.items()]
        return [(parameter.wire, ",".join(text for key, item in value.items() for text in (str(key), to_text(item))))]
    if is_sequence(value) and not parameter.explode:
        return [(parameter.wire, _SEPARATORS.get(parameter.style, ",").join(_texts(value)))]
    return [(parameter.wire, text) for text in _texts(value)]


def _body(operation: Operation[Any], values: dict[str, Any]) -> dict[str, Any]:
    body = operation.body
    if body is None:
        return {}
    if body.kind == "multipart":
        return _multipart(body, {name: value for name, value in values.items() if value is not UNSET})
    if body.model is None:
        value = values.get(body.argument, UNSET)
        if value is UNSET:
            if body.required:
                raise RequestError(f"{operation.id}: argument {body.argument!r} is required")
            return {}
        return _BODIES[body.kind](operation, value)
    given = {body.renamed.get(name, name): value for name, value in values.items() if value is not UNSET}
    if not given and not body.required:
        return {}
    return _BODIES[body.kind](operation, body.model.target(**given))


def _json(operation: Operation[Any], value: Any) -> dict[str, Any]:
    assert operation.body is not None
    try:
        content = dumps(to_wire(value))
    except (TypeError, ValueError) as error:
        raise RequestError(f"{operation.id}: the body is not JSON: {error}") from error
    return {"content": content, "content_type": operation.body.content_type}


def _form(operation: Operation[Any], value: Any) -> dict[str, Any]:
    fields = to_wire(value)
    if not is_object(fields):
        raise RequestError(f"{operation.id}: a form body takes a mapping, not {type(value).__name__}")
    pairs = tuple((name, text) for name, item in fields.items() for text in _form_texts(item))
    return {"form": pairs, "content_type": "application/x-www-form-urlencoded"}


def _form_texts(value: Any) -> list[str]:
    if is_array(value):
        return [_form_text(item) for item in value]
    return [_form_text(value)]


def _form_text(value: Any) -> str:
    return dumps(value).decode() if is_object(value) or is_array(value) else to_text(value)


def _multipart(body: Body, given: Mapping[str, Any]) -> dict[str, Any]:
    fields: list[tuple[str, str]] = []
    files: list[tuple[str, Any]] = []
    for argument, item in given.items():
        name = body.parts.get(argument, argument)
        if argument in body.files:
            files.extend((name, part) for part in (item if is_array(item) else [item]))
        elif item is not None:
            fields.extend((name, text) for text in _form_texts(to_wire(item)))
    return {"form": tuple(fields), "files": tuple(files), "content_type": "multipart/form-data"}


def _bytes(operation: Operation[Any], value: Any) -> dict[str, Any]:
    assert operation.body is not None
    if not isinstance(value, (bytes, bytearray, str)):
        raise RequestError(f"{operation.id}: the body takes bytes or text")
    content = value.encode() if isinstance(value, str) else bytes(value)
    return {"content": content, "content_type": operation.body.content_type}


_BODIES: dict[str, Callable[[Operation[Any], Any], dict[str, Any]]] = {
    "json": _json,
    "form": _form,
    "bytes": _bytes,
}
