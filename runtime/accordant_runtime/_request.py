"""From arguments to an immutable request value: nothing is sent here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from io import IOBase
from typing import Any, cast

from attrs import evolve, field, frozen

from ._encode import is_mapping, to_text, to_wire
from ._errors import RequestError
from ._files import Upload
from ._json import dumps
from ._json_types import is_array, is_object
from ._model import RequestModel
from ._operation import Body, Operation
from ._styles import cookie_text, header_text, path_text, query_pairs
from ._unset import UNSET


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
    """Turn Python arguments into the request of ``operation``; UNSET arguments are left out, and so is ``None`` outside
    path and body.

    Raises :class:`RequestError`, which names the argument, for one that cannot travel (an empty path segment or ``..``,
    a line break in a header, NaN, a text with a lone surrogate, an object inside an object of a query), one that is
    required and missing, and one that the operation does not have.
    """
    values = {name: value for name, value in arguments.items() if value is not UNSET}
    path = operation.path
    query: list[tuple[str, str]] = []
    headers: list[tuple[str, str]] = []
    cookies: list[str] = []
    for parameter in operation.parameters:
        value = values.pop(parameter.name, None)
        if value is None:
            if parameter.required or parameter.where == "path":
                raise RequestError(f"{operation.id}: argument {parameter.name!r} is required")
            continue
        try:
            if parameter.where == "path":
                plain = type(value) is int and parameter.style == "simple"  # most are ids
                text = str(value) if plain else path_text(parameter, value)
                path = path.replace("{" + parameter.wire + "}", text)
            elif parameter.where == "query":
                query.extend(query_pairs(parameter, value))
            elif parameter.where == "header":
                headers.append((parameter.wire, header_text(parameter, value)))
            else:
                cookies.append(cookie_text(parameter, value))
        except (TypeError, ValueError) as error:
            raise RequestError(f"{operation.id}: argument {parameter.name!r} {error}") from error
        except RecursionError:
            raise RequestError(f"{operation.id}: argument {parameter.name!r} is nested too deeply") from None
    if cookies:
        headers.append(("Cookie", "; ".join(cookies)))
    body = _body(operation, values) if operation.body is not None or values else {}
    return Request(operation=operation, path=path, query=tuple(query), headers=tuple(headers), **body)


def _body(operation: Operation[Any], values: dict[str, Any]) -> dict[str, Any]:
    body = operation.body
    if body is None:
        _refuse_others(operation, values)
        return {}
    try:
        if body.model is not None:
            given = {body.renamed.get(name, name): value for name, value in values.items()}
            return _BODIES[body.kind](body, body.model.target(**given)) if given or body.required else {}
        if body.kind == "multipart" and body.argument not in values:
            return _multipart(body, values) if values or body.required else {}
        value = values.pop(body.argument, UNSET)
        _refuse_others(operation, values)
        if value is UNSET and body.required:
            raise RequestError(f"{operation.id}: argument {body.argument!r} is required")
        return {} if value is UNSET else _BODIES[body.kind](body, value)
    except RequestError:
        raise
    except (TypeError, ValueError) as error:
        raise RequestError(f"{operation.id}: the body cannot be sent: {error}") from error
    except RecursionError:
        raise RequestError(f"{operation.id}: the body cannot be sent: it is nested too deeply") from None


def _refuse_others(operation: Operation[Any], values: dict[str, Any]) -> None:
    if values:
        raise RequestError(f"{operation.id}: there is no argument {sorted(values)[0]!r}")


def _json(body: Body, value: Any) -> dict[str, Any]:
    content = value.to_json() if isinstance(value, RequestModel) else dumps(to_wire(value))
    return {"content": content, "content_type": body.content_type}


def _form(body: Body, value: Any) -> dict[str, Any]:
    fields = to_wire(value)
    if not is_object(fields):
        raise TypeError(f"a form takes a mapping, not {type(value).__name__}")
    pairs = tuple((name, text) for name, item in fields.items() for text in form_texts(name, item))
    return {"form": pairs, "content_type": body.content_type}


def form_texts(name: str, value: Any) -> list[str]:
    """The texts of one field of a form: one for each item of a list, none for null."""
    items = value if is_array(value) else [value]
    try:
        to_text(name)
        return [_form_text(item) for item in items if item is not None]
    except (TypeError, ValueError) as error:
        printable = name.encode(errors="backslashreplace").decode()
        raise ValueError(f"field {printable!r} {error}") from error


def _form_text(value: Any) -> str:
    return dumps(value).decode() if is_object(value) or is_array(value) else to_text(value)


def _multipart(body: Body, given: Mapping[str, Any]) -> dict[str, Any]:
    fields: list[tuple[str, str]] = []
    files: list[tuple[str, Any]] = []
    for argument, item in given.items():
        name = body.parts.get(argument, argument)
        if argument in body.files:
            parts = cast("Iterable[Any]", item) if isinstance(item, (list, tuple)) else (item,)
            files.extend((name, part) for part in parts if part is not None)
        else:
            fields.extend((name, text) for text in form_texts(name, to_wire(item)))
    return {"form": tuple(fields), "files": tuple(files), "content_type": body.content_type}


def _parts(body: Body, value: Any) -> dict[str, Any]:
    """A multipart body given as one mapping: what looks like a file is one."""
    if not is_mapping(value):
        raise TypeError(f"a multipart body takes a mapping, not {type(value).__name__}")
    files = tuple(name for name, item in value.items() if isinstance(item, (bytes, os.PathLike, Upload, IOBase)))
    return _multipart(evolve(body, files=files), value)


def _bytes(body: Body, value: Any) -> dict[str, Any]:
    if not isinstance(value, (bytes, bytearray, str)):
        raise TypeError(f"it takes bytes or text, not {type(value).__name__}")
    content = to_text(value).encode() if isinstance(value, str) else bytes(value)
    return {"content": content, "content_type": body.content_type}


_BODIES: dict[str, Callable[[Body, Any], dict[str, Any]]] = {
    "json": _json,
    "form": _form,
    "multipart": _parts,
    "bytes": _bytes,
}
