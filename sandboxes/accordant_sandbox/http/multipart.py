"""Form bodies: URL-encoded and multipart, parsed without an event loop."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.exchange import Upload

if TYPE_CHECKING:
    from python_multipart.multipart import Field, File

__all__ = ["MalformedFormError", "parse_form", "parse_multipart"]


class MalformedFormError(ValueError):
    """A body is not the form that its media type says."""


def parse_form(body: bytes) -> list[tuple[str, Any]]:
    """The fields of a URL-encoded body, in their order.

    Raises:
        MalformedFormError: The body is not UTF-8.
    """
    try:
        return list(parse_qsl(body.decode(), keep_blank_values=True))
    except ValueError as problem:
        raise MalformedFormError("the form body is not valid") from problem


def parse_multipart(content_type: str, body: bytes) -> list[tuple[str, Any]]:
    """The parts of a multipart body, in their order: text, or `Upload` for parts with a file name.

    Raises:
        MalformedFormError: There is no boundary, or the body does not keep to it.
    """
    try:
        from python_multipart import parse_form as parse_parts
        from python_multipart.exceptions import FormParserError
    except ImportError as problem:
        raise SandboxError("uploads need the extra: pip install 'accordant[sandbox]'") from problem

    parts: list[tuple[str, Any]] = []

    def on_field(part: Field) -> None:
        parts.append((_text(part.field_name), _text(part.value)))

    def on_file(part: File) -> None:
        source = part.file_object
        source.seek(0)
        media_type = part.content_type
        parts.append((_text(part.field_name), Upload(_text(part.file_name), media_type, source.read())))
        part.close()

    headers = {"Content-Type": content_type.encode("latin-1"), "Content-Length": str(len(body)).encode()}
    try:
        parse_parts(headers, BytesIO(body), on_field, on_file)
    except (FormParserError, ValueError) as problem:
        raise MalformedFormError("the multipart body is not valid") from problem
    return parts


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")
