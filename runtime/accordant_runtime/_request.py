"""From arguments to an immutable request value: nothing is sent here."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from attrs import field, frozen

from ._encode import to_text, to_wire
from ._errors import RequestError
from ._files import FileInput, Upload
from ._form import Fields, form_fields, mapped_fields, multipart_fields
from ._given_dicts import refuse_misspelt, refuse_misspelt_in
from ._json import dumps
from ._model import RequestModel, written_at_once
from ._operation import Body, Operation
from ._styles import cookie_text, header_text, path_text, query_pairs
from ._unset import UNSET


@frozen
class Request:
    """What one call sends, as a value: it can be kept, compared and sent again.

    ``path`` is expanded and percent-encoded; ``query`` and ``headers`` are pairs in sending order. ``content`` holds a
    JSON or raw body, and ``upload`` a raw body that is a file; ``form`` the fields of a urlencoded or multipart body
    and ``files`` its files.
    """

    operation: Operation[Any]
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes | None = field(default=None, repr=False)
    content_type: str | None = None
    form: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    files: tuple[tuple[str, Any], ...] = field(default=(), repr=False)
    upload: FileInput | None = field(default=None, repr=False)

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
            if parameter.takes is not None:
                refuse_misspelt(value, parameter.takes, "cannot be sent: $")
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
            given: dict[str, Any] = {body.renamed.get(name, name): value for name, value in values.items()}
            if body.unsent and (given or body.required):
                given |= dict.fromkeys(body.unsent, UNSET)
            return _BODIES[body.kind](body, body.model.target(**given)) if given or body.required else {}
        if body.kind == "multipart" and body.argument not in values:
            for name in body.fields.keys() & values.keys():
                refuse_misspelt(values[name], body.fields[name], f"$.{body.parts.get(name, name)}")
            return _multipart(body, values) if values or body.required else {}
        value = values.pop(body.argument, UNSET)
        _refuse_others(operation, values)
        if value is UNSET and body.required:
            raise RequestError(f"{operation.id}: argument {body.argument!r} is required")
        if value is not UNSET and body.takes is not None and not isinstance(value, RequestModel):
            refuse_misspelt(value, body.takes)
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
    content = written_at_once(value) if isinstance(value, RequestModel) else None
    if content is None:
        if isinstance(value, RequestModel):
            refuse_misspelt_in(value)
        content = dumps(to_wire(value))
    return {"content": content, "content_type": body.content_type}


def _fields(make: Callable[[Body, Any], Fields]) -> Callable[[Body, Any], dict[str, Any]]:
    def build(body: Body, value: Any) -> dict[str, Any]:
        if isinstance(value, RequestModel):
            refuse_misspelt_in(value)
        made = make(body, value)
        return {"form": made.form, "files": made.files, "content_type": body.content_type}

    return build


def _bytes(body: Body, value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"content": to_text(value).encode(), "content_type": body.content_type}
    if isinstance(value, (bytes, bytearray)):
        return {"content": bytes(value), "content_type": body.content_type}
    if isinstance(value, (os.PathLike, Upload)) or hasattr(cast("object", value), "read"):
        stated = value.content_type if isinstance(value, Upload) else None
        return {"upload": value, "content_type": stated or body.content_type}
    raise TypeError(
        f"it takes bytes, text, a path (pathlib.Path), an open binary file or an Upload, not {type(value).__name__}"
    )


_multipart: Final = _fields(multipart_fields)
_BODIES: dict[str, Callable[[Body, Any], dict[str, Any]]] = {
    "json": _json,
    "form": _fields(form_fields),
    "multipart": _fields(mapped_fields),
    "bytes": _bytes,
}
