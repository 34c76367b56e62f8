"""Multipart bodies: files are read while they are sent, and read again when the request has to be sent again."""

from __future__ import annotations

import io
import mimetypes
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Final, Protocol

from accordant_runtime import FileInput, PartText, Upload, header_trouble

from ..errors import RequestError

_CHUNK: Final = 65536
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class _Source(Protocol):
    """The content of one file."""

    @property
    def length(self) -> int | None: ...

    @property
    def replayable(self) -> bool: ...

    def chunks(self) -> Iterator[bytes]: ...


class _Bytes:
    replayable = True

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.length: int | None = len(content)

    def chunks(self) -> Iterator[bytes]:
        yield self._content


class _File:
    """A file on disk, opened anew for every attempt."""

    replayable = True

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with path.open("rb"):
                self.length: int | None = path.stat().st_size
        except OSError as error:
            raise _unreadable(f"the file {str(path)!r}", error) from error

    def chunks(self) -> Iterator[bytes]:
        what = f"the file {str(self._path)!r}"
        try:
            file = self._path.open("rb")
        except OSError as error:
            raise _unreadable(what, error) from error
        with file:
            yield from _blocks(file, what)


class _PartStream:
    """An open file, sent from its current position; only one that can seek can be sent again."""

    def __init__(self, file: IO[bytes], name: str | None) -> None:
        self._file = file
        self._what = "the open file" if name is None else f"the open file {name!r}"
        self._begun = False
        self._start: int | None = None
        self.length: int | None = None
        _read(file, 0, self._what)  # shows a file in text mode before anything is sent
        try:
            if file.seekable():
                self._start = file.tell()
                self.length = file.seek(0, io.SEEK_END) - self._start
                file.seek(self._start)
        except (OSError, ValueError) as error:
            raise _unreadable(self._what, error) from error

    @property
    def replayable(self) -> bool:
        return self._start is not None

    def chunks(self) -> Iterator[bytes]:
        if self._start is not None:
            try:
                self._file.seek(self._start)
            except (OSError, ValueError) as error:
                raise _unreadable(self._what, error) from error
        elif self._begun:
            raise RequestError(f"{self._what} cannot be rewound, so it cannot be sent again")
        self._begun = True
        yield from _blocks(self._file, self._what)


def _blocks(file: IO[bytes], what: str) -> Iterator[bytes]:
    while block := _read(file, _CHUNK, what):
        yield block


def _read(file: IO[bytes], size: int, what: str) -> bytes:
    """Up to ``size`` bytes; whatever goes wrong with the file becomes a RequestError that names it."""
    try:
        block: bytes | str = file.read(size)
    except (OSError, ValueError) as error:  # ValueError: somebody closed it
        raise _unreadable(what, error) from error
    if isinstance(block, str):
        raise RequestError(f"{what} gives text, not bytes: open it in binary mode ('rb')")
    return block


def _unreadable(what: str, error: OSError | ValueError) -> RequestError:
    reason = error.strerror if isinstance(error, OSError) else None
    return RequestError(f"cannot read {what}: {reason or error}")


class MultipartBody:
    """A ``multipart/form-data`` body (RFC 7578) of text fields and files."""

    def __init__(
        self,
        fields: Sequence[tuple[str, str]],
        files: Sequence[tuple[str, FileInput]],
        boundary: str,
        kind: str = "multipart/form-data",
    ) -> None:
        self.content_type = f"{kind.partition(';')[0].strip()}; boundary={boundary}"
        self._parts: list[bytes | _Source] = []
        for name, text in fields:
            headers = _stated(text) if isinstance(text, PartText) else {}
            self._parts.append(_head(boundary, name, None, headers) + text.encode() + b"\r\n")
        for name, file in files:
            source, filename, headers = _opened(file)
            self._parts.extend((_head(boundary, name, filename, headers), source, b"\r\n"))
        self._parts.append(f"--{boundary}--\r\n".encode())

    @property
    def length(self) -> int | None:
        """Bytes in all; ``None`` when a file does not say how long it is."""
        total = 0
        for part in self._parts:
            length = len(part) if isinstance(part, bytes) else part.length
            if length is None:
                return None
            total += length
        return total

    @property
    def replayable(self) -> bool:
        """Whether every file can be read once more."""
        return all(isinstance(part, bytes) or part.replayable for part in self._parts)

    def chunks(self) -> Iterator[bytes]:
        """The bytes from the beginning."""
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
            else:
                yield from part.chunks()


class FileBody:
    """A body that is one file, read while it is sent."""

    def __init__(self, file: FileInput) -> None:
        self._source = _opened(file)[0]

    @property
    def length(self) -> int | None:
        """Bytes in all; ``None`` when the file does not say how long it is."""
        return self._source.length

    @property
    def replayable(self) -> bool:
        """Whether the file can be read once more."""
        return self._source.replayable

    def chunks(self) -> Iterator[bytes]:
        """The bytes from the beginning."""
        return self._source.chunks()


def _stated(text: PartText) -> dict[str, str]:
    """The headers of a text field that has a media type."""
    return {**({"Content-Type": text.content_type} if text.content_type else {}), **text.headers}


def _opened(file: FileInput) -> tuple[_Source, str, dict[str, str]]:
    """The source, the name and the headers of one file."""
    upload = file if isinstance(file, Upload) else Upload(file)
    content = upload.content
    own_name: str | None = None
    source: _Source
    if isinstance(content, (bytes, bytearray)):
        source = _Bytes(bytes(content))
    elif isinstance(content, os.PathLike):
        path = Path(content)
        own_name = path.name
        source = _File(path)
    elif hasattr(content, "read"):
        name: object = getattr(content, "name", None)
        own_name = os.path.basename(name) if isinstance(name, str) else None
        source = _PartStream(content, own_name)
    else:
        raise RequestError(
            f"a file is bytes, a path (pathlib.Path), an open binary file or an Upload, not {type(content).__name__}"
        )
    filename = upload.filename or own_name or "file"
    media_type = upload.content_type or mimetypes.guess_type(filename)[0] or "application/octet-stream"
    if any(character < " " or character > "~" for character in media_type):
        raise RequestError("the content type of a file is ASCII, and holds no control characters")
    try:
        filename.encode()
    except UnicodeEncodeError:  # a name on disk may be any bytes
        raise RequestError(
            f"the file name {filename!a} is no Unicode text: give Upload(content, filename=...)"
        ) from None
    return source, filename, {"Content-Type": media_type, **upload.headers}


def _head(boundary: str, name: str, filename: str | None, headers: Mapping[str, str]) -> bytes:
    lines = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"'
    if filename is not None:
        lines += f'; filename="{_quoted(filename)}"'
    for key, value in headers.items():
        if not _HEADER_NAME.fullmatch(key) or header_trouble(value) is not None:
            raise RequestError(f"the header {key!a} of the part {name!a} must be one line of ASCII")
        lines += f"\r\n{key}: {value}"
    return f"{lines}\r\n\r\n".encode()


def _quoted(text: str) -> str:
    """What would end the quoted name or the line is percent-encoded, as browsers do."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
