"""Bodies that consist of fields: urlencoded forms, and the parts of multipart bodies."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from io import IOBase
from typing import Any, cast

from attrs import evolve, field, frozen

from ._encode import is_mapping, to_text, to_wire
from ._files import Upload
from ._json import dumps
from ._json_types import is_array, is_object
from ._operation import Body, FieldEncoding, Parameter
from ._styles import query_pairs

_GUESSED = ("", "application/octet-stream")
"""Documented media types that say less of a file than its name does."""


class PartText(str):
    """A text field of a multipart body that has a media type, and perhaps further headers."""

    __slots__ = ("content_type", "headers")
    content_type: str
    headers: Mapping[str, str]


@frozen
class Fields:
    """The fields of a form and the files beside them, as pairs in sending order."""

    form: tuple[tuple[str, str], ...] = field(repr=False)
    files: tuple[tuple[str, Any], ...] = field(default=(), repr=False)


def form_fields(body: Body, value: Any) -> Fields:
    """The fields of a urlencoded form."""
    fields = to_wire(value)
    if not is_object(fields):
        raise TypeError(f"a form takes a mapping, not {type(value).__name__}")
    pairs = [pair for name, item in fields.items() for pair in _pairs(name, item, body.encoding.get(name))]
    return Fields(tuple(pairs))


def multipart_fields(body: Body, given: Mapping[str, Any]) -> Fields:
    """The fields and files of a multipart body, from arguments."""
    fields: list[tuple[str, str]] = []
    files: list[tuple[str, Any]] = []
    for argument, item in given.items():
        name = body.parts.get(argument, argument)
        encoding = body.encoding.get(name)
        if argument in body.files:
            parts = cast("Iterable[Any]", item) if isinstance(item, (list, tuple)) else (item,)
            files.extend((name, _file(part, encoding)) for part in parts if part is not None)
            continue
        plain = to_wire(item)
        whole = is_array(plain) and encoding is not None and _is_json(encoding.content_type)
        for part in [plain] if whole or not is_array(plain) or (encoding and encoding.style) else plain:
            fields.extend((key, _part(text, part, encoding)) for key, text in _pairs(name, part, encoding))
    return Fields(tuple(fields), tuple(files))


def mapped_fields(body: Body, value: Any) -> Fields:
    """A multipart body given as one mapping: what looks like a file is one."""
    if not is_mapping(value):
        raise TypeError(f"a multipart body takes a mapping, not {type(value).__name__}")
    files = tuple(name for name, item in value.items() if isinstance(item, (bytes, os.PathLike, Upload, IOBase)))
    return multipart_fields(evolve(body, files=files), value)


def form_texts(name: str, value: Any) -> list[str]:
    """The texts of one field of a form: one for each item of a list, none for null."""
    return [text for _, text in _pairs(name, value, None)]


def _pairs(name: str, value: Any, encoding: FieldEncoding | None) -> list[tuple[str, str]]:
    """The pairs that a field becomes, in the way that the document says for it."""
    try:
        to_text(name)
        if value is None:
            return []
        if encoding is not None and _is_json(encoding.content_type):
            return [(name, dumps(value).decode())]
        if encoding is not None and encoding.style:
            return query_pairs(Parameter(name, name, style=encoding.style, explode=encoding.explode), value)
        return [(name, _text(item)) for item in (value if is_array(value) else [value]) if item is not None]
    except (TypeError, ValueError) as error:
        printable = name.encode(errors="backslashreplace").decode()
        raise ValueError(f"field {printable!r} {error}") from error


def _text(value: Any) -> str:
    return dumps(value).decode() if is_object(value) or is_array(value) else to_text(value)


def _part(text: str, value: Any, encoding: FieldEncoding | None) -> str:
    """The text of a part, with its media type: that of the document, else JSON's where the text is JSON."""
    content_type = encoding.content_type if encoding else ""
    if not content_type and (is_object(value) or is_array(value)) and not (encoding and encoding.style):
        content_type = "application/json"
    headers = encoding.headers if encoding else dict[str, str]()
    if not content_type and not headers:
        return text
    part = PartText(text)
    part.content_type, part.headers = content_type, headers
    return part


def _file(part: Any, encoding: FieldEncoding | None) -> Any:
    """A file, with what the document says of its part; what the caller says of it counts more."""
    if encoding is None or (encoding.content_type in _GUESSED and not encoding.headers):
        return part
    upload = part if isinstance(part, Upload) else Upload(part)
    stated = None if encoding.content_type in _GUESSED else encoding.content_type
    return evolve(upload, content_type=upload.content_type or stated, headers={**encoding.headers, **upload.headers})


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower().endswith(("/json", "+json"))
